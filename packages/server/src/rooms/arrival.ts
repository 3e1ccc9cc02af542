import type { HistoryEntry, HistoryPage, HistoryQuery, Position } from '@typewire/core'
import type { Feed } from './feed.ts'

/** What a client asks of a room's history when it joins. */
export interface HistoryWish {
  /** Where it stood in a session that it has lost. */
  readonly since?: Position | undefined
  /** How many of the last events it wants to hear. */
  readonly last?: number | undefined
}

/** What a new member gets: the position behind which it goes on, and what it hears first. */
export interface Arrival {
  readonly position: Position
  readonly entries: readonly HistoryEntry[]
  /** Whether nothing is missed since the position that it gave; `undefined`: it gave none. */
  readonly recovered: boolean | undefined
}

/** Whether a wish is for events of the history. A position that is not behind the room asks for none. */
export function asksForEvents({ since, last = 0 }: HistoryWish, { position }: Feed): boolean {
  return since ? since.epoch === position.epoch && since.offset < position.offset : last > 0
}

/** What a new member gets that may not read what it wishes. */
export function arrivalUnread({ since }: HistoryWish, { position }: Feed): Arrival {
  return arriving(position, [], since ? false : undefined)
}

/** What must be read from the history for a wish; `undefined`: nothing. */
export function queryFor({ since, last = 0 }: HistoryWish, { position }: Feed): HistoryQuery | undefined {
  // What is missed of another epoch is not to be had. Nor has this node to ask where nothing is missed; one that lies
  // behind the client does ask: the position may be one that there never was.
  if (since) return since.epoch === position.epoch && since.offset !== position.offset ? { since } : undefined
  return last > 0 ? { limit: last } : undefined
}

/**
 * What a new member gets, as of now: from here on it hears the room live. `page` was read while the feed kept what it
 * passed on, so that together they reach up to the feed's position without a hole (HI-3). `fits`: whether so much may be
 * sent at once.
 */
export function arrivalOf(
  wish: HistoryWish,
  feed: Feed,
  page: HistoryPage | undefined,
  fits: (entries: readonly HistoryEntry[]) => boolean,
): Arrival {
  const { position } = feed
  const { since, last = 0 } = wish
  const known = wholeUpTo(position, page, feed.kept)
  if (!since) {
    let entries = last > 0 ? known.slice(-last) : []
    while (entries.length > 0 && !fits(entries)) entries = entries.slice(1)
    return arriving(position, entries, undefined)
  }
  const lost = arriving(position, [], false)
  if (since.epoch !== position.epoch) return lost
  if (since.offset >= position.offset) {
    const last = Math.max(position.offset, page?.epoch === since.epoch ? page.offset : 0)
    // This node may be behind the one that the client comes from: what the client has it will drop (HI-5).
    return since.offset <= last ? { position: since, entries: [], recovered: true } : lost
  }
  const missed = known.filter(({ offset }) => offset > since.offset)
  // All of it, or nothing (HI-4).
  return missed.length === position.offset - since.offset && fits(missed) ? arriving(position, missed, true) : lost
}

function arriving(position: Position, entries: readonly HistoryEntry[], recovered: boolean | undefined): Arrival {
  const [first] = entries
  return { position: first ? { ...position, offset: first.offset - 1 } : position, entries, recovered }
}

/** What is known of the publications up to a position, from the last hole on. */
function wholeUpTo(
  { epoch, offset }: Position,
  page: HistoryPage | undefined,
  kept: readonly HistoryEntry[],
): readonly HistoryEntry[] {
  const byOffset = new Map(kept.map((entry) => [entry.offset, entry]))
  if (page?.epoch === epoch) for (const entry of page.publications) byOffset.set(entry.offset, entry)
  const known: HistoryEntry[] = []
  for (let entry = byOffset.get(offset); entry; entry = byOffset.get(entry.offset - 1)) known.push(entry)
  return known.reverse()
}
