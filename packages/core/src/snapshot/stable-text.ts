/** JSON with sorted keys, so that equal values have equal text. `indent` as in `JSON.stringify`. */
export function stableText(json: unknown, indent?: number): string {
  return JSON.stringify(sorted(json), null, indent)
}

/** The same with sorted keys; the names of members that are required have no order of their own either. */
export function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, key === 'required' && isTexts(value) ? [...value].sort() : sorted(value)]),
  )
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
