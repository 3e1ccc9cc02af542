import type { Frame } from '../protocol/frames.ts'
import type { Part } from '../codec/parts.ts'
import { parseBatch, type UnknownFrame } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import type { Transport } from '../transport.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { type Positions, Session, type SessionEvents, type SessionOptions } from './session.ts'

/** For tests: keeps what it is given. Whatever is sent must be a batch that a peer can read. */
export class FakeTransport implements Transport {
  readonly name = 'fake'
  isImmediate = false
  readonly messages: string[] = []
  /** The parts of each message, in the same order. */
  readonly parts: (readonly Part[] | undefined)[] = []
  /** What `bufferedBytes` says. */
  buffered = 0
  /** Runs after each message was taken. */
  onSend: (() => void) | undefined

  readonly send = (batch: string, parts?: readonly Part[]): void => {
    this.messages.push(batch)
    this.parts.push(parts)
    this.onSend?.()
  }
  readonly bufferedBytes = (): number => this.buffered
  readonly close = (): void => {}

  /** The frames that were sent since it was last asked. */
  take(): (Frame | UnknownFrame)[] {
    const parts = this.parts.splice(0)
    return this.messages.splice(0).flatMap((message, index) => readBatch(message, parts[index]))
  }
}

export function readBatch(message: string, parts?: readonly Part[]): readonly (Frame | UnknownFrame)[] {
  const batch = parseBatch(message, parts)
  if (batch instanceof ProtocolError) throw new Error(`${batch.reason}: ${message.slice(0, 200)}`)
  return batch
}

/** What both sides of a session that has just begun state. */
export const fromTheStart: Positions = {
  peerReceived: 0,
  peerFrom: 0,
  peerWindow: Number.POSITIVE_INFINITY,
  peerMaxMessageBytes: Number.POSITIVE_INFINITY,
}

export interface TestSession {
  readonly session: Session
  readonly clock: FakeClock
  readonly transport: FakeTransport
  /** Ends the turn and gives what was sent in it. */
  readonly sent: () => (Frame | UnknownFrame)[]
  /** Takes frames from the attached transport, as one message. */
  readonly receive: (...frames: readonly (Frame | UnknownFrame)[]) => ProtocolError | undefined
}

/** For tests: a session on a clock and a transport that are told what to do. */
export function openSession(
  options: Partial<Omit<SessionOptions, 'clock'> & SessionEvents> = {},
  positions: Partial<Positions> = {},
): TestSession {
  const clock = new FakeClock()
  const transport = new FakeTransport()
  const session = new Session(
    { clock, maxBufferBytes: 1_048_576, ...options },
    { onFrame: () => undefined, onControl: () => undefined, onOverflow: () => {}, ...options },
  )
  session.attach(transport, { ...fromTheStart, ...positions })
  return {
    session,
    clock,
    transport,
    sent: () => {
      clock.endTurn()
      return transport.take()
    },
    receive: (...frames) => session.receive(frames, JSON.stringify(frames).length, transport),
  }
}
