import { randomBytes, randomUUID } from 'node:crypto'
import {
  type CallOptions,
  closeCodes,
  type CloseName,
  isTypewireError,
  type MaybePromise,
  type Transport,
  TypewireError,
} from '@typewire/core'
import {
  aborted,
  ask,
  type AskLimits,
  type CloseOptions,
  type Content,
  type ControlFrame,
  type CountedFrame,
  decodePayload,
  type EncodedPayload,
  frameOf,
  frames,
  type Hello,
  mayReconnect,
  Replies,
  type ProtocolError,
  Requests,
  Session,
  type SessionEvents,
  timedOut,
  unsettled,
} from '@typewire/core/internal'
import type { Access } from './access.ts'
import { Accesses } from './accesses.ts'
import type { OutgoingEvent } from './compile.ts'
import type { Backlog } from './dispatch/backlog.ts'
import type { Barrier } from './dispatch/barrier.ts'
import { UploadRoom } from './dispatch/upload-room.ts'
import { Credentials } from './credentials.ts'
import { delivery, optionsText, publicationOf } from './delivery.ts'
import { Faults } from './faults.ts'
import type { InOrder } from './in-order.ts'
import { Memberships } from './rooms/memberships.ts'
import { SessionPresence } from './rooms/session-presence.ts'
import type { ServerNode } from './node.ts'
import { encodeEvent, encodeSent } from './outgoing.ts'
import type { ConnectionRequest, Identified } from './types.ts'
import { assertTimeLimit } from './assert-time-limit.ts'
import { readAck } from './read-ack.ts'
import { withinLimit } from './within-limit.ts'

/** What a session asks of the connection that it is attached to. */
export interface AttachedConnection {
  readonly transport: Transport
  /** What `authenticate` is told besides the credentials. */
  readonly request: ConnectionRequest
  /** Where the client said that it stands. */
  readonly peerWindow: number
  readonly peerMaxMessageBytes: number
  /** Says why, then closes; what was queued is written first. Ends the session too, unless the code keeps it. */
  readonly close: (name: CloseName, reason: string, options?: CloseOptions) => void
  /** Another connection has the session: nothing is read from this one or written to it any more. */
  readonly supersede: () => void
}

/** What a session is told of its peer. */
export interface PeerEvents {
  readonly onFrame: (session: PeerSession, frame: CountedFrame) => ProtocolError | undefined
  /** An answer was given, or is not owed any more. */
  readonly onSettled: (session: PeerSession) => void
  /** New credentials of the session count. */
  readonly onRenewed: (session: PeerSession) => void
}

/** How a hello that asks for this session is answered. */
export type ResumeVerdict = 'resume' | 'stale' | 'gone'

export const createSecret = (): string => randomBytes(32).toString('base64url')

/**
 * A client's session, at the server: its frames, what is owed to it and by it, its rooms. It outlives its connections:
 * without one it waits for its client, within the bounds of `Sessions`.
 */
export class PeerSession implements SessionEvents {
  readonly id = randomUUID()
  /** Shown by the client that wants it back. Known to that client and to this process's memory alone (RS-2). */
  readonly secret = createSecret()
  readonly identity: string | null
  /** The client object that opened it. */
  readonly instance: string
  /** The fingerprint of the contract that its client was made from (HS-9). */
  readonly contract: string | undefined
  /** The address that it last connected from. */
  remoteAddress: string | undefined
  readonly wire: Session
  readonly faults: Faults
  /** What its client has opened: the root, and namespaces. */
  readonly accesses: Accesses
  readonly credentials: Credentials
  /** Holds what the client sends behind new credentials until they are judged (AU-2). */
  barrier: Barrier | undefined
  /** Its events that wait for a free handler. */
  backlog: Backlog | undefined
  readonly #node: ServerNode
  #connection: AttachedConnection | undefined
  #attempt = 0
  /** How many hellos with its secret are being authenticated: it does not expire meanwhile (RS-6). */
  #pins = 0
  #isExpired = false
  readonly #events: PeerEvents
  // Made when there is something to be kept in them: a session that only waits takes a third less memory without.
  #requests: Requests | undefined
  #replies: Replies | undefined
  #memberships: Memberships | undefined
  #uploadRoom: UploadRoom | undefined
  #order: InOrder | undefined
  #isEnded = false

  constructor(
    node: ServerNode,
    { instance, contract }: Pick<Hello, 'instance' | 'contract'>,
    ctx: Identified,
    events: PeerEvents,
  ) {
    this.#node = node
    this.#events = events
    this.identity = ctx.identity
    this.instance = instance
    this.contract = contract
    this.credentials = new Credentials(ctx, node.deadlines, (reason) => this.#connection?.close('AUTH_EXPIRED', reason))
    this.accesses = new Accesses(this, node, this.credentials)
    this.faults = new Faults(node.incidents, this.id)
    this.wire = new Session(node.wireOptions, this) // no closures of its own: an idle one takes 0.4 kB less
  }

  onFrame(frame: CountedFrame): ProtocolError | undefined {
    return this.#events.onFrame(this, frame)
  }

  onQueuedDetached(length: number): void {
    this.#node.sessions.onQueued(this, length)
  }

  /** Keeps its direct messages in order, whatever their schemas do. */
  get order(): InOrder {
    return (this.#order ??= this.#node.newOrder((error) => this.#node.incidents.report(error, 'emit', this.id)))
  }

  /** What was asked of the client. */
  get requests(): Requests {
    return (this.#requests ??= new Requests(this.wire, Number.POSITIVE_INFINITY))
  }

  /** What the client has asked. */
  get replies(): Replies {
    return (this.#replies ??= new Replies(this.wire, () => this.#events.onSettled(this)))
  }

  get hasReplies(): boolean {
    return this.#replies !== undefined && this.#replies.size > 0
  }

  get memberships(): Memberships {
    if (this.#memberships) return this.#memberships
    const presence = new SessionPresence(this, this.#node)
    if (!this.#connection) presence.onAway()
    return (this.#memberships = new Memberships(this, this.#node.rooms, presence))
  }

  /** What `authenticate` gave last: at the hello of the connection that it has, or had. */
  get ctx(): Identified {
    return this.credentials.ctx
  }

  /** What was known of its connection before the client spoke; `undefined` while it has none. */
  get request(): ConnectionRequest | undefined {
    return this.#connection?.request
  }

  /** What its connection goes by; `undefined` while it has none. */
  get transport(): string | undefined {
    return this.#connection?.transport.name
  }

  /** The client object, and as whom it was let in: the same in the sessions that it has one after the other. */
  get client(): string {
    return `${this.instance}\n${this.identity === null ? '' : `=${this.identity}`}`
  }

  /** The number of the last hello that attached a connection (RS-4). */
  get attempt(): number {
    return this.#attempt
  }

  /** What came from the client and waits for its turn, or to be read, in UTF-16 units of JSON. */
  get heldLength(): number {
    return (this.backlog?.length ?? 0) + (this.barrier?.length ?? 0) + (this.#uploadRoom?.unread ?? 0)
  }

  /** What its uploads share. Made for the first. */
  get uploadRoom(): UploadRoom {
    return (this.#uploadRoom ??= new UploadRoom(this.#node.settings))
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Whether a hello that has shown the secret may have the session. Changes nothing (RS-3, RS-4, RS-5). */
  judge(identity: string | null, attempt: number, received: number): ResumeVerdict {
    if (this.isEnded || identity !== this.identity) return 'gone'
    if (!Number.isSafeInteger(received) || received < 0 || received > this.wire.sent) return 'gone'
    return attempt > this.#attempt ? 'resume' : 'stale'
  }

  /**
   * Makes a connection the session's only one, in one step: from here on nothing that an older one still delivers is
   * counted, and nothing is written to it (RS-7). `received`: how many frames the client has.
   */
  attach(connection: AttachedConnection, attempt: number, received: number): void {
    const { transport, peerWindow, peerMaxMessageBytes } = connection
    const old = this.#connection
    this.#connection = connection
    this.#attempt = attempt
    this.#isExpired = false
    this.#node.sessions.onAttached(this)
    this.wire.detach()
    old?.supersede()
    this.wire.attach(transport, {
      peerReceived: received,
      peerFrom: this.wire.received,
      peerWindow,
      peerMaxMessageBytes,
    })
    this.#memberships?.presence.onBack()
  }

  /** The connection is gone without a word. If it was this session's, the session waits for its client. */
  detach(connection: AttachedConnection): void {
    if (this.#connection !== connection || this.isEnded) return
    this.#connection = undefined
    this.wire.detach()
    this.#memberships?.presence.onAway()
    this.#node.sessions.onDetached(this)
  }

  /** Keeps it from expiring until the function that it returns is first called. Nothing else is changed by it. */
  pin(): () => void {
    this.#pins++
    let isPinned = true
    return () => {
      if (!isPinned) return
      isPinned = false
      this.#pins--
      if (this.#isExpired) this.expire()
    }
  }

  /** Its time without a connection is over. */
  expire(): void {
    this.#isExpired = this.#connection === undefined
    if (this.#isExpired && this.#pins === 0) this.end('its client did not come back in time')
  }

  /** Aborts when the session ends. Made when it is first read. */
  get signal(): AbortSignal {
    return this.accesses.root.signal
  }

  /** Sends an event, of what `access` has opened. @throws TypewireError `INVALID_OUTPUT`. */
  emit(access: Access, event: OutgoingEvent, payload: unknown): void {
    this.order.run(encodeEvent(event, payload, this.#node.sendingOf(event.name, 'the payload')), (encoded) => {
      if (!access.isEnded) delivery(event, 0, publicationOf(event, encoded))(this.wire)
    })
  }

  /** The same, in the same order, and the client's answer. Rejects with a `TypewireError`. */
  emitWithAck(access: Access, event: OutgoingEvent, payload: unknown, options?: CallOptions): Promise<unknown> {
    const tell = this.#node.watch?.onAsked('session', access, event.name)
    const ack = this.#emitWithAck(access, event, payload, options)
    if (tell) {
      ack.then(
        () => tell('OK'),
        (error: unknown) => tell(isTypewireError(error) ? error.code : 'INTERNAL'),
      )
    }
    return ack
  }

  async #emitWithAck(
    access: Access,
    event: OutgoingEvent,
    payload: unknown,
    options: CallOptions = {},
  ): Promise<unknown> {
    const { deadlines, settings } = this.#node
    const { timeoutMs = settings.timeoutMs, signal } = options
    assertTimeLimit(event.name, options)
    const sinceMs = settings.clock.now()
    const encoded = encodeSent(event, payload, this.#node.sendingOf(event.name, 'the payload'))
    const leftMs = () => timeoutMs - (settings.clock.now() - sinceMs)
    const answer = await this.#inTurn(event.name, encoded, { timeoutMs, signal }, (ready) =>
      this.#ask(access, event, ready, { timeoutMs, waitedMs: timeoutMs - leftMs(), signal, decode: decodePayload }),
    )
    // For a schema that never answers; a receipt is there at once.
    return withinLimit(readAck(event, answer), deadlines, leftMs(), () => timedOut(event.name, timeoutMs))
  }

  /** Asks when all that was emitted before is sent. What has no time left until then, or no caller, is not asked. */
  #inTurn(
    origin: string,
    encoded: MaybePromise<EncodedPayload>,
    { timeoutMs, signal }: CallOptions & { readonly timeoutMs: number },
    send: (ready: EncodedPayload) => Promise<unknown>,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let isOver = false
      let cancelLimit = () => {}
      const end = () => {
        isOver = true
        cancelLimit()
        signal?.removeEventListener('abort', abort)
      }
      const fail = (error: unknown) => {
        end()
        reject(error)
      }
      const abort = () => fail(aborted(origin, signal))
      const sendReady = (ready: EncodedPayload) => {
        if (isOver) return
        end()
        resolve(send(ready))
      }
      this.order.run(encoded, sendReady, fail)
      if (isOver) return
      const late = () => timedOut(origin, timeoutMs, 'not_sent', 'a schema or a Blob before it has not answered')
      const limit = this.#node.deadlines.set(timeoutMs, () => fail(late()))
      cancelLimit = () => limit.cancel()
      signal?.addEventListener('abort', abort, { once: true })
      if (signal?.aborted) abort()
    })
  }

  #ask(access: Access, event: OutgoingEvent, encoded: EncodedPayload, limits: AskLimits): Promise<unknown> {
    const { name: origin } = event
    if (access.isEnded) {
      const what = this.isEnded ? 'the session has ended' : 'the namespace was closed'
      const lost = new TypewireError('SESSION_LOST', `${origin}: ${what}.`, { origin, outcome: 'not_sent' })
      return Promise.reject(lost)
    }
    const id = this.#node.nextRequestId()
    const owner = access === this.accesses.root ? undefined : access
    const request = { ...eventFrame(id, event, encoded), id, origin, outlivesSession: false, owner, settle: unsettled }
    return ask(this.requests, this.#node.deadlines, request, limits)
  }

  /** Ends the session and closes its connection; what was queued is written first. */
  close(name: CloseName, reason: string, options?: CloseOptions): void {
    if (!mayReconnect(closeCodes[name].code)) this.#memberships?.presence.leaveAll()
    if (this.#connection) this.#connection.close(name, reason, options)
    else this.end(reason)
  }

  /** Ends the session. Everything that waits settles, here and at the handlers, whose signals tell why. */
  end(why: string): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#connection = undefined
    this.wire.detach()
    this.#node.sessions.remove(this, why)
    this.#memberships?.endAll()
    this.faults.end()
    // With its stack an error takes 35 µs: it is made when somebody gets it.
    let error: TypewireError | undefined
    const reason = () => (error ??= new TypewireError('SESSION_LOST', `The session ended: ${why}.`))
    if (this.hasReplies) this.#replies!.abortAll(reason())
    this.#requests?.lose([], 'the session ended before the client answered.')()
    this.accesses.endAll(reason)
  }

  /** A slow client, or more at once than is kept for one: the operator learns of it too (SQ-6). */
  onOverflow(): void {
    if (this.isEnded) return
    const what = `more than ${this.#node.settings.maxBufferBytes} bytes wait for the client`
    this.#node.incidents.report(new TypewireError('OVERLOADED', `Session closed: ${what}.`), 'session', this.id)
    this.close('OVERFLOW', `SQ-6: ${what}`)
  }

  /** A client that closes says nothing more: what comes behind it is not read (CL-3). */
  onControl(frame: ControlFrame): undefined {
    if (frame[0] === frames.close.kind) this.close('NORMAL', 'closed by the client')
  }
}

/** The frame of an event that asks for an ack (EV-1). The name is one of the contract's, which need no escaping. */
function eventFrame(id: number, event: OutgoingEvent, payload: EncodedPayload): Content {
  return frameOf(`[${frames.event.kind},${id},"${event.name}",${optionsText(id, event)}`, payload)
}
