// A cut at each frame of a call, a stream and an upload, over each transport: what is around the handler runs as often as it.

import type { ServerMiddleware } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { connect, faults } from '../streams/fault-stage.ts'
import { all } from '../streams/stage.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

async function* numbers(to: number) {
  for (let n = 1; n <= to; n++) yield n
}

/** Middleware that writes down what begins and ends within it. */
function counting() {
  const log: string[] = []
  const count: ServerMiddleware = async ({ kind, name, next }) => {
    log.push(`${kind} ${name} begins`)
    const passed = await next()
    log.push(`${kind} ${name} ends`)
    return passed
  }
  return { log, use: [count] }
}

describe.each(['websocket', 'http-stream', 'http-poll'] as const)('over %s', (transport) => {
  describe.each(faults)('%s each frame', (fault) => {
    test.each([
      ['a call', 'call echo', 'echo', async ({ call }: Client) => expect(await call.echo('x')).toBe('x')],
      [
        'a stream',
        'stream count',
        'count',
        async ({ stream }: Client) => expect(await all(stream.count({ to: 60 }))).toHaveLength(60),
      ],
      ['an upload', 'call sum', 'sum', async ({ call }: Client) => expect(await call.sum(numbers(20))).toBe(210)],
    ])('of %s: middleware and handler run once', { timeout: 60_000 }, async (_, what, handler, ask) => {
      const { log, use } = counting()
      const { client, cutAt, ended } = await connect(transport, use)
      let cuts = 0
      for (let number = 1; number <= 30; number++) {
        const wasCut = cutAt(number, fault)
        await ask(client)
        expect(log.splice(0)).toEqual([`${what} begins`, `${what} ends`])
        expect(ended.splice(0)).toEqual([handler])
        if (!wasCut()) break
        cuts++
      }
      expect(cuts).toBeGreaterThan(1) // the call and its answer, at least
    })
  })
})

type Client = Awaited<ReturnType<typeof connect>>['client']
