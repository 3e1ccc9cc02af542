import type { CallOptions } from '@typewire/core'
import { aborted, type Deadlines, timedOut } from '@typewire/core/internal'

/**
 * What a promise of the application resolves to, in time.
 * @throws TypewireError `TIMED_OUT` or `ABORTED`; or what the promise rejects with.
 */
export function within<T>(
  promise: Promise<T>,
  origin: string,
  deadlines: Deadlines,
  { timeoutMs, signal }: CallOptions,
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
    const expire = () => fail(timedOut(origin, timeoutMs!, 'not_sent'))
    const deadline = timeoutMs === undefined ? undefined : deadlines.set(timeoutMs, expire)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    promise.then(resolve, reject).finally(end)
  })
}
