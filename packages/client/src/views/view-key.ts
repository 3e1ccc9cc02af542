import { canonicalText } from '@typewire/core/internal'
import { skip } from './room-view.ts'

/**
 * One text for equal params or inputs, whatever objects they are: by it a component knows whether its view is still of what it
 * shows.
 * @throws TypeError for what cannot travel, or holds bytes: that is used by `client.stream` itself, in an effect.
 */
export function viewKey(value: unknown): string {
  if (value === skip) return 'skip'
  if (value === undefined) return ''
  try {
    return canonicalText(value)
  } catch (error) {
    throw new TypeError(
      `Params and inputs of hooks are compared by value, which this one cannot be: ${String(error)}`,
      {
        cause: error,
      },
    )
  }
}
