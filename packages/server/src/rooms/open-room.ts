import type { HistoryPage, HistoryQuery, MaybePromise, Position } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import { Feed } from './feed.ts'
import { onPublication } from './on-publication.ts'
import type { Room } from './room.ts'

/**
 * Makes a room hear what is published in it. Where it has a history it also learns where that stands: first it
 * subscribes, then it reads, so that nothing falls between (interleaving 21).
 */
export function openRoom(node: ServerNode, room: Room): MaybePromise<void> {
  const feed = makeFeed(node, room)
  room.feed = feed
  const subscribed = node.bus.subscribe(room.key, (publication, position) => {
    // A node whose handlers keep a history may have published it, or one whose do not.
    if (feed && position) feed.take(publication, position)
    else onPublication(node, room, publication)
  })
  if (!feed) return subscribed
  const begin = (): MaybePromise<void> => {
    const page = readHistory(node, room, { limit: 0 })
    return isPromiseLike(page) ? page.then((read) => feed.open(read)) : feed.open(page)
  }
  return isPromiseLike(subscribed) ? subscribed.then(begin) : begin()
}

function makeFeed(node: ServerNode, room: Room): Feed | undefined {
  if (!node.historyOf(room.kind.kind)) return undefined
  return new Feed(node.settings.maxBufferBytes, {
    onNext: (publication, position) => onPublication(node, room, publication, position),
    onMissed: (position) => room.tellMissed(position),
    readSince: (since: Position) => readHistory(node, room, { since }),
    onError: (error) => node.incidents.report(error, `broker: history ${room.key}`),
  })
}

export function readHistory(node: ServerNode, room: Room, query: HistoryQuery): MaybePromise<HistoryPage> {
  return node.bus.history(room.key, query, node.historyOf(room.kind.kind)!)
}
