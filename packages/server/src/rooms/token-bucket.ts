import type { Clock } from '@typewire/core'

export interface TokenBucketOptions {
  readonly clock: Clock
  /** How many tokens come per second. */
  readonly perSecond: number
  /** How many gather while none is taken. */
  readonly most: number
  /** How many there are at the beginning; those above `most` come once. */
  readonly initial: number
}

/** Lets something happen so often: at once for a while, then as often per second as tokens come. */
export class TokenBucket {
  readonly #options: TokenBucketOptions
  #tokens: number
  #sinceMs: number

  constructor(options: TokenBucketOptions) {
    this.#options = options
    this.#tokens = options.initial
    this.#sinceMs = options.clock.now()
  }

  /** Takes a token, or says that there is none. */
  take(): boolean {
    const { clock, perSecond, most } = this.#options
    const nowMs = clock.now()
    if (this.#tokens < most) this.#tokens = Math.min(most, this.#tokens + ((nowMs - this.#sinceMs) * perSecond) / 1_000)
    this.#sinceMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
