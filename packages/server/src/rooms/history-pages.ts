import type { HistoryEntry, Position } from '@typewire/core'
import {
  decodePayload,
  type EncodedPayload,
  encodePayload,
  isPromiseLike,
  ReceivedParts,
  UnreadPayload,
} from '@typewire/core/internal'
import { lengthOfPublication } from '../delivery.ts'
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
  readonly before?: Position
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
): Promise<EncodedPayload> {
  const most = Math.min(limit, maxHistoryPageLimit)
  let page = readHistory(node, room, { limit: most + 1, before: before?.offset })
  if (isPromiseLike(page)) page = await page
  const { epoch, offset, publications } = page
  if (before && before.epoch !== epoch) return `,${JSON.stringify({ events: [], before, hasMore: false })}`
  const events = newest(publications, most)
  const theirs = events.filter(
    ({ publication: { event, except } }) => room.kind.toClient.has(event) && !isExcepted(member, except),
  )
  const frame = {
    before: { epoch, offset: events[0]?.offset ?? before?.offset ?? offset + 1 },
    hasMore: events.length < publications.length,
  }
  // Payloads go as they were encoded. Bytes belong to the whole answer, so with them it is encoded anew.
  if (theirs.some(({ publication }) => publication.parts)) {
    const payload = encodePayload({ ...frame, events: theirs.map(decoded) }, { from: 'server' })
    return payload instanceof UnreadPayload ? payload.read() : payload
  }
  const texts = theirs.map(({ offset: at, publication: { event, payload } }) => `[${at},"${event}"${payload}]`)
  return `,${JSON.stringify(frame).slice(0, -1)},"events":[${texts.join()}]}`
}

function decoded({ offset, publication: { event, payload, parts } }: HistoryEntry): readonly unknown[] {
  const [json, annotations] = JSON.parse(`[${payload.slice(1)}]`) as readonly unknown[]
  return [offset, event, decodePayload(json, parts ? new ReceivedParts(parts, annotations) : annotations, 'server')]
}

/** The last of them, as many as a page takes. */
function newest(entries: readonly HistoryEntry[], most: number): readonly HistoryEntry[] {
  let length = 0
  let first = entries.length
  while (first > 0 && entries.length - first < most) {
    length += lengthOfPublication(entries[first - 1]!.publication)
    if (length > maxHistoryPageLength && first < entries.length) break
    first--
  }
  return entries.slice(first)
}
