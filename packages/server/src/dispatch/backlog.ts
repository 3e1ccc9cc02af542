import { ProtocolError } from '@typewire/core/internal'

/** The most events of one session that wait for a free handler. */
export const maxBacklog = 10_000

/** Events that nobody waits for, in order, until a handler is free for them. */
export class Backlog {
  readonly #isFree: () => boolean
  #waiting: (() => void)[] = []
  #isRunning = false

  constructor(isFree: () => boolean) {
    this.#isFree = isFree
  }

  /** Runs now or when it is its turn. Past the bound the session must end: an event was promised to be handled (LM-3). */
  add(run: () => void): ProtocolError | undefined {
    this.#waiting.push(run)
    this.run()
    if (this.#waiting.length <= maxBacklog) return undefined
    return new ProtocolError('OVERFLOW', 'LM-3', `more than ${maxBacklog} events wait for their handlers`)
  }

  /** Runs what there is room for. Handlers that end at once call it again from inside: one loop is enough. */
  run(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    let next = 0
    while (next < this.#waiting.length && this.#isFree()) this.#waiting[next++]!()
    if (next > 0) this.#waiting = this.#waiting.slice(next)
    this.#isRunning = false
  }
}
