import { type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'
import { docOfSchema } from './docs.ts'
import { keyText, literalText, type Member, quoted, unionText } from './text.ts'

/** A type as text, and what binds its parts together: a list of it needs parentheses unless it is a `term`. */
interface Typed {
  readonly text: string
  readonly is: 'term' | 'operator' | 'intersection' | 'union'
  /** Of a union: its alternatives. */
  readonly of?: readonly string[]
}

const term = (text: string): Typed => ({ text, is: 'term' })
const unknown = term('unknown')
const never = term('never')

/** What values of these are in JavaScript (PL-3). */
const classes: Readonly<Record<string, string>> = {
  Date: 'Date',
  bigint: 'bigint',
  number: 'number',
  undefined: 'undefined',
  URL: 'URL',
  Error: 'Error',
  regexp: 'RegExp',
  Blob: 'Blob',
  File: 'File',
  bytes: 'Uint8Array<ArrayBuffer>',
  buffer: 'ArrayBuffer',
}

/** Turns the schemas of one contract into the types that their values have. */
export class SchemaTypes {
  readonly #definitions: Readonly<Record<string, JsonSchema>>
  readonly #names: ReadonlyMap<string, string>
  /** In a `type` that leads back to itself: aliases such as `Record` may not be on the way. */
  #isRecursive = false

  /** @param names what definitions are called, by their names in the snapshot */
  constructor(definitions: Readonly<Record<string, JsonSchema>>, names: ReadonlyMap<string, string>) {
    this.#definitions = definitions
    this.#names = names
  }

  text(schema: JsonSchema): string {
    return this.#typed(schema).text
  }

  /** The same of a definition's own schema. */
  definition(name: string): string {
    this.#isRecursive = this.#reaches(this.#definitions[name]!, name)
    try {
      return this.text(this.#definitions[name]!)
    } finally {
      this.#isRecursive = false
    }
  }

  /** The members of what can be an interface; `undefined` of all else. */
  members(schema: JsonSchema): readonly Member[] | undefined {
    if (typeof schema === 'boolean' || !isPlainObject(schema)) return undefined
    return this.#membersOf(schema)
  }

  #typed(schema: JsonSchema): Typed {
    if (typeof schema === 'boolean') return schema ? unknown : never
    const typed = this.#intersection(this.#partsOf(schema))
    return schema['readOnly'] === true ? this.#readonly(schema, typed) : typed
  }

  /** All that a value must be at once. */
  #partsOf(schema: JsonSchemaObject): readonly Typed[] {
    const { $ref, allOf, anyOf, oneOf, not } = schema
    return [
      ...(typeof $ref === 'string' ? [term(this.#names.get(definitionOf($ref, this.#names)) ?? 'unknown')] : []),
      ...(isSchemas(allOf) ? allOf.map((part) => this.#typed(part)) : []),
      ...[anyOf, oneOf].filter(isSchemas).map((parts) => this.#union(parts.map((part) => this.#typed(part)))),
      ...(not === true || (isObject(not) && Object.keys(not).length === 0) ? [never] : []),
      ...this.#own(schema),
    ]
  }

  #own(schema: JsonSchemaObject): readonly Typed[] {
    const { const: only, enum: some, type } = schema
    const rich = schema[keywords.type]
    if ('const' in schema) return [rich === 'number' ? term('number') : literalOf(only, rich)]
    if (Array.isArray(some)) return [this.#union(some.map((value) => literalOf(value, rich)))]
    if (typeof rich === 'string') return [this.#rich(schema, rich)]
    if (Array.isArray(type)) return [this.#union(type.map((one) => this.#ofType(schema, one)))]
    if (type !== undefined) return [this.#ofType(schema, type)]
    if ('properties' in schema || 'additionalProperties' in schema || 'patternProperties' in schema)
      return [this.#object(schema)]
    if ('items' in schema || 'prefixItems' in schema) return [this.#array(schema)]
    return []
  }

  #ofType(schema: JsonSchemaObject, type: unknown): Typed {
    if (type === 'object') return this.#object(schema)
    if (type === 'array') return this.#array(schema)
    if (type === 'integer') return term('number')
    return type === 'string' || type === 'number' || type === 'boolean' || type === 'null' ? term(type) : unknown
  }

  #rich(schema: JsonSchemaObject, type: string): Typed {
    const prefix = schema['readOnly'] === true ? 'Readonly' : ''
    const { items } = schema
    if (type === 'set') return term(`${prefix}Set<${this.#typed(schemaOr(items)).text}>`)
    if (type === 'map') {
      const [key, value] = isObject(items) && isSchemas(items['prefixItems']) ? items['prefixItems'] : []
      return term(`${prefix}Map<${this.#typed(key ?? true).text}, ${this.#typed(value ?? true).text}>`)
    }
    if (Object.hasOwn(classes, type)) return term(classes[type]!)
    return /^[A-Z]\w*Array$/.test(type) ? term(`${type}<ArrayBuffer>`) : unknown
  }

  #array(schema: JsonSchemaObject): Typed {
    const { prefixItems, items, minItems = 0, maxItems } = schema
    if (!isSchemas(prefixItems)) return term(`${inTerm(this.#typed(schemaOr(items)))}[]`)
    const elements = prefixItems.map((item, index) => {
      const typed = this.#typed(item)
      if (index < Number(minItems)) return typed.text
      return `${inTerm(this.#union([typed, term('undefined')]))}?`
    })
    const isClosed = items === false || (items === undefined && maxItems === prefixItems.length)
    const rest = isClosed ? [] : [`...${inTerm(this.#typed(schemaOr(items)))}[]`]
    return term(`[${[...elements, ...rest].join(', ')}]`)
  }

  #object(schema: JsonSchemaObject): Typed {
    const members = this.#membersOf(schema)
    const rest = this.#restOf(schema)
    if (members.length === 0) return this.#record(schema, rest)
    if (rest === undefined) return term(literalText(members))
    // A member must be of the index's type: where it is not, that is said by an intersection.
    const fits = rest.text === 'unknown' || members.every(({ text }) => text.endsWith(`: ${rest.text}`))
    const index: Member = { doc: [], text: `[key: string]: ${rest.text}` }
    if (fits) return term(literalText([...members, index]))
    return { text: `${literalText(members)} & ${literalText([index])}`, is: 'intersection' }
  }

  #membersOf({ properties, required, [keywords.exact]: exact }: JsonSchemaObject): readonly Member[] {
    if (!isObject(properties)) return []
    const needed = new Set(Array.isArray(required) ? (required as unknown[]) : [])
    const exactly = new Set(Array.isArray(exact) ? (exact as unknown[]) : [])
    return Object.entries(properties)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, property]) => {
        const typed = this.#typed(schemaOr(property))
        const text = needed.has(name)
          ? `${keyText(name)}: ${typed.text}`
          : `${keyText(name)}?: ${(exactly.has(name) ? typed : this.#union([typed, term('undefined')])).text}`
        return { doc: docOfSchema(schemaOr(property)), text }
      })
  }

  /** What further members are of. `undefined`: there are none. */
  #restOf({ properties, additionalProperties, patternProperties }: JsonSchemaObject): Typed | undefined {
    const patterns = isObject(patternProperties) ? Object.values(patternProperties).map(schemaOr) : []
    const isOpen = additionalProperties !== undefined && additionalProperties !== false
    const others = isOpen ? [schemaOr(additionalProperties)] : []
    if (patterns.length + others.length > 0)
      return this.#union([...patterns, ...others].map((schema) => this.#typed(schema)))
    return properties === undefined && additionalProperties === undefined ? unknown : undefined
  }

  /** An object of which no member is known by name. */
  #record(schema: JsonSchemaObject, rest: Typed | undefined): Typed {
    if (rest === undefined) return this.#mapped('string', 'never')
    const { propertyNames, required } = schema
    if (!isObject(propertyNames)) return this.#mapped('string', rest.text)
    if (propertyNames['pattern'] === numeric) return this.#mapped('number', rest.text)
    const keys = this.#resolved(propertyNames)
    const names = Array.isArray(keys['enum']) ? (keys['enum'] as unknown[]) : 'const' in keys ? [keys['const']] : []
    if (names.length === 0) return this.#mapped('string', rest.text)
    const needed = new Set(Array.isArray(required) ? (required as unknown[]) : [])
    return this.#mapped(this.#typed(propertyNames).text, rest.text, !names.every((name) => needed.has(name)))
  }

  #mapped(keys: string, value: string, isPartial = false): Typed {
    if (!this.#isRecursive) return term(isPartial ? `Partial<Record<${keys}, ${value}>>` : `Record<${keys}, ${value}>`)
    if (keys === 'string' || keys === 'number') return term(`{ [key: ${keys}]: ${value} }`)
    return term(`{ [key in ${keys}]${isPartial ? '?' : ''}: ${value} }`)
  }

  /** Of lists and tuples by the word, of maps and sets by their names, of objects by `Readonly`. */
  #readonly(schema: JsonSchemaObject, typed: Typed): Typed {
    if (typeof schema[keywords.type] === 'string' || schema['type'] === undefined) {
      return '$ref' in schema ? term(`Readonly<${typed.text}>`) : typed
    }
    if (schema['type'] === 'array') return { text: `readonly ${typed.text}`, is: 'operator' }
    return schema['type'] === 'object' ? term(`Readonly<${typed.text}>`) : typed
  }

  #union(parts: readonly Typed[]): Typed {
    const texts = new Set(parts.flatMap((part) => part.of ?? [part.text]))
    texts.delete('never')
    if (texts.has('unknown')) return unknown
    if (texts.size <= 1) return parts.find(({ text }) => texts.has(text)) ?? never
    const last = ['null', 'undefined'].filter((text) => texts.delete(text))
    const of = [...texts, ...last]
    return { text: unionText(of), is: 'union', of }
  }

  #intersection(parts: readonly Typed[]): Typed {
    const known = parts.filter(({ text }) => text !== 'unknown')
    if (known.length <= 1) return known[0] ?? unknown
    const texts = new Set(known.map((part) => (part.is === 'union' ? inTerm(part) : part.text)))
    return texts.size === 1 ? known[0]! : { text: [...texts].join(' & '), is: 'intersection' }
  }

  #resolved(schema: JsonSchemaObject): JsonSchemaObject {
    const { $ref } = schema
    const found = typeof $ref === 'string' ? this.#definitions[definitionOf($ref, this.#names)] : undefined
    return isObject(found) ? found : schema
  }

  /** Whether a definition is on the way from a schema. */
  #reaches(json: unknown, name: string, seen = new Set<string>()): boolean {
    if (Array.isArray(json)) return json.some((item) => this.#reaches(item, name, seen))
    if (typeof json !== 'object' || json === null) return false
    return Object.entries(json).some(([key, value]) => {
      if (key !== '$ref' || typeof value !== 'string') return this.#reaches(value, name, seen)
      const other = definitionOf(value, this.#names)
      if (other === name) return true
      if (seen.has(other)) return false
      seen.add(other)
      return this.#reaches(this.#definitions[other], name, seen)
    })
  }
}

/** The pattern of the keys that numbers have, as zod writes it. */
const numeric = '^-?\\d+(?:\\.\\d+)?$'

const inTerm = ({ text, is }: Typed) => {
  if (is === 'term') return text
  return text.startsWith('\n') ? `(${text}\n)` : `(${text})`
}

const isObject = (value: unknown): value is JsonSchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSchemas = (value: unknown): value is readonly JsonSchema[] => Array.isArray(value)

const schemaOr = (value: unknown): JsonSchema => (isObject(value) || typeof value === 'boolean' ? value : true)

/** `#/$defs/a~1b` → `a/b` (RFC 6901), unless it was written as it is. */
function definitionOf(ref: string, names: ReadonlyMap<string, string>): string {
  const name = ref.replace(/^#\/\$defs\//, '')
  return names.has(name) ? name : name.replaceAll('~1', '/').replaceAll('~0', '~')
}

/** Nothing but members: it can be an interface. */
function isPlainObject(schema: JsonSchemaObject): boolean {
  const { type, properties, additionalProperties, patternProperties, readOnly } = schema
  if (type !== 'object' || keywords.type in schema || readOnly === true) return false
  if (!isObject(properties) || Object.keys(properties).length === 0) return false
  if ((additionalProperties !== undefined && additionalProperties !== false) || patternProperties !== undefined)
    return false
  return !['$ref', 'allOf', 'anyOf', 'oneOf', 'not', 'const', 'enum'].some((keyword) => keyword in schema)
}

function literalOf(value: unknown, rich: unknown): Typed {
  if (rich === 'bigint') return term(typeof value === 'string' && /^-?\d+$/.test(value) ? `${value}n` : 'bigint')
  if (typeof value === 'string') return term(quoted(value))
  if (Array.isArray(value)) return term(`[${value.map((item) => literalOf(item, undefined).text).join(', ')}]`)
  if (!isObject(value)) return term(String(value))
  const members = Object.entries(value).map(([name, member]) => ({
    doc: [],
    text: `${keyText(name)}: ${literalOf(member, undefined).text}`,
  }))
  return term(literalText(members))
}
