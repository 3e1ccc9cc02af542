import type { AnyContract } from '@typewire/core'
import type { ServerNode } from './node.ts'
import { encodeSent } from './outgoing.ts'
import { eventFrame, type PeerSession } from './peer-session.ts'
import type { RoomRefs } from './rooms/room-refs.ts'
import type { Reach } from './types.ts'
import { verbGroups } from './verb-group.ts'

/** Some sessions to send to; read when something is sent. */
type Audience = () => Iterable<PeerSession>

/** Makes what handlers get as `server`: rooms, and events to all or some sessions. */
export function makeReach(node: ServerNode, roomRefs: ReadonlyMap<string, RoomRefs>): Reach<AnyContract> {
  const order = node.newOrder((error) => node.incidents.report(error, 'server.emit'))
  const emits = verbGroups([...node.events.keys()], (audience: Audience, name) => {
    const event = node.events.get(name)!
    return (payload: unknown) =>
      order.run(encodeSent(event, payload, name, 'the payload'), (encoded) => {
        const frame = eventFrame(0, event, encoded) // one frame for all (EV-4)
        for (const session of audience()) session.wire.send(frame)
      })
  })
  const rooms = Object.fromEntries([...roomRefs].map(([kind, refs]) => [kind, (params: unknown) => refs.to(params)]))
  return {
    rooms,
    emit: emits(() => node.sessions.values()) as {},
    to: (sessions) => {
      const ids = new Set(Array.from(sessions, ({ id }) => id)) // to nobody is nobody (EV-4)
      return { emit: emits(() => here(node, ids)) as {} }
    },
  }
}

function* here({ sessions }: ServerNode, ids: ReadonlySet<string>): Iterable<PeerSession> {
  for (const id of ids) {
    const session = sessions.get(id)
    if (session) yield session
  }
}
