import { type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'
import { text } from './names.ts'

// What the runtime must know of a payload beyond what its values say of themselves; forms.py says how it is written.

/** Types of which a value of Python does not say that it is one. */
const untold = new Set([
  'undefined',
  'bigint',
  'URL',
  'set',
  'map',
  'buffer',
  ...['Int8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array'],
  ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
])

/** How deep members of a union are told apart. */
const look = 2

export class Forms {
  readonly #definitions: Readonly<Record<string, JsonSchema>>
  readonly #asked = new Set<string>()

  constructor(definitions: Readonly<Record<string, JsonSchema>>) {
    this.#definitions = definitions
  }

  /** The form, as code of Python. `None` where values say all. */
  of(schema: JsonSchema | undefined): string {
    return this.#form(schema ?? true, 0)
  }

  /** The forms that others refer to, by name. */
  definitions(): readonly (readonly [string, string])[] {
    const written = new Map<string, string>()
    for (let before = -1; before !== written.size;) {
      before = written.size
      for (const name of this.#asked)
        if (!written.has(name)) written.set(name, this.#form(this.#definitions[name] ?? true, look))
    }
    return [...written].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Whether Python can hash all values of it, and keeps them apart as JavaScript does. */
  isHashable(schema: JsonSchema): boolean {
    const kinds = this.#kinds(schema, new Set())
    return kinds !== undefined && [...kinds].filter((kind) => ['number', 'boolean', 'bigint'].includes(kind)).length < 2
  }

  #kinds(schema: JsonSchema, open: Set<string>): Set<string> | undefined {
    if (typeof schema === 'boolean') return undefined
    if (typeof schema['$ref'] === 'string') {
      const name = nameOf(schema['$ref'])
      if (open.has(name)) return undefined
      return this.#kinds(this.#definitions[name] ?? true, new Set([...open, name]))
    }
    const type = schema[keywords.type]
    if (type === 'Date' || type === 'bytes' || type === 'buffer' || type === 'bigint') return new Set([type])
    if (type === 'URL' || type === 'regexp') return new Set(['string'])
    if (type === 'undefined') return new Set(['null'])
    if (type !== undefined) return undefined
    const members = membersOf(schema)
    const all = members?.map((member) => this.#kinds(member, open))
    if (all) return all.some((kinds) => kinds === undefined) ? undefined : new Set(all.flatMap((kinds) => [...kinds!]))
    if ('const' in schema || Array.isArray(schema['enum'])) {
      const values = 'const' in schema ? [schema['const']] : (schema['enum'] as unknown[])
      return new Set(values.map((value) => (value === null ? 'null' : typeof value)))
    }
    const kind = schema['type'] === 'integer' ? 'number' : schema['type']
    return typeof kind === 'string' && ['string', 'number', 'boolean', 'null'].includes(kind)
      ? new Set([kind])
      : undefined
  }

  /** Whether a value of it may hold something of which values do not say what it is. */
  #isUntold(schema: JsonSchema, open: ReadonlySet<string> = new Set()): boolean {
    if (typeof schema === 'boolean') return false
    if (typeof schema['$ref'] === 'string') {
      const name = nameOf(schema['$ref'])
      return !open.has(name) && this.#isUntold(this.#definitions[name] ?? true, new Set([...open, name]))
    }
    const type = schema[keywords.type]
    if (typeof type === 'string') return untold.has(type)
    if (Array.isArray(schema['prefixItems'])) return true
    return [
      ...(membersOf(schema) ?? []),
      ...Object.values((schema['properties'] ?? {}) as Record<string, JsonSchema>),
      ...Object.values((schema['patternProperties'] ?? {}) as Record<string, JsonSchema>),
      ...[schema['items'], schema['additionalProperties']].filter((inner) => inner !== undefined),
      ...(Array.isArray(schema['allOf']) ? (schema['allOf'] as JsonSchema[]) : []),
    ].some((inner) => this.#isUntold(inner as JsonSchema, open))
  }

  #form(schema: JsonSchema, deep: number): string {
    if (typeof schema === 'boolean' || (deep === 0 && !this.#isUntold(schema))) return 'None'
    if (typeof schema['$ref'] === 'string') {
      this.#asked.add(nameOf(schema['$ref']))
      return `("ref", ${text(nameOf(schema['$ref']))})`
    }
    const inner = (part: unknown) => this.#form((part ?? true) as JsonSchema, Math.max(0, deep - 1))
    const type = schema[keywords.type]
    if (type === 'set') {
      const items = (schema['items'] ?? true) as JsonSchema
      return `(${this.isHashable(items) ? '"set"' : '"bag"'}, ${inner(items)})`
    }
    if (type === 'map') {
      const [key = true, value = true] = ((schema['items'] as JsonSchemaObject | undefined)?.['prefixItems'] ??
        []) as JsonSchema[]
      return `(${this.isHashable(key) ? '"map"' : '"pairs"'}, ${inner(key)}, ${inner(value)})`
    }
    if (typeof type === 'string') return text(type === 'number' ? 'nan' : type)
    if ('const' in schema) return constForm([schema['const']])
    if (Array.isArray(schema['enum'])) return constForm(schema['enum'])
    const members = membersOf(schema)
    if (members) return `("union", ${tuple(members.map((member) => this.#form(member, look)))})`
    if (Array.isArray(schema['allOf']))
      return this.#form(mergeAll(schema['allOf'] as JsonSchema[], this.#definitions), deep)
    if (Array.isArray(schema['prefixItems'])) {
      const rest = schema['items'] === undefined || schema['items'] === false ? 'False' : inner(schema['items'])
      return `("tuple", ${tuple((schema['prefixItems'] as unknown[]).map(inner))}, ${rest})`
    }
    if (schema['type'] === 'array') return `("array", ${inner(schema['items'])})`
    if (schema['type'] === 'object' || schema['properties']) return this.#objectForm(schema, inner)
    return typeof schema['type'] === 'string' ? text(schema['type']) : 'None'
  }

  #objectForm(schema: JsonSchemaObject, inner: (part: unknown) => string): string {
    const properties = (schema['properties'] ?? {}) as Record<string, JsonSchema>
    const others = schema['additionalProperties'] ?? Object.values(schema['patternProperties'] ?? {})[0]
    const rest = others === undefined || others === false ? 'None' : inner(others)
    if (Object.keys(properties).length === 0) return `("record", ${rest})`
    const members = Object.entries(properties)
      .map(([key, member]) => [key, inner(member)] as const)
      .filter(([, form]) => form !== 'None')
    const required = ((schema['required'] ?? []) as string[]).map((key) => text(key))
    return `("object", {${members.map(([key, form]) => `${text(key)}: ${form}`).join(', ')}}, ${tuple(required)}, ${rest})`
  }
}

const tuple = (items: readonly string[]) => `(${items.join(', ')}${items.length === 1 ? ',' : ''})`

function constForm(values: readonly unknown[]): string {
  const forms = values.map((value) =>
    typeof value === 'object' && value !== null ? 'None' : `("const", ${literal(value)})`,
  )
  return forms.length === 1 ? forms[0]! : `("union", ${tuple(forms)})`
}

/** A value of JSON that is no object and no array, as Python writes it. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return typeof value === 'string' ? text(value) : JSON.stringify(value)
}

export const nameOf = (ref: string) => ref.replace(/^#\/\$defs\//, '')

/** The members of a union, also of one by `type: ['string', 'null']`. */
export function membersOf(schema: JsonSchemaObject): readonly JsonSchema[] | undefined {
  const members = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(members)) return members as JsonSchema[]
  const { type } = schema
  return Array.isArray(type) ? type.map((each: unknown) => ({ ...schema, type: each })) : undefined
}

/** All members of several objects in one. `true` where one of them is something else. */
export function mergeAll(
  schemas: readonly JsonSchema[],
  definitions: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  if (schemas.length === 1) return schemas[0]!
  const merged = { type: 'object', properties: {} as Record<string, unknown>, required: [] as unknown[] }
  for (let schema of schemas) {
    for (let steps = 0; typeof schema === 'object' && typeof schema['$ref'] === 'string' && steps < 100; steps++)
      schema = definitions[nameOf(schema['$ref'])] ?? true
    if (typeof schema === 'object' && Array.isArray(schema['allOf']))
      schema = mergeAll(schema['allOf'] as JsonSchema[], definitions)
    if (typeof schema !== 'object' || typeof schema['properties'] !== 'object') return true
    Object.assign(merged.properties, schema['properties'])
    merged.required.push(...((schema['required'] ?? []) as unknown[]))
  }
  return { ...merged, required: [...new Set(merged.required)] }
}
