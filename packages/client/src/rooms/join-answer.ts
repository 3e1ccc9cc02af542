import { type Position, TypewireError } from '@typewire/core'
import { isCount, isPosition } from '@typewire/core/internal'
import type { HasCodec } from '../codec.ts'
import { unreadEvent } from '../event-handlers.ts'

export interface JoinAnswer {
  readonly room: number
  /** Of a room with a history: what follows is behind it. */
  readonly position: Position | undefined
  readonly isRecovered: boolean
  /** As the contract has read them. */
  readonly params: unknown
}

/** @throws TypewireError `INVALID_ACK` for what is no answer to a join. */
export function readJoinAnswer(
  answer: unknown,
  asked: { readonly kind: string; readonly params: unknown },
): JoinAnswer {
  const read = Object(answer) as Readonly<Record<string, unknown>>
  const { room, recovered } = read
  const { kind } = asked
  if (!isCount(room)) throw unreadable(`join.${kind}`, 'holds no number of a room', kind)
  const position = isPosition(read) ? { epoch: read.epoch, offset: read.offset } : undefined
  const { params } = Object.hasOwn(read, 'params') ? read : asked // RM-11
  return { room, position, isRecovered: recovered === true, params }
}

export interface ReadPageOptions {
  readonly kind: string
  readonly connection: HasCodec
  readonly onError: (error: unknown) => void
}

/**
 * A page of a room's history, as the server gives it. Events that cannot be read are told to `onError`, as when they come.
 * @throws TypewireError `INVALID_ACK` for what is none.
 */
export function readHistoryPage(answer: unknown, { kind, connection, onError }: ReadPageOptions) {
  const { events, before, hasMore } = Object(answer) as Readonly<Record<string, unknown>>
  try {
    if (!isPosition(before)) throw new TypeError('before is no position')
    const read = (events as readonly (readonly [number, string, unknown, unknown])[]).flatMap(
      ([offset, name, payload, annotations]) => {
        try {
          return { name, payload: connection.codec.decode(payload, annotations, 'server'), offset }
        } catch (error) {
          onError(unreadEvent(name, error))
          return []
        }
      },
    )
    return { events: read, before, hasMore: hasMore === true }
  } catch {
    throw unreadable(`${kind}.history`, 'is no page of a history', kind)
  }
}

const unreadable = (what: string, why: string, origin: string) =>
  new TypewireError('INVALID_ACK', `${what}: the answer ${why}.`, { origin })
