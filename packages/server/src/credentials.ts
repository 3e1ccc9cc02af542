import type { Deadline, Deadlines } from '@typewire/core/internal'
import type { Identified } from './types.ts'

/** What `authenticate` made of the credentials of a session's client, and for how long it counts (AU-1). */
export class Credentials {
  readonly #deadlines: Deadlines
  readonly #onEnd: (reason: string) => void
  #ctx: Identified
  #expiry: Deadline | undefined
  #revocations = 0

  /** `onEnd`: they count no more, and the client must show new ones. */
  constructor(ctx: Identified, deadlines: Deadlines, onEnd: (reason: string) => void) {
    this.#ctx = ctx
    this.#deadlines = deadlines
    this.#onEnd = onEnd
  }

  get ctx(): Identified {
    return this.#ctx
  }

  /** How often they were revoked: what `authenticate` began to judge before the last time does not count (AU-3). */
  get revocations(): number {
    return this.#revocations
  }

  /** How long they are good for, in whole milliseconds; `undefined` where that is not limited. */
  get expiresInMs(): number | undefined {
    const { expiresAtMs = Number.POSITIVE_INFINITY } = this.#ctx
    return expiresAtMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, Math.ceil(expiresAtMs - Date.now()))
  }

  /** The client has shown new ones. */
  renew(ctx: Identified): void {
    this.#ctx = ctx
    this.stop()
    const { expiresInMs } = this
    if (expiresInMs === undefined) return
    this.#expiry = this.#deadlines.set(expiresInMs, () => this.#onEnd('the credentials have expired'))
  }

  revoke(reason: string): void {
    this.#revocations++
    this.stop()
    this.#onEnd(reason)
  }

  stop(): void {
    this.#expiry?.cancel()
  }
}
