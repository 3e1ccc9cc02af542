// A real client and real servers over memory: everything below `createClient` and `createServer` as they put it
// together, but with transports that a test moves by hand, and with what the tests look into.

import { defineContract, event, procedure, type Clock } from '@typewire/core'
import { type CountedFrame, frames, malformed } from '@typewire/core/internal'
import { createFakeClock, type FakeClock, type MemoryLink, MemoryNetwork, turn } from '@typewire/testkit'
import { z } from 'zod'
import { Connection } from '../../packages/client/src/connection/connection.ts'
import { EventHandlers, handleEvent } from '../../packages/client/src/event-handlers.ts'
import { readOptions as readClientOptions } from '../../packages/client/src/options.ts'
import { emit, request } from '../../packages/client/src/outgoing.ts'
import { richTypes } from '../../packages/client/src/parts/rich-types.ts'
import type { OpenTransport, TransportName } from '../../packages/client/src/transports/open-transport.ts'
import type { ClientStatus, ReconnectOptions } from '../../packages/client/src/types.ts'
import { assemble } from '../../packages/server/src/assemble.ts'
import { compileHandlers } from '../../packages/server/src/compile.ts'
import type { Connections } from '../../packages/server/src/connections.ts'
import type { ServerNode } from '../../packages/server/src/node.ts'
import type { ServerOptions } from '../../packages/server/src/options.ts'
import type { PeerSession } from '../../packages/server/src/peer-session.ts'
import type { Handlers, Identified } from '../../packages/server/src/types.ts'

export const contract = defineContract({
  auth: z.string().optional(),
  procedures: { add: procedure({ input: z.number(), output: z.number() }) },
  events: {
    toServer: { up: event(z.number()) },
    toClient: { down: event(z.unknown()), ask: event(z.number(), { ack: z.number() }) },
  },
})

type TestHandlers = Handlers<Identified, typeof contract>

export interface TestServerOptions extends ServerOptions<typeof contract, Identified> {
  readonly clock: Clock
  readonly add?: TestHandlers['procedures']['add']
  readonly up?: NonNullable<TestHandlers['events']>['up']
  readonly session?: TestHandlers['session']
}

export interface TestServer {
  readonly node: ServerNode
  readonly connections: Connections
  /** What `add` and `up` ran with, in order. */
  readonly ran: number[]
  readonly errors: unknown[]
  readonly accept: (link: MemoryLink, open: Parameters<Connections['accept']>[1], address?: string) => void
  /** Its only session. */
  readonly session: () => PeerSession
}

export function createTestServer(options: TestServerOptions): TestServer {
  const errors: unknown[] = []
  const ran: number[] = []
  const defaults = { authenticate: () => ({ identity: 'ada' }), onError: (error: unknown) => void errors.push(error) }
  const given: ServerOptions<typeof contract, Identified> = { ...defaults, ...options }
  const { node, connections } = assemble(contract, given)
  const handlers: TestHandlers = {
    procedures: { add: options.add ?? (({ input }) => (ran.push(input), input + 1)) },
    events: { up: options.up ?? (({ payload }) => void ran.push(payload)) },
    ...(options.session ? { session: options.session } : {}),
  }
  node.setHandlers(compileHandlers(node.namespaces.values(), handlers))
  return {
    node,
    connections,
    ran,
    errors,
    accept: (_, open, remoteAddress = '10.0.0.1') => connections.accept({ headers: {}, remoteAddress }, open),
    session() {
      const [session, ...others] = node.sessions.values()
      if (!session || others.length > 0) throw new Error(`${node.sessions.size} sessions, not 1`)
      return session
    },
  }
}

export interface TestClientOptions {
  readonly clock: Clock
  readonly network: MemoryNetwork
  /** Names of transports, the best first. */
  readonly transports?: readonly TransportName[]
  readonly reconnect?: ReconnectOptions
  readonly auth?: () => unknown
  readonly onSessionLost?: () => void
  readonly onDown?: (payload: unknown) => void
}

export interface TestClient {
  readonly connection: Connection
  readonly add: (n: number, options?: { readonly timeoutMs?: number }) => Promise<number>
  readonly up: (n: number) => void
  /** What `down` brought, in order. */
  readonly down: unknown[]
  /** Every status there has been. */
  readonly statuses: ClientStatus[]
  readonly errors: unknown[]
  /** Whether each session that was opened is the one of before. */
  readonly recovered: () => (boolean | undefined)[]
  readonly sessionId: () => string | undefined
}

export function createTestClient(options: TestClientOptions): TestClient {
  const { clock, network, transports = ['websocket'], reconnect = {}, auth = () => undefined } = options
  const down: unknown[] = []
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const settings = readClientOptions({
    url: 'http://memory',
    auth,
    clock,
    onError,
    reconnect: { minDelayMs: 8, maxDelayMs: 64, random: () => 0.5, ...reconnect },
  })
  const { codec } = richTypes
  const handlers = new EventHandlers(onError)
  handlers.on('down', (payload) => {
    down.push(payload)
    options.onDown?.(payload)
  })
  handlers.on('ask', (payload) => payload)
  const openers = transports.map((name): readonly [TransportName, OpenTransport] => [
    name,
    (_, events) => network.dial(name, events),
  ])
  const connection: Connection = new Connection(
    settings,
    { transports: openers, codec },
    {
      onFrame: (frame: CountedFrame) =>
        frame[0] === frames.event.kind
          ? handleEvent(frame, [handlers], connection, onError)
          : malformed('FR-5', `a frame of kind ${frame[0]}`),
      onSessionLost: () => options.onSessionLost?.(),
      onAuthenticated: () => {},
      onOtherIdentity: () => {},
    },
  )
  const statuses: ClientStatus[] = []
  connection.status.subscribe(() => void statuses.push(connection.status.current))
  const asked = { kind: frames.call.kind, origin: 'add', head: '"add"', outlivesSession: true }
  const opened = () => statuses.filter((status) => status.state === 'open')
  return {
    connection,
    add: (n, callOptions) => request(connection, { ...asked, payload: n }, callOptions) as Promise<number>,
    up: (n) => emit(connection, 'up', n),
    down,
    statuses,
    errors,
    recovered: () => opened().map(({ recovered }) => recovered),
    sessionId: () => opened().at(-1)?.sessionId,
  }
}

export interface Pair {
  readonly clock: FakeClock
  readonly network: MemoryNetwork
  readonly server: TestServer
  readonly client: TestClient
  /** Puts another server, which knows nothing, where the client connects from now on. */
  readonly replaceServer: () => TestServer
  /** Lets everything settle that needs no time to pass. */
  readonly settle: () => Promise<void>
  /** Lets time pass in small steps, so that what a timer sets off takes its course before the next one. */
  readonly pass: (ms: number) => Promise<void>
}

/** A client and the server that its connections reach. */
export function createPair(
  server: Partial<TestServerOptions> = {},
  client: Partial<Omit<TestClientOptions, 'clock' | 'network'>> = {},
): Pair {
  const clock = createFakeClock()
  const made = createTestServer({ clock, ...server })
  let current = made
  const network = new MemoryNetwork({ clock, accept: (link, open) => current.accept(link, open) })
  return {
    clock,
    network,
    server: made,
    replaceServer: () => (current = createTestServer({ clock, ...server })),
    client: createTestClient({ clock, network, ...client }),
    settle,
    pass: (ms) => pass(clock, ms),
  }
}

/** Enough turns for a batch to cross, be handled and be answered, there and back, several times. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 24; i++) await turn()
}

/** Moves a clock on in small steps, and lets everything settle after each. */
export async function pass(clock: FakeClock, ms: number): Promise<void> {
  const step = Math.max(8, ms / 64)
  for (let passed = 0; passed < ms; passed += step) {
    await clock.advance(Math.min(step, ms - passed))
    await settle()
  }
}

/** A client by hand: says what a test wants, and hears every batch. */
export interface HandPeer {
  readonly link: MemoryLink
  readonly say: (...sent: unknown[]) => void
  readonly heard: unknown[][]
  /** By what code it was closed. */
  readonly closed: () => number | undefined
  readonly close: (code: number) => void
}

/** Dials, and says hello. `hello` is laid over one that asks for a new session; `false` says nothing yet. */
export async function dialByHand(network: MemoryNetwork, hello: object | false = {}): Promise<HandPeer> {
  const heard: unknown[][] = []
  let code: number | undefined
  const instance = `hand-${network.links.length}` // one per client (RS-11)
  const transport = network.dial('websocket', {
    onOpen: () => {
      if (hello) transport.send(JSON.stringify([[frames.hello.kind, helloBody({ instance, ...hello })]]))
    },
    onMessage: (text) => void heard.push(...(JSON.parse(text) as unknown[][])),
    onViolation: () => {},
    onDrain: () => {},
    onClose: (closed) => (code = closed),
  })
  const peer = {
    link: network.last,
    say: (...sent: unknown[]) => transport.send(JSON.stringify(sent)),
    heard,
    closed: () => code,
    close: (by: number) => transport.close(by, ''),
  }
  await settle()
  return peer
}

export const helloBody = (over: object) => ({ versions: [1, 1], attempt: 1, instance: 'i', window: 1_000_000, ...over })

/** The body of the welcome that a hand-made peer was given. */
export function welcomeOf({ heard }: HandPeer): {
  readonly session: string
  readonly received: number
  readonly from: number
  readonly resume: { readonly secret: string; readonly windowMs: number }
} {
  const frame = heard.find(([kind]) => kind === frames.welcome.kind)
  if (!frame) throw new Error(`no welcome in ${JSON.stringify(heard)}`)
  return frame[1] as ReturnType<typeof welcomeOf>
}
