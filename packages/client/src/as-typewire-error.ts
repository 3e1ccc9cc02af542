import { isTypewireError, TypewireError } from '@typewire/core'

/** What went wrong, as the one error class: what is not one comes from a schema or an encoder that failed by itself. */
export function asTypewireError(error: unknown, origin: string): TypewireError {
  if (isTypewireError(error)) return error
  return new TypewireError('INTERNAL', `${origin}: ${String(error)}`, { origin, cause: error })
}
