/**
 * What has an id of its own, in the order of the ids; for what comes and goes all the time, a few thousand at most.
 *
 * In place of a `Map`: each time that one has filled its table, V8 makes a new one and has the old point at it. Once an old
 * one has got among what lives long, it keeps all that follow from being collected young, with all that was in them. A
 * client with 64 calls in flight spent a third of its time on that (docs/performance.md).
 */
export class IdList<T extends { readonly id: number }> implements Iterable<T> {
  /** Those that are there, behind the places of as many that went from the front. */
  #all: (T | undefined)[] = []
  #front = 0

  get size(): number {
    return this.#all.length - this.#front
  }

  get(id: number): T | undefined {
    const found = this.#all[this.#indexOf(id)]
    return found?.id === id ? found : undefined
  }

  /** Its id is no other's. */
  add(value: T): void {
    const index = this.#indexOf(value.id)
    if (index === this.#all.length) this.#all.push(value)
    else this.#all.splice(index, 0, value)
  }

  /** Mostly the first goes: answers come in the order of their requests. To move up all others for it would be 0.3 µs. */
  delete(id: number): void {
    const index = this.#indexOf(id)
    if (this.#all[index]?.id !== id) return
    if (index > this.#front) return void this.#all.splice(index, 1)
    this.#all[this.#front++] = undefined
    if (this.#front < this.size + minEmpty) return
    this.#all = this.#all.slice(this.#front)
    this.#front = 0
  }

  /** Those that are there now: what comes and goes meanwhile changes nothing. */
  [Symbol.iterator](): IterableIterator<T> {
    return (this.#all.slice(this.#front) as T[]).values()
  }

  /** Where the first is whose id is not below this one. */
  #indexOf(id: number): number {
    const all = this.#all
    let from = this.#front
    let to = all.length
    if (from < to && all[from]!.id >= id) return from
    while (from < to) {
      const middle = (from + to) >>> 1
      if (all[middle]!.id < id) from = middle + 1
      else to = middle
    }
    return from
  }
}

/** So many places are left empty before the others move up. */
const minEmpty = 32
