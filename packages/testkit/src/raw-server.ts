import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { type RawPeer, rawPeerOf } from './raw-peer.ts'
import { withinMs } from './within.ts'

/** A WebSocket server that speaks by hand: what a client meets is written out in the test. */
export interface RawServer {
  /** For `createClient({ url })`. */
  readonly url: string
  /** The next connection that nobody has taken. @throws Error when none comes in time. */
  readonly accept: () => Promise<RawPeer>
  /** Takes the next connection, reads its hello, and welcomes it with what `overrides` says. */
  readonly welcome: (overrides?: Readonly<Record<string, unknown>>) => Promise<RawPeer>
  /** Cuts what is open, and stops listening. */
  readonly close: () => Promise<void>
}

export interface RawServerOptions {
  /** How long `accept` and its peers' reads wait before they throw, in milliseconds of real time. Default 10,000. */
  readonly waitMs?: number | undefined
}

/** Listens on a free port of this machine. */
export async function createRawServer({ waitMs = 10_000 }: RawServerOptions = {}): Promise<RawServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, autoPong: false })
  const arrived: RawPeer[] = []
  const waiting: ((peer: RawPeer) => void)[] = []
  let welcomes = 0
  server.on('connection', (socket) => {
    const peer = rawPeerOf(socket, waitMs)
    const take = waiting.shift()
    if (take) take(peer)
    else arrived.push(peer)
  })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  const accept = (): Promise<RawPeer> => {
    const peer = arrived.shift()
    if (peer) return Promise.resolve(peer)
    const come = new Promise<RawPeer>((resolve) => waiting.push(resolve))
    return withinMs(waitMs, come, () => 'No connection came')
  }

  return {
    url: `http://127.0.0.1:${port}`,
    accept,
    async welcome(overrides = {}) {
      const peer = await accept()
      const [kind] = await peer.read()
      if (kind !== 0) throw new Error(`The connection began with a frame of kind ${String(kind)}, not with a hello`)
      peer.send([
        1,
        {
          version: 1,
          session: `session-${++welcomes}`,
          received: 0,
          from: 0,
          window: 4_194_304,
          maxCalls: 1_024,
          maxMessageBytes: 1_048_576,
          ...overrides,
        },
      ])
      return peer
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}
