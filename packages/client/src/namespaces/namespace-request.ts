import { type CallOptions, isTypewireError } from '@typewire/core'
import { type EncodedPayload, frameOf, timedOut } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { type Asked, backstopOf, longestLength } from '../outgoing.ts'
import type { RequestQueue } from '../request-queue.ts'
import { errorFor } from './errors.ts'
import type { Scope } from './scope.ts'

/** The namespace of what is sent. */
export type SenderOf = Pick<Scope, 'path' | 'isOpen' | 'era' | 'use'> & { readonly isClosed: boolean }

/** A request as it was asked, whose bytes are there by now. */
export interface NamespaceRequestOptions {
  readonly connection: Connection
  readonly owner: SenderOf
  /** Where it waits while that is not open. */
  readonly queue: RequestQueue
  readonly asked: Asked & { readonly encoded: EncodedPayload }
  readonly limits: CallOptions
  /** When it was asked. */
  readonly sinceMs: number
  /** As whom it was asked: what that one has asked is nothing to another (NS-8). */
  readonly era: number
  /** Its place among all that was asked. */
  readonly order: number
  readonly send: (asked: Asked, limits: CallOptions) => Promise<unknown>
}

/** One request of a namespace: it waits, is sent, and may do both again behind the next opening, until it settles. */
export class NamespaceRequest {
  readonly #options: NamespaceRequestOptions
  /** How long it is waited for, from when it was asked. */
  readonly #limitMs: number
  /** The id under which it was first sent, once the server may have seen it (CA-10). */
  #again: number | undefined
  /** The session that it was sent in is lost, and there is room to offer it again. */
  #isInDoubt = false
  /** It was once let wait, or sent: whatever becomes of it then, it is not refused for want of room. */
  #wasTaken = false
  /** It does not count any more among all that waits. */
  #leave = () => {}

  constructor(options: NamespaceRequestOptions) {
    this.#options = options
    const { connection, limits, asked } = options
    this.#limitMs = limits.timeoutMs ?? backstopOf(connection, asked) ?? connection.backstopMs
  }

  /** Resolves to the answer. To be called once. */
  async run(): Promise<unknown> {
    const { owner, asked } = this.#options
    try {
      for (;;) {
        owner.use(asked.origin)
        try {
          return await (owner.isOpen ? this.#send() : this.#wait())
        } catch (error) {
          this.#assertGoesOn(error)
        }
      }
    } finally {
      this.#leave()
    }
  }

  /** Sends it in this opening. */
  #send(): Promise<unknown> {
    const { asked, limits, sinceMs, send } = this.#options
    this.#leave()
    this.#wasTaken = true
    const offerElsewhere = (first: number) => {
      this.#again = first
      this.#isInDoubt = true
      this.#enter() // at once: the room that there is for it is nobody else's
    }
    return send({ ...asked, sinceMs, again: this.#again, offerElsewhere }, limits)
  }

  /** Waits for the next opening, and is sent in that. */
  #wait(): Promise<unknown> {
    const { queue, asked, limits, order } = this.#options
    const { origin } = asked
    if (!this.#wasTaken) this.#assertRoom()
    this.#wasTaken = true
    this.#enter()
    const outcome = this.#again === undefined ? 'not_sent' : 'unknown'
    const expired = () => timedOut(origin, this.#limitMs, outcome, this.#whyNotSent)
    const queued = { order, origin, outcome, leave: this.#leave } as const
    return queue.add(queued, { signal: limits.signal, timeoutMs: this.#leftMs, expired }, () => this.#send())
  }

  /**
   * Its opening was over: behind the next one it is sent again, or, where the server may have seen it, offered.
   * @throws `error` where that is its end; TypewireError what has closed the client.
   */
  #assertGoesOn(error: unknown): void {
    const { connection, owner, era, asked } = this.#options
    const goesOn = this.#isInDoubt ? !owner.isClosed : wasNotSent(error)
    this.#isInDoubt = false
    if (!goesOn || era !== owner.era) throw error
    const { closedBy } = connection
    if (closedBy) throw errorFor(asked.origin, closedBy, this.#again === undefined ? 'not_sent' : 'unknown')
  }

  /** @throws TypewireError `TOO_LARGE`, `OVERLOADED`. */
  #assertRoom(): void {
    const { connection, asked } = this.#options
    const { origin, head, encoded } = asked
    connection.assertFits(frameOf(head, encoded), origin)
    connection.assertRoomFor(this.#longestLength, origin)
    connection.assertMayAsk(origin)
  }

  /** It counts among all that waits. */
  #enter(): void {
    this.#leave()
    this.#leave = this.#options.connection.waiting.enter(this.#longestLength, { isRequest: true })
  }

  get #longestLength(): number {
    const { asked } = this.#options
    return longestLength(asked, asked.encoded)
  }

  get #leftMs(): number {
    const { connection, sinceMs } = this.#options
    return Math.max(1, this.#limitMs - (connection.now() - sinceMs))
  }

  get #whyNotSent(): string {
    const { connection, owner } = this.#options
    return connection.isOpen ? `${owner.path} is not open yet` : connection.whyNotSent()
  }
}

const wasNotSent = (error: unknown) =>
  isTypewireError(error) && error.code === 'SESSION_LOST' && error.outcome === 'not_sent'
