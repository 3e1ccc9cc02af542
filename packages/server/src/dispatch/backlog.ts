import { ProtocolError, receivedLength } from '@typewire/core/internal'

/** The most frames of one session that wait for their turn. */
export const maxBacklog = 10_000

/** A frame whose turn has not come. */
export interface Waiting {
  readonly run: () => void
  readonly frame: readonly unknown[]
}

/**
 * Frames of one session, in order, until it is their turn: events that nobody waits for, until a handler is free for
 * them; what follows new credentials, until they are judged.
 */
export class Backlog {
  readonly #isFree: () => boolean
  readonly #maxLength: number
  #waiting: { readonly run: () => void; readonly length: number }[] = []
  #length = 0
  #isRunning = false

  /** `maxLength`: of what waits, in UTF-16 units of JSON and bytes of parts. */
  constructor(isFree: () => boolean, maxLength: number) {
    this.#isFree = isFree
    this.#maxLength = maxLength
  }

  /** Runs now or when it is its turn. Past a bound the session must end: an event was promised to be handled (LM-3). */
  add({ run, frame }: Waiting): ProtocolError | undefined {
    // Its length is found out only where it has to wait, which is rare.
    const length = this.#waiting.length === 0 && this.#isFree() ? 0 : receivedLength(frame)
    this.#waiting.push({ run, length })
    this.#length += length
    this.run()
    if (this.#waiting.length <= maxBacklog && this.#length <= this.#maxLength) return undefined
    const what = `${maxBacklog} frames, or ${this.#maxLength} bytes of them,`
    return new ProtocolError('OVERFLOW', 'LM-3', `more than ${what} wait for their turn`)
  }

  /** Of what waits, in UTF-16 units of JSON. */
  get length(): number {
    return this.#length
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Runs what there is room for. Handlers that end at once call it again from inside: one loop is enough. */
  run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    let next = 0
    try {
      while (next < this.#waiting.length && this.#isFree()) {
        const { run, length } = this.#waiting[next++]!
        this.#length -= length
        run()
      }
    } finally {
      if (next > 0) this.#waiting = this.#waiting.slice(next)
      this.#isRunning = false
    }
  }
}
