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
  /** Namespaces, in the order in which they were opened. Made for the first. */
  #namespaces: Map<Namespace, Access> | undefined
  #opening: Map<Namespace, Reply> | undefined

  /** `credentials`: those of the hello. */
  constructor(session: PeerSession, node: ServerNode, credentials: Credentials) {
    this.#session = session
    this.#node = node
    this.root = new Access(session, node.root, credentials)
  }

  /** Namespaces that are being opened, or shown new credentials, and the answers that are owed, or were. Made for the first. */
  get opening(): Map<Namespace, Reply> {
    return (this.#opening ??= new Map())
  }

  /** The root, and behind it all that is open. */
  get all(): readonly Access[] {
    return this.#namespaces ? [this.root, ...this.#namespaces.values()] : [this.root]
  }

  get(namespace: Namespace): Access | undefined {
    return namespace === this.root.namespace ? this.root : this.#namespaces?.get(namespace)
  }

  /**
   * Lets the session into a namespace whose parent is open. `ctx`: what its own `authenticate` gave, where it has one. `by`: the
   * id of the `$open`.
   */
  open(namespace: Namespace, ctx: Identified | undefined, by: number): Access {
    const { credentials: inherited } = this.get(namespace.parent!)!
    const onEnd = (reason: string) => this.close(access, reason, { mayReopen: true }) // NS-7
    const credentials = ctx ? new Credentials(ctx, this.#node.deadlines, onEnd) : inherited
    const access: Access = new Access(this.#session, namespace, credentials, by)
    this.#namespaces ??= new Map()
    this.#namespaces.set(namespace, access)
    return access
  }

  /** The server ends it, unless it has ended: the client is told, and settles itself what it has asked there (NS-5). */
  close(access: Access, reason: string, { mayReopen }: { readonly mayReopen: boolean }): void {
    if (access.isEnded) return
    const { path } = access.namespace
    this.#end(access.namespace, reason, { isComingBack: mayReopen })
    const { wire } = this.#session
    const options = { received: wire.received, ...(mayReopen ? { reopen: true } : {}) }
    wire.send({ text: JSON.stringify([frames.closed.kind, path, reason.slice(0, maxReasonLength), options]) })
  }

  /** The client ends it (NS-4). */
  leave(namespace: Namespace): void {
    this.#end(namespace, 'its client closed it', { isComingBack: false })
  }

  /** The client cancels an `$open` that was answered already: what that has opened is closed, if it still is open (NS-4). */
  takeBack(id: number): void {
    for (const { namespace, openedBy } of this.all) if (openedBy === id) return this.leave(namespace)
  }

  /** The session is over. What runs and what waits is ended by it. */
  endAll(reason: () => TypewireError): void {
    const { all } = this
    for (const { credentials } of all) credentials.stop()
    for (const access of [...all].reverse()) access.end(reason)
    this.#namespaces = undefined
  }

  /** The namespace, and all in it that are open or are being opened. Their clients wait for nothing of them any more. */
  #end(namespace: Namespace, why: string, { isComingBack }: { readonly isComingBack: boolean }): void {
    const { memberships, replies, requests } = this.#session
    const isOver = new DOMException(`Namespace ${namespace.path} was closed: ${why}.`, 'AbortError')
    for (const [inner, reply] of this.opening) if (inner.isWithin(namespace)) reply.abort(isOver)
    for (const access of [...this.all].reverse()) {
      if (!access.namespace.isWithin(namespace)) continue
      const { path, surface } = access.namespace
      this.#namespaces?.delete(access.namespace)
      if (surface.authenticate) access.credentials.stop()
      replies.abortOf(access, isOver) // before the joins among them are refused, which would answer them
      memberships.endIn(access.namespace, { isComingBack })
      requests.withdrawOf(access, ({ origin }, outcome) => {
        const what = `${origin}: the namespace was closed before the client answered (${why}).`
        return new TypewireError('SESSION_LOST', what, { origin, outcome })
      })
      access.end(() => new TypewireError('SESSION_LOST', `The namespace ${path} was closed: ${why}.`))
    }
  }
}
