import type { TypewireError } from '../errors/typewire-error.ts'
import type { Store } from '../util/store.ts'
import type { Events } from './definitions.ts'
import type { CallOptions } from './verbs.ts'

export type Emits<E extends Events> = { readonly [Name in keyof E]: E[Name]['~emit'] }
export type Acks<E extends Events> = { readonly [Name in keyof E]: E[Name]['~emitWithAck'] }
export type MemberAcks<E extends Events> = { readonly [Name in keyof E]: E[Name]['~emitToMembers'] }
export type Ons<E extends Events> = { readonly [Name in keyof E]: E[Name]['~on'] }

/** `signal` gives the join up; `timeoutMs` bounds the wait for the server's answer, each time it is asked. */
export interface JoinOptions extends CallOptions {}

export type Join<Params, ToServer extends Events, ToClient extends Events> = (
  params: Params,
  options?: JoinOptions,
) => RoomHandle<ToServer, ToClient>

/** What one may do with a room: hear its events, send into it. */
export interface RoomVerbs<ToServer extends Events, ToClient extends Events> {
  readonly on: Ons<ToClient>
  readonly emit: Emits<ToServer>
  readonly emitWithAck: Acks<ToServer>
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
export interface RoomHandle<ToServer extends Events, ToClient extends Events>
  extends RoomVerbs<ToServer, ToClient>, Disposable {
  readonly status: Store<RoomStatus>
  /** Resolves when first joined; rejects when denied or left before. Never an unhandled rejection. */
  readonly ready: Promise<void>
  /** Gives the handle back. The server hears of it when the last handle of the room is given back. */
  readonly leave: () => void
}

/** A room as the server's code holds it. An instance that has no members is nobody: emitting to it does nothing. */
export interface RoomRef<ToClient extends Events> {
  /** The room's kind, as the contract names it. */
  readonly kind: string
  /** The instance's canonical identity: its kind and its params. */
  readonly key: string
  readonly emit: Emits<ToClient>
  /** One result per member, in no particular order; settles at the latest at the time limit (default 30 s). */
  readonly emitWithAck: MemberAcks<ToClient>
  /** The same room without these sessions. */
  readonly except: (...sessions: readonly { readonly id: string }[]) => RoomRef<ToClient>
}
