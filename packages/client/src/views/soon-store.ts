import { ViewSource } from './view.ts'

/** A store that tells with the next frame, however often it is set until then. */
export class SoonStore<T> extends ViewSource<T> {
  #next: T

  constructor(initial: T) {
    super(initial)
    this.#next = initial
  }

  set(next: T): void {
    this.#next = next
    this.publishSoon()
  }

  protected override begin(): () => void {
    return () => {}
  }

  protected override snapshot(): T {
    return this.#next
  }
}
