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

  /** `limit` ends what never settles: it must not hold up what is emitted behind it. `onError` gets what a promise rejects with; what is not a promise throws at once, at its caller. `onIdle`: nothing waits any more. */
  constructor(onError: (error: unknown) => void, limit: Limit = (promise) => promise, onIdle = (): void => {}) {
    this.#onError = onError
    this.#limit = limit
    this.#onIdle = onIdle
  }

  /** `onError` gets what the promise rejects with, where its own caller waits for it. */
  run<T>(value: T | Promise<T>, then: (value: T) => void, onError = this.#onError): void {
    if (!this.#last && !(value instanceof Promise)) return then(value)
    // It may reject while it waits for its turn; it is caught when that comes.
    if (value instanceof Promise) value.catch(() => {})
    const before = this.#last ?? Promise.resolve()
    const done = before
      .then(() => (value instanceof Promise ? this.#limit(value) : value))
      .then(then)
      .catch(onError)
      .then(() => {
        if (this.#last !== done) return
        this.#last = undefined
        this.#onIdle()
      })
    this.#last = done
  }
}
