import { at, PayloadError, readAnnotations } from './annotations.ts'
import { encodeRich } from './encode-rich.ts'
import { isPlainJson, isPlainObject } from './plain-json.ts'
import { revive } from './revive.ts'

/**
 * A payload as it ends a frame's JSON text: nothing for `undefined`, else `,json`, and `,json,annotations` where JSON
 * alone does not carry it. `isKnownPlain` skips the look at the value: its schema lets nothing else through.
 * @throws PayloadError when it holds what cannot travel: itself, a function, an instance of a class, …
 */
export function encodePayload(value: unknown, isKnownPlain = false): string {
  if (isKnownPlain && value !== undefined) return `,${JSON.stringify(value)}`
  return elementsText(toElements(value))
}

/** A payload as the last elements of a frame: `json` is `undefined` where there is none. */
export interface Elements {
  readonly json: unknown
  readonly annotations: unknown
}

/** @throws PayloadError when the value cannot travel. */
export function toElements(value: unknown): Elements {
  return value === undefined || isPlainJson(value) ? { json: value, annotations: undefined } : encodeRich(value)
}

export function elementsText({ json, annotations }: Elements): string {
  if (json === undefined) return '' // PL-1
  return annotations === undefined
    ? `,${JSON.stringify(json)}`
    : `,${JSON.stringify(json)},${JSON.stringify(annotations)}` // PL-2
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
  if (typeof value === 'object' && value !== null && key !== '__proto__' && Object.hasOwn(value, key)) {
    if (isPlainObject(value)) return value
    if (Array.isArray(value) && key !== 'length') return value as unknown as Record<string, unknown>
  }
  throw new PayloadError(`The type annotation of ${at(path)} points to nothing`)
}
