import type { FakeClock } from '@typewire/testkit'

/** What a promise gives that needs time to pass: moves the clock on until it settles, in steps, and by an hour at most. */
export async function movedOn<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  void promise.then(
    () => (isSettled = true),
    () => (isSettled = true),
  )
  for (let step = 0; !isSettled && step < 36_000; step++) await clock.advance(100)
  return promise
}
