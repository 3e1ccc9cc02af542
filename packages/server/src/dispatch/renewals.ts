import { type CallFrame, decodeWithoutBytes, type Reply } from '@typewire/core/internal'
import type { Authenticate, ReadShown } from '../authenticate.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { Barrier } from './barrier.ts'

/**
 * Handles calls to the reserved name `$auth`: a client shows new credentials (AU-2). They take the place of the old ones
 * where `authenticate` lets the same identity in; else everything stays as it was.
 */
export class Renewals {
  readonly #node: ServerNode
  readonly #authenticate: Authenticate

  constructor(node: ServerNode, authenticate: Authenticate) {
    this.#node = node
    this.#authenticate = authenticate
  }

  call(session: PeerSession, reply: Reply, [, , , , auth, authAnnotations]: CallFrame): void {
    const { helloTimeoutMs } = this.#node.settings
    const limit = `$auth: authenticate has not answered within ${helloTimeoutMs} ms.`
    const expire = () => reply.expire('TIMED_OUT', limit, new DOMException(limit, 'TimeoutError'))
    reply.limit(this.#node.deadlines.set(helloTimeoutMs, expire))
    const lower = this.#raiseBarrier(session)
    reply.signal.addEventListener('abort', lower, { once: true }) // authenticate may never answer
    void this.#renew(session, reply, () => decodeWithoutBytes(auth, authAnnotations)).finally(lower)
  }

  /** Returns how to lower it; called twice, it is lowered once. */
  #raiseBarrier(session: PeerSession): () => void {
    const { maxBufferBytes: maxLength } = this.#node.settings
    const areGood = () => session.credentials.areGood
    const barrier = (session.barrier ??= new Barrier({
      maxLength,
      areGood,
      onEmpty: () => (session.barrier = undefined),
    }))
    barrier.raise()
    let isUp = true
    return () => {
      if (isUp) barrier.lower()
      isUp = false
    }
  }

  async #renew(session: PeerSession, reply: Reply, readShown: ReadShown): Promise<void> {
    const { credentials, identity, request = unknown } = session
    const judging = credentials.beginJudging()
    const answer = await this.#authenticate(readShown, request, reply.signal)
    if (reply.isSettled) return
    if ('close' in answer) {
      return reply.error(answer.close === 'UNAUTHORIZED' ? 'UNAUTHORIZED' : 'INTERNAL', answer.reason)
    }
    if (answer.ctx.identity !== identity) return reply.error('UNAUTHORIZED', otherIdentity)
    if (credentials.isVoid(judging)) return reply.error('UNAUTHORIZED', 'Revoked while they were judged.')
    credentials.renew(answer.ctx, judging)
    const { expiresInMs } = credentials
    reply.result(expiresInMs === undefined ? ',{}' : `,{"expiresInMs":${expiresInMs}}`)
    this.#node.reviews.ofAccess(session.accesses.root) // RM-12
  }
}

/** The connection is gone, and the frame was held: nothing is known of where it came from. */
const unknown = { headers: {}, remoteAddress: undefined }

const otherIdentity =
  'The credentials are those of another identity, and this session is bound to its own. Close the client, and create another.'
