import type { AnyContract } from '@typewire/core'

// The types of a caller, from its contract: as a client has them.

/** The procedures of a contract, to be called. */
export type CallVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['procedures']]: C['procedures'][Name]['~verb']
}
/** The same, which never reject. */
export type TryVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['procedures']]: C['procedures'][Name]['~try']
}

export type StreamVerbs<C extends AnyContract> = { readonly [Name in keyof C['streams']]: C['streams'][Name]['~verb'] }
export type CallerEmitVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toServer']]: C['events']['toServer'][Name]['~emit']
}
export type CallerAckVerbs<C extends AnyContract> = {
  readonly [Name in keyof C['events']['toServer']]: C['events']['toServer'][Name]['~emitWithAck']
}

/** Does what a client of this server does, without a network: calls, streams and events. */
export interface Caller<C extends AnyContract> {
  /** Calls a procedure: resolves to its output, rejects with a `TypewireError`. Never throws at once. */
  readonly call: CallVerbs<C>
  /** Calls a procedure and settles to `{ ok: true, data }` or `{ ok: false, error }`. */
  readonly try: TryVerbs<C>
  /** Opens a stream at its first `next()`. @throws RangeError for a time limit that is none. */
  readonly stream: StreamVerbs<C>
  /** Runs the handler of an event; what goes wrong is told to `onError`. @throws TypewireError `INVALID_INPUT` for what cannot travel. */
  readonly emit: CallerEmitVerbs<C>
  /** The same, and resolves to the ack. */
  readonly emitWithAck: CallerAckVerbs<C>
}
