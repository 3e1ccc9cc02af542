import { turn } from '@typewire/testkit'

/** How long what must happen may take before the test says that it did not. Reached only by a test that fails. */
const limitMs = 5_000

/** Lets the event loop turn until something holds. @throws Error with what was waited for, when it does not in time. */
export async function eventually(holds: () => boolean, what: string, withinMs: number = limitMs): Promise<void> {
  const start = performance.now()
  while (!holds()) {
    if (performance.now() - start > withinMs) throw new Error(`${what}: not within ${withinMs} ms.`)
    await turn()
  }
}

/** The same for a promise: what it settled to, with what was waited for where it never settles. */
export async function settled<T>(promise: Promise<T>, what: string): Promise<PromiseSettledResult<T>> {
  let result: PromiseSettledResult<T> | undefined
  void Promise.allSettled([promise]).then(([only]) => (result = only))
  await eventually(() => result !== undefined, `${what} settles`)
  return result!
}

/** Lets what is on its way on this machine's sockets arrive, for a test that asserts that nothing comes. */
export async function quiet(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await turn()
}
