/** Who is in a room, as the room's members see it. `current` of a store of it is replaced, never mutated. */
export interface Presence<Data> {
  /** In the order in which they came. Empty where only the count is told. */
  readonly members: readonly PresenceMember<Data>[]
  /** How many members there are. Several sessions of one identity are one. */
  readonly count: number
  /** The room tells the count alone: it is of such a kind, or has grown too large. */
  readonly isCountOnly: boolean
}

export interface PresenceMember<Data> {
  /** The identity; the session's id where that is `null`. */
  readonly id: string
  /** What each of its sessions says of itself, or the server of it: two tabs are two. */
  readonly entries: readonly PresenceEntry<Data>[]
}

export interface PresenceEntry<Data> {
  readonly sessionId: string
  readonly data: Data
}

/** A room of which nothing is known. */
export const nobodyPresent: Presence<never> = Object.freeze({ members: [], count: 0, isCountOnly: false })
