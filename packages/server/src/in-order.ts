/**
 * Keeps what one target is sent in the order in which it was emitted, although a schema may answer with a promise.
 * Synchronous while none does.
 */
export class InOrder {
  readonly #onError: (error: unknown) => void
  #last: Promise<void> | undefined

  /** `onError` gets what a promise rejects with; what is not a promise throws at once, at its caller. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** `onError` gets what the promise rejects with, where its own caller waits for it. */
  run<T>(value: T | Promise<T>, then: (value: T) => void, onError = this.#onError): void {
    if (!this.#last && !(value instanceof Promise)) return then(value)
    // It may reject while it waits for its turn; it is caught when that comes.
    if (value instanceof Promise) value.catch(() => {})
    const before = this.#last ?? Promise.resolve()
    const done = before
      .then(() => value)
      .then(then)
      .catch(onError)
      .then(() => {
        if (this.#last === done) this.#last = undefined
      })
    this.#last = done
  }
}
