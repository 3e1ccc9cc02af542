import { TypewireError } from '../errors/typewire-error.ts'
import { PayloadError } from './payload-error.ts'

/** What the caller is told of a payload that cannot travel, or be read: `INVALID_INPUT`. Other errors stay as they are. */
export function refusalOf(error: unknown, origin: string): unknown {
  if (!(error instanceof PayloadError)) return error
  const issues = [{ message: error.message, path: [] }]
  return new TypewireError('INVALID_INPUT', `${origin}: ${error.message}`, { origin, issues })
}
