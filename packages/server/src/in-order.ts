import { TypewireError } from '@typewire/core'

/** The most that waits for one target. */
export const maxWaiting = 10_000

/** Rejects in place of a promise that takes too long. */
export type Limit = <T>(promise: Promise<T>) => Promise<T>

/**
 * Keeps what one target is sent in the order in which it was emitted, although a schema may answer with a promise.
 * Synchronous while none does.
 */
export class InOrder {
  readonly #onError: (error: unknown) => void
  readonly #limit: Limit
  readonly #onIdle: () => void
  #last: Promise<void> | undefined
  #waiting = 0

  /** `limit` ends what never settles, from when it was emitted on: however many do, the last is not held up for longer. `onError` gets what a promise rejects with; what is not a promise throws at once, at its caller. `onIdle`: nothing waits any more. */
  constructor(onError: (error: unknown) => void, limit: Limit = (promise) => promise, onIdle = (): void => {}) {
    this.#onError = onError
    this.#limit = limit
    this.#onIdle = onIdle
  }

  /**
   * `onError` gets what the promise rejects with, where its own caller waits for it; and `OVERLOADED`, where so much waits
   * already that this is not sent.
   */
  run<T>(value: T | Promise<T>, then: (value: T) => void, onError = this.#onError): void {
    if (!this.#last && !(value instanceof Promise)) return then(value)
    // It may reject while it waits for its turn; it is caught when that comes.
    if (value instanceof Promise) value.catch(() => {})
    if (this.#waiting >= maxWaiting) {
      const what = `${maxWaiting} emits wait for a schema that has not answered.`
      return onError(new TypewireError('OVERLOADED', `${what} One more is not sent.`))
    }
    const limited = value instanceof Promise ? this.#limit(value) : value
    if (limited instanceof Promise) limited.catch(() => {})
    this.#waiting++
    const before = this.#last ?? Promise.resolve()
    const done = before
      .then(() => limited)
      .then(then)
      .catch(onError)
      .then(() => {
        this.#waiting--
        if (this.#last !== done) return
        this.#last = undefined
        this.#onIdle()
      })
    this.#last = done
  }
}
