import type { AnyContract, Publication } from '@typewire/core'
import { sessionsChannel } from './broker/bus.ts'
import type { ServerNode } from './node.ts'
import { encodeSent } from './outgoing.ts'
import { eventText } from './peer-session.ts'
import type { RoomRefs } from './rooms/room-refs.ts'
import type { Reach } from './types.ts'
import { verbGroups } from './verb-group.ts'

/** Makes what handlers get as `server`, and gives it to the node: rooms, and events to all or some sessions, on whatever node they are. */
export function makeReach(node: ServerNode, roomRefs: ReadonlyMap<string, RoomRefs>): Reach<AnyContract> {
  const emits = verbGroups([...node.events.keys()], (only: readonly string[] | undefined, name) => {
    const event = node.events.get(name)!
    return (payload: unknown) =>
      node.orders.run(sessionsChannel, encodeSent(event, payload, name, 'the payload'), (encoded) => {
        const publication = { event: name, payload: encoded }
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

/** Sends what was published to sessions to those that are here. One frame for all (EV-4). */
export function deliverToSessions({ events, sessions }: ServerNode, { event: name, payload, only }: Publication): void {
  const event = events.get(name)
  if (!event) return // of a node whose contract has more
  const frame = { text: eventText(0, event, payload) }
  if (!only) for (const session of sessions.values()) session.wire.send(frame)
  else for (const id of only) sessions.get(id)?.wire.send(frame)
}
