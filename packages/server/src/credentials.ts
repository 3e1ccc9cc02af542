import type { Deadline, Deadlines } from '@typewire/core/internal'
import type { Identified } from './types.ts'

/** What `authenticate` made of the credentials of a session's client, and for how long it counts (AU-1). */
export class Credentials {
  readonly #deadlines: Deadlines
  readonly #onEnd: (reason: string) => void
  #ctx: Identified
  #expiry: Deadline | undefined
  /** How often `authenticate` was asked, up to when what it says is void, and of which time what counts now is. */
  #asked = 0
  #voidUpTo = 0
  #counts = 0
  #areGood = true

  /** `onEnd`: they count no more, and the client must show new ones. */
  constructor(ctx: Identified, deadlines: Deadlines, onEnd: (reason: string) => void) {
    this.#ctx = ctx
    this.#deadlines = deadlines
    this.#onEnd = onEnd
    this.renew(ctx, 0)
  }

  get ctx(): Identified {
    return this.#ctx
  }

  /** `authenticate` is being asked about new ones. Returns which time this is, for `isVoid` and `renew`. */
  beginJudging(): number {
    return ++this.#asked
  }

  /** Whether they were revoked since `authenticate` was asked: then what it says does not count (AU-3). */
  isVoid(judging: number): boolean {
    return judging <= this.#voidUpTo
  }

  /** Until they have expired or are revoked, and again once new ones were shown. Meanwhile nothing is handled. */
  get areGood(): boolean {
    return this.#areGood
  }

  /** How long they are good for, in whole milliseconds; `undefined` where that is not limited. */
  get expiresInMs(): number | undefined {
    const { expiresAtMs = Number.POSITIVE_INFINITY } = this.#ctx
    return expiresAtMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, Math.ceil(expiresAtMs - Date.now()))
  }

  /** The client has shown new ones. Those that it has shown after them stay, where they were judged sooner. */
  renew(ctx: Identified, judging: number): void {
    if (judging < this.#counts) return
    this.#counts = judging
    this.#ctx = ctx
    this.#areGood = true
    this.stop()
    const { expiresInMs } = this
    if (expiresInMs === undefined) return
    this.#expiry = this.#deadlines.set(expiresInMs, () => this.#end('the credentials have expired'))
  }

  revoke(reason: string): void {
    this.#voidUpTo = this.#asked
    this.#end(reason)
  }

  #end(reason: string): void {
    this.stop()
    this.#areGood = false
    this.#onEnd(reason)
  }

  stop(): void {
    this.#expiry?.cancel()
  }
}
