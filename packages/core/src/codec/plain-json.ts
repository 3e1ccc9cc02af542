import { maxPayloadNesting } from './nesting.ts'

/**
 * Whether JSON alone carries the value: strings, booleans, finite numbers, null, and plain objects and arrays of them,
 * nested as deep as a message may be. A member that is `undefined` is not plain: JSON would drop it.
 */
export function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      return value === null || (depth < maxPayloadNesting && isPlainContainer(value, depth + 1))
    default:
      return false
  }
}

function isPlainContainer(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlainJson(value[i], depth)) return false
    return true
  }
  if (!isPlainObject(value)) return false
  for (const key in value) if (!isPlainJson(value[key], depth)) return false
  return true
}

/** An object that is no more than its members. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
