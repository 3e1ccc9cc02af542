import { type CallOptions, TypewireError } from '@typewire/core'
import { ask, encodePayload, frames, type OutgoingFrame, PayloadError, type Session } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import type { QuietEvent } from './connection/offline-events.ts'
import { assertTimeLimit, optionsText } from './time-limit.ts'

/** A request before it has an id: what its frame says between the id and the payload. */
export interface Asked {
  readonly kind: number
  /** For errors: `send`. */
  readonly origin: string
  /** The elements between the id and the options, as JSON text: `"send"`, or `17,"typing"`. */
  readonly head: string
  readonly payload: unknown
  /** Whether it may be asked in the session that follows a lost one. */
  readonly outlivesSession: boolean
}

/** Sends a call or an event that asks for an ack, and resolves to the answer. Rejects with a `TypewireError`, always. */
export async function request(connection: Connection, asked: Asked, options: CallOptions = {}): Promise<unknown> {
  const { kind, origin, head, payload, outlivesSession } = asked
  const { timeoutMs, signal } = options
  assertTimeLimit(timeoutMs, origin)
  const encoded = encode(payload, origin)
  connection.use(origin)
  const id = connection.nextId()
  const text = `[${kind},${id},${head},${optionsText(timeoutMs)}${encoded}]`
  connection.assertSendable(text, origin)
  const limits = { timeoutMs: timeoutMs ?? connection.backstopMs, signal, whyNotSent: () => connection.whyNotSent() }
  return ask(connection.requests, connection.deadlines, { id, origin, text, outlivesSession }, limits)
}

/**
 * Queues an event that nobody waits for. While there is no connection it waits for one, and outlives a session that is
 * lost before the server can have seen it.
 * @throws TypewireError when it cannot be queued.
 */
export function emit(connection: Connection, name: string, payload: unknown): void {
  const text = `[${frames.event.kind},0,${JSON.stringify(name)},0${encode(payload, name)}]`
  connection.use(name)
  connection.assertSendable(text, name)
  const { session } = connection
  const sinceMs = connection.offlineEvents.now()
  const frame: OutgoingFrame & QuietEvent = {
    text,
    sinceMs,
    carry: (next) => hold(connection, next, frame, name, frame),
  }
  if (connection.isOpen) session.send(frame)
  else hold(connection, session, frame, name, frame)
}

/** Queues an event's frame where it cannot leave now, for as long as it may wait. */
export function hold(
  connection: Connection,
  session: Session,
  frame: OutgoingFrame,
  origin: string,
  event: QuietEvent,
): void {
  const number = session.send(frame)
  connection.offlineEvents.hold(event, origin, {
    waitsFor: 'connection',
    isWaiting: () => !session.wasWritten(number),
    leave: () => session.withdraw(number),
  })
}

/** @throws TypewireError `INVALID_INPUT` for what cannot travel. */
export function encode(payload: unknown, origin: string): string {
  try {
    return encodePayload(payload)
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    const issues = [{ message: error.message, path: [] }]
    throw new TypewireError('INVALID_INPUT', `${origin}: ${error.message}`, { origin, issues })
  }
}
