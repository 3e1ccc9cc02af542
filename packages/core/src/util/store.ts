import { Listeners } from './listeners.ts'
import type { Unsubscribe } from './unsubscribe.ts'

/** A value that changes, in the shape of React's `useSyncExternalStore`: `current` is replaced, never mutated. */
export interface Store<T> {
  readonly current: T
  /** What it was at first, which is what a server shows that renders, and a page while it is hydrated. */
  readonly initial?: T
  readonly subscribe: (listener: () => void) => Unsubscribe
}

/** The writing end of a `Store`. */
export class StoreSource<T> implements Store<T> {
  readonly initial: T
  #current: T
  readonly #listeners: Listeners<() => void>

  constructor(initial: T, onError: (error: unknown) => void) {
    this.initial = this.#current = initial
    this.#listeners = new Listeners(onError)
  }

  get current(): T {
    return this.#current
  }

  readonly subscribe = (listener: () => void): Unsubscribe => this.#listeners.add(listener)

  set(next: T): void {
    this.#current = next
    this.#listeners.each((listener) => listener())
  }
}
