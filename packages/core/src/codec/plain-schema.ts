import type { Schema } from '../contract/schema.ts'
import { isPlainJson } from './plain-json.ts'

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
  // zod's numbers are finite and its formats are of texts. Of other libraries' one cannot know: JSON Schema has no word
  // for Infinity, and some write a date as the text that it becomes.
  const isZod = standard.vendor === 'zod'
  return isPlain(json, isZod)
}

interface WithJsonSchema {
  readonly vendor: string
  readonly jsonSchema?: { readonly output: (options: { readonly target: string }) => unknown }
}

const unions = ['anyOf', 'oneOf', 'allOf']
/** What may stand for bytes, or for members that are not listed. */
const neverPlain = ['contentEncoding', 'contentMediaType', 'patternProperties']

function isPlain(json: unknown, isZod: boolean): boolean {
  if (!isObject(json)) return json === false // the schema of what cannot be
  if (neverPlain.some((keyword) => keyword in json) || (!isZod && 'format' in json)) return false
  if (hidesInfinity(json)) return false
  if ('const' in json || 'enum' in json) return isPlainJson([json['const'] ?? null, json['enum'] ?? null])
  if ('$ref' in json) return false // what refers to itself may nest deeper than a message may
  for (const union of unions) {
    const members = json[union]
    if (Array.isArray(members)) return members.every((member) => isPlain(member, isZod))
  }
  const type = json['type']
  const types: readonly unknown[] = Array.isArray(type) ? type : [type]
  return types.every((one) => isPlainType(one, json, isZod))
}

/** zod writes null for a number that JSON cannot write: where a value that is given is null and should not be. */
function hidesInfinity({ default: preset, const: only, enum: members, type }: Record<string, unknown>): boolean {
  if (preset !== undefined && String(JSON.stringify(preset)).includes('null')) return true
  const isNull = [type].flat().includes('null')
  return !isNull && (only === null || (Array.isArray(members) && members.includes(null)))
}

function isPlainType(type: unknown, json: Record<string, unknown>, isZod: boolean): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return true
    case 'number':
    case 'integer':
      return isZod
    case 'object': {
      const properties = isObject(json['properties']) ? Object.values(json['properties']) : []
      return properties.every((property) => isPlain(property, isZod)) && isPlain(json['additionalProperties'], isZod)
    }
    default:
      // Arrays too: an item that may be left out reads like one that may not, and JSON would make null of undefined.
      return false
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
