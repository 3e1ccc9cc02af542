import type { Clock } from '../util/clock.ts'
import type { Content, Part } from '../codec/parts.ts'
import {
  type ControlFrame,
  type CountedFrame,
  firstCountedKind,
  type Frame,
  frames as table,
} from '../protocol/frames.ts'
import { isMessageLarger } from '../protocol/message-size.ts'
import type { UnknownFrame } from '../protocol/parse.ts'
import { malformed, type ProtocolError } from '../protocol/protocol-error.ts'
import type { Transport } from '../transport.ts'
import { SendBuffer } from './send-buffer.ts'

/** What is sent, of which a little may change while it waits. */
export interface Timely extends Content {
  /** Its text when it is written, no longer than `text`. Without it the text stays as it is. */
  readonly textNow?: (() => string) | undefined
}

/**
 * A counted frame on its way: its JSON text, and its parts, shared by all sessions that it goes to.
 * `carry` takes it over into the session that follows, when this one is lost before the peer can have seen the frame;
 * without it the frame ends with its session. Of frames of one `key` that wait unwritten only the newest is kept (DL-4).
 * `owner`: what it is part of, that may end before the session does.
 */
export interface OutgoingFrame extends Timely {
  readonly owner?: object | undefined
  readonly carry?: (next: Session) => void
  readonly key?: string | undefined
}

/** What a peer that lags behind was not sent. */
export interface LeftOut {
  /** Volatile events that could not leave at once. */
  dropped: number
  /** Events in whose place a newer one of their key was put. */
  conflated: number
}

export interface SessionEvents {
  /** Counted frames of the peer, in order, each once; and its volatile events, as if they were counted ones. */
  readonly onFrame: (frame: CountedFrame) => ProtocolError | undefined
  /** What the session does not handle by itself: close and drain. */
  readonly onControl: (frame: ControlFrame) => ProtocolError | undefined
  /** More waits for the peer than may be kept: the session must end (SQ-6). */
  readonly onOverflow: () => void
  /** The peer has answered a ping. */
  readonly onPong?: () => void
  /** So much more is queued while there is no transport, or, where a newer frame of its key is shorter, less. */
  readonly onQueuedDetached?: (length: number) => void
}

/** What sessions of one owner share: one object serves them all. */
export interface SessionOptions {
  readonly clock: Clock
  /** The bound of what is kept for the peer: not acknowledged or not written yet. In UTF-16 units of JSON text and bytes of parts. */
  readonly maxBufferBytes: number
  /** Counts what all sessions have left out, together. */
  readonly leftOutOfAll?: LeftOut
  /** Makes the text of a message of those of its frames. */
  readonly batchText?: (texts: readonly string[]) => string
}

/** What both sides state when a connection attaches to a session. */
export interface Positions {
  /** How many counted frames the peer has received: where writing goes on (SQ-2). */
  readonly peerReceived: number
  /** The number after which the peer begins to send: what it sends again is told from what is new (SQ-3). */
  readonly peerFrom: number
  /** How much the peer keeps for us: we acknowledge each quarter of it at the latest (SQ-4). */
  readonly peerWindow: number
  /** The largest message that the peer takes, in bytes. */
  readonly peerMaxMessageBytes: number
}

/** The most frames that are kept for a peer, whatever their length: each costs more memory than its text. */
export const maxBufferFrames = 65_536

/**
 * What has come is acknowledged after so much at the latest, in UTF-16 units of text and bytes of parts, though the peer may
 * keep more: what is let go of soon costs its garbage collector nearly nothing. With a megabyte of short frames kept, a
 * third of a server's time went there (docs/performance.md). No frame is so short that 16,384 of them would be less.
 */
const maxUnacknowledged = 64 * 1024

/** Messages are of at most this many UTF-16 units, but for a longer frame (WR-2). */
const maxBatchLength = 64 * 1024
/**
 * Of what somebody waits for, so much leaves before its turn is over, in UTF-16 units: of 64 calls of 200 in one turn a third
 * at a time. With all of them in one message, either side stood still while the other one worked (docs/performance.md).
 */
const earlyLength = 4_096
/** So far below it that no turn comes up to it. A small integer: another number would be 16 bytes for each connection. */
const notThisTurn = -(2 ** 30)
/** Above this nothing more is written; the rest waits in the session, where it is bounded. */
const highWaterBytes = 256 * 1024

/**
 * One end of a session: numbers what it sends, counts what it receives, keeps what is not acknowledged, and gathers
 * what one turn produces. Both ends are this. It does no I/O and knows no clock: a transport is attached to it and
 * taken away again, and while there is none, what is sent waits.
 */
export class Session {
  readonly #clock: Clock
  readonly #events: SessionEvents
  readonly #outgoing: SendBuffer
  readonly #maxBufferBytes: number
  readonly #leftOutOfAll: LeftOut | undefined
  readonly #batchText: (texts: readonly string[]) => string
  /** What the peer was not sent since the session began. */
  readonly leftOut: Readonly<LeftOut> = { dropped: 0, conflated: 0 }

  #transport: Transport | undefined
  /** Uncounted frames for the next message. Those of a connection that is gone are gone with it. */
  #control: string[] = []
  #flushIsDue = false
  /** How much text was sent since the last flush, in UTF-16 units; less than any until that which an attachment brings. */
  #sinceFlush = 0
  #received = 0
  /** The number of the last counted frame that the attached connection brought. At most `received` while it repeats. */
  #position = 0
  /** How much has come since the last acknowledgement. */
  #unacknowledgedLength = 0
  #owesAck = false
  #owesPong = false
  #acknowledgeEvery = Number.POSITIVE_INFINITY
  #batchLength = maxBatchLength
  #peerMaxMessageBytes = Number.POSITIVE_INFINITY
  /** Who has more to send, and waits for what is kept to become less. */
  #waitingForRoom: Set<() => void> | undefined

  constructor(options: SessionOptions, events: SessionEvents) {
    const { clock, maxBufferBytes, leftOutOfAll, batchText = joined } = options
    this.#clock = clock
    this.#events = events
    // A peer that reads acknowledges each quarter, so what waits at a half goes on soon.
    this.#outgoing = new SendBuffer(maxBufferBytes / 2)
    this.#maxBufferBytes = maxBufferBytes
    this.#leftOutOfAll = leftOutOfAll
    this.#batchText = batchText
  }

  /** How many counted frames of the peer have been dispatched. */
  get received(): number {
    return this.#received
  }

  /** How many counted frames have been written, at least once. */
  get sent(): number {
    return this.#outgoing.written
  }

  /** The number up to which the peer has acknowledged. */
  get acknowledged(): number {
    return this.#outgoing.acknowledged
  }

  /** What is kept for the peer, in UTF-16 units of JSON and bytes of parts. */
  get queuedLength(): number {
    return this.#outgoing.length
  }

  get isAttached(): boolean {
    return this.#transport !== undefined
  }

  /** Makes a transport the session's only one, and writes what the peer has not received (SQ-2). */
  attach(transport: Transport, { peerReceived, peerFrom, peerWindow, peerMaxMessageBytes }: Positions): void {
    this.#transport = transport
    this.#control = []
    this.#owesAck = this.#owesPong = false
    this.#position = peerFrom
    this.#acknowledgeEvery = Math.min(maxUnacknowledged, peerWindow / 4)
    this.#peerMaxMessageBytes = peerMaxMessageBytes
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.#batchLength = Math.min(maxBatchLength, Math.floor(peerMaxMessageBytes / 3) - 2)
    this.#outgoing.rewind(peerReceived)
    this.#sinceFlush = notThisTurn // who hears of it may take back what would be sent again (AU-4)
    this.#tellRoom()
    this.#flushSoon()
  }

  /** Takes the transport away. From here on nothing is counted from it and nothing is written to it. */
  detach(): Transport | undefined {
    const transport = this.#transport
    this.#transport = undefined
    this.#control = []
    this.#dropVolatile()
    return transport
  }

  /** Queues a counted frame and returns its number. Overflow is told, not thrown: the frame is kept until the session ends. */
  send(frame: OutgoingFrame): number {
    const { last, length } = this.#outgoing
    const number = this.#outgoing.push(frame)
    if (number <= last) this.#leaveOut('conflated', 1)
    if (!this.#transport) this.#events.onQueuedDetached?.(this.#outgoing.length - length)
    if (this.#outgoing.length > this.#maxBufferBytes || this.#outgoing.size > maxBufferFrames) this.#events.onOverflow() // SQ-6
    this.#sinceFlush += frame.text.length
    this.#flushSoon()
    return number
  }

  /**
   * To be called where somebody waits for what was sent, an answer or who is to give it: what waits need not wait for the end
   * of the turn, once it is a few thousand units (WR-2). A frame that is alone does, and goes with what else is said by then;
   * and all do where frames with a key wait, since the next of one may take its place.
   */
  flushEarly(): void {
    const { unwritten, hasKeys } = this.#outgoing
    if (this.#sinceFlush >= earlyLength && unwritten > 1 && !hasKeys && this.#transport?.isImmediate) this.flush()
  }

  /**
   * Sends a frame that is not counted, behind all that was sent so far, if it can leave by the end of this turn: else it
   * is dropped (DL-2).
   */
  sendVolatile(frame: Content): void {
    const canLeave = this.#transport !== undefined && this.#transport.bufferedBytes() < highWaterBytes
    if (!canLeave || !this.#outgoing.pass(frame, highWaterBytes)) return this.#leaveOut('dropped', 1)
    this.#flushSoon()
  }

  /** Whether a frame of this key waits that was never written: the next of the key takes its place. */
  isWaiting(key: string): boolean {
    return this.#outgoing.isWaiting(key)
  }

  /** What waits with keys of this beginning stays in its place, whatever of the same keys is sent from here on (DL-4). */
  settleKeys(beginning: string): void {
    this.#outgoing.settleKeys(beginning)
  }

  #dropVolatile(): void {
    const dropped = this.#outgoing.dropPassing()
    if (dropped > 0) this.#leaveOut('dropped', dropped)
  }

  #leaveOut(what: keyof LeftOut, count: number): void {
    ;(this.leftOut as LeftOut)[what] += count
    if (this.#leftOutOfAll) this.#leftOutOfAll[what] += count
  }

  /** Whether the peer takes a message of this frame (WR-6). */
  fitsPeer(frame: Content): boolean {
    return !isMessageLarger(frame, this.#peerMaxMessageBytes)
  }

  /** Whether a frame so long can be queued without overflow. */
  hasRoomFor(length: number): boolean {
    return this.#outgoing.length + length <= this.#maxBufferBytes && this.#outgoing.size < maxBufferFrames
  }

  /**
   * Whether so little is kept for the peer that who has much to send may go on: less than a quarter of the bound, so that all
   * else has its place beside it.
   */
  get hasMuchRoom(): boolean {
    return this.#outgoing.length < this.#maxBufferBytes / 4 && this.#outgoing.size < maxBufferFrames / 4
  }

  /** Calls back once, when there is much room again. Returns how to stop waiting. */
  whenMuchRoom(run: () => void): () => void {
    const waiting = (this.#waitingForRoom ??= new Set()).add(run)
    return () => waiting.delete(run)
  }

  /** Sends a frame that is not counted, if there is a connection to send it on. */
  sendControl(frame: ControlFrame): void {
    if (!this.#transport) return
    this.#control.push(JSON.stringify(frame))
    this.#flushSoon()
  }

  /** Whether the frame of this number has been written: the peer may have seen it. */
  wasWritten(number: number): boolean {
    return number <= this.#outgoing.written
  }

  /** A frame that nobody needs any more is sent as a no-op from here on, should it be sent (again) at all (SQ-5). */
  withdraw(number: number): void {
    this.#outgoing.withdraw(number)
  }

  /**
   * Withdraws frames that the peer has not had, and gives them: those that were never written, or that are above what the
   * peer said that it had received, where it said so.
   */
  takeBack(isWanted: (frame: OutgoingFrame) => boolean, peerReceived: number = this.sent): readonly OutgoingFrame[] {
    const last = Math.max(this.acknowledged, Math.min(peerReceived, this.sent))
    const taken: OutgoingFrame[] = []
    for (const [index, frame] of this.#outgoing.after(last).entries()) {
      if (!isWanted(frame)) continue
      this.withdraw(last + index + 1)
      taken.push(frame)
    }
    return taken
  }

  /**
   * What the peer cannot have seen, in order, for the session that follows a lost one: frames that were never written,
   * or that are above what the peer said that it had received, where it said so.
   */
  unseen(peerReceived: number = this.sent): readonly OutgoingFrame[] {
    return this.#outgoing.after(Math.min(peerReceived, this.sent))
  }

  /** What was written and is not acknowledged: nobody here knows whether the peer has seen it. */
  get unacknowledged(): readonly OutgoingFrame[] {
    return this.#outgoing.after(0).slice(0, this.sent - this.acknowledged)
  }

  /**
   * Takes the frames of one message from a transport, and how long it was, in UTF-16 units of text and bytes of parts.
   * What a transport that is not attached (any more) brings is ignored.
   * Returns the clause that the peer broke, if it did; frames before it have been dispatched.
   */
  receive(frames: readonly (Frame | UnknownFrame)[], length: number, from: Transport): ProtocolError | undefined {
    const before = this.#received
    for (const frame of frames) {
      if (this.#transport !== from) return undefined // a handler of an earlier frame may have detached it
      const error = frame[0] >= firstCountedKind ? this.#count(frame) : this.#handleControl(frame as Frame)
      if (error) return error
    }
    if (this.#received === before) return undefined
    this.#unacknowledgedLength += length
    if (this.#unacknowledgedLength < this.#acknowledgeEvery) return undefined
    this.#owesAck = true // SQ-4
    this.#flushSoon()
    return undefined
  }

  #count(frame: Frame | UnknownFrame): ProtocolError | undefined {
    if (this.#position > this.#received) return malformed('SQ-3', `begins after ${this.#position}, which has not come`)
    this.#position++
    if (this.#position <= this.#received) return undefined // SQ-3: sent again, seen before
    this.#received = this.#position
    if (!knownKinds.has(frame[0]) || frame[0] === table.noop.kind) return undefined // FR-2
    return this.#events.onFrame(frame as CountedFrame)
  }

  #handleControl(frame: Frame): ProtocolError | undefined {
    switch (frame[0]) {
      case table.ping.kind:
      case table.pong.kind: {
        const error = this.#acknowledge(frame[2])
        if (frame[0] === table.pong.kind && !error) this.#events.onPong?.()
        if (error || frame[0] === table.pong.kind) return error
        this.#owesPong = true // SQ-7
        this.#flushSoon()
        return undefined
      }
      case table.ack.kind:
        return this.#acknowledge(frame[1])
      case table.volatileEvent.kind: {
        const [, room, ...rest] = frame
        return this.#events.onFrame(
          room === 0 ? [table.event.kind, 0, ...rest] : [table.roomEvent.kind, 0, room, ...rest],
        )
      }
      case table.close.kind:
      case table.drain.kind:
        return this.#events.onControl(frame)
      case table.hello.kind:
      case table.welcome.kind:
      case table.gone.kind:
        return malformed('HS-3', 'the handshake is over')
      default:
        return undefined // FR-2
    }
  }

  #acknowledge(received: number): ProtocolError | undefined {
    if (received > this.#outgoing.written) return malformed('SQ-2', `acknowledges ${received}, which was not sent`)
    this.#outgoing.acknowledge(received)
    if (this.#outgoing.hasUnwritten) this.#flushSoon() // it may have waited for this (DL-5)
    this.#tellRoom()
    return undefined
  }

  #tellRoom(): void {
    if (!this.#waitingForRoom?.size || !this.hasMuchRoom) return
    const waiting = [...this.#waitingForRoom]
    this.#waitingForRoom.clear()
    for (const run of waiting) run()
  }

  /**
   * Writes what waits, in messages of at most 64 Ki, until the transport has taken enough; volatile frames that it has not
   * are dropped. To be called when it drains.
   */
  flush(): void {
    this.#sinceFlush = 0
    if (this.#transport) this.#write(this.#transport)
    this.#dropVolatile()
  }

  /** A frame with parts is a message of its own: control frames go before it. */
  #write(transport: Transport): void {
    let texts = this.#control
    if (texts.length > 0) this.#control = []
    else texts = []
    do {
      let parts: readonly Part[] | undefined
      if (transport.bufferedBytes() < highWaterBytes) {
        this.#pushAnswers(texts)
        parts = this.#outgoing.take(texts, this.#batchLength)
      }
      if (texts.length === 0) return
      transport.send(this.#batchText(texts), parts)
      texts = []
      // A transport may end while it is written to.
    } while (this.#transport === transport && this.#outgoing.hasUnwritten)
  }

  /** One for all that came since the last: a peer that asks and does not read costs no more than one answer. */
  #pushAnswers(texts: string[]): void {
    if (!this.#owesPong && !this.#owesAck) return
    const answer = this.#owesPong ? `[${table.pong.kind},${this.sent}` : `[${table.ack.kind}`
    texts.push(`${answer},${this.#received}]`)
    this.#unacknowledgedLength = 0
    this.#owesPong = this.#owesAck = false
  }

  #flushSoon(): void {
    if (this.#flushIsDue || !this.#transport) return
    this.#flushIsDue = true
    this.#clock.endOfTurn(() => {
      this.#flushIsDue = false
      this.flush()
    })
  }
}

const joined = (texts: readonly string[]) => `[${texts.join(',')}]`

const knownKinds: ReadonlySet<number> = new Set(Object.values(table).map(({ kind }) => kind))
