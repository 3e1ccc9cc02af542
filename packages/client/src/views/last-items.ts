/** How many are kept unless it is told otherwise: a page of a log, not a memory that grows for ever. */
const defaultLimit = 100

/** @throws RangeError for a limit that is none. */
function assertLimit(limit: number, hook: string): void {
  if (!(Number.isInteger(limit) && limit >= 1)) {
    throw new RangeError(`${hook}({ limit: ${limit} }): give a whole number of at least 1.`)
  }
}

/** The last items of what comes, oldest first. A list that was given is never changed. */
export class LastItems {
  readonly #hook: string
  #limit: number
  #items: readonly unknown[] = []
  /** Those that have come since the last look. */
  #fresh: unknown[] = []

  /** @throws RangeError */
  constructor(hook: string, limit = defaultLimit) {
    assertLimit(limit, hook)
    this.#hook = hook
    this.#limit = limit
  }

  add(item: unknown): void {
    this.#fresh.push(item)
    // Not for each, which would move all of them.
    if (this.#fresh.length >= 2 * this.#limit) this.#fresh = this.#fresh.slice(-this.#limit)
  }

  look(): readonly unknown[] {
    if (this.#fresh.length > 0) {
      this.#items = [...this.#items, ...this.#fresh].slice(-this.#limit)
      this.#fresh = []
    }
    return this.#items
  }

  /** Keeps so many from now on. Gives whether some of those that there are go. @throws RangeError */
  keep(limit = defaultLimit): boolean {
    assertLimit(limit, this.#hook)
    this.#limit = limit
    const isMore = this.look().length > limit
    if (isMore) this.#items = this.#items.slice(-limit)
    return isMore
  }

  clear(): void {
    this.#items = []
    this.#fresh = []
  }
}
