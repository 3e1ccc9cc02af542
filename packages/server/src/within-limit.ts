import type { TypewireError } from '@typewire/core'
import type { Deadlines } from '@typewire/core/internal'

/** The promise, or `late` when it has not settled in time. */
export function withinLimit<T>(
  promise: Promise<T>,
  deadlines: Deadlines,
  timeoutMs: number,
  late: () => TypewireError,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const deadline = deadlines.set(timeoutMs, () => reject(late()))
    promise.then(resolve, reject).finally(() => deadline.cancel())
  })
}
