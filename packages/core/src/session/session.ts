import type { Clock } from '../util/clock.ts'
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

/**
 * A counted frame on its way: its JSON text, shared by all sessions that it goes to.
 * `carry` takes it over into the session that follows, when this one is lost before the peer can have seen the frame;
 * without it the frame ends with its session.
 */
export interface OutgoingFrame {
  text: string
  readonly carry?: (next: Session) => void
}

export interface SessionEvents {
  /** Counted frames of the peer, in order, each once. */
  readonly onFrame: (frame: CountedFrame) => ProtocolError | undefined
  /** What the session does not handle by itself: close and drain. */
  readonly onControl: (frame: ControlFrame) => ProtocolError | undefined
  /** More waits for the peer than may be kept: the session must end (SQ-6). */
  readonly onOverflow: () => void
  /** So much was queued while there is no transport. */
  readonly onQueuedDetached?: (length: number) => void
}

export interface SessionOptions extends SessionEvents {
  readonly clock: Clock
  /** The bound of what is kept for the peer: not acknowledged or not written yet. In UTF-16 units of JSON text. */
  readonly maxBufferBytes: number
}

/** What both sides state when a connection attaches to a session. */
export interface Positions {
  /** How many counted frames the peer has received: where writing goes on (SQ-2). */
  readonly peerReceived: number
  /** The number after which the peer begins to send: what it sends again is told from what is new (SQ-3). */
  readonly peerFrom: number
  /** How much the peer keeps for us: we acknowledge each quarter of it (SQ-4). */
  readonly peerWindow: number
  /** The largest message that the peer takes, in bytes. */
  readonly peerMaxMessageBytes: number
}

/** Frames of one turn leave together, in messages of at most this many UTF-16 units, but for a longer frame (WR-2). */
const maxBatchLength = 64 * 1024
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

  #transport: Transport | undefined
  /** Uncounted frames for the next message. Those of a connection that is gone are gone with it. */
  #control: string[] = []
  #flushIsDue = false
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

  constructor({ clock, maxBufferBytes, ...events }: SessionOptions) {
    this.#clock = clock
    this.#events = events
    this.#outgoing = new SendBuffer()
    this.#maxBufferBytes = maxBufferBytes
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

  /** What is kept for the peer, in UTF-16 units of JSON. */
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
    this.#acknowledgeEvery = peerWindow / 4
    this.#peerMaxMessageBytes = peerMaxMessageBytes
    // A UTF-16 unit is at most three bytes of UTF-8.
    this.#batchLength = Math.min(maxBatchLength, Math.floor(peerMaxMessageBytes / 3) - 2)
    this.#outgoing.rewind(peerReceived)
    this.#flushSoon()
  }

  /** Takes the transport away. From here on nothing is counted from it and nothing is written to it. */
  detach(): Transport | undefined {
    const transport = this.#transport
    this.#transport = undefined
    this.#control = []
    return transport
  }

  /** Queues a counted frame and returns its number. Overflow is told, not thrown: the frame is kept until the session ends. */
  send(frame: OutgoingFrame): number {
    const number = this.#outgoing.push(frame)
    if (!this.#transport) this.#events.onQueuedDetached?.(frame.text.length)
    if (this.#outgoing.length > this.#maxBufferBytes) this.#events.onOverflow() // SQ-6
    this.#flushSoon()
    return number
  }

  /** Whether the peer takes a message of this frame (WR-6). */
  fitsPeer(text: string): boolean {
    return !isMessageLarger(text, this.#peerMaxMessageBytes)
  }

  /** Whether a frame so long can be queued without overflow. */
  hasRoomFor(length: number): boolean {
    return this.#outgoing.length + length <= this.#maxBufferBytes
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

  /** Withdraws the frames that were never written and that the peer would not take, and gives them. */
  refuseUnwritten(isRefused: (text: string) => boolean): readonly OutgoingFrame[] {
    const refused: OutgoingFrame[] = []
    for (const [index, frame] of this.#outgoing.after(this.sent).entries()) {
      if (!isRefused(frame.text)) continue
      this.withdraw(this.sent + index + 1)
      refused.push(frame)
    }
    return refused
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
   * Takes the frames of one message from a transport. What a transport that is not attached (any more) brings is ignored.
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
        if (error || frame[0] === table.pong.kind) return error
        this.#owesPong = true // SQ-7
        this.#flushSoon()
        return undefined
      }
      case table.ack.kind:
        return this.#acknowledge(frame[1])
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
    return undefined
  }

  /** Writes what waits, in messages of at most 64 Ki, until the transport has taken enough. To be called when it drains. */
  flush(): void {
    const transport = this.#transport
    if (!transport) return
    let texts = this.#control
    this.#control = []
    do {
      if (transport.bufferedBytes() < highWaterBytes) {
        texts.push(...this.#answersOwed())
        this.#outgoing.take(texts, this.#batchLength)
      }
      if (texts.length === 0) return
      transport.send(`[${texts.join(',')}]`)
      texts = []
      // A transport may end while it is written to.
    } while (this.#transport === transport && this.#outgoing.hasUnwritten)
  }

  /** One for all that came since the last: a peer that asks and does not read costs no more than one answer. */
  #answersOwed(): string[] {
    const answers: string[] = []
    if (this.#owesPong) answers.push(`[${table.pong.kind},${this.sent},${this.#received}]`)
    else if (this.#owesAck) answers.push(`[${table.ack.kind},${this.#received}]`)
    if (answers.length > 0) this.#unacknowledgedLength = 0
    this.#owesPong = this.#owesAck = false
    return answers
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

const knownKinds: ReadonlySet<number> = new Set(Object.values(table).map(({ kind }) => kind))
