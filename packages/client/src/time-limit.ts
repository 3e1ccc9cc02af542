import type { TraceContext } from '@typewire/core'

/** The options element of a request: a time limit, of which an infinite one is none, what it is part of, and what else is said. */
export function optionsText(timeoutMs: number | undefined, trace?: TraceContext, others?: object): string {
  const limit = timeoutMs === Number.POSITIVE_INFINITY ? undefined : timeoutMs
  return limit === undefined && !trace && !others ? '0' : JSON.stringify({ timeoutMs: limit, ...others, trace })
}

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(timeoutMs: unknown, where: string): asserts timeoutMs is number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${where}: timeoutMs is ${JSON.stringify(timeoutMs)}. Give milliseconds above 0.`)
}
