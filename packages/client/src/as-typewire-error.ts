import { isTypewireError, TypewireError } from '@typewire/core'

/** A mistake in the program that no answer can be: nobody who handles what a call may meet handles it. */
export class Misuse extends TypeError {}

/**
 * What went wrong, as the one error class: what is not one comes from a schema or an encoder that failed by itself.
 * @throws Misuse as it is.
 */
export function asTypewireError(error: unknown, origin: string): TypewireError {
  if (isTypewireError(error)) return error
  if (error instanceof Misuse) throw error
  return new TypewireError('INTERNAL', `${origin}: ${String(error)}`, { origin, cause: error })
}
