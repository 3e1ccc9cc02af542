import { isTypewireError } from '../errors/typewire-error.ts'
import type { ErrorsOf, Fails } from './verbs.ts'

/**
 * Narrows an error that a verb rejected with, by the verb: `isErrorOf(client.call.send, error)`.
 * At run time it also compares the name that the error carries with the verb's.
 */
export function isErrorOf<Errors>(verb: Fails<Errors>, error: unknown): error is ErrorsOf<Errors> {
  if (!isTypewireError(error)) return false
  // Verbs are functions named by their path, `call.send`; a test's spy may have another name, and then any fits.
  const { name = '' } = verb as { readonly name?: string }
  const dot = name.indexOf('.')
  return dot === -1 || error.origin === undefined || name.slice(dot + 1) === error.origin
}
