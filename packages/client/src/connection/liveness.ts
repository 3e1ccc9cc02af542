import type { Clock } from '@typewire/core'
import type { Deadline, Deadlines } from '@typewire/core/internal'

/** The longest that is waited for the answer to a ping of ours, in milliseconds. */
const maxGraceMs = 5_000

/** A timer that fires so much after its time was not run meanwhile: the machine slept, or was busy. */
const lateMs = 1_000

export interface LivenessOptions {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly heartbeat: { readonly intervalMs: number; readonly timeoutMs: number }
  readonly ping: () => void
  /** The server was silent for too long: the link is as good as lost. */
  readonly onSilence: () => void
}

/**
 * Watches over one open connection from the client's side. The server asks at its interval, so silence for longer than
 * interval + timeout is a dead link (HB-2). Before it is believed the server is asked: a timer that fires late, as in a
 * laptop that wakes, comes before the messages that wait to be read.
 */
export class Liveness {
  readonly #options: LivenessOptions
  readonly #graceMs: number
  readonly #quietMs: number
  #deadline: Deadline | undefined
  #wasHeard = true
  #isAsking = false

  constructor(options: LivenessOptions) {
    const { intervalMs, timeoutMs } = options.heartbeat
    this.#options = options
    this.#graceMs = Math.min(maxGraceMs, timeoutMs / 2)
    this.#quietMs = (intervalMs + timeoutMs - this.#graceMs) / 2
    this.#wait()
  }

  /** Anything came from the server, or was taken by the network. */
  heard(): void {
    this.#wasHeard = true
    if (this.#isAsking) this.#wait()
  }

  /** Asks at once: the network has changed, or a page was shown again. */
  probe(): void {
    if (!this.#isAsking) this.#ask({ mayBeLate: true })
  }

  /** What is late once is asked again, since the answer may wait to be read; what is late twice is as it is. */
  #ask({ mayBeLate }: { readonly mayBeLate: boolean }): void {
    const { clock, deadlines, ping, onSilence } = this.#options
    this.#deadline?.cancel()
    this.#wasHeard = false
    this.#isAsking = true
    ping()
    const dueMs = clock.now() + this.#graceMs
    this.#deadline = deadlines.set(this.#graceMs, () => {
      if (mayBeLate && clock.now() - dueMs >= lateMs) this.#ask({ mayBeLate: false })
      else onSilence()
    })
  }

  stop(): void {
    this.#deadline?.cancel()
  }

  /** Two quiet spells in a row, and the server is asked. Nothing is set or cancelled per message. */
  #wait(): void {
    this.#isAsking = false
    this.#deadline?.cancel()
    this.#deadline = this.#options.deadlines.set(this.#quietMs, () => {
      if (!this.#wasHeard) return this.probe()
      this.#wasHeard = false
      this.#wait()
    })
  }
}
