import type { Deadline } from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import type { Room } from './room.ts'

/** How often a session may say something else of itself, in all rooms together: 20 times a second (PR-5). */
export const updateEveryMs = 50

/**
 * What a session says of itself, by room. While it has no connection the broker is told that it goes when its grace is
 * over, and that it stays when it comes back; so that is kept also where the session or this node is gone by then.
 */
export class SessionPresence {
  readonly #session: PeerSession
  readonly #node: ServerNode
  readonly #payloads = new Map<Room, string>()
  /** Rooms in which it says something that the broker has not been told. Of several words in one only the last is. */
  readonly #unsaid = new Set<Room>()
  #isAway = false
  #quietUntilMs = 0
  #deadline: Deadline | undefined

  constructor(session: PeerSession, node: ServerNode) {
    this.#session = session
    this.#node = node
  }

  has(room: Room): boolean {
    return this.#payloads.has(room)
  }

  /** The session has become a member. */
  enter(room: Room, given: string): void {
    const payload = room.presence?.showsData ? given : ''
    if (this.#payloads.has(room)) return this.update(room, given) // by another join of the same
    this.#payloads.set(room, payload)
    this.#say(room)
  }

  /** It says something else, as often as it likes; the broker is told only so often. */
  update(room: Room, given: string): void {
    const payload = room.presence?.showsData ? given : ''
    if (this.#payloads.get(room) === payload) return
    this.#payloads.set(room, payload)
    this.#unsaid.add(room)
    if (!this.#deadline) this.#sayNext()
  }

  /** It is no member any more: seen at once, or after a grace where it may come back. */
  leave(room: Room, graceMs = 0): void {
    if (!this.#payloads.delete(room)) return
    this.#unsaid.delete(room)
    this.#node.bus.removePresence(room.key, this.#session.id, graceMs)
  }

  /** Its client has gone in order, and is not coming back: members see it at once. */
  leaveAll(): void {
    for (const room of [...this.#payloads.keys()]) this.leave(room)
  }

  /** The connection is gone: members see the session until its grace is over (PR-4). */
  onAway(): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#stopSaying()
    for (const room of this.#payloads.keys()) {
      this.#node.bus.removePresence(room.key, this.#session.id, room.presence?.graceMs ?? 0)
    }
  }

  /** It has a connection again. */
  onBack(): void {
    if (!this.#isAway) return
    this.#isAway = false
    for (const room of this.#payloads.keys()) this.#say(room)
  }

  /** The session is over; what it has said stays for its grace. */
  end(): void {
    this.onAway()
    this.#payloads.clear()
  }

  #say(room: Room): void {
    this.#unsaid.delete(room)
    if (this.#isAway) return
    const { id: sessionId, instance, attempt } = this.#session
    const { identity } = this.#session.accesses.get(room.kind.namespace)!
    const payload = this.#payloads.get(room)
    if (payload !== undefined) this.#node.bus.setPresence(room.key, { sessionId, identity, instance, attempt, payload })
  }

  #sayNext(): void {
    this.#deadline = undefined
    if (this.#isAway) return // said when it is back
    const [room] = this.#unsaid
    if (!room) return
    const now = this.#node.settings.clock.now()
    if (now >= this.#quietUntilMs) {
      this.#quietUntilMs = now + updateEveryMs
      this.#say(room)
    }
    if (this.#unsaid.size > 0) {
      this.#deadline = this.#node.deadlines.set(this.#quietUntilMs - now, () => this.#sayNext())
    }
  }

  #stopSaying(): void {
    this.#deadline?.cancel()
    this.#deadline = undefined
    this.#unsaid.clear()
  }
}
