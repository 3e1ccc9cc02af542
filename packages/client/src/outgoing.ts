import { type EmitOptions, type TraceContext, TypewireError } from '@typewire/core'
import {
  ask,
  type AskLimits,
  type CallFrameOptions,
  creditEveryMs,
  type EncodedPayload,
  frameOf,
  frames,
  lengthOf,
  type OutgoingFrame,
  type Request,
  type Session,
  type Sized,
  type Timely,
  unsettled,
} from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import { backstopGraceMs } from './connection/session-keeper.ts'
import { type EmittedEvent, emittedNow } from './emitted-event.ts'
import { encode } from './codec.ts'
import { assertTimeLimit, optionsText } from './time-limit.ts'

/** A request before it has an id: what its frame says between the id and the payload. */
export interface Asked {
  readonly kind: number
  /** For errors: `send`. */
  readonly origin: string
  /** The elements between the id and the options, as JSON text: `"send"`, or `17,"typing"`. */
  readonly head: string
  readonly payload: unknown
  /** The payload, where it was encoded before, and has had its turn in the outbox. */
  readonly encoded?: EncodedPayload
  /** Whether it may be asked in the session that follows a lost one. */
  readonly outlivesSession: boolean
  /** Credentials: it need not wait for the blobs that are sent before it, and what waits outside the session may wait for it. */
  readonly isUrgent?: boolean
  /** The namespace that it is of. */
  readonly owner?: object | undefined
  /** What else is said of it, where it answers with items, or is made of them. */
  readonly options?: CallFrameOptions | undefined
  /** For such: told its id before it is sent, and what comes for it. It waits for as long as it takes, but where `isRenewed`. */
  readonly streaming?: ((id: number) => Pick<Request, 'onItem' | 'onCredit'>) | undefined
  /** Its time limit counts from the last credit, unless its caller gives one; and none of this client is said (ST-7). */
  readonly isRenewed?: boolean | undefined
  /** From when its time limit counts, by the client's clock. Default: when it is sent, or begins to wait for a Blob. */
  readonly sinceMs?: number | undefined
  /** The client's limit for what is asked without one, in milliseconds; a procedure's own counts more (CA-13). */
  readonly defaultMs?: number | undefined
  /** What it is part of. */
  readonly trace?: TraceContext | undefined
  /** A call of the contract: it is offered again where a lost session leaves its outcome unknown (CA-10). */
  readonly isOffered?: boolean | undefined
  /** Who offers it again in place of the session that follows, where there is room for it: is told the id that it had first. */
  readonly offerElsewhere?: ((again: number) => void) | undefined
  /** That id, where it is offered again. */
  readonly again?: number | undefined
}

export interface RequestOptions extends Pick<AskLimits, 'timeoutMs' | 'signal'> {
  /** Gets the answer's payload, and the id that it was asked under, while its frame is dispatched: before the frame behind it. */
  readonly onAnswer?: ((payload: unknown, id: number) => void) | undefined
}

/** An event's frame, and when it was emitted. */
type TimedFrame = OutgoingFrame & { readonly sinceMs: number }

/** Sends what the application asks, as a part of its trace, and resolves to the answer. Rejects with a `TypewireError`, always. */
export function traced<T extends Pick<Asked, 'kind' | 'origin' | 'trace'>>(
  connection: Connection,
  asked: T,
  send: (asked: T) => Promise<unknown>,
): Promise<unknown> {
  const { tracer } = connection
  if (!tracer || asked.trace) return send(asked) // or it is a part of a longer one
  const span = tracer(asked.origin, asked.kind === frames.call.kind ? 'call' : 'event')
  const answer = send({ ...asked, trace: span?.context })
  if (span) answer.then(() => span.end(), span.end)
  return answer
}

/** Sends a call or an event that asks for an ack, and resolves to the answer. Rejects with a `TypewireError`, always. */
export function request(connection: Connection, asked: Asked, options: RequestOptions = {}): Promise<unknown> {
  try {
    return requestOrThrow(connection, asked, options)
  } catch (error) {
    return Promise.reject(error)
  }
}

function requestOrThrow(connection: Connection, asked: Asked, options: RequestOptions): Promise<unknown> {
  const { origin, payload, outlivesSession, owner, isUrgent, sinceMs = connection.now() } = asked
  assertTimeLimit(options.timeoutMs, origin)
  const encoded = asked.encoded ?? encode(connection, payload, origin)
  connection.use(origin)
  const { outbox, session } = connection
  const isReady = asked.encoded !== undefined || (isUrgent && typeof encoded === 'string')
  if (isReady || outbox.passes(encoded))
    return requestNow(connection, asked, encoded as EncodedPayload, sinceMs, options)
  const { timeoutMs = backstopOf(connection, asked) ?? Infinity, signal } = options
  return new Promise((resolve, reject) => {
    const send = (ready: EncodedPayload) => {
      if (!outlivesSession && connection.session !== session) throw lostBefore(origin)
      resolve(requestNow(connection, asked, ready, sinceMs, options))
    }
    const leftMs = timeoutMs - (connection.now() - sinceMs)
    const length = () => longestLength(asked, encoded)
    const waits = { fail: reject, timeoutMs: leftMs, signal, owner, isRequest: true }
    outbox.send({ origin, payload: encoded, length, send, ...waits })
  })
}

function requestNow(
  connection: Connection,
  asked: Asked,
  payload: EncodedPayload,
  sinceMs: number,
  { timeoutMs, signal, onAnswer }: RequestOptions,
): Promise<unknown> {
  const { kind, origin, head, trace, outlivesSession, owner, streaming, isOffered, offerElsewhere, again, isUrgent } =
    asked
  const id = connection.nextId()
  const waitedMs = connection.now() - sinceMs
  const contentOf = (first: number | undefined): Timely => {
    const others = first === undefined ? asked.options : { ...asked.options, again: first }
    const make = (leftMs: number) => frameOf(`[${kind},${id},${head},${optionsText(leftMs, trace, others)}`, payload)
    const saidMs = timeoutMs ?? (asked.isRenewed ? undefined : asked.defaultMs) ?? Infinity
    if (saidMs === Infinity) return make(Infinity)
    const textNow = () => {
      if (timeoutMs === undefined && ownLimitOf(connection, asked) !== undefined) return make(Infinity).text // CA-13
      return make(saidMs - (connection.now() - sinceMs)).text
    }
    // CA-8: what is left when it is written. It may have waited for a connection, its turn, or another session.
    const { text, parts } = make(saidMs)
    return { text, parts, textNow }
  }
  const content = contentOf(again)
  try {
    connection.assertSendable(content, origin, { isAwaited: isUrgent })
    if (again === undefined && !isUrgent) connection.assertMayAsk(origin) // else it had its place before, or others wait for it
  } catch (error) {
    if (again === undefined) throw error
    // It may have run: that it cannot be offered again tells nothing of that.
    throw new TypewireError('SESSION_LOST', (error as Error).message, { origin, outcome: 'unknown' })
  }
  const whyNotSent = () => connection.whyNotSent()
  // By a welcome that comes later it may be more.
  const limitNow = () => timeoutMs ?? backstopOf(connection, asked)
  const onAnswered = onAnswer && ((answer: unknown) => onAnswer(answer, id))
  const limits: AskLimits = {
    timeoutMs: limitNow(),
    waitedMs,
    limitNow,
    renewedGraceMs: asked.isRenewed && timeoutMs === undefined ? creditEveryMs : undefined,
    signal,
    whyNotSent,
    onAnswer: onAnswered,
    decode: connection.codec.decode,
    from: 'server',
  }
  const { onItem, onCredit } = streaming ? streaming(id) : noStream
  const sent = {
    id,
    origin,
    text: content.text,
    textNow: content.textNow,
    parts: content.parts,
    outlivesSession,
    owner,
    again,
    offer: isOffered ? contentOf : undefined,
    offerElsewhere,
    isStreaming: streaming !== undefined,
    onItem,
    onCredit,
    settle: unsettled,
  }
  return ask(connection.requests, connection.deadlines, sent, limits)
}

const noStream: Pick<Request, 'onItem' | 'onCredit'> = {}

/** The longest that a request is waited for to which its caller gave no limit; nothing for what may go on for ever. */
export function backstopOf(connection: Connection, asked: Asked): number | undefined {
  const { streaming, isRenewed, defaultMs } = asked
  if (streaming && !isRenewed) return undefined
  if (defaultMs === undefined) return connection.backstopMs
  const ownMs = ownLimitOf(connection, asked)
  return ownMs === undefined ? defaultMs : Math.max(defaultMs, ownMs + backstopGraceMs)
}

/** The time limit that the procedure has that is called, for all that is known. */
function ownLimitOf({ timeLimits }: Connection, { kind, origin }: Asked): number | undefined {
  return kind === frames.call.kind ? timeLimits.of(origin) : undefined
}

/**
 * The longest that the frame of a request may be, whenever it is sent: so what waits takes no more room then than was counted,
 * in UTF-16 units of text and bytes of parts.
 */
export function longestLength(
  { kind, head, trace, options }: Pick<Asked, 'kind' | 'head' | 'trace' | 'options'>,
  payload: EncodedPayload | Sized,
): number {
  const largest = Number.MAX_SAFE_INTEGER
  const start = `[${kind},${largest},${head},${optionsText(largest, trace, { ...options, again: largest })}`
  return start.length + payloadLength(payload) + 1
}

/** The same of an event that nobody waits for, wherever it is emitted. `head`: its name and options. */
export function longestEventLength(head: string, payload: EncodedPayload | Sized): number {
  const start = `[${frames.roomEvent.kind},0,${Number.MAX_SAFE_INTEGER},${head}`
  return start.length + payloadLength(payload) + 1
}

const payloadLength = (payload: EncodedPayload | Sized) =>
  typeof payload === 'string' ? payload.length : lengthOf(payload)

export const lostBefore = (origin: string) =>
  new TypewireError('SESSION_LOST', `${origin}: the session was lost before it was sent.`, {
    origin,
    outcome: 'not_sent',
  })

/**
 * Queues an event that nobody waits for. While there is no connection it waits for one, and outlives a session that is
 * lost before the server can have seen it; or what its options say.
 * @throws TypewireError when it cannot be queued.
 */
export function emit(connection: Connection, name: string, payload: unknown, options?: EmitOptions): void {
  const encoded = encode(connection, payload, name)
  connection.use(name)
  const event = emittedNow(connection, name, name)
  const send = (ready: EncodedPayload) => {
    event.encoded = ready
    emitReady(connection, event, options)
  }
  const length = () => longestEventLength(event.head, encoded)
  connection.outbox.send({ origin: name, payload: encoded, length, send })
}

function emitReady(connection: Connection, emitted: EmittedEvent, options: EmitOptions | undefined): void {
  const { name, head, encoded, sinceMs } = emitted
  if (options?.delivery === 'volatile') return sendVolatile(connection, `0,${head}`, encoded, name)
  const content = frameOf(`[${frames.event.kind},0,${head}`, encoded)
  connection.assertSendable(content, name)
  const { session } = connection
  const key = latestKey(name, options)
  const event = key ?? content
  const carry = (next: Session) => hold(connection, next, frame, name, event)
  const frame: TimedFrame = { text: content.text, parts: content.parts, key, sinceMs, carry }
  connection.offlineEvents.release(event) // the one before waits no more
  if (connection.isOpen) session.send(frame)
  else hold(connection, session, frame, name, event)
}

/** What events of one name have in common of which only the newest is kept. */
export function latestKey(name: string, { delivery, key = '' }: EmitOptions = {}): string | undefined {
  return delivery === 'latest' ? `${name} ${key}` : undefined
}

/** Sends an event that does not wait (DL-1). `head`: its room's number, name and options. @throws TypewireError `TOO_LARGE`. */
export function sendVolatile(connection: Connection, head: string, payload: EncodedPayload, origin: string): void {
  const content = frameOf(`[${frames.volatileEvent.kind},${head}`, payload)
  if (!connection.isOpen) return
  if (connection.session.fitsPeer(content)) connection.session.sendVolatile(content)
  else connection.assertSendable(content, origin) // throws
}

/** Queues an event's frame where it cannot leave now, for as long as it may wait. `event`: the same wherever it waits. */
export function hold(
  connection: Connection,
  session: Session,
  frame: TimedFrame,
  origin: string,
  event: unknown,
): void {
  const number = session.send(frame)
  connection.offlineEvents.hold(event, origin, {
    waitsFor: 'connection',
    sinceMs: frame.sinceMs,
    isWaiting: () => !session.wasWritten(number),
    leave: () => session.withdraw(number),
  })
}
