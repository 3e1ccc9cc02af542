import { elementsText, toElements } from './payload.ts'

/**
 * One text for equal values, whatever the order of their keys: the identity of a room's params.
 * @throws PayloadError when the value cannot travel.
 */
export function canonicalText(value: unknown): string {
  const { json, annotations } = toElements(value)
  return elementsText({ json: sortKeys(json), annotations: sortKeys(annotations) })
}

/** Of JSON, which cannot hold itself. */
function sortKeys(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sortKeys)
  if (typeof json !== 'object' || json === null) return json
  const entries = Object.entries(json).map(([key, member]) => [key, sortKeys(member)] as const)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}
