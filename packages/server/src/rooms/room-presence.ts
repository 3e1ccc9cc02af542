import type { MaybePromise, PresenceChange, PresenceRecord, PresenceSnapshot } from '@typewire/core'
import {
  type Deadline,
  decodeWithoutBytes,
  encodeWithoutBytes,
  frames,
  isPromiseLike,
  MemberList,
  type OutgoingFrame,
  PayloadError,
} from '@typewire/core/internal'
import { keysOf } from '../delivery.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { type Parcel, PresenceOutbox, type WireChange } from './presence-outbox.ts'
import type { PresenceSettings } from './presence-settings.ts'

/** The most sessions of a room that members are shown (PR-6). */
export const maxListed = 1_000
/**
 * The most that is said in a room that members are shown, with the ids, in UTF-16 units (PR-6). So little that a list
 * cannot have more annotations than a payload may (PL-6): the shortest takes 15 units.
 */
export const maxListedLength = 131_072
/** A room whose members were too many for a list has one again from this part of the bounds on: so it does not go to and fro. */
const relistAt = 0.9
/** How often members are told the count alone, at most (PR-7), and those who lag behind the list anew (PR-11). */
export const countEveryMs = 1_000

/**
 * Who is present in a room, as this node's members see it: what the broker tells, gathered. A change is encoded once for
 * all members, with all others of its turn. Once a member has its snapshot it gets every change behind it, and no other.
 */
export class RoomPresence {
  readonly #node: ServerNode
  readonly #number: number
  readonly #key: string
  readonly #settings: PresenceSettings
  readonly #list = new MemberList<PresenceRecord>()
  #length = 0
  #version = 0
  /** What has come before the snapshot; `undefined` once that is there. */
  #early: PresenceChange[] | undefined = []
  /** Who is told, and the count that each was told last; `undefined`: a list. */
  readonly #audience = new Map<PeerSession, number | undefined>()
  readonly #outbox = new PresenceOutbox(maxListedLength)
  /** Those of them who lag behind: the list is to take the place of what waits for them. */
  readonly #behind = new Set<PeerSession>()
  #isFlushing = false
  #isCounting: boolean
  /** The list as a frame, while nothing changes. */
  #listText: string | undefined
  #countToldAtMs = Number.NEGATIVE_INFINITY
  #deadline: Deadline | undefined
  #catchUp: Deadline | undefined

  constructor(
    node: ServerNode,
    { number, key }: { readonly number: number; readonly key: string },
    settings: PresenceSettings,
  ) {
    this.#node = node
    this.#number = number
    this.#key = key
    this.#settings = settings
    this.#isCounting = settings.mode === 'count'
  }

  get graceMs(): number {
    return this.#settings.graceMs
  }

  /** Whether members are shown what others say of themselves. */
  get showsData(): boolean {
    return this.#settings.mode === 'list'
  }

  /** To be called when the node hears of changes already. What it returns ends when the room may be joined. */
  open(): MaybePromise<void> {
    const read = this.#node.bus.presence(this.#key)
    return isPromiseLike(read) ? Promise.resolve(read).then((snapshot) => this.#load(snapshot)) : this.#load(read)
  }

  #load({ version, records }: PresenceSnapshot): void {
    this.#version = version
    for (const record of records) this.#set(record)
    const early = this.#early ?? []
    this.#early = undefined
    for (const change of early) this.onChange(change)
  }

  readonly onChange = (change: PresenceChange): void => {
    if (this.#early) return void this.#early.push(change)
    const { version, set, removed = [] } = change
    if (version <= this.#version) return
    this.#version = version
    this.#listText = undefined
    if (set) this.#noteSet(set)
    for (const sessionId of removed) this.#noteRemoved(sessionId)
    this.#chooseMode()
    this.#flushSoon()
  }

  /** Shows a session who is here, directly behind the answer to its join, and tells it what changes from there on (PR-2). */
  welcome(session: PeerSession): void {
    // Without the key: what changes in this turn comes behind it.
    session.wire.send({ text: this.#isCounting ? this.#countText() : this.#listFrame() })
    this.#behind.delete(session)
    this.#onTold(session)
  }

  /** The session is told nothing any more. */
  forget(session: PeerSession): void {
    this.#audience.delete(session)
    this.#behind.delete(session)
  }

  /** The room has no members here any more. */
  close(): void {
    this.#deadline?.cancel()
    this.#catchUp?.cancel()
    this.#audience.clear()
    this.#behind.clear()
  }

  /** It was told all that there is to know. */
  #onTold(session: PeerSession): void {
    this.#audience.set(session, this.#isCounting ? this.#list.memberCount : undefined)
    this.#outbox.onShown(session)
  }

  #set(record: PresenceRecord): void {
    this.#length += lengthOf(record) - lengthOf(this.#list.get(record.sessionId))
    this.#list.set(record.sessionId, record.identity, record)
  }

  #noteSet(record: PresenceRecord): void {
    const isNew = !this.#list.get(record.sessionId)
    this.#set(record)
    if (!this.#isCounting) this.#outbox.set(record.sessionId, toWire(record), { length: lengthOf(record), isNew })
  }

  #noteRemoved(sessionId: string): void {
    const record = this.#list.get(sessionId)
    if (!record) return
    this.#length -= lengthOf(record)
    this.#list.delete(sessionId)
    if (!this.#isCounting) this.#outbox.remove(sessionId)
  }

  /** Too many for a list, or few enough again (PR-6). */
  #chooseMode(): void {
    if (this.#settings.mode === 'count') return
    const share = this.#isCounting ? relistAt : 1
    const fits = this.#list.entryCount <= maxListed * share && this.#length <= maxListedLength * share
    if (fits === !this.#isCounting) return
    this.#isCounting = !fits
    this.#outbox.reset()
  }

  /** At the end of the turn; a count again when the last one is a second old. */
  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    const { clock } = this.#node.settings
    const waitMs = this.#isCounting ? this.#countToldAtMs + countEveryMs - clock.now() : 0
    if (waitMs > 0) this.#deadline = this.#node.deadlines.set(waitMs, () => this.#flush())
    else clock.endOfTurn(() => this.#flush())
  }

  /** What is sent may end a session, and so change who is here: that is told the next time. */
  #flush(): void {
    this.#isFlushing = false
    const parcel = this.#outbox.take()
    if (this.#isCounting) this.#tellCount()
    else if (parcel.isAnew) this.#tellAll(this.#listFrame())
    else this.#tellChanges(parcel)
  }

  /** Those who have been told another count. */
  #tellCount(): void {
    const { memberCount } = this.#list
    const others = [...this.#audience].filter(([, told]) => told !== memberCount).map(([session]) => session)
    if (others.length === 0) return
    this.#countToldAtMs = this.#node.settings.clock.now()
    this.#tellAll(this.#countText(), others)
  }

  /** Everything there is to know: it takes the place of what waits (PR-11). */
  #tellAll(text: string, sessions: readonly PeerSession[] = [...this.#audience.keys()]): void {
    const frame = { text, key: this.#frameKey }
    for (const session of sessions) {
      if (!this.#audience.has(session)) continue
      this.#behind.delete(session)
      this.#onTold(session)
      session.wire.send(frame)
    }
  }

  /** One text for all that get the same changes: all but those who have joined in this turn. */
  #tellChanges({ changes, from }: Parcel): void {
    const frames = new Map<number, OutgoingFrame>()
    for (const session of [...this.#audience.keys()]) {
      const first = from(session)
      if (first >= changes.length || !this.#audience.has(session)) continue
      if (session.wire.isWaiting(this.#frameKey)) {
        this.#behind.add(session) // PR-11
        continue
      }
      let frame = frames.get(first)
      if (!frame)
        frames.set(first, (frame = { text: this.#text({ changes: changes.slice(first) }), key: this.#frameKey }))
      session.wire.send(frame)
    }
    if (this.#behind.size > 0) this.#catchUp ??= this.#node.deadlines.set(countEveryMs, () => this.#tellBehind())
  }

  /** So much they may lag behind; each time costs a list. */
  #tellBehind(): void {
    this.#catchUp = undefined
    if (!this.#isCounting && this.#behind.size > 0) this.#tellAll(this.#listFrame(), [...this.#behind])
  }

  get #frameKey(): string {
    return `${keysOf(this.#number)}$presence` // no event's: names have no $
  }

  #countText(): string {
    return this.#text({ count: this.#list.memberCount })
  }

  #listFrame(): string {
    return (this.#listText ??= this.#text({ entries: Array.from(this.#list.values(), toWire) }))
  }

  #text(payload: unknown): string {
    return `[${frames.presence.kind},${this.#number}${encodeWithoutBytes(payload)}]`
  }
}

function lengthOf(record: PresenceRecord | undefined): number {
  return record ? record.sessionId.length + (record.identity?.length ?? 0) + record.payload.length : 0
}

function toWire({ sessionId, identity, payload }: PresenceRecord): WireChange {
  const data = readPayload(payload)
  return data === undefined ? [sessionId, identity] : [sessionId, identity, data]
}

/** What stands behind a comma in a frame. Of a node whose contract has more it may be what this one cannot read. */
export function readPayload(payload: string): unknown {
  const [json, annotations] = JSON.parse(`[${payload.slice(1)}]`) as readonly [unknown?, unknown?]
  try {
    return decodeWithoutBytes(json, annotations)
  } catch (error) {
    if (error instanceof PayloadError) return undefined
    throw error
  }
}
