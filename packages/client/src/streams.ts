import { type Items, TypewireError } from '@typewire/core'

/** What a stream is until streams run: it says so at the first `next()`, where it would be sent. */
export function unsupportedStream(name: string): Items<never> {
  const refuse = () =>
    Promise.reject(
      new TypewireError('UNSUPPORTED', `${name}: this version of Typewire does not run streams yet.`, { origin: name }),
    )
  const end = async () => ({ done: true, value: undefined }) as const
  const items: Items<never> = {
    next: refuse,
    return: end,
    [Symbol.asyncIterator]: () => items,
    [Symbol.asyncDispose]: async () => {},
    toReadableStream: () => new ReadableStream({ pull: refuse }),
  }
  return items
}
