import type { CallOptions, EmitOptions } from '@typewire/core'
import type { Connection } from '../connection/connection.ts'
import { type Asked, emit } from '../outgoing.ts'

/** What the verbs of a contract are of: its root, or a namespace in it, which must be open before anything of it is sent. */
export interface Scope {
  readonly isRoot: boolean
  /** The namespace's path; the root's is empty. */
  readonly path: string
  /** What a name is on the wire. */
  readonly qualify: (name: string) => string
  readonly isOpen: boolean
  /** Rises when the server takes this client for somebody else: what was asked before is not asked again (RS-10, NS-8). */
  readonly era: number
  /** Connects and opens, if nothing has yet. @throws TypewireError once it is closed. */
  readonly use: (origin: string) => void
  /** The same for what only listens: where it is closed there is nothing to hear. */
  readonly useQuietly: () => void
  /**
   * Sends a request, when it is open. `send` may run again, where the server cannot have seen what it sent before, or, as it
   * is told by `offerElsewhere`, where the server knows what to make of that (CA-10).
   */
  readonly ask: (
    asked: Asked,
    limits: CallOptions,
    send: (asked: Asked, limits: CallOptions) => Promise<unknown>,
  ) => Promise<unknown>
  /** Sends an event that nobody waits for. @throws TypewireError when it cannot be queued. */
  readonly emit: (name: string, payload: unknown, options?: EmitOptions) => void
}

/** The root of a contract is open with the connection, and what is sent before waits in the session. */
export function rootScope(connection: Connection): Scope {
  return {
    isRoot: true,
    path: '',
    qualify: (name) => name,
    isOpen: true,
    get era() {
      return connection.era
    },
    use: () => {},
    useQuietly: () => connection.useQuietly(),
    ask: (asked, limits, send) => send(asked, limits),
    emit: (name, payload, options) => emit(connection, name, payload, options),
  }
}
