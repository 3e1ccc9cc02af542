import { TypewireError } from '@typewire/core'

/** An error of a namespace, for who asked something of it. */
export function errorFor(
  origin: string,
  { code, message }: TypewireError,
  outcome?: 'not_sent' | 'unknown',
): TypewireError {
  return new TypewireError(code as 'CLOSED', `${origin}: ${message}`, { origin, outcome })
}

/** What may pass: the server could not tell, or was not asked. */
export const passingCodes: ReadonlySet<string> = new Set(['INTERNAL', 'TIMED_OUT', 'OVERLOADED', 'FORBIDDEN'])
