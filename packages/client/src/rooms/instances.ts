import type { AnyContract, OnOptions, RoomInstance, RoomKind } from '@typewire/core'
import { decodePayload, type JoinedFrame, PayloadError, StoreSource } from '@typewire/core/internal'
import { EventHandlers, type HandlerGroup } from '../event-handlers.ts'
import type { OnClientError } from '../types.ts'
import { verbGroup } from '../verbs.ts'
import type { RoomEntry } from './room-entry.ts'

type AnyInstance = RoomInstance<string, AnyContract>
type Handler = (payload: unknown, instance: AnyInstance) => unknown

/** A room that the client is in. */
interface Membership {
  readonly kind: string
  readonly face: AnyInstance
  /** Those of the client's joins; params that a schema makes equal are one room at the server. */
  readonly entries: Set<RoomEntry>
  /** Server code has joined the session to it. */
  byServer: boolean
}

/** What is there for a kind of room, once it was asked for. */
interface Kind {
  readonly events: EventHandlers<[AnyInstance]>
  readonly instances: StoreSource<readonly AnyInstance[]>
  readonly face: RoomKind<string, AnyContract>
}

/** The rooms that the client is in, by the numbers that the server gave them in this session, and those who hear them all. */
export class Instances {
  readonly #onError: OnClientError
  readonly #byNumber = new Map<number, Membership>()
  readonly #kinds = new Map<string, Kind>()

  constructor(onError: OnClientError) {
    this.#onError = onError
  }

  get size(): number {
    return this.#byNumber.size
  }

  /** `client.rooms.x`. `onUse`: somebody listens. */
  kind(name: string, onUse: () => void): RoomKind<string, AnyContract> {
    const known = this.#kinds.get(name)
    if (known) return known.face
    const events = new EventHandlers<[AnyInstance]>(this.#onError)
    const instances = new StoreSource<readonly AnyInstance[]>(this.#listOf(name), this.#onError)
    const on = verbGroup('on', (event) => (handler: Handler, options?: OnOptions) => {
      const off = events.on(event, handler, options)
      onUse()
      return off
    })
    const face = { on, instances }
    this.#kinds.set(name, { events, instances, face })
    return face
  }

  entriesOf(number: number): readonly RoomEntry[] {
    return [...(this.#byNumber.get(number)?.entries ?? [])]
  }

  /**
   * All that hear an event of this room: the client's handles of it, then what hears its kind. `isNew`: whether it was not
   * had yet by an entry, which is asked once.
   */
  hearersOf(number: number, isNew: (entry: RoomEntry) => boolean): readonly HandlerGroup[] {
    const membership = this.#byNumber.get(number)
    if (!membership) return []
    const { kind, face, entries } = membership
    const ofKind = this.#kinds.get(kind)?.events
    const those = [...entries].filter(isNew)
    const handles = those.flatMap((entry) => [...entry.handles].map(({ events }) => events))
    if (!ofKind || those.length < Math.min(1, entries.size)) return handles
    return [...handles, { run: (name, payload) => ofKind.run(name, payload, face) }]
  }

  /** A join of the client was answered. */
  add(number: number, kind: string, params: unknown, entry: RoomEntry): void {
    this.#take(number, kind, params).entries.add(entry)
  }

  /** A join is no more: given back, ended by the server or lost. */
  remove(number: number, entry: RoomEntry): void {
    const membership = this.#byNumber.get(number)
    if (membership?.entries.delete(entry)) this.#dropUnheld(number, membership)
  }

  /** Server code has joined the session (RM-10). Params that cannot be read are told: nobody could say which room it is. */
  onJoined([, number, kind, payload, annotations]: JoinedFrame): void {
    try {
      this.#take(number, kind, decodePayload(payload, annotations)).byServer = true
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error
      this.#onError(error)
    }
  }

  /** The server's part in the membership is over; entries end by themselves. */
  onLeft(number: number): void {
    const membership = this.#byNumber.get(number)
    if (!membership) return
    membership.byServer = false
    this.#dropUnheld(number, membership)
  }

  /** The session is over, or the namespace of these kinds closed, and what server code has joined with it. */
  onLost(isOver: (kind: string) => boolean = () => true): void {
    for (const [number, { kind }] of [...this.#byNumber]) if (isOver(kind)) this.onLeft(number)
  }

  #take(number: number, kind: string, params: unknown): Membership {
    const known = this.#byNumber.get(number)
    if (known) return known
    const membership = { kind, face: { params }, entries: new Set<RoomEntry>(), byServer: false }
    this.#byNumber.set(number, membership)
    this.#tell(kind)
    return membership
  }

  #dropUnheld(number: number, { kind, entries, byServer }: Membership): void {
    if (byServer || entries.size > 0) return
    this.#byNumber.delete(number)
    this.#tell(kind)
  }

  #tell(kind: string): void {
    this.#kinds.get(kind)?.instances.set(this.#listOf(kind))
  }

  #listOf(name: string): readonly AnyInstance[] {
    return [...this.#byNumber.values()].flatMap(({ kind, face }) => (kind === name ? [face] : []))
  }
}
