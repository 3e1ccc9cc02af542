import type { Issue } from '@typewire/core'
import { canonicalText, isPromiseLike, PayloadError, validate } from '@typewire/core/internal'
import type { CompiledRoomKind } from '../compile.ts'
import type { InOrder } from '../in-order.ts'
import { Room } from './room.ts'

/** Which instance is meant: a kind, its params as the schema gave them, and their canonical text. */
export interface RoomIdentity {
  readonly kind: CompiledRoomKind
  readonly params: unknown
  readonly key: string
}

/** The rooms of this server that have members, by their canonical identity. */
export class Rooms {
  readonly #byKey = new Map<string, Room>()
  readonly #newOrder: (key: string) => InOrder
  #lastNumber = 0

  /** `newOrder` makes what keeps the events of a room in order. */
  constructor(newOrder: (key: string) => InOrder) {
    this.#newOrder = newOrder
  }

  get size(): number {
    return this.#byKey.size
  }

  find(key: string): Room | undefined {
    return this.#byKey.get(key)
  }

  /** The room, made if it has no members yet. Whoever asks adds one. */
  findOrCreate({ kind, params, key }: RoomIdentity): Room {
    let room = this.#byKey.get(key)
    if (!room) {
      this.#byKey.set(key, (room = new Room(++this.#lastNumber, kind, params, key, this.#newOrder(key))))
    }
    return room
  }

  /** To be called when a member has left: a room without members is forgotten. */
  forgetIfEmpty(room: Room): void {
    if (room.members.size === 0 && this.#byKey.get(room.key) === room) this.#byKey.delete(room.key)
  }
}

/**
 * The one identity of a room: equal params, whatever the order of their keys, are the same room (RM-1).
 * Issues in place of an identity say what is wrong with the params.
 */
export function identify(kind: CompiledRoomKind, params: unknown): RoomIdentity | readonly Issue[] {
  const validated = validate(kind.params, params)
  if (isPromiseLike(validated)) {
    throw new TypeError(`Room ${kind.kind}: its params schema answers with a promise. Use one that validates at once.`)
  }
  const { issues } = validated
  if (issues) return issues
  const { value } = validated as { value: unknown }
  try {
    return { kind, params: value, key: `${kind.kind} ${canonicalText(value).slice(1)}`.trimEnd() }
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return [{ message: error.message, path: [] }]
  }
}
