import type { CancelTimer, Clock } from '@typewire/core'

/** What the wheel asks of a connection. */
export interface Heart {
  /** Asks for a sign of life, and forgets those before. */
  readonly ping: () => void
  /** Whether anything came from the peer, or was taken by the network, since the last ping. */
  readonly isAlive: () => boolean
  /** The peer was silent for too long. */
  readonly onSilence: () => void
}

/** Connections are spread over the wheel, so that they are not all pinged at once. */
const maxSlots = 25

/**
 * One timer for the heartbeats of all connections (HB-1): a wheel that turns once per interval, with connections spread
 * over its slots. A slot is pinged when its turn comes, and judged `timeoutMs` later, so a dead link is found within
 * interval + timeout + one slot.
 */
export class Heartbeats {
  readonly #clock: Clock
  readonly #slotMs: number
  readonly #slots: readonly Set<Heart>[]
  /** How many slots behind its ping a slot is judged. */
  readonly #judgeAfter: number
  #turn = 0
  #size = 0
  #cancelTimer: CancelTimer | undefined
  /** When the next tick is due. */
  #dueMs = 0
  #wasLate = false

  constructor(clock: Clock, { intervalMs, timeoutMs }: { readonly intervalMs: number; readonly timeoutMs: number }) {
    const slots = Math.max(1, Math.min(maxSlots, Math.floor(intervalMs / 1_000)))
    this.#clock = clock
    this.#slotMs = intervalMs / slots
    this.#slots = Array.from({ length: slots }, () => new Set<Heart>())
    this.#judgeAfter = Math.min(slots, Math.ceil(timeoutMs / this.#slotMs))
  }

  /** Watches over a connection; returns how to stop. Its first ping is at most one interval away. */
  watch(heart: Heart): () => void {
    const slot = this.#slots[(this.#turn + this.#slots.length - 1) % this.#slots.length]!
    slot.add(heart)
    this.#size++
    if (!this.#cancelTimer) this.#arm()
    return () => {
      if (!slot.delete(heart) || --this.#size > 0) return
      this.#cancelTimer?.()
      this.#cancelTimer = undefined
    }
  }

  #arm(): void {
    this.#dueMs = this.#clock.now() + this.#slotMs
    this.#cancelTimer = this.#clock.after(this.#slotMs, () => this.#tick())
  }

  #tick(): void {
    // One that comes late, from a process that was stopped or busy, comes again: what arrived meanwhile is read first.
    this.#wasLate = !this.#wasLate && this.#clock.now() - this.#dueMs >= this.#slotMs
    if (this.#wasLate) return this.#arm()
    const count = this.#slots.length
    this.#turn = (this.#turn + 1) % count
    // Judged first: where the timeout is a whole interval, the same slot is judged for its last ping, then pinged.
    for (const heart of [...this.#slots[(this.#turn + count - (this.#judgeAfter % count)) % count]!]) {
      if (!heart.isAlive()) heart.onSilence()
    }
    for (const heart of this.#slots[this.#turn]!) heart.ping()
    this.#cancelTimer = undefined
    if (this.#size > 0) this.#arm()
  }
}
