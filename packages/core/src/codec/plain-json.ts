/** Deeper than this a value is left to superjson, and then to its error about cycles or to the receiver's limit. */
const maxDepth = 512

/**
 * Whether JSON alone carries the value: strings, booleans, finite numbers, null, and plain objects and arrays of them.
 * A member that is `undefined` is not plain: JSON would drop it.
 */
export function isPlainJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
    case 'object':
      return value === null || (depth < maxDepth && isPlainContainer(value, depth + 1))
    default:
      return false
  }
}

function isPlainContainer(value: object, depth: number): boolean {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlainJson(value[i], depth)) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  for (const key in value) if (!isPlainJson((value as Record<string, unknown>)[key], depth)) return false
  return true
}
