// A cut at each frame of a stream and of an upload, one after the other, over real sockets.

import { createClient } from '@typewire/client'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { type ChooseFault, createCountingClock, type Fault } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { all, behindLink, flow, type Flow } from './stage.ts'

failOnUnhandledRejections()

const ofStreams: ReadonlySet<unknown> = new Set(
  [frames.call, frames.result, frames.item, frames.end, frames.credit].map(({ kind }) => kind),
)
/** How much faster time goes: waits of a second pass in a test. */
const speed = 20
const faults = ['cut before', 'cut within', 'cut after'] as const

/** Both, with a link between them that cuts once, at the message of this number that carries something of a stream. */
async function connect(transport: 'websocket' | 'http-stream' | 'http-poll') {
  let left = 0
  let fault: Fault = 'pass'
  const choose: ChooseFault = ({ frames: said }) => {
    if (left === 0 || !said.some(([kind]) => ofStreams.has(kind)) || --left > 0) return 'pass'
    return fault
  }
  const ended: string[] = []
  const server = createServer(flow, { clock: createCountingClock(speed), heartbeat: { intervalMs: 4_000 } })
  const listening = server.implement({
    procedures: {
      echo: ({ input }) => input,
      sum: async ({ input }) => {
        let sum = 0
        for await (const n of input) sum += n
        ended.push('sum')
        return sum
      },
      store: () => '',
    },
    streams: {
      async *count({ input }) {
        for (let n = 1; n <= input.to; n++) yield n
        ended.push('count')
      },
      async *lengths({ input }) {
        for await (const text of input) yield text
        ended.push('lengths')
      },
      async *lines() {},
      async *brief() {},
      async *bytes() {
        for (let n = 0; n < 8; n++) yield new Uint8Array(10).fill(n)
        ended.push('bytes')
      },
    },
  })
  const { url } = await behindLink(listening, choose)
  const client = createClient<Flow>({
    url,
    transports: [transport],
    clock: createCountingClock(speed),
    reconnect: { minDelayMs: 1, maxDelayMs: 20 },
    onError: () => {},
  })
  onTestFinished(() => client.close())
  await client.connect()
  /** Whether the cut has taken place is known when all is over. */
  const cutAt = (number: number, how: Fault) => {
    left = number
    fault = how
    return () => left === 0
  }
  return { client, cutAt, ended }
}

async function* numbers(to: number) {
  for (let n = 1; n <= to; n++) yield n
}
async function* words(count: number) {
  for (let n = 1; n <= count; n++) yield 'x'.repeat(n)
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe.each(['websocket', 'http-stream', 'http-poll'] as const)('over %s, cut at each of its frames', (transport) => {
  test.each(faults)('%s: a stream loses nothing and doubles nothing (ST-9)', { timeout: 60_000 }, async (fault) => {
    const { client, cutAt, ended } = await connect(transport)
    let cuts = 0
    for (let number = 1; number <= 30; number++) {
      const wasCut = cutAt(number, fault)
      expect(await all(client.stream.count({ to: 60 }))).toEqual(upTo(60))
      if (!wasCut()) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
    expect(ended).toEqual(Array.from({ length: cuts + 1 }, () => 'count'))
  })

  test.each(faults)('%s: an upload too, and both at once', { timeout: 60_000 }, async (fault) => {
    const { client, cutAt, ended } = await connect(transport)
    let cuts = 0
    for (let number = 1; number <= 30; number++) {
      const wasCut = cutAt(number, fault)
      expect(await client.call.sum(numbers(20))).toBe(210)
      if (!wasCut()) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
    expect(ended).toEqual(Array.from({ length: cuts + 1 }, () => 'sum'))
    for (let number = 1; number <= 12; number++) {
      cutAt(number, fault)
      expect(await all(client.stream.lengths(words(12)))).toEqual(upTo(12))
      expect((await all(client.stream.bytes())).map(([first]) => first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    }
  })
})
