import { type CallErrorCode, type Transport, TypewireError } from '@typewire/core'
import {
  type Content,
  type ControlFrame,
  type CountedFrame,
  type Deadline,
  type Deadlines,
  frames,
  type Hello,
  isMessageLarger,
  lengthOf,
  malformed,
  minMaxCalls,
  type OutgoingFrame,
  type ProtocolError,
  Requests,
  Session,
  type Sized,
  type Welcome,
} from '@typewire/core/internal'
import { maxBufferBytes, type Settings } from '../options.ts'
import { isQuietEvent } from './offline-events.ts'
import { OwedAcks } from './owed-acks.ts'
import type { WaitingAccount } from './waiting-account.ts'

/** How long a handler may take where the server has not said otherwise. */
const defaultTimeoutMs = 30_000
/** How much longer a client waits: for the way there and back, and for a busy server. */
export const backstopGraceMs = 5_000

/** What the welcome gave to come back with. In memory only: a duplicated tab must not have it (RS-2). */
interface Ticket {
  readonly session: string
  readonly secret: string
  readonly windowMs: number
  /** Runs while there is no connection. */
  readonly expiry: Deadline | undefined
  /** Why its time is over, while a hello is out that may find it all the same. */
  readonly expiredBy: string | undefined
}

export interface SessionKeeperEvents {
  /** A frame of the server that answers nothing: an event, or the end of a membership. */
  readonly onFrame: (frame: CountedFrame) => ProtocolError | undefined
  /** The server closes the connection, and says why. */
  readonly onClose: (frame: ControlFrame & { readonly 0: 3 }) => void
  /** More waits for the server than may: the connection must end. */
  readonly onOverflow: () => void
  /** Whether a hello is out, or about to be: then the server decides whether the session is still there. */
  readonly isAsking: () => boolean
  /** Another session has taken the place of this one: nothing is open in it, and nothing was sent yet. */
  readonly onReplaced: () => void
  /** The session is lost and another has taken its place: what belonged to it must be asked for again. */
  readonly onLost: () => void
  /** The server knows this client as somebody else now: what belonged to the one before ends, and is not asked for again. */
  readonly onOtherIdentity: (reason: TypewireError) => void
  /** Nothing of what waits is sent any more: these frames, and what is not a frame yet. */
  readonly onDrop: (unsent: readonly OutgoingFrame[], reason: TypewireError) => void
  /** A session is lost to which these frames were written. The server has not said whether it has seen them. */
  readonly onUnknown: (written: readonly OutgoingFrame[], reason: TypewireError) => void
}

export interface SendableOptions {
  readonly isAwaited?: boolean | undefined
}

/**
 * The session of a client, and the next one when it is lost. There is one at all times: what is sent before a welcome
 * waits in it, and what the server cannot have seen goes on in the next.
 */
export class SessionKeeper {
  readonly requests: Requests
  readonly #settings: Settings
  readonly #deadlines: Deadlines
  readonly #events: SessionKeeperEvents
  /** What waits outside the session. */
  readonly #waiting: WaitingAccount
  #session: Session
  #acks: OwedAcks
  #ticket: Ticket | undefined
  /** Whose the session is, or the lost one was, as the last welcome says (RS-10). */
  #owner: { readonly identity: string | undefined } | undefined
  /** Who waits for the answer to a ping. */
  readonly #onPongs = new Set<() => void>()
  /** A session was lost since the last welcome. */
  #hasLost = false
  #attempt = 0
  #backstopMs = defaultTimeoutMs + backstopGraceMs
  #maxMessageBytes = 1_048_576 // the server's default, until its welcome says

  constructor(settings: Settings, deadlines: Deadlines, waiting: WaitingAccount, events: SessionKeeperEvents) {
    this.#settings = settings
    this.#deadlines = deadlines
    this.#events = events
    this.#waiting = waiting
    this.#session = this.#newSession()
    this.#acks = new OwedAcks(this.#session)
    this.requests = new Requests(this.#session)
  }

  get session(): Session {
    return this.#session
  }

  /** The acks that the server waits for. */
  get acks(): OwedAcks {
    return this.#acks
  }

  /** The number of the next round of hellos: above all before it (RS-4). */
  nextAttempt(): number {
    return ++this.#attempt
  }

  /** Whether the session can go on over another connection. */
  get isResumable(): boolean {
    return this.#ticket !== undefined
  }

  /** What a hello asks for: this session, if the server may still have it. */
  resumeAsked(): Hello['resume'] {
    if (!this.#ticket) return undefined
    const { session, secret } = this.#ticket
    return { session, secret, received: this.#session.received }
  }

  /** The longest that a request without a time limit is waited for: past it the server would have answered. */
  get backstopMs(): number {
    return this.#backstopMs
  }

  /**
   * `isAwaited`: what waits outside the session may wait for this, so that does not count.
   * @throws TypewireError when so long a frame is more than the server takes, or than may wait.
   */
  assertSendable(frame: Sized, origin: string, { isAwaited = false }: SendableOptions = {}): void {
    this.assertFits(frame, origin)
    this.assertRoomFor(lengthOf(frame) - (isAwaited ? this.#waiting.length : 0), origin)
  }

  /** @throws TypewireError `OVERLOADED` when so much more may not wait, in the session or outside it. */
  assertRoomFor(length: number, origin: string): void {
    if (this.#session.hasRoomFor(this.requests.waitingLength + this.#waiting.length + length)) return
    const what = `${maxBufferBytes} bytes wait to be sent. Wait until the client is connected, or send less.`
    throw new TypewireError('OVERLOADED', `${origin}: ${what}`, { origin })
  }

  /** @throws TypewireError `TOO_LARGE` when so long a frame is more than the server takes. */
  assertFits(frame: Sized, origin: string): void {
    if (this.#isTooLarge(frame)) throw new TypewireError('TOO_LARGE', `${origin}: ${this.#tooLarge()}`, { origin })
  }

  #isTooLarge(frame: Sized): boolean {
    return isMessageLarger(frame, this.#maxMessageBytes)
  }

  #tooLarge(): string {
    return `the message is larger than the ${this.#maxMessageBytes} bytes that the server takes.`
  }

  /** What was queued before the server said what it takes would cost the connection, and all that waits with it. */
  #refuseTooLarge(): void {
    const isTooLarge = (frame: Content) => this.#isTooLarge(frame)
    const refused = this.#session.takeBack(isTooLarge)
    this.requests.refuse(refused, isTooLarge, 'TOO_LARGE', this.#tooLarge())
    const events = refused.filter(({ text }) => isQuietEvent(text))
    for (const { text } of events) {
      this.#settings.onError(new TypewireError('TOO_LARGE', `${text.slice(0, 40)}…: ${this.#tooLarge()}`))
    }
  }

  /**
   * The server has welcomed a transport: the session goes on over it, and over it alone.
   * @returns whether it is the session of before (`undefined`: there was none), or the clause that the welcome breaks.
   */
  attach(transport: Transport, welcome: Welcome): { readonly recovered: boolean | undefined } | ProtocolError {
    const asked = this.#ticket
    const { acknowledged, sent, received } = this.#session
    const isSameOwner = !this.#owner || this.#owner.identity === welcome.identity
    const fits = asked
      ? welcome.session === asked.session && welcome.received >= acknowledged && isSameOwner
      : welcome.received === 0 && welcome.from === 0 && sent === 0
    if (!fits || welcome.received > sent || welcome.from > received) {
      return malformed('RS-8', 'the welcome does not fit what was asked')
    }
    asked?.expiry?.cancel()
    if (!isSameOwner) this.#disown()
    this.#owner = { identity: welcome.identity }
    this.#ticket = welcome.resume && {
      session: welcome.session,
      ...welcome.resume,
      expiry: undefined,
      expiredBy: undefined,
    }
    this.#maxMessageBytes = welcome.maxMessageBytes
    this.#backstopMs = (welcome.maxTimeoutMs ?? defaultTimeoutMs) + backstopGraceMs
    this.#refuseTooLarge()
    this.#session.attach(transport, {
      peerReceived: welcome.received,
      peerFrom: welcome.from,
      peerWindow: welcome.window,
      peerMaxMessageBytes: welcome.maxMessageBytes,
    })
    const recovered = asked ? true : this.#hasLost ? false : undefined
    this.#hasLost = false
    return { recovered }
  }

  /** The link is lost. The session waits for the next one as long as the server keeps its end (RS-1), or is lost too. */
  detach(why: string): void {
    const ticket = this.#ticket
    if (!ticket) return this.lose(why)
    this.#session.detach()
    const expiry = this.#deadlines.set(ticket.windowMs, () => {
      const expiredBy = `no connection for ${ticket.windowMs} ms`
      if (!this.#events.isAsking()) return this.lose(expiredBy)
      this.#ticket = { ...ticket, expiry: undefined, expiredBy } // the server may have pinned it (RS-6)
    })
    this.#ticket = { ...ticket, expiry, expiredBy: undefined }
  }

  /** No hello is out any more: a session that has expired meanwhile is lost. */
  endIfExpired(): void {
    if (this.#ticket?.expiredBy) this.lose(this.#ticket.expiredBy)
  }

  /**
   * A new session takes the place of this one, with what the server cannot have seen (CA-6), and with calls that it may have
   * seen, which are offered again (CA-10). `received`: how many frames the server said that it had received, where it said
   * so. `mayOffer`: false where what was written has cost the session.
   */
  lose(why: string, received?: number, { mayOffer = true }: { readonly mayOffer?: boolean } = {}): void {
    const unseen = this.#session.unseen(received)
    const unknown = received === undefined ? this.#session.unacknowledged : []
    // What is offered was let go of by the session when it was acknowledged, and must fit the next one with all the rest.
    const waitingLength = this.requests.waitingLength + this.#waiting.length
    const kept = unseen.reduce((sum, frame) => sum + lengthOf(frame), waitingLength)
    const offeredLength = mayOffer ? maxBufferBytes - kept : 0
    const settle = this.requests.lose(unseen, `the session was lost before the answer came (${why}).`, offeredLength)
    this.#replace()
    this.#hasLost = true
    for (const frame of unseen) frame.carry?.(this.#session)
    this.requests.setLimit(minMaxCalls) // what waited comes behind what is carried over (CA-1)
    settle()
    this.#events.onLost()
    this.#events.onUnknown(unknown, new TypewireError('SESSION_LOST', `the session was lost (${why}).`))
  }

  /** What waits was asked in another's name, also what came while nobody knew of the change: none of it is sent (RS-10). */
  #disown(): void {
    const why = 'the server knows this client as somebody else now.'
    const unseen = this.#session.unseen()
    const settle = this.requests.endAll(unseen, 'SESSION_LOST', why)
    this.#replace()
    this.requests.setLimit(minMaxCalls)
    const reason = new TypewireError('SESSION_LOST', why)
    this.#events.onDrop(unseen, reason)
    this.#events.onOtherIdentity(reason) // before they hear of it, and join again
    settle()
  }

  /** Nothing will be answered any more. `received`: as with `lose`. */
  endAll(reason: TypewireError, received?: number): void {
    this.#owner = undefined // nothing of its own is left
    const unseen = this.#session.unseen(received)
    const unknown = received === undefined ? this.#session.unacknowledged : []
    const settle = this.requests.endAll(unseen, reason.code as CallErrorCode, reason.message)
    this.#replace()
    this.requests.setLimit(minMaxCalls)
    this.#events.onDrop(unseen, reason)
    this.#events.onUnknown(unknown, reason)
    settle()
    this.#events.onLost()
  }

  /** `onPong`: runs once, with the next answer to a ping. Returns how to wait no longer. */
  ping(onPong?: () => void): () => void {
    if (onPong) this.#onPongs.add(onPong)
    this.#session.sendControl([frames.ping.kind, this.#session.sent, this.#session.received])
    return () => void (onPong && this.#onPongs.delete(onPong))
  }

  #onPong(): void {
    const waiting = [...this.#onPongs]
    this.#onPongs.clear()
    for (const onPong of waiting) onPong()
  }

  #replace(): void {
    this.#session.detach()
    this.#ticket?.expiry?.cancel()
    this.#ticket = undefined
    this.#acks.cancelAll()
    this.#session = this.#newSession()
    this.#acks = new OwedAcks(this.#session)
    this.requests.rebind(this.#session, minMaxCalls)
    this.#events.onReplaced()
  }

  #newSession(): Session {
    const { clock } = this.#settings
    return new Session(
      { clock, maxBufferBytes },
      {
        onFrame: (frame) => this.#onFrame(frame),
        onControl: (frame) => this.#onControl(frame),
        onOverflow: () => this.#events.onOverflow(),
        onPong: () => this.#onPong(),
      },
    )
  }

  #onFrame(frame: CountedFrame): ProtocolError | undefined {
    switch (frame[0]) {
      case frames.result.kind:
      case frames.error.kind:
        return this.requests.answer(frame)
      case frames.item.kind:
        return this.requests.item(frame)
      case frames.credit.kind:
        return this.requests.credit(frame)
      case frames.cancel.kind:
        this.#acks.cancel(frame[1])
        return undefined
      case frames.call.kind:
        return malformed('FR-5', 'a server does not call procedures')
      default:
        return this.#events.onFrame(frame)
    }
  }

  #onControl(frame: ControlFrame): undefined {
    if (frame[0] === frames.close.kind) this.#events.onClose(frame)
    // What begins now waits for the next session; what runs may finish (CL-4).
    if (frame[0] === frames.drain.kind) this.requests.setLimit(0)
  }
}
