import { closeCodes, type Transport } from '@typewire/core'
import { type Deadline, type Hello, mayReconnect, type ProtocolError, type Welcome } from '@typewire/core/internal'
import type { Credentials, CredentialSource } from '../credentials.ts'
import type { OpeningMeans, OpenTransport, TransportName } from '../transports/open-transport.ts'
import { Attempt, type Batch } from './attempt.ts'
import type { Ending } from './ending.ts'

/** A transport with its opener. */
export type NamedTransport = readonly [name: TransportName, open: OpenTransport]

/**
 * How long a transport has for itself before the next one starts beside it, in milliseconds; and how long what may still
 * be welcomed is waited for, where the server's answer to another one is the worse way on.
 */
const headStartMs = 1_000

export interface RoundOptions extends OpeningMeans {
  readonly url: string
  /** What to try, the best first. */
  readonly transports: readonly NamedTransport[]
  readonly instance: string
  readonly fingerprint: string | undefined
  readonly credentials: CredentialSource
  readonly onAuthError: (error: unknown) => void
}

export interface RoundEvents {
  readonly nextHello: () => { readonly attempt: number; readonly resume: Hello['resume'] }
  readonly onBegin: (attempt: Attempt) => void
  /** Whether it may be believed that the session is gone: no connection is open that knows better (RS-3). */
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
  /** No transport was welcomed; what the server refused by, or else the best one ended by. */
  readonly onFail: (ending: Ending) => void
  /** A transport has ended by itself, welcomed or not. */
  readonly onTransportEnd: (ending: Ending) => void
  /** One was welcomed while these, which had begun before it, were still waiting for an answer. */
  readonly onOvertaken: (winner: TransportName, others: ReadonlySet<TransportName>) => void
}

/** What is done unless one of the others is welcomed before. */
interface LastResort {
  /** The attempt that it goes on with, where it is open. */
  readonly holder: Attempt | undefined
  readonly take: () => void
}

/**
 * One try to connect, by all transports: the best one first, the next ones beside it when it fails or takes long. The
 * first that is welcomed wins, and the others end. Their hellos share one number, so the server takes one of them.
 */
export class Round {
  readonly #options: RoundOptions
  readonly #events: RoundEvents
  /** Those that wait for an answer, or have won, in the order in which they began. */
  readonly #open = new Map<Attempt, TransportName>()
  readonly #untried: NamedTransport[]
  /** Asked for once for all. */
  #credentials!: Promise<Credentials>
  /** That of the credentials which the round shows; `undefined` while they are asked for. */
  #number: number | undefined
  /** Until the next transport begins, or the last resort is taken. */
  #headStart: Deadline | undefined
  #lastResort: LastResort | undefined
  readonly #givenUp = new Set<TransportName>()
  #winner: Attempt | undefined
  /** By what the best transport ended that could say why: the others may only lead astray. Not what this side has closed. */
  #telling: { readonly ending: Ending; readonly rank: number } | undefined
  #isOver = false

  constructor(options: RoundOptions, events: RoundEvents) {
    this.#options = options
    this.#events = events
    this.#untried = [...options.transports]
  }

  /** The number of the credentials that it shows. */
  get number(): number {
    return this.#number ?? 0
  }

  /** To be called once. */
  start(): void {
    this.#credentials = this.#options.credentials.ask()
    this.#startNext()
    const onAuth = ({ number }: Credentials) => {
      this.#number = number
      this.#giveHeadStart()
    }
    this.#credentials.then(onAuth, () => {}) // the attempt tells of it
  }

  /** Ends it from this side, with what it has opened. */
  close(code: number, reason: string): void {
    this.#isOver = true
    this.#headStart?.cancel()
    for (const attempt of [...this.#open.keys()]) attempt.close(code, reason)
  }

  /** Gives up its links without a word. */
  abandon(reason: string): void {
    const hasFailed = !this.#isOver && !this.#winner
    this.#isOver ||= hasFailed // no other transport starts
    this.#headStart?.cancel()
    for (const attempt of [...this.#open.keys()]) attempt.abandon(reason)
    if (hasFailed) this.#events.onFail({ code: closeCodes.SILENT.code, reason, isFinal: false })
  }

  /** A transport that was open beside this round has ended: it takes over, unless one of the round is welcomed soon. */
  standBy(transport: NamedTransport): void {
    this.#afterOthers({ holder: undefined, take: () => this.#takeOver(transport) })
  }

  #startNext(): void {
    const next = this.#untried.shift()
    if (next) this.#begin(next)
  }

  #begin(transport: NamedTransport): void {
    if (this.#isOver || this.#winner) return
    const [name, open] = transport
    const { url, instance, fingerprint, deadlines, codec, onAuthError } = this.#options
    const attempt: Attempt = new Attempt(
      {
        url,
        open,
        instance,
        fingerprint,
        deadlines,
        codec,
        auth: async () => (await this.#credentials).value,
        onAuthError,
      },
      {
        nextHello: () => this.#events.nextHello(),
        onGone: (received) => this.#onGone(attempt, received),
        onWelcome: (opened, welcome) => this.#onWelcome(attempt, opened, welcome),
        onBatch: (batch, length, from) => this.#events.onBatch(batch, length, from),
        onHeard: () => attempt === this.#winner && this.#events.onHeard(),
        onDrain: () => attempt === this.#winner && this.#events.onDrain(),
        onEnd: (ending) => this.#onEnd(attempt, ending, transport),
      },
    )
    this.#open.set(attempt, name)
    this.#events.onBegin(attempt)
    this.#giveHeadStart()
  }

  /** No time runs while the application looks for credentials: no transport is the slower for it. */
  #giveHeadStart(): void {
    this.#headStart?.cancel()
    if (this.#isOver || this.#winner || this.#number === undefined || this.#untried.length === 0) return
    this.#headStart = this.#options.deadlines.set(headStartMs, () => this.#startNext())
  }

  /** The others that are open get a head start. No further transport begins meanwhile. */
  #afterOthers(lastResort: LastResort): void {
    this.#headStart?.cancel()
    this.#lastResort = lastResort
    this.#headStart = this.#options.deadlines.set(headStartMs, () => this.#takeLastResort(lastResort))
  }

  #takeLastResort({ holder, take }: LastResort): void {
    this.#headStart?.cancel()
    this.#lastResort = undefined
    for (const [other, name] of [...this.#open]) {
      if (other === holder) continue
      this.#givenUp.add(name)
      this.#open.delete(other) // first: that it ends is no news
      other.close(closeCodes.NORMAL.code, 'its welcome does not come')
    }
    take()
  }

  /** With a number above that of a hello that the server has taken, and whose welcome does not come (RS-4). */
  #takeOver(transport: NamedTransport): void {
    this.#events.onStale()
    this.#begin(transport)
  }

  #onGone(attempt: Attempt, received: number | null): void {
    if (!this.#events.mayBelieveGone() || this.#lastResort) {
      return attempt.close(closeCodes.NORMAL.code, 'another transport may know the session')
    }
    const believe = () => {
      this.#events.onGone(received)
      attempt.helloAnew()
      this.#giveHeadStart()
    }
    if (this.#open.size === 1) return believe()
    // Another one may yet be welcomed, by a node that has the session (RS-3).
    this.#afterOthers({ holder: attempt, take: believe })
  }

  #onWelcome(attempt: Attempt, transport: Transport, welcome: Welcome): ProtocolError | undefined {
    // A session that a slower transport has opened as well is closed at once.
    if (this.#isOver || this.#winner) {
      attempt.close(closeCodes.NORMAL.code, 'another transport was first')
      return undefined
    }
    this.#tellOvertaken(attempt)
    const error = this.#events.onWelcome(attempt, transport, welcome)
    if (error) return error
    this.#winner = attempt
    this.#headStart?.cancel()
    for (const other of [...this.#open.keys()]) {
      if (other !== attempt) other.dismiss('another transport was first')
    }
    return undefined
  }

  #tellOvertaken(winner: Attempt): void {
    for (const [attempt, name] of this.#open) {
      if (attempt === winner) return this.#events.onOvertaken(name, this.#givenUp)
      this.#givenUp.add(name)
    }
  }

  #onEnd(attempt: Attempt, ending: Ending, transport: NamedTransport): void {
    if (!this.#open.delete(attempt) || this.#isOver) return
    if (attempt === this.#winner) {
      this.#isOver = true
      this.#events.onTransportEnd(ending)
      return this.#events.onEnd(attempt, ending)
    }
    if (this.#winner) return
    this.#events.onTransportEnd(ending)
    const isStale = ending.code === closeCodes.STALE.code
    const isRefused = ending.code === closeCodes.UNAUTHORIZED.code
    // What the server has decided it would decide again.
    if (ending.isFinal && !isStale && !isRefused) return this.#fail(ending)
    // The server has taken the hello of a transport beside this one, and its welcome may be on its way.
    if (isStale && this.#open.size > 0) return this.standBy(transport)
    if (this.#number === undefined) return this.#fail(ending) // nor would another transport get any
    if (isRefused) return this.#onRefused(attempt, ending)
    this.#remember(ending, this.#options.transports.indexOf(transport))
    this.#goOn(attempt, ending)
  }

  /** Credentials may be good for one use: then another one has used them, and is welcomed. To believe it ends the client. */
  #onRefused(attempt: Attempt, ending: Ending): void {
    if (this.#open.size === 0) return this.#fail(ending)
    if (this.#lastResort) return this.#goOn(attempt, ending) // which of the others was let in
    this.#afterOthers({ holder: undefined, take: () => this.#fail(ending) })
  }

  #remember(ending: Ending, rank: number): void {
    if (!mayReconnect(ending.code)) return
    const told = this.#telling
    const isBetter = !told || (rank < told.rank && ending.reason !== '') || told.ending.reason === ''
    if (isBetter) this.#telling = { ending, rank }
  }

  /** One that was not welcomed has ended. */
  #goOn(attempt: Attempt, ending: Ending): void {
    if (this.#lastResort?.holder === attempt) {
      this.#headStart?.cancel()
      this.#lastResort = undefined
    }
    const lastResort = this.#lastResort
    if (!lastResort) this.#startNext()
    else if (this.#open.size === (lastResort.holder ? 1 : 0)) this.#takeLastResort(lastResort)
    if (this.#open.size === 0 && !this.#isOver) this.#fail(this.#telling?.ending ?? ending)
  }

  #fail(ending: Ending): void {
    this.close(closeCodes.NORMAL.code, 'the server has refused')
    this.#events.onFail(ending)
  }
}
