import type { JsonSchema } from '@typewire/core/snapshot'

// AsyncAPI's own schemas are a superset of JSON Schema draft 07; the snapshot's are of 2020-12. What differs is said anew.

/** @param nameOf what a definition of the snapshot is called among the components */
export function toDraft07(schema: JsonSchema, nameOf: (ref: string) => string): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const { $ref, prefixItems, ...others } = schema
  const said: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(others)) said[nameIn07[keyword] ?? keyword] = convert(keyword, value)
  if (Array.isArray(prefixItems)) {
    if ('items' in said) said['additionalItems'] = said['items']
    said['items'] = prefixItems.map((item) => toDraft07(item as JsonSchema, nameOf))
    if (prefixItems.length === 0) delete said['items']
  }
  if (typeof said['deprecated'] === 'string') said['deprecated'] = true
  if (typeof $ref !== 'string') return said
  const reference = { $ref: nameOf($ref) }
  // In draft 07 nothing counts beside a `$ref`.
  return Object.keys(said).length === 0 ? reference : { ...said, allOf: [reference, ...arrayOf(said['allOf'])] }

  function convert(keyword: string, value: unknown): unknown {
    if (inOne.has(keyword)) return isSchema(value) ? toDraft07(value, nameOf) : value
    if (inList.has(keyword) && Array.isArray(value)) return value.map((item) => toDraft07(item as JsonSchema, nameOf))
    if (inMap.has(keyword) && isObject(value))
      return Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, toDraft07(inner as JsonSchema, nameOf)]),
      )
    return value
  }
}

const nameIn07: Readonly<Record<string, string>> = {
  dependentRequired: 'dependencies',
  dependentSchemas: 'dependencies',
  $defs: 'definitions',
}
const inOne = new Set(['items', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else'])
const inList = new Set(['anyOf', 'oneOf', 'allOf'])
const inMap = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs'])

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'boolean' || (isObject(value) && !Array.isArray(value))
const arrayOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
