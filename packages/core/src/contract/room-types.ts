import type { TypewireError } from '../errors/typewire-error.ts'
import type { Store } from '../util/store.ts'
import type { AnyContract } from './contract.ts'
import type { CallOptions } from './verbs.ts'

// Parametrised by the name of the room and the whole contract, so that hovers and errors speak of `RoomHandle<"chat", Chat>`.

type RoomName<C extends AnyContract> = keyof C['rooms']

/** What members hear of a room. */
export type RoomOnVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [Event in keyof C['rooms'][Name]['events']['toClient']]: C['rooms'][Name]['events']['toClient'][Event]['~on']
}
/** What members send into a room. */
export type RoomEmitVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toServer']
  ]: C['rooms'][Name]['events']['toServer'][Event]['~send']
}
export type RoomAckVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toServer']
  ]: C['rooms'][Name]['events']['toServer'][Event]['~emitWithAck']
}
/** What the server sends to the members of a room. */
export type MemberEmitVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toClient']
  ]: C['rooms'][Name]['events']['toClient'][Event]['~emit']
}
export type MemberAckVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toClient']
  ]: C['rooms'][Name]['events']['toClient'][Event]['~emitToMembers']
}

/** `signal` gives the join up; `timeoutMs` bounds the wait for the server's answer, each time it is asked. */
export interface JoinOptions extends CallOptions {}

/** Without params, or with params that may be left out, `client.join.lobby()`. */
export type Join<Name extends RoomName<C>, C extends AnyContract> = undefined extends C['rooms'][Name]['~given']
  ? (params?: C['rooms'][Name]['~given'], options?: JoinOptions) => RoomHandle<Name, C>
  : (params: C['rooms'][Name]['~given'], options?: JoinOptions) => RoomHandle<Name, C>

/** What one may do with a room: hear its events, send into it. */
export interface RoomVerbs<Name extends RoomName<C>, C extends AnyContract> {
  readonly on: RoomOnVerbs<Name, C>
  readonly emit: RoomEmitVerbs<Name, C>
  readonly emitWithAck: RoomAckVerbs<Name, C>
}

/**
 * Where a handle stands.
 * `joining`: asked, not answered yet. `joined`: a member. `rejoining`: was a member, the session was lost, asked again.
 * `denied`: refused, evicted or timed out; `reason` says why. `left`: by `leave()`, abort or the client's end.
 */
export type RoomStatus =
  | { readonly state: 'joining' | 'joined' | 'rejoining' | 'left' }
  | { readonly state: 'denied'; readonly reason: TypewireError }

/** One caller's hold on a room. The client is a member while any handle holds it. */
export interface RoomHandle<Name extends RoomName<C>, C extends AnyContract> extends RoomVerbs<Name, C>, Disposable {
  readonly status: Store<RoomStatus>
  /** Resolves when first joined; rejects when denied or left before. Never an unhandled rejection. */
  readonly ready: Promise<void>
  /** Gives the handle back. The server hears of it when the last handle of the room is given back. */
  readonly leave: () => void
}

/** A room as the server's code holds it. An instance that has no members is nobody: emitting to it does nothing. */
export interface RoomRef<Name extends RoomName<C>, C extends AnyContract> {
  /** The room's kind, as the contract names it. */
  readonly kind: string
  /** The instance's canonical identity: its kind and its params. */
  readonly key: string
  readonly emit: MemberEmitVerbs<Name, C>
  /** One result per member, in no particular order; settles at the latest at the time limit (default 30 s). */
  readonly emitWithAck: MemberAckVerbs<Name, C>
  /** The same room, with events that are volatile, whatever they declare. Those that ask for acks are not. */
  readonly volatile: RoomRef<Name, C>
  /** The same room without these sessions. */
  readonly except: (...sessions: readonly { readonly id: string }[]) => RoomRef<Name, C>
}
