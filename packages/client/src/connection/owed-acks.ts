import {
  type EncodedPayload,
  type ErrorFrameOptions,
  frameOf,
  frames,
  malformed,
  type ProtocolError,
  type Session,
} from '@typewire/core/internal'

/** The one ack of an event: the first of result and error counts, and none where the server does not wait any more (CA-2). */
export interface OwedAck {
  /** `payload`: encoded already. */
  readonly result: (payload: EncodedPayload) => void
  readonly error: (code: string, message: string, options?: ErrorFrameOptions) => void
}

/** The acks that the server asked for and has not got yet, in one session. */
export class OwedAcks {
  readonly #session: Session
  readonly #owed = new Set<number>()
  #lastId = 0

  constructor(session: Session) {
    this.#session = session
  }

  get size(): number {
    return this.#owed.size
  }

  /** Ids must rise, so that none is acked twice (CA-1). */
  begin(id: number): OwedAck | ProtocolError {
    if (id <= this.#lastId) return malformed('CA-1', `the id ${id} is not above ${this.#lastId}`)
    this.#lastId = id
    this.#owed.add(id)
    const error: OwedAck['error'] = (code, message, options) => {
      if (!this.#owed.delete(id)) return
      const head = JSON.stringify([frames.error.kind, id, code, message.slice(0, 1_024), options ?? 0])
      this.#session.send({ text: head })
    }
    const result: OwedAck['result'] = (payload) => {
      const frame = frameOf(`[${frames.result.kind},${id}`, payload)
      if (!this.#session.fitsPeer(frame)) error('TOO_LARGE', 'The result is larger than the caller takes.')
      else if (this.#owed.delete(id)) this.#session.send(frame)
    }
    return { result, error }
  }

  /** The server does not wait for it any more (CA-5). */
  cancel(id: number): void {
    this.#owed.delete(id)
  }

  /** The session is over: nobody will hear them. */
  cancelAll(): void {
    this.#owed.clear()
  }
}
