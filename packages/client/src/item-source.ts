import { isReadableStream, type ItemSource } from '@typewire/core/internal'

/** Where the items of an input come from, and whether it is its `items` that are that. */
export interface InputItems {
  readonly items: ItemSource
  readonly isInside: boolean
}

/**
 * Whether an input, or its `items`, comes item by item: what can only be read so, like a generator or a `ReadableStream`.
 * Arrays and sets are data like any other, and go at once; the server reads them as items where the contract says so.
 */
export function itemsOf(input: unknown): InputItems | undefined {
  const source = sourceOf(input)
  const items = source ?? sourceOf((input as { readonly items?: unknown } | undefined)?.items)
  return items && { items, isInside: !source }
}

function sourceOf(value: unknown): ItemSource | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Symbol.asyncIterator in value) return value as AsyncIterable<unknown>
  // Not every browser can iterate one.
  if (isReadableStream(value)) return value
  return Symbol.iterator in value && 'next' in value ? (value as unknown as Iterable<unknown>) : undefined
}
