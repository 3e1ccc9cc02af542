import type { Clock } from '@typewire/core'
import type { Access } from '../access.ts'

/** The options of the frame that it runs for, which middleware reads and handlers do not. */
export const frameOptions = Symbol('typewire.frameOptions')

/**
 * What a handler gets: what is its own (`input`, `payload`, …), and what all get. Getters of the object itself, so that
 * `signal` is made when it is first read (most handlers never do) and yet goes along when a wrapper spreads it.
 * `lifetime`: whose end aborts the signal: the answer that is owed, or the session's access.
 */
export function handlerArgs<Own extends object>(access: Access, lifetime: { readonly signal: AbortSignal }, own: Own) {
  return {
    ...own,
    ctx: access.ctx,
    server: access.namespace.surface.reach,
    get session() {
      return access.facade
    },
    get signal() {
      return lifetime.signal
    },
  }
}

/** What a handler gets whose time is limited: when that is over, too. It may be later by when it is read. */
export function timedArgs<Own extends object>(
  access: Access,
  { reply, time }: { readonly reply: { readonly signal: AbortSignal }; readonly time: TimeLeft },
  own: Own,
) {
  return {
    ...own,
    ctx: access.ctx,
    server: access.namespace.surface.reach,
    get deadlineMs() {
      return time.deadlineMs
    },
    get session() {
      return access.facade
    },
    get signal() {
      return reply.signal
    },
  }
}

/** When the time of a handler is over, by the clock that its limit is kept by. */
export class TimeLeft {
  readonly #clock: Clock
  #endsAtMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** It is so long from now on. */
  set(timeoutMs: number): void {
    this.#endsAtMs = this.#clock.now() + timeoutMs
  }

  /** Milliseconds since 1970, as the platform counts them by now. */
  get deadlineMs(): number {
    return Math.floor(Date.now() + this.#endsAtMs - this.#clock.now())
  }
}
