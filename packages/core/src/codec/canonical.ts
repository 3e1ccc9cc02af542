import { maxPayloadNesting } from './nesting.ts'
import { encodeWithoutBytes } from './payload.ts'
import { isPlainJson, isPlainObject } from './plain-json.ts'

/**
 * One text for equal values, whatever the order of their keys: the identity of a room's params.
 * @throws PayloadError when the value cannot travel, or holds bytes.
 */
export function canonicalText(value: unknown): string {
  return isCanonical(value) ? `,${JSON.stringify(value)}` : canonicalTextBy(encodeWithoutBytes, value)
}

/** As params mostly are: members in their order, none of which holds others. A server finds a room by them for each event. */
function isCanonical(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !isPlainObject(value)) return false
  let before = ''
  for (const key in value) {
    const member = value[key]
    if (key < before || typeof member === 'object' || !isPlainJson(member)) return false
    before = key
  }
  return true
}

/** The same, where payloads are written otherwise. @throws what `encode` throws. */
export function canonicalTextBy(encode: (value: unknown) => string, value: unknown): string {
  const told = withoutUndefined(value)
  const elements = isPlainJson(told) ? [told] : (JSON.parse(`[${encode(told).slice(1)}]`) as unknown[])
  return elements.map((element) => `,${JSON.stringify(sortKeys(element))}`).join('')
}

/** A member that is undefined is as good as missing. Only plain objects are looked into, as deep as a payload may be. */
function withoutUndefined(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth > maxPayloadNesting) return value
  if (Array.isArray(value)) return value.map((item) => withoutUndefined(item, depth + 1))
  if (!isPlainObject(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, withoutUndefined(member, depth + 1)]))
}

/** Of JSON, which cannot hold itself. */
function sortKeys(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sortKeys)
  if (typeof json !== 'object' || json === null) return json
  const entries = Object.entries(json).map(([key, member]) => [key, sortKeys(member)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
