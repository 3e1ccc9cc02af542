import type { Clock } from '@typewire/core'

// Until the client's own clock calls queueMicrotask as a function and not as a method ("Illegal invocation").
export const clock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  endOfTurn: (run) => queueMicrotask(run),
}
