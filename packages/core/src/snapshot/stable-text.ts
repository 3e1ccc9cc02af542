/** JSON with sorted keys, so that equal values have equal text. `indent` as in `JSON.stringify`. */
export function stableText(json: unknown, indent?: number): string {
  return JSON.stringify(sorted(json), null, indent)
}

function sorted(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(sorted)
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, sorted(value)]),
  )
}
