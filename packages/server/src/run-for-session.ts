import type { MaybePromise } from '@typewire/core'
import { isPromiseLike, timedOut } from '@typewire/core/internal'
import type { ServerNode } from './node.ts'
import type { Access } from './access.ts'
import { withinLimit } from './within-limit.ts'

interface Run<T> {
  /** For errors: `room chat authorize`. */
  readonly where: string
  readonly run: (lifetime: { readonly signal: AbortSignal }) => MaybePromise<T>
  /** Aborts when nobody wants to know any more. */
  readonly until?: AbortSignal | undefined
}

/**
 * Runs a hook for a session where no answer is owed to its client, within the time limit of handlers. Its signal aborts with
 * the session, with `until`, and when the hook has failed.
 * @throws what the hook throws; TypewireError `TIMED_OUT`; the reason of `until`.
 */
export function runForSession<T>(node: ServerNode, access: Access, { where, run, until }: Run<T>): MaybePromise<T> {
  const lifetime = new LazySignal()
  const made = run(lifetime)
  return isPromiseLike(made) ? settle(node, access, { where, made: Promise.resolve(made), lifetime, until }) : made
}

interface Running<T> {
  readonly where: string
  readonly made: Promise<T>
  readonly lifetime: LazySignal
  readonly until: AbortSignal | undefined
}

async function settle<T>(
  { deadlines, settings: { timeoutMs } }: ServerNode,
  { signal }: Access,
  { where, made, lifetime, until }: Running<T>,
): Promise<T> {
  const stop = () => lifetime.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  let giveUp = () => {}
  const wanted = new Promise<T>((resolve, reject) => {
    giveUp = () => reject(until!.reason as Error)
    until?.addEventListener('abort', giveUp, { once: true })
    if (until?.aborted) giveUp()
    made.then(resolve, reject)
  })
  try {
    return await withinLimit(wanted, deadlines, timeoutMs, () => timedOut(where, timeoutMs))
  } catch (error) {
    lifetime.abort(error)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
    until?.removeEventListener('abort', giveUp)
  }
}

/** A signal that is made when it is first read: most handlers never do. */
class LazySignal {
  #controller: AbortController | undefined
  #abortedBy: { readonly reason: unknown } | undefined

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#abortedBy) this.#controller.abort(this.#abortedBy.reason)
    }
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.#abortedBy ??= { reason }
    this.#controller?.abort(reason)
  }
}
