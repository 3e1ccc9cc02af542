import type { AnyContract, CallOptions, Issue, MaybePromise } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import { invalidOutput } from './errors.ts'
import type { ServerNode } from './node.ts'
import type { PeerSession } from './peer-session.ts'
import { readPresence, type Said, shownPresence } from './rooms/read-presence.ts'
import { identityOf } from './rooms/room-refs.ts'
import { rememberClient } from './facade-clients.ts'
import type { RoomIdentity } from './rooms/rooms.ts'
import { runForSession } from './run-for-session.ts'
import type { Identified, RoomLike, ServerSession } from './types.ts'
import { verbGroups } from './verb-group.ts'

/** Makes what handlers get as `session`. */
export class SessionFacades {
  readonly #node: ServerNode
  readonly #emits: (session: PeerSession) => object
  readonly #emitsWithAck: (session: PeerSession) => object

  constructor(node: ServerNode) {
    this.#node = node
    const { events } = node
    const names = [...events.keys()]
    this.#emits = verbGroups(names, (session, name) => (payload: unknown) => session.emit(events.get(name)!, payload))
    this.#emitsWithAck = verbGroups(
      names,
      (session, name) => (payload: unknown, options?: CallOptions) =>
        session.emitWithAck(events.get(name)!, payload, options),
    )
  }

  make(session: PeerSession): ServerSession<Identified, AnyContract> {
    const { id, identity, memberships, client } = session
    const facade = {
      id,
      identity,
      get ctx() {
        return session.ctx // renewed when the client comes back
      },
      get delivery() {
        const { leftOut, queuedLength } = session.wire
        return { ...leftOut, queuedBytes: queuedLength }
      },
      emit: this.#emits(session) as {},
      emitWithAck: this.#emitsWithAck(session) as {},
      join: async (room: RoomLike, options: { readonly presence?: unknown } = {}) => {
        const identity = identityOf(room)
        const { presence } = options
        const show = () => this.#shown(session, identity, presence)
        return memberships.joinByServer(identity, presence === undefined ? undefined : show)
      },
      leave: async (room: RoomLike) => memberships.leaveByServer(identityOf(room).key, 'the server ended it'),
      revoke: (reason = 'the credentials were revoked') => session.credentials.revoke(reason),
      close: (reason = 'the server ended the session') => session.close('SESSION_CLOSED', reason),
    }
    return rememberClient(facade, client)
  }

  /** What members are shown of a session of which server code says this. @throws TypewireError `INVALID_OUTPUT`. */
  #shown(session: PeerSession, room: RoomIdentity, given: unknown): MaybePromise<string> {
    const { kind, key } = room
    const run = (lifetime: { readonly signal: AbortSignal }) => {
      const show = (read: Said | readonly Issue[] | undefined) => {
        if (read && 'text' in read) return shownPresence(this.#node, { session, room, said: read, lifetime })
        const issues = read ?? [{ message: 'The contract declares no presence', path: [] }]
        throw invalidOutput(`session.join ${key}`, 'the presence', issues)
      }
      const read = readPresence(kind, given)
      return isPromiseLike(read) ? Promise.resolve(read).then(show) : show(read)
    }
    return runForSession(this.#node, session, { where: `room ${kind.kind} presence`, run })
  }
}
