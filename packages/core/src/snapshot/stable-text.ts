/** JSON with sorted keys, so that equal values have equal text. `indent` as in `JSON.stringify`. */
export function stableText(json: unknown, indent?: number): string {
  return JSON.stringify(sorted(json), null, indent)
}

/** The same with sorted keys; the names of members that a schema requires have no order of their own either. */
export function sorted(json: unknown): unknown {
  return sortedWithin(json, 'words')
}

/** `names`: its keys are names of the contract's, and no words. `value`: it is a value, and says nothing of schemas. */
function sortedWithin(json: unknown, keysAre: 'words' | 'names' | 'value'): unknown {
  if (Array.isArray(json)) return json.map((item) => sortedWithin(item, keysAre))
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => {
        if (keysAre === 'value') return [key, sortedWithin(value, 'value')]
        if (keysAre === 'names') return [key, sortedWithin(value, 'words')]
        if (key === 'required' && isTexts(value)) return [key, [...value].sort()]
        return [key, sortedWithin(value, values.has(key) ? 'value' : byName.has(key) ? 'names' : 'words')]
      }),
  )
}

/** What holds values, and not schemas. */
const values: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples'])
/** What holds members by names of the contract's, in which `description` is a name as any other. */
export const byName: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'dependentSchemas',
  'procedures',
  'streams',
  'errors',
  'toServer',
  'toClient',
  'rooms',
  'namespaces',
])

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
