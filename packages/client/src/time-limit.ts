import type { TraceContext } from '@typewire/core'

/**
 * The options element of a request: what is left of its time, of which an infinite one is none, what it is part of, and what
 * else is said. Whole milliseconds: the less is left, the shorter is the text.
 */
export function optionsText(leftMs: number, trace?: TraceContext, others?: object): string {
  const timeoutMs = leftMs === Infinity ? undefined : Math.min(Math.max(1, Math.ceil(leftMs)), Number.MAX_SAFE_INTEGER)
  return timeoutMs === undefined && !trace && !others ? '0' : JSON.stringify({ timeoutMs, ...others, trace })
}

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(timeoutMs: unknown, where: string): asserts timeoutMs is number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${where}: timeoutMs is ${JSON.stringify(timeoutMs)}. Give milliseconds above 0.`)
}
