import type { AnyContract, Got, MaybePromise, RoomRef } from '@typewire/core'
import type { Caller } from './caller/types.ts'
import type { Answered, Passed } from './middleware/passed.ts'
import type { Middleware, MiddlewareArgs } from './middleware/types.ts'
import type { HttpServer } from './transports/http-server.ts'

// The types of a server, from its contract. Parametrised by the whole contract and the *name*, so that hovers and
// errors speak of `Chat` and `'send'` and not of what they are made of; by indexed access and never by `infer`, so that
// `ctx` is known in every handler.

/** What is known of a client before it speaks. */
export interface ConnectionRequest {
  /** The headers of the HTTP request that opened the connection, in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly remoteAddress: string | undefined
}

/** What `authenticate` gets of a client that says hello. */
export interface AuthenticateArgs<C extends AnyContract> {
  /** What the client gave as `auth`, parsed by the contract's schema. */
  readonly auth: Got<C['auth']>
  /** The headers of the HTTP request that opened the connection, in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The address of the client, as `addressOf` has it. By default that of the socket; behind a proxy: the proxy's. */
  readonly remoteAddress: string | undefined
  /** Aborts when the client went away, or at the time limit of the handshake. */
  readonly signal: AbortSignal
}

/** What `authenticate` of a namespace gets besides. */
export interface NamespaceAuthenticateArgs<C extends AnyContract, Ctx> extends AuthenticateArgs<C> {
  /** What `authenticate` gave for what the namespace lies in: often all that is needed to tell who may open it. */
  readonly ctx: Ctx
}

/** What `review` of a namespace gets. */
export interface NamespaceReviewArgs<Ctx> {
  /** What `authenticate` gave last for what the namespace lies in. */
  readonly ctx: Ctx
  /** Who the client is in the namespace. */
  readonly identity: string | null
  /** Aborts when nobody waits for the answer any more: the time limit of handlers, the end of the namespace. */
  readonly signal: AbortSignal
}

/** The least that `authenticate` gives: who it is. `null` for nobody in particular. The rest is `ctx`, as it likes. */
export interface Identified {
  readonly identity: string | null
  /**
   * Until when the credentials are good: milliseconds since 1970, as `Date.now()`. Clients renew them before that where
   * they can; one that has not is disconnected, and let in again with new ones, its session intact. Default: for ever.
   */
  readonly expiresAtMs?: number | undefined
}

/** What clients that lag behind were not sent, by what their events declare. */
export interface DeliveryCounts {
  /** Volatile events that were dropped, one for each client that did not get it. */
  readonly dropped: number
  /** Events of which only the latest counts, that a newer one has replaced before they were sent. */
  readonly conflated: number
}

/** How one client keeps up. */
export interface SessionDelivery extends DeliveryCounts {
  /**
   * What is kept for it at the moment: not sent yet, or not acknowledged. In UTF-16 units of JSON text and bytes of
   * payloads; the session ends above `maxBufferBytes` of the server.
   */
  readonly queuedBytes: number
}

/** What a server process holds at the moment. */
export interface ServerLoad {
  readonly sessions: number
  /** How many of them wait for their clients to come back. */
  readonly detachedSessions: number
  /** How many there are of each transport: `websocket`, `http-stream`, `http-poll`. */
  readonly connections: Readonly<Record<string, number>>
  /** What is kept for all clients: not sent yet, or not acknowledged. In UTF-16 units of JSON text and bytes of payloads. */
  readonly queuedBytes: number
}

/** A client's logical presence, as the server's code holds it. */
export interface ServerSession<Ctx, C extends AnyContract> {
  readonly id: string
  /** What `authenticate` gave. */
  readonly identity: string | null
  readonly ctx: Ctx
  /** What its connection goes by: `websocket`, `http-stream`, `http-poll`; `undefined` while it has none. */
  readonly transport: string | undefined
  /** The address that its client last connected from, as `addressOf` has it. */
  readonly remoteAddress: string | undefined
  /** The headers of the HTTP request that opened its connection, in lower case; none while it has none. */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** How it keeps up, since it began. Made anew each time it is read. */
  readonly delivery: SessionDelivery
  /** Sends an event to this client. @throws TypewireError `INVALID_OUTPUT` when the payload does not match. */
  readonly emit: EmitVerbs<C>
  /** The same, and the client's answer. */
  readonly emitWithAck: AckVerbs<C>
  /**
   * Makes the session a member of a room. Joining twice is joining once. With `presence` it is seen there, where the room
   * has presence; without, it is when its client joins as well.
   * @throws TypewireError `INVALID_OUTPUT` when `presence` does not match the contract; what \`presence.of\` of the room
   * throws, `TIMED_OUT` when that does not answer. Then it has not joined.
   */
  readonly join: <Present = undefined>(
    room: RoomLike<Present>,
    options?: { readonly presence?: NoInfer<Present> | undefined },
  ) => Promise<void>
  /** Ends the session's membership, whoever began it: the client is told, and its handles end. */
  readonly leave: (room: RoomLike) => Promise<void>
  /**
   * Its credentials count no more: the connection is closed, and the client must show new ones. `authenticate` decides
   * whether it comes back, and as what. Handlers that run go on; nothing is handled or sent until then. In a namespace with
   * an `authenticate` of its own, that is closed, and may be opened with new ones.
   */
  readonly revoke: (reason?: string) => void
  /** Ends the session; in a namespace: closes that alone. The client does not come back by itself. */
  readonly close: (reason?: string) => void
}

/** What `join` and `leave` need of a `RoomRef`. */
export interface RoomLike<Present = unknown> {
  readonly kind: string
  readonly key: string
  readonly '~present'?: Present
}

/** What a server sends to clients. */
export type EmitVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toClient']]: C['events']['toClient'][Name]['~emit']
}
export type AckVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toClient']]: C['events']['toClient'][Name]['~emitWithAck']
}
/** The rooms of a contract, by name and params. */
export type RoomRefs<C extends AnyContract> = {
  readonly [Name in keyof C['rooms']]: undefined extends C['rooms'][Name]['~given']
    ? (params?: C['rooms'][Name]['~given']) => RoomRef<Name, C>
    : (params: C['rooms'][Name]['~given']) => RoomRef<Name, C>
}

/** What of the server a handler may reach. */
export interface Reach<C extends AnyContract> {
  readonly rooms: RoomRefs<C>
  /** Sends an event to every session. */
  readonly emit: EmitVerbs<C>
  /** Sends an event to these sessions. To nobody is nobody. */
  readonly to: (sessions: Iterable<{ readonly id: string }>) => { readonly emit: EmitVerbs<C> }
  /** The namespaces of the contract. What is emitted in one goes to sessions that have opened it. */
  readonly ns: { readonly [Name in keyof C['namespaces']]: Reach<C['namespaces'][Name]> }
}

/** What every handler gets. `session`, `signal` and `deadlineMs` are made when they are read, so `{ ...args }` lacks them. */
export interface Here<Ctx, C extends AnyContract> {
  readonly ctx: Ctx
  readonly session: ServerSession<Ctx, C>
  readonly server: Reach<C>
  /** Aborts when nobody waits for the answer any more: the caller gave up, the time limit, the end of the session. */
  readonly signal: AbortSignal
}

export interface CallArgs<Name extends keyof C['procedures'], Ctx, C extends AnyContract> extends Here<Ctx, C> {
  readonly input: C['procedures'][Name]['~input']
  /** One maker per declared error: `throw errors.MUTED({ untilMs })`. */
  readonly errors: C['procedures'][Name]['~errors']
  /**
   * When the time limit ends the call: milliseconds since 1970, as `Date.now()`. Of an upload it is later each time that an
   * item is read: read it anew.
   */
  readonly deadlineMs: number
}

export interface StreamArgs<Name extends keyof C['streams'], Ctx, C extends AnyContract> extends Here<Ctx, C> {
  readonly input: C['streams'][Name]['~input']
  readonly errors: C['streams'][Name]['~errors']
  /** When the time limit ends the stream: milliseconds since 1970, as `Date.now()`; `Infinity` where there is none. */
  readonly deadlineMs: number
  /**
   * Where the contract has `key`: that of the last item that the client has got, when it goes on in another session.
   * `undefined`: begin at the beginning.
   */
  readonly after: string | undefined
}

export interface EventArgs<Name extends keyof C['events']['toServer'], Ctx, C extends AnyContract> extends Here<
  Ctx,
  C
> {
  readonly payload: C['events']['toServer'][Name]['~payload']
  /** When the time limit ends the handler: milliseconds since 1970, as `Date.now()`. */
  readonly deadlineMs: number
}

export interface RoomEventArgs<
  Event extends keyof C['rooms'][Name]['events']['toServer'],
  Name extends keyof C['rooms'],
  Ctx,
  C extends AnyContract,
> extends Here<Ctx, C> {
  readonly payload: C['rooms'][Name]['events']['toServer'][Event]['~payload']
  readonly params: C['rooms'][Name]['~params']
  /** The room that it was sent into. The sender is a member. */
  readonly room: RoomRef<Name, C>
  /** When the time limit ends the handler: milliseconds since 1970, as `Date.now()`. */
  readonly deadlineMs: number
}

export interface AuthorizeArgs<Name extends keyof C['rooms'], Ctx, C extends AnyContract> extends Here<Ctx, C> {
  readonly params: C['rooms'][Name]['~params']
}

/** What becomes of the events that members send. */
export type RoomEventHandlers<Name extends keyof C['rooms'], Ctx, C extends AnyContract> = {
  readonly [Event in keyof C['rooms'][Name]['events']['toServer']]?:
    | ((args: RoomEventArgs<Event, Name, Ctx, C>) => C['rooms'][Name]['events']['toServer'][Event]['~answer'])
    | undefined
}

export interface RoomHandlers<Name extends keyof C['rooms'], Ctx, C extends AnyContract> {
  /** Whether this client may join by itself. Without it, only server code joins sessions to rooms of this kind. */
  readonly authorize?: ((args: AuthorizeArgs<Name, Ctx, C>) => MaybePromise<boolean>) | undefined
  /** How members see who is there, where the contract has `presence`. */
  readonly presence?: PresenceOptions<Name, Ctx, C> | undefined
  /** What becomes of the events that members send. One without a handler is answered `NO_HANDLER`. */
  readonly events?: RoomEventHandlers<Name, Ctx, C> | undefined
  /**
   * Keeps the events of each room, so that members whose session was lost recover what they have missed, and others may
   * read what was before them. Default: nothing is kept.
   */
  readonly history?: RoomHistoryRule<Name, Ctx, C> | undefined
}

/** What is kept of each room of a kind, and for whom. Give the same on all nodes. */
export interface RoomHistoryRule<Name extends keyof C['rooms'], Ctx, C extends AnyContract> {
  /** How many events are kept of a room; the oldest goes first. Default 100. */
  readonly limit?: number | undefined
  /**
   * How long an event is kept, in milliseconds. The room's position is kept for as long after its last member has left.
   * Default 3,600,000: an hour, so that a laptop that was closed for a meeting misses nothing.
   */
  readonly ttlMs?: number | undefined
  /**
   * Whether this member may read what was said before it joined: the last events, pages, and what it says that it has
   * missed in a session that was lost, of which there is no proof. Where it may not it joins as one that has not
   * recovered. Default: every member may.
   */
  readonly authorize?: ((args: AuthorizeArgs<Name, Ctx, C>) => MaybePromise<boolean>) | undefined
}

export interface PresenceArgs<Name extends keyof C['rooms'], Ctx, C extends AnyContract> extends Here<Ctx, C> {
  /** What is said of this session, by its client or by server code, as the contract's schema gave it. */
  readonly said: C['rooms'][Name]['~seen']
  readonly params: C['rooms'][Name]['~params']
}

export interface PresenceOptions<Name extends keyof C['rooms'], Ctx, C extends AnyContract> {
  /**
   * Gives what members see of a session in place of what is said of it, as the contract's schema takes it: so a client
   * cannot show another name than its own. Runs when a session joins that `authorize` lets in, each time that it says
   * something else, by `setPresence` or `session.join`, and when its credentials are renewed, of what it has said last. What it
   * throws is answered as what any handler throws, and nothing is shown; where nobody asked, `onError` is told, and what was
   * shown stays. Default: members see what is said.
   */
  readonly of?: ((args: PresenceArgs<Name, Ctx, C>) => MaybePromise<C['rooms'][Name]['~present']>) | undefined
  /**
   * How long members see one that has lost its connection, in milliseconds, at most a day; one that leaves or closes is
   * gone at once. Default 10,000: long enough for most reconnects, and for a deploy, short enough for a ghost.
   */
  readonly graceMs?: number | undefined
  /**
   * `list`: members see each other; where there are more than 1,000 sessions in the room, or more than 131,072 UTF-16
   * units are said in it, their count alone. `count`: the count alone, at most once a second. Default `list`.
   */
  readonly mode?: 'list' | 'count' | undefined
}

export type ProcedureHandlers<Ctx, C extends AnyContract> = {
  readonly [Name in keyof C['procedures']]: (args: CallArgs<Name, Ctx, C>) => C['procedures'][Name]['~answer']
}
export type StreamHandlers<Ctx, C extends AnyContract> = {
  readonly [Name in keyof C['streams']]: (args: StreamArgs<Name, Ctx, C>) => C['streams'][Name]['~answer']
}
export type EventHandlers<Ctx, C extends AnyContract> = {
  readonly [Name in keyof C['events']['toServer']]: (
    args: EventArgs<Name, Ctx, C>,
  ) => C['events']['toServer'][Name]['~answer']
}
export type RoomsHandlers<Ctx, C extends AnyContract> = {
  readonly [Name in keyof C['rooms']]?: RoomHandlers<Name, Ctx, C>
}

/** What `authenticate` of each namespace gives that has one, by path: `admin`, `admin/audit`. */
export type NamespaceContexts = Readonly<Record<string, Identified>>

/** The `ctx` in a namespace: what its own `authenticate` gives, or that of what it lies in. */
export type ContextIn<Path extends string, Ctx, N> = Path extends keyof N ? N[Path] : Ctx

/** The names of the namespaces in which something must be implemented, in them or in what lies in them. */
export type NamesToImplement<C extends AnyContract> = {
  [Name in keyof C['namespaces']]: {} extends C['namespaces'][Name]['procedures'] &
    C['namespaces'][Name]['streams'] &
    C['namespaces'][Name]['events']['toServer']
    ? [NamesToImplement<C['namespaces'][Name]>] extends [never]
      ? never
      : Name
    : Name
}[keyof C['namespaces']]

/**
 * The handlers of each namespace; one in which there is nothing to implement may be left out. `Prefix`: the path of what they
 * lie in, with a slash behind it.
 */
export type NamespacesHandlers<Ctx, C extends AnyContract, N, Prefix extends string> = {
  readonly [Name in NamesToImplement<C>]: NamespaceHandlers<Name, Ctx, C, N, Prefix>
} & {
  readonly [Name in Exclude<keyof C['namespaces'], NamesToImplement<C>>]?:
    | NamespaceHandlers<Name, Ctx, C, N, Prefix>
    | undefined
}

export type NamespaceHandlers<
  Name extends keyof C['namespaces'],
  Ctx,
  C extends AnyContract,
  N,
  Prefix extends string,
> = Implementation<
  ContextIn<`${Prefix}${Name & string}`, Ctx, N>,
  C['namespaces'][Name],
  N,
  `${Prefix}${Name & string}/`
>

export interface AllHandlers<Ctx, C extends AnyContract> {
  readonly procedures: ProcedureHandlers<Ctx, C>
  readonly streams: StreamHandlers<Ctx, C>
  readonly events: EventHandlers<Ctx, C>
  readonly rooms: RoomsHandlers<Ctx, C>
}

/**
 * Runs once per session, before its first call is handled, for joins and clean-up: its `signal` aborts when the session
 * ends, also while its client is away, and `signal.reason` is an error that says why: the client closed, did not come back
 * in time, reads too slowly, …. If it returns a promise, calls do not wait for it. In a namespace it runs once for each time
 * that a session opens it.
 */
export type SessionHandler<Ctx, C extends AnyContract> = (args: Here<Ctx, C>) => MaybePromise<unknown>

/** One handler for each name of the contract. A section in which the contract has nothing may be left out. */
export type Handlers<Ctx, C extends AnyContract> = {
  readonly [
    Section in keyof AllHandlers<Ctx, C> as {} extends AllHandlers<Ctx, C>[Section] ? never : Section
  ]: AllHandlers<Ctx, C>[Section]
} & Partial<AllHandlers<Ctx, C>> & { readonly session?: SessionHandler<Ctx, C> }

/** The handlers of a contract and of what lies in it. Without namespaces it is `Handlers`, and errors say so. */
export type Implementation<Ctx, C extends AnyContract, N, Prefix extends string = ''> = {} extends C['namespaces']
  ? Handlers<Ctx, C>
  : [NamesToImplement<C>] extends [never]
    ? Handlers<Ctx, C> & { readonly namespaces?: NamespacesHandlers<Ctx, C, N, Prefix> | undefined }
    : Handlers<Ctx, C> & { readonly namespaces: NamespacesHandlers<Ctx, C, N, Prefix> }

/** What a server's handlers are typed by. Unlike in what `implement` takes, each room is there. */
export interface HandlerTypes<Ctx, C extends AnyContract, N = {}, Prefix extends string = ''> {
  readonly procedures: ProcedureHandlers<Ctx, C>
  readonly streams: StreamHandlers<Ctx, C>
  readonly events: EventHandlers<Ctx, C>
  readonly rooms: { readonly [Name in keyof C['rooms']]: RoomHandlers<Name, Ctx, C> }
  readonly session: SessionHandler<Ctx, C>
  readonly namespaces: {
    readonly [Name in keyof C['namespaces']]: HandlerTypes<
      ContextIn<`${Prefix}${Name & string}`, Ctx, N>,
      C['namespaces'][Name],
      N,
      `${Prefix}${Name & string}/`
    >
  }
}

/** The handlers' types of a server, for handlers in files of their own: `HandlersOf<typeof server>['procedures']`. */
export type HandlersOf<S> = S extends Server<infer C, infer Ctx, infer N> ? HandlerTypes<Ctx, C, N> : never

export interface ListenOptions {
  /** The address to listen on. Default: all of this machine's. */
  readonly host?: string | undefined
}

export interface CloseServerOptions {
  /**
   * How long calls in flight may take to finish, in milliseconds, before their sessions are closed all the same.
   * Default 5,000. Clients are told at once, and begin nothing new. When more than a hundred must leave they do so one
   * by one, within half of this time at most, so that they do not all arrive elsewhere at one moment.
   */
  readonly drainMs?: number | undefined
  /** How long clients wait at least before they come back, in milliseconds, as for planned works. Default 0. */
  readonly retryAfterMs?: number | undefined
  /** Another server, for clients to connect to from now on: `https://b.example.com`. Default: they come back here. */
  readonly reconnectTo?: string | URL | undefined
}

/** A server that has all its handlers. */
export interface Listening extends AsyncDisposable {
  /**
   * Serves on a port of its own; 0 picks a free one.
   * @throws the error of Node's `listen` (`EADDRINUSE`, …).
   */
  readonly listen: (port: number, options?: ListenOptions) => Promise<{ readonly port: number }>
  /**
   * Serves on a Node http or https server beside its other routes: takes upgrades to `path`, and requests to `path` and
   * its `/up`, `/stream` and `/poll`; nothing else.
   * @throws TypeError for what is no such server (an HTTP/2 server is none), and once this one is closed.
   */
  readonly attach: (httpServer: HttpServer) => void
  /**
   * Answers a request to `path` or below it, for platforms and frameworks that speak in Fetch's terms: HTTP stream and
   * long-poll; WebSocket needs `listen` or `attach`. Never rejects.
   */
  readonly fetch: (request: Request) => Promise<Response>
  /** Tells every client, lets calls in flight finish, and closes all that `listen` opened. Resolves when it is done. */
  readonly close: (options?: CloseServerOptions) => Promise<void>
}

/** Compared as a method is: a server can be given where one of less `ctx` is asked for (`Server<Chat, Identified>`). */
interface MakesCallers<Ctx, C extends AnyContract> {
  caller(ctx: Ctx): Caller<C>
}

/** A namespace, as server code has it: what it may send there, and who has opened it. */
export interface ServerNamespace<C extends AnyContract, Ctx, N = {}, Prefix extends string = ''> extends Reach<C> {
  /** The sessions of this server that have it open at the moment. */
  readonly sessions: Iterable<ServerSession<Ctx, C>>
  /**
   * Makes what puts a middleware around some handlers: `const admin = server.middleware(…)`, then
   * `implement({ procedures: { ...admin.procedures({ … }) } })`. What it gives to `next` is in their `ctx`.
   */
  readonly middleware: <Added extends object = {}>(
    run: (args: MiddlewareArgs<Ctx, C>) => MaybePromise<Passed<Added> | Answered>,
  ) => Middleware<Ctx, Added, C>
  /**
   * Makes what calls procedures and streams, and sends events, as somebody, without a network and without `authenticate`: for tests, and for pages that
   * are made on the server. Input, middleware, output, errors and time limits are as for a client. `session` is one that
   * has ended: what is emitted to it is checked, and goes nowhere; it is in no room.
   * @throws TypeError before `implement`.
   */
  readonly caller: MakesCallers<Ctx, C>['caller']
  readonly ns: {
    readonly [Name in keyof C['namespaces']]: ServerNamespace<
      C['namespaces'][Name],
      ContextIn<`${Prefix}${Name & string}`, Ctx, N>,
      N,
      `${Prefix}${Name & string}/`
    >
  }
}

export interface Server<C extends AnyContract, Ctx, N = {}> extends ServerNamespace<C, Ctx, N>, AsyncDisposable {
  /**
   * Gives every name of the contract its handler, and the means to listen. Once.
   * @throws TypeError when called twice, and for a handler that is missing, no function, or of no name in the contract.
   */
  readonly implement: (handlers: Implementation<Ctx, C, N>) => Listening
  /** What this server process holds at the moment. Made anew each time it is read, for which all sessions are looked at. */
  readonly load: ServerLoad
  /** What the clients of this server process were not sent, since it began, those that have gone included. */
  readonly delivery: DeliveryCounts
  readonly close: (options?: CloseServerOptions) => Promise<void>
}

/** Where an error that `onError` gets comes from. */
export interface ErrorInfo {
  /** What ran: `procedure send`, `event seen`, `room chat authorize`, … */
  readonly where: string
  /** What the client was told in its place, if it was told. */
  readonly incident: string | undefined
  readonly sessionId: string | undefined
}

/** Gets the whole of what a client is not told: what handlers throw, and what does not match the contract. */
export type OnError = (error: unknown, info: ErrorInfo) => void
