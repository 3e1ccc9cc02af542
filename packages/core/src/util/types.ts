export type MaybePromise<T> = T | Promise<T>

/** Tells a promise (of any make) from a value. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
