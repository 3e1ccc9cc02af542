import { isPromiseLike, type Reply } from '@typewire/core/internal'
import { invalidInput } from '../errors.ts'
import type { PeerSession } from '../peer-session.ts'
import { readPresence } from '../rooms/read-presence.ts'

export interface PresenceInput {
  readonly room: number
  readonly presence?: unknown
}

/** Handles calls to `$presence`: a member says something else of itself (PR-5). */
export async function setPresence(
  session: PeerSession,
  reply: Reply,
  { room: number, presence }: PresenceInput,
): Promise<void> {
  const { memberships, accesses } = session
  const room = memberships.byNumber(number)
  const notHere = `$presence: the session is not a member of room ${number}.`
  if (!room) return reply.error('FORBIDDEN', notHere)
  const access = accesses.get(room.kind.namespace)
  if (access !== accesses.root) reply.owner = access
  let read = readPresence(room.kind, presence)
  if (isPromiseLike(read)) read = await read
  if (read === undefined) return reply.error('NOT_FOUND', `Room ${room.key}: the contract declares no presence.`)
  if (typeof read !== 'string') {
    const { code, message, options } = invalidInput(`presence in room ${room.kind.kind}`, read)
    return reply.error(code, message, options)
  }
  // It may have left while its schema was asked.
  if (memberships.byNumber(number) !== room) return reply.error('FORBIDDEN', notHere)
  memberships.presence.update(room, read)
}
