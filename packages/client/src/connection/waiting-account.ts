/**
 * What waits outside the session: for a namespace to be open, a room to be joined, a blob to be read. One account for the
 * whole client, so that the bounds of what waits hold for all of it together (SQ-6).
 */
export class WaitingAccount {
  #length = 0
  #requests = 0

  /** In UTF-16 units of text and bytes of parts. */
  get length(): number {
    return this.#length
  }

  /** How many of those that wait are requests. */
  get requests(): number {
    return this.#requests
  }

  /** Something waits from now on. Returns how to say that it does not any more; said twice, it counts once. */
  enter(length: number, { isRequest }: { readonly isRequest: boolean }): () => void {
    const requests = isRequest ? 1 : 0
    this.#length += length
    this.#requests += requests
    let isWaiting = true
    return () => {
      if (!isWaiting) return
      isWaiting = false
      this.#length -= length
      this.#requests -= requests
    }
  }
}
