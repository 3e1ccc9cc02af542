import { type Unsubscribe, unsubscribe } from './unsubscribe.ts'

/**
 * Listeners in order of registration. One that throws never starves its siblings: what it threw goes to `onError`.
 * A listener that is added or taken away while they run takes effect from the next round.
 */
export class Listeners<Listener> {
  #listeners: readonly { readonly listener: Listener }[] = []
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  get size(): number {
    return this.#listeners.length
  }

  /** The same listener added twice is heard twice; each `Unsubscribe` ends its own. */
  add(listener: Listener): Unsubscribe {
    const entry = { listener }
    this.#listeners = [...this.#listeners, entry]
    return unsubscribe(() => {
      this.#listeners = this.#listeners.filter((other) => other !== entry)
    })
  }

  each(run: (listener: Listener) => void): void {
    for (const { listener } of this.#listeners) {
      try {
        run(listener)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
