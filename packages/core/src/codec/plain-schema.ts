import type { Schema } from '../contract/schema.ts'

/**
 * Whether all that a schema gives out is plain JSON, so that no value of it need be looked at before it is encoded.
 * Asks the schema itself (Standard JSON Schema: `schema['~standard'].jsonSchema.output`); where it does not say, or
 * cannot (Date, Map, bigint, transforms, unknown), the answer is no, and each value is looked at.
 */
export function isPlainSchema(schema: Schema): boolean {
  const standard: WithJsonSchema = schema['~standard']
  let json: unknown
  try {
    json = standard.jsonSchema?.output({ target: 'draft-2020-12' })
  } catch {
    return false // the schema holds something that JSON Schema cannot say
  }
  if (!isObject(json)) return false
  // zod's numbers are finite; of other libraries' one cannot know, and JSON has no Infinity.
  const finiteNumbers = standard.vendor === 'zod'
  const definitions = isObject(json['$defs']) ? Object.values(json['$defs']) : []
  return isPlain(json, finiteNumbers) && definitions.every((definition) => isPlain(definition, finiteNumbers))
}

interface WithJsonSchema {
  readonly vendor: string
  readonly jsonSchema?: { readonly output: (options: { readonly target: string }) => unknown }
}

function isPlain(json: unknown, finiteNumbers: boolean): boolean {
  if (!isObject(json)) return json === false
  if ('const' in json || 'enum' in json || '$ref' in json) return true // `$defs` are looked at on their own
  for (const union of ['anyOf', 'oneOf', 'allOf']) {
    const members = json[union]
    if (Array.isArray(members)) return members.every((member) => isPlain(member, finiteNumbers))
  }
  switch (json['type']) {
    case 'string':
    case 'boolean':
    case 'null':
      return true
    case 'number':
    case 'integer':
      return finiteNumbers
    case 'object':
      return (
        Object.values(isObject(json['properties']) ? json['properties'] : {}).every((p) => isPlain(p, finiteNumbers)) &&
        isPlain(json['additionalProperties'], finiteNumbers)
      )
    default:
      // Arrays too: an item that may be left out reads like one that may not, and JSON would make null of undefined.
      return false
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
