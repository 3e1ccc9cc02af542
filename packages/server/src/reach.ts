import type { AnyContract, Publication } from '@typewire/core'
import { sessionsChannel } from './broker/bus.ts'
import type { ServerNode } from './node.ts'
import { delivery, publicationOf } from './delivery.ts'
import { encodeEvent } from './outgoing.ts'
import type { RoomRefs } from './rooms/room-refs.ts'
import type { Reach } from './types.ts'
import { verbGroups } from './verb-group.ts'

/** Makes what handlers get as `server`, and gives it to the node: rooms, and events to all or some sessions, on whatever node they are. */
export function makeReach(node: ServerNode, roomRefs: ReadonlyMap<string, RoomRefs>): Reach<AnyContract> {
  const emits = verbGroups([...node.events.keys()], (only: readonly string[] | undefined, name) => {
    const event = node.events.get(name)!
    return (payload: unknown) =>
      node.orders.run(sessionsChannel, encodeEvent(event, payload, node.sendingOf(name, 'the payload')), (encoded) => {
        const publication = publicationOf(event, encoded)
        node.bus.publish(sessionsChannel, only ? { ...publication, only } : publication)
      })
  })
  const rooms = Object.fromEntries([...roomRefs].map(([kind, refs]) => [kind, (params: unknown) => refs.to(params)]))
  const reach: Reach<AnyContract> = {
    rooms,
    emit: emits(undefined) as {},
    // To nobody is nobody (EV-4).
    to: (sessions) => ({ emit: emits([...new Set(Array.from(sessions, ({ id }) => id))]) as {} }),
  }
  node.setReach(reach)
  return reach
}

/** Sends what was published to sessions to those that are here. */
export function deliverToSessions({ events, sessions }: ServerNode, publication: Publication): void {
  const event = events.get(publication.event)
  if (!event) return // of a node whose contract has more
  const deliver = delivery(event, 0, publication)
  const { only } = publication
  if (!only) for (const session of sessions.values()) deliver(session.wire)
  else for (const session of only.map((id) => sessions.get(id))) if (session) deliver(session.wire)
}
