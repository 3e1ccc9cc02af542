/**
 * The same promise, given up after so many milliseconds of real time: a test that waits for what never comes says what.
 * @throws Error with what `what` gives, at the time limit.
 */
export async function withinMs<T>(ms: number, promise: Promise<T>, what: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what()} within ${ms} ms.`)), ms)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    clearTimeout(timer)
  }
}
