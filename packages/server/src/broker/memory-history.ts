import { randomBytes } from 'node:crypto'
import type {
  CancelTimer,
  Clock,
  HistoryBounds,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  Position,
  Publication,
  PublishOptions,
} from '@typewire/core'

/** The most keys that are remembered of one channel. The oldest goes first. */
export const maxKeys = 1_000

interface Kept<T> {
  readonly value: T
  readonly untilMs: number
}

/** What is kept of one channel. */
interface Log {
  readonly epoch: string
  offset: number
  readonly entries: Kept<HistoryEntry>[]
  readonly keys: Map<string, Kept<Position>>
  ttlMs: number
  /** Until when the offset is known, where nobody subscribes. Nothing in it is kept for longer. */
  untilMs: number
  timer: CancelTimer | undefined
}

/** The histories of channels, in memory. Each is forgotten when its time is over and nobody subscribes to its channel. */
export class MemoryHistory {
  readonly #clock: Clock
  readonly #hasSubscribers: (channel: string) => boolean
  readonly #logs = new Map<string, Log>()

  constructor(clock: Clock, hasSubscribers: (channel: string) => boolean) {
    this.#clock = clock
    this.#hasSubscribers = hasSubscribers
  }

  /** Keeps a publication and gives its position; `isRepeated`: that of an earlier one of the same key. */
  add(
    channel: string,
    publication: Publication,
    { history, key }: PublishOptions & { readonly history: HistoryBounds },
  ): { readonly position: Position; readonly isRepeated: boolean } {
    const log = this.#use(channel, history)
    const known = key === undefined ? undefined : log.keys.get(key)
    if (known) return { position: known.value, isRepeated: true }
    const untilMs = this.#clock.now() + history.ttlMs
    const position = { epoch: log.epoch, offset: ++log.offset }
    log.entries.push({ value: { offset: position.offset, publication }, untilMs })
    if (log.entries.length > history.limit) log.entries.splice(0, log.entries.length - history.limit)
    if (key !== undefined) {
      log.keys.set(key, { value: position, untilMs })
      if (log.keys.size > maxKeys) log.keys.delete(log.keys.keys().next().value!)
    }
    return { position, isRepeated: false }
  }

  read(channel: string, query: HistoryQuery, bounds: HistoryBounds): HistoryPage {
    const { epoch, offset, entries } = this.#use(channel, bounds)
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
    const log = this.#logs.get(channel)
    if (log) this.#extend(channel, log)
  }

  #use(channel: string, { ttlMs }: HistoryBounds): Log {
    let log = this.#logs.get(channel)
    if (log) dropExpired(log, this.#clock.now())
    else {
      const epoch = randomBytes(9).toString('base64url')
      log = { epoch, offset: 0, entries: [], keys: new Map(), ttlMs, untilMs: 0, timer: undefined }
      this.#logs.set(channel, log)
    }
    log.ttlMs = ttlMs
    this.#extend(channel, log)
    return log
  }

  #extend(channel: string, log: Log): void {
    log.untilMs = this.#clock.now() + log.ttlMs
    log.timer ??= this.#clock.after(log.ttlMs, () => this.#onTimer(channel, log))
  }

  #onTimer(channel: string, log: Log): void {
    log.timer = undefined
    const now = this.#clock.now()
    dropExpired(log, now)
    if (now < log.untilMs) log.timer = this.#clock.after(log.untilMs - now, () => this.#onTimer(channel, log))
    else if (!this.#hasSubscribers(channel)) this.#logs.delete(channel)
  }
}

function dropExpired({ entries, keys }: Log, now: number): void {
  const firstKept = entries.findIndex(({ untilMs }) => untilMs > now)
  if (firstKept !== 0) entries.splice(0, firstKept === -1 ? entries.length : firstKept)
  for (const [key, { untilMs }] of keys) {
    if (untilMs > now) break
    keys.delete(key)
  }
}
