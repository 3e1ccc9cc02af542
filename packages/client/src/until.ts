import { type Store, TypewireError } from '@typewire/core'
import { type Deadlines, timedOut } from '@typewire/core/internal'
import type { WithinLimits } from './within.ts'

/**
 * Resolves when a store's value is as it must be; `isThere` throws where it never will be.
 * @throws TypewireError `TIMED_OUT`, `ABORTED`, or what `isThere` throws.
 */
export function until<T>(
  store: Store<T>,
  isThere: (value: T) => boolean,
  origin: string,
  deadlines: Deadlines,
  { signal, timeoutMs, expired = () => timedOut(origin, timeoutMs!) }: WithinLimits,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => end(() => reject(error))
    const end = (settle: () => void) => {
      off()
      deadline?.cancel()
      signal?.removeEventListener('abort', abort)
      settle()
    }
    const check = () => {
      try {
        if (isThere(store.current)) end(resolve)
      } catch (error) {
        fail(error)
      }
    }
    const abort = () =>
      fail(new TypewireError('ABORTED', `${origin}: aborted by its signal.`, { origin, cause: signal?.reason }))
    const expire = () => fail(expired())
    const off = store.subscribe(check)
    const deadline = timeoutMs === undefined ? undefined : deadlines.set(timeoutMs, expire)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    else check()
  })
}
