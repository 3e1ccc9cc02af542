import { TypewireError } from '@typewire/core'
import { frames, type Reply } from '@typewire/core/internal'
import { Access } from './access.ts'
import { Credentials } from './credentials.ts'
import type { Namespace } from './namespace.ts'
import type { ServerNode } from './node.ts'
import type { PeerSession } from './peer-session.ts'
import type { Identified } from './types.ts'

/** As long as a text element of a frame may be (FR-4). */
const maxReasonLength = 1_024

/** What a session has opened: the root, and namespaces. */
export class Accesses {
  readonly root: Access
  readonly #session: PeerSession
  readonly #node: ServerNode
  readonly #open = new Map<Namespace, Access>()
  /** Namespaces that are being opened, or shown new credentials, and the answers that are owed. */
  readonly opening = new Map<Namespace, Reply>()

  /** `credentials`: those of the hello. */
  constructor(session: PeerSession, node: ServerNode, credentials: Credentials) {
    this.#session = session
    this.#node = node
    this.root = new Access(session, node.root, credentials)
    this.#open.set(node.root, this.root)
  }

  get(namespace: Namespace): Access | undefined {
    return this.#open.get(namespace)
  }

  /** Lets the session into a namespace whose parent is open; `ctx`: what its own `authenticate` gave, where it has one. */
  open(namespace: Namespace, ctx: Identified | undefined): Access {
    const { credentials: inherited } = this.#open.get(namespace.parent!)!
    const onEnd = (reason: string) => this.close(namespace, reason, { mayReopen: true }) // NS-7
    const credentials = ctx ? new Credentials(ctx, this.#node.deadlines, onEnd) : inherited
    const access = new Access(this.#session, namespace, credentials)
    this.#open.set(namespace, access)
    return access
  }

  /** The server ends it: the client is told, and what runs in it is answered (NS-5). */
  close(namespace: Namespace, reason: string, { mayReopen }: { readonly mayReopen: boolean }): void {
    const closed = this.#end(namespace, reason, { isComingBack: mayReopen })
    if (closed.length === 0) return
    const code = 'FORBIDDEN'
    for (const access of closed) {
      const message = `Namespace ${access.namespace.path} was closed: ${reason}.`
      this.#session.replies.expireOf(access, code, message, new DOMException(message, 'AbortError'))
    }
    const said = JSON.stringify([frames.closed.kind, namespace.path, reason.slice(0, maxReasonLength)]).slice(0, -1)
    this.#session.wire.send({ text: `${said},${mayReopen ? '{"reopen":true}' : '0'}]` })
  }

  /** The client ends it, and waits for nothing of it any more (NS-4). */
  leave(namespace: Namespace): void {
    const reason = new DOMException('The client closed the namespace.', 'AbortError')
    for (const [inner, reply] of this.opening) if (inner.isWithin(namespace)) reply.abort(reason)
    for (const access of this.#end(namespace, 'its client closed it', { isComingBack: false })) {
      this.#session.replies.abortOf(access, reason)
    }
  }

  /** The session is over. What runs and what waits is ended by it. */
  endAll(reason: TypewireError): void {
    for (const { credentials } of this.#open.values()) credentials.stop()
    for (const access of [...this.#open.values()].reverse()) access.end(reason)
    this.#open.clear()
    this.#open.set(this.root.namespace, this.root)
  }

  /** Gives what has ended by it: the namespace, and all in it that were open. */
  #end(namespace: Namespace, why: string, { isComingBack }: { readonly isComingBack: boolean }): readonly Access[] {
    const ended = [...this.#open.values()].filter((access) => access.namespace.isWithin(namespace)).reverse()
    for (const access of ended) {
      const { path, surface } = access.namespace
      this.#open.delete(access.namespace)
      if (surface.authenticate) access.credentials.stop()
      this.#session.memberships.endIn(access.namespace, { isComingBack })
      const lost = ({ origin }: { readonly origin: string }) =>
        new TypewireError('SESSION_LOST', `${origin}: the namespace was closed before the client answered (${why}).`, {
          origin,
        })
      this.#session.requests.withdrawOf(access, lost)
      access.end(new TypewireError('SESSION_LOST', `The namespace ${path} was closed: ${why}.`))
    }
    return ended
  }
}
