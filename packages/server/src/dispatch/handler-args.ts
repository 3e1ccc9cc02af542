import type { AnyContract } from '@typewire/core'
import type { Reply } from '@typewire/core/internal'
import type { PeerSession } from '../peer-session.ts'
import type { Reach } from '../types.ts'

type AnyReach = Reach<AnyContract>

// What handlers get. Getters of the object itself, so that `signal` is made when it is first read (most handlers never
// do) and yet goes along when a wrapper spreads the arguments.

/** Of the `session` hook. */
export function hookArgs(server: AnyReach, session: PeerSession) {
  return {
    ctx: session.ctx,
    server,
    get session() {
      return session.facade
    },
    get signal() {
      return session.signal
    },
  }
}

export interface CallFacts {
  readonly input: unknown
  readonly errors: object
  readonly timeoutMs: number
}

export function callArgs(server: AnyReach, session: PeerSession, reply: Reply, facts: CallFacts) {
  const { input, errors, timeoutMs } = facts
  return {
    input,
    errors,
    deadlineMs: Date.now() + timeoutMs,
    ctx: session.ctx,
    server,
    get session() {
      return session.facade
    },
    get signal() {
      return reply.signal
    },
  }
}

/** Of an event, and with `room` of a room's event. */
export function eventArgs(
  server: AnyReach,
  session: PeerSession,
  reply: Reply,
  facts: { readonly payload: unknown; readonly params?: unknown; readonly room?: object },
) {
  return {
    ...facts,
    ctx: session.ctx,
    server,
    get session() {
      return session.facade
    },
    get signal() {
      return reply.signal
    },
  }
}

export function authorizeArgs(server: AnyReach, session: PeerSession, reply: Reply, params: unknown) {
  return {
    params,
    ctx: session.ctx,
    server,
    get session() {
      return session.facade
    },
    get signal() {
      return reply.signal
    },
  }
}
