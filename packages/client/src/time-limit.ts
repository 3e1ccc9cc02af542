/** The options element of a request: a time limit, of which an infinite one is none, and what else is said. */
export function optionsText(timeoutMs: number | undefined, others?: object): string {
  const limit = timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY ? undefined : { timeoutMs }
  return limit || others ? JSON.stringify({ ...limit, ...others }) : '0'
}

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(timeoutMs: unknown, where: string): asserts timeoutMs is number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${where}: timeoutMs is ${JSON.stringify(timeoutMs)}. Give milliseconds above 0.`)
}
