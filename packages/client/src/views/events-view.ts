import type { On } from '@typewire/core'
import { noAnswer } from '../no-answer.ts'
import { ViewSource } from './view.ts'

/** How many payloads a view keeps unless it is told otherwise. */
const defaultLimit = 100

/** The last payloads of an event, oldest first, since somebody uses the view. Told with the next frame. */
export class EventsView extends ViewSource<readonly unknown[]> {
  readonly #on: On<unknown, never>
  readonly #limit: number
  #payloads: readonly unknown[] = []
  #fresh: unknown[] = []

  constructor(on: On<unknown, never>, limit = defaultLimit) {
    if (!(Number.isInteger(limit) && limit >= 1)) {
      throw new RangeError(`useEvents({ limit: ${limit} }): give a whole number of at least 1.`)
    }
    super([])
    this.#on = on
    this.#limit = limit
  }

  protected override begin(): () => void {
    const off = this.#on((payload) => {
      this.#fresh.push(payload)
      if (this.#fresh.length > this.#limit) this.#fresh.shift()
      this.publishSoon()
      return noAnswer as never // it is no ack
    })
    return () => {
      off()
      this.#payloads = []
      this.#fresh = []
      this.publish()
    }
  }

  protected override snapshot(): readonly unknown[] {
    if (this.#fresh.length > 0) {
      this.#payloads = [...this.#payloads, ...this.#fresh].slice(-this.#limit)
      this.#fresh = []
    }
    return this.#payloads
  }
}
