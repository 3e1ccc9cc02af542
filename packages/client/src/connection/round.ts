import { closeCodes, type Transport } from '@typewire/core'
import { type Deadline, type Deadlines, type Hello, type ProtocolError, type Welcome } from '@typewire/core/internal'
import type { OpenTransport, TransportName } from '../transports/open-transport.ts'
import { Attempt, type Batch, type Ending } from './attempt.ts'

/** How long a transport has for itself before the next one starts beside it, in milliseconds. */
const headStartMs = 1_000

export interface RoundOptions {
  readonly url: string
  /** What to try, the best first. */
  readonly transports: readonly (readonly [name: TransportName, open: OpenTransport])[]
  readonly instance: string
  readonly auth: () => unknown
  readonly onAuthError: (error: unknown) => void
  readonly deadlines: Deadlines
}

export interface RoundEvents {
  readonly nextHello: () => { readonly attempt: number; readonly resume: Hello['resume'] }
  /** Whether it may be believed that the session is gone: nothing else is open that may know better (RS-3). */
  readonly mayBelieveGone: () => boolean
  readonly onGone: (received: number | null) => void
  /** The hellos that follow need a higher number. */
  readonly onStale: () => void
  readonly onWelcome: (attempt: Attempt, transport: Transport, welcome: Welcome) => ProtocolError | undefined
  readonly onBatch: (batch: Batch, length: number, transport: Transport) => ProtocolError | undefined
  readonly onHeard: () => void
  readonly onDrain: () => void
  /** The winner has ended. */
  readonly onEnd: (attempt: Attempt, ending: Ending) => void
  /** No transport was welcomed; what the last one ended by. */
  readonly onFail: (ending: Ending) => void
  /** A transport has ended by itself, welcomed or not. */
  readonly onTransportEnd: (ending: Ending) => void
}

/**
 * One try to connect, by all transports: the best one first, the next ones beside it when it fails or takes long. The
 * first that is welcomed wins, and the others end. Their hellos share one number, so the server takes one of them.
 */
export class Round {
  readonly #options: RoundOptions
  readonly #events: RoundEvents
  readonly #open = new Set<Attempt>()
  readonly #auth: () => Promise<unknown>
  #next = 0
  #headStart: Deadline | undefined
  #winner: Attempt | undefined
  #hasRenumbered = false
  #isOver = false

  constructor(options: RoundOptions, events: RoundEvents) {
    this.#options = options
    this.#events = events
    let auth: Promise<unknown> | undefined
    // Asked once for all.
    this.#auth = () => (auth ??= Promise.resolve().then(options.auth))
  }

  /** To be called once. */
  start(): void {
    this.#startNext()
  }

  /** Ends it from this side, with what it has opened. */
  close(code: number, reason: string): void {
    this.#isOver = true
    this.#headStart?.cancel()
    for (const attempt of [...this.#open]) attempt.close(code, reason)
  }

  /** Gives up its links without a word. */
  abandon(reason: string): void {
    const hasFailed = !this.#isOver && !this.#winner
    this.#isOver ||= hasFailed // no other transport starts
    this.#headStart?.cancel()
    for (const attempt of [...this.#open]) attempt.abandon(reason)
    if (hasFailed) this.#events.onFail({ code: closeCodes.SILENT.code, reason, isFinal: false })
  }

  /** Resolves when nothing of it is open any more. */
  async gone(): Promise<void> {
    await Promise.all([...this.#open].map(({ gone }) => gone))
  }

  #startNext(): void {
    if (this.#next < this.#options.transports.length) this.#begin(this.#next++)
  }

  #begin(index: number): void {
    this.#headStart?.cancel()
    if (this.#isOver || this.#winner) return
    const [, open] = this.#options.transports[index]!
    const { url, instance, deadlines, onAuthError } = this.#options
    const attempt: Attempt = new Attempt(
      { url, open, instance, deadlines, auth: this.#auth, onAuthError },
      {
        nextHello: () => this.#events.nextHello(),
        onGone: (received) => this.#onGone(attempt, received),
        onWelcome: (opened, welcome) => this.#onWelcome(attempt, opened, welcome),
        onBatch: (batch, length, from) => this.#events.onBatch(batch, length, from),
        onHeard: () => attempt === this.#winner && this.#events.onHeard(),
        onDrain: () => attempt === this.#winner && this.#events.onDrain(),
        onEnd: (ending) => this.#onEnd(attempt, ending, index),
      },
    )
    this.#open.add(attempt)
    if (this.#next < this.#options.transports.length) {
      this.#headStart = deadlines.set(headStartMs, () => this.#startNext())
    }
  }

  #onGone(attempt: Attempt, received: number | null): void {
    if (this.#open.size === 1 && this.#events.mayBelieveGone()) return this.#events.onGone(received)
    attempt.close(closeCodes.NORMAL.code, 'another transport may know the session')
  }

  #onWelcome(attempt: Attempt, transport: Transport, welcome: Welcome): ProtocolError | undefined {
    // A session that a slower transport has opened as well is closed at once.
    if (this.#isOver || this.#winner) {
      attempt.close(closeCodes.NORMAL.code, 'another transport was first')
      return undefined
    }
    const error = this.#events.onWelcome(attempt, transport, welcome)
    if (error) return error
    this.#winner = attempt
    this.#headStart?.cancel()
    for (const other of [...this.#open]) {
      if (other !== attempt) other.dismiss('another transport was first')
    }
    return undefined
  }

  #onEnd(attempt: Attempt, ending: Ending, index: number): void {
    this.#open.delete(attempt)
    if (this.#isOver) return
    if (attempt === this.#winner) {
      this.#isOver = true
      this.#events.onTransportEnd(ending)
      return this.#events.onEnd(attempt, ending)
    }
    if (this.#winner) return
    this.#events.onTransportEnd(ending)
    // What the server has decided it would decide again.
    const isDecided = ending.isFinal && ending.code !== closeCodes.STALE.code
    if (ending.code === closeCodes.STALE.code && this.#open.size > 0 && !this.#hasRenumbered) {
      // The server has taken the hello of a transport beside this one. Its welcome may never come: this one takes over.
      this.#hasRenumbered = true
      this.#events.onStale()
      return this.#begin(index)
    }
    if (!isDecided) this.#startNext()
    if (isDecided || this.#open.size === 0) this.#fail(ending)
  }

  #fail(ending: Ending): void {
    this.close(closeCodes.NORMAL.code, 'the server has refused')
    this.#events.onFail(ending)
  }
}
