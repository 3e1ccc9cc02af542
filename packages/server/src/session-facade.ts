import { type CallOptions, type Issue, type MaybePromise, TypewireError } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import type { Access } from './access.ts'
import { invalidOutput } from './errors.ts'
import type { Namespace, Surface } from './namespace.ts'
import type { ServerNode } from './node.ts'
import type { PeerSession } from './peer-session.ts'
import { readPresence, type Said, shownByNewest, type ShownPresence } from './rooms/read-presence.ts'
import { identityOf } from './rooms/room-refs.ts'
import { rememberClient } from './facade-clients.ts'
import type { RoomIdentity } from './rooms/rooms.ts'
import { runForSession } from './run-for-session.ts'
import type { RoomLike } from './types.ts'
import { verbGroups } from './verb-group.ts'

/** Makes what handlers of a namespace get as `session`. */
export function facadesOf(node: ServerNode, namespace: Namespace): Surface['makeFacade'] {
  const names = Object.keys(namespace.contract.events.toClient)
  const event = (name: string) => node.events.get(namespace.qualify(name))!.event
  const emits = verbGroups(
    names,
    (access: Access, name) => (payload: unknown) => access.session.emit(access, event(name), payload),
  )
  const emitsWithAck = verbGroups(
    names,
    (access: Access, name) => (payload: unknown, options?: CallOptions) =>
      access.session.emitWithAck(access, event(name), payload, options),
  )
  return (access) => {
    const { session, identity } = access
    const { id, memberships, accesses, client } = session
    const isRoot = access === accesses.root
    const facade = {
      id,
      identity,
      get ctx() {
        return access.ctx // renewed when the client comes back
      },
      get transport() {
        return session.transport
      },
      get remoteAddress() {
        return session.remoteAddress
      },
      get headers() {
        return session.request?.headers ?? {}
      },
      get delivery() {
        const { leftOut, queuedLength } = session.wire
        return { ...leftOut, queuedBytes: queuedLength }
      },
      emit: emits(access) as {},
      emitWithAck: emitsWithAck(access) as {},
      join: async (room: RoomLike, options: { readonly presence?: unknown } = {}) => {
        const joined = identityOf(room)
        assertOpen(access, joined)
        const { presence } = options
        const show = () => shown(node, session, joined, presence)
        return memberships.joinByServer(joined, presence === undefined ? undefined : show)
      },
      // What its client has opened since is of another access: one that has ended has no word in it.
      leave: async (room: RoomLike) => {
        if (!access.isEnded) memberships.leaveByServer(identityOf(room).key, 'the server ended it')
      },
      revoke: (reason = 'the credentials were revoked') => {
        if (!access.isEnded) access.credentials.revoke(reason)
      },
      close: (reason = isRoot ? 'the server ended the session' : 'the server closed it') =>
        isRoot ? session.close('SESSION_CLOSED', reason) : accesses.close(access, reason, { mayReopen: false }),
    }
    return rememberClient(facade, client)
  }
}

/** A room of a namespace has members who have opened that. @throws TypewireError `FORBIDDEN`. */
function assertOpen({ session, isEnded, namespace }: Access, { kind, key }: RoomIdentity): void {
  if (session.isEnded) return
  if (isEnded) throw new TypewireError('FORBIDDEN', `session.join ${key}: ${namespace.path} was closed.`)
  if (session.accesses.get(kind.namespace)) return
  throw new TypewireError('FORBIDDEN', `session.join ${key}: the session has not opened ${kind.namespace.path}.`)
}

/** What members are shown of a session of which server code says this. @throws TypewireError `INVALID_OUTPUT`. */
function shown(
  node: ServerNode,
  session: PeerSession,
  room: RoomIdentity,
  given: unknown,
): MaybePromise<ShownPresence> {
  const { kind, key } = room
  const access = session.accesses.get(kind.namespace) ?? session.accesses.root // none where the session is over
  const run = (lifetime: { readonly signal: AbortSignal }) => {
    const show = (read: Said | readonly Issue[] | undefined) => {
      if (read && 'text' in read) return shownByNewest(node, { access, room, said: read, lifetime })
      const issues = read ?? [{ message: 'The contract declares no presence', path: [] }]
      throw invalidOutput({ origin: `session.join ${key}`, what: 'the presence' }, issues)
    }
    const read = readPresence(kind, given)
    return isPromiseLike(read) ? Promise.resolve(read).then(show) : show(read)
  }
  return runForSession(node, access, { where: `room ${kind.kind} presence`, run })
}
