/**
 * What has an id of its own, in the order of the ids; for what comes and goes all the time, a few thousand at most.
 *
 * In place of a `Map`: each time that one has filled its table, V8 makes a new one and has the old point at it. Once an old
 * one has got among what lives long, it keeps all that follow from being collected young, with all that was in them. A
 * client with 64 calls in flight spent a third of its time on that (docs/performance.md).
 */
export class IdList<T extends { readonly id: number }> implements Iterable<T> {
  readonly #all: T[] = []

  get size(): number {
    return this.#all.length
  }

  get(id: number): T | undefined {
    const found = this.#all[this.#indexOf(id)]
    return found?.id === id ? found : undefined
  }

  /** In the place of the one with its id, if there is one. */
  set(value: T): void {
    const index = this.#indexOf(value.id)
    if (index === this.#all.length) this.#all.push(value)
    else this.#all.splice(index, this.#all[index]!.id === value.id ? 1 : 0, value)
  }

  delete(id: number): boolean {
    const index = this.#indexOf(id)
    if (this.#all[index]?.id !== id) return false
    if (index === 0) this.#all.shift()
    else this.#all.splice(index, 1)
    return true
  }

  /** Those that are there now: what comes and goes meanwhile changes nothing. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.#all.slice().values()
  }

  /** Where the first is whose id is not below this one. */
  #indexOf(id: number): number {
    const all = this.#all
    let from = 0
    let to = all.length
    // Mostly the first: answers come in the order of their requests.
    if (to === 0 || all[0]!.id >= id) return 0
    while (from < to) {
      const middle = (from + to) >>> 1
      if (all[middle]!.id < id) from = middle + 1
      else to = middle
    }
    return from
  }
}
