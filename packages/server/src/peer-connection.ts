import { closeCodes, type CloseName, type Transport, type TransportEvents, type TypewireError } from '@typewire/core'
import {
  type CloseOptions,
  type Deadline,
  decodeWithoutBytes,
  frames,
  type Hello,
  keepsSession,
  lengthOf,
  malformed,
  type Part,
  parseBatch,
  parseHello,
  ProtocolError,
  protocolVersions,
  webSocketCodes,
  type Welcome,
} from '@typewire/core/internal'
import type { Heart } from './heartbeats.ts'
import { identityToken } from './identity-token.ts'
import type { ServerNode } from './node.ts'
import { type AttachedConnection, PeerSession, type PeerEvents } from './peer-session.ts'
import type { ConnectionRequest, Identified } from './types.ts'
import type { Authenticate } from './authenticate.ts'

/**
 * One connection of a client, from the opened transport to its end.
 *
 * `awaiting hello`: nothing but a hello may come, and in time. `authenticating`: nothing may come. `open`: the session
 * has it, and all that comes is the session's. `closed`: nothing is read and nothing is written any more.
 */
type State =
  | { readonly name: 'awaiting hello' }
  | { readonly name: 'authenticating'; readonly controller: AbortController; readonly isResuming: boolean }
  | { readonly name: 'open'; readonly session: PeerSession }
  | { readonly name: 'closed' }

export class PeerConnection implements TransportEvents, AttachedConnection, Heart {
  readonly #node: ServerNode
  readonly request: ConnectionRequest
  readonly #authenticate: Authenticate
  readonly #events: ConnectionEvents
  readonly transport: Transport
  peerWindow = 0
  peerMaxMessageBytes = Number.POSITIVE_INFINITY
  /** Until it is welcomed. */
  #helloDeadline: Deadline | undefined
  /** Of the session that it was given, also when it has another connection by now. */
  sessionId: string | undefined
  #wasGone = false
  /** It has opened a session, and nothing has come since: its client may not know of it. */
  #isUnused = false
  #isAlive = true
  #stopHeartbeats: (() => void) | undefined
  #state: State = { name: 'awaiting hello' }

  constructor(
    node: ServerNode,
    request: ConnectionRequest,
    open: (events: TransportEvents) => Transport,
    events: ConnectionEvents,
  ) {
    this.#node = node
    this.request = request
    this.#authenticate = events.authenticate
    this.#events = events
    const { helloTimeoutMs } = node.settings
    this.#helloDeadline = node.deadlines.set(helloTimeoutMs, () => {
      this.close('HELLO_TIMEOUT', `HS-5: not welcomed within ${helloTimeoutMs} ms`)
    })
    this.transport = open(this)
  }

  /** Whether it has a session. */
  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** Whether it has asked for a session that is there. */
  get isResuming(): boolean {
    return this.#state.name === 'authenticating' && this.#state.isResuming
  }

  /** Whether nothing runs for it. */
  get isIdle(): boolean {
    return this.#state.name !== 'open' || !this.#state.session.hasReplies
  }

  onMessage(text: string, parts?: readonly Part[]): void {
    if (this.#state.name === 'closed') return
    this.#isAlive = true
    const batch = parseBatch(text, parts)
    if (batch instanceof ProtocolError) return this.#fail(batch)
    switch (this.#state.name) {
      case 'awaiting hello': {
        const [frame] = batch
        if (batch.length !== 1 || frame![0] !== frames.hello.kind) {
          return this.#fail(malformed('HS-1', 'a connection begins with a hello, alone in its message'))
        }
        return this.#hello(frame as readonly [0, Record<string, unknown>])
      }
      case 'authenticating':
        return this.#fail(malformed('HS-3', 'nothing may be sent between hello and welcome'))
      case 'open': {
        const { session } = this.#state
        const error = session.wire.receive(batch, lengthOf({ text, parts }), this.transport)
        if (error) return this.#fail(error)
        if (this.#isUnused && !session.isEnded) this.#node.sessions.onHeard(session)
        this.#isUnused = false
      }
    }
  }

  onViolation(error: ProtocolError): void {
    this.#fail(error)
  }

  onDrain(): void {
    this.#isAlive = true // a slow peer is no dead one (HB-3)
    if (this.#state.name === 'open') this.#state.session.wire.flush()
  }

  onClose(code: number): void {
    // A message that was too large, or no UTF-8: sent again it would be the same (RS-9).
    const { PROTOCOL_ERROR, NO_STATUS, LINK_LOST } = webSocketCodes
    const isFinal =
      code >= PROTOCOL_ERROR && code <= closeCodes.TOO_LARGE.code && code !== NO_STATUS && code !== LINK_LOST
    // A client that closed in order before its welcome came: nobody knows of the session.
    const isUnwanted = code === closeCodes.NORMAL.code && this.#isUnused
    if (this.#state.name === 'open' && (isFinal || isUnwanted))
      this.#state.session.end(`its connection ended with ${code}`)
    this.#end()
    this.#events.onGone(this, code)
  }

  ping(): void {
    if (this.#state.name !== 'open') return
    this.#isAlive = false
    const { wire } = this.#state.session
    wire.sendControl([frames.ping.kind, wire.sent, wire.received]) // HB-1
  }

  isAlive(): boolean {
    return this.#isAlive
  }

  /** The link is as good as lost: the session waits for its client (HB-2). */
  onSilence(): void {
    this.transport.close(closeCodes.SILENT.code, 'HB-2: no answer to a ping')
    this.#end()
  }

  supersede(): void {
    if (this.#state.name !== 'open') return
    this.#state = { name: 'closed' }
    this.#stopHeartbeats?.()
    this.transport.close(closeCodes.STALE.code, 'RS-7: another connection has the session')
  }

  /** Says why, then closes. What the session has queued is written first. */
  close(name: CloseName, reason: string, options: CloseOptions = {}): void {
    if (this.#state.name === 'closed') return
    const { code } = closeCodes[name]
    const said = reason.slice(0, 1_024)
    let received = {}
    if (this.#state.name === 'open') {
      const { session } = this.#state
      session.wire.flush()
      received = { received: session.wire.received } // CL-2
      if (!keepsSession(code)) session.end(said)
    }
    this.transport.send(JSON.stringify([[frames.close.kind, code, said, { ...received, ...options }]])) // CL-1
    this.transport.close(code, toCloseReason(said))
    this.#end()
  }

  /** From here on nothing is read or written; what waited on this connection is told. */
  #end(): void {
    const state = this.#state
    if (state.name === 'closed') return
    this.#state = { name: 'closed' }
    this.#endHelloDeadline()
    this.#stopHeartbeats?.()
    if (state.name === 'authenticating') state.controller.abort(new DOMException('The client went away.', 'AbortError'))
    if (state.name === 'open') state.session.detach(this)
  }

  #endHelloDeadline(): void {
    this.#helloDeadline?.cancel()
    this.#helloDeadline = undefined // it holds on to what it would have run
  }

  #fail({ close, reason }: ProtocolError): void {
    this.close(close, reason)
  }

  #hello([, body]: readonly [0, Record<string, unknown>]): void {
    const hello = parseHello(body)
    if (hello instanceof ProtocolError) return this.#fail(hello)
    const [oldest, newest] = hello.versions
    const version = Math.min(newest, protocolVersions.newest)
    if (version < oldest || version < protocolVersions.oldest) {
      const { oldest: from, newest: to } = protocolVersions
      return this.close('UNSUPPORTED_VERSION', `HS-4: this server speaks versions ${from} to ${to}`)
    }
    if (hello.resume && this.#wasGone)
      return this.#fail(malformed('HS-8', 'after gone, a hello asks for a new session'))
    const asked = hello.resume && this.#node.sessions.claim(hello.resume.session, hello.resume.secret)
    const closing = this.#events.closing()
    if (closing && !asked) return this.close('GOING_AWAY', goingAway, closing.options) // CL-4
    const controller = new AbortController()
    this.#state = { name: 'authenticating', controller, isResuming: asked !== undefined }
    void this.#admit(hello, { version, asked, signal: controller.signal })
  }

  async #admit(
    hello: Hello,
    { version, asked, signal }: { version: number; asked: PeerSession | undefined; signal: AbortSignal },
  ): Promise<void> {
    const unpin = asked?.pin() ?? (() => {})
    signal.addEventListener('abort', unpin, { once: true }) // authenticate may never answer
    try {
      if (this.#node.hearing) await this.#node.hearing
      const judging = asked?.credentials.beginJudging() ?? 0
      const read = () => decodeWithoutBytes(hello.auth, hello.authAnnotations)
      const answer = await this.#authenticate(read, this.request, signal)
      if (this.#state.name !== 'authenticating') return // the client went away, or the time limit has passed
      if ('close' in answer) return this.close(answer.close, answer.reason)
      const broken = await this.#broken(hello)
      if (this.#state.name !== 'authenticating') return
      if (broken && this.#node.clientContracts!.onBreaking === 'refuse')
        return this.close('UNSUPPORTED_VERSION', `HS-9: ${broken.message}`)
      if (asked?.credentials.isVoid(judging)) return this.close('AUTH_EXPIRED', 'AU-3: revoked while they were judged')
      this.#attach({ hello, version, notice: broken?.message }, asked && { session: asked, judging }, answer.ctx)
    } finally {
      unpin() // not before the session has the connection (RS-6)
    }
  }

  /** What of the contract breaks this client, where it is of one that is known (HS-9). */
  async #broken({ contract }: Hello): Promise<TypewireError | undefined> {
    if (contract === undefined) return undefined
    const { clientContracts, incidents } = this.#node
    const where = `a client of the contract ${contract}`
    try {
      return await clientContracts?.breaks(contract, '', (error) => incidents.report(error, where))
    } catch (error) {
      incidents.report(error, where)
      this.close('SERVER_ERROR', 'HS-9: the contract of this server cannot be compared')
      return undefined
    }
  }

  #attach(admitted: Admitted, asked: Asked | undefined, ctx: Identified): void {
    const { hello } = admitted
    const { resume, attempt } = hello
    if (!resume) return this.#open(admitted, new PeerSession(this.#node, hello, ctx, this.#events.session))
    switch (asked?.session.judge(ctx.identity, attempt, resume.received) ?? 'gone') {
      case 'resume': {
        const { session, judging } = asked!
        const { ctx: before } = session
        session.credentials.renew(ctx, judging)
        if (session.ctx !== before) this.#node.reviews.ofAccess(session.accesses.root) // RM-12
        return this.#open(admitted, session)
      }
      case 'stale':
        return this.close('STALE', 'RS-4: a newer connection has the session')
      case 'gone':
        this.#wasGone = true
        this.#state = { name: 'awaiting hello' }
        return this.transport.send(`[[${frames.gone.kind},null]]`) // RS-3
    }
  }

  #open(admitted: Admitted, session: PeerSession): void {
    const { hello } = admitted
    const { attempt, resume, window, maxMessageBytes = Number.POSITIVE_INFINITY } = hello
    const received = resume?.received ?? 0
    this.#endHelloDeadline()
    this.#state = { name: 'open', session }
    this.sessionId = session.id
    this.peerWindow = window
    this.peerMaxMessageBytes = maxMessageBytes
    session.remoteAddress = this.request.remoteAddress
    // An acknowledgement on the old connection may have overtaken this hello: then the replay begins later (RS-8).
    const from = Math.max(received, session.wire.acknowledged)
    this.transport.send(JSON.stringify([[frames.welcome.kind, this.#welcome(session, admitted, from)]]))
    session.attach(this, attempt, received)
    this.#stopHeartbeats = this.#node.heartbeats?.watch(this)
    const closing = this.#events.closing()
    if (closing) session.wire.sendControl([frames.drain.kind, closing.leftMs()]) // CL-4
    if (resume) {
      this.#node.sessions.onHeard(session)
      return this.#events.session.onRenewed(session)
    }
    this.#isUnused = true
    this.#node.sessions.add(session)
    this.#events.onOpen(session)
  }

  #welcome(
    { id, secret, identity, wire, credentials }: PeerSession,
    { hello: { instance, resume: isResuming }, version, notice }: Admitted,
    from: number,
  ): Welcome {
    const { maxBufferBytes: window, maxCalls, maxMessageBytes, resume, heartbeat } = this.#node.settings
    const { received } = wire
    const { maxTimeoutMs, root } = this.#node
    const timeLimits = this.#node.timeLimitsOf(root)
    const limits = {
      window,
      maxCalls,
      maxMessageBytes,
      maxTimeoutMs,
      ...(timeLimits ? { timeLimits } : {}),
      ...(heartbeat ? { heartbeat } : {}),
    }
    const { windowMs } = resume
    const { expiresInMs: authExpiresInMs } = credentials
    return {
      version,
      session: id,
      received,
      from,
      ...limits,
      ...(identity === null ? {} : { identity: identityToken(identity, instance) }),
      ...(windowMs > 0 ? { resume: { secret, windowMs } } : {}),
      ...(authExpiresInMs === undefined ? {} : { authExpiresInMs }),
      ...(notice === undefined || isResuming ? {} : { notice }),
    }
  }
}

/** A hello whose client is let in: with what is said of its contract. */
interface Admitted {
  readonly hello: Hello
  readonly version: number
  readonly notice: string | undefined
}

/** The session that a hello asks for, and which judgement of its credentials the hello's is. */
interface Asked {
  readonly session: PeerSession
  readonly judging: number
}

/** A server that closes. */
export interface Closing {
  /** What clients are told of where and when to connect again. */
  readonly options: CloseOptions
  /** Whether there is time yet: sessions that are there may come back for what they finish. */
  isDraining: boolean
  readonly leftMs: () => number
}

export const goingAway = 'the server is closing'

export interface ConnectionEvents {
  /** Whether the server closes, and how. */
  readonly closing: () => Closing | undefined
  readonly authenticate: Authenticate
  readonly session: PeerEvents
  /** A session was opened and welcomed. */
  readonly onOpen: (session: PeerSession) => void
  /** The transport has closed; nothing of the connection is left. */
  readonly onGone: (connection: PeerConnection, code: number) => void
}

/** A close reason may be 123 bytes of UTF-8 (RFC 6455, 5.5). ASCII, so that a character is a byte. */
function toCloseReason(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, 123)
}
