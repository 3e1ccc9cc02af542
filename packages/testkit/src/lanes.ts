/** Ways that take their time: what has one way arrives in its order, different ways overtake each other. */
export class Lanes {
  readonly #delay: () => Promise<void>
  readonly #last = new Map<string, Promise<unknown>>()
  #size = 0

  /** `delay`: how long something is on its way. */
  constructor(delay: () => Promise<void>) {
    this.#delay = delay
  }

  /** How much is on its way. */
  get size(): number {
    return this.#size
  }

  /** Runs something when it has arrived, behind what was sent on the same way before. Without a name it has a way of its own. */
  async run<T>(name: string | undefined, run: () => T | Promise<T>): Promise<T> {
    this.#size++
    const before = name === undefined ? undefined : this.#last.get(name)
    const arrived = Promise.all([before, this.#delay()])
    const done = arrived.then(run)
    const settled = done.then(
      () => {},
      () => {},
    )
    if (name !== undefined) this.#last.set(name, settled)
    try {
      return await done
    } finally {
      this.#size--
      if (name !== undefined && this.#last.get(name) === settled) this.#last.delete(name)
    }
  }
}
