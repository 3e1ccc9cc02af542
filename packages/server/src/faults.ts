import { TypewireError } from '@typewire/core'
import type { Incidents } from './errors.ts'

/** The most kinds of faults of one session that are told one by one. */
const maxTold = 20

/**
 * What a client did wrong where nobody waits for an answer. The first of each kind is told, the others are counted and
 * told when the session ends: what a client can send for nothing must not fill a log.
 */
export class Faults {
  readonly #incidents: Incidents
  readonly #sessionId: string
  /** Made for the first. */
  #counts: Map<string, number> | undefined
  #others = 0

  constructor(incidents: Incidents, sessionId: string) {
    this.#incidents = incidents
    this.#sessionId = sessionId
  }

  note(code: string, where: string, message: string): void {
    const kind = `${code} ${where}`
    const counts = (this.#counts ??= new Map())
    const count = counts.get(kind)
    if (count === undefined && counts.size >= maxTold) {
      this.#others++
      return
    }
    counts.set(kind, (count ?? 0) + 1)
    if (count === undefined) this.#incidents.report(new TypewireError(code, message), where, this.#sessionId)
  }

  /** The session is over. */
  end(): void {
    const repeated = [...(this.#counts?.values() ?? [])].reduce((sum, count) => sum + count - 1, this.#others)
    this.#counts = undefined
    if (repeated === 0) return
    const message = `${repeated} more events of this session were not handled, for the reasons above.`
    this.#incidents.report(new TypewireError('OVERLOADED', message), 'session', this.#sessionId)
  }
}
