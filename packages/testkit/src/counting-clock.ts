import type { Clock } from '@typewire/core'

/** The real time, with count of the timers that are set. */
export interface CountingClock extends Clock {
  /** How many timers are set. 0 is what a test that is over asks for. */
  readonly pending: number
}

/** Creates one. `speed`: how much faster time goes than it does, so that limits of seconds pass within a test. */
export function createCountingClock(speed = 1): CountingClock {
  const timers = new Set<object>()
  return {
    now: () => performance.now() * speed,
    after(ms, run) {
      const timer = setTimeout(() => {
        timers.delete(timer)
        run()
      }, ms / speed)
      timers.add(timer)
      return () => {
        clearTimeout(timer)
        timers.delete(timer)
      }
    },
    endOfTurn: (run) => void setImmediate(run),
    get pending() {
      return timers.size
    },
  }
}
