import type {
  AnyContract,
  AnyEvent,
  AnyProcedure,
  AnyRoom,
  AnyStream,
  CallOptions,
  Clock,
  EventMap,
  Given,
  Join,
  RoomKind,
  Schema,
  Store,
  TraceContext,
  TypewireError,
} from '@typewire/core'
import type { TransportName } from './transports/open-transport.ts'

// The types of a client, from its contract. Parametrised by the whole contract, so that a named contract keeps hovers
// and errors short: `CallVerbs<Chat>`.

export type CallVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['procedures']]: C['procedures'][Name]['~verb']
}
export type TryVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['procedures']]: C['procedures'][Name]['~try']
}
export type StreamVerbs<C extends AnyContract> = { readonly [Name in keyof C['streams']]: C['streams'][Name]['~verb'] }
export type EmitVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toServer']]: C['events']['toServer'][Name]['~send']
}
export type AckVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toServer']]: C['events']['toServer'][Name]['~emitWithAck']
}
export type OnVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toClient']]: C['events']['toClient'][Name]['~on']
}
export type JoinVerbs<C extends AnyContract> = { readonly [Name in keyof C['rooms']]: Join<Name, C> }
export type RoomKinds<C extends AnyContract> = { readonly [Name in keyof C['rooms']]: RoomKind<Name, C> }

/** What a client can do by its contract. */
export interface Verbs<C extends AnyContract> {
  /** Calls a procedure: resolves to its output, rejects with a `TypewireError`. Never throws at once. */
  readonly call: CallVerbs<C>
  /**
   * Calls a procedure and settles to `{ ok: true, data }` or `{ ok: false, error }`: whatever goes wrong is an `error`. Only a
   * lean client that lacks a part which the call needs rejects, with a TypeError, as `call` does.
   */
  readonly try: TryVerbs<C>
  /** Opens a stream at its first `next()`. */
  readonly stream: StreamVerbs<C>
  /**
   * Sends an event. While there is no connection it waits for one, in order, unless its options say otherwise.
   * @throws TypewireError `OVERLOADED` when too much waits, `TOO_LARGE`, `CLOSED`.
   */
  readonly emit: EmitVerbs<C>
  /** Sends an event and resolves to its ack once the server has handled it. */
  readonly emitWithAck: AckVerbs<C>
  /** Hears an event of the server. What the handler returns is the ack, if the server asks for one. */
  readonly on: OnVerbs<C>
  /** Joins a room. Handles of equal params share one membership. */
  readonly join: JoinVerbs<C>
  /** All rooms of a kind that this client is in, those included that the server has joined it to. */
  readonly rooms: RoomKinds<C>
  /** The contract's namespaces, each opened when it is first used. */
  readonly ns: { readonly [Name in keyof C['namespaces']]: ClientNamespace<C['namespaces'][Name]> }
}

/**
 * Where a namespace stands.
 * `idle`: nothing has used it yet. `opening`: the server is asked, or will be when there is a connection; what is asked of
 * the namespace waits. `open`: it is there; while the connection is away too, as the session is. `closed`: refused
 * (`UNAUTHORIZED`), unknown to the server (`NOT_FOUND`, asked again in the next session), closed by the server (`FORBIDDEN`) or
 * by `close()` (`CLOSED`); `open()` tries again. With the error of what it lies in, where that was closed: then it opens again
 * with that. Where credentials have merely expired it is `opening` again, unless `auth` can give no others.
 */
export type NamespaceStatus =
  | { readonly state: 'idle' | 'opening' | 'open' }
  | { readonly state: 'closed'; readonly reason: string; readonly error: TypewireError }

/**
 * A contract within the client's, with credentials and an end of its own. What is refused or closed here leaves all else as
 * it is. In a session that follows a lost one it is opened again by itself.
 */
export interface ClientNamespace<C extends AnyContract> extends Verbs<C> {
  readonly status: Store<NamespaceStatus>
  /**
   * Opens it now, also where it was refused or closed, and resolves when it is open. Not needed: the first use opens it.
   * @throws TypewireError `UNAUTHORIZED` when the server refuses, `ABORTED` by the signal, and what ends the client.
   */
  readonly open: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<void>
  /**
   * Shows the server new credentials, from `auth` of the namespace; where it is not open, by opening it. Without `timeoutMs`
   * it takes as long as the client's says, or as `auth` takes. @throws TypewireError `UNAUTHORIZED`: the old ones stay.
   */
  readonly reauthenticate: (options?: CallOptions) => Promise<void>
  /**
   * Ends it, and all that waits in it (`CLOSED`), its rooms and what lies in it too. Resolves when the server knows; at once
   * without a connection, or while as many calls run as it takes: it is told all the same, before what is asked later.
   */
  readonly close: () => Promise<void>
}

/**
 * Where a client stands.
 * `idle`: nothing asked for a connection yet. `connecting`: a first attempt, or one after `waiting`, is under way.
 * `open`: the server has welcomed the session. `waiting`: the link is gone or could not be opened; the next attempt is
 * at `retryAtMs`. `closed`: by `close()`, or by a server that said not to come back; `connect()` tries again in the
 * second case.
 */
export type ClientStatus =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting'; readonly attempt: number }
  | {
      readonly state: 'open'
      readonly sessionId: string
      readonly transport: string
      /** `true`: the session was resumed, nothing is missing. `false`: one was lost, and this is another. */
      readonly recovered: boolean | undefined
    }
  | {
      readonly state: 'waiting'
      /** How many attempts have failed in a row. */
      readonly attempt: number
      /** When the next one begins: milliseconds since 1970, as `Date.now()`. */
      readonly retryAtMs: number
      readonly reason: string
    }
  | { readonly state: 'closed'; readonly reason: string; readonly error: TypewireError | undefined }

export interface Client<C extends AnyContract> extends Verbs<C>, AsyncDisposable {
  readonly status: Store<ClientStatus>
  /**
   * Connects now, and resolves when the server has welcomed the client. Not needed: the first use connects.
   * @throws TypewireError `UNAUTHORIZED` when the server refuses, `CLOSED` after `close()`, `ABORTED` by the signal.
   */
  readonly connect: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<void>
  /**
   * Shows the server new credentials, from `auth`, without a new connection; what is sent after them is handled with
   * them. While there is no connection it waits for the next, which shows new ones anyway. Not needed for an
   * `expiresAtMs` of `authenticate`: before that the client renews them by itself, where `auth` is a function. What `auth`
   * throws is thrown. Without `timeoutMs` it takes as long as `auth` takes.
   * @throws TypewireError `UNAUTHORIZED` when the server refuses them, or they are another identity's: the old ones stay.
   */
  readonly reauthenticate: (options?: CallOptions) => Promise<void>
  /**
   * Resolves to how long the server takes to answer, in milliseconds: the round trip of the shortest message. Connects, and waits
   * for a connection first. Without `timeoutMs` it takes as long as a call without one.
   * @throws TypewireError `SESSION_LOST` when the connection is lost meanwhile, `TIMED_OUT`, `ABORTED`, `CLOSED`.
   */
  readonly ping: (options?: CallOptions) => Promise<number>
  /** Ends the session and all that waits (`CLOSED`). A closed client stays closed. Resolves when the link is down. */
  readonly close: () => Promise<void>
}

/** What `createClient({ url })` gives: nothing but a hint, in completions and in errors. */
export interface createClient_needs_a_type_argument {
  readonly auth: Schema
  readonly procedures: { readonly 'write createClient<typeof yourContract>(…)': AnyProcedure }
  readonly streams: { readonly 'write createClient<typeof yourContract>(…)': AnyStream }
  readonly events: EventMap<
    { readonly 'write createClient<typeof yourContract>(…)': AnyEvent },
    { readonly 'write createClient<typeof yourContract>(…)': AnyEvent }
  >
  readonly rooms: { readonly 'write createClient<typeof yourContract>(…)': AnyRoom }
  readonly namespaces: {}
}

export interface ClientOptions {
  /**
   * Where the server is: `http://localhost:3000`. Without a path in it, `/typewire` is taken, the server's default. A
   * query goes along with every request; it is no place for secrets, which proxies and logs would see.
   */
  readonly url: string | URL
  /**
   * A time limit for every call, ack and join that gives none, in milliseconds; a procedure that declares one of its own
   * (`procedure({ timeoutMs })`) has that, once the client is connected. Default: the server's limits alone.
   */
  readonly timeoutMs?: number | undefined
  /** Connects at once (`eager`), or when something is first called, emitted, heard or joined (`lazy`). Default `lazy`. */
  readonly connect?: 'lazy' | 'eager' | undefined
  /**
   * What to connect by, the best first. Default: `websocket`, then `http-stream`, then `http-poll`, each beside the one
   * before when that fails or takes longer than a second.
   */
  readonly transports?: readonly TransportName[] | undefined
  /** What becomes of events that cannot be sent, while there is no connection or a join is not answered. */
  readonly offline?: OfflineOptions | undefined
  /** How long it waits between attempts to connect. */
  readonly reconnect?: ReconnectOptions | undefined
  /** Makes a span for each call, stream, event and join, which the server's handler is part of: `openTelemetry()`. Default: none. */
  readonly trace?: ClientTracer | undefined
  /**
   * The fingerprint of the contract that this client was made from: `typewire.json` has it, and what `typewire generate` makes
   * gives it by itself. A server that knows that contract (`clientContracts`) says what it has changed since that breaks this
   * client: `onError` gets `UNSUPPORTED`, or the client is refused with it. Default: none, and nothing is compared.
   */
  readonly fingerprint?: string | undefined
  /** Gets what handlers throw, and what the server sends that cannot be handled. Default: the platform's `reportError`. */
  readonly onError?: OnClientError | undefined
  /** Time, for tests. Default: the platform's. */
  readonly clock?: Clock | undefined
}

/** What a span is of. */
export type TracedKind = 'call' | 'stream' | 'event' | 'join'

/**
 * Begins a span of what is about to be sent. It must not throw. `name`: as errors have it, `send`, `admin/ban`, `chat.typing`;
 * of a join the room's kind, `chat`.
 */
export type ClientTracer = (name: string, kind: TracedKind) => ClientSpan | undefined

export interface ClientSpan {
  /** Goes along to the server. */
  readonly context: TraceContext
  /**
   * The answer is here, or, of an event that has none, it was sent. Called once. `items`: how many a stream has answered with;
   * that it was left is no error.
   */
  readonly end: (error?: unknown, items?: number) => void
}

/** `incident`: what the server was told in place of the error, where it waited for an answer. */
export type OnClientError = (error: unknown, info?: { readonly incident: string }) => void

/**
 * Calls, acks and joins have time limits, which count waiting too. Events that nobody waits for are kept in order, 4 MiB
 * at most with all else that waits: one more throws `OVERLOADED`. They may overtake calls: of those only so many leave
 * before answers come (64 before the first welcome, then the server's `maxCalls`), the others wait for their turn.
 *
 * `onError` is told of each that is dropped, and once how many were not sent when the client is closed or the server
 * refuses it (`outcome: 'not_sent'`), or may not have arrived when a session is lost (`'unknown'`).
 */
export interface OfflineOptions {
  /**
   * How long such an event may wait, in milliseconds; then it is dropped, and `onError` gets `TIMED_OUT`. Default
   * 120,000, as long as a server keeps the session by default: what is older may not be meant any more.
   */
  readonly maxAgeMs?: number | undefined
}

/** A random time between 0 and the lesser of `maxDelayMs` and `minDelayMs` doubled per failed attempt ("full jitter"). */
export interface ReconnectOptions {
  /** The bound of the first wait, in milliseconds. Default 500. */
  readonly minDelayMs?: number | undefined
  /** The bound of every wait, in milliseconds. Default 30,000. Chance decides there too, so that clients do not return in step. */
  readonly maxDelayMs?: number | undefined
  /** How long until a better transport than the one that is open is tried again, in milliseconds; doubles up to 300,000. Default 30,000. */
  readonly upgradeDelayMs?: number | undefined
  /** Gives a number from 0 to below 1, for tests. Default `Math.random`. */
  readonly random?: (() => number) | undefined
}

/** What the client shows of who it is. */
export interface AuthOptions<Auth> {
  /**
   * The credentials, as the contract declares them, or a function that gives them. It is called before each attempt to
   * connect, before they expire where the server says when, and by `reauthenticate`; never while its promise is pending,
   * which may take as long as a login takes: the client is `connecting`, and the time limits are those of the calls that
   * wait. What it throws is no refusal: `onError` gets it, and the client tries again like after any failed attempt.
   * Each transport that an attempt tries shows the same credentials, so they must be good for more than one use.
   */
  readonly auth: Auth | (() => Auth | Promise<Auth>)
}

/** Credentials may be left out only where the contract asks for none. */
export type AuthOption<Auth> = undefined extends Auth ? Partial<AuthOptions<Auth>> : AuthOptions<Auth>

/** What a namespace is opened with, and those in it. */
export interface NamespaceOptions<C extends AnyContract> {
  /** As `auth` of the client, for this namespace: the credentials, or a function that gives them each time it is opened. */
  readonly auth?: Given<C['auth']> | (() => Given<C['auth']> | Promise<Given<C['auth']>>) | undefined
  readonly namespaces?: NamespacesOptions<C> | undefined
}
export type NamespacesOptions<C extends AnyContract> = {
  readonly [Name in keyof C['namespaces']]?: NamespaceOptions<C['namespaces'][Name]> | undefined
}

/** Local validation: what is given is checked against the contract before it is sent, as it was given. */
export type ClientOptionsOf<C extends AnyContract> = ClientOptions &
  AuthOption<Given<C['auth']>> & {
    readonly contract?: C | undefined
    /** What namespaces are opened with that ask for credentials of their own. */
    readonly namespaces?: NamespacesOptions<C> | undefined
  }
