import { encodePayload } from './payload.ts'

/**
 * One text for equal values, whatever the order of their keys: the identity of a room's params.
 * @throws PayloadError when the value cannot travel.
 */
export function canonicalText(value: unknown): string {
  return encodePayload(sortKeys(value))
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys((value as Record<string, unknown>)[key])]),
  )
}
