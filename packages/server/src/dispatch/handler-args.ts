import type { AnyContract } from '@typewire/core'
import type { PeerSession } from '../peer-session.ts'
import type { Reach } from '../types.ts'

/**
 * What a handler gets: what is its own (`input`, `payload`, …), and what all get. Getters of the object itself, so that
 * `signal` is made when it is first read (most handlers never do) and yet goes along when a wrapper spreads it.
 * `lifetime`: whose end aborts the signal: the answer that is owed, or the session.
 */
export function handlerArgs<Own extends object>(
  server: Reach<AnyContract>,
  session: PeerSession,
  lifetime: { readonly signal: AbortSignal },
  own: Own,
) {
  return {
    ...own,
    ctx: session.ctx,
    server,
    get session() {
      return session.facade
    },
    get signal() {
      return lifetime.signal
    },
  }
}
