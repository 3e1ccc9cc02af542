import type { CancelTimer, Clock } from '@typewire/core'
import { turn } from './turn.ts'

/** Time that stands still until a test moves it. Turns of the event loop are real: sockets go on working. */
export interface FakeClock extends Clock {
  /**
   * Moves time on, and runs what falls due in order, each at its own time. Between two of them promises settle, and
   * what they set within the span runs too.
   * @throws RangeError for time that goes back; Error when timers beget timers without end.
   */
  readonly advance: (ms: number) => Promise<void>
  /** How many timers are set. 0 is what a test that is over asks for. */
  readonly pending: number
}

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** More in one `advance` than any test means: something sets itself again without a delay. */
const maxTimers = 10_000

/** Creates a clock that stands at 0. */
export function createFakeClock(): FakeClock {
  const timers = new Set<Timer>()
  let now = 0

  const after = (ms: number, run: () => void): CancelTimer => {
    const timer = { dueMs: now + Math.max(0, ms), run }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  const advance = async (ms: number): Promise<void> => {
    if (!(ms >= 0)) throw new RangeError(`advance(${ms}): give milliseconds from 0 up.`)
    const end = now + ms
    for (let ran = 0; ; ran++) {
      await turn()
      const timer = earliest(timers, end)
      if (!timer) break
      if (ran === maxTimers) throw new Error(`advance(${ms}): ${maxTimers} timers ran and the next is due already.`)
      timers.delete(timer)
      now = Math.max(now, timer.dueMs)
      timer.run()
    }
    now = end
  }

  return {
    now: () => now,
    after,
    endOfTurn: (run) => void setImmediate(run),
    advance,
    get pending() {
      return timers.size
    },
  }
}

/** The timer that is due first, up to a time; of several the one that was set first. */
function earliest(timers: ReadonlySet<Timer>, endMs: number): Timer | undefined {
  let first: Timer | undefined
  for (const timer of timers) {
    if (timer.dueMs <= endMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer
  }
  return first
}
