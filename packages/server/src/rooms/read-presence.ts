import type { AnyContract, Issue, MaybePromise, Presence } from '@typewire/core'
import {
  encodeWithoutBytes,
  isPromiseLike,
  MemberList,
  PayloadError,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { CompiledRoomKind } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import { readPayload } from './room-presence.ts'
import type { RoomIdentity } from './rooms.ts'

/** The most that a session may say of itself in a room, in bytes (PR-6). */
export const maxPresenceBytes = 4_096

/**
 * What a session wants to say of itself, as it stands in a frame, or what is wrong with it. A promise only where the
 * schema answers with one; `undefined` where the room has no presence.
 */
export function readPresence(
  { presence }: CompiledRoomKind,
  given: unknown,
): MaybePromise<string | readonly Issue[] | undefined> {
  if (!presence) return undefined
  const validated = validate(presence.schema, given)
  return isPromiseLike(validated) ? validated.then(encode) : encode(validated)
}

function encode(validated: Validated): string | readonly Issue[] {
  if (validated.issues) return validated.issues
  try {
    const payload = encodeWithoutBytes(validated.value)
    const bytes = Buffer.byteLength(payload)
    if (bytes > maxPresenceBytes) {
      return [{ message: `${bytes} bytes, where ${maxPresenceBytes} may be said`, path: [] }]
    }
    encodeWithoutBytes([[[validated.value]]]) // in a list it nests so much deeper
    return payload
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return [{ message: error.message, path: [] }]
  }
}

/** Who is in a room, on whatever node: asked of the broker. */
export async function presenceOf(
  node: ServerNode,
  { kind, key }: RoomIdentity,
): Promise<Presence<AnyContract['rooms'][string]['~seen']>> {
  const { records } = await node.bus.presence(key)
  const list = new MemberList<unknown>()
  for (const { sessionId, identity, payload } of records) list.set(sessionId, identity, readPayload(payload))
  const isCountOnly = node.handlersOf(kind).presence.mode === 'count'
  return { members: isCountOnly ? [] : list.show(), count: list.memberCount, isCountOnly }
}
