import type { TypewireError } from '../errors/typewire-error.ts'
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
export type MemberAckVerbs<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [
    Event in keyof C['rooms'][Name]['events']['toClient']
  ]: C['rooms'][Name]['events']['toClient'][Event]['~emitToMembers']
}

/** `signal` gives the join up; `timeoutMs` bounds the wait for the server's answer, each time it is asked. */
export interface JoinOptions extends CallOptions {
  /**
   * How many of the room's last events to hear first, where it has a history that this client may read. Default 0. Counts
   * for the handle that begins the membership.
   */
  readonly last?: number | undefined
}

export interface JoinOptionsOf<Name extends RoomName<C>, C extends AnyContract> extends JoinOptions {
  /** What this client says of itself in the room, for all members to see. */
  readonly presence?: C['rooms'][Name]['~present']
}
/** Where the contract asks for `presence`. */
export interface JoinWithPresence<Name extends RoomName<C>, C extends AnyContract> extends JoinOptions {
  /** What this client says of itself in the room, for all members to see. */
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

/**
 * Where a handle stands.
 * `joining`: asked, not answered yet. `joined`: a member. `rejoining`: was a member, the session was lost, asked again.
 * `recovered`, after a lost session: whether nothing of the room is missed.
 * `denied`: the server did not let it in, now or when it asked again, or has not answered in time (`TIMED_OUT`).
 * `left`: it is over; `by` says whose doing that is, `reason` says why. `handle`: `leave()` or the signal (`ABORTED`).
 * `server`: evicted, or the room was closed, in the server's words (`FORBIDDEN`). `client`: the client was closed
 * (`CLOSED`), told not to come back, or is somebody else now (`SESSION_LOST`).
 */
export type RoomStatus =
  | { readonly state: 'joining' | 'rejoining' }
  | { readonly state: 'joined'; readonly recovered?: boolean | undefined }
  | { readonly state: 'denied'; readonly reason: TypewireError }
  | { readonly state: 'left'; readonly by: 'handle' | 'server' | 'client'; readonly reason: TypewireError }

/**
 * Why events of a room are missed for good. `noHistory`: the session was lost, and the room keeps nothing. `notKept`: it
 * was lost, and the history does not reach back so far, or holds more than may be sent at once. `gap`: the server itself
 * has missed some.
 */
export interface MissedEvents {
  readonly reason: 'noHistory' | 'notKept' | 'gap'
}

export interface RoomHistoryOptions extends CallOptions {
  /** The most events, up to 1,000. Default 100. Fewer where they are long: a page has 262,144 UTF-16 units at most. */
  readonly limit?: number | undefined
  /** Only what came before this offset: `before` of the page that was read last. Default: the newest. */
  readonly before?: number | undefined
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
  /** What to give as `before` for the older page. */
  readonly before: number
}

/** One caller's hold on a room. The client is a member while any handle holds it. */
export interface RoomHandle<Name extends RoomName<C>, C extends AnyContract> extends RoomVerbs<Name, C>, Disposable {
  readonly status: Store<RoomStatus>
  /** Resolves when first joined; rejects when denied or left before. Never an unhandled rejection. */
  readonly ready: Promise<void>
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
   * Says something else of this client, for all members to see: in this session and in those that follow it. Resolves
   * when the server has taken it; of several in a short time members may see only the last.
   * @throws TypewireError `INVALID_INPUT`, `FORBIDDEN` when the room was left or the join denied.
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
  /** One result per member, in no particular order; settles at the latest at the time limit (default 30 s). */
  readonly emitWithAck: MemberAckVerbs<Name, C>
  /** The same, with events that are volatile, whatever they declare. Those that ask for acks are not. */
  readonly volatile: Audience<Name, C>
  /** The same without these sessions. */
  readonly except: (...sessions: readonly { readonly id: string }[]) => Audience<Name, C>
}

/**
 * A room as the server's code holds it, on any node. An instance that has no members is nobody: emitting to it does nothing.
 * What it does to members takes effect where it stands among the room's events, and resolves when every node has done it.
 */
export interface RoomRef<Name extends RoomName<C>, C extends AnyContract> extends Audience<Name, C> {
  /** Its name in the contract it is of, in types alone. */
  readonly '~name'?: Name | undefined
  /** The room's kind, as the contract names it. */
  readonly kind: string
  /** The instance's canonical identity: its kind and its params. */
  readonly key: string
  readonly '~present'?: C['rooms'][Name]['~present']
  /** Who is in the room, on whatever node. */
  readonly presence: () => Promise<Presence<C['rooms'][Name]['~seen']>>
  /** The same room, with events that are volatile, whatever they declare. Those that ask for acks are not. */
  readonly volatile: RoomRef<Name, C>
  /** The same room without these sessions, for all that can be done with it. */
  readonly except: (...sessions: readonly { readonly id: string }[]) => RoomRef<Name, C>
  /** This room and others of its kind, as one audience: who is in several of them gets an event once. */
  readonly and: (...rooms: readonly RoomRef<Name, C>[]) => Audience<Name, C>
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
