import { TypewireError } from '@typewire/core'
import { aborted, type Deadlines, maxPendingRequests } from '@typewire/core/internal'
import type { Due } from '../waiting-events.ts'

/** A request that is encoded, and has no id yet. */
export interface QueuedRequest {
  /** Its place among all that was asked. */
  readonly order: number
  /** For errors: `admin/ban`. */
  readonly origin: string
  /** In UTF-16 units of text and bytes of parts. */
  readonly length: number
}

export interface QueueLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** What it fails with when the time is over. */
  readonly expired: () => TypewireError
}

interface Waiting extends Due {
  readonly fail: (error: TypewireError) => void
  readonly origin: string
}

/** Requests of a namespace that is not open yet, each within its own time limit. */
export class RequestQueue {
  readonly #deadlines: Deadlines
  readonly #waiting = new Set<Waiting>()
  #length = 0

  constructor(deadlines: Deadlines) {
    this.#deadlines = deadlines
  }

  /** In UTF-16 units of text and bytes of parts. */
  get length(): number {
    return this.#length
  }

  /** All that wait, to be sent in their order. */
  get due(): readonly Due[] {
    return [...this.#waiting]
  }

  /** Keeps one until it is sent; settles as `send` does, or by its limits. */
  add({ order, origin, length }: QueuedRequest, limits: QueueLimits, send: () => Promise<unknown>) {
    const { timeoutMs, signal, expired } = limits
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(aborted(origin, signal))
      if (this.#waiting.size >= maxPendingRequests) {
        const what = `${origin}: ${maxPendingRequests} calls wait for the namespace to be open.`
        return reject(new TypewireError('OVERLOADED', what, { origin }))
      }
      const leave = () => {
        if (!this.#waiting.delete(waiting)) return
        this.#length -= length
        deadline.cancel()
        signal?.removeEventListener('abort', abort)
      }
      const waiting: Waiting = {
        order,
        origin,
        send: () => {
          leave()
          resolve(send())
        },
        fail: (error) => {
          leave()
          reject(error)
        },
      }
      const abort = () => waiting.fail(aborted(origin, signal))
      const deadline = this.#deadlines.set(timeoutMs, () => waiting.fail(expired()))
      signal?.addEventListener('abort', abort, { once: true })
      this.#waiting.add(waiting)
      this.#length += length
    })
  }

  /** None of them is sent. */
  fail(toError: (origin: string) => TypewireError): void {
    for (const { origin, fail } of [...this.#waiting]) fail(toError(origin))
  }
}
