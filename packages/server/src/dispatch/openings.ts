import { type CallFrame, decodeWithoutBytes, isPromiseLike, PayloadError, type Reply } from '@typewire/core/internal'
import type { Access } from '../access.ts'
import { identityToken } from '../identity-token.ts'
import type { Namespace } from '../namespace.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { handlerArgs } from './handler-args.ts'

/**
 * Handles calls to the reserved names `$open` and `$close`: a client opens a namespace by credentials of its own (NS-2),
 * shows new ones (NS-6), and is done with it (NS-4).
 */
export class Openings {
  readonly #node: ServerNode

  constructor(node: ServerNode) {
    this.#node = node
  }

  call(session: PeerSession, reply: Reply, [, , name, , payload, annotations]: CallFrame): void {
    const input = readInput(payload, annotations)
    if (typeof input === 'string') return reply.error('INVALID_INPUT', `${name}: ${input}`)
    const namespace = this.#node.namespaces.get(input.namespace)
    if (!namespace?.parent) {
      return reply.error('NOT_FOUND', `${name}: the server's contract has no such namespace.`) // the root is no namespace
    }
    if (name === '$close') {
      session.accesses.leave(namespace)
      return reply.result('')
    }
    void this.#open(session, reply, namespace, input.auth)
  }

  async #open(session: PeerSession, reply: Reply, namespace: Namespace, auth: unknown): Promise<void> {
    const { path, parent } = namespace
    const { accesses } = session
    const above = accesses.get(parent!)
    if (!above) return reply.error('FORBIDDEN', `Namespace ${path}: open ${parent!.path} first.`)
    if (accesses.opening.has(namespace)) return reply.error('OVERLOADED', `Namespace ${path} is being opened already.`)
    accesses.opening.set(namespace, reply)
    reply.owner = above === accesses.root ? undefined : above
    try {
      const { helloTimeoutMs } = this.#node.settings
      const late = `Namespace ${path}: authenticate has not answered within ${helloTimeoutMs} ms.`
      const expire = () => reply.expire('TIMED_OUT', late, new DOMException(late, 'TimeoutError'))
      reply.limit(this.#node.deadlines.set(helloTimeoutMs, expire))
      await this.#judge(session, reply, namespace, { above, auth })
    } finally {
      accesses.opening.delete(namespace)
    }
  }

  async #judge(
    session: PeerSession,
    reply: Reply,
    namespace: Namespace,
    { above, auth }: { readonly above: Access; readonly auth: unknown },
  ): Promise<void> {
    const { path, surface } = namespace
    const { accesses, request = unknown } = session
    const { authenticate } = surface
    const before = accesses.get(namespace)
    const judging = before?.credentials.beginJudging() ?? 0
    const asking = authenticate?.(() => auth, request, reply.signal, { ctx: above.ctx })
    const answer = isPromiseLike(asking) ? await orOver(asking, reply) : undefined
    if (reply.isSettled || above.isEnded) return reply.error('FORBIDDEN', `Namespace ${path}: its parent was closed.`)
    if (answer && 'close' in answer) {
      const code = answer.close === 'UNAUTHORIZED' ? 'UNAUTHORIZED' : 'INTERNAL'
      return reply.error(code, `Namespace ${path}: ${answer.reason}`)
    }
    const opened = accesses.get(namespace)
    if (opened !== before) return reply.error('UNAUTHORIZED', `Namespace ${path} was closed while they were judged.`)
    if (!opened) {
      const access = accesses.open(namespace, answer?.ctx)
      reply.result(resultOf(access))
      return this.onOpened(access)
    }
    if (answer) {
      if (answer.ctx.identity !== opened.identity) {
        return reply.error('UNAUTHORIZED', `Namespace ${path} is open as another identity. Close it first.`)
      }
      opened.credentials.renew(answer.ctx, judging)
      this.#node.reviews.ofSession(session) // RM-12
    }
    reply.result(resultOf(opened))
  }

  /** Runs what the server does with a session that has opened the namespace, or the root. */
  onOpened(access: Access): void {
    const { incidents, handlers } = this.#node
    const handle = handlers.sessions.get(access.namespace)
    if (!handle) return
    const { path } = access.namespace
    const run = async () => handle(handlerArgs(access, access, {}))
    run().catch((error: unknown) => incidents.report(error, path === '' ? 'session' : `session of ${path}`, access.id))
  }
}

/** The connection is gone, and nothing is known of where the frame came from. */
const unknown = { headers: {}, remoteAddress: undefined }

interface Input {
  readonly namespace: string
  readonly auth?: unknown
}

/** What a call carries, or what is wrong with it. */
function readInput(payload: unknown, annotations: unknown): Input | string {
  try {
    const input = decodeWithoutBytes(payload, annotations)
    const { namespace, auth } = Object(input) as Partial<Record<keyof Input, unknown>>
    return typeof namespace === 'string' ? { namespace, auth } : 'Expected { namespace: a string, auth }'
  } catch (error) {
    if (error instanceof PayloadError) return error.message
    throw error
  }
}

/** What `authenticate` answers, or nothing when nobody waits for it any more: it may never settle. */
function orOver<T>(promise: Promise<T>, reply: Reply): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    reply.signal.addEventListener('abort', () => resolve(undefined), { once: true })
    promise.then(resolve, reject)
  })
}

/** NS-2, NS-8. */
function resultOf({ namespace, credentials, identity, session }: Access): string {
  const { expiresInMs } = credentials
  const isOwn = namespace.surface.authenticate !== undefined
  const result = {
    ...(isOwn && identity !== null
      ? { identity: identityToken(identity, `${session.instance}\n${namespace.path}`) }
      : {}),
    ...(isOwn && expiresInMs !== undefined ? { expiresInMs } : {}),
  }
  return `,${JSON.stringify(result)}`
}
