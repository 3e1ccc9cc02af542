import { type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'

/** The schemas of a snapshot that others refer to. */
export type Definitions = Readonly<Record<string, JsonSchema>>

/** A schema with what it refers to in its place. More hops than that lead in a circle. */
export function resolved(schema: JsonSchema, definitions: Definitions): JsonSchemaObject {
  let at = schema
  for (let hops = 0; hops < maxHops; hops++) {
    if (typeof at === 'boolean') return {}
    const { $ref, ...rest } = at
    if (typeof $ref !== 'string') return at
    const target = definitions[decodeURIComponent($ref.slice('#/$defs/'.length))] ?? true
    if (Object.keys(rest).length === 0) at = target
    else return { ...rest, allOf: [...listOf(rest['allOf']), target] }
  }
  return {}
}

const maxHops = 100

export const listOf = (value: unknown): readonly JsonSchema[] => (Array.isArray(value) ? (value as JsonSchema[]) : [])

export const recordOf = (value: unknown): Readonly<Record<string, JsonSchema>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, JsonSchema>>) : {}

/** The type that PL-3 names, where a value is one that JSON cannot say. */
export function richTypeOf(schema: JsonSchemaObject): string | undefined {
  const type = schema[keywords.type]
  return typeof type === 'string' ? type : undefined
}

/** What a member of an object is to be. */
export function memberSchema(schema: JsonSchemaObject, name: string): JsonSchema {
  const properties = recordOf(schema['properties'])
  if (Object.hasOwn(properties, name)) return properties[name]!
  for (const [pattern, of] of Object.entries(recordOf(schema['patternProperties'])))
    if (new RegExp(pattern, 'u').test(name)) return of
  return (schema['additionalProperties'] as JsonSchema | undefined) ?? true
}

/** What an item of an array is to be. */
export function itemSchema(schema: JsonSchemaObject, index: number): JsonSchema {
  return listOf(schema['prefixItems'])[index] ?? (schema['items'] as JsonSchema | undefined) ?? true
}
