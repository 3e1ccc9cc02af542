import type { AnyContract, TypewireError } from '@typewire/core'
import type { Credentials } from './credentials.ts'
import type { Namespace } from './namespace.ts'
import type { PeerSession } from './peer-session.ts'
import type { Identified, ServerSession } from './types.ts'

/**
 * What a session has opened: the root with its hello, a namespace with `$open`. Who its client is there, and what its
 * handlers get. It ends with the session, or before.
 */
export class Access {
  readonly session: PeerSession
  readonly namespace: Namespace
  /** Its own, or those of the parent where its namespace asks for none. */
  readonly credentials: Credentials
  /** The id of the `$open` that has opened it; none of the root. */
  readonly openedBy: number | undefined
  readonly identity: string | null
  #facade: ServerSession<Identified, AnyContract> | undefined
  #controller: AbortController | undefined
  /** Makes the reason, for who asks. */
  #endedBy: (() => TypewireError) | undefined

  constructor(session: PeerSession, namespace: Namespace, credentials: Credentials, openedBy?: number) {
    this.session = session
    this.namespace = namespace
    this.credentials = credentials
    this.openedBy = openedBy
    this.identity = credentials.ctx.identity
  }

  get id(): string {
    return this.session.id
  }

  /** What `authenticate` gave last. */
  get ctx(): Identified {
    return this.credentials.ctx
  }

  get isEnded(): boolean {
    return this.#endedBy !== undefined
  }

  /** What handlers get as `session`. Made when it is first read. */
  get facade(): ServerSession<Identified, AnyContract> {
    return (this.#facade ??= this.namespace.surface.makeFacade(this))
  }

  /** Aborts when it ends. Made when it is first read. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#endedBy) this.#controller.abort(this.#endedBy())
    }
    return this.#controller.signal
  }

  /** `reason` is made where something waits for it. */
  end(reason: () => TypewireError): void {
    if (this.#endedBy) return
    this.#endedBy = reason
    this.#controller?.abort(reason())
  }
}
