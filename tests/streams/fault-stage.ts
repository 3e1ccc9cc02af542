// A server and a client, with a link between them that cuts once, at a frame of a call or a stream that the test chooses.

import { createClient } from '@typewire/client'
import { frames } from '@typewire/core/internal'
import { createServer, type ServerMiddleware } from '@typewire/server'
import { type ChooseFault, createCountingClock, type Fault } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { behindLink, flow, type Flow } from './stage.ts'

const ofStreams: ReadonlySet<unknown> = new Set(
  [frames.call, frames.result, frames.item, frames.end, frames.credit].map(({ kind }) => kind),
)
type IsMeant = (frame: readonly unknown[]) => boolean
const isOfStreams: IsMeant = ([kind]) => ofStreams.has(kind)
/** How much faster time goes: waits of a second pass in a test. */
const speed = 20
export const faults = ['cut before', 'cut within', 'cut after'] as const

/** Both, with a link between them that cuts once, at the message of a number among those that carry something of a stream. */
export async function connect(
  transport: 'websocket' | 'http-stream' | 'http-poll',
  use: readonly ServerMiddleware[] = [],
) {
  let left = 0
  let fault: Fault = 'pass'
  let isMeant: IsMeant = isOfStreams
  const choose: ChooseFault = ({ frames: said }) => {
    if (left === 0 || !said.some((frame) => isMeant(frame)) || --left > 0) return 'pass'
    return fault
  }
  const ended: string[] = []
  /** What `store` waits for when it has left its upload. */
  const source = { isLetGo: Promise.resolve() }
  const server = createServer(flow, {
    use,
    clock: createCountingClock(speed),
    heartbeat: { intervalMs: 4_000 },
  })
  const listening = server.implement({
    procedures: {
      echo: ({ input }) => {
        ended.push('echo')
        return input
      },
      sum: async ({ input }) => {
        let sum = 0
        for await (const n of input) sum += n
        ended.push('sum')
        return sum
      },
      /** Leaves a short upload in its midst, and goes on until what it was made from is let go of. */
      store: async ({ input }) => {
        let count = 0
        for await (const _ of input.items) if (++count === 3 && input.name === 'short') break
        if (input.name === 'short') await source.isLetGo
        ended.push(input.name)
        return `${input.name}: ${count}`
      },
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
  const cutAt = (number: number, how: Fault, which = isOfStreams) => {
    left = number
    fault = how
    isMeant = which
    return () => left === 0
  }
  return { client, cutAt, ended, source }
}
