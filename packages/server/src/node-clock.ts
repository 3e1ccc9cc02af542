import { AsyncResource } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import type { Clock } from '@typewire/core'

/** A longer timer would fire at once. */
const maxTimerMs = 2_147_483_647

/**
 * Where timers are set, as they run for whoever waits: what `AsyncLocalStorage` holds for the request that has asked first is
 * no affair of the others.
 */
const outside = new AsyncResource('typewire.clock')

/** Node's time. Timers do not keep the process alive; the server's sockets do. */
export const nodeClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = outside.runInAsyncScope(() => setTimeout(run, Math.min(ms, maxTimerMs)))
    timer.unref()
    return () => clearTimeout(timer)
  },
  // After the poll phase: replies to all that was read in this turn leave together.
  endOfTurn(run) {
    if (due.push(run) === 1) outside.runInAsyncScope(setImmediate, undefined, runDue)
  },
}

/** What the end of this turn runs: an immediate for all of it, as a room's event makes each of its members write. */
let due: (() => void)[] = []

function runDue(): void {
  const runs = due
  due = []
  for (const run of runs) {
    try {
      run()
    } catch (error) {
      // As of an immediate of its own: it is uncaught, and the others have run.
      setImmediate(() => {
        throw error
      })
    }
  }
}
