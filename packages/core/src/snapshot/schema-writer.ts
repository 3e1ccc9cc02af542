import type { Schema } from '../contract/schema.ts'
import { hoistDefinitions } from './definitions.ts'
import { otherVendors } from './other-wire-forms.ts'
import { keywords, type JsonSchema } from './types.ts'
import { addRestrictions } from './zod-restrictions.ts'
import { addUndefined, orUndefined } from './zod-undefined.ts'
import { createValueFilter } from './zod-values.ts'
import { type ZodSchema, zodWireForm } from './zod-wire-forms.ts'

/** `toServer`: what clients may give. `toClient`: what they get. */
export type Direction = 'toServer' | 'toClient'

/** Standard JSON Schema (https://standardschema.dev/json-schema). */
interface JsonSchemaMethods {
  readonly input: (options: JsonSchemaOptions) => unknown
  readonly output: (options: JsonSchemaOptions) => unknown
}

interface JsonSchemaOptions {
  readonly target: 'draft-2020-12'
  readonly libraryOptions?: Readonly<Record<string, unknown>>
}

/** Turns the schemas of one contract into JSON Schema, and gathers what they refer to and what cannot be said. */
export class SchemaWriter {
  readonly definitions = new Map<string, JsonSchema>()
  readonly problems = new Set<string>()
  readonly #names: ReadonlyMap<unknown, string>
  /** What is being written within maps and sets: one within itself would never end. */
  readonly #open = new Set<unknown>()

  /** Schemas of which a child says what they are. */
  readonly #said = new WeakSet<ZodSchema>()

  /** @param names how definitions are to be called, by schema */
  constructor(names: ReadonlyMap<unknown, string>) {
    this.#names = names
  }

  /** A payload: also whether there may be none. */
  payload(schema: Schema, direction: Direction, where: string): JsonSchema {
    const json = this.#write(schema, direction, where)
    if (typeof json === 'boolean' || !this.#takesNone(schema, direction)) return json
    return { ...json, [keywords.optional]: true }
  }

  #write(schema: Schema, direction: Direction, where: string): JsonSchema {
    const standard = schema['~standard'] as Schema['~standard'] & { readonly jsonSchema?: JsonSchemaMethods }
    const method = standard.jsonSchema?.[direction === 'toServer' ? 'input' : 'output']
    if (method === undefined) {
      this.problems.add(
        `${where}: the schema, of ${standard.vendor}, does not tell its JSON Schema. ${adviceFor(standard.vendor)}`,
      )
      return true
    }
    try {
      const report = (why: string) => void this.problems.add(`${where}: ${why}`)
      const libraryOptions = isZod(schema)
        ? this.#zodOptions(direction, where)
        : otherVendors[standard.vendor]?.(report)
      const json = method({ target: 'draft-2020-12', ...(libraryOptions && { libraryOptions }) })
      return hoistDefinitions(this.definitions, json as JsonSchema, nameOfPlace(where), direction)
    } catch (error) {
      this.problems.add(`${where}: ${standard.vendor} cannot tell its JSON Schema: ${messageOf(error)}`)
      return true
    }
  }

  #zodOptions(direction: Direction, where: string): Readonly<Record<string, unknown>> {
    const filterValues = createValueFilter()
    return {
      metadata: { get: (schema: ZodSchema) => this.#metaOf(schema) },
      unrepresentable: ({ zodSchema, path }: { zodSchema: ZodSchema; path: readonly (string | number)[] }) => {
        const { type } = zodSchema._zod.def
        // A default that JSON cannot say is left out.
        if (type === 'default' || type === 'prefault' || this.#saysWhatItIs(zodSchema)) return 'any'
        const place = where + placeWithin(path)
        const form = zodWireForm(zodSchema, (inner) =>
          orUndefined(this.#inner(inner, direction, place), inner, direction),
        )
        if (form !== undefined) return form
        this.problems.add(`${place}: ${sayWhy(zodSchema)}`)
        return 'any'
      },
      override: ({ zodSchema, jsonSchema }: { zodSchema: ZodSchema; jsonSchema: Record<string, unknown> }) => {
        const { type, catchall } = zodSchema._zod.def
        // zod strips what it does not know; that a result has nothing more says nothing to who reads it.
        if (type === 'object' && catchall === undefined) delete jsonSchema['additionalProperties']
        filterValues(zodSchema, jsonSchema)
        addUndefined(zodSchema, jsonSchema, direction)
        addRestrictions(zodSchema, jsonSchema, direction)
      },
    }
  }

  /** What is in a map or a set. One that leads back to itself is told by its name. */
  #inner(inner: ZodSchema, direction: Direction, where: string): JsonSchema {
    if (this.#open.has(inner)) {
      const name = this.#metaOf(inner)?.['id']
      if (typeof name === 'string') return { $ref: `#/$defs/${name}` }
      this.problems.add(
        `${where}: it holds itself by way of a map or a set. Name what it is: export it, or .meta({ id: 'Name' }).`,
      )
      return true
    }
    this.#open.add(inner)
    try {
      return this.#write(inner, direction, where)
    } finally {
      this.#open.delete(inner)
    }
  }

  /** A schema of which JSON Schema can say nothing may say it of itself, by `meta`: that makes another schema of it, its parent. */
  #saysWhatItIs(schema: ZodSchema): boolean {
    const meta = schema.meta?.()
    const isSaid = this.#said.has(schema) || (meta !== undefined && saying.some((keyword) => keyword in meta))
    if (isSaid && schema._zod.parent) this.#said.add(schema._zod.parent)
    return isSaid
  }

  #metaOf(schema: ZodSchema): Readonly<Record<string, unknown>> | undefined {
    const meta = schema.meta?.()
    const name = this.#names.get(schema)
    return name === undefined || meta?.['id'] !== undefined ? meta : { ...meta, id: name }
  }

  /** Asked of the schema itself, as JSON Schema has no word for it. */
  #takesNone(schema: Schema, direction: Direction): boolean {
    try {
      const result = schema['~standard'].validate(undefined) as { issues?: unknown; value?: unknown } | Promise<unknown>
      if (result instanceof Promise) {
        result.catch(() => {})
        return false
      }
      return result.issues === undefined && (direction === 'toServer' || result.value === undefined)
    } catch {
      return false // a schema that throws takes nothing
    }
  }
}

const isZod = (schema: Schema): schema is ZodSchema => '_zod' in schema

/** Words of JSON Schema that say what a value is. */
const saying = ['type', '$ref', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'not']

function sayWhy(schema: ZodSchema): string {
  const { type } = schema._zod.def
  const meta = ".meta({ type: 'string' }), in words of JSON Schema"
  if (type === 'transform')
    return `what comes out of a transform nobody can tell. Say it: .pipe(z.string()), or ${meta}.`
  if (type === 'custom') return `what a custom schema takes nobody can tell. Say it: ${meta}.`
  return `a ${type} cannot travel. Take it out of the contract.`
}

function adviceFor(vendor: string): string {
  if (vendor === 'zod') return 'Use zod 4.2 or newer.'
  if (vendor === 'valibot') return 'Wrap it: toStandardJsonSchema(schema), of @valibot/to-json-schema.'
  return 'Use one that has Standard JSON Schema (https://standardschema.dev/json-schema).'
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** `properties`, `x`, `items` → `.x[]`. */
function placeWithin(path: readonly (string | number)[]): string {
  let place = ''
  for (let at = 0; at < path.length; at++) {
    const step = path[at]
    if (step === 'properties') place += `.${path[++at]}`
    else if (step === 'items') place += '[]'
    else if (step === 'prefixItems') place += `[${path[++at]}]`
    else if (step === 'additionalProperties') place += '[…]'
    else if (step === 'anyOf' || step === 'oneOf' || step === 'allOf') place += ` (${step} ${path[++at]})`
  }
  return place
}

/** `procedures.send.output` → `SendOutput`. */
function nameOfPlace(where: string): string {
  return where
    .split('.')
    .filter((part) => !sections.has(part))
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}

const sections = new Set(['procedures', 'streams', 'events', 'rooms', 'namespaces', 'toServer', 'toClient'])
