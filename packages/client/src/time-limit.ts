import type { TraceContext } from '@typewire/core'

/** The element of a frame that tells a time limit, of which an infinite one is none, and what it is part of. */
export function optionsText(timeoutMs: number | undefined, trace?: TraceContext): string {
  const limit = timeoutMs === Number.POSITIVE_INFINITY ? undefined : timeoutMs
  return limit === undefined && !trace ? '0' : JSON.stringify({ timeoutMs: limit, trace })
}

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(timeoutMs: unknown, where: string): asserts timeoutMs is number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${where}: timeoutMs is ${JSON.stringify(timeoutMs)}. Give milliseconds above 0.`)
}
