import { type CallErrorCode, closeCodes, type CloseName, type Transport, TypewireError } from '@typewire/core'
import {
  closeName,
  type ControlFrame,
  type CountedFrame,
  Deadlines,
  frames,
  malformed,
  mayReconnect,
  minMaxCalls,
  type ProtocolError,
  Replies,
  Requests,
  Session,
  StoreSource,
  type Welcome,
} from '@typewire/core/internal'
import { maxBufferBytes, type Settings } from '../options.ts'
import type { OpenTransport } from '../transports/open-transport.ts'
import type { ClientStatus } from '../types.ts'
import { Attempt, type Ending, notBegun } from './attempt.ts'
import { randomId } from '../random-id.ts'
import { backoffMs } from './backoff.ts'

/** What the connection tells the parts of the client that live above it. */
export interface ConnectionEvents {
  /** A frame of the server that answers nothing: an event, or the end of a membership. */
  readonly onFrame: (frame: CountedFrame) => ProtocolError | undefined
  /** The session is lost and another has taken its place: what belonged to it must be asked for again. */
  readonly onSessionLost: () => void
}

/**
 * Where the connection stands. There is a session in every state: what is sent before the welcome waits in it.
 *
 * `idle`: nothing has asked for a connection. `connecting`: an attempt is under way. `open`: it was welcomed, and the
 * session is attached to it. `waiting`: the next attempt is set. `closed`: no attempt will follow by itself: the server
 * said so, and `connect` tries again, or the client was closed (`isFinal`), and nothing does.
 */
type State =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting'; readonly attempt: Attempt }
  | { readonly name: 'open'; readonly attempt: Attempt; readonly sinceMs: number }
  | { readonly name: 'waiting'; readonly cancel: () => void }
  | { readonly name: 'closed'; readonly error: TypewireError; readonly isFinal: boolean }

/** How long a handler may take where the server has not said otherwise. */
const defaultTimeoutMs = 30_000
/** How much longer a client waits: for the way there and back, and for a busy server. */
const backstopGraceMs = 5_000

/** A connection that lasted so long was a good one: the next failure is the first again. */
const stableMs = 10_000

/** A client's session, and the connections that carry it, one after the other. */
export class Connection {
  readonly deadlines: Deadlines
  readonly requests: Requests
  readonly status: StoreSource<ClientStatus>
  readonly #settings: Settings
  readonly #open: OpenTransport
  readonly #events: ConnectionEvents
  readonly #instance = randomId()
  #state: State = { name: 'idle' }
  #closing: Promise<void> | undefined
  #gone: Promise<void> | undefined
  #session: Session
  #replies: Replies
  #attempts = 0
  #failures = 0
  #maxMessageBytes = 1_048_576 // the server's default, until its welcome says
  #backstopMs = defaultTimeoutMs + backstopGraceMs
  #lastId = 0

  constructor(settings: Settings, open: OpenTransport, events: ConnectionEvents) {
    this.#settings = settings
    this.#open = open
    this.#events = events
    this.deadlines = new Deadlines(settings.clock)
    this.status = new StoreSource<ClientStatus>({ state: 'idle' }, settings.onError)
    this.#session = this.#newSession()
    this.#replies = new Replies(this.#session)
    this.requests = new Requests(this.#session)
  }

  /** Of the session of now. */
  get session(): Session {
    return this.#session
  }

  get replies(): Replies {
    return this.#replies
  }

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** Nothing can be asked any more, for now or for good. */
  get isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  nextId(): number {
    return ++this.#lastId
  }

  /** Connects, if nothing has yet. Every use of the client comes through here. @throws TypewireError once it is closed. */
  use(origin: string): void {
    if (this.#state.name === 'closed') {
      const { code, message } = this.#state.error
      throw new TypewireError(code, `${origin}: ${message}`, { origin })
    }
    if (this.#state.name === 'idle') this.#attempt()
  }

  /** The same for what only listens: on a closed client there is nothing to hear. */
  useQuietly(): void {
    if (this.#state.name === 'idle') this.#attempt()
  }

  /** Connects now, also where the server said not to come back. @throws TypewireError `CLOSED` after `close`. */
  connect(): void {
    const state = this.#state
    if (state.name === 'closed' && state.isFinal) throw state.error
    if (state.name === 'waiting') state.cancel()
    if (state.name !== 'connecting' && state.name !== 'open') this.#attempt()
  }

  /** The longest that a request without a time limit is waited for: past it the server would have answered. */
  get backstopMs(): number {
    return this.#backstopMs
  }

  /** @throws TypewireError when so long a frame is more than the server takes, or than may wait. */
  assertSendable(text: string, origin: string, waitingLength = this.requests.waitingLength): void {
    if (this.#isTooLarge(text)) throw new TypewireError('TOO_LARGE', `${origin}: ${this.#tooLarge()}`, { origin })
    if (this.#session.hasRoomFor(waitingLength + text.length)) return
    const what = `${maxBufferBytes} bytes wait to be sent. Wait until the client is connected, or send less.`
    throw new TypewireError('OVERLOADED', `${origin}: ${what}`, { origin })
  }

  #isTooLarge(text: string): boolean {
    const limit = this.#maxMessageBytes
    // A UTF-16 unit is at most three bytes of UTF-8; a message is the frame and two brackets.
    return text.length * 3 + 2 > limit && new TextEncoder().encode(text).length + 2 > limit
  }

  #tooLarge(): string {
    return `the message is larger than the ${this.#maxMessageBytes} bytes that the server takes.`
  }

  /** What was queued before the server said what it takes would cost the connection, and all that waits with it. */
  #refuseTooLarge(): void {
    const isTooLarge = (text: string) => this.#isTooLarge(text)
    const refused = this.#session.refuseUnwritten(isTooLarge)
    this.requests.refuse(refused, isTooLarge, 'TOO_LARGE', this.#tooLarge())
    const events = refused.filter(({ text }) => text.startsWith(`[${frames.event.kind},0,`))
    for (const { text } of events) {
      this.#settings.onError(new TypewireError('TOO_LARGE', `${text.slice(0, 40)}…: ${this.#tooLarge()}`))
    }
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
    if (state.name === 'open') this.#session.flush()
    if (state.name === 'connecting' || state.name === 'open') state.attempt.close(closeCodes.NORMAL.code, 'closed')
    this.#endAll(error)
    if (state.name === 'connecting' || state.name === 'open') await state.attempt.gone
  }

  #attempt(): void {
    const attempt = new Attempt(
      {
        url: this.#settings.url,
        auth: this.#settings.auth,
        onAuthError: this.#settings.onError,
        open: this.#open,
        number: ++this.#attempts,
        instance: this.#instance,
        deadlines: this.deadlines,
      },
      {
        onWelcome: (transport, welcome) => this.#onWelcome(attempt, transport, welcome),
        onBatch: (batch, length, transport) => this.#session.receive(batch, length, transport),
        onDrain: () => this.#session.flush(),
        onEnd: (ending) => this.#onEnd(attempt, ending),
      },
    )
    this.#enter({ name: 'connecting', attempt }, { state: 'connecting', attempt: this.#failures + 1 })
  }

  #onWelcome(attempt: Attempt, transport: Transport, welcome: Welcome): void {
    this.#maxMessageBytes = welcome.maxMessageBytes
    this.#backstopMs = (welcome.maxTimeoutMs ?? defaultTimeoutMs) + backstopGraceMs
    this.#refuseTooLarge()
    this.#session.attach(transport, {
      peerReceived: welcome.received,
      peerFrom: welcome.from,
      peerWindow: welcome.window,
      peerMaxMessageBytes: welcome.maxMessageBytes,
    })
    this.#enter(
      { name: 'open', attempt, sinceMs: this.#settings.clock.now() },
      { state: 'open', sessionId: welcome.session, transport: transport.name },
    )
    this.requests.setLimit(welcome.maxCalls)
  }

  #onEnd(attempt: Attempt, ending: Ending): void {
    const state = this.#state
    if ((state.name !== 'connecting' && state.name !== 'open') || state.attempt !== attempt) return
    const wasStable = state.name === 'open' && this.#settings.clock.now() - state.sinceMs >= stableMs
    this.#failures = wasStable ? 1 : this.#failures + 1
    // The state first: what settles by the loss may call again at once, and must find where it stands.
    if (mayReconnect(ending.code)) {
      this.#wait(ending)
      if (state.name === 'open') this.#loseSession(ending)
    } else this.#stop(ending)
  }

  #wait(ending: Ending): void {
    const { retryAfterMs = 0 } = ending
    const delayMs = retryAfterMs + backoffMs(this.#failures, this.#settings)
    const cancel = this.#settings.clock.after(delayMs, () => this.#attempt())
    const [reason, retryAtMs] = [describe(ending), Date.now() + delayMs]
    this.#enter({ name: 'waiting', cancel }, { state: 'waiting', attempt: this.#failures, retryAtMs, reason })
  }

  /** The server said not to come back: nothing that waits can be answered. */
  #stop(ending: Ending): void {
    const reason = describe(ending)
    const code = codesOfEndings[closeName(ending.code)] ?? 'SESSION_LOST'
    const error = new TypewireError(code, `The server ended the connection for good: ${reason}`)
    this.#enter({ name: 'closed', error, isFinal: false }, { state: 'closed', reason, error })
    this.#endAll(error)
  }

  /** A new session takes the place of the lost one, with what the server cannot have seen (CA-6). */
  #loseSession(ending: Ending): void {
    // What broke a clause, or was too large, would do so again: of what was written nothing goes on.
    const received = brokenBy.has(ending.code) ? undefined : ending.received
    const unseen = this.#session.unseen(received)
    const settle = this.requests.lose(unseen, `the session was lost before the answer came (${describe(ending)}).`)
    this.#replaceSession()
    for (const frame of unseen) frame.carry?.(this.#session)
    // What was carried over goes before what waited for its turn.
    this.requests.setLimit(minMaxCalls)
    settle()
    this.#events.onSessionLost()
  }

  /** Nothing will be answered any more. */
  #endAll({ code, message }: TypewireError): void {
    const settle = this.requests.endAll(this.#session.unseen(), code as CallErrorCode, message)
    this.#replaceSession()
    settle()
    this.#events.onSessionLost()
  }

  #replaceSession(): void {
    this.#session.detach()
    this.#replies.abortAll(new TypewireError('SESSION_LOST', 'The session was lost.'))
    this.#session = this.#newSession()
    this.#replies = new Replies(this.#session)
    this.requests.rebind(this.#session)
  }

  #newSession(): Session {
    return new Session({
      clock: this.#settings.clock,
      maxBufferBytes,
      onFrame: (frame) => this.#onFrame(frame),
      onControl: (frame) => this.#onControl(frame),
      onOverflow: () => this.#closeAttempt('OVERFLOW', `SQ-6: more than ${maxBufferBytes} bytes wait for the server`),
    })
  }

  #onFrame(frame: CountedFrame): ProtocolError | undefined {
    switch (frame[0]) {
      case frames.result.kind:
      case frames.error.kind:
        return this.requests.answer(frame)
      case frames.cancel.kind:
        this.#replies.cancel(frame[1], new DOMException('The server does not wait any more.', 'AbortError'))
        return undefined
      case frames.call.kind:
        return malformed('FR-5', 'a server does not call procedures')
      default:
        return this.#events.onFrame(frame)
    }
  }

  #onControl(frame: ControlFrame): undefined {
    if (frame[0] === frames.close.kind && this.#state.name === 'open') this.#state.attempt.closeBy(frame)
    // What begins now waits for the next session; what runs may finish (CL-4).
    if (frame[0] === frames.drain.kind) this.requests.setLimit(0)
  }

  #closeAttempt(name: CloseName, reason: string): void {
    const state = this.#state
    if (state.name === 'open') state.attempt.close(closeCodes[name].code, reason)
  }

  #enter(state: State, status: ClientStatus): void {
    this.#state = state
    this.status.set(status)
  }
}

const brokenBy: ReadonlySet<number> = new Set([closeCodes.BAD_FRAME.code, closeCodes.TOO_LARGE.code])

/** What calls reject with when the server says not to come back. */
const codesOfEndings: Readonly<Record<string, CallErrorCode>> = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  UNSUPPORTED_VERSION: 'UNSUPPORTED',
}

/** For people: `GOING_AWAY: the server is closing`. */
function describe({ code, reason }: Ending): string {
  if (code === notBegun) return reason
  return `${closeName(code)}${reason ? `: ${reason}` : ` (${code})`}`
}
