import { ContainerReader } from '@typewire/core/internal'
import { connectRawPeer, type RawFrame } from '@typewire/testkit'
import type { TransportName } from '@typewire/client'
import { onTestFinished } from 'vitest'
import { body, sender } from '../transports/http-peer.ts'

/** A client by hand that has been welcomed and reads nothing more until it is told to. */
export interface SlowReader {
  readonly sessionId: string
  /** Reads on, and acknowledges. What has come is in `frames`, and rises. */
  readonly readOn: () => void
  readonly frames: readonly RawFrame[]
}

/** By each transport. `window` is far above what is sent: it acknowledges when it is told to read on, each message. */
export const slowReaders: Readonly<Record<TransportName, (url: string) => Promise<SlowReader>>> = {
  websocket: async (url) => {
    const peer = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => peer.cut())
    const { session } = await peer.hello()
    peer.pause()
    const frames: RawFrame[] = []
    const readOn = async () => {
      peer.resume()
      while (peer.isOpen()) take(frames, [await peer.read()], (count) => peer.send([6, count]))
    }
    return { sessionId: String(session), frames, readOn: () => void readOn().catch(() => {}) }
  },

  'http-stream': async (url) => {
    const { send, acknowledge, signal } = httpPeer(url)
    const response = await send('/stream', { body: helloBody })
    const token = response.headers.get('typewire-connection')!
    const reader = new ContainerReader(maxBytes)
    const source = response.body!.getReader()
    const read = async () => reader.push((await source.read()).value ?? new Uint8Array()).map(framesOf)
    const [[[, welcome]]] = (await read()) as [[[number, { session: string }]]]
    const frames: RawFrame[] = []
    const readOn = async () => {
      while (!signal.aborted)
        for (const batch of await read()) take(frames, batch, (count) => acknowledge(token, count))
    }
    return { sessionId: welcome.session, frames, readOn: () => void readOn().catch(() => {}) }
  },

  'http-poll': async (url) => {
    const { send, acknowledge, signal } = httpPeer(url)
    const response = await send('/poll', { body: helloBody })
    const token = response.headers.get('typewire-connection')!
    const batchesOf = async (answer: Response) => {
      const bytes = new Uint8Array(await answer.arrayBuffer())
      return new ContainerReader(maxBytes).push(bytes).map(framesOf)
    }
    const [[[, welcome]]] = (await batchesOf(response)) as [[[number, { session: string }]]]
    const frames: RawFrame[] = []
    const readOn = async () => {
      for (let number = 1; !signal.aborted; number++) {
        for (const batch of await batchesOf(await send('/poll', { token, number }))) {
          take(frames, batch, (count) => acknowledge(token, count))
        }
      }
    }
    return { sessionId: welcome.session, frames, readOn: () => void readOn().catch(() => {}) }
  },
}

const maxBytes = 64 * 1024 * 1024
const helloBody = body([[0, { versions: [1, 1], attempt: 1, instance: 'slow', window: maxBytes }]])

const framesOf = ({ batch }: { readonly batch: string }) => JSON.parse(batch) as readonly RawFrame[]

function take(frames: RawFrame[], batch: readonly RawFrame[], acknowledge: (count: number) => void): void {
  frames.push(...batch)
  acknowledge(frames.filter(([kind]) => Number(kind) >= 16).length)
}

/** Requests of one connection; they end with the test. */
function httpPeer(url: string) {
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const { signal } = controller
  const send = sender((to, init) => fetch(to, { ...init, signal }), `${url}/typewire`)
  let last = Promise.resolve<unknown>(undefined)
  let number = 0
  /** One request at a time, in order. */
  const acknowledge = (token: string, count: number) => {
    last = last.then(() => send('/up', { token, number: ++number, body: body([[6, count]]) })).catch(() => {})
  }
  return { send, acknowledge, signal }
}
