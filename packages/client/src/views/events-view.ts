import type { On } from '@typewire/core'
import { noAnswer } from '../no-answer.ts'
import { LastItems } from './last-items.ts'
import { ViewSource } from './view.ts'

/** The last payloads of an event, oldest first, since somebody uses the view. Told with the next frame. */
export class EventsView extends ViewSource<readonly unknown[]> {
  readonly #on: On<unknown, never>
  readonly #last: LastItems

  /** @throws RangeError for a limit that is none. */
  constructor(on: On<unknown, never>, limit?: number) {
    super([])
    this.#on = on
    this.#last = new LastItems('useEvents', limit)
  }

  /** Keeps so many from now on. @throws RangeError */
  keep(limit: number | undefined): void {
    if (this.#last.keep(limit)) this.publish()
  }

  protected override begin(): () => void {
    const off = this.#on((payload) => {
      this.#last.add(payload)
      this.publishSoon()
      return noAnswer as never // it is no ack
    })
    return () => {
      off()
      this.#last.clear()
      this.publish()
    }
  }

  protected override snapshot(): readonly unknown[] {
    return this.#last.look()
  }
}
