import { type Content, type EncodedPayload, frameOf } from '../codec/parts.ts'
import { type ErrorFrameOptions, frames } from '../protocol/frames.ts'
import { malformed, type ProtocolError } from '../protocol/protocol-error.ts'
import type { Deadline } from '../util/deadlines.ts'
import { IdTable } from '../util/id-table.ts'
import type { Inlet } from './inlet.ts'
import type { Outlet } from './outlet.ts'
import type { Session } from './session.ts'

/** What the peer asked of this side and has no answer to yet. One set per session. */
export class Replies implements ReplyEvents {
  readonly #session: Session
  readonly #onEnded: () => void
  readonly #running = new IdTable<Reply>()
  #lastId = 0
  /** What asks for no answer runs under a number of ours, below 0. */
  #lastSilent = 0
  #silentSize = 0
  #streamingSize = 0

  /** `onEnded` runs whenever an answer has been given or is not owed any more. */
  constructor(session: Session, onEnded: () => void = () => {}) {
    this.#session = session
    this.#onEnded = onEnded
  }

  get size(): number {
    return this.#running.size
  }

  /** How many of them nobody waits for. */
  get silentSize(): number {
    return this.#silentSize
  }

  /** Begins the one answer to a request. Ids must rise, so that none is answered twice (CA-1). */
  begin(id: number): Reply | ProtocolError {
    if (id <= this.#lastId) return malformed('CA-1', `the id ${id} is not above ${this.#lastId}`)
    this.#lastId = id
    return this.#start(id)
  }

  /** Begins what nobody waits for, an event without an ack: it ends like the others, but sends nothing. */
  beginSilent(): Reply {
    this.#silentSize++
    return this.#start(--this.#lastSilent)
  }

  #start(id: number): Reply {
    const reply = new Reply(id, this.#session, this)
    this.#running.add(reply)
    return reply
  }

  /** What a reply calls. */
  onSettled({ id, isStreaming }: Reply): void {
    this.#running.delete(id)
    if (isStreaming) this.#streamingSize--
    if (id < 0) this.#silentSize--
    this.#onEnded()
  }

  /** How many of them go on for long, and take no call's place (ST-8). */
  get streamingSize(): number {
    return this.#streamingSize
  }

  /** To be called for one that has begun. */
  markStreaming(reply: Reply): void {
    reply.isStreaming = true
    this.#streamingSize++
  }

  /** The answer to this request, if it is still owed; or what is wrong with saying something of it. */
  find(id: number): Reply | ProtocolError | undefined {
    return this.#running.get(id) ?? (id > this.#lastId ? malformed('CA-4', `${id} was not asked`) : undefined)
  }

  /** Whether the answer to this request is still owed. */
  isRunning(id: number): boolean {
    return this.#running.get(id) !== undefined
  }

  /** The peer does not wait any more (CA-5). */
  cancel(id: number, reason: Error): void {
    this.#running.get(id)?.abort(reason)
  }

  /** What these are part of is over: nobody waits for the answers any more. */
  abortOf(owner: object, reason: Error): void {
    for (const reply of this.#running) if (reply.owner === owner) reply.abort(reason)
  }

  /** The session is over: nobody will hear the answers. */
  abortAll(reason: Error): void {
    for (const reply of this.#running) reply.abort(reason)
  }
}

/** Where answers and what comes before them go: the peer's session. */
export type AnswerSink = Pick<Session, 'send' | 'flushEarly' | 'fitsPeer' | 'hasMuchRoom' | 'whenMuchRoom'>

/** Is told when an answer has been given or is not owed any more. An object, and no closure: a reply is made for each call. */
export interface ReplyEvents {
  readonly onSettled: (reply: Reply) => void
}

/** The one answer to a request: the first of result, error and abort counts, what comes later is ignored (CA-2). */
export class Reply {
  /** The request's; below 0 for what nobody waits for. */
  readonly id: number
  /** What it is part of, that may end before the session does. */
  owner: object | undefined
  isStreaming = false
  /** Sets the time limit anew, where it counts from what has come last. */
  renew: (() => void) | undefined
  /** What the items go through that it answers with, and those that it is asked with. */
  outlet: Outlet | undefined
  inlet: Inlet | undefined
  /** Is told how it ended, once: nothing for a result, the code of an error, or why nobody waits any more. Never throws. */
  onOutcome: ((failure?: string | Error) => void) | undefined
  readonly #session: AnswerSink
  readonly #events: ReplyEvents
  #isSettled = false
  #deadline: Deadline | undefined
  #abortReason: Error | undefined
  #controller: AbortController | undefined

  constructor(id: number, session: AnswerSink, events: ReplyEvents) {
    this.id = id
    this.#session = session
    this.#events = events
  }

  /** For what is sent of it before the answer: items, and credit. */
  get wire(): AnswerSink {
    return this.#session
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Nobody asked for the answer: an event without an ack. */
  get isSilent(): boolean {
    return this.id < 0
  }

  /** Why `signal` aborted. */
  get abortReason(): Error | undefined {
    return this.#abortReason
  }

  /** Aborts when nobody waits for the answer any more. Made when it is first read: most handlers never do. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#abortReason) this.#controller.abort(this.#abortReason)
    }
    return this.#controller.signal
  }

  /** Keeps the time limit of what is run for this answer: it is cancelled when the answer is settled, whoever does. */
  limit(deadline: Deadline): void {
    this.#deadline?.cancel()
    if (this.#isSettled) deadline.cancel()
    else this.#deadline = deadline
  }

  /** `payload` is encoded already, as `encodePayload` writes it. */
  result(payload: EncodedPayload): void {
    if (this.#isSettled) return
    const frame = frameOf(`[${frames.result.kind},${this.id}`, payload)
    if (this.#session.fitsPeer(frame)) this.#send(frame)
    else this.error('TOO_LARGE', 'The result is larger than the caller takes.')
  }

  error(code: string, message: string, options: ErrorFrameOptions | 0 = 0, payload: EncodedPayload = ''): void {
    if (this.#isSettled) return
    const head = JSON.stringify([frames.error.kind, this.id, code, message.slice(0, 1_024), options])
    this.#send(frameOf(head.slice(0, -1), payload), code)
  }

  /** Ends the handler without an answer. */
  abort(reason: Error): void {
    if (this.#isSettled) return
    this.#abortReason = reason // who hears that it is settled may ask why
    this.#settle(reason)
    this.#abort(reason)
  }

  /** Answers with an error, and ends the handler that is still running. */
  expire(code: string, message: string, reason: Error, options: ErrorFrameOptions | 0 = 0): void {
    if (this.#isSettled) return
    this.#abortReason = reason
    this.error(code, message, options)
    this.#abort(reason)
  }

  /** The handler is to end, and its answer is still taken. */
  protected stop(reason: Error): void {
    this.#abort(reason)
  }

  /** The answer has been given, without a frame of ours. */
  protected settle(): void {
    this.#settle()
  }

  #abort(reason: Error): void {
    this.#abortReason = reason
    this.inlet?.abort(reason)
    this.#controller?.abort(reason)
  }

  /** Queued first, settled then: whoever waits for the last answer finds it in the session. */
  #send(frame: Content, code?: string): void {
    if (this.id > 0) this.#session.send(frame)
    this.#settle(code)
    if (this.id > 0) this.#session.flushEarly()
  }

  #settle(failure?: string | Error): void {
    if (this.#isSettled) return // its answer was one too many for the session, which has ended it
    this.#isSettled = true
    this.#deadline?.cancel()
    this.outlet?.stop(this.#abortReason)
    // What has come and was not read is kept for nobody.
    if (this.#abortReason) this.inlet?.abort(this.#abortReason)
    else void this.inlet?.return()
    this.onOutcome?.(failure)
    this.#events.onSettled(this)
  }
}
