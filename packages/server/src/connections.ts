import type { Transport, TransportEvents } from '@typewire/core'
import { type CloseOptions, type CountedFrame, frames, type ProtocolError } from '@typewire/core/internal'
import type { Authenticate } from './authenticate.ts'
import type { ServerNode } from './node.ts'
import { type Closing, type ConnectionEvents, goingAway, PeerConnection } from './peer-connection.ts'
import type { ConnectionRequest } from './types.ts'
import type { PeerEvents, PeerSession } from './peer-session.ts'

export interface ConnectionsEvents extends PeerEvents {
  readonly onFrame: (session: PeerSession, frame: CountedFrame) => ProtocolError | undefined
  /** A session was opened and welcomed. */
  readonly onOpen: (session: PeerSession) => void
}

/** Tells the operator that a connection has ended. */
type TellOfEnd = ReturnType<NonNullable<ServerNode['watch']>['onConnected']>

/** All connections of a server, and their orderly end. */
export class Connections {
  readonly #node: ServerNode
  readonly #events: ConnectionEvents
  /** All that there are, and who is told of the end of each. */
  readonly #open = new Map<PeerConnection, TellOfEnd | undefined>()
  readonly #waiting = new Set<() => void>()
  #closing: Closing | undefined

  constructor(node: ServerNode, authenticate: Authenticate, events: ConnectionsEvents) {
    this.#node = node
    // One object for all connections: closures of each would be a third of a kilobyte for one that is idle.
    this.#events = {
      authenticate,
      session: {
        ...events,
        onSettled: (session) => {
          events.onSettled(session)
          this.#recheck()
        },
      },
      onOpen: (session) => events.onOpen(session),
      closing: () => this.#closing,
      onGone: (connection, code) => this.#onGone(connection, code),
    }
  }

  /** How many there are, by their transports. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { transport } of this.#open.keys()) counts[transport.name] = (counts[transport.name] ?? 0) + 1
    return counts
  }

  /** Whether every new connection is refused: the server closes, and none can be for a session that may come back. */
  get isRefusing(): boolean {
    if (!this.#closing) return false
    const { sessions, settings } = this.#node
    return !this.#closing.isDraining || settings.resume.windowMs === 0 || sessions.size === 0
  }

  /** A request that began before the end may be accepted behind it: its body took so long to come. */
  accept(request: ConnectionRequest, open: (events: TransportEvents) => Transport): void {
    const known = { ...request, remoteAddress: this.#addressOf(request) }
    const tellOfEnd = this.#node.watch?.onConnected()
    const connection = new PeerConnection(this.#node, known, open, this.#events)
    this.#open.set(connection, tellOfEnd)
    if (this.isRefusing) connection.close('GOING_AWAY', goingAway, this.#closing!.options)
  }

  #onGone(connection: PeerConnection, code: number): void {
    const tellOfEnd = this.#open.get(connection)
    this.#open.delete(connection)
    const { transport, request, sessionId } = connection
    tellOfEnd?.({ transport: transport.name, remoteAddress: request.remoteAddress, sessionId, code })
    this.#recheck()
  }

  /**
   * Tells every client that the server closes, gives the calls in flight `drainMs` to finish, closes with `options`, and
   * resolves when the last transport has ended (CL-4).
   */
  async close(drainMs: number, options: CloseOptions = {}): Promise<void> {
    const { clock } = this.#node.settings
    const endMs = clock.now() + drainMs
    const closing = {
      options,
      isDraining: true,
      leftMs: () => Math.min(Math.ceil(Math.max(0, endMs - clock.now())), Number.MAX_SAFE_INTEGER),
    }
    this.#closing = closing
    for (const { wire } of this.#node.sessions.values()) wire.sendControl([frames.drain.kind, closing.leftMs()])
    const close = (connection: PeerConnection) => connection.close('GOING_AWAY', goingAway, options)
    for (const connection of [...this.#open.keys()]) if (!connection.isOpen && !connection.isResuming) close(connection)
    const { size } = this.#open
    const spreadMs = size > maxLeavingTogether ? Math.min(drainMs / 2, size * leaveEveryMs) : 0
    await this.#until(() => this.#isIdle(), drainMs - spreadMs)
    await this.#letGo(spreadMs, close)
    closing.isDraining = false
    for (const connection of [...this.#open.keys()]) close(connection)
    for (const session of [...this.#node.sessions.values()]) session.end(goingAway) // their clients are away
    await this.#until(() => this.#open.size === 0)
  }

  /** Closes connections one by one, evenly over a time: what they find next shall not get all of them at once. */
  async #letGo(spreadMs: number, close: (connection: PeerConnection) => void): Promise<void> {
    if (spreadMs === 0) return
    const leaving = [...this.#open.keys()]
    const everyMs = spreadMs / leaving.length
    const moments = leaving.map((connection, index) =>
      // One whose calls have begun meanwhile has until the end.
      this.#node.deadlines.set(index * everyMs, () => connection.isIdle && close(connection)),
    )
    await this.#until(() => this.#open.size === 0, spreadMs)
    for (const moment of moments) moment.cancel()
  }

  /** The application's own code, which may fail: then nothing is known. */
  #addressOf(request: ConnectionRequest): string | undefined {
    try {
      return this.#node.settings.addressOf(request)
    } catch (error) {
      this.#node.incidents.report(error, 'addressOf')
      return undefined
    }
  }

  #isIdle(): boolean {
    for (const { replies } of this.#node.sessions.values()) if (replies.size > 0) return false
    return true
  }

  #until(condition: () => boolean, limitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#waiting.delete(check)
        deadline?.cancel()
        resolve()
      }
      const check = () => {
        if (condition()) end()
      }
      const deadline = limitMs === undefined ? undefined : this.#node.deadlines.set(limitMs, end)
      this.#waiting.add(check)
      check()
    })
  }

  #recheck(): void {
    for (const check of this.#waiting) check()
  }
}

/** So many clients that leave at one moment are no burden to what they find next. */
const maxLeavingTogether = 100
/** More leave one by one, at this interval in milliseconds, or in half of the time that there is. */
const leaveEveryMs = 5
