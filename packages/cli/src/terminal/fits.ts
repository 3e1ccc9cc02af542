import type { JsonSchema, JsonSchemaObject } from '@typewire/core/snapshot'
import { leafForms } from './rich-forms.ts'
import { type Definitions, itemSchema, listOf, memberSchema, resolved, richTypeOf } from './schema-walk.ts'

/**
 * Whether what was written at a terminal may be meant by a schema: enough to tell the branches of a union apart, and no
 * validation, which is the server's. Formats and bounds of numbers are not looked at.
 */
export function fits(json: unknown, schema: JsonSchema, definitions: Definitions): boolean {
  if (typeof schema === 'boolean') return schema
  const at = resolved(schema, definitions)
  const all = (inner: unknown, of: JsonSchema) => fits(inner, of, definitions)
  if (!listOf(at['allOf']).every((part) => all(json, part))) return false
  for (const union of [at['anyOf'], at['oneOf']])
    if (Array.isArray(union) && !listOf(union).some((part) => all(json, part))) return false
  if ('const' in at && !isSame(json, at['const'])) return false
  if (Array.isArray(at['enum']) && !at['enum'].some((value) => isSame(json, value))) return false
  const rich = richTypeOf(at)
  if (rich !== undefined) return fitsRich(json, at, rich, definitions)
  if (!isOfType(json, at['type'])) return false
  if (typeof json === 'string') return typeof at['pattern'] !== 'string' || new RegExp(at['pattern'], 'u').test(json)
  if (Array.isArray(json)) return fitsItems(json, at, definitions)
  if (typeof json !== 'object' || json === null) return true
  return (
    requiredOf(at).every((name) => Object.hasOwn(json, name)) &&
    Object.entries(json).every(([name, member]) => all(member, memberSchema(at, name)))
  )
}

function fitsRich(json: unknown, schema: JsonSchemaObject, type: string, definitions: Definitions): boolean {
  if (type === 'set') return Array.isArray(json) && fitsItems(json, schema, definitions)
  if (type === 'map') return pairsOf(json)?.every((pair) => fits(pair, itemSchema(schema, 0), definitions)) ?? false
  return leafForms[type]?.read(json) !== undefined
}

/** A map is written as pairs, or as an object where its keys are texts. */
export function pairsOf(json: unknown): readonly unknown[] | undefined {
  if (Array.isArray(json)) return json
  return typeof json === 'object' && json !== null ? Object.entries(json) : undefined
}

function fitsItems(json: readonly unknown[], schema: JsonSchemaObject, definitions: Definitions): boolean {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  if (json.length < Number(minItems) || json.length > Number(maxItems)) return false
  return json.every((item, index) => fits(item, itemSchema(schema, index), definitions))
}

function isOfType(json: unknown, type: unknown): boolean {
  if (type === undefined) return true
  if (Array.isArray(type)) return type.some((one) => isOfType(json, one))
  if (type === 'null') return json === null
  if (type === 'integer') return Number.isInteger(json)
  if (type === 'array') return Array.isArray(json)
  if (type === 'object') return typeof json === 'object' && json !== null && !Array.isArray(json)
  return typeof json === type
}

const requiredOf = ({ required }: JsonSchemaObject) => (Array.isArray(required) ? (required as readonly string[]) : [])

const isSame = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)
