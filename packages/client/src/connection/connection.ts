import { closeCodes, type Transport, TypewireError } from '@typewire/core'
import {
  closeName,
  type CountedFrame,
  Deadlines,
  mayReconnect,
  type ProtocolError,
  ProtocolError as Violation,
  type Requests,
  type Session,
  type Sized,
  StoreSource,
  type Welcome,
} from '@typewire/core/internal'
import { maxBufferBytes, type Settings } from '../options.ts'
import type { TransportName } from '../transports/open-transport.ts'
import type { ClientStatus, ClientTracer } from '../types.ts'
import type { Codec, HasCodec } from '../codec.ts'
import type { Attempt } from './attempt.ts'
import { brokenBy, codesOfEndings, describe, type Ending } from './ending.ts'
import { CredentialSource } from '../credentials.ts'
import type { Departures } from '../outbox.ts'
import { randomId } from '../random-id.ts'
import { TimeLimits } from '../time-limits.ts'
import { backoffMs } from './backoff.ts'
import { OfflineEvents } from './offline-events.ts'
import type { OwedAcks } from './owed-acks.ts'
import { Liveness } from './liveness.ts'
import { Round } from './round.ts'
import { type SendableOptions, SessionKeeper } from './session-keeper.ts'
import { TransportChoice, type Transports } from './transport-choice.ts'
import { Upgrades } from './upgrades.ts'
import { WaitingAccount } from './waiting-account.ts'

/** What the connection tells the parts of the client that live above it. */
export interface ConnectionEvents {
  /** A frame of the server that answers nothing: an event, or the end of a membership. */
  readonly onFrame: (frame: CountedFrame) => ProtocolError | undefined
  /** Another session has taken the place of the one before: nothing is open in it, and nothing was sent yet. */
  readonly onReplaced?: () => void
  /** The session is lost and another has taken its place: what belonged to it must be asked for again. */
  readonly onSessionLost: () => void
  /** The server has let us in, and says how long the credentials are good for, where that is limited. */
  readonly onAuthenticated: (expiresInMs: number | undefined) => void
  /** The server knows this client as somebody else now: what belonged to the one before ends. */
  readonly onOtherIdentity: (reason: TypewireError) => void
}

/** What a connection works with. */
export interface ConnectionMeans extends HasCodec {
  readonly transports: Transports
}

/**
 * Where the connection stands.
 *
 * `idle`: nothing has asked for a connection. `connecting`: a round of attempts is under way. `open`: one was welcomed,
 * and the session is attached to it; a second round may be trying a better transport beside it (`Upgrades`).
 * `waiting`: the next round is set. `closed`: no round will follow by itself: the server said so, and `connect` tries
 * again, or the client was closed (`isFinal`), and nothing does.
 */
type State =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly round: Round }
  | OpenState
  | { readonly name: 'waiting'; readonly cancel: () => void; readonly notBeforeMs: number }
  | { readonly name: 'closed'; readonly error: TypewireError; readonly isFinal: boolean }

interface OpenState {
  readonly name: 'open'
  readonly round: Round
  readonly attempt: Attempt
  readonly sinceMs: number
  readonly liveness: Liveness | undefined
}

/** A connection that lasted so long was a good one: the next failure is the first again. */
const stableMs = 10_000

/**
 * A client's session, and the connections that carry it, one after the other. Longer than our files are: it is the one
 * state machine of the client, and each way between its states reads best beside the others.
 */
export class Connection {
  readonly codec: Codec
  readonly deadlines: Deadlines
  readonly credentials: CredentialSource
  readonly status: StoreSource<ClientStatus>
  readonly offlineEvents: OfflineEvents
  readonly outbox: Departures
  /** What waits outside the session. */
  readonly waiting = new WaitingAccount()
  readonly #settings: Settings
  readonly #events: ConnectionEvents
  readonly #choice: TransportChoice
  readonly #upgrades: Upgrades
  readonly #keeper: SessionKeeper
  readonly tracer: ClientTracer | undefined
  readonly timeLimits = new TimeLimits()
  readonly #instance = randomId()
  #state: State = { name: 'idle' }
  #closing: Promise<void> | undefined
  #gone: Promise<void> | undefined
  /** Where to connect; a server may name another place (CL-7). */
  #url: string
  /** Whatever is open or closing, also when it was given up. */
  readonly #links = new Set<Attempt>()
  #failures = 0
  /** Why there was no connection the last time that one ended or failed. */
  #lastReason = 'the server has not answered'
  #lastId = 0
  #era = 0

  constructor(settings: Settings, { transports, codec }: ConnectionMeans, events: ConnectionEvents) {
    this.#settings = settings
    this.#events = events
    this.#url = settings.url
    this.codec = codec
    this.tracer = settings.trace
    this.#choice = new TransportChoice(settings, transports)
    this.#upgrades = new Upgrades(settings, this.#choice, (better, onFail) => this.#round(better, onFail))
    this.deadlines = new Deadlines(settings.clock)
    this.credentials = new CredentialSource(settings.auth)
    const { clock, offlineMaxAgeMs: maxAgeMs, onError } = settings
    this.offlineEvents = new OfflineEvents({ now: clock.now, deadlines: this.deadlines, maxAgeMs, onError })
    this.outbox = codec.outbox({ deadlines: this.deadlines, waiting: this.waiting, maxAgeMs, onError, bounds: this })
    this.status = new StoreSource<ClientStatus>({ state: 'idle' }, settings.onError)
    this.#keeper = new SessionKeeper(settings, this.deadlines, this.waiting, {
      onFrame: events.onFrame,
      isAsking: () => this.#state.name === 'connecting',
      onReplaced: () => events.onReplaced?.(),
      onLost: events.onSessionLost,
      onOtherIdentity: (reason) => {
        this.#era++
        events.onOtherIdentity(reason)
      },
      onDrop: (unsent, reason) => {
        this.offlineEvents.drop(unsent, reason)
        this.outbox.drop(reason)
      },
      onUnknown: (written, reason) => this.offlineEvents.tellUnknown(written, reason),
      onClose: (frame) => {
        if (this.#state.name === 'open') this.#state.attempt.closeBy(frame)
      },
      onOverflow: () => {
        const reason = `SQ-6: more than ${maxBufferBytes} bytes wait for the server`
        if (this.#state.name === 'open') this.#state.attempt.close(closeCodes.OVERFLOW.code, reason)
      },
    })
  }

  get session(): Session {
    return this.#keeper.session
  }

  get acks(): OwedAcks {
    return this.#keeper.acks
  }

  get requests(): Requests {
    return this.#keeper.requests
  }

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** Nothing can be asked any more, for now or for good. */
  get isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  /** What has closed it. */
  get closedBy(): TypewireError | undefined {
    return this.#state.name === 'closed' ? this.#state.error : undefined
  }

  /** The number of the credentials by which the server has let us in, with the last hello. */
  get shownNumber(): number {
    return this.#state.name === 'open' ? this.#state.round.number : 0
  }

  now(): number {
    return this.#settings.clock.now()
  }

  /** How often the server has taken this client for somebody else. */
  get era(): number {
    return this.#era
  }

  nextId(): number {
    return ++this.#lastId
  }

  /** `isAwaited`: what waits outside the session may wait for it. @throws TypewireError when so long a frame cannot be sent. */
  assertSendable(frame: Sized, origin: string, options?: SendableOptions): void {
    this.#keeper.assertSendable(frame, origin, options)
  }

  /** @throws TypewireError `OVERLOADED` when so much more may not wait, wherever that is. */
  assertRoomFor(length: number, origin: string): void {
    this.#keeper.assertRoomFor(length, origin)
  }

  /** @throws TypewireError `OVERLOADED` when too many requests have no answer yet, those included that wait elsewhere. */
  assertMayAsk(origin: string): void {
    this.requests.assertRoomFor(origin, this.waiting.requests)
  }

  /** @throws TypewireError `TOO_LARGE` when so long a frame is more than the server takes. */
  assertFits(frame: Sized, origin: string): void {
    this.#keeper.assertFits(frame, origin)
  }

  /** Asks the server for a sign of life. `onPong`: runs once, with the next one that answers. Returns how to wait no longer. */
  ping(onPong: () => void): () => void {
    return this.#keeper.ping(onPong)
  }

  /** The longest that a request without a time limit is waited for. */
  get backstopMs(): number {
    return this.#keeper.backstopMs
  }

  /** For people: why what should have been sent was not. */
  whyNotSent(): string {
    if (this.isOpen) return 'it waits for answers to the calls before it, or for the network'
    const { origin, pathname } = new URL(this.#url) // not the query, which may hold a key
    return `no connection to ${origin}${pathname} (${this.#lastReason})`
  }

  /** Connects, if nothing has yet. Every use of the client comes through here. @throws TypewireError once it is closed. */
  use(origin: string): void {
    if (this.#state.name === 'closed') {
      const { code, message } = this.#state.error
      throw new TypewireError(code, `${origin}: ${message}`, { origin })
    }
    this.useQuietly()
  }

  /** The same for what only listens: on a closed client there is nothing to hear. */
  useQuietly(): void {
    if (this.#state.name === 'idle') this.#connect()
  }

  /** Connects now, also where the server said not to come back. @throws TypewireError `CLOSED` after `close`. */
  connect(): void {
    const state = this.#state
    if (state.name === 'closed' && state.isFinal) throw state.error
    if (state.name === 'waiting') state.cancel()
    if (state.name !== 'connecting' && state.name !== 'open') this.#connect()
  }

  /**
   * Asks whether the link still lives, or tries to connect without waiting longer: the network may be another. What the
   * server asked us to wait is waited all the same, and by chance a little more (CL-6).
   */
  probe(): void {
    if (this.#state.name === 'open') this.#state.liveness?.probe()
    else if (this.#state.name === 'waiting' && this.#settings.clock.now() >= this.#state.notBeforeMs) this.connect()
  }

  /** Gives the link up without losing the session: it is found again by `probe`, or when the next round is due. */
  suspend(): void {
    const state = this.#state
    this.#upgrades.stop()
    if (state.name === 'open' || state.name === 'connecting') state.round.abandon('the page was put aside')
  }

  /**
   * The page is left for good: the server is told, else it would keep the session for nobody. The application is not told
   * that anything has ended, for it might act on it in the last moment of its page.
   */
  leave(): void {
    const state = this.#state
    if (state.name !== 'open') return this.suspend()
    this.#upgrades.stop()
    this.session.flush()
    state.attempt.leave('the page was left')
  }

  /** Ends the client, and all that waits. Resolves when the transport is down, however often it is called. */
  close(): Promise<void> {
    // Known before it begins: what settles by it may close again.
    this.#closing ??= Promise.resolve().then(() => this.#gone)
    if (this.#state.name !== 'closed' || !this.#state.isFinal) this.#gone = this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const state = this.#state
    if (state.name === 'waiting') state.cancel()
    // The state first: what settles below may ask for it.
    const error = new TypewireError('CLOSED', 'This client was closed. Create a new one.')
    this.#enter(
      { name: 'closed', error, isFinal: true },
      { state: 'closed', reason: 'close() was called', error: undefined },
    )
    if (state.name === 'open') {
      state.liveness?.stop()
      this.session.flush()
    }
    this.#upgrades.stop()
    const round = state.name === 'connecting' || state.name === 'open' ? state.round : undefined
    round?.close(closeCodes.NORMAL.code, 'closed')
    // What was written on a link that is open is before its close.
    this.#keeper.endAll(error, state.name === 'open' ? this.session.sent : undefined)
    await Promise.all([...this.#links].map(({ gone }) => gone))
  }

  #connect(): void {
    const round = this.#round(this.#choice.best())
    this.#enter({ name: 'connecting', round }, { state: 'connecting', attempt: this.#failures + 1 })
    round.start()
  }

  /** `onFailBeside`: no transport was welcomed, while another one is open. */
  #round(transports: Transports, onFailBeside: () => void = () => {}): Round {
    const { onError } = this.#settings
    let attempt = this.#keeper.nextAttempt()
    const round: Round = new Round(
      {
        url: this.#url,
        credentials: this.credentials,
        transports,
        instance: this.#instance,
        fingerprint: this.#settings.fingerprint,
        deadlines: this.deadlines,
        codec: this.codec,
        onAuthError: onError,
      },
      {
        onBegin: (begun) => {
          this.#links.add(begun)
          void begun.gone.then(() => this.#links.delete(begun))
        },
        nextHello: () => ({ attempt, resume: this.#keeper.resumeAsked() }),
        mayBelieveGone: () => this.#isConnectingBy(round), // else another node may have answered
        onGone: (received) => {
          attempt = this.#keeper.nextAttempt()
          this.#keeper.lose('the server has it no more', received ?? undefined)
        },
        onStale: () => (attempt = this.#keeper.nextAttempt()),
        onWelcome: (welcomed, transport, welcome) => this.#onWelcome(round, welcomed, transport, welcome),
        onBatch: (batch, length, transport) => this.session.receive(batch, length, transport),
        onHeard: () => {
          if (this.#state.name === 'open') this.#state.liveness?.heard()
        },
        onDrain: () => this.session.flush(),
        onEnd: (ended, ending) => this.#onEnd(ended, ending),
        onFail: (ending) => (this.#isConnectingBy(round) ? this.#onFail(ending) : onFailBeside()),
        onTransportEnd: (ending) => this.#choice.onEnd(ending),
        onOvertaken: (winner, others) => this.#choice.onOvertaken(winner, others),
      },
    )
    return round
  }

  #isConnectingBy(round: Round): boolean {
    return this.#state.name === 'connecting' && this.#state.round === round
  }

  #onFail(ending: Ending): void {
    this.#failures++
    if (!mayReconnect(ending.code)) return this.#stop(ending)
    this.#wait(ending)
    this.#keeper.endIfExpired()
    if (ending.url !== undefined) this.#url = ending.url
    else if (!this.#keeper.isResumable) this.#url = this.#settings.url
  }

  /** The first welcome of a round, or of a better transport beside the one that is open: that one's time is over. */
  #onWelcome(round: Round, attempt: Attempt, transport: Transport, welcome: Welcome): ProtocolError | undefined {
    const before = this.#state
    const attached = this.#keeper.attach(transport, welcome)
    if (attached instanceof Violation) return attached
    this.timeLimits.learn('', welcome.timeLimits)
    if (this.#state !== before) return undefined // who was told of what ended by it has closed the client
    if (before.name === 'open') before.liveness?.stop()
    this.offlineEvents.onOpen()
    const name = transport.name as TransportName
    this.#choice.onWelcome(name)
    this.#upgrades.onWelcome(round, name, { canMove: this.#keeper.isResumable })
    const state: OpenState = {
      name: 'open',
      round,
      attempt,
      sinceMs: this.#settings.clock.now(),
      liveness: this.#watch(attempt, welcome),
    }
    this.#enter(state, { state: 'open', sessionId: welcome.session, transport: name, ...attached })
    this.requests.setLimit(welcome.maxCalls)
    // The server listens to the new one alone; a word of farewell on the old one would only confuse it.
    if (before.name === 'open') before.round.abandon('another transport has the session')
    this.#events.onAuthenticated(welcome.authExpiresInMs)
    if (welcome.notice) this.#settings.onError(new TypewireError('UNSUPPORTED', welcome.notice)) // HS-9
    return undefined
  }

  #onEnd(attempt: Attempt, ending: Ending): void {
    const state = this.#state
    if (state.name !== 'open' || state.attempt !== attempt) return
    state.liveness?.stop()
    const better = ending.isFinal ? undefined : this.#upgrades.handOver()
    if (better) return this.#awaitUpgrade(better, ending)
    const wasStable = this.#settings.clock.now() - state.sinceMs >= stableMs
    this.#upgrades.onEnd({ wasStable })
    this.#failures = wasStable ? 1 : this.#failures + 1
    if (!mayReconnect(ending.code)) return this.#stop(ending)
    this.#url = ending.url ?? this.#url
    // The state first: what settles by a loss may call again at once, and must find where it stands.
    this.#wait(ending)
    // What broke a clause, or was too large, would do so again: of what was written nothing goes on.
    const isBroken = brokenBy.has(ending.code)
    if (ending.isFinal)
      this.#keeper.lose(describe(ending), isBroken ? undefined : ending.received, { mayOffer: !isBroken })
    else this.#keeper.detach(describe(ending))
  }

  /**
   * The server may have let go of the open transport for the better one, whose welcome is on its way then. Something may
   * hold it back, or the link may be lost after all: the one that was open stands by.
   */
  #awaitUpgrade(round: Round, ending: Ending): void {
    this.#enter({ name: 'connecting', round }, { state: 'connecting', attempt: 1 })
    this.#keeper.detach(describe(ending))
    const current = this.#choice.current()
    if (current) round.standBy(current)
  }

  #watch(attempt: Attempt, { heartbeat }: Welcome): Liveness | undefined {
    if (!heartbeat) return undefined
    return new Liveness({
      heartbeat,
      clock: this.#settings.clock,
      deadlines: this.deadlines,
      ping: () => this.#keeper.ping(),
      onSilence: () => attempt.abandon('nothing was heard of the server for too long'),
    })
  }

  #wait(ending: Ending): void {
    const { retryAfterMs = 0 } = ending
    const { clock } = this.#settings
    const notBeforeMs = clock.now() + retryAfterMs
    const delayMs = retryAfterMs + backoffMs(this.#failures, this.#settings)
    const cancel = clock.after(delayMs, () => this.#connect())
    const [reason, retryAtMs] = [describe(ending), Math.round(Date.now() + delayMs)]
    this.#lastReason = reason
    this.#enter(
      { name: 'waiting', cancel, notBeforeMs },
      { state: 'waiting', attempt: this.#failures, retryAtMs, reason },
    )
  }

  /** The server said not to come back: nothing that waits can be answered. */
  #stop(ending: Ending): void {
    const reason = describe(ending)
    const code = codesOfEndings[closeName(ending.code)] ?? 'SESSION_LOST'
    const error = new TypewireError(code, `The server ended the connection for good: ${reason}`)
    this.#enter({ name: 'closed', error, isFinal: false }, { state: 'closed', reason, error })
    this.#keeper.endAll(error, ending.received)
  }

  #enter(state: State, status: ClientStatus): void {
    this.#state = state
    this.status.set(status)
  }
}
