import { type ErrorCodeEntry, errorCodes, isTypewireError } from '@typewire/core'
import type { Access } from '../access.ts'
import type { Credentials } from '../credentials.ts'
import { handlerArgs } from '../dispatch/handler-args.ts'
import type { Namespace } from '../namespace.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { runForSession } from '../run-for-session.ts'
import { shownByNewest } from './read-presence.ts'
import type { Room } from './room.ts'

/** How many memberships of one review are judged at a time: each may ask a database. */
const maxAtOnce = 16

/**
 * Judges memberships anew that were let in by `authorize`: when the session's client has shown other credentials, and when
 * server code asks for it. In the first case namespaces are judged, too, and what members are shown of the session is made anew. Who is not let in any more is evicted. Where `authorize` fails the membership stays, and
 * `onError` is told: a failure is no verdict (RM-12).
 */
export class Reviews {
  readonly #node: ServerNode
  /** What is being judged by credentials, until they are others again. */
  readonly #byCredentials = new Map<Credentials, AbortController>()

  constructor(node: ServerNode) {
    this.#node = node
  }

  /** The credentials of what a session has opened are others now, and of what has the same. Nobody waits for it. */
  ofAccess({ session, credentials }: Access): void {
    // What older ones would say does not count, and must not be waited for: it may hang.
    this.#byCredentials.get(credentials)?.abort(new DOMException('Newer credentials are judged.', 'AbortError'))
    const until = new AbortController()
    this.#byCredentials.set(credentials, until)
    void this.#of(session, credentials, until.signal).then(() => {
      if (this.#byCredentials.get(credentials) === until) this.#byCredentials.delete(credentials)
    })
  }

  async #of(session: PeerSession, credentials: Credentials, until: AbortSignal): Promise<void> {
    const { memberships, accesses } = session
    const areOf = (namespace: Namespace | undefined) =>
      namespace && accesses.get(namespace)?.credentials === credentials
    const rooms = memberships.rooms.filter(({ kind }) => areOf(kind.namespace))
    const within = accesses.all.filter(({ namespace }) => namespace.surface.review && areOf(namespace.parent))
    await Promise.all([
      eachOf(rooms, async (room) => {
        if (!until.aborted) await this.#judge(session, room, until)
        if (!until.aborted) await this.#showAnew(session, room, until)
      }),
      eachOf(within, async (access) => {
        if (!until.aborted) await this.#judgeNamespace(session, access, until)
      }),
    ])
  }

  /** Resolves to how many could not be judged. */
  async ofMembers(room: Room, members: readonly PeerSession[]): Promise<number> {
    let failures = 0
    await eachOf(members, async (session) => {
      if (!(await this.#judge(session, room))) failures++
    })
    return failures
  }

  /** Gives `false` where there was no verdict. */
  async #judge(session: PeerSession, room: Room, until?: AbortSignal): Promise<boolean> {
    const { memberships, accesses } = session
    const access = accesses.get(room.kind.namespace)
    const membership = memberships.judged(room)
    if (!membership || !access) return true
    const { ctx } = access
    const verdict = await this.#verdict(access, room, until)
    // What was judged may be over, or the credentials others by now: then that review decides.
    if (typeof verdict === 'object' && memberships.judged(room) === membership && access.ctx === ctx) {
      memberships.evict(room, verdict.refusal)
    }
    return verdict !== 'failed'
  }

  /** Closes a namespace that the credentials of what it lies in speak against (NS-7). */
  async #judgeNamespace({ accesses }: PeerSession, access: Access, until: AbortSignal): Promise<void> {
    const { namespace, identity } = access
    const { path, parent, surface } = namespace
    const above = accesses.get(parent!)
    if (!above || access.isEnded) return
    const { ctx } = above
    const where = `review of ${path}`
    let refusal = 'other credentials do not let it in any more'
    try {
      const run = (lifetime: { readonly signal: AbortSignal }) =>
        surface.review!({ ctx, identity, signal: lifetime.signal })
      if ((await runForSession(this.#node, access, { where, run, until })) === true) return
    } catch (error) {
      if (until.aborted) return
      if (!isRefusal(error)) {
        if (!access.isEnded) this.#node.incidents.report(error, where, access.id)
        return
      }
      refusal = error.message
    }
    // What was true of older ones does not count: they are judged by themselves.
    if (above.ctx === ctx) accesses.close(access, refusal, { mayReopen: true })
  }

  /** Members see what the hook `of` makes of the newest credentials (PR-10). Where it fails, what they see stays. */
  async #showAnew(session: PeerSession, room: Room, until: AbortSignal): Promise<void> {
    const { kind } = room
    const access = session.accesses.get(kind.namespace)
    const remade = session.memberships.presence.toRemake(room)
    if (!access || !remade) return
    const where = `room ${kind.kind} presence`
    const { said } = remade
    try {
      const run = (lifetime: { readonly signal: AbortSignal }) =>
        shownByNewest(this.#node, { access, room, said, lifetime })
      remade.show(await runForSession(this.#node, access, { where, run, until }))
    } catch (error) {
      if (!access.isEnded && !until.aborted) this.#node.incidents.report(error, where, access.id)
    }
  }

  async #verdict(access: Access, room: Room, until: AbortSignal | undefined): Promise<Verdict> {
    const { incidents } = this.#node
    const { authorize } = this.#node.handlersOf(room.kind)
    if (!authorize) return 'in'
    const where = `room ${room.kind.kind} authorize`
    try {
      const isLetIn = await runForSession<unknown>(this.#node, access, {
        where,
        until,
        run: (lifetime) => authorize(handlerArgs(access, lifetime, { params: room.params })),
      })
      return isLetIn === true ? 'in' : { refusal: 'authorize does not let it in any more' }
    } catch (error) {
      if (until?.aborted) return 'in' // others decide
      if (isRefusal(error)) return { refusal: error.message }
      if (!access.isEnded) incidents.report(error, where, access.id)
      return access.isEnded ? 'in' : 'failed'
    }
  }
}

/** `failed`: authorize has not said either. */
type Verdict = 'in' | 'failed' | { readonly refusal: string }

/** An error that handlers throw to be told is an answer; that too much is asked of them is none. */
function isRefusal(error: unknown): error is Error {
  if (!isTypewireError(error) || error.origin !== undefined || error.code === 'OVERLOADED') return false
  const codes: Readonly<Record<string, ErrorCodeEntry>> = errorCodes
  return Object.hasOwn(codes, error.code) && codes[error.code]?.mayBeThrown === true
}

/** Runs for each, so many at a time. `run` never rejects. */
async function eachOf<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values()
  const work = async () => {
    for (const item of rest) await run(item)
  }
  await Promise.all(Array.from({ length: Math.min(maxAtOnce, items.length) }, work))
}
