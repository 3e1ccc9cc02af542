import type { Reply } from '@typewire/core/internal'
import type { PeerSession } from '../peer-session.ts'
import type { AnyContract } from '@typewire/core'
import type { Identified, Reach, ServerSession } from '../types.ts'

type AnyReach = Reach<AnyContract>
type AnySession = ServerSession<Identified, AnyContract>

/** What every handler gets. A class, so that `signal` is made when it is first read: most handlers never do. */
export class HandlerArgs {
  readonly ctx: Identified
  readonly server: AnyReach
  readonly #session: PeerSession
  readonly #reply: Reply | undefined

  /** Without a reply the signal is the session's. */
  constructor(server: AnyReach, session: PeerSession, reply: Reply | undefined) {
    this.ctx = session.ctx
    this.server = server
    this.#session = session
    this.#reply = reply
  }

  get session(): AnySession {
    return this.#session.facade
  }

  get signal(): AbortSignal {
    return (this.#reply ?? this.#session).signal
  }
}

export class CallArguments extends HandlerArgs {
  readonly input: unknown
  readonly errors: object
  readonly deadlineMs: number

  constructor(server: AnyReach, session: PeerSession, reply: Reply, input: unknown, errors: object, timeoutMs: number) {
    super(server, session, reply)
    this.input = input
    this.errors = errors
    this.deadlineMs = Date.now() + timeoutMs
  }
}

export class EventArguments extends HandlerArgs {
  readonly payload: unknown

  constructor(server: AnyReach, session: PeerSession, reply: Reply, payload: unknown) {
    super(server, session, reply)
    this.payload = payload
  }
}

export class RoomEventArguments extends EventArguments {
  readonly params: unknown
  readonly room: object

  constructor(server: AnyReach, session: PeerSession, reply: Reply, payload: unknown, params: unknown, room: object) {
    super(server, session, reply, payload)
    this.params = params
    this.room = room
  }
}

export class AuthorizeArguments extends HandlerArgs {
  readonly params: unknown

  constructor(server: AnyReach, session: PeerSession, reply: Reply, params: unknown) {
    super(server, session, reply)
    this.params = params
  }
}
