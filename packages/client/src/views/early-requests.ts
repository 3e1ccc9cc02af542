import { TypewireError } from '@typewire/core'

/** As many may be asked before the view is in use. */
const maxEarly = 1_000

/**
 * What is asked of a room whose view is about to be used: a component's children are mounted before it is, and may send at
 * once. It waits for this turn, and no longer.
 */
export class EarlyRequests<Handle> {
  #waiting: { readonly run: (handle: Handle) => void; readonly fail: (error: TypewireError) => void }[] = []

  /** @throws TypewireError `OVERLOADED`. */
  add(what: string, run: (handle: Handle) => void, fail: (error: TypewireError) => void): void {
    if (this.#waiting.length >= maxEarly) {
      throw new TypewireError('OVERLOADED', `${what}: too much is asked before the room is joined.`, { origin: what })
    }
    const entry = { run, fail }
    this.#waiting.push(entry)
    setTimeout(() => {
      if (!this.#waiting.includes(entry)) return
      this.#waiting = this.#waiting.filter((other) => other !== entry)
      fail(new TypewireError('ABORTED', `${what}: the component that joins the room is not mounted.`, { origin: what }))
    }, 0)
  }

  /** The view is in use. */
  runAll(handle: Handle): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { run } of waiting) run(handle)
  }
}
