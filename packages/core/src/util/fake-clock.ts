import type { CancelTimer, Clock } from './clock.ts'

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** For tests: time that passes when it is told to. Timers run in the order in which they are due, each at its time. */
export class FakeClock implements Clock {
  #nowMs: number
  #timers: Timer[] = []
  #endsOfTurn: (() => void)[] = []
  /** What `after` was asked for, in milliseconds. */
  readonly asked: number[] = []

  constructor(nowMs = 0) {
    this.#nowMs = nowMs
  }

  /** How many timers are armed. */
  get armed(): number {
    return this.#timers.length
  }

  readonly now = (): number => this.#nowMs

  readonly after = (ms: number, run: () => void): CancelTimer => {
    const timer = { dueMs: this.#nowMs + Math.max(0, ms), run }
    this.asked.push(ms)
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  readonly endOfTurn = (run: () => void): void => void this.#endsOfTurn.push(run)

  /** Ends the turn: runs what waits for that, and what that adds, once each. */
  endTurn(): void {
    for (let run = this.#endsOfTurn.shift(); run; run = this.#endsOfTurn.shift()) run()
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (let timer = this.#nextDue(endMs); timer; timer = this.#nextDue(endMs)) {
      const { dueMs, run } = timer
      this.#timers = this.#timers.filter((other) => other !== timer)
      this.#nowMs = Math.max(this.#nowMs, dueMs)
      run()
    }
    this.#nowMs = endMs
  }

  /** Lets time pass without its timers: they fire late, at the next `advance`. */
  sleep(ms: number): void {
    this.#nowMs += ms
  }

  #nextDue(endMs: number): Timer | undefined {
    return this.#timers.filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs)[0]
  }
}
