import superjson from 'superjson'
import { at, PayloadError, readAnnotations } from './annotations.ts'
import { isPlainJson } from './plain-json.ts'
import { revive } from './revive.ts'

/**
 * A payload as it ends a frame's JSON text: nothing for `undefined`, else `,json`, and `,json,annotations` where JSON
 * alone does not carry it. `isKnownPlain` skips the look at the value: its schema lets nothing else through.
 * @throws PayloadError when it holds what cannot travel: a cycle, a function, a class that superjson does not know.
 */
export function encodePayload(value: unknown, isKnownPlain = false): string {
  if (value === undefined) return '' // PL-1
  if (isKnownPlain || isPlainJson(value)) return `,${JSON.stringify(value)}`
  const { json, meta } = serialize(value)
  const text = JSON.stringify(json) as string | undefined
  if (text === undefined) throw new PayloadError(`A ${typeof value} cannot travel`)
  if (meta?.referentialEqualities !== undefined) refuseCycles(meta.referentialEqualities)
  if (meta?.values === undefined) return `,${text}`
  readAnnotations(meta.values) // throws for types that do not travel
  return `,${text},${JSON.stringify(meta.values)}` // PL-2
}

function serialize(value: unknown) {
  try {
    return superjson.serialize(value)
  } catch (error) {
    throw new PayloadError(error instanceof RangeError ? 'The payload is nested too deep' : String(error))
  }
}

/**
 * superjson writes a value that stands in two places twice, which is what we send, and one that holds itself as null,
 * which would be a loss.
 */
function refuseCycles(equalities: object): void {
  // [paths equal to the root, …] or { path: paths equal to it }
  if (Array.isArray(equalities)) throw new PayloadError('The payload holds itself, which cannot travel')
  for (const [path, equals] of Object.entries(equalities) as [string, readonly string[]][]) {
    if (equals.some((other) => other.startsWith(`${path}.`))) {
      throw new PayloadError(`${path} holds itself, which cannot travel`)
    }
  }
}

/**
 * The value of a frame's payload and annotations (`undefined` or 0: none). The payload is changed in place.
 * @throws PayloadError for annotations that are malformed, too many, not allowed, or do not fit the payload.
 */
export function decodePayload(json: unknown, annotations: unknown): unknown {
  if (annotations === undefined || annotations === 0) return json
  let value = json
  for (const { type, path } of readAnnotations(annotations)) {
    const last = path.at(-1)
    if (last === undefined) value = revive(type, value, path)
    else {
      const parent = container(value, path)
      parent[last] = revive(type, parent[last], path)
    }
  }
  return value
}

/** The object or array that holds the last step of a path. Only own members are stepped into: no prototype is reached. */
function container(root: unknown, path: readonly string[]): Record<string, unknown> {
  let value = root
  for (const key of path.slice(0, -1)) value = own(value, key, path)[key]
  return own(value, path.at(-1)!, path)
}

function own(value: unknown, key: string, path: readonly string[]): Record<string, unknown> {
  const isContainer = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype
  if (isContainer && typeof value === 'object' && key !== '__proto__' && Object.hasOwn(value as object, key)) {
    return value as Record<string, unknown>
  }
  throw new PayloadError(`The type annotation of ${at(path)} points to nothing`)
}
