import type { TypewireError } from '@typewire/core'
import type { Connection } from './connection/connection.ts'
import type { Due } from './waiting-events.ts'
import { within, type WithinLimits } from './within.ts'

/** A request that is encoded, and has no id yet. */
export interface QueuedRequest {
  /** Its place among all that was asked. */
  readonly order: number
  /** For errors: `admin/ban`. */
  readonly origin: string
  /** It does not count any more among all that waits. */
  readonly leave: () => void
  /** What is known of it, where it is not sent: `unknown` of one that is offered again (CA-10). */
  readonly outcome: 'not_sent' | 'unknown'
  /** Whose it is, where that may end before what it waits for does. */
  readonly by?: object | undefined
}

interface Waiting extends Due, Pick<QueuedRequest, 'origin' | 'outcome' | 'leave' | 'by'> {
  readonly fail: (error: TypewireError) => void
}

/** Requests, while what they are asked of is not there yet: a namespace, a room. Each waits within its own time limit. */
export class RequestQueue {
  readonly #connection: Connection
  readonly #waiting = new Set<Waiting>()

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** All that wait, to be sent in their order. */
  get due(): readonly Due[] {
    return [...this.#waiting]
  }

  /** Keeps one until it is sent: then it settles as `send` does, until then by its limits. That it may wait is asked before. */
  async add({ order, origin, outcome, leave, by }: QueuedRequest, limits: WithinLimits, send: () => Promise<unknown>) {
    const { deadlines } = this.#connection
    let waiting!: Waiting
    // In an object: the limits are over when it is sent, not when it is answered.
    const sent = new Promise<{ readonly answer: Promise<unknown> }>((resolve, fail) => {
      waiting = { order, origin, outcome, leave, by, fail, send: () => resolve({ answer: send() }) }
    })
    this.#waiting.add(waiting)
    try {
      return (await within(sent, origin, deadlines, limits)).answer
    } finally {
      this.#waiting.delete(waiting)
      leave()
    }
  }

  /** None of them is sent, or none of those of one. */
  fail(toError: (origin: string, outcome: 'not_sent' | 'unknown') => TypewireError, by?: object): void {
    const waiting = [...this.#waiting].filter((one) => !by || one.by === by)
    for (const one of waiting) this.#waiting.delete(one) // at once: what is due next is not theirs
    for (const { leave } of waiting) leave() // at once too: whoever is told may ask again
    for (const { origin, outcome, fail } of waiting) fail(toError(origin, outcome))
  }
}
