import type { JsonSchema, JsonSchemaObject } from '@typewire/core/snapshot'
import { exampleOfNumber, exampleOfText } from './example-values.ts'
import {
  isNull,
  isObject,
  isRequired,
  isSchema,
  propertiesOf,
  richTypeOf,
  type Schemas,
  schemasOf,
  unionOf,
} from './schemas.ts'

/** A value that fits a schema, with the text of it in TypeScript and what is written for it (PL-3). */
export type Example =
  | { readonly kind: 'leaf'; readonly code: string; readonly json: unknown; readonly type?: string }
  | { readonly kind: 'list'; readonly items: readonly Example[]; readonly type?: 'set' | 'map' }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Example])[] }

/** The same for the same schema. `undefined`: there is none, so that it may be left out. */
export function exampleOf(schema: JsonSchema, schemas: Schemas): Example {
  return new Examples(schemas).of(schema, '')
}

/** Deep enough for anything that people write down, and an end to what leads back to itself. */
const maxDepth = 6

class Examples {
  readonly #schemas: Schemas
  readonly #open: string[] = []

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /** @param name what it is called, which says what it could be */
  of(schema: JsonSchema, name: string, depth = 0): Example {
    const reference = this.#schemas.nameOf(schema)
    if (reference !== undefined) {
      this.#open.push(reference)
      const example = this.of(this.#schemas.resolve(schema), name || reference, depth)
      this.#open.pop()
      return example
    }
    if (typeof schema === 'boolean') return leaf('Ada')
    const { examples } = schema
    const rich = richTypeOf(schema)
    if (rich !== undefined) return this.#rich(rich, schema, name, depth)
    if (Array.isArray(examples) && examples.length > 0) return plain(examples[0])
    if ('const' in schema) return plain(schema['const'])
    if (Array.isArray(schema['enum'])) return plain(schema['enum'][0])
    const union = unionOf(schema)
    if (union) return this.of(this.#best(union), name, depth)
    const all = schemasOf(schema['allOf'])
    if (all.length > 0) return this.#merged(all, name, depth)
    const type = Array.isArray(schema['type']) ? schema['type'].find((one) => one !== 'null') : schema['type']
    return this.#ofType(String(type), schema, name, depth)
  }

  #ofType(type: string, schema: JsonSchemaObject, name: string, depth: number): Example {
    if (type === 'object') return this.#object(schema, depth)
    if (type === 'array') return this.#list(schema, name, depth)
    if (type === 'number' || type === 'integer') return plain(exampleOfNumber(schema, name))
    if (type === 'boolean') return plain(true)
    if (type === 'null') return plain(null)
    return plain(exampleOfText(schema, name))
  }

  /** The first that is something, and does not lead back to where one is. */
  #best(union: readonly JsonSchema[]): JsonSchema {
    const isBack = (one: JsonSchema) => this.#open.includes(this.#schemas.nameOf(one) ?? '')
    const somethings = union.filter((one) => !isNull(one) && richTypeOf(isObject(one) ? one : {}) !== 'undefined')
    return somethings.find((one) => !isBack(one)) ?? union.find(isNull) ?? union[0]!
  }

  #merged(all: readonly JsonSchema[], name: string, depth: number): Example {
    const parts = all.map((part) => this.of(part, name, depth))
    const members = parts.flatMap((part) => (part.kind === 'object' ? part.members : []))
    return members.length > 0 ? { kind: 'object', members: [...new Map(members)] } : parts[0]!
  }

  #object(schema: JsonSchemaObject, depth: number): Example {
    const required = propertiesOf(schema).filter(([name]) => isRequired(schema, name))
    const { additionalProperties: others } = schema
    if (propertiesOf(schema).length === 0 && isObject(others) && Object.keys(others).length > 0) {
      const key = isSchema(schema['propertyNames']) ? this.of(schema['propertyNames'], 'key', depth + 1) : leaf('key')
      const text = key.kind === 'leaf' ? String(key.json) : 'key'
      return { kind: 'object', members: depth >= maxDepth ? [] : [[text, this.of(others, text, depth + 1)]] }
    }
    const members = required.map(([name, member]) => [name, this.of(member, name, depth + 1)] as const)
    return { kind: 'object', members }
  }

  #list(schema: JsonSchemaObject, name: string, depth: number): Example {
    if (Array.isArray(schema['prefixItems']))
      return {
        kind: 'list',
        items: schemasOf(schema['prefixItems']).map((item) => this.of(item, name, depth + 1)),
      }
    const { items, minItems } = schema
    const back = isSchema(items) ? this.#schemas.nameOf(items) : undefined
    if (minItems === undefined && (depth >= maxDepth || (back !== undefined && this.#open.includes(back))))
      return { kind: 'list', items: [] }
    const item = this.of(isSchema(items) ? items : true, name.replace(/s$/, ''), depth + 1)
    const count = typeof minItems === 'number' ? Math.min(Math.max(minItems, 1), 3) : 1
    return { kind: 'list', items: Array.from({ length: count }, () => item) }
  }

  #rich(type: string, schema: JsonSchemaObject, name: string, depth: number): Example {
    if (type === 'set') return { ...(this.#list({ ...schema, minItems: 1 }, name, depth) as object), type } as Example
    if (type === 'map') {
      const pair = isObject(schema['items']) ? schema['items'] : { prefixItems: [true, true] }
      return { kind: 'list', type, items: [this.#list(pair, name, depth + 1)] }
    }
    const [code, json] = richExamples[type] ?? ['undefined', null]
    if (type === 'bigint') {
      const told = schema['const'] ?? schema['x-typewire-minimum'] ?? json
      const digits = typeof told === 'string' ? told : '0'
      return { kind: 'leaf', type, code: `${digits}n`, json: digits }
    }
    return { kind: 'leaf', type, code, json }
  }
}

const at = '2026-01-31T12:00:00.000Z'

const richExamples: Readonly<Record<string, readonly [code: string, json: unknown]>> = {
  undefined: ['undefined', null],
  Date: [`new Date('${at}')`, at],
  bigint: ['12345678901234567890n', '12345678901234567890'],
  number: ['NaN', 'NaN'],
  URL: ["new URL('https://example.com/')", 'https://example.com/'],
  Error: ["new RangeError('too far')", { name: 'RangeError', message: 'too far' }],
  regexp: ['/^[a-z]+$/i', '/^[a-z]+$/i'],
  bytes: ['new Uint8Array([1, 2, 3])', 0],
  buffer: ['new ArrayBuffer(8)', 0],
  Blob: ["new Blob(['hello'], { type: 'text/plain' })", [0, 'text/plain']],
  File: ["new File(['hello'], 'a.txt', { type: 'text/plain' })", [0, 'text/plain', 'a.txt', 1769860800000]],
  ...Object.fromEntries(
    [
      'Int8Array',
      'Uint8ClampedArray',
      'Int16Array',
      'Uint16Array',
      'Int32Array',
      'Uint32Array',
      'Float32Array',
      'Float64Array',
    ].map((name) => [name, [`new ${name}([1, 2, 3])`, 0] as const]),
  ),
  BigInt64Array: ['new BigInt64Array([1n, 2n, 3n])', 0],
  BigUint64Array: ['new BigUint64Array([1n, 2n, 3n])', 0],
}

const leaf = (text: string): Example => ({ kind: 'leaf', code: JSON.stringify(text), json: text })

function plain(value: unknown): Example {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(plain) }
  if (isObject(value)) return { kind: 'object', members: Object.entries(value).map(([key, one]) => [key, plain(one)]) }
  return { kind: 'leaf', code: typeof value === 'string' ? quoted(value) : JSON.stringify(value), json: value }
}

/** As people write it: in single quotes, where it has none. */
export const quoted = (text: string) => (/^[^'\\\n\r\u2028\u2029]*$/.test(text) ? `'${text}'` : JSON.stringify(text))
