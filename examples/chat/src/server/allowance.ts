/** How much may be said at once, and how fast it may go on (GCRA: a leaky bucket that needs one number). */
export class Allowance {
  readonly #size: number
  readonly #refillMs: number
  readonly #now: () => number
  /** When all of it will be there again, if nothing more is taken. */
  #fullAtMs = 0

  /** `size` at once, one more each `refillMs`. */
  constructor(size: number, refillMs: number, now: () => number = () => performance.now()) {
    this.#size = size
    this.#refillMs = refillMs
    this.#now = now
  }

  /** Takes one and returns 0, or returns how many milliseconds remain until there is one to take. */
  take(): number {
    const nowMs = this.#now()
    const fullAtMs = Math.max(nowMs, this.#fullAtMs)
    const waitMs = fullAtMs - (this.#size - 1) * this.#refillMs - nowMs
    if (waitMs > 0) return Math.ceil(waitMs)
    this.#fullAtMs = fullAtMs + this.#refillMs
    return 0
  }
}
