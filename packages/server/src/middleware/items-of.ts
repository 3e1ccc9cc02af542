import { isItemSource, iteratorOf } from '@typewire/core/internal'

type Items = AsyncIterator<unknown> | Iterator<unknown>

const over = { done: true, value: undefined } as const

/**
 * The items of a stream behind its middleware, which runs when the first one is asked for: a stream's handler gives its items
 * without a promise. No generator: that would let go of the items only when it has what it was asked for last.
 * `reasonOf`: why they are left, where they are.
 */
export function itemsOf(
  open: () => unknown,
  { name }: { readonly name: string },
  reasonOf: () => unknown,
): AsyncIterableIterator<unknown> {
  let opening: Promise<Items> | undefined
  let isLeft = false
  const opened = async () => {
    const items = await open()
    if (isItemSource(items)) return iteratorOf(items, reasonOf)
    throw new TypeError(`A middleware of ${name} gave no items: the value of a stream is an iterable of them.`)
  }
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      const items = await (opening ??= opened())
      return isLeft ? over : items.next()
    },
    async return() {
      isLeft = true
      if (!opening) return over // what was not begun does not begin
      const items = await opening.catch(() => undefined) // who asked for an item is told
      return (await items?.return?.()) ?? over
    },
  }
}
