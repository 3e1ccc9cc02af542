import type { PresenceMember } from './presence.ts'

interface Member<Data> {
  readonly key: string
  readonly id: string
  readonly entries: Map<string, Data>
  /** What is shown of it; made anew when it has changed, so that what has not changed is the same object. */
  shown: PresenceMember<Data> | undefined
}

/**
 * Entries by session, gathered by member: all sessions of an identity are one, a session of nobody in particular is one by
 * itself. Members are in the order in which they came, and so are the entries of each. Maps all through: any string is a
 * key like any other.
 */
export class MemberList<Data> {
  readonly #members = new Map<string, Member<Data>>()
  readonly #memberOf = new Map<string, Member<Data>>()

  get memberCount(): number {
    return this.#members.size
  }

  get entryCount(): number {
    return this.#memberOf.size
  }

  get(sessionId: string): Data | undefined {
    return this.#memberOf.get(sessionId)?.entries.get(sessionId)
  }

  /** Adds an entry, or changes it in its place. */
  set(sessionId: string, identity: string | null, data: Data): void {
    let member = this.#memberOf.get(sessionId)
    if (!member) {
      const key = keyOf(sessionId, identity)
      member = this.#members.get(key)
      if (!member) {
        member = { key, id: identity ?? sessionId, entries: new Map(), shown: undefined }
        this.#members.set(key, member)
      }
      this.#memberOf.set(sessionId, member)
    }
    member.entries.set(sessionId, data)
    member.shown = undefined
  }

  delete(sessionId: string): void {
    const member = this.#memberOf.get(sessionId)
    if (!member) return
    this.#memberOf.delete(sessionId)
    member.entries.delete(sessionId)
    member.shown = undefined
    if (member.entries.size === 0) this.#members.delete(member.key)
  }

  /** All entries, by member. */
  *values(): IterableIterator<Data> {
    for (const { entries } of this.#members.values()) yield* entries.values()
  }

  show(): readonly PresenceMember<Data>[] {
    return [...this.#members.values()].map(
      (member) =>
        (member.shown ??= {
          id: member.id,
          entries: [...member.entries].map(([sessionId, data]) => ({ sessionId, data })),
        }),
    )
  }
}

/** An identity may look like the id of a session, and is another member all the same. */
const keyOf = (sessionId: string, identity: string | null) => (identity === null ? `s${sessionId}` : `i${identity}`)
