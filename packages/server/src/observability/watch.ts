import { type Clock, isTypewireError } from '@typewire/core'
import { isPromiseLike, type Reply } from '@typewire/core/internal'
import type { Incidents } from '../errors.ts'
import type { PeerSession } from '../peer-session.ts'
import type { ConnectionFacts, EndedFacts, ServerHooks, SessionFacts } from './hooks.ts'

interface HookFacts {
  readonly onCall: EndedFacts
  readonly onEvent: EndedFacts
  readonly onJoin: EndedFacts
  readonly onConnection: ConnectionFacts
  readonly onSession: SessionFacts
}

/** Measures what hooks are told of, and nothing else. There is one where there are hooks. */
export class Watch {
  readonly #hooks: readonly ServerHooks[]
  readonly #clock: Clock
  readonly #incidents: Incidents
  readonly #sessionsSince = new WeakMap<PeerSession, number>()

  constructor(hooks: readonly ServerHooks[], clock: Clock, incidents: Incidents) {
    this.#hooks = hooks
    this.#clock = clock
    this.#incidents = incidents
  }

  /** Something has begun that is answered. `name`: undefined where the contract has none. */
  onBegun(
    hook: 'onCall' | 'onEvent' | 'onJoin',
    { session, reply }: { readonly session: PeerSession; readonly reply: Reply },
    name: string | undefined,
  ): void {
    if (!this.#hears(hook)) return
    const startMs = this.#clock.now()
    const { id: sessionId, identity } = session
    reply.onOutcome = (failure) => {
      const outcome = outcomeOf(failure)
      const durationMs = this.#clock.now() - startMs
      this.#tell(hook, { name, outcome, durationMs, sessionId, identity, transport: session.transport }, sessionId)
    }
  }

  /** Returns how to say that it has ended. */
  onConnected(): ((facts: Omit<ConnectionFacts, 'durationMs'>) => void) | undefined {
    if (!this.#hears('onConnection')) return undefined
    const startMs = this.#clock.now()
    return (facts) => this.#tell('onConnection', { ...facts, durationMs: this.#clock.now() - startMs }, facts.sessionId)
  }

  onSessionBegun(session: PeerSession): void {
    if (this.#hears('onSession')) this.#sessionsSince.set(session, this.#clock.now())
  }

  onSessionEnded(session: PeerSession, reason: string): void {
    const startMs = this.#sessionsSince.get(session)
    if (startMs === undefined) return
    const { id: sessionId, identity } = session
    this.#tell('onSession', { sessionId, identity, durationMs: this.#clock.now() - startMs, reason }, sessionId)
  }

  #hears(hook: keyof HookFacts): boolean {
    return this.#hooks.some((hooks) => hooks[hook])
  }

  #tell<Hook extends keyof HookFacts>(hook: Hook, facts: HookFacts[Hook], sessionId: string | undefined): void {
    const report = (error: unknown) => this.#incidents.report(error, `hooks.${hook}`, sessionId)
    for (const hooks of this.#hooks) {
      try {
        const run = hooks[hook] as ((facts: HookFacts[Hook]) => unknown) | undefined
        const result = run?.call(hooks, facts)
        if (isPromiseLike(result)) result.then(undefined, report)
      } catch (error) {
        report(error)
      }
    }
  }
}

function outcomeOf(failure: string | Error | undefined): string {
  if (failure === undefined) return 'OK'
  if (typeof failure === 'string') return failure
  return isTypewireError(failure) ? failure.code : 'ABORTED'
}
