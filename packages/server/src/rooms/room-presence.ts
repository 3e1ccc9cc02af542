import type { MaybePromise, PresenceChange, PresenceRecord, PresenceSnapshot } from '@typewire/core'
import {
  type Deadline,
  decodeWithoutBytes,
  encodeWithoutBytes,
  frames,
  isPromiseLike,
  MemberList,
  PayloadError,
} from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
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
/** How often members are told the count alone, at most (PR-7). */
export const countEveryMs = 1_000

/** As it stands in a frame: that of a session, or the id of one that is gone. */
type WireChange = readonly unknown[] | string

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
  /** Who is told, and from which of the changes on that are about to be sent: those before were in its snapshot. */
  readonly #audience = new Map<PeerSession, number>()
  #changes: WireChange[] = []
  #changesLength = 0
  /** Where in them the last word of a session stands, if it is not gone. */
  readonly #lastWord = new Map<string, number>()
  /** The changes before this one are in the snapshot of somebody, so they must stay as they are. */
  #shown = 0
  #isFlushing = false
  #isCounting: boolean
  /** All are to be sent the list anew. */
  #isAnew = false
  /** The list as a frame, while nothing changes. */
  #listText: string | undefined
  #countTold = -1
  #countToldAtMs = Number.NEGATIVE_INFINITY
  #deadline: Deadline | undefined

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
    session.wire.send({ text: this.#isCounting ? this.#countText() : this.#listFrame() })
    this.#shown = this.#changes.length
    this.#audience.set(session, this.#changes.length)
  }

  /** The session is told nothing any more. */
  forget(session: PeerSession): void {
    this.#audience.delete(session)
  }

  /** The room has no members here any more. */
  close(): void {
    this.#deadline?.cancel()
    this.#audience.clear()
  }

  #set(record: PresenceRecord): void {
    this.#length += lengthOf(record) - lengthOf(this.#list.get(record.sessionId))
    this.#list.set(record.sessionId, record.identity, record)
  }

  #noteSet(record: PresenceRecord): void {
    const { sessionId } = record
    const isNew = !this.#list.get(sessionId)
    this.#set(record)
    if (this.#isCounting || this.#isAnew) return
    const at = this.#lastWord.get(sessionId)
    // A later word takes the place of an earlier one, unless somebody has that already.
    if (!isNew && at !== undefined && at >= this.#shown) this.#changes[at] = toWire(record)
    else this.#lastWord.set(sessionId, this.#push(toWire(record), lengthOf(record)) - 1)
  }

  #noteRemoved(sessionId: string): void {
    const record = this.#list.get(sessionId)
    if (!record) return
    this.#length -= lengthOf(record)
    this.#list.delete(sessionId)
    if (this.#isCounting || this.#isAnew) return
    this.#lastWord.delete(sessionId)
    this.#push(sessionId, sessionId.length)
  }

  /** More in one turn than a whole list may be: they get the list in its place. */
  #push(change: WireChange, length: number): number {
    this.#changesLength += length
    const count = this.#changes.push(change)
    if (this.#changesLength > maxListedLength) this.#startAnew()
    return count
  }

  #startAnew(): void {
    this.#isAnew = true
    this.#forgetChanges()
  }

  /** Too many for a list, or few enough again (PR-6). */
  #chooseMode(): void {
    if (this.#settings.mode === 'count') return
    const share = this.#isCounting ? relistAt : 1
    const fits = this.#list.entryCount <= maxListed * share && this.#length <= maxListedLength * share
    if (fits === !this.#isCounting) return
    this.#isCounting = !fits
    this.#countTold = -1
    this.#startAnew()
  }

  #forgetChanges(): void {
    this.#changes = []
    this.#changesLength = 0
    this.#lastWord.clear()
    this.#shown = 0
    for (const session of this.#audience.keys()) this.#audience.set(session, 0)
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

  #flush(): void {
    this.#isFlushing = false
    if (this.#isCounting) return this.#tellCount()
    if (this.#isAnew) {
      this.#isAnew = false
      const text = this.#listFrame()
      for (const session of this.#audience.keys()) session.wire.send({ text })
      return
    }
    this.#tellChanges()
  }

  #tellCount(): void {
    if (this.#list.memberCount === this.#countTold) return
    this.#countTold = this.#list.memberCount
    this.#countToldAtMs = this.#node.settings.clock.now()
    const text = this.#countText()
    for (const session of this.#audience.keys()) session.wire.send({ text })
  }

  /** One text for all that get the same changes: all but those who have joined in this turn. */
  #tellChanges(): void {
    const changes = this.#changes
    const texts = new Map<number, string>()
    for (const [session, from] of this.#audience) {
      if (from >= changes.length) continue
      let text = texts.get(from)
      if (!text) texts.set(from, (text = this.#text({ changes: changes.slice(from) })))
      session.wire.send({ text })
    }
    this.#forgetChanges()
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

function toWire({ sessionId, identity, payload }: PresenceRecord): readonly unknown[] {
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
