// Several streams and uploads at once, large items, and readers that leave: what one has must not cost another anything.

import { createClient } from '@typewire/client'
import { defineContract, procedure, stream } from '@typewire/core'
import { createServer } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { all, clientOf, stage } from './stage.ts'

const large = 900_000

test.each(['websocket', 'http-stream', 'http-poll'] as const)(
  'five streams of large items at once have room, one after the other, over %s (ST-6)',
  async (transport) => {
    const { url, errors } = await stage({
      streams: {
        bytes: async function* () {
          for (let n = 0; n < 3; n++) yield new Uint8Array(large)
        },
      },
    })
    const { client } = clientOf(url, { transports: [transport] })
    await client.call.echo('x')
    const lengths = await Promise.all(Array.from({ length: 5 }, async () => (await all(client.stream.bytes())).length))
    expect(lengths).toEqual([3, 3, 3, 3, 3])
    expect(errors).toEqual([])
  },
)

test('eight uploads of large items that come late wait for room (ST-6)', async () => {
  const { url, errors } = await stage({
    procedures: {
      store: async ({ input }) => {
        let length = 0
        for await (const { text } of input.items) length += text.length
        return `${length}`
      },
    },
  })
  const { client } = clientOf(url)
  await client.call.echo('x')
  const items = async function* () {
    for (let n = 0; n < 2; n++) {
      await Promise.resolve()
      yield { n, text: 'x'.repeat(large) }
    }
  }
  const calls = Array.from({ length: 8 }, () => client.call.store({ name: 'a', items: items() }))
  expect(await Promise.all(calls)).toEqual(Array(8).fill(`${2 * large}`))
  expect(errors).toEqual([])
})

test('what came for handlers that answered before they had read it all is kept for nobody (ST-3)', async () => {
  const { url, errors } = await stage({
    procedures: {
      store: async ({ input }) => {
        const items = input.items[Symbol.asyncIterator]()
        await items.next()
        await quiet() // more comes, and is not read
        return 'ok'
      },
    },
  })
  const { client } = clientOf(url)
  const items = async function* () {
    for (let n = 0; n < 30; n++) yield { n, text: 'x'.repeat(large) }
  }
  for (let n = 0; n < 20; n++) expect(await client.call.store({ name: 'a', items: items() })).toBe('ok')
  expect(await client.call.echo('still here')).toBe('still here')
  expect(errors).toEqual([])
})

test('a stream that goes on behind calls that wait sends no credit before its call (ST-9)', async () => {
  const contract = defineContract({
    procedures: { hang: procedure({ output: z.string(), idempotent: true }) },
    streams: { numbers: stream({ items: z.number(), key: (n) => n }) },
  })
  const [clock, clientClock] = [createFakeClock(), createFakeClock()]
  const releases: (() => void)[] = []
  const server = createServer(contract, { clock, heartbeat: false, resume: { windowMs: 0 }, maxCalls: 64 })
  const listening = server.implement({
    procedures: { hang: () => new Promise<string>((resolve) => releases.push(() => resolve('done'))) },
    streams: {
      numbers: async function* ({ after }) {
        for (let n = Number(after ?? 0) + 1; n <= 100; n++) yield n
      },
    },
  })
  const { url } = await serve(listening, clock)
  const options = { clock: clientClock, transports: ['websocket' as const], reconnect: { random: () => 0 } }
  const errors: unknown[] = []
  const client = createClient<typeof contract>({ url, ...options, onError: (error) => void errors.push(error) })
  onTestFinished(() => client.close())
  const numbers = client.stream.numbers()
  expect((await numbers.next()).value).toBe(1) // and more have come, or are coming
  const calls = Array.from({ length: 64 }, () => client.call.hang())
  await eventually(() => releases.length === 64, 'all places are taken')
  for (const session of server.sessions) session.revoke()
  await eventually(() => client.status.current.state !== 'open', 'the session is lost')
  await clock.advance(100)
  await clientClock.advance(1_000)
  await eventually(() => client.status.current.state === 'open', 'there is another')
  const got = [1]
  const reading = (async () => {
    for await (const n of numbers) got.push(n)
  })()
  await quiet() // they wait for their first runs, which have not heard that they are to end
  for (const release of releases) release()
  await reading
  expect(got).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
  expect(await Promise.all(calls)).toEqual(Array(64).fill('done'))
  expect(errors).toEqual([])
})
