import type { Publication } from '@typewire/core'
import type { Deadline, Deadlines } from '@typewire/core/internal'
import type { PeerSession } from '../peer-session.ts'

/** How long copies of one publication may be apart on their ways through a broker, in milliseconds. */
const maxApartMs = 30_000
/**
 * How many publications may be under way. Of the one that began first a session may get another copy from then on. Some
 * never come: those of rooms that have had one of the same key.
 */
export const maxUnderWay = 10_000

interface UnderWay {
  /** The ids of the sessions that have got a copy. */
  readonly got: Set<string>
  /** The channels that are open here and whose copy has not come. */
  readonly awaited: Set<string>
  readonly deadline: Deadline
}

/** What is published in several rooms at once comes once per room; here a session gets it once. */
export class Copies {
  readonly #isOpen: (channel: string) => boolean
  readonly #deadlines: Deadlines
  readonly #underWay = new Map<string, UnderWay>()

  constructor(isOpen: (channel: string) => boolean, deadlines: Deadlines) {
    this.#isOpen = isOpen
    this.#deadlines = deadlines
  }

  /** How many publications have come by some of their channels and not yet by all. */
  get size(): number {
    return this.#underWay.size
  }

  /** A copy has come by a channel: which of its members have not got another one, and get this one. */
  take(
    channel: string,
    { id, channels }: NonNullable<Publication['copies']>,
    members: readonly PeerSession[],
  ): readonly PeerSession[] {
    const underWay = this.#underWay.get(id) ?? this.#begin(id, channels)
    const fresh = members.filter((member) => !underWay.got.has(member.id))
    for (const member of fresh) underWay.got.add(member.id)
    underWay.awaited.delete(channel)
    if (underWay.awaited.size === 0) this.#end(id)
    return fresh
  }

  #begin(id: string, channels: readonly string[]): UnderWay {
    const awaited = new Set(channels.filter((channel) => this.#isOpen(channel)))
    // A room that closes meanwhile hears nothing more.
    const deadline = this.#deadlines.set(maxApartMs, () => this.#end(id))
    const underWay = { got: new Set<string>(), awaited, deadline }
    this.#underWay.set(id, underWay)
    if (this.#underWay.size > maxUnderWay) this.#end(this.#underWay.keys().next().value!)
    return underWay
  }

  #end(id: string): void {
    this.#underWay.get(id)?.deadline.cancel()
    this.#underWay.delete(id)
  }
}
