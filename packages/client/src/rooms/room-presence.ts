import type { Presence } from '@typewire/core'
import { decodeWithoutBytes, MemberList, nobodyPresent, type PresenceFrame, StoreSource } from '@typewire/core/internal'

/** An entry of a session, `[id, identity, data]`, or the id of a session that is gone (PR-2, PR-3). */
type Change = readonly [sessionId: string, identity: string | null, data?: unknown] | string

/** What the server tells of who is in a room. */
interface Told {
  readonly entries?: readonly Change[]
  readonly changes?: readonly Change[]
  readonly count?: number
}

/** Who is in a room, as the server tells it. */
export class RoomPresence {
  readonly store: StoreSource<Presence<unknown>>
  #list = new MemberList<unknown>()

  constructor(onError: (error: unknown) => void) {
    this.store = new StoreSource<Presence<unknown>>(nobodyPresent, onError)
  }

  /** @throws PayloadError for what cannot be read. */
  onFrame([, , json, annotations]: PresenceFrame): void {
    const { entries, changes = entries, count } = Object(decodeWithoutBytes(json, annotations)) as Told
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
