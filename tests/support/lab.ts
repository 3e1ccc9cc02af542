import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import {
  createServer,
  type ErrorInfo,
  type Handlers,
  type Identified,
  type Listening,
  type Server,
  type ServerOptions,
  type ServerSession,
} from '@typewire/server'
import { connectRawPeer, createFakeClock, type FakeClock, type RawPeer, type RawPeerOptions } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { type Lab, lab as contract } from './contract.ts'
import { movedOn } from './moved-on.ts'
import { transportOfTests } from './transport-of-tests.ts'

export type LabHandlers = Handlers<Identified, Lab>
export type LabSession = ServerSession<Identified, Lab>
export type LabClient = Client<Lab>

export interface LabOptions {
  /** Options of the server beyond the ones that the lab gives. */
  readonly server?: ServerOptions<Lab, Identified>
  /** Handlers in place of the default ones, name by name. */
  readonly handlers?: PartialHandlers
}

interface PartialHandlers {
  readonly procedures?: Partial<LabHandlers['procedures']>
  readonly events?: Partial<LabHandlers['events']>
  readonly rooms?: LabHandlers['rooms']
  readonly session?: LabHandlers['session']
}

/** A running server with time that stands still, and the means to reach it. */
export interface RunningLab {
  readonly server: Server<Lab, Identified>
  readonly listening: Listening
  readonly port: number
  readonly url: string
  readonly clock: FakeClock
  /** What the server's `onError` got. */
  readonly errors: { readonly error: unknown; readonly info: ErrorInfo }[]
  /** A client of its own clock, which the test moves; closed when the test is over. */
  readonly client: (options?: Partial<ClientOptionsOf<Lab>>) => TestClient
  /** A client that speaks by hand, not yet greeted. */
  readonly peer: (options?: RawPeerOptions & { readonly path?: string }) => Promise<RawPeer>
  /** The only session there is. */
  readonly session: () => LabSession
  /** The sockets of the server's side, in the order in which they came. */
  readonly sockets: Socket[]
  /** Cuts every socket at the server's side, without a word. Polls survive that: the next one asks for the same answer. */
  readonly cut: () => void
  /** Cuts every socket, and lets so much time pass where clients poll that both sides take the connection for lost. */
  readonly lose: () => Promise<void>
  /** Closes the server, and moves its clock so far that it may. */
  readonly close: () => Promise<void>
  /** Closes all that the lab gave. Runs by itself when the test is over. */
  readonly dispose: () => Promise<void>
}

export interface TestClient extends LabClient {
  readonly clock: FakeClock
  /** What its `onError` got. */
  readonly errors: unknown[]
}

/** What every handler does unless a test says otherwise: it agrees. */
const agreeable = {
  procedures: {
    echo: ({ input }) => input,
    carry: ({ input }) => input,
    work: ({ input }) => ({ doubled: input.n * 2 }),
    lines: ({ input }) => input.length,
    brief: () => {},
  },
  events: { note: () => {}, save: ({ payload }) => ({ saved: payload.n }) },
  rooms: {
    hall: {
      authorize: () => true,
      events: {
        say: ({ room, payload }) => room.emit.said(payload),
        vote: () => ({ count: 1 }),
      },
    },
  },
} satisfies LabHandlers

/** Where clients poll, a server notices by it that one does not any more. */
const heartbeat = { intervalMs: 10_000, timeoutMs: 10_000 }

/** Starts a server of the lab's contract. Everything that it gives is closed when the test is over. */
export async function startLab({ server: options = {}, handlers = {} }: LabOptions = {}): Promise<RunningLab> {
  const clock = createFakeClock()
  const isPolling = transportOfTests() === 'http-poll'
  const errors: RunningLab['errors'] = []
  const server = createServer(contract, {
    clock,
    // These tests are of one connection; tests/resume has what outlives it.
    resume: { windowMs: 0 },
    heartbeat: isPolling && heartbeat,
    onError: (error, info) => void errors.push({ error, info }),
    ...options,
  })
  const listening = server.implement({
    procedures: { ...agreeable.procedures, ...handlers.procedures },
    events: { ...agreeable.events, ...handlers.events },
    rooms: { ...agreeable.rooms, ...handlers.rooms },
    ...(handlers.session ? { session: handlers.session } : {}),
  })

  // An HTTP server of the test's own, so that its sockets can be cut.
  const http = createHttpServer((_, response) => response.writeHead(404).end())
  const sockets: Socket[] = []
  let isReachable = true
  http.on('connection', (socket) => (isReachable ? sockets.push(socket) : socket.destroy()))
  listening.attach(http)
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  const { port } = http.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  const clients: TestClient[] = []
  const peers: RawPeer[] = []
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const lose = async () => {
    cut()
    if (!isPolling) return
    isReachable = false // a poll that begins now would go on with the connection
    await clock.advance(3 * heartbeat.intervalMs)
    isReachable = true
    for (const client of clients) {
      // The poll is repeated, and finds nobody.
      for (let tries = 0; client.status.current.state === 'open' && tries < 1_000; tries++)
        await client.clock.advance(10)
    }
  }
  const close = async () => {
    await movedOn(clock, server.close({ drainMs: 0 }))
  }
  const dispose = async () => {
    for (const peer of peers) peer.cut()
    await Promise.all(clients.map((client) => movedOn(client.clock, client.close())))
    await close()
    cut()
    await new Promise((resolve) => {
      http.close(resolve)
    })
  }
  onTestFinished(dispose)

  return {
    server,
    listening,
    port,
    url,
    clock,
    errors,
    sockets,
    cut,
    lose,
    close,
    dispose,
    client(clientOptions) {
      const client = testClient({ url, ...clientOptions })
      clients.push(client)
      return client
    },
    async peer({ path = '/typewire', ...peerOptions } = {}) {
      const peer = await connectRawPeer(url + path, peerOptions)
      peers.push(peer)
      return peer
    },
    session() {
      const [session, ...others] = server.sessions
      if (!session || others.length > 0) throw new Error(`There are ${session ? 1 + others.length : 0} sessions.`)
      return session
    },
  }
}

/**
 * A client whose time stands still, whose chance is 0 (where time must move for a loss to be seen: almost 1, so that it comes
 * back by `nextAttempt`), and whose errors are kept. Whoever makes it closes it.
 */
export function testClient(options: Partial<ClientOptionsOf<Lab>> & Pick<ClientOptionsOf<Lab>, 'url'>): TestClient {
  const clock = createFakeClock()
  const errors: unknown[] = []
  const client = createClient<Lab>({
    clock,
    onError: (error) => void errors.push(error),
    reconnect: { random: () => (transportOfTests() === 'http-poll' ? 0.99 : 0) },
    transports: [transportOfTests()],
    ...options,
  })
  return { ...client, clock, errors }
}
