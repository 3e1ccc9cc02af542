import { type Clock, isTypewireError } from '@typewire/core'
import { frames, isPromiseLike, type Reply, type RequestOutcome } from '@typewire/core/internal'
import { Access } from '../access.ts'
import type { CompiledHandlers } from '../compile.ts'
import type { Incidents } from '../errors.ts'
import type { PeerSession } from '../peer-session.ts'
import type { AckFacts, ConnectionFacts, EndedFacts, ServerHooks, SessionFacts, StreamFacts } from './hooks.ts'

interface HookFacts {
  readonly onCall: EndedFacts
  readonly onStream: StreamFacts
  readonly onEvent: EndedFacts
  readonly onJoin: EndedFacts
  readonly onAck: AckFacts
  readonly onConnection: ConnectionFacts
  readonly onSession: SessionFacts
}

/** What has begun, and will be answered. */
interface Begun {
  readonly session: PeerSession
  readonly reply: Reply
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

  /** A call has begun, by this name. */
  onCall(begun: Begun, { procedures, streams }: CompiledHandlers, name: string): void {
    const call = procedures.get(name) ?? streams.get(name)
    if (!streams.has(name) && !call?.upload) return this.onBegun('onCall', begun, call?.name)
    const { reply } = begun
    this.#onBegun('onStream', begun, name, (facts): StreamFacts => {
      return { ...facts, itemsSent: reply.outlet?.sent ?? 0, itemsReceived: reply.inlet?.received ?? 0 }
    })
  }

  /** Something has begun that is answered. `name`: undefined where the contract has none. */
  onBegun(hook: 'onCall' | 'onEvent' | 'onJoin', begun: Begun, name: string | undefined): void {
    this.#onBegun(hook, begun, name, (facts) => facts)
  }

  #onBegun<Hook extends 'onCall' | 'onStream' | 'onEvent' | 'onJoin'>(
    hook: Hook,
    { session, reply }: Begun,
    name: string | undefined,
    factsOf: (ended: EndedFacts) => HookFacts[Hook],
  ): void {
    if (!this.#hears(hook)) return
    const startMs = this.#clock.now()
    reply.onOutcome = (failure) => {
      const outcome = outcomeOf(failure)
      const durationMs = this.#clock.now() - startMs
      const { id: sessionId, transport } = session
      const { identity } = reply.owner instanceof Access ? reply.owner : session
      this.#tell(hook, factsOf({ name, outcome, durationMs, sessionId, identity, transport }), sessionId)
    }
  }

  /** The server has asked a client for an ack. Returns how to say what became of it, where that is heard. */
  onAsked(by: AckFacts['by'], { session, identity }: Access, name: string): ((outcome: string) => void) | undefined {
    if (!this.#hears('onAck')) return undefined
    const startMs = this.#clock.now()
    return (outcome) => {
      const durationMs = this.#clock.now() - startMs
      const { id: sessionId, transport } = session
      this.#tell('onAck', { name, outcome, durationMs, sessionId, identity, transport, by }, sessionId)
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

/** How a request of the server ended. */
export function outcomeOfRequest(outcome: RequestOutcome): string {
  if ('code' in outcome) return outcome.code
  return outcome[0] === frames.error.kind ? outcome[2] : 'OK'
}
