// Several streams and uploads at once, of items of all sizes, read at different paces, over links that are cut between and
// within their frames: all of it comes once and in order, and no more waits for a reader than it lets come.

import { createClient } from '@typewire/client'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { type ChooseFault, createCountingClock, seededRandom, turn } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { behindLink, flow, type Flow } from './stage.ts'

failOnUnhandledRejections()

const ofStreams: ReadonlySet<unknown> = new Set(
  [frames.call, frames.result, frames.item, frames.end, frames.credit].map(({ kind }) => kind),
)
const cuts = ['cut before', 'cut within', 'cut after'] as const
/** How much faster time goes: waits of a second pass in a test. */
const speed = 20
const count = 80
const longest = 200_000
/** What one reader lets come, the item that goes beyond, and the one that is made and waits for its turn. */
const mostAhead = 1_048_576 + 2 * longest

type Random = ReturnType<typeof seededRandom>

/** Items of one reader, how far ahead of it they were made at most, and how it reads: quickly here, slowly there. */
class Items {
  mostAhead = 0
  readonly #random: Random
  readonly #lengths: readonly number[]
  #made = 0
  #read = 0

  constructor(seed: number) {
    this.#random = seededRandom(seed)
    const most = () => (this.#random() < 0.7 ? 200 : this.#random() < 0.8 ? 20_000 : longest)
    this.#lengths = Array.from({ length: count }, () => Math.ceil(this.#random() * most()))
  }

  async *[Symbol.asyncIterator]() {
    for (const [n, length] of this.#lengths.entries()) {
      this.#made += length
      this.mostAhead = Math.max(this.mostAhead, this.#made - this.#read)
      yield { n, text: 'x'.repeat(length) }
    }
  }

  async read(items: AsyncIterable<{ readonly n: number; readonly text: string }>): Promise<string> {
    let next = 0
    for await (const { n, text } of items) {
      if (n !== next || text.length !== this.#lengths[next]) throw new Error(`${n} came in place of ${next}`)
      this.#read += this.#lengths[next++]!
      for (let turns = this.#random() < 0.1 ? 20 : 0; turns > 0; turns--) await turn()
    }
    return `${next} of ${count}`
  }
}

function prepare(seed: number) {
  const random = seededRandom(seed)
  let cutCount = 0
  let untilCut = 5
  const choose: ChooseFault = ({ frames: said }) => {
    if (cutCount === 10 || !said.some(([kind]) => ofStreams.has(kind)) || --untilCut > 0) return 'pass'
    untilCut = 1 + Math.floor(random() * 20)
    cutCount++
    return cuts[Math.floor(random() * cuts.length)]!
  }
  const errors: unknown[] = []
  const down = [1, 2, 3, 4].map((n) => new Items(seed * 100 + n))
  const up = [5, 6, 7, 8, 9, 10].map((n) => new Items(seed * 100 + n))
  const toBeCalled = [...down]
  const server = createServer(flow, {
    clock: createCountingClock(speed),
    heartbeat: { intervalMs: 4_000 },
    // Little enough that not all uploads may be ahead of their readers.
    maxBufferBytes: 524_288,
    maxMessageBytes: 262_144,
    onError: (error) => void errors.push(error),
  })
  const listening = server.implement({
    procedures: {
      echo: ({ input }) => input,
      sum: () => 0,
      store: ({ input }) => up[Number(input.name)]!.read(input.items),
    },
    streams: {
      lines: () => toBeCalled.shift()!,
      async *count() {},
      async *lengths() {},
      async *brief() {},
      async *bytes() {},
    },
  })
  return { listening, choose, down, up, errors, cutCount: () => cutCount }
}

describe.each(['websocket', 'http-stream', 'http-poll'] as const)('over %s', (transport) => {
  test.each([1, 2, 3])(
    'all of it comes, once and in order (ST-2, ST-3, ST-9; seed %i)',
    { timeout: 60_000 },
    async (seed) => {
      const { listening, choose, down, up, errors, cutCount } = prepare(seed)
      const { url } = await behindLink(listening, choose)
      const client = createClient<Flow>({
        url,
        transports: [transport],
        clock: createCountingClock(speed),
        reconnect: { minDelayMs: 1, maxDelayMs: 20 },
        onError: (error) => void errors.push(error),
      })
      onTestFinished(() => client.close())
      await client.connect()
      const reading = down.map((items) => items.read(client.stream.lines()))
      const uploading = up.map((items, index) => client.call.store({ name: `${index}`, items: items as never }))
      expect(await Promise.all([...reading, ...uploading])).toEqual(Array(10).fill(`${count} of ${count}`))
      expect(errors).toEqual([])
      expect(cutCount()).toBeGreaterThan(1)
      for (const items of [...down, ...up]) expect(items.mostAhead).toBeLessThanOrEqual(mostAhead)
    },
  )
})
