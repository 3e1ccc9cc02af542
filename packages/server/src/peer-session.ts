import { randomUUID } from 'node:crypto'
import { type AnyContract, type CallOptions, type CloseName, TypewireError } from '@typewire/core'
import {
  ask,
  type CloseOptions,
  type ControlFrame,
  type CountedFrame,
  frames,
  nothing,
  Replies,
  type ProtocolError,
  Requests,
  Session,
  timedOut,
} from '@typewire/core/internal'
import type { OutgoingEvent } from './compile.ts'
import { Faults } from './faults.ts'
import type { InOrder } from './in-order.ts'
import { Memberships } from './rooms/memberships.ts'
import type { ServerNode } from './node.ts'
import { encodeSent } from './outgoing.ts'
import type { Identified, ServerSession } from './types.ts'
import { readAck } from './read-ack.ts'
import { withinLimit } from './within-limit.ts'

/** What a session asks of the connection that it is attached to. */
export interface PeerConnection {
  readonly close: (name: CloseName, reason: string, options?: CloseOptions) => void
}

/** What a session is told of its peer. */
export interface PeerEvents {
  readonly onFrame: (session: PeerSession, frame: CountedFrame) => ProtocolError | undefined
  /** An answer was given, or is not owed any more. */
  readonly onSettled: (session: PeerSession) => void
  readonly makeFacade: (session: PeerSession) => AnySession
}

type AnySession = ServerSession<Identified, AnyContract>

/** A client's session, at the server: its frames, what is owed to it and by it, its rooms. */
export class PeerSession {
  readonly id = randomUUID()
  readonly identity: string | null
  readonly ctx: Identified
  readonly wire: Session
  readonly requests: Requests
  readonly replies: Replies
  readonly memberships: Memberships
  readonly faults: Faults
  /** Keeps its direct messages in order, whatever their schemas do. */
  readonly order: InOrder
  readonly #node: ServerNode
  readonly #connection: PeerConnection
  readonly #events: PeerEvents
  #facade: AnySession | undefined
  #controller: AbortController | undefined
  #isEnded = false

  constructor(node: ServerNode, ctx: Identified, connection: PeerConnection, events: PeerEvents) {
    this.#node = node
    this.ctx = ctx
    this.identity = ctx.identity
    this.#connection = connection
    this.#events = events
    this.faults = new Faults(node.incidents, this.id)
    this.order = node.newOrder((error) => node.incidents.report(error, 'emit', this.id))
    this.memberships = new Memberships(this, node.rooms)
    this.wire = new Session({
      clock: node.settings.clock,
      maxBufferBytes: node.settings.maxBufferBytes,
      onFrame: (frame) => events.onFrame(this, frame),
      onControl: (frame) => this.#onControl(frame),
      onOverflow: () => this.#onOverflow(),
    })
    this.requests = new Requests(this.wire, Number.POSITIVE_INFINITY)
    this.replies = new Replies(this.wire, () => events.onSettled(this))
  }

  /** What handlers get as `session`. Made when it is first read. */
  get facade(): AnySession {
    return (this.#facade ??= this.#events.makeFacade(this))
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Aborts when the session ends. Made when it is first read. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#isEnded) this.#controller.abort(sessionEnded)
    }
    return this.#controller.signal
  }

  /** Sends an event. @throws TypewireError `INVALID_OUTPUT`. */
  emit(event: OutgoingEvent, payload: unknown): void {
    this.order.run(encodeSent(event, payload, event.name, 'the payload'), (encoded) => {
      if (!this.#isEnded) this.wire.send({ text: eventText(0, event, encoded) })
    })
  }

  /** The same, in the same order, and the client's answer. Rejects with a `TypewireError`. */
  async emitWithAck(event: OutgoingEvent, payload: unknown, options: CallOptions = {}): Promise<unknown> {
    const encoded = encodeSent(event, payload, event.name, 'the payload')
    const answer = new Promise<unknown>((resolve, reject) => {
      this.order.run(encoded, (text) => resolve(this.#ask(event, text, options)), reject)
    })
    const { timeoutMs = this.#node.settings.timeoutMs } = options
    const read = answer.then((ack) => readAck(event, ack))
    // The request has the limit too, and tells the client; this one is for schemas that never answer.
    return withinLimit(read, this.#node.deadlines, timeoutMs, () => timedOut(event.name, timeoutMs))
  }

  #ask(event: OutgoingEvent, encoded: string, options: CallOptions): Promise<unknown> {
    const { name: origin } = event
    if (this.#isEnded) {
      const lost = new TypewireError('SESSION_LOST', `${origin}: the session has ended.`, {
        origin,
        outcome: 'not_sent',
      })
      return Promise.reject(lost)
    }
    const id = this.#node.nextRequestId()
    const request = { id, origin, text: eventText(id, event, encoded), outlivesSession: false }
    const { timeoutMs = this.#node.settings.timeoutMs, signal } = options
    return ask(this.requests, this.#node.deadlines, request, { timeoutMs, signal })
  }

  /** Ends the session and closes its connection; what was queued is written first. */
  close(name: CloseName, reason: string, options?: CloseOptions): void {
    this.#connection.close(name, reason, options)
  }

  /** To be called once, when the connection is gone. Everything that waits settles, here and at the handlers. */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#node.sessions.delete(this.id)
    this.memberships.endAll()
    this.faults.end()
    this.replies.abortAll(sessionEnded)
    this.requests.lose([], 'the session ended before the client answered.')()
    this.#controller?.abort(sessionEnded)
  }

  /** A slow client, or more at once than is kept for one: the operator learns of it too (SQ-6). */
  #onOverflow(): void {
    if (this.#isEnded) return
    const what = `more than ${this.#node.settings.maxBufferBytes} bytes wait for the client`
    this.#node.incidents.report(new TypewireError('OVERLOADED', `Session closed: ${what}.`), 'session', this.id)
    this.close('OVERFLOW', `SQ-6: ${what}`)
  }

  /** A client that closes says nothing more: what comes behind it is not read (CL-3). */
  #onControl(frame: ControlFrame): undefined {
    if (frame[0] === frames.close.kind) this.close('NORMAL', 'closed by the client')
  }
}

const sessionEnded = new TypewireError('SESSION_LOST', 'The session ended.')

/** The text of an event's frame (EV-1). The name is one of the contract's, which need no escaping. */
export function eventText(id: number, event: OutgoingEvent, encodedPayload: string): string {
  return `[${frames.event.kind},${id},"${event.name}",${optionsText(id, event)}${encodedPayload}]`
}

/** Whether the ack that is asked for carries data is the contract's to say, which the client need not know (EV-2). */
export function optionsText(id: number, { ack }: OutgoingEvent): string {
  return id > 0 && ack === nothing ? '{"receipt":true}' : '0'
}
