import type { CancelTimer, Clock } from './clock.ts'

/** A time limit that has been set. */
export interface Deadline {
  readonly cancel: () => void
}

/** Time limits are kept to within this many milliseconds, never early. */
const grainMs = 8

/**
 * Many time limits on one timer: setting and cancelling one costs a map entry, not a timer of the platform.
 * The timer is armed for the earliest slot only, and not at all while nothing waits.
 */
export class Deadlines {
  readonly #clock: Clock
  /** By the slot in which they end: time divided by the grain, rounded up. */
  readonly #slots = new Map<number, Set<() => void>>()
  #armedFor = Number.POSITIVE_INFINITY
  #cancelTimer: CancelTimer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs `expire` once after `ms`, unless cancelled before. */
  set(ms: number, expire: () => void): Deadline {
    const slot = Math.ceil((this.#clock.now() + ms) / grainMs)
    let expiring = this.#slots.get(slot)
    if (!expiring) this.#slots.set(slot, (expiring = new Set()))
    // A fresh function per deadline, so that the same callback can be set twice.
    let isCancelled = false
    const run = () => {
      if (!isCancelled) expire() // one that is due at the same moment may have cancelled it
    }
    expiring.add(run)
    if (slot < this.#armedFor) this.#arm(slot)
    const cancel = () => {
      isCancelled = true
      this.#cancel(slot, run)
    }
    return { cancel }
  }

  #cancel(slot: number, run: () => void): void {
    const expiring = this.#slots.get(slot)
    if (!expiring?.delete(run) || expiring.size > 0) return
    this.#slots.delete(slot)
    if (this.#slots.size === 0) this.#disarm()
  }

  #arm(slot: number): void {
    this.#disarm()
    this.#armedFor = slot
    this.#cancelTimer = this.#clock.after(slot * grainMs - this.#clock.now(), () => this.#expire())
  }

  #disarm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  #expire(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    const due = [...this.#slots.keys()].filter((slot) => slot * grainMs <= now).sort((a, b) => a - b)
    for (const slot of due) {
      const expiring = this.#slots.get(slot)
      this.#slots.delete(slot)
      for (const run of expiring ?? []) run()
    }
    if (this.#slots.size > 0) {
      const earliest = Math.min(...this.#slots.keys())
      if (earliest < this.#armedFor) this.#arm(earliest)
    }
  }
}
