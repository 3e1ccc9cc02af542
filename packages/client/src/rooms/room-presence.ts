import type { Presence } from '@typewire/core'
import {
  isCount,
  malformed,
  MemberList,
  nobodyPresent,
  type PresenceFrame,
  type ProtocolError,
  StoreSource,
} from '@typewire/core/internal'
import type { HasCodec } from '../codec.ts'

/** An entry of a session, `[id, identity, data]`. */
type Entry = readonly [sessionId: string, identity: string | null, data?: unknown]
/** An entry, or the id of a session that is gone (PR-3). */
type Change = Entry | string

/** What the server tells of who is in a room: all of them, what has changed, or how many they are. */
export interface ToldPresence {
  readonly entries?: readonly Entry[]
  readonly changes?: readonly Change[]
  readonly count?: number
}

/** What a frame tells, or the clause that it breaks. @throws PayloadError for what cannot be read. */
export function readPresence(
  [, , json, annotations]: PresenceFrame,
  { codec }: HasCodec,
  onError: (error: unknown) => void,
): ToldPresence | ProtocolError {
  const told = Object(codec.decodePresence(json, annotations, onError)) as ToldPresence
  const { entries, changes, count } = told
  const areRight = isListOf(isEntry, entries) && isListOf(isChange, changes) && (count === undefined || isCount(count))
  const isSomething = entries !== undefined || changes !== undefined || count !== undefined
  return areRight && isSomething ? told : malformed('PR-2', 'a presence frame tells nothing that can be understood')
}

/** Who is in a room, as the server tells it. */
export class RoomPresence {
  readonly store: StoreSource<Presence<unknown>>
  #list = new MemberList<unknown>()

  constructor(onError: (error: unknown) => void) {
    this.store = new StoreSource<Presence<unknown>>(nobodyPresent, onError)
  }

  onTold({ entries, changes = entries, count }: ToldPresence): void {
    if (entries || count !== undefined) this.#list = new MemberList()
    for (const change of changes ?? []) {
      if (typeof change === 'string') this.#list.delete(change)
      else {
        const [sessionId, identity, data] = change
        this.#list.set(sessionId, identity, data)
      }
    }
    const isCountOnly = count !== undefined
    this.store.set({ members: this.#list.show(), count: count ?? this.#list.memberCount, isCountOnly })
  }

  /** The room is over for this client. */
  clear(): void {
    this.#list = new MemberList()
    if (this.store.current !== nobodyPresent) this.store.set(nobodyPresent)
  }
}

function isListOf(is: (value: unknown) => boolean, value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every(is))
}

function isEntry(value: unknown): boolean {
  const [sessionId, identity] = Array.isArray(value) ? (value as readonly unknown[]) : []
  return typeof sessionId === 'string' && (identity === null || typeof identity === 'string')
}

const isChange = (value: unknown) => typeof value === 'string' || isEntry(value)
