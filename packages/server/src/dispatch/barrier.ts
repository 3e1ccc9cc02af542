import type { ProtocolError } from '@typewire/core/internal'
import { Backlog, type Waiting } from './backlog.ts'

export interface BarrierOptions {
  /** Of what it holds, in UTF-16 units of JSON and bytes of parts. */
  readonly maxLength: number
  /** Whether the credentials count: what it holds stays there while they do not, also when it is down. */
  readonly areGood: () => boolean
  /** It is down, and holds nothing any more. */
  readonly onEmpty: () => void
}

/**
 * Holds the frames of a session that come behind new credentials until these are judged, so that each is handled with
 * those that were in force when it was sent (AU-2). Reading goes on meanwhile.
 */
export class Barrier {
  readonly #backlog: Backlog
  readonly #onEmpty: () => void
  #isUp = true

  constructor({ maxLength, areGood, onEmpty }: BarrierOptions) {
    this.#backlog = new Backlog(() => !this.#isUp && areGood(), maxLength)
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
    this.run()
  }

  /** Lets go of what it may. To be called when the credentials count again. */
  run(): void {
    this.#backlog.run()
    if (!this.#isUp && this.#backlog.isEmpty) this.#onEmpty()
  }
}
