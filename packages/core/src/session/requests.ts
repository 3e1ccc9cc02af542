import { type Content, lengthOf } from '../codec/parts.ts'
import type { CallErrorCode } from '../errors/codes.ts'
import { TypewireError } from '../errors/typewire-error.ts'
import { type ErrorFrame, frames, type ResultFrame } from '../protocol/frames.ts'
import { malformed, type ProtocolError } from '../protocol/protocol-error.ts'
import type { OutgoingFrame, Session } from './session.ts'

/** What the peer answered, or why it will not. */
export type RequestOutcome = ResultFrame | ErrorFrame | TypewireError

/** With the frame that asks. */
export interface Request extends Content {
  /** Above every id before it (CA-1). */
  readonly id: number
  /** The name that was called, for errors: `send`. */
  readonly origin: string
  /** Whether it may be asked in the session that follows, if this one is lost before the peer can have seen it. */
  readonly outlivesSession: boolean
  /** What it is part of, that may end before the session does: then it is withdrawn (`withdrawOf`). */
  readonly owner?: object | undefined
  /** Called once, while the answer's frame is dispatched: before the frame behind it. */
  readonly settle: (outcome: RequestOutcome) => void
}

interface Pending {
  readonly request: Request
  readonly frame: OutgoingFrame
  /** Its number in the session; 0 while it waits for its turn. */
  number: number
}

/** A peer allows at least this many requests at a time, so this many can be queued before its welcome (HS-6). */
export const minMaxCalls = 64

/** The most requests without an answer, waiting ones included. */
export const maxPendingRequests = 10_000

/**
 * What this side asked of its peer and has no answer to yet: calls, joins, acks. At most `limit` are with the peer at a
 * time, later ones wait in order.
 */
export class Requests {
  #session: Session
  #limit: number
  #lastId = 0
  readonly #pending = new Map<number, Pending>()
  /** Those of `#pending` that wait for their turn, in order. */
  readonly #waiting = new Set<Pending>()
  #waitingLength = 0

  constructor(session: Session, limit = minMaxCalls) {
    this.#session = session
    this.#limit = limit
  }

  get size(): number {
    return this.#pending.size
  }

  /** What waits for its turn, in UTF-16 units of text and bytes of parts. */
  get waitingLength(): number {
    return this.#waitingLength
  }

  /** Whether the peer can have seen it. */
  wasWritten(id: number): boolean {
    const number = this.#pending.get(id)?.number ?? 0
    return number > 0 && this.#session.wasWritten(number)
  }

  /** How many the peer takes at a time, from its welcome. */
  setLimit(limit: number): void {
    this.#limit = limit
    this.#sendWaiting()
  }

  /**
   * Asks, now or when it is this request's turn.
   * @throws TypewireError `OVERLOADED` when too many have no answer yet.
   */
  send(request: Request): void {
    this.assertRoomFor(request.origin)
    const pending: Pending = { request, frame: this.#frame(request), number: 0 }
    this.#pending.set(request.id, pending)
    this.#waiting.add(pending)
    this.#waitingLength += lengthOf(pending.frame)
    this.#sendWaiting()
  }

  /** `others`: how many more wait elsewhere. @throws TypewireError `OVERLOADED` when too many have no answer yet. */
  assertRoomFor(origin: string, others = 0): void {
    if (this.#pending.size + others < maxPendingRequests) return
    const what = `${maxPendingRequests} calls wait for answers. Wait for some before making more.`
    throw new TypewireError('OVERLOADED', `${origin}: ${what}`, { origin })
  }

  /** Takes an answer of the peer. One that nobody waits for any more is ignored (CA-4). */
  answer(frame: ResultFrame | ErrorFrame): ProtocolError | undefined {
    const pending = this.#pending.get(frame[1])
    if (!pending || pending.number === 0) {
      return frame[1] > this.#lastId ? malformed('CA-4', `an answer to ${frame[1]}, which was not asked`) : undefined
    }
    this.#pending.delete(frame[1])
    pending.request.settle(frame)
    this.#sendWaiting()
    return undefined
  }

  /** Settles a request from this side; the peer is told, if it can have seen it (CA-5). */
  withdraw(id: number, error: TypewireError): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#pending.delete(id)
    this.#stopWaiting(pending)
    if (pending.number > 0) {
      const wasWritten = this.#session.wasWritten(pending.number)
      this.#session.withdraw(pending.number)
      if (wasWritten) this.#session.send({ text: `[${frames.cancel.kind},${id}]` })
    }
    pending.request.settle(error)
    this.#sendWaiting()
  }

  /** Settles all of one owner from this side. `peerReceived`: how many frames the peer has received, where it said so. */
  withdrawOf(
    owner: object,
    toError: (request: Request, outcome: 'not_sent' | 'unknown') => TypewireError,
    peerReceived: number = Number.POSITIVE_INFINITY,
  ): void {
    for (const { request, number } of [...this.#pending.values()]) {
      if (request.owner !== owner) continue
      const wasSeen = this.wasWritten(request.id) && number <= peerReceived
      this.withdraw(request.id, toError(request, wasSeen ? 'unknown' : 'not_sent'))
    }
  }

  /**
   * Ends the session's part (CA-6): takes out what the peer can have seen, and what belongs to this session alone; the
   * rest stays, to be carried over. Returns how to settle what was taken out, for when the next session is in place.
   */
  lose(unseen: readonly OutgoingFrame[], why: string): () => void {
    return this.#takeOut(unseen, (wasSeen, { outlivesSession }) => wasSeen || !outlivesSession, 'SESSION_LOST', why)
  }

  /** The same for all of them, with a code of its own: no session follows. */
  endAll(unseen: readonly OutgoingFrame[], code: CallErrorCode, why: string): () => void {
    return this.#takeOut(unseen, () => true, code, why)
  }

  #takeOut(
    unseen: readonly OutgoingFrame[],
    isOver: (wasSeen: boolean, request: Request) => boolean,
    code: CallErrorCode,
    why: string,
  ): () => void {
    const neverSeen = new Set(unseen)
    const settles: (() => void)[] = []
    for (const pending of [...this.#pending.values()]) {
      const { request, frame } = pending
      const wasSeen = !this.#waiting.has(pending) && !neverSeen.has(frame)
      if (!isOver(wasSeen, request)) continue
      this.#pending.delete(request.id)
      this.#stopWaiting(pending)
      const { origin } = request
      const outcome = wasSeen ? 'unknown' : 'not_sent'
      settles.push(() => request.settle(new TypewireError(code, `${origin}: ${why}`, { origin, outcome })))
    }
    return () => settles.forEach((settle) => settle())
  }

  /** Goes on in the session that follows a lost one. Frames are carried over by `OutgoingFrame.carry`. */
  rebind(session: Session): void {
    this.#session = session
  }

  /** Settles those whose frames will not be sent, and those that wait for their turn with such a frame. */
  refuse(
    refused: readonly OutgoingFrame[],
    isRefused: (frame: Content) => boolean,
    code: CallErrorCode,
    why: string,
  ): void {
    const frames = new Set(refused)
    for (const pending of [...this.#pending.values()]) {
      const { request, frame } = pending
      if (!frames.has(frame) && !(this.#waiting.has(pending) && isRefused(frame))) continue
      this.#pending.delete(request.id)
      this.#stopWaiting(pending)
      const { origin } = request
      request.settle(new TypewireError(code, `${origin}: ${why}`, { origin, outcome: 'not_sent' }))
    }
  }

  #stopWaiting(pending: Pending): void {
    if (this.#waiting.delete(pending)) this.#waitingLength -= lengthOf(pending.frame)
  }

  #sendWaiting(): void {
    for (const pending of this.#waiting) {
      if (this.#pending.size - this.#waiting.size >= this.#limit) return
      this.#stopWaiting(pending)
      this.#lastId = Math.max(this.#lastId, pending.request.id)
      const session = this.#session
      const number = session.send(pending.frame)
      // The send may have been one too many, and have lost the session: then the frame has been carried over already.
      if (this.#session === session) pending.number = number
    }
  }

  #frame({ id, text, parts, outlivesSession }: Request): OutgoingFrame {
    if (!outlivesSession) return { text, parts }
    const frame: OutgoingFrame = {
      text,
      parts,
      carry: (next) => {
        const pending = this.#pending.get(id)
        if (pending) pending.number = next.send(frame)
      },
    }
    return frame
  }
}
