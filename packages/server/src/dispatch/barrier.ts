import type { ProtocolError } from '@typewire/core/internal'
import { Backlog, type Waiting } from './backlog.ts'

/**
 * Holds the frames of a session that come behind new credentials until these are judged, so that each is handled with
 * those that were in force when it was sent (AU-2). Reading goes on meanwhile.
 */
export class Barrier {
  readonly #backlog: Backlog
  readonly #onEmpty: () => void
  #isUp = true

  /** `maxLength`: of what it holds, in UTF-16 units of JSON. `onEmpty`: it is down, and holds nothing any more. */
  constructor(maxLength: number, onEmpty: () => void) {
    this.#backlog = new Backlog(() => !this.#isUp, maxLength)
    this.#onEmpty = onEmpty
  }

  /** Of what it holds, in UTF-16 units of JSON. */
  get length(): number {
    return this.#backlog.length
  }

  add(frame: Waiting): ProtocolError | undefined {
    return this.#backlog.add(frame)
  }

  /** A frame that it held was another one with credentials. */
  raise(): void {
    this.#isUp = true
  }

  lower(): void {
    this.#isUp = false
    this.#backlog.run()
    if (!this.#isUp && this.#backlog.isEmpty) this.#onEmpty()
  }
}
