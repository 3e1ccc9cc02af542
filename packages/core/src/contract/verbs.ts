import type { Delivery } from './definitions.ts'
import type { TypewireError } from '../errors/typewire-error.ts'
import type { CallErrorCode } from '../errors/codes.ts'
import type { MaybePromise } from '../util/types.ts'
import type { Unsubscribe } from '../util/unsubscribe.ts'

// The verbs, as callers see them. Function *types*, not interfaces with a call signature: then "go to definition"
// has one answer, the contract.

/** Options of everything that waits for an answer. */
export interface CallOptions {
  /** Gives up waiting: rejects with `ABORTED`, and aborts the handler's `signal` at the other end. */
  readonly signal?: AbortSignal | undefined
  /**
   * How long to wait, in milliseconds, before rejecting with `TIMED_OUT`. It travels, and ends the handler too.
   * Without it the time limit of whoever handles the call decides (`timeoutMs` of the procedure or the server).
   */
  readonly timeoutMs?: number | undefined
}

declare const errors: unique symbol
declare const kind: unique symbol

/**
 * Carries a verb's error types. The key is not exported, so it never shows in completions. With `undefined`, else the compiler
 * explains a mismatch by this member.
 */
export interface Fails<Errors> {
  readonly [errors]?: Errors | undefined
}

/** Tells apart what would pass for each other, since a promise of a settled call is a promise. */
interface Kind<Name extends string> {
  readonly [kind]?: Name | undefined
}
type Rejecting = Kind<'client.call.x, which rejects'>
type Settling = Kind<'client.try.x, which never rejects'>

export type Call<In, Out, Errors> = ((input: In, options?: CallOptions) => Promise<Out>) & Fails<Errors> & Rejecting
export type CallNoInput<In, Out, Errors> = ((input?: In, options?: CallOptions) => Promise<Out>) &
  Fails<Errors> &
  Rejecting
export type Try<In, Out, Errors> = ((input: In, options?: CallOptions) => Promise<Settled<Out, Errors>>) &
  Fails<Errors> &
  Settling
export type TryNoInput<In, Out, Errors> = ((input?: In, options?: CallOptions) => Promise<Settled<Out, Errors>>) &
  Fails<Errors> &
  Settling
export type Stream<In, Item, Errors> = ((input: In, options?: CallOptions) => Items<Item>) & Fails<Errors>
export type StreamNoInput<In, Item, Errors> = ((input?: In, options?: CallOptions) => Items<Item>) & Fails<Errors>

/** A stream's items: sent on the first `next()`, read once; leaving the loop ends the handler. */
export interface Items<Item> extends AsyncIterableIterator<Item, void, void>, AsyncDisposable {
  readonly toReadableStream: () => ReadableStream<Item>
}

export type Emit<In> = (payload: In) => void
export type EmitNoPayload<In> = (payload?: In) => void

export interface RoomEmitOptions {
  /**
   * Names the event, for a room with a history: emitted again under the same key, as by a task that is repeated, it is
   * not sent again. Remembered for the history's `ttlMs`; of one room, the last 1,000 keys.
   */
  readonly key?: string | undefined
}

/** Of an event that no history keeps. */
export interface UnkeptEmitOptions {
  readonly key?: undefined
}

export type EmitToRoom<In, Options> = (payload: In, options?: Options) => void
export type EmitToRoomNoPayload<In, Options> = (payload?: In, options?: Options) => void
/** How a client sends an event: what becomes of it while it cannot leave. Events to clients say it in the contract. */
export interface EmitOptions {
  /**
   * `reliable`, the default: it waits for the connection, for as long as `offline` of the client says. `volatile`: it is
   * dropped where it cannot leave at once. `latest`: of those of one `key` that wait only the newest is kept, in the place
   * of the one before.
   */
  readonly delivery?: Delivery | undefined
  /** Which events of this name are about the same, where only the latest counts. Default: all are. */
  readonly key?: string | number | undefined
}
export type Send<In> = (payload: In, options?: EmitOptions) => void
export type SendNoPayload<In> = (payload?: In, options?: EmitOptions) => void
export type EmitWithAck<In, Ack> = (payload: In, options?: CallOptions) => Promise<Ack>
export type EmitWithAckNoPayload<In, Ack> = (payload?: In, options?: CallOptions) => Promise<Ack>

export interface OnOptions {
  /** Unsubscribes when it aborts. */
  readonly signal?: AbortSignal | undefined
  /** Unsubscribes after the first payload. */
  readonly once?: boolean | undefined
}

export type On<Payload, Answer> = (handler: (payload: Payload) => Answer, options?: OnOptions) => Unsubscribe

/** What a handler of an event may give back: anything, unless an ack is declared. */
export type Answer<AckIn> = [AckIn] extends [void] ? unknown : MaybePromise<AckIn>

/** The errors that a call may reject with: Typewire's own, and those its procedure declares. */
export type ErrorsOf<Errors> =
  | TypewireError<CallErrorCode, undefined>
  | { [Code in keyof Errors & string]: TypewireError<Code, Errors[Code]> }[keyof Errors & string]

/** What `client.try.x` settles to. */
export type Settled<Out, Errors> =
  | { readonly ok: true; readonly data: Out }
  | { readonly ok: false; readonly error: ErrorsOf<Errors> }

/** The errors of a verb: `ErrorOf<typeof client.call.send>`. */
export type ErrorOf<Verb> = Verb extends Fails<infer Errors> ? ErrorsOf<Errors> : never
