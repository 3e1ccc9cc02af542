import { type MaybePromise, TypewireError } from '@typewire/core'
import { encodeWithoutBytes, frames, isPromiseLike } from '@typewire/core/internal'
import { keysOf } from '../delivery.ts'
import type { Namespace } from '../namespace.ts'
import type { PeerSession } from '../peer-session.ts'
import type { ShownPresence } from './read-presence.ts'
import type { Room } from './room.ts'
import type { RoomIdentity, Rooms } from './rooms.ts'
import type { SessionPresence } from './session-presence.ts'

/** As long as a text element of a frame may be (FR-4). */
const maxReasonLength = 1_024

const hasLeft = ({ origin }: { readonly origin: string }) =>
  new TypewireError('SESSION_LOST', `${origin}: the session has left the room.`, { origin })

/** Who holds a membership. It ends when nobody does. */
interface Membership {
  /** The ids of the joins that the client has made and not taken back: it may give the same room by several params. */
  readonly byClient: Set<number>
  byServer: boolean
}

/** The rooms that a session is a member of. */
export class Memberships {
  readonly #session: PeerSession
  readonly #rooms: Rooms
  /** What the session says of itself in its rooms. */
  readonly presence: SessionPresence
  readonly #memberships = new Map<Room, Membership>()
  readonly #byNumber = new Map<number, Room>()
  readonly #byJoin = new Map<number, Room>()
  /** Joins that are under way, and how each is refused. */
  readonly #entering = new Map<Room, Set<(reason: string) => void>>()
  /** Clients that wait to be joined by server code, by the key of the room (RM-8). */
  readonly #waiting = new Map<string, Set<(room: Room) => void>>()

  constructor(session: PeerSession, rooms: Rooms, presence: SessionPresence) {
    this.#session = session
    this.presence = presence
    this.#rooms = rooms
  }

  /** How much is kept account of: rooms, joins, and what waits for either. */
  get size(): number {
    const [rooms, waiting] = [this.#memberships.size + this.#byNumber.size, this.#entering.size + this.#waiting.size]
    return rooms + this.#byJoin.size + waiting
  }

  /** How many joins the client has made and not taken back. */
  get joins(): number {
    return this.#byJoin.size
  }

  /** The room of this number, if the session is a member. */
  byNumber(number: number): Room | undefined {
    return this.#byNumber.get(number)
  }

  /**
   * Somebody asks to let the session in. Until the function that it returns is called, server code that ends the membership
   * refuses the join too: its word is the last (RM-7).
   */
  beginJoin(room: Room, refuse: (reason: string) => void): () => void {
    const entering = this.#entering.get(room) ?? new Set()
    this.#entering.set(room, entering.add(refuse))
    room.joining.add(this.#session)
    return () => {
      entering.delete(refuse)
      if (entering.size > 0) return
      this.#entering.delete(room)
      room.joining.delete(this.#session)
    }
  }

  /** `join`: the id of the call that asked for it. The room has opened. */
  joinByClient(room: Room, join: number): void {
    this.#join(room)?.byClient.add(join)
    this.#byJoin.set(join, room)
  }

  /**
   * Resolves when the session is a member, or is not to be one any more. `show` gives what members are to be shown of it;
   * where it fails the session is no member.
   */
  async joinByServer(identity: RoomIdentity, show?: () => MaybePromise<ShownPresence>): Promise<void> {
    if (this.#session.isEnded) return
    const word = this.presence.nextWord()
    const room = this.#rooms.enter(identity)
    let isRefused = false
    const end = this.beginJoin(room, () => (isRefused = true))
    try {
      if (room.opened) await room.opened
      let shown = show?.()
      if (isPromiseLike(shown)) shown = await shown
      if (isRefused) return
      const membership = this.#join(room)
      if (!membership) return
      if (!membership.byServer) this.#tellJoined(room)
      membership.byServer = true
      if (shown !== undefined) this.presence.enter(room, shown, word)
      this.#tellWaiting(room)
    } finally {
      end()
      this.#rooms.exit(room)
    }
  }

  #join(room: Room): Membership | undefined {
    if (this.#session.isEnded) return undefined
    let membership = this.#memberships.get(room)
    if (!membership) {
      this.#memberships.set(room, (membership = { byClient: new Set(), byServer: false }))
      this.#byNumber.set(room.number, room)
      room.members.add(this.#session)
    }
    return membership
  }

  /** The membership of a room: another object each time that it begins. */
  of(room: Room): object | undefined {
    return this.#memberships.get(room)
  }

  /**
   * Calls back when server code has joined the session, at once where it has. Returns how to stop waiting.
   * Server code alone decides of such a room, so the client's part in it is only to hear.
   */
  whenJoinedByServer({ key }: RoomIdentity, run: (room: Room) => void): () => void {
    const room = this.#rooms.find(key)
    if (room && this.#memberships.get(room)?.byServer) {
      run(room)
      return () => {}
    }
    const waiting = this.#waiting.get(key) ?? new Set()
    this.#waiting.set(key, waiting.add(run))
    return () => {
      waiting.delete(run)
      if (waiting.size === 0) this.#waiting.delete(key)
    }
  }

  /** The client takes back the join of this id: by leaving, or by a cancel that has crossed the answer (RM-4). */
  takeBack(join: number): void {
    const room = this.#byJoin.get(join)
    const membership = room && this.#memberships.get(room)
    if (!membership) return
    membership.byClient.delete(join)
    this.#byJoin.delete(join)
    // A membership that server code holds stays.
    if (membership.byClient.size === 0 && !membership.byServer) this.#end(room)
  }

  /** Server code ends the membership, whoever holds it. The client is told (RM-7). */
  leaveByServer(key: string, reason: string): void {
    const room = this.#rooms.find(key)
    if (!room) return
    for (const refuse of [...(this.#entering.get(room) ?? [])]) refuse(reason)
    this.evict(room, reason)
  }

  /** The same for the membership alone: joins that are under way are judged by themselves. */
  evict(room: Room, reason: string): void {
    if (!this.#memberships.has(room)) return
    this.#end(room)
    const said = reason.slice(0, maxReasonLength)
    this.#session.wire.send({ text: JSON.stringify([frames.left.kind, room.number, said]) })
  }

  /** The membership of a room that the session is in by its client's joins alone, which `authorize` has let in. */
  judged(room: Room): object | undefined {
    const membership = this.#memberships.get(room)
    return membership?.byServer === false ? membership : undefined
  }

  get rooms(): readonly Room[] {
    return [...this.#memberships.keys()]
  }

  /**
   * A namespace is closed, and its rooms with it: the client is told of that alone. `isComingBack`: other members see the
   * session until its grace is over.
   */
  endIn(namespace: Namespace, { isComingBack }: { readonly isComingBack: boolean }): void {
    const reason = `its namespace ${namespace.path} was closed`
    for (const [room, refusals] of this.#entering) {
      if (room.kind.namespace === namespace) for (const refuse of [...refusals]) refuse(reason)
    }
    for (const room of [...this.#memberships.keys()]) {
      if (room.kind.namespace !== namespace) continue
      if (isComingBack) this.presence.leave(room, room.presence?.graceMs)
      this.#end(room)
    }
  }

  /** The session is over. */
  endAll(): void {
    this.presence.end()
    for (const room of [...this.#memberships.keys()]) this.#end(room)
    this.#waiting.clear()
  }

  #end(room: Room): void {
    for (const join of this.#memberships.get(room)?.byClient ?? []) this.#byJoin.delete(join)
    this.#memberships.delete(room)
    this.#byNumber.delete(room.number)
    this.#session.wire.settleKeys(keysOf(room.number)) // what comes of it from here on is of another membership (DL-4)
    room.members.delete(this.#session)
    // What it was asked as a member it need not answer any more. A session that is over settles all that it was asked.
    if (!this.#session.isEnded) this.#session.requests.withdrawOf(room, hasLeft)
    room.presence?.forget(this.#session)
    this.presence.leave(room)
    this.#rooms.forgetIfEmpty(room)
  }

  /** The client did not ask, so it is told which room it is (RM-10). */
  #tellJoined({ number, kind, params }: Room): void {
    this.#session.wire.send({ text: `[${frames.joined.kind},${number},"${kind.kind}"${encodeWithoutBytes(params)}]` })
  }

  #tellWaiting(room: Room): void {
    const waiting = this.#waiting.get(room.key)
    this.#waiting.delete(room.key)
    for (const run of waiting ?? []) run(room)
  }
}
