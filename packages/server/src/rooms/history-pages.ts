import type { HistoryEntry } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { readHistory } from './open-room.ts'
import { isExcepted, type Room } from './room.ts'

/** How many events a page has, where the client does not say. */
export const historyPageLimit = 100
/** The most events of a page. */
export const maxHistoryPageLimit = 1_000
/** The most that the events of a page may be long together, in UTF-16 units; one event goes in any case. */
export const maxHistoryPageLength = 262_144

export interface PageWish {
  readonly limit?: number
  readonly before?: number
}

/**
 * A page of what a room has kept, for a member, as the payload of the answer (HI-9): without the events that are not for
 * it, which count all the same.
 */
export async function historyPage(
  node: ServerNode,
  room: Room,
  member: PeerSession,
  { limit = historyPageLimit, before }: PageWish,
): Promise<string> {
  const most = Math.min(Math.max(limit, 1), maxHistoryPageLimit)
  let page = readHistory(node, room, { limit: most + 1, before })
  if (isPromiseLike(page)) page = await page
  const { epoch, offset, publications } = page
  const events = newest(publications, most)
  const texts = events.flatMap(({ offset: at, publication: { event, payload, except } }) =>
    room.kind.toClient.has(event) && !isExcepted(member, except) ? [`[${at},"${event}"${payload}]`] : [],
  )
  const oldest = events[0]?.offset ?? before ?? offset + 1
  const hasMore = events.length < publications.length
  return `,{"epoch":${JSON.stringify(epoch)},"events":[${texts.join()}],"before":${oldest},"hasMore":${hasMore}}`
}

/** The last of them, as many as a page takes. */
function newest(entries: readonly HistoryEntry[], most: number): readonly HistoryEntry[] {
  let length = 0
  let first = entries.length
  while (first > 0 && entries.length - first < most) {
    length += entries[first - 1]!.publication.payload.length
    if (length > maxHistoryPageLength && first < entries.length) break
    first--
  }
  return entries.slice(first)
}
