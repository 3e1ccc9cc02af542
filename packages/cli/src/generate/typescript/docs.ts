import { type Described, type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'

/** Longer patterns say nothing to who reads them. */
const maxPatternLength = 60

/** What a schema says beyond its type, as lines of a comment. */
export function docOfSchema(schema: JsonSchema): readonly string[] {
  if (typeof schema === 'boolean') return []
  const { description, deprecated } = schema
  return [
    ...(typeof description === 'string' ? [description] : []),
    ...(factsOf(schema).length > 0 ? [factsOf(schema).join(' ')] : []),
    ...(deprecated === true ? ['@deprecated'] : []),
  ]
}

/** What a definition says of itself. */
export function docOfDefinition({ description, deprecated }: Described): readonly string[] {
  return [
    ...(description === undefined ? [] : [description]),
    ...(deprecated === undefined || deprecated === false
      ? []
      : [deprecated === true ? '@deprecated' : `@deprecated ${deprecated}`]),
  ]
}

function factsOf(schema: JsonSchemaObject): readonly string[] {
  const { format, pattern, multipleOf } = schema
  const type = schema[keywords.type]
  const isText = schema['type'] === 'string' && type === undefined
  const isList = (schema['type'] === 'array' && type === undefined) || type === 'set' || type === 'map'
  const isNumber = schema['type'] === 'integer' || schema['type'] === 'number'
  return [
    ...(isText && typeof format === 'string' ? [`Format: ${format}.`] : []),
    ...(isText && format === undefined && typeof pattern === 'string' && pattern.length <= maxPatternLength
      ? [`Matches \`${pattern}\`.`]
      : []),
    ...(isText ? countOf(schema['minLength'], schema['maxLength'], 'character') : []),
    ...(isList && schema['prefixItems'] === undefined
      ? countOf(schema['minItems'], schema['maxItems'], type === 'map' ? 'entry' : 'item')
      : []),
    ...(schema['type'] === 'integer' && type === undefined ? ['A whole number.'] : []),
    ...(isNumber && type === undefined ? numberBounds(schema) : []),
    ...(type === 'Date' || type === 'bigint' ? richBounds(schema) : []),
    ...(typeof multipleOf === 'number' ? [`A multiple of ${multipleOf}.`] : []),
    ...(isText || isNumber || !isList ? [] : eachOf(schema)),
    ...('default' in schema ? [`Default: \`${JSON.stringify(schema['default'])}\`.`] : []),
  ]
}

/** What is said of the items of a list, which have no place for a comment of their own. */
function eachOf({ items }: JsonSchemaObject): readonly string[] {
  if (typeof items !== 'object' || items === null || Array.isArray(items)) return []
  const facts = factsOf(items as JsonSchemaObject)
  return facts.length > 0
    ? [`Each: ${facts.map((fact) => fact.charAt(0).toLowerCase() + fact.slice(1)).join(' ')}`]
    : []
}

function countOf(min: unknown, max: unknown, what: string): readonly string[] {
  const all = what === 'entry' ? 'entries' : `${what}s`
  const some = (count: number) => `${count} ${count === 1 ? what : all}`
  const isMin = typeof min === 'number' && min > 0
  if (typeof max === 'number') {
    if (min === max) return [`${some(max)}.`]
    return [isMin ? `${min} to ${some(max)}.` : `At most ${some(max)}.`]
  }
  return isMin ? [`At least ${some(min)}.`] : []
}

/** Those which JavaScript itself sets are left out. */
function numberBounds(schema: JsonSchemaObject): readonly string[] {
  const bound = (keyword: string) => {
    const value = schema[keyword]
    return typeof value === 'number' && Math.abs(value) !== Number.MAX_SAFE_INTEGER ? String(value) : undefined
  }
  return boundsText(bound('minimum'), bound('maximum'), bound('exclusiveMinimum'), bound('exclusiveMaximum'))
}

function richBounds(schema: JsonSchemaObject): readonly string[] {
  const bound = (keyword: string) => (typeof schema[keyword] === 'string' ? schema[keyword] : undefined)
  return boundsText(
    bound(keywords.minimum),
    bound(keywords.maximum),
    bound(keywords.exclusiveMinimum),
    bound(keywords.exclusiveMaximum),
  )
}

type Bound = string | undefined

function boundsText(min: Bound, max: Bound, above: Bound, below: Bound): readonly string[] {
  if (min !== undefined && max !== undefined) return [`From ${min} to ${max}.`]
  return [
    ...(min === undefined ? [] : [`At least ${min}.`]),
    ...(above === undefined ? [] : [`More than ${above}.`]),
    ...(max === undefined ? [] : [`At most ${max}.`]),
    ...(below === undefined ? [] : [`Less than ${below}.`]),
  ]
}
