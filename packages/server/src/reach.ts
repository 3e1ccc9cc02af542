import type { AnyContract, Publication } from '@typewire/core'
import { sessionsChannel } from './broker/bus.ts'
import type { ServerNode } from './node.ts'
import { delivery, publicationOf } from './delivery.ts'
import type { Namespace } from './namespace.ts'
import { encodeEvent } from './outgoing.ts'
import type { RoomRefs } from './rooms/room-refs.ts'
import type { Reach } from './types.ts'
import { verbGroups } from './verb-group.ts'

/**
 * Makes what handlers of a namespace get as `server`: its rooms, and its events to all or some sessions that have opened it,
 * on whatever node they are.
 */
export function makeReach(
  node: ServerNode,
  namespace: Namespace,
  roomRefs: ReadonlyMap<string, RoomRefs>,
): Reach<AnyContract> {
  const { events, rooms, namespaces } = namespace.contract
  const emits = verbGroups(Object.keys(events.toClient), (only: readonly string[] | undefined, name) => {
    const { event } = node.events.get(namespace.qualify(name))!
    return (payload: unknown) =>
      node.orders.run(
        sessionsChannel,
        encodeEvent(event, payload, node.sendingOf(event.name, 'the payload')),
        (encoded) => {
          const publication = publicationOf(event, encoded)
          node.bus.publish(sessionsChannel, only ? { ...publication, only } : publication)
        },
      )
  })
  const refsOf = (kind: string) => (params: unknown) => roomRefs.get(namespace.qualify(kind))!.to(params)
  const reachOf = (name: string) => node.namespaces.get(namespace.qualify(name))!.surface.reach
  return {
    rooms: Object.fromEntries(Object.keys(rooms).map((kind) => [kind, refsOf(kind)])),
    emit: emits(undefined) as {},
    // To nobody is nobody (EV-4).
    to: (sessions) => ({ emit: emits([...new Set(Array.from(sessions, ({ id }) => id))]) as {} }),
    // Of those within, which are there once all are made.
    ns: Object.defineProperties(
      {},
      Object.fromEntries(Object.keys(namespaces).map((name) => [name, { enumerable: true, get: () => reachOf(name) }])),
    ),
  }
}

/** Sends what was published to sessions to those that are here, and have opened what it is of. */
export function deliverToSessions({ events, sessions }: ServerNode, publication: Publication): void {
  const known = events.get(publication.event)
  if (!known) return // of a node whose contract has more
  const deliver = delivery(known.event, 0, publication)
  const { only } = publication
  const addressed = only ? only.map((id) => sessions.get(id)) : sessions.values()
  for (const session of addressed) if (session?.accesses.get(known.namespace)) deliver(session.wire)
}
