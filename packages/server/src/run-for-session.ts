import type { MaybePromise } from '@typewire/core'
import { isPromiseLike, timedOut } from '@typewire/core/internal'
import type { ServerNode } from './node.ts'
import type { Access } from './access.ts'
import { withinLimit } from './within-limit.ts'

interface Run<T> {
  /** For errors: `room chat authorize`. */
  readonly where: string
  readonly run: (lifetime: { readonly signal: AbortSignal }) => MaybePromise<T>
}

/**
 * Runs a hook for a session where no answer is owed to its client, within the time limit of handlers. Its signal aborts with
 * the session, and when the hook has failed.
 * @throws what the hook throws; TypewireError `TIMED_OUT`.
 */
export function runForSession<T>(node: ServerNode, access: Access, { where, run }: Run<T>): MaybePromise<T> {
  const lifetime = new LazySignal()
  const made = run(lifetime)
  return isPromiseLike(made) ? settle(node, access, { where, made: Promise.resolve(made), lifetime }) : made
}

interface Running<T> {
  readonly where: string
  readonly made: Promise<T>
  readonly lifetime: LazySignal
}

async function settle<T>(
  { deadlines, settings: { timeoutMs } }: ServerNode,
  { signal }: Access,
  { where, made, lifetime }: Running<T>,
): Promise<T> {
  const stop = () => lifetime.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await withinLimit(made, deadlines, timeoutMs, () => timedOut(where, timeoutMs))
  } catch (error) {
    lifetime.abort(error)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
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
