import { isPromiseLike, type Reply } from '@typewire/core/internal'
import { invalidInput } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { readPresence, shownByNewest } from '../rooms/read-presence.ts'
import { shownRoom } from '../rooms/rooms.ts'

export interface PresenceInput {
  readonly room: number
  readonly presence?: unknown
}

/** Handles calls to `$presence`: a member says something else of itself (PR-5). */
export async function setPresence(
  node: ServerNode,
  { session, reply }: { readonly session: PeerSession; readonly reply: Reply },
  { room: number, presence }: PresenceInput,
): Promise<void> {
  const { memberships, accesses } = session
  const room = memberships.byNumber(number)
  const notHere = `$presence: the session is not a member of room ${number}.`
  if (!room) return reply.error('FORBIDDEN', notHere)
  const access = accesses.get(room.kind.namespace)! // else it would be no member
  if (access !== accesses.root) reply.owner = access
  const membership = memberships.of(room)
  const word = memberships.presence.nextWord()
  let read = readPresence(room.kind, presence)
  if (isPromiseLike(read)) read = await read
  if (read === undefined) return reply.error('NOT_FOUND', `Room ${shownRoom(room)}: the contract declares no presence.`)
  if (!('text' in read)) {
    const { code, message, options } = invalidInput(`presence in room ${room.kind.kind}`, read)
    return reply.error(code, message, options)
  }
  let shown = shownByNewest(node, { access, room, said: read, lifetime: reply })
  if (isPromiseLike(shown)) shown = await shown
  // It may have left meanwhile, or nobody may wait any more, and the client takes it for not said.
  if (memberships.of(room) !== membership) return reply.error('FORBIDDEN', notHere)
  if (!reply.isSettled) memberships.presence.update(room, shown, word)
}
