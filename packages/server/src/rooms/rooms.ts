import { inspect } from 'node:util'
import type { Issue, MaybePromise } from '@typewire/core'
import { canonicalText, isPromiseLike, PayloadError, validate } from '@typewire/core/internal'
import type { CompiledRoomKind } from '../compile.ts'
import { Room } from './room.ts'

/** How much of the params a message shows, in UTF-16 units. */
const maxShownLength = 200

/** Which instance is meant: a kind, its params as the schema gave them, and their canonical text. */
export interface RoomIdentity {
  readonly kind: CompiledRoomKind
  readonly params: unknown
  readonly key: string
}

/** How a room begins and ceases to hear what is published in it. */
export interface Interest {
  readonly begin: (room: Room) => MaybePromise<void>
  readonly end: (room: Room) => void
}

/** The rooms that have members on this node, by their canonical identity. */
export class Rooms {
  readonly #byKey = new Map<string, Room>()
  readonly #interest: Interest
  #lastNumber = 0

  constructor(interest: Interest) {
    this.#interest = interest
  }

  get size(): number {
    return this.#byKey.size
  }

  find(key: string): Room | undefined {
    return this.#byKey.get(key)
  }

  /**
   * The room, for somebody who may become a member: at the latest when it has `opened`, whereupon no event of the room is
   * missed. To be followed by `exit`, whatever comes of it.
   */
  enter({ kind, params, key }: RoomIdentity): Room {
    let room = this.#byKey.get(key)
    if (!room) {
      this.#byKey.set(key, (room = new Room(++this.#lastNumber, kind, params, key)))
      room.opened = this.#open(room)
    }
    room.entering++
    return room
  }

  /** One that cannot open is forgotten at once: who comes next tries again. */
  #open(room: Room): MaybePromise<void> {
    const opened = this.#interest.begin(room)
    if (!isPromiseLike(opened)) return undefined
    return opened.then(
      () => {
        room.opened = undefined
      },
      (error: unknown) => {
        this.#forget(room)
        throw error
      },
    )
  }

  exit(room: Room): void {
    room.entering--
    this.forgetIfEmpty(room)
  }

  /** To be called when a member has left: a room without members is forgotten. */
  forgetIfEmpty(room: Room): void {
    if (room.members.size === 0 && room.entering === 0) this.#forget(room)
  }

  #forget(room: Room): void {
    if (this.#byKey.get(room.key) !== room) return
    this.#byKey.delete(room.key)
    this.#interest.end(room)
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
    const key = keyOf(kind, value)
    const { maxParamsLength } = kind
    const length = Math.max(0, key.length - kind.kind.length - 1)
    if (length <= maxParamsLength) return { kind, params: value, key }
    const what = `the params are ${length} UTF-16 units long, of ${maxParamsLength} that they may be`
    return [{ message: what, path: [] }]
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return [{ message: error.message, path: [] }]
  }
}

/** @throws PayloadError for params that cannot travel. */
function keyOf({ kind }: CompiledRoomKind, params: unknown): string {
  return `${kind} ${canonicalText(params).slice(1)}`.trimEnd()
}

/** A room as messages name it: `chat { roomId: '42' }`. Whatever its params are, it is not long. */
export function shownRoom({ kind, params }: Pick<RoomIdentity, 'kind' | 'params'>): string {
  if (params === undefined) return kind.kind
  const shown = inspect(params, { breakLength: Infinity, compact: true, maxArrayLength: 5, maxStringLength: 100 })
  return `${kind.kind} ${shown.length > maxShownLength ? `${shown.slice(0, maxShownLength)}…` : shown}`
}

/** Whether the contract's schema has read these params, which came in a payload, as themselves. */
export function isCanonical(params: unknown, { kind, key }: RoomIdentity): boolean {
  return keyOf(kind, params) === key
}
