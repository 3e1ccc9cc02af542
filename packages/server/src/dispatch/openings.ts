import type { TypewireError } from '@typewire/core'
import { type CallFrame, decodeWithoutBytes, PayloadError, type Reply } from '@typewire/core/internal'
import type { Access } from '../access.ts'
import type { Authenticate } from '../authenticate.ts'
import { identityToken } from '../identity-token.ts'
import type { Namespace } from '../namespace.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { TokenBucket } from '../rooms/token-bucket.ts'
import type { Identified } from '../types.ts'
import { handlerArgs } from './handler-args.ts'

/**
 * Handles calls to the reserved names `$open` and `$close`: a client opens a namespace by credentials of its own (NS-2),
 * shows new ones (NS-6), and is done with it (NS-4).
 */
export class Openings {
  readonly #node: ServerNode
  readonly #demands = new WeakMap<PeerSession, Demand>()

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
    void this.#open(session, reply, namespace, input)
  }

  async #open(session: PeerSession, reply: Reply, namespace: Namespace, { auth, renew }: Input): Promise<void> {
    const { path, parent } = namespace
    const { accesses } = session
    const above = accesses.get(parent!)
    if (!above) return reply.error('FORBIDDEN', `Namespace ${path}: open ${parent!.path} first.`)
    if (renew && !accesses.get(namespace)) return reply.error('FORBIDDEN', `Namespace ${path} is not open.`)
    if (accesses.opening.get(namespace)?.isSettled === false) {
      return reply.error('OVERLOADED', `Namespace ${path} is being opened already.`)
    }
    const demand = this.#demandOf(session)
    if (namespace.surface.authenticate && (demand.running >= maxRunning || !demand.rate.take())) {
      return reply.error('OVERLOADED', `Namespace ${path}: too many are opened at a time. Wait a little.`) // LM-8
    }
    accesses.opening.set(namespace, reply)
    reply.owner = above === accesses.root ? undefined : above
    try {
      const { helloTimeoutMs } = this.#node.settings
      const late = `Namespace ${path}: authenticate has not answered within ${helloTimeoutMs} ms.`
      const expire = () => reply.expire('TIMED_OUT', late, new DOMException(late, 'TimeoutError'))
      reply.limit(this.#node.deadlines.set(helloTimeoutMs, expire))
      await this.#judge(session, reply, namespace, { above, auth })
    } finally {
      if (accesses.opening.get(namespace) === reply) accesses.opening.delete(namespace)
    }
  }

  #demandOf(session: PeerSession): Demand {
    let demand = this.#demands.get(session)
    if (!demand) {
      const { settings, namespaces } = this.#node
      const most = Math.max(openingsAtOnce, 2 * namespaces.size)
      const rate = new TokenBucket({ clock: settings.clock, perSecond: openingsPerSecond, most, initial: most })
      this.#demands.set(session, (demand = { rate, running: 0 }))
    }
    return demand
  }

  /** Until it settles it costs what it costs, whoever waits for it. */
  async #authenticate(
    session: PeerSession,
    authenticate: Authenticate,
    ...asked: Parameters<Authenticate>
  ): ReturnType<Authenticate> {
    const demand = this.#demandOf(session)
    demand.running++
    try {
      return await authenticate(...asked)
    } finally {
      demand.running--
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
    const { clientContracts } = this.#node
    const isCompared = clientContracts !== undefined && session.contract !== undefined
    let broken: TypewireError | undefined
    let ctx: Identified
    let answer: Awaited<ReturnType<Authenticate>> | undefined
    do {
      ctx = above.ctx
      const asked = [() => auth, request, reply.signal, { ctx }] as const
      if (authenticate) answer = await orOver(this.#authenticate(session, authenticate, ...asked), reply)
      if (isCompared && !(answer && 'close' in answer)) broken = await this.#broken(session, path)
      if (reply.isSettled) return
    } while (above.ctx !== ctx) // what was true of other credentials above does not count
    if (answer && 'close' in answer) {
      const code = answer.close === 'UNAUTHORIZED' ? 'UNAUTHORIZED' : 'INTERNAL'
      return reply.error(code, `Namespace ${path}: ${answer.reason}`)
    }
    if (!before) {
      if (broken && clientContracts!.onBreaking === 'refuse') {
        return reply.error('UNSUPPORTED', `Namespace ${path}: ${broken.message}`)
      }
      const access = accesses.open(namespace, answer?.ctx, reply.id)
      reply.result(resultOf(this.#node, access, broken?.message))
      return this.onOpened(access)
    }
    if (answer) {
      if (answer.ctx.identity !== before.identity) {
        return reply.error('UNAUTHORIZED', `Namespace ${path} is open as another identity. Close it first.`)
      }
      before.credentials.renew(answer.ctx, judging)
      this.#node.reviews.ofAccess(before) // RM-12
    }
    reply.result(resultOf(this.#node, before))
  }

  /** What of a namespace breaks the client, where it is of a contract that is known (HS-9). */
  #broken({ contract = '' }: PeerSession, path: string): Promise<TypewireError | undefined> {
    const { clientContracts, incidents } = this.#node
    const where = `a client of the contract ${contract}, in ${path}`
    return clientContracts!.breaks(contract, path, (error) => incidents.report(error, where))
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

/** The most that `authenticate` of namespaces is asked for one session at a time, answers that nobody waits for included. */
export const maxRunning = 32
/** How often it is asked for one session: at once, or twice for each namespace where those are more, then per second. */
export const openingsAtOnce = 20
export const openingsPerSecond = 5

/** How much one session asks of `authenticate`. */
interface Demand {
  readonly rate: TokenBucket
  running: number
}

interface Input {
  readonly namespace: string
  readonly auth?: unknown
  /** Only where it is open. */
  readonly renew: boolean
}

/** What a call carries, or what is wrong with it. */
function readInput(payload: unknown, annotations: unknown): Input | string {
  try {
    const input = decodeWithoutBytes(payload, annotations)
    const { namespace, auth, renew } = Object(input) as Partial<Record<keyof Input, unknown>>
    if (typeof namespace !== 'string') return 'Expected { namespace: a string, auth, renew }'
    return { namespace, auth, renew: renew === true }
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

/** NS-2, NS-8, CA-13. */
function resultOf(node: ServerNode, { namespace, credentials, identity, session }: Access, notice?: string): string {
  const { expiresInMs } = credentials
  const isOwn = namespace.surface.authenticate !== undefined
  const result = {
    ...(isOwn && identity !== null
      ? { identity: identityToken(identity, `${session.instance}\n${namespace.path}`) }
      : {}),
    ...(isOwn && expiresInMs !== undefined ? { expiresInMs } : {}),
    timeLimits: node.timeLimitsOf(namespace),
    notice, // HS-9; JSON leaves out what is undefined
  }
  return `,${JSON.stringify(result)}`
}
