import { type CallOptions, isTypewireError, TypewireError } from '@typewire/core'
import { ViewSource } from './view.ts'

/** How many calls that have failed are kept for the user to see: as many as fit on a screen. */
const maxFailed = 20

/** A call that is under way, or has failed and was neither made again nor dismissed. */
export interface CallAttempt<In, Failure = TypewireError> {
  /** Tells it from the others of its view, as for React's `key`. */
  readonly key: number
  readonly input: In
  readonly status: 'pending' | 'failed'
  readonly error: Failure | undefined
  /** Makes a call that has failed again, in its place. */
  readonly retry: () => void
  /** Forgets a call that has failed. */
  readonly dismiss: () => void
  /**
   * Gives up a call that is under way, and forgets it: `run` gives `ABORTED`. The server is told; what has run already is not
   * undone.
   */
  readonly cancel: () => void
}

/** What is to be seen of the calls of a procedure. Replaced, never mutated. */
export interface CallSnapshot<In, Out, Failure = TypewireError> {
  /** Whether any is under way. */
  readonly pending: boolean
  /** What the call gave that was made last of those that were answered. */
  readonly data: Out | undefined
  /** Why the last one failed; `undefined` from the next on. */
  readonly error: Failure | undefined
  /**
   * Those under way, and the last 20 that failed, in the order in which they were made: to be shown as if they were done, until
   * they are.
   */
  readonly attempts: readonly CallAttempt<In, Failure>[]
}

/** As `client.try.x` settles. */
type Settled = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly error: TypewireError }

/** The calls of a procedure that a component makes. They go on when nobody uses the view any more. */
export class CallView extends ViewSource<CallSnapshot<unknown, unknown>> {
  readonly #call: (input: unknown, options?: CallOptions) => Promise<unknown>
  #state: CallSnapshot<unknown, unknown> = { pending: false, data: undefined, error: undefined, attempts: [] }
  #lastKey = 0
  /** The number of the call that `data` is of. */
  #dataOf = 0

  constructor(call: (input: never, options?: CallOptions) => Promise<unknown>) {
    super({ pending: false, data: undefined, error: undefined, attempts: [] })
    this.#call = call as (input: unknown, options?: CallOptions) => Promise<unknown>
  }

  /** Makes a call. Never rejects: a failure is in what it resolves to, and in the snapshot. */
  readonly run = (input?: unknown, options?: CallOptions): Promise<Settled> => {
    const key = ++this.#lastKey
    return this.#run(key, input, options, (attempts, attempt) => [...attempts, attempt])
  }

  /** Forgets what was given and what has failed. What is under way goes on. */
  readonly reset = (): void => {
    this.#dataOf = this.#lastKey
    this.#set({
      data: undefined,
      error: undefined,
      attempts: this.#state.attempts.filter(({ status }) => status === 'pending'),
    })
  }

  async #run(
    key: number,
    input: unknown,
    options: CallOptions | undefined,
    place: (attempts: Attempts, attempt: Attempts[number]) => Attempts,
  ): Promise<Settled> {
    const number = key === this.#lastKey ? key : ++this.#lastKey
    const retry = () => {
      if (this.#find(key)?.status !== 'failed') return
      void this.#run(key, input, options, (attempts, again) => attempts.map((one) => (one.key === key ? again : one)))
    }
    const dismiss = () => {
      if (this.#find(key)?.status === 'failed') this.#set({ attempts: without(this.#state.attempts, key) })
    }
    const given = new AbortController()
    const cancel = () => {
      if (this.#find(key) !== attempt) return
      this.#set({ attempts: without(this.#state.attempts, key) })
      given.abort()
    }
    const attempt = { key, input, status: 'pending', error: undefined, retry, dismiss, cancel } as const
    const stop = () => given.abort(options?.signal?.reason)
    if (options?.signal?.aborted) stop()
    else options?.signal?.addEventListener('abort', stop, { once: true })
    this.#set({ error: undefined, attempts: place(this.#state.attempts, attempt) })
    try {
      const data = await this.#call(input, { ...options, signal: given.signal })
      const isNewest = number > this.#dataOf
      if (isNewest) this.#dataOf = number
      this.#set({ ...(isNewest ? { data } : {}), attempts: without(this.#state.attempts, key) })
      return { ok: true, data }
    } catch (cause) {
      const error = isTypewireError(cause)
        ? cause
        : new TypewireError('INTERNAL', 'The call has thrown what is no TypewireError.', { cause })
      if (this.#find(key) === attempt) {
        const failed = { ...attempt, status: 'failed', error } as const
        const attempts = this.#state.attempts.map((one) => (one === attempt ? failed : one))
        this.#set({ error, attempts: fewFailed(attempts) })
      }
      return { ok: false, error }
    } finally {
      options?.signal?.removeEventListener('abort', stop)
    }
  }

  #find(key: number): Attempts[number] | undefined {
    return this.#state.attempts.find((attempt) => attempt.key === key)
  }

  #set(change: Partial<CallSnapshot<unknown, unknown>>): void {
    const next = { ...this.#state, ...change }
    this.#state = { ...next, pending: next.attempts.some(({ status }) => status === 'pending') }
    this.publish() // at once: a click must be seen
  }

  protected override begin(): () => void {
    return () => {}
  }

  protected override snapshot(): CallSnapshot<unknown, unknown> {
    return this.#state
  }
}

type Attempts = CallSnapshot<unknown, unknown>['attempts']

const without = (attempts: Attempts, key: number) => attempts.filter((attempt) => attempt.key !== key)

/** The oldest of too many go. */
function fewFailed(attempts: Attempts): Attempts {
  let surplus = attempts.filter(({ status }) => status === 'failed').length - maxFailed
  return surplus <= 0 ? attempts : attempts.filter(({ status }) => status !== 'failed' || surplus-- <= 0)
}
