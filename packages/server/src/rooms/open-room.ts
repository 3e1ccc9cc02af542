import type { MaybePromise } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import { onPublication } from './on-publication.ts'
import type { Room } from './room.ts'
import { RoomPresence } from './room-presence.ts'

/**
 * Begins to hear what is published in a room, and reads who is present: in this order, so that no change is missed. What
 * it returns ends when the room may be joined.
 */
export function openRoom(node: ServerNode, room: Room): MaybePromise<void> {
  const { kind, key } = room
  const presence = kind.presence && new RoomPresence(node, room, node.handlers.rooms.get(kind.kind)!.presence)
  room.presence = presence
  const subscribed = node.bus.subscribe(
    key,
    (publication) => onPublication(node, room, publication),
    presence?.onChange,
  )
  if (!presence) return subscribed
  return isPromiseLike(subscribed) ? Promise.resolve(subscribed).then(() => presence.open()) : presence.open()
}

export function closeRoom({ bus }: ServerNode, { key, presence }: Room): void {
  presence?.close()
  bus.unsubscribe(key)
}
