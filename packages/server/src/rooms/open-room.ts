import type { HistoryPage, HistoryQuery, MaybePromise, Position } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import { Feed } from './feed.ts'
import { onPublication } from './on-publication.ts'
import type { Room } from './room.ts'
import { RoomPresence } from './room-presence.ts'

/**
 * Begins to hear what is published in a room; then reads who is present, and where the history stands: in this order, so
 * that nothing falls between (interleaving 21). What it returns ends when the room may be joined.
 */
export function openRoom(node: ServerNode, room: Room): MaybePromise<void> {
  const { kind, key } = room
  const presence = kind.presence && new RoomPresence(node, room, node.handlersOf(kind).presence)
  const feed = makeFeed(node, room)
  room.presence = presence
  room.feed = feed
  const subscribed = node.bus.subscribe(
    key,
    (publication, position) => {
      // A node whose handlers keep a history may have published it, or one whose do not.
      if (feed && position) feed.take(publication, position)
      else if (feed && publication.event.startsWith('$')) feed.takeCommand(publication)
      else onPublication(node, room, publication)
    },
    presence?.onChange,
  )
  const read = () => afterwards(presence?.open(), () => feed && openFeed(node, room, feed))
  return presence || feed ? afterwards(subscribed, read) : subscribed
}

export function closeRoom({ bus }: ServerNode, { key, presence, feed }: Room): void {
  presence?.close()
  feed?.close()
  bus.unsubscribe(key)
}

function makeFeed(node: ServerNode, room: Room): Feed | undefined {
  if (!node.historyOf(room.kind.kind)) return undefined
  return new Feed(node.settings.maxBufferBytes, {
    onNext: (publication, position) => onPublication(node, room, publication, position),
    // Whoever asks has counted on this node.
    onDropped: ({ ask }) => ask && node.questions.decline(ask),
    onMissed: (position) => room.tellMissed(position),
    readSince: (since: Position) => readHistory(node, room, { since }),
    onError: (error) => node.incidents.report(error, `broker: history ${room.key}`),
  })
}

function openFeed(node: ServerNode, room: Room, feed: Feed): MaybePromise<void> {
  const page = readHistory(node, room, { limit: 0 })
  return isPromiseLike(page) ? page.then((read) => feed.open(read)) : feed.open(page)
}

export function readHistory(node: ServerNode, room: Room, query: HistoryQuery): MaybePromise<HistoryPage> {
  return node.bus.history(room.key, query, node.historyOf(room.kind.kind)!)
}

function afterwards(before: MaybePromise<void>, run: () => MaybePromise<void>): MaybePromise<void> {
  return isPromiseLike(before) ? before.then(async () => run()) : run()
}
