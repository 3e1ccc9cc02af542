import { type Content, lengthOf } from '../codec/parts.ts'
import type { CallErrorCode } from '../errors/codes.ts'
import { TypewireError } from '../errors/typewire-error.ts'
import { type CreditFrame, type ErrorFrame, frames, type ItemFrame, type ResultFrame } from '../protocol/frames.ts'
import { malformed, type ProtocolError } from '../protocol/protocol-error.ts'
import { IdTable } from '../util/id-table.ts'
import type { OutgoingFrame, Session, Timely } from './session.ts'

/** What the peer answered, or why it will not. */
export type RequestOutcome = ResultFrame | ErrorFrame | TypewireError

/** With the frame that asks. */
export interface Request extends Timely {
  /** Above every id before it (CA-1). */
  readonly id: number
  /** The name that was called, for errors: `send`. */
  readonly origin: string
  /** Whether it may be asked in the session that follows, if this one is lost before the peer can have seen it. */
  readonly outlivesSession: boolean
  /** The id under which it was first asked, where that was in another session and the peer may have seen it (CA-10). */
  readonly again?: number | undefined
  /**
   * Asked when the session is lost and the peer may have seen it: gives how it is offered again in the next one, with the id
   * under which it was first asked. Where there is no such function, the request has failed.
   */
  readonly offer?: ((again: number) => Timely) | undefined
  /** Who offers it in place of these requests, where there is room for it: is told the id. It settles here all the same. */
  readonly offerElsewhere?: ((again: number) => void) | undefined
  /** What it is part of, that may end before the session does: then it is withdrawn (`withdrawOf`). */
  readonly owner?: object | undefined
  /** It answers with items, or is made of them: it may go on for long, and takes no call's place (ST-8). */
  readonly isStreaming?: boolean | undefined
  /** Gets the items of the answer. Without it there may be none. */
  readonly onItem?: ((frame: ItemFrame) => ProtocolError | undefined) | undefined
  /** The peer says how far it takes items of the request. */
  readonly onCredit?: ((frame: CreditFrame) => void) | undefined
  /** Called once, while the answer's frame is dispatched: before the frame behind it. */
  readonly settle: (outcome: RequestOutcome) => void
}

interface Pending {
  /** That of the request. */
  readonly id: number
  readonly request: Request
  frame: OutgoingFrame
  /** Its number in the session; 0 while it waits for its turn. */
  number: number
  /** The peer may have seen it in a session before: whatever becomes of it now, its outcome is unknown. */
  isOffered: boolean
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
  readonly #pending = new IdTable<Pending>()
  /** Those of `#pending` that wait for their turn, in the order of their ids. */
  readonly #waiting = new Set<Pending>()
  #waitingLength = 0
  /** How many of those that do not wait take no call's place. */
  #streams = 0

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

  /** Whether the peer runs as many as it takes, or others wait before: one more would wait for its turn. */
  get areFull(): boolean {
    return this.#waiting.size > 0 || this.#places <= 0
  }

  /** How many more the peer takes now. */
  get #places(): number {
    return this.#limit - (this.#pending.size - this.#waiting.size - this.#streams)
  }

  /** Whether it has no answer yet, in this session. */
  has(id: number): boolean {
    return this.#pending.get(id) !== undefined
  }

  /** Whether the peer can have seen it. */
  wasWritten(id: number): boolean {
    const { number = 0, isOffered = false } = this.#pending.get(id) ?? {}
    return isOffered || (number > 0 && this.#session.wasWritten(number))
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
    if (request.again === undefined) this.assertRoomFor(request.origin) // else it had its room before
    const { id, again } = request
    const pending: Pending = { id, request, frame: request, number: 0, isOffered: again !== undefined }
    pending.frame = this.#frame(pending, request)
    const isItsTurn = !this.areFull
    this.#pending.add(pending)
    if (isItsTurn) return this.#sendNow(pending)
    this.#wait(pending)
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
    if (!pending || pending.number === 0) return this.#assertAsked(frame[1], 'an answer to')
    this.#forget(pending)
    pending.request.settle(frame)
    this.#sendWaiting()
    return undefined
  }

  /** Takes an item of an answer. One that nobody waits for any more is ignored (ST-5). */
  item(frame: ItemFrame): ProtocolError | undefined {
    const pending = this.#pending.get(frame[1])
    if (!pending) return this.#assertAsked(frame[1], 'an item of')
    const { onItem } = pending.request
    return onItem ? onItem(frame) : malformed('ST-1', `an item of ${frame[1]}, which asked for none`)
  }

  /** Takes what the peer says that it takes of a request's items. */
  credit(frame: CreditFrame): ProtocolError | undefined {
    const pending = this.#pending.get(frame[1])
    if (!pending) return this.#assertAsked(frame[1], 'credit for')
    pending.request.onCredit?.(frame)
    return undefined
  }

  #assertAsked(id: number, what: string): ProtocolError | undefined {
    return id > this.#lastId ? malformed('CA-4', `${what} ${id}, which was not asked`) : undefined
  }

  /** Settles a request from this side; the peer is told, if it can have seen it (CA-5). */
  withdraw(id: number, error: TypewireError): void {
    const pending = this.#pending.get(id)
    if (!pending) return
    this.#forget(pending)
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
    for (const { request, number, isOffered } of this.#pending) {
      if (request.owner !== owner) continue
      const wasSeen = isOffered || (this.wasWritten(request.id) && number <= peerReceived)
      this.withdraw(request.id, toError(request, wasSeen ? 'unknown' : 'not_sent'))
    }
  }

  /**
   * Ends the session's part (CA-6): takes out what the peer can have seen, and what belongs to this session alone; the
   * rest stays, to be carried over, and what can be offered again (CA-10), of at most `offeredLength` in all. Returns how to
   * settle what was taken out, for when the next session is in place.
   */
  lose(unseen: readonly OutgoingFrame[], why: string, offeredLength = 0): () => void {
    let left = offeredLength
    const offer = (pending: Pending): boolean => {
      const { id, again = id, offer: make, offerElsewhere } = pending.request
      const content = left > 0 ? make?.(again) : undefined
      if (!content || lengthOf(content) > left) return false
      left -= lengthOf(content)
      pending.isOffered = true
      if (offerElsewhere) {
        offerElsewhere(again)
        return false
      }
      pending.frame = this.#frame(pending, content)
      return true
    }
    const settle = this.#takeOut(unseen, 'SESSION_LOST', why, (pending, wasSeen) => {
      if (wasSeen) return offer(pending)
      return pending.request.outlivesSession || (pending.isOffered && offer(pending))
    })
    // All that is left waits for its turn in the next session, in the order of the ids.
    this.#waiting.clear()
    this.#waitingLength = this.#streams = 0
    for (const pending of this.#pending) this.#wait(pending)
    return settle
  }

  /** The same for all of them, with a code of its own: no session follows. */
  endAll(unseen: readonly OutgoingFrame[], code: CallErrorCode, why: string): () => void {
    return this.#takeOut(unseen, code, why, () => false)
  }

  #takeOut(
    unseen: readonly OutgoingFrame[],
    code: CallErrorCode,
    why: string,
    goesOn: (pending: Pending, wasSeen: boolean) => boolean,
  ): () => void {
    const neverSeen = new Set(unseen)
    const settles: (() => void)[] = []
    for (const pending of this.#pending) {
      const wasSeen = !this.#waiting.has(pending) && !neverSeen.has(pending.frame)
      if (goesOn(pending, wasSeen)) continue
      const { request, isOffered } = pending
      this.#forget(pending)
      const { origin } = request
      const outcome = wasSeen || isOffered ? 'unknown' : 'not_sent'
      settles.push(() => request.settle(new TypewireError(code, `${origin}: ${why}`, { origin, outcome })))
    }
    return () => settles.forEach((settle) => settle())
  }

  /**
   * Goes on in the session that follows a lost one, whose peer takes so many at a time for all that is known. Frames that
   * were never seen are carried over by `OutgoingFrame.carry`, each behind what was asked before it.
   */
  rebind(session: Session, limit = this.#limit): void {
    this.#session = session
    this.#limit = limit
  }

  /** Settles those whose frames will not be sent, and those that wait for their turn with such a frame. */
  refuse(
    refused: readonly OutgoingFrame[],
    isRefused: (frame: Content) => boolean,
    code: CallErrorCode,
    why: string,
  ): void {
    const frames = new Set(refused)
    for (const pending of this.#pending) {
      const { request, frame } = pending
      if (!frames.has(frame) && !(this.#waiting.has(pending) && isRefused(frame))) continue
      this.#forget(pending)
      const { origin } = request
      const [told, outcome] = pending.isOffered ? (['SESSION_LOST', 'unknown'] as const) : ([code, 'not_sent'] as const)
      request.settle(new TypewireError(told, `${origin}: ${why}`, { origin, outcome }))
    }
  }

  #forget(pending: Pending): void {
    this.#pending.delete(pending.id)
    if (!this.#waiting.has(pending) && pending.request.isStreaming) this.#streams--
    this.#stopWaiting(pending)
  }

  #wait(pending: Pending): void {
    pending.number = 0
    this.#waiting.add(pending)
    this.#waitingLength += lengthOf(pending.frame)
  }

  #stopWaiting(pending: Pending): void {
    if (this.#waiting.delete(pending)) this.#waitingLength -= lengthOf(pending.frame)
  }

  /** Sends those whose turn it is; with `last`, no further than that one. */
  #sendWaiting(last?: Pending): void {
    for (;;) {
      const [pending] = this.#waiting // found anew: a send may lose the session, and have all of them wait again
      if (!pending || this.#places <= 0) return
      this.#stopWaiting(pending)
      this.#sendNow(pending)
      if (pending === last) return
    }
  }

  #sendNow(pending: Pending): void {
    if (pending.request.isStreaming) this.#streams++
    this.#lastId = Math.max(this.#lastId, pending.id)
    const session = this.#session
    const number = session.send(pending.frame)
    // The send may have been one too many, and have lost the session: then the frame has been carried over already.
    if (this.#session === session) pending.number = number
    session.flushEarly()
  }

  #frame(pending: Pending, { text, textNow, parts }: Timely): OutgoingFrame {
    if (!pending.request.outlivesSession) return { text, textNow, parts }
    const carry = () => {
      if (this.#waiting.has(pending)) this.#sendWaiting(pending)
    }
    return { text, textNow, parts, carry }
  }
}
