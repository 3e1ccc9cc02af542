import { type ContractSnapshot, type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'
import { definitionOf } from '../definition-of.ts'

/** The definitions of a contract, and how to read a schema that nobody promises to be of any shape. */
export class Schemas {
  readonly definitions: ReadonlyMap<string, JsonSchema>

  constructor(snapshot: ContractSnapshot) {
    this.definitions = new Map(Object.entries(snapshot.$defs ?? {}))
  }

  /** The name that a schema refers to, if it does no more than that. */
  nameOf(schema: JsonSchema): string | undefined {
    if (typeof schema === 'boolean' || typeof schema['$ref'] !== 'string') return undefined
    return definitionOf(schema['$ref'], (name) => this.definitions.has(name))
  }

  /** What a schema refers to, with what is said beside the reference. */
  resolve(schema: JsonSchema): JsonSchemaObject {
    let found = objectOf(schema)
    for (let steps = 0; typeof found['$ref'] === 'string' && steps < maxSteps; steps++) {
      const { $ref: _, ...beside } = found
      found = { ...objectOf(this.definitions.get(this.nameOf(found)!) ?? true), ...beside }
    }
    return found
  }
}

/** A reference that leads to itself leads nowhere. */
const maxSteps = 16

export const objectOf = (schema: JsonSchema): JsonSchemaObject =>
  typeof schema === 'boolean' ? (schema ? {} : { not: {} }) : schema

export const isObject = (value: unknown): value is JsonSchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isObject(value)
export const schemasOf = (value: unknown): readonly JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : [])

/** The members of an object. */
export function propertiesOf(schema: JsonSchemaObject): readonly (readonly [string, JsonSchema])[] {
  const { properties } = schema
  return isObject(properties)
    ? Object.entries(properties).filter((entry): entry is [string, JsonSchema] => isSchema(entry[1]))
    : []
}

export const isRequired = (schema: JsonSchemaObject, name: string) =>
  Array.isArray(schema['required']) && schema['required'].includes(name)

/** What a union is of; `undefined`: it is none. */
export function unionOf(schema: JsonSchemaObject): readonly JsonSchema[] | undefined {
  const of = schemasOf(schema['anyOf'] ?? schema['oneOf'])
  return of.length > 0 ? of : undefined
}

/** The type of what JSON cannot say. */
export function richTypeOf(schema: JsonSchemaObject): string | undefined {
  const type = schema[keywords.type]
  return typeof type === 'string' ? type : undefined
}

export const isNull = (schema: JsonSchema) =>
  isObject(schema) && (schema['type'] === 'null' || schema['const'] === null) && richTypeOf(schema) === undefined

/** Nothing travels, whatever the schema is called. */
export const isUndefined = (schema: JsonSchema) => isObject(schema) && richTypeOf(schema) === 'undefined'
