import type { CallOptions, TypewireError } from '@typewire/core'
import { aborted, type Deadlines, timedOut } from '@typewire/core/internal'

export interface WithinLimits extends CallOptions {
  /** What it rejects with when the time is over. */
  readonly expired?: () => TypewireError
}

/**
 * What a promise resolves to, in time.
 * @throws TypewireError `TIMED_OUT` or `ABORTED`; or what the promise rejects with.
 */
export function within<T>(
  promise: Promise<T>,
  origin: string,
  deadlines: Deadlines,
  { timeoutMs, signal, expired = () => timedOut(origin, timeoutMs!) }: WithinLimits,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = () => {
      deadline?.cancel()
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
    }
    const abort = () => fail(aborted(origin, signal))
    const deadline = timeoutMs === undefined ? undefined : deadlines.set(timeoutMs, () => fail(expired()))
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    promise.then(resolve, reject).finally(end)
  })
}
