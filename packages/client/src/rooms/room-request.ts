import { type CallOptions, isTypewireError, type TypewireError } from '@typewire/core'
import { type EncodedPayload, frameOf, timedOut, type UnreadPayload } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { type Asked, longestLength, request } from '../outgoing.ts'
import type { RequestQueue } from '../request-queue.ts'

/** The number of a room, in the session in which it is joined. Each time that it is joined is another one. */
export interface Membership {
  readonly number: number
}

/** Who asks. */
export interface Holder {
  /** Why it asks nothing any more, once that is so. */
  readonly overBy: (origin: string) => TypewireError | undefined
}

/** What is asked of a room, and how its frame says so once the room has a number. */
export interface RoomAsked extends Pick<Asked, 'kind' | 'origin' | 'trace'> {
  readonly inRoom: (room: number, payload: EncodedPayload) => Pick<Asked, 'head'> & { readonly encoded: EncodedPayload }
  /** It is asked again where the session is lost, which says nothing of others: what the client says of itself. */
  readonly isRepeated?: boolean
}

export interface RoomRequestOptions {
  readonly connection: Connection
  /** What the kind of the room is of. */
  readonly owner: object
  /** Where it waits while the room is not joined. */
  readonly queue: RequestQueue
  /** None while the room is not joined. @throws TypewireError once it is over. */
  readonly membership: (origin: string, by: Holder) => Membership | undefined
  readonly by: Holder
  readonly asked: RoomAsked
  readonly payload: EncodedPayload
  readonly limits: CallOptions
  /** When it was asked. */
  readonly sinceMs: number
  /** Its place among all that was asked. */
  readonly order: number
}

/** One request into a room: sent at once where that is joined, else when it is. It ends with the session that it is sent in. */
export class RoomRequest {
  readonly #options: RoomRequestOptions
  /** It was once let wait, or sent: whatever becomes of it then, it is not refused for want of room. */
  #wasTaken = false
  /** It does not count any more among all that waits. */
  #leave = () => {}

  constructor(options: RoomRequestOptions) {
    this.#options = options
  }

  /** Resolves to the answer. To be called once; what can be sent now is sent before it returns. */
  async run(): Promise<unknown> {
    const { membership, asked, by } = this.#options
    try {
      for (;;) {
        const joined = membership(asked.origin, by)
        try {
          return await (joined ? this.#send(joined) : this.#wait())
        } catch (error) {
          if (!asked.isRepeated || !isTypewireError(error) || error.code !== 'SESSION_LOST') throw error
        }
      }
    } finally {
      this.#leave()
    }
  }

  async #send({ number }: Membership): Promise<unknown> {
    const { connection, owner, asked, payload, limits, sinceMs } = this.#options
    this.#leave()
    this.#wasTaken = true
    const { kind, origin, trace, inRoom } = asked
    const since = this.#limitMs === undefined ? undefined : sinceMs
    const frame = { kind, origin, trace, payload: undefined, ...inRoom(number, payload) }
    return request(connection, { ...frame, outlivesSession: false, owner, sinceMs: since }, limits)
  }

  /** Waits for the join, and is sent behind it. */
  #wait(): Promise<unknown> {
    const { connection, queue, membership, by, asked, limits, order, sinceMs } = this.#options
    const { origin } = asked
    if (!this.#wasTaken) this.#assertRoom()
    this.#wasTaken = true
    this.#leave = connection.waiting.enter(this.#longestLength, { isRequest: true })
    const limitMs = this.#limitMs
    const timeoutMs = limitMs && Math.max(1, limitMs - (connection.now() - sinceMs))
    const expired = () => timedOut(origin, limitMs!, 'not_sent', this.#whyNotSent)
    const queued = { order, origin, outcome: 'not_sent', leave: this.#leave, by } as const
    return queue.add(queued, { signal: limits.signal, timeoutMs, expired }, () => this.#send(membership(origin, by)!))
  }

  /** @throws TypewireError `TOO_LARGE`, `OVERLOADED`. */
  #assertRoom(): void {
    const { connection, asked, payload } = this.#options
    const { head, encoded } = asked.inRoom(0, payload)
    connection.assertFits(frameOf(head, encoded), asked.origin)
    connection.assertRoomFor(this.#longestLength, asked.origin)
    connection.assertMayAsk(asked.origin)
  }

  get #longestLength(): number {
    return longestInRoom(this.#options.asked, this.#options.payload)
  }

  /** How long it waits, from when it was asked: what is repeated and has no limit, for as long as the server is away. */
  get #limitMs(): number | undefined {
    const { connection, asked, limits } = this.#options
    return limits.timeoutMs ?? (asked.isRepeated ? undefined : connection.backstopMs)
  }

  get #whyNotSent(): string {
    const { connection } = this.#options
    return connection.isOpen ? 'the room is not joined yet' : connection.whyNotSent()
  }
}

/** The longest that its frame may be, whatever the number of the room. */
export function longestInRoom(asked: RoomAsked, payload: EncodedPayload | UnreadPayload): number {
  const { head, encoded } = asked.inRoom(Number.MAX_SAFE_INTEGER, typeof payload === 'string' ? payload : '') // calls hold no bytes
  return longestLength({ ...asked, head }, typeof payload === 'string' ? encoded : payload)
}
