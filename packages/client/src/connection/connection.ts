import { type CallErrorCode, closeCodes, type CloseName, type Transport, TypewireError } from '@typewire/core'
import {
  closeName,
  type ControlFrame,
  type CountedFrame,
  type Deadline,
  Deadlines,
  frames,
  type Hello,
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
import { Attempt, type Ending } from './attempt.ts'
import { backoffMs } from './backoff.ts'
import { Liveness } from './liveness.ts'

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
  | {
      readonly name: 'open'
      readonly attempt: Attempt
      readonly sinceMs: number
      readonly liveness: Liveness | undefined
    }
  | { readonly name: 'waiting'; readonly cancel: () => void }
  | { readonly name: 'closed'; readonly error: TypewireError; readonly isFinal: boolean }

/** What the welcome gave to come back with. In memory only: a duplicated tab must not have it (RS-2). */
interface Ticket {
  readonly session: string
  readonly secret: string
  readonly windowMs: number
  /** Runs while there is no connection. */
  readonly expiry: Deadline | undefined
}

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
  readonly #instance = crypto.randomUUID()
  #state: State = { name: 'idle' }
  #session: Session
  #replies: Replies
  /** What gets the session back; without it the session ends with its connection. */
  #ticket: Ticket | undefined
  /** A session was lost since the last welcome. */
  #hasLost = false
  #attempts = 0
  #failures = 0
  #maxMessageBytes = 1_048_576 // the server's default, until its welcome says
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

  /** @throws TypewireError when so long a frame is more than the server takes, or than may wait. */
  assertSendable(text: string, origin: string): void {
    const limit = this.#maxMessageBytes
    // A UTF-16 unit is at most three bytes of UTF-8; a message is the frame and two brackets.
    if (text.length * 3 + 2 > limit && new TextEncoder().encode(text).length + 2 > limit) {
      throw new TypewireError(
        'TOO_LARGE',
        `${origin}: the message is larger than the ${limit} bytes that the server takes.`,
        { origin },
      )
    }
    if (this.#session.hasRoomFor(text.length)) return
    const what = `${maxBufferBytes} bytes wait to be sent. Wait until the client is connected, or send less.`
    throw new TypewireError('OVERLOADED', `${origin}: ${what}`, { origin })
  }

  /** Ends the client, and all that waits. Resolves when the transport is down. */
  async close(): Promise<void> {
    const state = this.#state
    if (state.name === 'closed' && state.isFinal) return
    if (state.name === 'waiting') state.cancel()
    // The state first: what settles below may ask for it.
    const error = new TypewireError('CLOSED', 'This client was closed. Create a new one.')
    this.#enter(
      { name: 'closed', error, isFinal: true },
      { state: 'closed', reason: 'close() was called', error: undefined },
    )
    if (state.name === 'open') {
      state.liveness?.stop()
      this.#session.flush()
    }
    if (state.name === 'connecting' || state.name === 'open') state.attempt.close(closeCodes.NORMAL.code, 'closed')
    this.#endAll(error)
    if (state.name === 'connecting' || state.name === 'open') await state.attempt.gone
  }

  #attempt(): void {
    const attempt = new Attempt(
      {
        url: this.#settings.url,
        auth: this.#settings.auth,
        open: this.#open,
        instance: this.#instance,
        deadlines: this.deadlines,
      },
      {
        nextHello: () => ({ attempt: ++this.#attempts, resume: this.#resumeAsked() }),
        onGone: (received) => this.#loseSession('the server has it no more', received ?? undefined),
        onWelcome: (transport, welcome) => this.#onWelcome(attempt, transport, welcome),
        onBatch: (batch, length, transport) => this.#session.receive(batch, length, transport),
        onHeard: () => {
          if (this.#state.name === 'open') this.#state.liveness?.heard()
        },
        onDrain: () => this.#session.flush(),
        onEnd: (ending) => this.#onEnd(attempt, ending),
      },
    )
    this.#enter({ name: 'connecting', attempt }, { state: 'connecting', attempt: this.#failures + 1 })
  }

  #resumeAsked(): Hello['resume'] {
    if (!this.#ticket) return undefined
    const { session, secret } = this.#ticket
    return { session, secret, received: this.#session.received }
  }

  #onWelcome(attempt: Attempt, transport: Transport, welcome: Welcome): ProtocolError | undefined {
    const wasAsked = this.#ticket
    const { acknowledged, sent, received } = this.#session
    const isSane = wasAsked
      ? welcome.session === wasAsked.session && welcome.received >= acknowledged
      : welcome.received === 0 && welcome.from === 0
    if (!isSane || welcome.received > sent || welcome.from > received) {
      return malformed('RS-8', 'the welcome does not fit what was asked')
    }
    wasAsked?.expiry?.cancel()
    this.#ticket = welcome.resume && { session: welcome.session, ...welcome.resume, expiry: undefined }
    this.#maxMessageBytes = welcome.maxMessageBytes
    this.#session.attach(transport, {
      peerReceived: welcome.received,
      peerFrom: welcome.from,
      peerWindow: welcome.window,
      peerMaxMessageBytes: welcome.maxMessageBytes,
    })
    this.requests.setLimit(welcome.maxCalls)
    const recovered = wasAsked ? true : this.#hasLost ? false : undefined
    this.#hasLost = false
    this.#enter(
      { name: 'open', attempt, sinceMs: this.#settings.clock.now(), liveness: this.#watch(attempt, welcome) },
      { state: 'open', sessionId: welcome.session, transport: transport.name, recovered },
    )
    return undefined
  }

  #watch(attempt: Attempt, { heartbeat }: Welcome): Liveness | undefined {
    return (
      heartbeat &&
      new Liveness({
        heartbeat,
        deadlines: this.deadlines,
        ping: () => this.#session.sendControl([frames.ping.kind, this.#session.sent, this.#session.received]),
        onSilence: () => attempt.abandon('nothing was heard of the server for too long'),
      })
    )
  }

  /** Asks whether the link still lives, or tries to connect without waiting longer: the network may be another. */
  probe(): void {
    if (this.#state.name === 'open') this.#state.liveness?.probe()
    else if (this.#state.name === 'waiting') this.connect()
  }

  /** Gives the link up without losing the session: it is found again by `probe`, or when the next attempt is due. */
  suspend(): void {
    const state = this.#state
    if (state.name === 'open' || state.name === 'connecting') state.attempt.abandon('the page was put aside')
  }

  #onEnd(attempt: Attempt, ending: Ending): void {
    const state = this.#state
    if ((state.name !== 'connecting' && state.name !== 'open') || state.attempt !== attempt) return
    if (state.name === 'open') state.liveness?.stop()
    const wasStable = state.name === 'open' && this.#settings.clock.now() - state.sinceMs >= stableMs
    this.#failures = wasStable ? 1 : this.#failures + 1
    if (!mayReconnect(ending.code)) return this.#stop(ending)
    // The state first: what settles by a loss may call again at once, and must find where it stands.
    this.#wait(ending)
    if (state.name === 'connecting') return
    if (ending.isFinal || !this.#ticket) this.#loseSession(describe(ending), ending.received)
    else this.#detachSession(this.#ticket)
  }

  /** The link is lost. The session waits for the next one, as long as the server keeps its end (RS-1). */
  #detachSession(ticket: Ticket): void {
    this.#session.detach()
    const expiry = this.deadlines.set(ticket.windowMs, () => {
      this.#loseSession(`no connection for ${ticket.windowMs} ms`, undefined)
    })
    this.#ticket = { ...ticket, expiry }
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

  /**
   * A new session takes the place of the lost one, with what the server cannot have seen (CA-6). `received`: how many
   * frames the server said that it had received, where it said so.
   */
  #loseSession(why: string, received: number | undefined): void {
    const lost = this.#replaceSession()
    this.#hasLost = true
    const unseen = lost.unseen(received)
    for (const frame of unseen) frame.carry?.(this.#session)
    this.requests.lose(unseen, `the session was lost before the answer came (${why}).`)
    this.#events.onSessionLost()
  }

  #endAll(error: TypewireError): void {
    this.#replaceSession()
    this.requests.endAll((origin) => new TypewireError(error.code, `${origin}: ${error.message}`, { origin }))
    this.#events.onSessionLost()
  }

  #replaceSession(): Session {
    const lost = this.#session
    lost.detach()
    this.#ticket?.expiry?.cancel()
    this.#ticket = undefined
    this.#replies.abortAll(new TypewireError('SESSION_LOST', 'The session was lost.'))
    this.#session = this.#newSession()
    this.#replies = new Replies(this.#session)
    this.requests.rebind(this.#session)
    this.requests.setLimit(minMaxCalls)
    return lost
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

/** What calls reject with when the server says not to come back. */
const codesOfEndings: Readonly<Record<string, CallErrorCode>> = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  UNSUPPORTED_VERSION: 'UNSUPPORTED',
}

/** For people: `GOING_AWAY: the server is closing`. */
function describe({ code, reason }: Ending): string {
  return `${closeName(code)}${reason ? `: ${reason}` : ` (${code})`}`
}
