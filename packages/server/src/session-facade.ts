import type { AnyContract, CallOptions } from '@typewire/core'
import { invalidOutput } from './errors.ts'
import type { ServerNode } from './node.ts'
import type { PeerSession } from './peer-session.ts'
import { readPresence } from './rooms/read-presence.ts'
import { identityOf } from './rooms/room-refs.ts'
import type { Identified, RoomLike, ServerSession } from './types.ts'
import { verbGroups } from './verb-group.ts'

/** Makes what handlers get as `session`. */
export class SessionFacades {
  readonly #emits: (session: PeerSession) => object
  readonly #emitsWithAck: (session: PeerSession) => object

  constructor({ events }: ServerNode) {
    const names = [...events.keys()]
    this.#emits = verbGroups(names, (session, name) => (payload: unknown) => session.emit(events.get(name)!, payload))
    this.#emitsWithAck = verbGroups(
      names,
      (session, name) => (payload: unknown, options?: CallOptions) =>
        session.emitWithAck(events.get(name)!, payload, options),
    )
  }

  make(session: PeerSession): ServerSession<Identified, AnyContract> {
    const { id, identity, memberships } = session
    return {
      id,
      identity,
      get ctx() {
        return session.ctx // renewed when the client comes back
      },
      emit: this.#emits(session) as {},
      emitWithAck: this.#emitsWithAck(session) as {},
      join: async (room: RoomLike, options: { readonly presence?: unknown } = {}) => {
        const roomIdentity = identityOf(room)
        if (options.presence === undefined) return memberships.joinByServer(roomIdentity)
        const present = await readPresence(roomIdentity.kind, options.presence)
        if (typeof present === 'string') return memberships.joinByServer(roomIdentity, present)
        const issues = present ?? [{ message: 'The contract declares no presence', path: [] }]
        throw invalidOutput(`session.join ${roomIdentity.key}`, 'the presence', issues)
      },
      leave: async (room: RoomLike) => memberships.leaveByServer(identityOf(room).key, 'the server ended it'),
      revoke: (reason = 'the credentials were revoked') => session.credentials.revoke(reason),
      close: (reason = 'the server ended the session') => session.close('SESSION_CLOSED', reason),
    }
  }
}
