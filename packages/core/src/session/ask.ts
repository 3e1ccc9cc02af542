import type { Side } from '../codec/annotations.ts'
import { PayloadError } from '../codec/payload-error.ts'
import type { CallOptions } from '../contract/verbs.ts'
import { TypewireError } from '../errors/typewire-error.ts'
import { type ErrorFrame, frames } from '../protocol/frames.ts'
import type { Deadline, Deadlines } from '../util/deadlines.ts'
import type { Issue } from '../util/issue.ts'
import type { Request, RequestOutcome, Requests } from './requests.ts'

export interface AskLimits extends CallOptions {
  /** How much of its time is over already, in milliseconds. Default 0. */
  readonly waitedMs?: number | undefined
  /** Asked at the limit: what it is by then. Where that is more, it is waited on. */
  readonly limitNow?: (() => number | undefined) | undefined
  /** It counts from the last credit, once there was one, and is so much longer then, in milliseconds (ST-7). */
  readonly renewedGraceMs?: number | undefined
  /** For people, where the time is over and nothing was sent: `no connection to …`. */
  readonly whyNotSent?: () => string
  /** Gets the answer's payload while its frame is dispatched: before the frame behind it. */
  readonly onAnswer?: ((payload: unknown) => void) | undefined
  /** Reads the answer's payload, or the data of its error. @throws PayloadError */
  readonly decode: Decode
  /** Who answers. Default: a client. */
  readonly from?: Side
}

/** As `decodePayload` does, or as much of it as who asks can read. */
export type Decode = (payload: unknown, annotations: unknown, from?: Side) => unknown

/** A request before it is asked: who is told is filled in, and not in a copy, since one is made for each call. */
export interface Unasked extends Omit<Request, 'settle' | 'onCredit'> {
  settle: Request['settle']
  onCredit?: Request['onCredit']
}

/** In place of who is told, until it is asked. */
export const unsettled: Request['settle'] = () => {}

/**
 * Asks the peer and resolves to its answer's payload. Settles by result, error, time limit, abort, or the loss of the
 * session, whichever is first; always rejects with a `TypewireError`. The request is its own from here on.
 */
export function ask(requests: Requests, deadlines: Deadlines, request: Unasked, limits: AskLimits): Promise<unknown> {
  return new Promise((resolve, reject) => new Asking({ requests, deadlines, request, limits, resolve, reject }).start())
}

interface AskingOptions {
  readonly requests: Requests
  readonly deadlines: Deadlines
  readonly request: Unasked
  readonly limits: AskLimits
  readonly resolve: (payload: unknown) => void
  readonly reject: (error: unknown) => void
}

class Asking {
  readonly #options: AskingOptions
  #deadline: Deadline | undefined
  #onAbort: (() => void) | undefined

  constructor(options: AskingOptions) {
    this.#options = options
  }

  start(): void {
    const { requests, request, limits, reject } = this.#options
    const { timeoutMs, waitedMs = 0, renewedGraceMs, signal } = limits
    if (signal?.aborted) return reject(aborted(request.origin, signal))
    if (timeoutMs !== undefined) this.#watch(timeoutMs, timeoutMs - waitedMs)
    if (renewedGraceMs !== undefined) this.#renewByCredit(renewedGraceMs)
    if (signal) {
      this.#onAbort = () => requests.withdraw(request.id, aborted(request.origin, signal))
      signal.addEventListener('abort', this.#onAbort, { once: true })
    }
    request.settle = (outcome) => this.#settle(outcome)
    try {
      requests.send(request)
    } catch (error) {
      this.#end()
      reject(error)
    }
  }

  #watch(limitMs: number, leftMs: number): void {
    this.#deadline = this.#options.deadlines.set(leftMs, () => this.#expire(limitMs))
  }

  #expire(limitMs: number): void {
    const { requests, request, limits } = this.#options
    const longerMs = limits.limitNow?.() ?? limitMs
    if (longerMs > limitMs) return this.#watch(longerMs, longerMs - limitMs)
    const { id, origin } = request
    const outcome = requests.wasWritten(id) ? 'unknown' : 'not_sent'
    requests.withdraw(id, timedOut(origin, limitMs, outcome, limits.whyNotSent?.()))
  }

  #renewByCredit(graceMs: number): void {
    const { request, limits } = this.#options
    const { onCredit } = request
    request.onCredit = (frame) => {
      this.#deadline?.cancel()
      const limitMs = limits.limitNow?.() ?? limits.timeoutMs
      if (limitMs !== undefined) this.#watch(limitMs, limitMs + graceMs)
      onCredit?.(frame)
    }
  }

  #settle(outcome: RequestOutcome): void {
    this.#end()
    const { request, limits, resolve, reject } = this.#options
    try {
      const payload = payloadOf(outcome, request.origin, {
        decode: limits.decode,
        from: limits.from,
        isStreaming: request.isStreaming,
      })
      limits.onAnswer?.(payload)
      resolve(payload)
    } catch (error) {
      reject(error)
    }
  }

  #end(): void {
    this.#deadline?.cancel()
    if (this.#onAbort) this.#options.limits.signal?.removeEventListener('abort', this.#onAbort)
  }
}

export interface AnswerOf extends Pick<AskLimits, 'decode'> {
  /** Whose it is. Default: a client's. */
  readonly from?: Side | undefined
  /** It is of a stream or an upload. */
  readonly isStreaming?: boolean | undefined
}

/**
 * The payload of an answer.
 * @throws TypewireError the error that it is in place of one.
 */
export function payloadOf(outcome: RequestOutcome, origin: string, { decode, from, isStreaming }: AnswerOf): unknown {
  if (outcome instanceof TypewireError) throw outcome
  const read = (payload: unknown, annotations: unknown) => readAnswer(origin, () => decode(payload, annotations, from))
  if (outcome[0] === frames.error.kind) throw errorOf(outcome, origin, isStreaming === true, read)
  return read(outcome[2], outcome[3])
}

type Read = (payload: unknown, annotations: unknown) => unknown

function errorOf(frame: ErrorFrame, origin: string, isStreaming: boolean, read: Read): TypewireError {
  const [, , code, message, options, payload, annotations] = frame
  const { incident, issues } = options === 0 ? {} : options
  const data = read(payload, annotations)
  const said = typeof incident === 'string' ? incident : undefined
  // CA-11: what became of the call is not known. Of a stream it says that it cannot go on, which is known (ST-9).
  const outcome = code === 'SESSION_LOST' && !isStreaming ? 'unknown' : undefined
  return new TypewireError(code, message, { origin, data, outcome, incident: said, issues: readIssues(issues) })
}

/** Members of another type are as good as missing (FR-6). */
function readIssues(issues: unknown): readonly Issue[] | undefined {
  return Array.isArray(issues) && issues.every(isIssue) ? issues : undefined
}

function isIssue(issue: unknown): issue is Issue {
  const { message, path } = (issue ?? {}) as Partial<Record<keyof Issue, unknown>>
  return typeof message === 'string' && Array.isArray(path) && path.every(isKey)
}

const isKey = (key: unknown) => typeof key === 'string' || typeof key === 'number'

function readAnswer(origin: string, read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    throw new TypewireError('INVALID_ACK', `${origin}: the answer cannot be read. ${error.message}`, { origin })
  }
}

export function timedOut(
  origin: string,
  timeoutMs: number,
  outcome: 'not_sent' | 'unknown' = 'unknown',
  whyNotSent = 'no connection',
): TypewireError {
  const what =
    outcome === 'unknown' ? `no answer within ${timeoutMs} ms.` : `not sent within ${timeoutMs} ms: ${whyNotSent}.`
  return new TypewireError('TIMED_OUT', `${origin}: ${what}`, { origin, outcome })
}

export function aborted(origin: string, signal: AbortSignal | undefined): TypewireError {
  return new TypewireError('ABORTED', `${origin}: aborted by its signal.`, { origin, cause: signal?.reason })
}
