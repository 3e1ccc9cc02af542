import type { TypewireError } from '../errors/typewire-error.ts'
import type { Position } from '../util/position.ts'
import type { Store } from '../util/store.ts'
import type { AnyContract } from './contract.ts'
import type { Unsubscribe } from '../util/unsubscribe.ts'
import type { Presence } from './presence.ts'
import type { CallOptions, On, OnOptions } from './verbs.ts'

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
  ]: C['rooms'][Name]['events']['toClient'][Event]['~emitToRoom']
}
/** The same, volatile: no history keeps it, so it has no key. */
export type VolatileEmitVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toClient']
  ]: C['rooms'][Name]['events']['toClient'][Event]['~emitVolatile']
}
export type MemberAckVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toClient']
  ]: C['rooms'][Name]['events']['toClient'][Event]['~emitToMembers']
}

/** `signal` gives the join up; `timeoutMs` bounds the wait for it. A room that was joined is asked for again without a limit. */
export interface JoinOptions extends CallOptions {
  /**
   * How many of the room's last events to hear first, where it has a history that this client may read. Default 0. A handle
   * of a room that this client is in already hears them as well, and the others do not hear them again: it asks the server
   * by a join of its own, which counts among those that a client may hold.
   */
  readonly last?: number | undefined
}

export interface JoinOptionsOf<Name extends RoomName<C>, C extends AnyContract> extends JoinOptions {
  /** What this client says of itself in the room, for all members to see, unless the server makes something else of it. */
  readonly presence?: C['rooms'][Name]['~present']
}
/** Where the contract asks for `presence`. */
export interface JoinWithPresence<Name extends RoomName<C>, C extends AnyContract> extends JoinOptions {
  /** What this client says of itself in the room, for all members to see, unless the server makes something else of it. */
  readonly presence: C['rooms'][Name]['~present']
}

/** Without params, or with params that may be left out, `client.join.lobby()`. */
export type Join<Name extends RoomName<C>, C extends AnyContract> = undefined extends C['rooms'][Name]['~present']
  ? undefined extends C['rooms'][Name]['~given']
    ? (params?: C['rooms'][Name]['~given'], options?: JoinOptionsOf<Name, C>) => RoomHandle<Name, C>
    : (params: C['rooms'][Name]['~given'], options?: JoinOptionsOf<Name, C>) => RoomHandle<Name, C>
  : (params: C['rooms'][Name]['~given'], options: JoinWithPresence<Name, C>) => RoomHandle<Name, C>

/** What one may do with a room: hear its events, send into it. */
export interface RoomVerbs<Name extends RoomName<C>, C extends AnyContract> {
  readonly on: RoomOnVerbs<Name, C>
  readonly emit: RoomEmitVerbs<Name, C>
  readonly emitWithAck: RoomAckVerbs<Name, C>
}

/** A room that is joined. */
export interface RoomJoined {
  readonly state: 'joined'
  /** After a lost session: whether nothing of the room is missed. */
  readonly recovered?: boolean | undefined
  /**
   * What to give `history` for the page before all that the handle hears, the last events included that it has asked for.
   * Stays what it was where the handle has recovered. `undefined` where the room keeps nothing.
   */
  readonly before?: Position | undefined
}

/**
 * Where a handle stands.
 * `joining`: asked, not answered yet. `joined`: a member. `rejoining`: was a member, the session was lost, asked again; and
 * again later while the server cannot tell (`INTERNAL`, `TIMED_OUT`, `OVERLOADED`).
 * `denied`: the server did not let it in, now or when it asked again, or has not answered the first time (`TIMED_OUT`).
 * `left`: it is over; `by` says whose doing that is, `reason` says why. `handle`: `leave()` or the signal (`ABORTED`).
 * `server`: evicted, or the room was closed, in the server's words (`FORBIDDEN`). `client`: the client was closed
 * (`CLOSED`), told not to come back, or is somebody else now (`SESSION_LOST`).
 */
export type RoomStatus =
  | { readonly state: 'joining' | 'rejoining' }
  | RoomJoined
  | { readonly state: 'denied'; readonly reason: TypewireError }
  | { readonly state: 'left'; readonly by: 'handle' | 'server' | 'client'; readonly reason: TypewireError }

/**
 * Why events of a room are missed for good. `noHistory`: the session was lost, and the room keeps nothing, as far as the
 * client has heard. `notKept`: it was lost, and the history does not reach back so far, or holds more than may be sent at
 * once, or server code alone had joined the client to the room: then it recovers nothing. `gap`: the server itself has missed
 * some.
 */
export interface MissedEvents {
  readonly reason: 'noHistory' | 'notKept' | 'gap'
  /**
   * What to give `history` for the last page before what the handle hears from here on: to load anew, without what comes
   * meanwhile. `undefined` where the room keeps nothing, or server code alone has joined the client to it.
   */
  readonly before?: Position | undefined
}

export interface RoomHistoryOptions extends CallOptions {
  /** The most events, from 1 to 1,000. Default 100. Fewer where they are long: a page has 262,144 UTF-16 units at most. */
  readonly limit?: number | undefined
  /** Only what came before this: `before` of the page that was read last, or of `ready`. Default: the newest. */
  readonly before?: Position | undefined
}

/** An event that a room has kept, by its name: `switch (event.name)` tells the type of its `payload`. */
export type RoomHistoryEvent<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [Event in keyof C['rooms'][Name]['events']['toClient']]: {
    readonly name: Event
    readonly payload: C['rooms'][Name]['events']['toClient'][Event]['~payload']
    readonly offset: number
  }
}[keyof C['rooms'][Name]['events']['toClient']]

/** A page of a room's history, the oldest event first. */
export interface RoomHistory<Name extends RoomName<C>, C extends AnyContract> {
  readonly events: readonly RoomHistoryEvent<Name, C>[]
  /** Whether there is an older page. */
  readonly hasMore: boolean
  /** What to give as `before` for the older page. Once the history was forgotten and begun anew, there is none before it. */
  readonly before: Position
}

/** One caller's hold on a room. The client is a member while any handle holds it. */
export interface RoomHandle<Name extends RoomName<C>, C extends AnyContract> extends RoomVerbs<Name, C>, Disposable {
  readonly status: Store<RoomStatus>
  /** Resolves when first joined, to where it stands; rejects when denied or left before. Never an unhandled rejection. */
  readonly ready: Promise<RoomJoined>
  /**
   * Hears that events of the room are missed for good, so that the application must load anew what it shows. With a
   * history that is rare; without one it is so after each lost session.
   */
  readonly onMissed: On<MissedEvents, unknown>
  /**
   * Reads what the room has kept, from the newest on backwards. The client must be a member.
   * @throws TypewireError `FORBIDDEN` where it may not read, or the room keeps nothing.
   */
  readonly history: (options?: RoomHistoryOptions) => Promise<RoomHistory<Name, C>>
  /**
   * Who is in the room, this client too. There when `ready` resolves (but one of more than 64 KB, or what comes by way of
   * another node, may follow), kept up to date while joined, as it was while rejoining, empty when it was left.
   */
  readonly presence: Store<Presence<C['rooms'][Name]['~seen']>>
  /**
   * Says something else of this client, as the join does: in this session and in those that follow it. Resolves when the
   * server has taken it; of several in a short time members may see only the last.
   * @throws TypewireError `INVALID_INPUT`, `FORBIDDEN` when the room was left or the join denied; `INTERNAL`, or what the
   * server's `presence.of` throws.
   */
  readonly setPresence: (data: C['rooms'][Name]['~present']) => Promise<void>
  /** Gives the handle back. The server hears of it when the last handle of the room is given back. */
  readonly leave: () => void
}

/** One of the rooms of a kind: which one it is. */
export interface RoomInstance<Name extends RoomName<C>, C extends AnyContract> {
  /** As the contract's schema gave them at the server. */
  readonly params: C['rooms'][Name]['~params']
}

/** What is heard of all instances of a kind. */
export type KindOnVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [Event in keyof C['rooms'][Name]['events']['toClient']]: OnInstance<
    C['rooms'][Name]['events']['toClient'][Event]['~payload'],
    C['rooms'][Name]['events']['toClient'][Event]['~answer'],
    RoomInstance<Name, C>
  >
}
export type OnInstance<Payload, Answer, Instance> = (
  handler: (payload: Payload, instance: Instance) => Answer,
  options?: OnOptions,
) => Unsubscribe

/** All rooms of a kind that a client is in, by its own joins or by the server's. */
export interface RoomKind<Name extends RoomName<C>, C extends AnyContract> {
  /** Hears an event of every instance, also of those that are joined later. What the handler returns is the ack. */
  readonly on: KindOnVerbs<Name, C>
  /** Hears that events of an instance are missed for good: of one that server code joins, once it has joined it again. */
  readonly onMissed: OnInstance<MissedEvents, unknown, RoomInstance<Name, C>>
  /** The instances that the client is in at the moment. Empty while a lost session is not made good. */
  readonly instances: Store<readonly RoomInstance<Name, C>[]>
}

/** A member, as any server process sees it. */
export interface RoomMember {
  readonly sessionId: string
  /** What `authenticate` gave. */
  readonly identity: string | null
}

/** Which members are meant: one session, or all sessions of an identity. */
export type MemberChoice = { readonly id: string } | { readonly identity: string }

/** What the server sends to the members of one room, or of several. */
export interface Audience<Name extends RoomName<C>, C extends AnyContract> {
  readonly emit: MemberEmitVerbs<Name, C>
  /**
   * One result per member, in no particular order; settles at the latest at the time limit (default 30 s). Of the members of
   * a server process that dies meanwhile there are none, as soon as the broker has found out.
   */
  readonly emitWithAck: MemberAckVerbs<Name, C>
  /** The same, with events that are volatile, whatever they declare. Those that ask for acks are not. */
  readonly volatile: VolatileAudience<Name, C>
  /** The same without these sessions. */
  readonly except: (...sessions: readonly { readonly id: string }[]) => Audience<Name, C>
}

/** An audience whose events are volatile. No history keeps them, so they have no key. */
export interface VolatileAudience<Name extends RoomName<C>, C extends AnyContract> {
  readonly emit: VolatileEmitVerbs<Name, C>
  readonly emitWithAck: MemberAckVerbs<Name, C>
  readonly volatile: VolatileAudience<Name, C>
  readonly except: (...sessions: readonly { readonly id: string }[]) => VolatileAudience<Name, C>
}

/**
 * A room as the server's code holds it, on any node. An instance that has no members is nobody: emitting to it does nothing.
 * What it does to members takes effect where it stands among the room's events, and resolves when every node has done it.
 */
export interface RoomRef<Name extends RoomName<C>, C extends AnyContract>
  extends Audience<Name, C>, RoomMembers<Name, C> {
  /** Its name in the contract it is of, in types alone. */
  readonly '~name'?: Name | undefined
  /** The same room, with events that are volatile, whatever they declare. Those that ask for acks are not. */
  readonly volatile: VolatileRoomRef<Name, C>
  /** The same room without these sessions, for all that can be done with it. */
  readonly except: (...sessions: readonly { readonly id: string }[]) => RoomRef<Name, C>
  /** This room and others of its kind, as one audience: who is in several of them gets an event once. */
  readonly and: (...rooms: readonly RoomRef<Name, C>[]) => Audience<Name, C>
}

/** The same, with events that are volatile. */
export interface VolatileRoomRef<Name extends RoomName<C>, C extends AnyContract>
  extends VolatileAudience<Name, C>, RoomMembers<Name, C> {
  /** Its name in the contract it is of, in types alone. */
  readonly '~name'?: Name | undefined
  readonly volatile: VolatileRoomRef<Name, C>
  readonly except: (...sessions: readonly { readonly id: string }[]) => VolatileRoomRef<Name, C>
  readonly and: (...rooms: readonly VolatileRoomRef<Name, C>[]) => VolatileAudience<Name, C>
}

/** Which room it is, who is in it, and what is done to them. */
export interface RoomMembers<Name extends RoomName<C>, C extends AnyContract> {
  /** The room's kind, as the contract names it. */
  readonly kind: string
  /** The instance's canonical identity: its kind and its params. */
  readonly key: string
  readonly '~present'?: C['rooms'][Name]['~present']
  /** Who is in the room, on whatever node. */
  readonly presence: () => Promise<Presence<C['rooms'][Name]['~seen']>>
  /**
   * The members at the moment, on all nodes.
   * @throws TypewireError `TIMED_OUT` when a node has not answered: never a part of them.
   */
  readonly members: () => Promise<readonly RoomMember[]>
  /**
   * Ends memberships, whoever began them, and refuses joins that are under way. The clients are told the reason.
   * They may join again if `authorize` lets them.
   * @throws TypewireError `TIMED_OUT` when a node has not answered.
   */
  readonly evict: (who: MemberChoice, reason?: string) => Promise<void>
  /** The same for all members. The room is as if nobody had ever joined: it can be joined again at once. */
  readonly close: (reason?: string) => Promise<void>
  /**
   * Runs `authorize` again for members that have joined by themselves, all or some, and evicts those that it does not let
   * in. Members that server code holds are not asked about.
   * @throws TypewireError `INTERNAL` when `authorize` failed for some: these stay, and `onError` of their node has why.
   * `TIMED_OUT` when a node has not answered.
   */
  readonly reauthorize: (who?: MemberChoice) => Promise<void>
}
