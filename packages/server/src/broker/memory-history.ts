import { randomBytes } from 'node:crypto'
import type {
  Clock,
  HistoryBounds,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  Position,
  Publication,
  PublishOptions,
} from '@typewire/core'
import { type Deadline, Deadlines } from '@typewire/core/internal'
import { lengthOfPublication } from '../delivery.ts'

/** The most keys that are remembered of one channel. The oldest goes first. */
export const maxKeys = 1_000
/** What is kept of all channels together, in UTF-16 units of text and bytes of parts. */
export const defaultMaxHistoryBytes = 268_435_456

interface Kept<T> {
  readonly value: T
  readonly untilMs: number
}

/** What is kept of one channel, from its first publication on. */
interface Log {
  readonly epoch: string
  offset: number
  readonly entries: Kept<HistoryEntry>[]
  readonly keys: Map<string, Kept<Position>>
  ttlMs: number
  /** Until when the offset is known, where nobody subscribes. Nothing in it is kept for longer. */
  untilMs: number
  deadline: Deadline | undefined
}

interface MemoryHistoryOptions {
  readonly clock: Clock
  readonly maxBytes: number
  readonly hasSubscribers: (channel: string) => boolean
}

/** The histories of channels, in memory. Each is forgotten when its time is over and nobody subscribes to its channel. */
export class MemoryHistory {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #maxBytes: number
  readonly #hasSubscribers: (channel: string) => boolean
  /** In the order in which they were published in last. */
  readonly #logs = new Map<string, Log>()
  #length = 0
  /**
   * That of every channel without a log. Another one once a log is forgotten, whose channel is without one again and would
   * use its offsets again.
   */
  #nextEpoch = newEpoch()
  /** Of channels without a log that somebody has asked about and subscribes to: those keep it. */
  readonly #epochs = new Map<string, string>()

  constructor({ clock, maxBytes, hasSubscribers }: MemoryHistoryOptions) {
    this.#clock = clock
    this.#deadlines = new Deadlines(clock)
    this.#maxBytes = maxBytes
    this.#hasSubscribers = hasSubscribers
  }

  /** Keeps a publication and gives its position; `isRepeated`: that of an earlier one of the same key. */
  add(
    channel: string,
    publication: Publication,
    { history, key }: PublishOptions & { readonly history: HistoryBounds },
  ): { readonly position: Position; readonly isRepeated: boolean } {
    const log = this.#find(channel, history) ?? this.#begin(channel, history)
    const known = key === undefined ? undefined : log.keys.get(key)
    if (known) return { position: known.value, isRepeated: true }
    const untilMs = this.#clock.now() + history.ttlMs
    const position = { epoch: log.epoch, offset: ++log.offset }
    log.entries.push({ value: { offset: position.offset, publication }, untilMs })
    this.#length += lengthOfPublication(publication)
    this.#drop(log, log.entries.length - history.limit)
    if (key !== undefined) {
      log.keys.set(key, { value: position, untilMs })
      if (log.keys.size > maxKeys) log.keys.delete(log.keys.keys().next().value!)
    }
    this.#logs.delete(channel)
    this.#logs.set(channel, log)
    this.#keepWithinBytes()
    return { position, isRepeated: false }
  }

  read(channel: string, query: HistoryQuery, bounds: HistoryBounds): HistoryPage {
    const log = this.#find(channel, bounds)
    if (!log) return { epoch: this.#epochOf(channel), offset: 0, publications: [] }
    const { epoch, offset, entries } = log
    const kept = entries.map(({ value }) => value)
    if ('since' in query) {
      const { since } = query
      const publications = since.epoch === epoch ? kept.filter((entry) => entry.offset > since.offset) : []
      return { epoch, offset, publications }
    }
    const { before = Number.POSITIVE_INFINITY, limit } = query
    const older = kept.filter((entry) => entry.offset < before)
    return { epoch, offset, publications: limit === 0 ? [] : older.slice(-limit) }
  }

  /** Nobody subscribes any more: the time begins after which the channel is forgotten. */
  onUnsubscribed(channel: string): void {
    this.#epochs.delete(channel)
    const log = this.#logs.get(channel)
    if (log) this.#extend(channel, log)
  }

  #epochOf(channel: string): string {
    const epoch = this.#epochs.get(channel) ?? this.#nextEpoch
    if (this.#hasSubscribers(channel)) this.#epochs.set(channel, epoch)
    return epoch
  }

  #find(channel: string, { ttlMs }: HistoryBounds): Log | undefined {
    const log = this.#logs.get(channel)
    if (!log) return undefined
    this.#dropExpired(log)
    if (this.#forgetIfOver(channel, log)) return undefined
    log.ttlMs = ttlMs
    this.#extend(channel, log)
    return log
  }

  #begin(channel: string, { ttlMs }: HistoryBounds): Log {
    const epoch = this.#epochOf(channel)
    this.#epochs.delete(channel)
    const log = { epoch, offset: 0, entries: [], keys: new Map(), ttlMs, untilMs: 0, deadline: undefined }
    this.#logs.set(channel, log)
    this.#extend(channel, log)
    return log
  }

  #extend(channel: string, log: Log): void {
    log.untilMs = this.#clock.now() + log.ttlMs
    log.deadline ??= this.#deadlines.set(log.ttlMs, () => this.#onDeadline(channel, log))
  }

  #onDeadline(channel: string, log: Log): void {
    log.deadline = undefined
    this.#dropExpired(log)
    const leftMs = log.untilMs - this.#clock.now()
    if (leftMs > 0) log.deadline = this.#deadlines.set(leftMs, () => this.#onDeadline(channel, log))
    else this.#forgetIfOver(channel, log)
  }

  #forgetIfOver(channel: string, log: Log): boolean {
    if (this.#clock.now() < log.untilMs || this.#hasSubscribers(channel)) return false
    log.deadline?.cancel()
    this.#drop(log, log.entries.length)
    this.#logs.delete(channel)
    this.#nextEpoch = newEpoch()
    return true
  }

  /** Of the channel in which nothing was published for longest the oldest go first. */
  #keepWithinBytes(): void {
    for (const [channel, log] of this.#logs) {
      while (this.#length > this.#maxBytes && log.entries.length > 0) this.#drop(log, 1)
      if (this.#length <= this.#maxBytes) return
      // There is nothing in it to be looked for the next time.
      this.#logs.delete(channel)
      this.#logs.set(channel, log)
    }
  }

  #dropExpired(log: Log): void {
    const { entries, keys } = log
    const now = this.#clock.now()
    const firstKept = entries.findIndex(({ untilMs }) => untilMs > now)
    this.#drop(log, firstKept === -1 ? entries.length : firstKept)
    for (const [key, { untilMs }] of keys) {
      if (untilMs > now) break
      keys.delete(key)
    }
  }

  /** Forgets the first of a log, so many. */
  #drop({ entries }: Log, count: number): void {
    if (count <= 0) return
    for (const { value } of entries.splice(0, count)) this.#length -= lengthOfPublication(value.publication)
  }
}

/** Of one that is kept it is another string each time, and no two brokers have the same. */
const newEpoch = () => randomBytes(9).toString('base64url')
