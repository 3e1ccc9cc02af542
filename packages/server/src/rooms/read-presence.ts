import type { AnyContract, Issue, MaybePromise, Presence } from '@typewire/core'
import {
  encodeWithoutBytes,
  isPromiseLike,
  MemberList,
  PayloadError,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { Access } from '../access.ts'
import type { CompiledRoomKind } from '../compile.ts'
import { handlerArgs } from '../dispatch/handler-args.ts'
import { invalidOutput } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import type { Room } from './room.ts'
import { readPayload } from './room-presence.ts'
import type { RoomIdentity } from './rooms.ts'

/** The most that a session may say of itself in a room, in bytes (PR-6). */
export const maxPresenceBytes = 4_096

/** What is said of a session, as the contract has read it. */
export interface Said {
  readonly value: unknown
  /** As it stands in a frame. */
  readonly text: string
}

/**
 * What is said of a session, or what is wrong with it. A promise only where the schema answers with one; `undefined`
 * where the room has no presence.
 */
export function readPresence(
  { presence }: CompiledRoomKind,
  given: unknown,
): MaybePromise<Said | readonly Issue[] | undefined> {
  if (!presence) return undefined
  const validated = validate(presence.schema, given)
  return isPromiseLike(validated) ? validated.then(encode) : encode(validated)
}

function encode(validated: Validated): Said | readonly Issue[] {
  if (validated.issues) return validated.issues
  const { value } = validated as { readonly value: unknown }
  try {
    const text = encodeWithoutBytes(value)
    const bytes = Buffer.byteLength(text)
    if (bytes > maxPresenceBytes) {
      return [{ message: `${bytes} bytes, where ${maxPresenceBytes} may be said`, path: [] }]
    }
    encodeWithoutBytes([[[value]]]) // in a list it nests so much deeper
    return { value, text }
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return [{ message: error.message, path: [] }]
  }
}

/** What members are shown of a session. */
export interface ShownPresence {
  /** As it stands in a frame. */
  readonly text: string
  /** What it was made of, where it is made anew by other credentials. */
  readonly said: Said | undefined
}

/** Of whom something is said, and where. */
export interface Saying {
  readonly access: Access
  readonly room: Pick<Room, 'kind' | 'params'>
  readonly said: Said
  /** Whose end aborts the hook. */
  readonly lifetime: { readonly signal: AbortSignal }
}

/**
 * What members are shown of a session: what is said of it, or what the hook `of` makes of that (PR-10). A promise only where the hook or the schema answers with one.
 * @throws what the hook throws; TypewireError `INVALID_OUTPUT` for what may not be shown.
 */
export function shownPresence(
  node: ServerNode,
  { access, room: { kind, params }, said, lifetime }: Saying,
): MaybePromise<ShownPresence> {
  const { of } = node.handlersOf(kind).presence
  if (!of) return { text: said.text, said: undefined }
  const check = (read: Said | readonly Issue[] | undefined) => {
    if (read && 'text' in read) return { text: read.text, said }
    throw invalidOutput({ origin: `room ${kind.kind} presence.of`, what: 'what it returned' }, read ?? [])
  }
  const read = (made: unknown) => {
    const shown = readPresence(kind, made)
    return isPromiseLike(shown) ? Promise.resolve(shown).then(check) : check(shown)
  }
  const made = of(handlerArgs(access, lifetime, { said: said.value, params }))
  return isPromiseLike(made) ? Promise.resolve(made).then(read) : read(made)
}

/** The same, by the credentials that count when it is there: what was made of others does not. */
export function shownByNewest(node: ServerNode, saying: Saying): MaybePromise<ShownPresence> {
  const { access } = saying
  const { ctx } = access
  const shown = shownPresence(node, saying)
  if (!isPromiseLike(shown)) return shown
  return Promise.resolve(shown).then((made) => (access.ctx === ctx ? made : shownByNewest(node, saying)))
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
