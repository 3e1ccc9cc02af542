import type { CancelTimer, Clock } from './clock.ts'

/** A time limit that has been set. */
export interface Deadline {
  cancel(): void
}

const never: Deadline = { cancel: () => {} }

/** A time limit in its slot. An object, and no closures: one is made for each call. */
class Entry implements Deadline {
  readonly expire: () => void
  readonly slot: number
  readonly #deadlines: Deadlines

  constructor(expire: () => void, slot: number, deadlines: Deadlines) {
    this.expire = expire
    this.slot = slot
    this.#deadlines = deadlines
  }

  cancel(): void {
    this.#deadlines.cancel(this)
  }
}

/** Time limits are kept to within this many milliseconds, never early. */
const grainMs = 8
/** The longest timer of the platforms (2^31 - 1); a longer one would fire at once. What is later is armed again. */
const maxTimerMs = 2_147_483_647

/**
 * Many time limits on one timer: setting and cancelling one costs a map entry, not a timer of the platform.
 * The timer is armed for the earliest slot only, and not at all while nothing waits.
 */
export class Deadlines {
  readonly #clock: Clock
  /** By the slot in which they end: time divided by the grain, rounded up. */
  readonly #slots = new Map<number, Set<Entry>>()
  #armedFor = Number.POSITIVE_INFINITY
  #cancelTimer: CancelTimer | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Runs `expire` once after `ms`, unless cancelled before; never, if that is infinite.
   * @throws RangeError when `ms` is not a number.
   */
  set(ms: number, expire: () => void): Deadline {
    if (Number.isNaN(ms)) throw new RangeError('A time limit is not a number.')
    if (ms === Number.POSITIVE_INFINITY) return never
    const slot = Math.ceil((this.#clock.now() + ms) / grainMs)
    let expiring = this.#slots.get(slot)
    if (!expiring) this.#slots.set(slot, (expiring = new Set()))
    // One of its own, so that the same callback can be set twice.
    const entry = new Entry(expire, slot, this)
    expiring.add(entry)
    if (slot < this.#armedFor) this.#arm(slot)
    return entry
  }

  /** What an entry calls. */
  cancel(entry: Entry): void {
    const expiring = this.#slots.get(entry.slot)
    if (!expiring?.delete(entry) || expiring.size > 0) return
    this.#slots.delete(entry.slot)
    if (this.#slots.size === 0) this.#disarm()
  }

  #arm(slot: number): void {
    this.#disarm()
    this.#armedFor = slot
    const ms = Math.min(maxTimerMs, slot * grainMs - this.#clock.now())
    this.#cancelTimer = this.#clock.after(ms, () => this.#expire())
  }

  #disarm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#armedFor = Number.POSITIVE_INFINITY
  }

  /** One that throws keeps no other from expiring; what it threw is thrown at the end. */
  #expire(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    const now = this.#clock.now()
    const due = [...this.#slots.keys()].filter((slot) => slot * grainMs <= now).sort((a, b) => a - b)
    const errors: unknown[] = []
    for (const slot of due) {
      // Found anew: one that expires may cancel others, and set them.
      const expiring = this.#slots.get(slot)
      for (const entry of expiring ?? []) {
        expiring?.delete(entry)
        try {
          entry.expire()
        } catch (error) {
          errors.push(error)
        }
      }
      if (this.#slots.get(slot) === expiring) this.#slots.delete(slot)
    }
    if (this.#slots.size > 0) {
      let earliest = Number.POSITIVE_INFINITY
      for (const slot of this.#slots.keys()) earliest = Math.min(earliest, slot)
      if (earliest < this.#armedFor) this.#arm(earliest)
    } else this.#disarm()
    if (errors.length > 0) throw errors[0]
  }
}
