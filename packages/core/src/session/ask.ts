import { PayloadError, type Side } from '../codec/annotations.ts'
import { decodePayload } from '../codec/payload.ts'
import type { CallOptions } from '../contract/verbs.ts'
import { TypewireError } from '../errors/typewire-error.ts'
import { type CreditFrame, type ErrorFrame, frames } from '../protocol/frames.ts'
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
  /** Who answers. Default: a client. */
  readonly from?: Side
}

/**
 * Asks the peer and resolves to its answer's payload. Settles by result, error, time limit, abort, or the loss of the
 * session, whichever is first; always rejects with a `TypewireError`.
 */
export function ask(
  requests: Requests,
  deadlines: Deadlines,
  request: Omit<Request, 'settle'>,
  { timeoutMs, waitedMs = 0, limitNow, renewedGraceMs, signal, whyNotSent, onAnswer, from }: AskLimits,
): Promise<unknown> {
  const { id, origin, isStreaming } = request
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(origin, signal))
    const onAbort = () => requests.withdraw(id, aborted(origin, signal))
    let deadline: Deadline | undefined
    const watch = (limitMs: number, leftMs: number) => {
      deadline = deadlines.set(leftMs, () => {
        const longerMs = limitNow?.() ?? limitMs
        if (longerMs > limitMs) return watch(longerMs, longerMs - limitMs)
        const outcome = requests.wasWritten(id) ? 'unknown' : 'not_sent'
        requests.withdraw(id, timedOut(origin, limitMs, outcome, whyNotSent?.()))
      })
    }
    if (timeoutMs !== undefined) watch(timeoutMs, timeoutMs - waitedMs)
    const onCredit = (frame: CreditFrame) => {
      deadline?.cancel()
      const limitMs = limitNow?.() ?? timeoutMs
      if (limitMs !== undefined) watch(limitMs, limitMs + renewedGraceMs!)
      request.onCredit?.(frame)
    }
    const end = () => {
      deadline?.cancel()
      signal?.removeEventListener('abort', onAbort)
    }
    const settle = (outcome: RequestOutcome) => {
      end()
      try {
        const payload = payloadOf(outcome, origin, { from, isStreaming })
        onAnswer?.(payload)
        resolve(payload)
      } catch (error) {
        reject(error)
      }
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      requests.send(renewedGraceMs === undefined ? { ...request, settle } : { ...request, onCredit, settle })
    } catch (error) {
      end()
      reject(error)
    }
  })
}

export interface AnswerOf {
  /** Whose it is. Default: a client's. */
  readonly from?: Side | undefined
  /** It is of a stream or an upload. */
  readonly isStreaming?: boolean | undefined
}

/**
 * The payload of an answer.
 * @throws TypewireError the error that it is in place of one.
 */
export function payloadOf(outcome: RequestOutcome, origin: string, { from, isStreaming }: AnswerOf = {}): unknown {
  if (outcome instanceof TypewireError) throw outcome
  const decode = (payload: unknown, annotations: unknown) => decodeAnswer(payload, annotations, { origin, from })
  if (outcome[0] === frames.error.kind) throw errorOf(outcome, origin, isStreaming === true, decode)
  return decode(outcome[2], outcome[3])
}

type Decode = (payload: unknown, annotations: unknown) => unknown

function errorOf(frame: ErrorFrame, origin: string, isStreaming: boolean, decode: Decode): TypewireError {
  const [, , code, message, options, payload, annotations] = frame
  const { incident, issues } = options === 0 ? {} : options
  const data = decode(payload, annotations)
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

function decodeAnswer(
  payload: unknown,
  annotations: unknown,
  { origin, from }: { readonly origin: string; readonly from: Side | undefined },
): unknown {
  try {
    return decodePayload(payload, annotations, from)
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
