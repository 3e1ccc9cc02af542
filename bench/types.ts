// What a peer must offer to be measured, and what a scenario is. Types alone: nothing of this runs.
import type { z } from 'zod'
import type { Loading } from './loading.mjs'
import type { Message, RichMessage } from './messages.mjs'
import type { Child } from './process/child.mjs'
import type { ClientJobs } from './process/client.mjs'
import type { ServerJobs } from './process/server.mjs'

export type PlainMessage = z.infer<typeof Message>
export type DatedMessage = z.infer<typeof RichMessage>

/** What a peer can do at all. A scenario that needs more shows a dash for it. */
export type Ability =
  | 'calls'
  /** Calls whose payloads hold dates, which arrive as dates. */
  | 'dates'
  | 'rooms'
  /** Events from a client to the server, without an answer. */
  | 'events'
  /** Items of one caller, made by the server as they are read. */
  | 'streams'
  /** Sessions that outlive their connections. */
  | 'sessions'

export interface Peer {
  /** What `--peers` takes, also by its beginning. */
  readonly name: string
  /** What tables show. */
  readonly label: string
  readonly can: readonly Ability[]
  readonly over: 'websocket' | 'http'
  /** Both of its ends. Loaded only in its own processes. */
  readonly load: () => Promise<Ends>
}

export interface Ends {
  /** Starts its server, on a free port of 127.0.0.1. */
  readonly serve: () => Promise<ServerEnd>
  /** Begins to connect. What is asked of the connection before it is open waits. */
  readonly connect: (port: number) => ClientEnd
}

export interface ServerEnd {
  readonly port: number
  readonly broadcast?: (room: string, message: PlainMessage) => void
  readonly members?: (room: string) => number | Promise<number>
  /** How many events clients have sent. */
  readonly received?: () => number
  /** How many clients it has, by its own count. */
  readonly connections: () => number
  /** How many sessions wait for their clients to come back. */
  readonly detached?: () => number
  readonly close: () => void | Promise<void>
}

export interface ClientEnd {
  readonly opened: Promise<void>
  /** Is answered with the same message. */
  readonly call: (message: PlainMessage) => Promise<PlainMessage>
  readonly callDated?: (message: DatedMessage) => Promise<DatedMessage>
  /** Resolves when the server was asked; whether it is a member, the server's `members` says. */
  readonly join?: (room: string, onMessage: (message: PlainMessage) => void) => Promise<void>
  readonly emit?: (message: PlainMessage) => void
  readonly stream?: (items: number) => AsyncIterable<PlainMessage> | Promise<AsyncIterable<PlainMessage>>
  /** Closes it in order. */
  readonly close: () => void | Promise<void>
}

/** A peer's processes, of which a scenario measures something. */
export interface Lab {
  readonly peer: Peer
  readonly port: number
  readonly server: Child<ServerJobs>
  readonly client: Child<ClientJobs>
  /** How long the server has computed while this was done, in microseconds. */
  readonly serverCpuUs: (work: () => Promise<unknown>) => Promise<number>
}

export interface Metric {
  readonly title: string
  readonly unit: string
  /** Which is better. */
  readonly best: 'most' | 'least'
}

export type Values = Readonly<Record<string, number>>
export type SizeName = 'full' | 'quick' | 'smoke'

interface AnyScenario<Size> {
  /** What `--only` takes. */
  readonly name: string
  readonly title: string
  /** How much is done. `smoke`: just enough to see that it works. */
  readonly sizes: Readonly<Record<SizeName, Size & { readonly rounds: number }>>
  readonly metrics: Readonly<Record<string, Metric>>
}

/** What is measured between a server and clients, of one peer after the other, in rounds. */
export interface PeerScenario<Size> extends AnyScenario<Size> {
  readonly needs: readonly Ability[]
  /** Whether those that go by HTTP take part, and whether the others do. Default: all. */
  readonly over?: 'websocket' | 'http'
  /** Each round has processes of its own. */
  readonly fresh?: boolean
  /** So that the processes run as they do when they have run for a while. */
  readonly warmUp?: (lab: Lab, size: Size) => Promise<void>
  /** What is measured of a peer in the rounds that follow one in which it failed. Default: nothing. */
  readonly afterFailure?: (size: Size) => Size
  /** `keep`: for what is not to be lost if something fails that is measured later. */
  readonly measure: (lab: Lab, size: Size, keep: (values: Values) => void) => Promise<Values | void>
}

/** What is measured without connections. Each round gives the values of all rows: of peers by their names, or of what has a name. */
export interface LoneScenario<Size> extends AnyScenario<Size> {
  readonly rows: (size: Size, peers: readonly string[], loading: Loading) => Promise<Readonly<Record<string, Values>>>
}
