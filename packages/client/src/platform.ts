import type { Clock } from '@typewire/core'
import type { OnClientError } from './types.ts'

/** Node has it, browsers do not. */
declare const setImmediate: ((run: () => void) => unknown) | undefined

/** A longer timer would fire at once. */
const maxTimerMs = 2_147_483_647

/** The platform's time. Timers exist only while something waits for them: a call, an attempt to connect. */
export const platformClock: Clock = {
  now: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, maxTimerMs))
    return () => clearTimeout(timer)
  },
  // In Node after the poll phase, so that all that was read in this turn is answered together; in browsers, where a
  // message is a task of its own, behind the promises that it settled.
  endOfTurn: typeof setImmediate === 'function' ? (run) => void setImmediate(run) : (run) => queueMicrotask(run),
}

/** Where errors go that have no caller: as the platform reports what nobody caught. */
export function reportToPlatform(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  // oxlint-disable-next-line no-console -- the documented default of onError where there is no reportError (Node)
  else console.error(error)
}

/** An `onError` that throws itself must starve nobody: what it threw is reported as nobody caught it. */
export function guarded(onError: OnClientError): OnClientError {
  return (error, info) => {
    try {
      onError(error, info)
    } catch (failure) {
      reportToPlatform(failure)
    }
  }
}
