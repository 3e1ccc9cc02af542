import type { AnyContract, MaybePromise, TraceContext } from '@typewire/core'
import type {
  AuthorizeArgs,
  CallArgs,
  EventArgs,
  EventHandlers,
  Here,
  Identified,
  PresenceOptions,
  ProcedureHandlers,
  RoomEventArgs,
  RoomHistoryRule,
  RoomsHandlers,
  ServerSession,
  StreamArgs,
  StreamHandlers,
} from '../types.ts'
import type { Answered, Passed } from './passed.ts'

// The types of middleware. What handlers get of it is an intersection, `Extended`, and not another `ctx` for all of
// their types: `session.ctx` is still what `authenticate` gave. Handlers that are wrapped ask for no particular `ctx`, so
// that a server of a `ctx` can be given where one of less is asked for: `Server<Chat, Identified>`.

/** What runs: a procedure, a stream, the handler of an event, or what lets a session into a room. */
export type MiddlewareKind = 'call' | 'stream' | 'event' | 'join'

/** What a middleware gets, of whatever contract. */
export interface Wrapping {
  /**
   * `call`, `stream`, `event`; `join` where a room's `authorize` is asked, to let a session in or to judge it anew, or the
   * `authorize` of its `history`.
   */
  readonly kind: MiddlewareKind
  /** As it is on the wire: `send`, `admin/ban`; of a room `chat`, and of its events `chat.typing`. */
  readonly name: string
  /** What was sent, read by the contract: the input, the payload of an event, the params of a room. */
  readonly input: unknown
  /** What its client has said that it is part of; not to be trusted. `undefined` where it has not. */
  readonly trace: TraceContext | undefined
  /** Runs what is within, at once, with more in its `ctx`, and resolves to what that gives; rejects with what it throws. */
  readonly next: <Added extends object = {}>(added?: Added) => Promise<Passed<Added>>
  /** `return answer(value)`: what the caller gets in place of what the handler would have given. The contract reads it. */
  readonly answer: (value: unknown) => Answered
}

/** What a middleware of a server gets, or of a namespace: that, and what every handler gets. */
export interface MiddlewareArgs<Ctx, C extends AnyContract> extends Here<Ctx, C>, Wrapping {}

/** What a middleware gets that is not of one contract. */
export interface ServerMiddlewareArgs extends Wrapping {
  readonly ctx: Identified
  readonly session: SessionOfAny
  readonly signal: AbortSignal
}

/** A session, without what its contract says of it. */
export type SessionOfAny = Pick<
  ServerSession<Identified, AnyContract>,
  'id' | 'identity' | 'ctx' | 'transport' | 'remoteAddress' | 'headers' | 'delivery' | 'revoke' | 'close'
>

/** A middleware for any server, or all of one: `createServer(contract, { use: [log] })`, `server.middleware(log)`. */
export type ServerMiddleware = (args: ServerMiddlewareArgs) => MaybePromise<Passed | Answered>

/** What a handler gets behind a middleware that adds to `ctx`. */
export type Extended<Args, Added> = Args & { readonly ctx: Added }

export type ExtendedProcedureHandlers<Ctx, Added, C extends AnyContract> = {
  readonly [Name in keyof C['procedures']]: (
    args: Extended<CallArgs<Name, Ctx, C>, Added>,
  ) => C['procedures'][Name]['~answer']
}
export type ExtendedStreamHandlers<Ctx, Added, C extends AnyContract> = {
  readonly [Name in keyof C['streams']]: (
    args: Extended<StreamArgs<Name, Ctx, C>, Added>,
  ) => C['streams'][Name]['~answer']
}
export type ExtendedEventHandlers<Ctx, Added, C extends AnyContract> = {
  readonly [Name in keyof C['events']['toServer']]: (
    args: Extended<EventArgs<Name, Ctx, C>, Added>,
  ) => C['events']['toServer'][Name]['~answer']
}
export type ExtendedRoomsHandlers<Ctx, Added, C extends AnyContract> = {
  readonly [Name in keyof C['rooms']]: ExtendedRoomHandlers<Name, Ctx, Added, C>
}

export interface ExtendedRoomHandlers<Name extends keyof C['rooms'], Ctx, Added, C extends AnyContract> {
  readonly authorize?: ((args: Extended<AuthorizeArgs<Name, Ctx, C>, Added>) => MaybePromise<boolean>) | undefined
  readonly presence?: PresenceOptions<Name, Ctx, C> | undefined
  readonly events?: ExtendedRoomEventHandlers<Name, Ctx, Added, C> | undefined
  readonly history?: ExtendedHistoryRule<Name, Ctx, Added, C> | undefined
}

export type ExtendedRoomEventHandlers<Name extends keyof C['rooms'], Ctx, Added, C extends AnyContract> = {
  readonly [Event in keyof C['rooms'][Name]['events']['toServer']]?:
    | ((
        args: Extended<RoomEventArgs<Event, Name, Ctx, C>, Added>,
      ) => C['rooms'][Name]['events']['toServer'][Event]['~answer'])
    | undefined
}

export interface ExtendedHistoryRule<Name extends keyof C['rooms'], Ctx, Added, C extends AnyContract> extends Omit<
  RoomHistoryRule<Name, Ctx, C>,
  'authorize'
> {
  readonly authorize?: ((args: Extended<AuthorizeArgs<Name, Ctx, C>, Added>) => MaybePromise<boolean>) | undefined
}

/**
 * What `server.middleware(…)` gives. Each member takes handlers whose `ctx` has what the middleware adds, and gives them
 * as `implement` takes them: `procedures: { ...admin.procedures({ … }) }`.
 */
export interface Middleware<Ctx, Added, C extends AnyContract> {
  readonly procedures: <Name extends keyof C['procedures']>(
    handlers: Pick<ExtendedProcedureHandlers<Ctx, Added, C>, Name>,
  ) => Pick<ProcedureHandlers<unknown, C>, Name>
  readonly streams: <Name extends keyof C['streams']>(
    handlers: Pick<ExtendedStreamHandlers<Ctx, Added, C>, Name>,
  ) => Pick<StreamHandlers<unknown, C>, Name>
  readonly events: <Name extends keyof C['events']['toServer']>(
    handlers: Pick<ExtendedEventHandlers<Ctx, Added, C>, Name>,
  ) => Pick<EventHandlers<unknown, C>, Name>
  readonly rooms: <Name extends keyof C['rooms']>(
    handlers: Pick<ExtendedRoomsHandlers<Ctx, Added, C>, Name>,
  ) => Pick<RoomsHandlers<unknown, C>, Name>
  /** Another one within it, which gets what it adds, and adds to that. */
  readonly middleware: <More extends object = {}>(
    run: (args: Extended<MiddlewareArgs<Ctx, C>, Added>) => MaybePromise<Passed<More> | Answered>,
  ) => Middleware<Ctx, Added & More, C>
}
