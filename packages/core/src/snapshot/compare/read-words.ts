import { type JsonSchema, type JsonSchemaObject, keywords } from '../types.ts'
import { tighter } from './merge-words.ts'
import { type Bound, noWords, type WireBound, type Words } from './shape.ts'

/** What the keywords of a schema say, without those that hold other schemas of the same value. */
export function readWords(schema: JsonSchemaObject, wire: string | undefined): Words {
  const found: Record<string, unknown> = {}
  const { minLength, maxLength, pattern, format, minItems, maxItems, minProperties, maxProperties } = schema
  for (const [key, value] of Object.entries({ minLength, maxLength, minItems, maxItems, minProperties, maxProperties }))
    if (typeof value === 'number') found[key] = value
  if (typeof pattern === 'string') found['patterns'] = [pattern]
  if (typeof format === 'string') found['formats'] = [format]
  if (typeof schema['multipleOf'] === 'number') found['multiples'] = [schema['multipleOf']]
  if (schema['type'] === 'integer') found['integer'] = true
  if (schema['uniqueItems'] === true) found['unique'] = true
  return {
    ...noWords,
    ...found,
    ...boundsOf(schema),
    ...wireBoundsOf(schema, wire),
    ...itemsOf(schema),
    ...propertiesOf(schema),
  }
}

/** `integer` is asked of the single type: of `['integer', 'string']` the caller says it. */
function boundsOf(schema: JsonSchemaObject): Pick<Words, 'lower' | 'upper'> {
  const bound = (keyword: string, exclusive: boolean): Bound | undefined => {
    const value = schema[keyword]
    return typeof value === 'number' ? { value, exclusive } : undefined
  }
  return {
    lower: tighter(bound('minimum', false), bound('exclusiveMinimum', true), (x, y) => x > y),
    upper: tighter(bound('maximum', false), bound('exclusiveMaximum', true), (x, y) => x < y),
  }
}

function wireBoundsOf(schema: JsonSchemaObject, wire: string | undefined): Pick<Words, 'wireLower' | 'wireUpper'> {
  const bound = (keyword: string, exclusive: boolean): WireBound | undefined => {
    const text = schema[keyword]
    const value = typeof text === 'string' ? wireValue(text, wire) : undefined
    return value === undefined ? undefined : { value, exclusive, text: String(text) }
  }
  return {
    wireLower: tighter(bound(keywords.minimum, false), bound(keywords.exclusiveMinimum, true), (x, y) => x > y),
    wireUpper: tighter(bound(keywords.maximum, false), bound(keywords.exclusiveMaximum, true), (x, y) => x < y),
  }
}

/** What a text says of a type whose values have an order. `undefined`: nobody can tell. */
export function wireValue(text: string, wire: string | undefined): number | bigint | undefined {
  // Of a file: how many bytes it has.
  if (wire === 'bigint' || wire === 'File') return /^-?\d+$/.test(text) ? BigInt(text) : undefined
  if (wire !== 'Date') return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

function itemsOf({ prefixItems, items }: JsonSchemaObject): Pick<Words, 'prefix' | 'rest'> {
  return {
    prefix: Array.isArray(prefixItems) ? prefixItems.filter(isSchema) : [],
    rest: isSchema(items) ? items : true,
  }
}

type PropertyWords = Pick<Words, 'properties' | 'required' | 'exact' | 'additional' | 'names' | 'declares'>

function propertiesOf(schema: JsonSchemaObject): PropertyWords {
  const { properties, required, additionalProperties, propertyNames, patternProperties } = schema
  const named = Object.entries(isObject(properties) ? properties : {}).filter((entry): entry is [string, JsonSchema] =>
    isSchema(entry[1]),
  )
  // What matches a pattern is taken beside what is named: whoever sends it may send anything there.
  const others = patternProperties === undefined ? additionalProperties : true
  return {
    properties: new Map(named),
    required: new Set(textsIn(required)),
    exact: new Set(textsIn(schema[keywords.exact])),
    additional: isSchema(others) ? others : undefined,
    names: isSchema(propertyNames) ? propertyNames : undefined,
    declares: isObject(properties),
  }
}

const textsIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []

const isObject = (value: unknown): value is JsonSchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isObject(value)
