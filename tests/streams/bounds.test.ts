// What waits to be read is bounded in bytes, at both ends, and who keeps to the credit never loses a call to that.

import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { all, clientOf, door, stage } from './stage.ts'

failOnUnhandledRejections()

const transports = ['websocket', 'http-stream', 'http-poll'] as const
const mebi = 1_048_576

/** Waits until nothing more is made, and gives how much was. */
async function atRest(made: () => number): Promise<number> {
  let before = -1
  while (made() !== before) {
    before = made()
    await quiet(50)
  }
  return before
}

const lineOf = (n: number, length: number) => ({ n, text: 'x'.repeat(length) })

describe.each(transports)('over %s', (transport) => {
  test('a reader of small items that grow lets no more than its target wait, and one item (ST-2)', async () => {
    let made = 0
    const { url, errors } = await stage({
      streams: {
        async *lines() {
          for (let n = 1; n <= 700; n++) {
            const length = n <= 600 ? 10 : 500_000
            if (n > 600) made += length
            yield lineOf(n, length)
          }
        },
      },
    })
    const { client } = clientOf(url, { transports: [transport] })
    const lines = client.stream.lines()
    for (let n = 1; n <= 600; n++) expect((await lines.next()).value).toMatchObject({ n })
    const waiting = await atRest(() => made)
    expect(waiting).toBeLessThanOrEqual(mebi + 2 * 500_000) // the one that is made and waits for credit, too
    expect((await all(lines)).length).toBe(100)
    expect(errors).toEqual([])
  })

  test('an upload of small items that grow waits for its reader (ST-2, ST-3)', async () => {
    const { open, isOpen } = door()
    let read = 0
    let made = 0
    const { url, errors } = await stage({
      procedures: {
        store: async ({ input }) => {
          for await (const _ of input.items) if (++read === 600) await isOpen
          return `${read}`
        },
      },
    })
    const { client } = clientOf(url, { transports: [transport] })
    const items = async function* () {
      for (let n = 1; n <= 800; n++) {
        const length = n <= 600 ? 10 : 300_000
        if (n > 600) made += length
        yield lineOf(n, length)
      }
    }
    const call = client.call.store({ name: 'a', items: items() })
    await eventually(() => read === 600, 'the small ones are read')
    expect(await atRest(() => made)).toBeLessThanOrEqual(mebi + 2 * 300_000)
    open()
    expect(await call).toBe('800')
    expect(errors).toEqual([])
  })

  test('many uploads of large items to handlers that take their time all arrive (ST-3)', async () => {
    const { open, isOpen } = door()
    let begun = 0
    const { url, errors } = await stage({
      procedures: {
        store: async ({ input }) => {
          let n = 0
          for await (const _ of input.items) {
            if (n++ === 0) begun++
            await isOpen
          }
          return `${n}`
        },
      },
    })
    const { client } = clientOf(url, { transports: [transport] })
    let made = 0
    const items = async function* () {
      for (let n = 0; n < 3; n++) {
        made++
        yield lineOf(n, 900_000)
      }
    }
    const calls = Array.from({ length: 40 }, () => client.call.store({ name: 'a', items: items() }))
    await eventually(() => begun === 40, 'all are being read', 15_000)
    await atRest(() => made)
    open()
    expect(await Promise.all(calls)).toEqual(Array(40).fill('3'))
    expect(errors).toEqual([])
  })
})
