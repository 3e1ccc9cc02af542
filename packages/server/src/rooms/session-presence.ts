import type { Deadline } from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import type { Said, ShownPresence } from './read-presence.ts'
import type { Room } from './room.ts'

/** How often a session may say something else of itself, in all rooms together: 20 times a second (PR-5). */
export const updateEveryMs = 50

/** What members are shown of a session in one room. */
interface Word {
  readonly number: number
  /** As it stands in a frame. */
  readonly payload: string
  /** What it was made of, where it is made anew by other credentials. */
  readonly said: Said | undefined
}

/**
 * What members are shown of a session, by room. While it has no connection the broker is told that it goes when its grace is
 * over, and that it stays when it comes back; so that is kept also where the session or this node is gone by then.
 */
export class SessionPresence {
  readonly #session: PeerSession
  readonly #node: ServerNode
  readonly #words = new Map<Room, Word>()
  /** Rooms in which it says something that the broker has not been told. Of several words in one only the last is. */
  readonly #unsaid = new Set<Room>()
  #lastWord = 0
  #isAway = false
  #quietUntilMs = 0
  #deadline: Deadline | undefined

  constructor(session: PeerSession, node: ServerNode) {
    this.#session = session
    this.#node = node
  }

  has(room: Room): boolean {
    return this.#words.has(room)
  }

  /** Something is said of it. Gives the number by which it counts, however long it takes until it can be shown. */
  nextWord(): number {
    return ++this.#lastWord
  }

  /** The session has become a member. */
  enter(room: Room, given: ShownPresence, number: number): void {
    if (this.#words.has(room)) return this.update(room, given, number) // by another join of the same
    this.#words.set(room, wordOf(room, given, number))
    this.#say(room)
  }

  /** It says something else, as often as it likes; the broker is told only so often. */
  update(room: Room, given: ShownPresence, number: number): void {
    const before = this.#words.get(room)
    if (before && before.number > number) return // what was said later was shown sooner (PR-10)
    const word = wordOf(room, given, number)
    this.#words.set(room, word)
    if (before?.payload === word.payload) return
    this.#unsaid.add(room)
    if (!this.#deadline) this.#sayNext()
  }

  /** What is made anew by other credentials: what was said, and how to show what is made of it, unless it has said more since. */
  toRemake(room: Room): { readonly said: Said; readonly show: (made: ShownPresence) => void } | undefined {
    const word = this.#words.get(room)
    if (!word?.said) return undefined
    const show = (made: ShownPresence) => {
      if (this.#words.get(room) === word) this.update(room, made, word.number)
    }
    return { said: word.said, show }
  }

  /** It is no member any more: seen at once, or after a grace where it may come back. */
  leave(room: Room, graceMs = 0): void {
    if (!this.#words.delete(room)) return
    this.#unsaid.delete(room)
    this.#node.bus.removePresence(room.key, this.#session.id, graceMs)
  }

  /** Its client has gone in order, and is not coming back: members see it at once. */
  leaveAll(): void {
    for (const room of [...this.#words.keys()]) this.leave(room)
  }

  /** The connection is gone: members see the session until its grace is over (PR-4). */
  onAway(): void {
    if (this.#isAway) return
    this.#isAway = true
    this.#stopSaying()
    for (const room of this.#words.keys()) {
      this.#node.bus.removePresence(room.key, this.#session.id, room.presence?.graceMs ?? 0)
    }
  }

  /** It has a connection again. */
  onBack(): void {
    if (!this.#isAway) return
    this.#isAway = false
    for (const room of this.#words.keys()) this.#say(room)
  }

  /** The session is over; what it has said stays for its grace. */
  end(): void {
    this.onAway()
    this.#words.clear()
  }

  #say(room: Room): void {
    this.#unsaid.delete(room)
    if (this.#isAway) return
    const { id: sessionId, instance, attempt } = this.#session
    const { identity } = this.#session.accesses.get(room.kind.namespace)!
    const payload = this.#words.get(room)?.payload
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

function wordOf(room: Room, { text, said }: ShownPresence, number: number): Word {
  return { number, payload: room.presence?.showsData ? text : '', said }
}
