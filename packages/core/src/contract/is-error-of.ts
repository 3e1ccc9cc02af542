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
  const called = name.slice(dot + 1)
  // What was sent into a room names the room as well: `chat.typing`.
  return dot === -1 || error.origin === undefined || error.origin === called || error.origin.endsWith(`.${called}`)
}
