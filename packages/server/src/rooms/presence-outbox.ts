import type { PeerSession } from '../peer-session.ts'

/** As it stands in a frame: that of a session, or the id of one that is gone. */
export type WireChange = readonly unknown[] | string

/** What members are to be told, taken out of the outbox: what comes meanwhile is for the next time. */
export interface Parcel {
  /** More than a list may be: they get the list in its place. */
  readonly isAnew: boolean
  readonly changes: readonly WireChange[]
  /** From which of the changes on a session is told: it has those before. */
  readonly from: (session: PeerSession) => number
}

/** Gathers what members of a room are to be told of presence at the end of the turn. */
export class PresenceOutbox {
  readonly #maxLength: number
  #changes: WireChange[] = []
  #length = 0
  #isAnew = false
  /** Where in the changes the last word of a session stands, if it is not gone. */
  #lastWord = new Map<string, number>()
  /** Those who were shown the list since the first of the changes, and how many of them were in it. */
  #shown = new Map<PeerSession, number>()
  /** The changes before this one are in the list of somebody, so they must stay as they are. */
  #fixed = 0

  /** `maxLength`: of changes, in UTF-16 units; beyond it the list is shorter. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  /** A session says something, `isNew`: for the first time since it came. */
  set(sessionId: string, change: WireChange, { length, isNew }: { readonly length: number; readonly isNew: boolean }) {
    const at = isNew ? undefined : this.#lastWord.get(sessionId)
    // A later word takes the place of an earlier one, unless somebody has that already.
    if (at !== undefined && at >= this.#fixed) this.#changes[at] = change
    else if (this.#push(change, length)) this.#lastWord.set(sessionId, this.#changes.length - 1)
  }

  remove(sessionId: string): void {
    this.#lastWord.delete(sessionId)
    this.#push(sessionId, sessionId.length)
  }

  /** The session was shown the list as it is now: it is told what comes from here on. */
  onShown(session: PeerSession): void {
    this.#fixed = this.#changes.length
    if (this.#fixed > 0) this.#shown.set(session, this.#fixed)
  }

  /** All are to be shown everything anew, whatever was gathered. */
  reset(): void {
    this.#empty()
    this.#isAnew = true
  }

  take(): Parcel {
    const [isAnew, changes, shown] = [this.#isAnew, this.#changes, this.#shown]
    this.#empty()
    return { isAnew, changes, from: (session) => shown.get(session) ?? 0 }
  }

  #push(change: WireChange, length: number): boolean {
    if (this.#isAnew) return false
    this.#changes.push(change)
    this.#length += length
    if (this.#length <= this.#maxLength) return true
    this.reset()
    return false
  }

  #empty(): void {
    this.#isAnew = false
    this.#changes = []
    this.#length = 0
    this.#lastWord = new Map()
    this.#shown = new Map()
    this.#fixed = 0
  }
}
