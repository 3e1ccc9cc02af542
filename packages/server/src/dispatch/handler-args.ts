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
