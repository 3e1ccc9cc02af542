/** So many slots there are at least, once there is one value. A power of two, as all sizes of a table. */
const minSlots = 16

/** 2^32 divided by the golden ratio. */
const mixer = 0x9e3779b1

/**
 * What has an id of its own, a whole number, by its id; for what comes and goes all the time.
 *
 * In place of a `Map`: each time that one has filled its table, V8 makes a new one and has the old point at it. Once an old
 * one has got among what lives long, it keeps all that follow from being collected young, with all that was in them. A
 * client with 64 calls in flight spent a quarter of its time on that (docs/performance.md). Here nothing points from old to new.
 *
 * Of two for one slot the later lies behind (open addressing). Ids that follow each other get slots that lie apart, or they would
 * be one long row, of which each deletion moves all: their bits are mixed (Fibonacci hashing). A peer that chooses ids which meet all
 * the same makes each step as long as there are values; how many it may have at once is bounded (LM-2).
 */
export class IdTable<T extends { readonly id: number }> implements Iterable<T> {
  #slots: (T | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): T | undefined {
    return this.#slots[this.#indexOf(id)]
  }

  /** Its id is no other's. */
  add(value: T): void {
    if (++this.#size * 2 > this.#slots.length) this.#resize(Math.max(minSlots, this.#slots.length * 2))
    this.#slots[this.#indexOf(value.id)] = value
  }

  delete(id: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    let hole = this.#indexOf(id)
    if (!slots[hole]) return
    for (let at = hole + 1; ; at++) {
      const next = slots[at & mask]
      if (!next) break
      // It may move up if the hole is no further than its own slot: there it would not be found.
      if (((at - this.#slotOf(next.id)) & mask) < ((at - hole) & mask)) continue
      slots[hole] = next
      hole = at & mask
    }
    slots[hole] = undefined
    if (--this.#size * 8 < slots.length && slots.length > minSlots) this.#resize(slots.length / 2)
  }

  /** Those that are there now, in the order of their ids: what comes and goes meanwhile changes nothing. */
  [Symbol.iterator](): IterableIterator<T> {
    const all = this.#slots.filter((value) => value !== undefined)
    return all.sort((a, b) => a.id - b.id).values()
  }

  /** Where the value of this id is, or would be. */
  #indexOf(id: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    let at = this.#slotOf(id)
    for (let value = slots[at]; value && value.id !== id; value = slots[at]) at = (at + 1) & mask
    return at
  }

  /** The slot that an id has where no other has it: as many of the mixed bits as there are in the number of slots. */
  #slotOf(id: number): number {
    return Math.imul(id, mixer) >>> Math.clz32(this.#slots.length - 1)
  }

  #resize(length: number): void {
    const before = this.#slots
    this.#slots = Array.from({ length }, () => undefined)
    for (const value of before) if (value) this.#slots[this.#indexOf(value.id)] = value
  }
}
