import type { TypewireError } from '@typewire/core'
import type { Connection } from '../connection/connection.ts'
import type { Due } from '../waiting-events.ts'
import { within, type WithinLimits } from '../within.ts'

/** A request that is encoded, and has no id yet. */
export interface QueuedRequest {
  /** Its place among all that was asked. */
  readonly order: number
  /** For errors: `admin/ban`. */
  readonly origin: string
  /** In UTF-16 units of text and bytes of parts. */
  readonly length: number
  /** What is known of it, where it is not sent: `unknown` of one that is offered again (CA-10). */
  readonly outcome: 'not_sent' | 'unknown'
}

interface Waiting extends Due, Pick<QueuedRequest, 'origin' | 'outcome'> {
  readonly fail: (error: TypewireError) => void
}

/** Requests of a namespace that is not open yet, each within its own time limit. */
export class RequestQueue {
  readonly #connection: Connection
  readonly #waiting = new Set<Waiting>()
  #length = 0

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** In UTF-16 units of text and bytes of parts. */
  get length(): number {
    return this.#length
  }

  /** All that wait, to be sent in their order. */
  get due(): readonly Due[] {
    return [...this.#waiting]
  }

  /** Keeps one until it is sent: then it settles as `send` does, until then by its limits. Rejects with `OVERLOADED` past the bound. */
  async add({ order, origin, length, outcome }: QueuedRequest, limits: WithinLimits, send: () => Promise<unknown>) {
    const { requests, deadlines } = this.#connection
    if (outcome === 'not_sent') requests.assertRoomFor(origin, this.#waiting.size) // else it had its room before
    let waiting!: Waiting
    // In an object: the limits are over when it is sent, not when it is answered.
    const sent = new Promise<{ readonly answer: Promise<unknown> }>((resolve, fail) => {
      waiting = { order, origin, outcome, fail, send: () => resolve({ answer: send() }) }
    })
    this.#waiting.add(waiting)
    this.#length += length
    try {
      return (await within(sent, origin, deadlines, limits)).answer
    } finally {
      this.#waiting.delete(waiting)
      this.#length -= length
    }
  }

  /** None of them is sent. */
  fail(toError: (origin: string, outcome: 'not_sent' | 'unknown') => TypewireError): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear() // at once: what is due next is not theirs
    for (const { origin, outcome, fail } of waiting) fail(toError(origin, outcome))
  }
}
