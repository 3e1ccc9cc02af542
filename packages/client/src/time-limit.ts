/** The element of a frame that tells a time limit, of which an infinite one is none, and under which id it was first sent. */
export function optionsText(timeoutMs: number | undefined, again: number | undefined): string {
  const limit = timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY ? [] : [`"timeoutMs":${timeoutMs}`]
  const options = again === undefined ? limit : [...limit, `"again":${again}`]
  return options.length === 0 ? '0' : `{${options.join(',')}}`
}

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(timeoutMs: unknown, where: string): asserts timeoutMs is number | undefined {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${where}: timeoutMs is ${JSON.stringify(timeoutMs)}. Give milliseconds above 0.`)
}
