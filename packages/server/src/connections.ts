import type { Transport, TransportEvents } from '@typewire/core'
import { type CloseOptions, type CountedFrame, frames, type ProtocolError } from '@typewire/core/internal'
import type { Authenticate } from './authenticate.ts'
import type { ServerNode } from './node.ts'
import { type ConnectionRequest, PeerConnection } from './peer-connection.ts'
import type { PeerEvents, PeerSession } from './peer-session.ts'

export interface ConnectionsEvents extends PeerEvents {
  readonly onFrame: (session: PeerSession, frame: CountedFrame) => ProtocolError | undefined
  /** A session was opened and welcomed. */
  readonly onOpen: (session: PeerSession) => void
}

/** All connections of a server, and their orderly end. */
export class Connections {
  readonly #node: ServerNode
  readonly #authenticate: Authenticate
  readonly #events: ConnectionsEvents
  readonly #open = new Set<PeerConnection>()
  readonly #waiting = new Set<() => void>()
  #isClosing = false

  constructor(node: ServerNode, authenticate: Authenticate, events: ConnectionsEvents) {
    this.#node = node
    this.#authenticate = authenticate
    this.#events = {
      ...events,
      onSettled: (session) => {
        events.onSettled(session)
        this.#recheck()
      },
    }
  }

  /** Whether new connections are refused. */
  get isClosing(): boolean {
    return this.#isClosing
  }

  accept(request: ConnectionRequest, open: (events: TransportEvents) => Transport): void {
    const connection = new PeerConnection(this.#node, request, open, {
      authenticate: this.#authenticate,
      session: this.#events,
      onSession: (session) => this.#events.onOpen(session),
      onGone: () => {
        this.#open.delete(connection)
        this.#recheck()
      },
    })
    this.#open.add(connection)
  }

  /**
   * Tells every client that the server closes, gives the calls in flight `drainMs` to finish, closes with `options`, and
   * resolves when the last transport has ended (CL-4).
   */
  async close(drainMs: number, options: CloseOptions = {}): Promise<void> {
    this.#isClosing = true
    const withinMs = Math.min(Math.ceil(drainMs), Number.MAX_SAFE_INTEGER)
    for (const { wire } of this.#node.sessions.values()) wire.sendControl([frames.drain.kind, withinMs])
    const close = (connection: PeerConnection) => connection.close('GOING_AWAY', goingAway, options)
    for (const connection of [...this.#open]) if (!connection.isOpen) close(connection)
    const { size } = this.#open
    const spreadMs = size > maxLeavingTogether ? Math.min(drainMs / 2, size * leaveEveryMs) : 0
    await this.#until(() => this.#isIdle(), drainMs - spreadMs)
    await this.#letGo(spreadMs, close)
    for (const connection of [...this.#open]) close(connection)
    for (const session of [...this.#node.sessions.values()]) session.end(goingAway) // their clients are away
    await this.#until(() => this.#open.size === 0)
  }

  /** Closes connections one by one, evenly over a time: what they find next shall not get all of them at once. */
  async #letGo(spreadMs: number, close: (connection: PeerConnection) => void): Promise<void> {
    if (spreadMs === 0) return
    const leaving = [...this.#open]
    const everyMs = spreadMs / leaving.length
    const moments = leaving.map((connection, index) =>
      // One whose calls have begun meanwhile has until the end.
      this.#node.deadlines.set(index * everyMs, () => connection.isIdle && close(connection)),
    )
    await this.#until(() => this.#open.size === 0, spreadMs)
    for (const moment of moments) moment.cancel()
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

const goingAway = 'the server is closing'
