import type { Clock } from '@typewire/core'
import { expect, onTestFinished } from 'vitest'
import { createCountingClock } from '../counting-clock.ts'
import type { FakeClock } from '../fake-clock.ts'
import { type FaultLink, openFaultLink } from '../fault-link.ts'
import {
  type Parcel,
  type SuiteClient,
  type SuiteHandlers,
  type SuiteServer,
  type SuiteSession,
  type SuiteStatus,
  type TransportContract,
  transportContract,
} from './transport-contract.ts'

/** What a test sets of the server. The rest is the server's default. */
export interface SuiteServerOptions {
  readonly clock: Clock
  readonly authenticate: (args: { readonly auth: string }) => { readonly identity: string }
  readonly maxMessageBytes?: number
  readonly maxBufferBytes?: number
  readonly heartbeat?: { readonly intervalMs: number; readonly timeoutMs: number }
  readonly resume?: { readonly windowMs?: number; readonly maxPerAddress?: number }
  readonly onError: (error: unknown) => void
}

/** What a client of the suite is created with: for the transport under test alone. */
export interface SuiteClientOptions {
  readonly url: string
  readonly auth: () => string
  readonly clock: Clock
  readonly reconnect: { readonly minDelayMs: number; readonly maxDelayMs: number }
  readonly onError: (error: unknown) => void
}

/** What the suite runs on: how its server listens, and its client connects. */
export interface TransportSetup {
  /** The name that an open client's status has for the transport. */
  readonly transport: string
  /** Starts a server that has these handlers. `port`: where clients connect, at 127.0.0.1. */
  readonly listen: (
    contract: TransportContract,
    options: SuiteServerOptions,
    handlers: SuiteHandlers,
  ) => Promise<{ readonly server: SuiteServer; readonly port: number }>
  readonly connect: (options: SuiteClientOptions) => SuiteClient
}

/** A server, a client of it and the link between them, and what came of what was sent. */
export interface Stage {
  readonly server: SuiteServer
  readonly client: SuiteClient
  readonly link: FaultLink
  /** Another client, over the same link. */
  readonly connect: (user?: string) => SuiteClient
  /** What the server's handlers got, in order. Of parcels `up` has their numbers. */
  readonly up: number[]
  readonly notes: string[]
  readonly uploads: Parcel[]
  /** The inputs of the calls to `echo`. */
  readonly echoed: string[]
  /** What the first client heard, in order. Of parcels `down` has their numbers. */
  readonly down: number[]
  readonly news: string[]
  readonly downloads: Parcel[]
  /** Every status that the first client has had. */
  readonly statuses: SuiteStatus[]
  /** Whom the next hello is from. */
  user: string
  /** Lets the calls to `wait` answer. */
  readonly release: () => void
  /** The calls to `wait` that have begun. */
  readonly waiting: string[]
  /** The handlers' signals that have aborted. */
  readonly aborted: string[]
  readonly errors: unknown[]
  /** Ends all, and asserts that nothing is left on either side: but sessions whose welcome came too late for the client. */
  readonly end: () => Promise<void>
}

export interface StageOptions extends Partial<Omit<SuiteServerOptions, 'clock'>> {
  /** One for both sides. Default: the real time. */
  readonly clock?: FakeClock
  readonly user?: string
}

/** Puts a server and a client up, the client not connected yet. */
export async function setUp(
  setup: TransportSetup,
  { clock, user = 'ada', ...given }: StageOptions = {},
): Promise<Stage> {
  const serverClock = clock ?? createCountingClock()
  const clientClock = clock ?? createCountingClock()
  const [up, notes, echoed, down, news, waiting, aborted] = [[], [], [], [], [], [], []] as [
    number[],
    string[],
    string[],
    number[],
    string[],
    string[],
    string[],
  ]
  const [uploads, downloads]: [Parcel[], Parcel[]] = [[], []]
  const statuses: SuiteStatus[] = []
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))

  const handlers: SuiteHandlers = {
    procedures: {
      echo: ({ input }) => (echoed.push(input), input),
      fail: ({ input, errors: { REFUSED } }) => {
        throw REFUSED(input)
      },
      wait: async ({ input, signal }) => {
        signal.addEventListener('abort', () => aborted.push(input))
        waiting.push(input)
        await released
        return input
      },
      carry: ({ input, errors: { TORN } }) => {
        if (input.n < 0) throw TORN(input)
        return input
      },
    },
    events: {
      up: ({ payload }) => void up.push(payload),
      ask: ({ payload }) => payload * 2,
      note: ({ payload }) => void notes.push(payload),
      upload: ({ payload }) => void (uploads.push(payload), up.push(payload.n)),
    },
    rooms: {
      hall: {
        authorize: ({ params }) => params.id !== 'closed',
        events: {
          say: (args) => args.room.emit.said(args.payload),
          show: (args) => args.room.emit.shown(args.payload),
        },
      },
    },
  }
  const authenticate = ({ auth }: { readonly auth: string }) => ({ identity: auth })
  const { server, port } = await setup.listen(
    transportContract,
    { clock: serverClock, authenticate, onError, ...given },
    handlers,
  )
  const link = await openFaultLink(port)
  const clients: SuiteClient[] = []

  const connect = (auth: () => string) => {
    const client = setup.connect({
      url: `http://127.0.0.1:${link.port}`,
      auth,
      clock: clientClock,
      reconnect: { minDelayMs: 1, maxDelayMs: 20 },
      onError,
    })
    clients.push(client)
    return client
  }

  const client = connect(() => stage.user)
  onTestFinished(async () => {
    if (isOver) return
    void Promise.all(clients.map((each) => each.close())) // the test has failed: only not to be in the way of others
    void server.close({ drainMs: 0 })
    await link[Symbol.asyncDispose]()
  })
  let isOver = false
  const stage: Stage = {
    server,
    client,
    link,
    connect: (name = 'bob') => connect(() => name),
    up,
    notes,
    uploads,
    echoed,
    down,
    news,
    downloads,
    statuses,
    user,
    release,
    waiting,
    aborted,
    errors,
    async end() {
      release()
      link.accept()
      link.thaw()
      const over = (async () => {
        await Promise.all(clients.map((each) => each.close()))
        await eventually(() => [...server.sessions].filter(({ id }) => !lost.has(id))).toEqual([])
        await server.close({ drainMs: 0 })
        await link[Symbol.asyncDispose]()
      })().finally(() => (isOver = true))
      while (clock && !isOver) await Promise.all([clock.advance(50), passing()])
      await over
      if (lost.size > 0) return // their expiry is set
      await eventually(() => ({ client: clientClock.pending, server: serverClock.pending })).toEqual({
        client: 0,
        server: 0,
      })
    },
  }
  /** Sessions that their client has given up: they wait at the server for their time to end. */
  const lost = new Set<string>()
  let before: string | undefined
  client.status.subscribe(() => {
    const { current } = client.status
    statuses.push(current)
    if (current.state !== 'open') return
    if (before !== undefined && before !== current.sessionId) lost.add(before)
    before = current.sessionId
  })
  client.on.down((n) => void down.push(n))
  client.on.news((n) => void news.push(n))
  client.on.download((parcel) => void (downloads.push(parcel), down.push(parcel.n)))
  return stage
}

/** A moment of real time, for what sockets bring while a fake clock stands. */
export const passing = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1))

/** The session of the first client, once it is open. */
export async function openSession({ client, server }: Stage): Promise<SuiteSession> {
  await client.connect()
  const { current } = client.status
  if (current.state !== 'open') throw new Error(`The client is ${current.state}.`)
  const session = [...server.sessions].find(({ id }) => id === current.sessionId)
  if (!session) throw new Error('The server has no session of the client.')
  return session
}

/** Takes the network away until the client has noticed; `meanwhile` runs then. */
export async function drop({ client, link }: Stage, meanwhile: () => void | Promise<void> = () => {}): Promise<void> {
  link.refuse()
  link.cut()
  await eventually(() => client.status.current.state).not.toBe('open')
  await meanwhile()
  link.accept()
}

/** As `expect.poll`, with patience for a machine that is busy. */
export const eventually = (what: () => unknown): ReturnType<typeof expect.poll> =>
  // oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls this awaits it
  expect.poll(what, { timeout: 10_000, interval: 10 })

/** What a promise rejects with. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => new Error('It did not fail.'),
    (error: unknown) => error,
  )

/** 0, 1, 2, … */
export const sequence = (length: number, from = 0): number[] => Array.from({ length }, (_, i) => from + i)
