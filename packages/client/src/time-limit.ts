/** The element of a frame that tells a time limit; an infinite one is none. */
export function optionsText(timeoutMs: number | undefined): string {
  return timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY ? '0' : `{"timeoutMs":${timeoutMs}}`
}

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(timeoutMs: unknown, where: string): asserts timeoutMs is number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${where}: timeoutMs is ${JSON.stringify(timeoutMs)}. Give milliseconds above 0.`)
}
