import type { AnyContract, MissedEvents, OnOptions, RoomInstance, RoomKind } from '@typewire/core'
import {
  isCount,
  type JoinedFrame,
  PayloadError,
  type PositionFrame,
  type RoomEventFrame,
  StoreSource,
} from '@typewire/core/internal'
import { canonicalText, type HasCodec } from '../codec.ts'
import { EventHandlers, type HandlerGroup } from '../event-handlers.ts'
import type { OnClientError } from '../types.ts'
import { verbGroup } from '../verbs.ts'
import { missedName } from './handle.ts'
import type { RoomEntry } from './room-entry.ts'

type AnyInstance = RoomInstance<string, AnyContract>
type AnyKind = RoomKind<string, AnyContract>
type Handler = (payload: unknown, instance: AnyInstance) => unknown

/** A room that the client is in. */
interface Membership {
  readonly kind: string
  readonly face: AnyInstance
  /** Those of the client's joins; params that a schema makes equal are one room at the server. */
  readonly entries: Set<RoomEntry>
  /** Server code has joined the session to it. */
  byServer: boolean
  /** The offset of the last event that was heard, of a room with a history: what a second join brings was heard already. */
  heard: number
  /** Something has come with a place in a history. */
  hasHistory: boolean
}

/** A room of a lost session, that server code alone had joined it to. */
type Lost = Pick<Membership, 'kind' | 'hasHistory'>

/** What is there for a kind of room, once it was asked for. */
interface Kind {
  readonly events: EventHandlers<[AnyInstance]>
  readonly missed: EventHandlers<[AnyInstance]>
  readonly instances: StoreSource<readonly AnyInstance[]>
  readonly face: AnyKind
}

/** The most rooms of lost sessions that are remembered: beyond it the oldest are forgotten, and nobody is told what was missed of them. */
const maxLost = 1_000

/** The rooms that the client is in, by the numbers that the server gave them in this session, and those who hear them all. */
export class Instances {
  readonly #with: HasCodec
  readonly #onError: OnClientError
  readonly #byNumber = new Map<number, Membership>()
  readonly #kinds = new Map<string, Kind>()
  /** By kind and params: until server code joins this session to them too. */
  readonly #lost = new Map<string, Lost>()

  constructor(given: HasCodec, onError: OnClientError) {
    this.#with = given
    this.#onError = onError
  }

  get size(): number {
    return this.#byNumber.size
  }

  /** `client.rooms.x`. `onUse`: somebody listens. */
  kind(name: string, onUse: () => void): AnyKind {
    const known = this.#kinds.get(name)
    if (known) return known.face
    const events = new EventHandlers<[AnyInstance]>(this.#onError)
    const missed = new EventHandlers<[AnyInstance]>(this.#onError)
    const instances = new StoreSource<readonly AnyInstance[]>(this.#listOf(name), this.#onError)
    const hear = (handlers: typeof events, event: string) => (handler: Handler, options?: OnOptions) => {
      const off = handlers.on(event, handler, options)
      onUse()
      return off
    }
    const on = verbGroup('on', (event) => hear(events, event))
    const face = { on, onMissed: hear(missed, missedName) as AnyKind['onMissed'], instances }
    this.#kinds.set(name, { events, missed, instances, face })
    return face
  }

  entriesOf(number: number): readonly RoomEntry[] {
    return [...(this.#byNumber.get(number)?.entries ?? [])]
  }

  /** All that hear an event now: the client's handles of its room, then what hears its kind. To be asked once for each. */
  hearersOf(frame: RoomEventFrame): readonly HandlerGroup[] {
    const membership = this.#byNumber.get(frame[2])
    if (!membership) return []
    const options = frame[4]
    const { kind, face, entries } = membership
    const hearers: HandlerGroup[] = []
    let isNewToJoins = entries.size === 0
    for (const entry of entries) {
      if (!entry.noteEvent(options)) continue // all of them note it
      isNewToJoins = true
      for (const { events } of entry.handles) hearers.push(events)
    }
    const isNewInRoom = noteHeard(membership, options)
    const ofKind = this.#kinds.get(kind)?.events
    if (ofKind && isNewInRoom && isNewToJoins)
      hearers.push({ run: (name, payload, answers) => ofKind.run(name, payload, answers, face) })
    return hearers
  }

  onPosition([, number, epoch, offset, options]: PositionFrame): void {
    const membership = this.#byNumber.get(number)
    if (!membership) return
    const isMissed = options !== 0 && options.missed === true
    membership.hasHistory = true
    membership.heard = isMissed ? offset : Math.max(membership.heard, offset)
    if (isMissed) this.#tellMissed(membership, { reason: 'gap', before: { epoch, offset: offset + 1 } })
  }

  /** A join of the client was answered. */
  add(number: number, kind: string, params: unknown, entry: RoomEntry): void {
    this.#take(number, kind, params).entries.add(entry)
  }

  /** What an entry missed in a lost session; of several in one room the first speaks for the kind. */
  onMissed(number: number, entry: RoomEntry, missed: MissedEvents): void {
    const membership = this.#byNumber.get(number)
    if (membership && membership.entries.values().next().value === entry) this.#tellMissed(membership, missed)
  }

  /** A join is no more: given back, ended by the server or lost. */
  remove(number: number, entry: RoomEntry): void {
    const membership = this.#byNumber.get(number)
    if (membership?.entries.delete(entry)) this.#dropUnheld(number, membership)
  }

  /** Server code has joined the session (RM-10). Params that cannot be read are told: nobody could say which room it is. */
  onJoined([, number, kind, payload, annotations]: JoinedFrame): void {
    try {
      const membership = this.#take(number, kind, this.#with.codec.decode(payload, annotations))
      membership.byServer = true
      const lost = this.#lost.get(this.#keyOf(membership))
      if (!lost) return
      this.#lost.delete(this.#keyOf(membership))
      this.#tellMissed(membership, { reason: lost.hasHistory ? 'notKept' : 'noHistory' })
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
    for (const [number, membership] of [...this.#byNumber]) {
      const { kind, byServer, entries, hasHistory } = membership
      if (!isOver(kind)) continue
      // What an entry joins again, that entry tells of.
      if (byServer && entries.size === 0) this.#lost.set(this.#keyOf(membership), { kind, hasHistory })
      this.onLeft(number)
    }
    for (const key of this.#lost.keys()) {
      if (this.#lost.size <= maxLost) break
      this.#lost.delete(key)
    }
  }

  /** The same for good: what comes of them later is another's, or begun anew. */
  onEnd(isOver: (kind: string) => boolean = () => true): void {
    this.onLost(isOver)
    for (const [key, { kind }] of this.#lost) if (isOver(kind)) this.#lost.delete(key)
  }

  #take(number: number, kind: string, params: unknown): Membership {
    const known = this.#byNumber.get(number)
    if (known) return known
    const entries = new Set<RoomEntry>()
    const membership = { kind, face: { params }, entries, byServer: false, heard: 0, hasHistory: false }
    this.#byNumber.set(number, membership)
    this.#tell(kind)
    return membership
  }

  #dropUnheld(number: number, { kind, entries, byServer }: Membership): void {
    if (byServer || entries.size > 0) return
    this.#byNumber.delete(number)
    this.#tell(kind)
  }

  #tellMissed({ kind, face }: Membership, missed: MissedEvents): void {
    this.#kinds.get(kind)?.missed.tell(missedName, missed, face)
  }

  #tell(kind: string): void {
    this.#kinds.get(kind)?.instances.set(this.#listOf(kind))
  }

  #listOf(name: string): readonly AnyInstance[] {
    return [...this.#byNumber.values()].flatMap(({ kind, face }) => (kind === name ? [face] : []))
  }

  #keyOf({ kind, face }: Pick<Membership, 'kind' | 'face'>): string {
    return kind + canonicalText(this.#with, face.params)
  }
}

/** Notes that an event has come to the room. Gives whether it had not been heard there yet. */
function noteHeard(membership: Membership, options: RoomEventFrame[4]): boolean {
  const offset = options === 0 ? undefined : options.offset
  if (!isCount(offset)) return true
  membership.hasHistory = true
  if (offset <= membership.heard) return false
  membership.heard = offset
  return true
}
