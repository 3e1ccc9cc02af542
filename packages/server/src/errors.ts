import { randomUUID } from 'node:crypto'
import { type Issue, TypewireError } from '@typewire/core'
import { describeIssues, type ErrorFrameOptions } from '@typewire/core/internal'
import type { OnError } from './types.ts'

/** What a client is told of an error: nothing of what a handler threw unexpectedly but an incident id. */
export interface Told {
  readonly code: string
  readonly message: string
  readonly options: ErrorFrameOptions | 0
}

/** Gives errors to `onError`, whatever that does itself. */
export class Incidents {
  readonly #onError: OnError

  constructor(onError: OnError) {
    this.#onError = onError
  }

  report(error: unknown, where: string, sessionId?: string, incident?: string): void {
    try {
      this.#onError(error, { where, incident, sessionId })
    } catch (failure) {
      // oxlint-disable-next-line no-console -- the hook that errors go to has failed itself; nothing else is left
      console.error('Typewire: onError threw', failure, 'while it was given', error)
    }
  }

  /** Reports an error and gives what may be told of it (CA-9). */
  mask(error: unknown, where: string, sessionId: string): Told {
    const incident = randomUUID()
    this.report(error, where, sessionId, incident)
    return { code: 'INTERNAL', message: `${where} failed. Incident ${incident}.`, options: { incident } }
  }
}

/** A long list may have as many issues as items: what is told of them must not grow beyond what was sent. */
const maxIssuesTold = 20

/** What the peer sent does not match its schema. */
export function invalidInput(where: string, issues: readonly Issue[]): Told {
  const told = issues.slice(0, maxIssuesTold)
  return { code: 'INVALID_INPUT', message: `${where}: ${describeIssues(issues)}`, options: { issues: told } }
}

/** What this side is about to send does not match its schema. */
export function invalidOutput(
  { origin, what }: { readonly origin: string; readonly what: string },
  issues: readonly Issue[],
): TypewireError {
  return new TypewireError(
    'INVALID_OUTPUT',
    `${origin}: ${what} does not match the contract. ${describeIssues(issues)}`,
    {
      origin,
      issues,
    },
  )
}
