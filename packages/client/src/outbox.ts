import { type CallErrorCode, TypewireError } from '@typewire/core'
import {
  aborted,
  type Deadlines,
  type EncodedPayload,
  maxPendingRequests,
  refusalOf,
  type Sized,
  timedOut,
  UnreadPayload,
} from '@typewire/core/internal'
import type { WaitingAccount } from './connection/waiting-account.ts'
import type { OnClientError } from './types.ts'

/** Something that is to be sent. */
export interface Departure {
  /** For errors: `send`. */
  readonly origin: string
  readonly payload: EncodedPayload | UnreadPayload
  /**
   * The longest that its frame may be when its turn has come, in UTF-16 units of text and bytes of parts: then there is room
   * for it. Asked where it has to wait.
   */
  readonly length: () => number
  /** It is one of the requests, of which only so many may be without an answer. */
  readonly isRequest?: boolean
  /** Sends it, when its bytes are there and its turn has come. */
  readonly send: (payload: EncodedPayload) => void
  /** Who is told that it was not sent after all. Default: `onError`. */
  readonly fail?: (error: unknown) => void
  /** How long it may wait, in milliseconds. Default: as long as an event without a connection. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
  /** The namespace that it is of. */
  readonly owner?: object | undefined
}

interface Waiting extends Departure {
  /** It does not count any more among all that waits. */
  readonly leave: () => void
  /** It waits no more: what its bytes are read for is over. */
  readonly stop: () => void
  readonly stopped: Promise<undefined>
}

/** What may wait. */
export interface OutboxBounds {
  /** @throws TypewireError when so much is more than the server takes. */
  readonly assertFits: (content: Sized, origin: string) => void
  /** @throws TypewireError when so much more may not wait. */
  readonly assertRoomFor: (length: number, origin: string) => void
  /** @throws TypewireError when no more may be asked. */
  readonly assertMayAsk: (origin: string) => void
}

/** What is sent in order, though some of it may have to wait. */
export interface Departures {
  /** Whether it can be sent at once. */
  readonly passes: (payload: EncodedPayload | UnreadPayload) => payload is EncodedPayload
  /**
   * Sends it, now or in its turn.
   * @throws TypewireError when it cannot wait, and where it need not, what `send` throws.
   */
  readonly send: (departure: Departure) => void
  /** Nothing of what waits is sent any more, or of what waits of one owner. */
  readonly drop: (reason: TypewireError, of?: object) => void
}

export interface OutboxOptions {
  readonly deadlines: Deadlines
  /** Where what waits here is counted. */
  readonly waiting: WaitingAccount
  readonly maxAgeMs: number
  readonly onError: OnClientError
  readonly bounds: OutboxBounds
}

/**
 * Keeps what is sent in order although the bytes of blobs must be read first (PL-12): what comes behind one waits for it.
 * While none is read nothing waits here, and it costs nothing.
 */
export class Outbox implements Departures {
  readonly #options: OutboxOptions
  readonly #waiting = new Set<Waiting>()
  #isSending = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  passes(payload: EncodedPayload | UnreadPayload): payload is EncodedPayload {
    return this.#waiting.size === 0 && !(payload instanceof UnreadPayload)
  }

  send(departure: Departure): void {
    const { payload, origin, send, isRequest = false } = departure
    if (this.passes(payload)) return send(payload)
    const { deadlines, maxAgeMs, bounds } = this.#options
    const { timeoutMs = maxAgeMs, signal } = departure
    const content = typeof payload === 'string' ? { text: payload } : payload
    const length = departure.length()
    bounds.assertFits(content, origin)
    bounds.assertRoomFor(length, origin)
    if (isRequest) bounds.assertMayAsk(origin)
    if (this.#waiting.size >= maxPendingRequests) {
      throw new TypewireError('OVERLOADED', `${origin}: ${maxPendingRequests} others wait for a Blob to be read.`, {
        origin,
      })
    }
    let stop!: () => void
    const stopped = new Promise<undefined>((resolve) => {
      stop = () => {
        deadline.cancel()
        signal?.removeEventListener('abort', abort)
        resolve(undefined)
      }
    })
    const leave = this.#options.waiting.enter(length, { isRequest })
    const waiting: Waiting = { ...departure, leave, stop, stopped }
    const abort = () => this.#fail(waiting, aborted(origin, signal))
    const deadline = deadlines.set(timeoutMs, () =>
      this.#fail(waiting, timedOut(origin, timeoutMs, 'not_sent', 'a Blob has not been read')),
    )
    this.#waiting.add(waiting)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    if (!this.#isSending) void this.#sendAll()
  }

  drop({ code, message }: TypewireError, of?: object): void {
    for (const waiting of this.#waiting) {
      const { origin, owner } = waiting
      if (of && owner !== of) continue
      const what = `${origin}: it was not sent: ${message}`
      this.#fail(waiting, new TypewireError(code as CallErrorCode, what, { origin, outcome: 'not_sent' }))
    }
  }

  /** In order, also what comes meanwhile. */
  async #sendAll(): Promise<void> {
    this.#isSending = true
    for (const waiting of this.#waiting) {
      const { payload, origin, stopped } = waiting
      try {
        const ready = payload instanceof UnreadPayload ? await Promise.race([payload.read(), stopped]) : payload
        if (ready !== undefined) this.#leave(waiting, ready)
      } catch (error) {
        this.#fail(waiting, refusalOf(error, origin))
      }
    }
    this.#isSending = false
  }

  /** It is not counted any more where it is measured anew. */
  #leave(waiting: Waiting, payload: EncodedPayload): void {
    if (!this.#remove(waiting)) return // ended in the moment in which it was read
    try {
      waiting.send(payload)
    } catch (error) {
      this.#tell(waiting, error)
    }
  }

  #fail(waiting: Waiting, error: unknown): void {
    if (this.#remove(waiting)) this.#tell(waiting, error)
  }

  #tell({ fail = this.#options.onError }: Waiting, error: unknown): void {
    fail(error)
  }

  #remove(waiting: Waiting): boolean {
    if (!this.#waiting.delete(waiting)) return false
    waiting.leave()
    waiting.stop()
    return true
  }
}
