/** Time, as everything that waits sees it. Tests give a fake one. */
export interface Clock {
  /** Milliseconds, never going back. */
  readonly now: () => number
  /** Runs once after so many milliseconds, unless cancelled. Never keeps a process alive. */
  readonly after: (ms: number, run: () => void) => CancelTimer
  /** Runs when the current turn of the event loop has produced all that it will: what is to be sent leaves together. */
  readonly endOfTurn: (run: () => void) => void
}

export type CancelTimer = () => void
