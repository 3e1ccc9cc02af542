import { isItemSource, type ItemSource, iteratorOf } from '@typewire/core/internal'

export { isItemSource }

/** Who watches the items of a stream go by. */
export interface ItemsObserver {
  /** Aborts when nobody waits for the items any more. */
  readonly signal: AbortSignal
  /** Runs each step of what makes them. */
  readonly run: (step: () => unknown) => unknown
  readonly onItem: () => void
  /** Is told once: with the last item, when nobody waits for more, or by what it has failed. */
  readonly onEnd: (end: { readonly error?: unknown; readonly abortedBy?: unknown }) => void
}

/**
 * The items, as they are. When nobody waits for more, the end is told although what makes them may go on. No generator: that
 * would let go of the items only when it has what it was asked for last.
 */
export function observedItems(
  items: ItemSource,
  { signal, run, onItem, onEnd }: ItemsObserver,
): AsyncIterableIterator<unknown> {
  let iterator: AsyncIterator<unknown> | Iterator<unknown> | undefined
  const opened = () => (iterator ??= iteratorOf(items, () => signal.reason as unknown))
  let isEnded = false
  const end = (how: Parameters<typeof onEnd>[0] = {}) => {
    if (isEnded) return
    isEnded = true
    signal.removeEventListener('abort', abort)
    onEnd(how)
  }
  const abort = () => end({ abortedBy: signal.reason })
  const take = async (step: () => unknown) => {
    try {
      return ((await run(step)) ?? { done: true, value: undefined }) as IteratorResult<unknown>
    } catch (error) {
      end({ error })
      throw error
    }
  }
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const step = await take(() => opened().next())
      if (step.done) end()
      else onItem()
      return step
    },
    async return() {
      const step = await take(() => opened().return?.())
      end()
      return step
    },
  }
}
