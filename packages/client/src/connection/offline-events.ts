import { TypewireError } from '@typewire/core'
import type { Deadline, Deadlines } from '@typewire/core/internal'
import type { OnClientError } from '../types.ts'

/** Where an event waits to be sent. */
export interface WaitingPlace {
  /** What it waits for: a connection, or a join. */
  readonly waitsFor: 'connection' | 'join'
  readonly isWaiting: () => boolean
  readonly leave: () => void
}

interface Held {
  readonly origin: string
  readonly dueMs: number
  place: WaitingPlace
}

export interface OfflineEventsOptions {
  readonly now: () => number
  readonly deadlines: Deadlines
  /** How long an event may wait, in milliseconds. */
  readonly maxAgeMs: number
  readonly onError: OnClientError
}

/**
 * Events that nobody waits for, sent while they cannot leave: each leaves in time, or is dropped and told, since what a
 * user did long ago may not be meant any more. Their bytes are bounded by the queues that they wait in.
 */
export class OfflineEvents {
  readonly #options: OfflineEventsOptions
  /** By whatever is the same for one event wherever it waits; the oldest first. */
  readonly #held = new Map<unknown, Held>()
  #deadline: Deadline | undefined

  constructor(options: OfflineEventsOptions) {
    this.#options = options
  }

  /** The event waits here from now on. Its age counts from the first time. */
  hold(event: unknown, origin: string, place: WaitingPlace): void {
    const held = this.#held.get(event)
    if (held) held.place = place
    else this.#held.set(event, { origin, place, dueMs: this.#options.now() + this.#options.maxAgeMs })
    if (!this.#deadline) this.#arm()
  }

  /** There is a connection: what waited for one leaves. */
  onOpen(): void {
    for (const [event, { place }] of this.#held) if (place.waitsFor === 'connection') this.#held.delete(event)
    this.#arm()
  }

  /** The event has left by itself, or a newer one takes its place. */
  release(event: unknown): void {
    if (this.#held.delete(event) && this.#held.size === 0) this.#arm()
  }

  /** Nothing of what waits is sent any more, and whoever ended it has told. */
  clear(): void {
    this.#held.clear()
    this.#arm()
  }

  #arm(): void {
    this.#deadline?.cancel()
    this.#deadline = undefined
    const [oldest] = this.#held.values()
    if (!oldest) return
    this.#deadline = this.#options.deadlines.set(oldest.dueMs - this.#options.now(), () => this.#expire())
  }

  #expire(): void {
    const { now, maxAgeMs, onError } = this.#options
    for (const [event, { origin, place, dueMs }] of [...this.#held]) {
      if (dueMs > now()) break
      this.#held.delete(event)
      if (!place.isWaiting()) continue
      place.leave()
      const what = `${origin}: it could not be sent within ${maxAgeMs} ms, and was dropped.`
      onError(new TypewireError('TIMED_OUT', what, { origin, outcome: 'not_sent' }))
    }
    this.#arm()
  }
}
