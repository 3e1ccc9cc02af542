import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Schema } from '../contract/schema.ts'
import { nothing } from '../contract/nothing.ts'
import { PayloadError } from './payload-error.ts'
import { encodePayload } from './payload.ts'
import { isPlainSchema } from './plain-schema.ts'

interface Tree {
  readonly name: string
  readonly left?: Tree | undefined
}
const tree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get left() {
    return z.optional(tree)
  },
})
interface RichTree {
  readonly at: Date
  readonly left?: RichTree | undefined
}
const richTree: z.ZodType<RichTree> = z.object({
  at: z.date(),
  get left() {
    return z.optional(richTree)
  },
})

const plainSchemas: Readonly<Record<string, Schema>> = {
  string: z.string().min(1).max(5),
  'a format of string': z.iso.datetime(),
  'template literal': z.templateLiteral(['a', z.number()]),
  number: z.number(),
  integer: z.int(),
  boolean: z.boolean(),
  null: z.null(),
  enum: z.enum(['a', 'b']),
  'numeric enum': z.enum({ A: 0, B: 1 }),
  'literals of several types': z.literal(['a', 1, true]),
  'strip object': z.object({ a: z.string() }),
  'strict object': z.strictObject({ a: z.object({ b: z.number() }) }),
  'object without members': z.object({}),
  'object with a plain catchall': z.object({}).catchall(z.string()),
  'optional member': z.object({ a: z.string().optional() }),
  'default of a text': z.string().default('x'),
  nullable: z.string().nullable(),
  'nullable object': z.object({ a: z.string() }).nullable(),
  nullish: z.object({ a: z.number().nullish() }),
  union: z.union([z.string(), z.object({ a: z.number() })]),
  'union of scalars': z.union([z.string(), z.number()]),
  'discriminated union': z.discriminatedUnion('k', [
    z.object({ k: z.literal('a'), a: z.string() }),
    z.object({ k: z.literal('b'), b: z.number() }),
  ]),
  intersection: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
  record: z.record(z.string(), z.number()),
  readonly: z.object({ a: z.string() }).readonly(),
  refinement: z.string().refine((text) => text !== 'x'),
  'pipe into plain': z.string().pipe(z.stringbool()),
  'codec into plain': z.codec(z.date(), z.string(), {
    decode: (date) => date.toISOString(),
    encode: (s) => new Date(s),
  }),
}

const richSchemas: Readonly<Record<string, Schema>> = {
  date: z.object({ at: z.date() }),
  bigint: z.bigint(),
  map: z.map(z.string(), z.string()),
  set: z.set(z.string()),
  undefined: z.undefined(),
  void: z.void(),
  nan: z.nan(),
  symbol: z.symbol(),
  any: z.any(),
  unknown: z.object({ a: z.unknown() }),
  'optional any': z.object({ a: z.any().optional() }),
  custom: z.instanceof(URL),
  'array, whose items may be undefined': z.array(z.string().optional()),
  tuple: z.tuple([z.string()]),
  'passthrough object': z.object({ a: z.string() }).loose(),
  'loose object': z.looseObject({ a: z.string() }),
  'object with a rich catchall': z.object({}).catchall(z.date()),
  'record of any': z.record(z.string(), z.any()),
  'loose record': z.looseRecord(z.string().regex(/^x/), z.any()),
  'union with a rich member': z.union([z.string(), z.date()]),
  'union with any, deeper': z.union([z.object({ a: z.any() }), z.string()]),
  transform: z.string().transform((text) => new Date(text)),
  'codec into rich': z.codec(z.string(), z.date(), {
    decode: (text) => new Date(text),
    encode: (d) => d.toISOString(),
  }),
  recursive: richTree,
  'any with an id of its own': z.object({ a: z.any().meta({ id: 'PlainSchemaTestAny' }) }),
  'the schema of nothing': nothing,
  'literal that is infinite': z.union([z.string(), z.literal(Number.POSITIVE_INFINITY)]),
  'enum with an infinite member': z.enum({ A: 1, B: Number.POSITIVE_INFINITY }),
  'default that is infinite': z.object({ limit: z.number().default(Number.POSITIVE_INFINITY) }),
  'default with an infinite member': z.object({ limit: z.number() }).default({ limit: Number.POSITIVE_INFINITY }),
  'catch that is infinite': z.number().catch(Number.NaN),
  file: z.object({ file: z.file() }),
  blob: z.instanceof(Blob),
  'blob that may be missing': z.object({ file: z.instanceof(Blob).nullish() }),
  error: z.object({ why: z.instanceof(Error) }),
  'regular expression': z.instanceof(RegExp),
  'numbers as bytes': z.object({ samples: z.instanceof(Float32Array) }),
  bytes: z.instanceof(Uint8Array),
  'bytes, described as a text': z.object({ a: z.instanceof(Uint8Array).meta({ type: 'string' }) }),
  'a buffer of bytes': z.object({ a: z.instanceof(ArrayBuffer) }),
  'bytes by a type alone': z.object({ a: z.custom<Uint8Array>() }),
  'bytes by a check': z.union([z.string(), z.custom<Uint8Array>((value) => value instanceof Uint8Array)]),
  'bytes that may be missing': z.object({ a: z.instanceof(Uint8Array).optional() }),
  'record of bytes': z.record(z.string(), z.instanceof(Uint8Array)),
  'codec into bytes': z.codec(z.base64(), z.instanceof(Uint8Array), {
    decode: (text) => new TextEncoder().encode(text),
    encode: (bytes) => new TextDecoder().decode(bytes),
  }),
}

describe('isPlainSchema', () => {
  it.each(Object.entries(plainSchemas))('is true: %s', (_, schema) => {
    expect(isPlainSchema(schema)).toBe(true)
  })

  it.each(Object.entries(richSchemas))('is false: %s', (_, schema) => {
    expect(isPlainSchema(schema)).toBe(false)
  })

  it('is true only where the short way of encoding writes what the long one does', () => {
    fc.assert(
      fc.property(schemasWithValues, ({ schema, value }) => {
        fc.pre(isPlainSchema(schema))
        const parsed = schema.parse(value)
        expect(encodePayload(parsed, { isKnownPlain: true })).toBe(encodePayload(parsed))
      }),
      { numRuns: 500 },
    )
  })

  it('does not let a recursive schema write what no receiver reads', () => {
    let deep: Tree = { name: 'leaf' }
    for (let i = 0; i < 600; i++) deep = { name: 'node', left: deep }
    expect(() => encodePayload(deep, { isKnownPlain: isPlainSchema(tree) })).toThrow(PayloadError)
    expect(encodePayload({ name: 'a', left: { name: 'b' } }, { isKnownPlain: isPlainSchema(tree) })).toBe(
      ',{"name":"a","left":{"name":"b"}}',
    )
  })

  // The two differences of the short way, which are accepted.
  it('lets JSON leave out an optional member that is undefined, and the sign of negative zero', () => {
    const schema = z.object({ a: z.string().optional(), b: z.number() })
    expect(isPlainSchema(schema)).toBe(true)
    expect(encodePayload(schema.parse({ a: undefined, b: -0 }), { isKnownPlain: true })).toBe(',{"b":0}')
  })

  it.each<[string, unknown]>([
    ['a text, of a plain value', { type: 'string' }],
    ['an object that says what else it takes', { type: 'object', properties: {}, additionalProperties: false }],
    ['nothing at all', false], // the schema of what cannot be
  ])('believes a schema of another library that says: %s', (_, json) => {
    expect(
      isPlainSchema(foreign(() => ({ type: 'object', properties: { a: json }, additionalProperties: false }))),
    ).toBe(true)
  })

  it.each<[string, unknown]>([
    ['nothing of numbers: JSON Schema has no word for Infinity', { type: 'number' }],
    ['nothing of other members', { type: 'object', properties: {} }],
    ['any value', {}],
    ['any value, in short', true],
    ['members by pattern', { type: 'object', patternProperties: { '^d': {} }, additionalProperties: false }],
    ['a reference out of the document', { $ref: 'https://example.com/schema' }],
    ['no JSON Schema', 'string'],
    ['null', null],
    ['a list', [{ type: 'string' }]],
    ['a promise', Promise.resolve({ type: 'string' })],
    ['a type of its own', { type: 'Date' }],
    ['a date, as the text that it is written as', { type: 'string', format: 'date-time' }],
    ['bytes, as the text that they are written as', { type: 'string', contentEncoding: 'binary' }],
  ])('does not believe a schema of another library that says: %s', (_, json) => {
    expect(isPlainSchema(foreign(() => json))).toBe(false)
  })

  it('is false for a schema that does not say, or cannot', () => {
    expect(isPlainSchema(foreign(undefined))).toBe(false)
    const throwing = foreign(() => {
      throw new Error('cannot be represented')
    })
    expect(isPlainSchema(throwing)).toBe(false)
  })

  it('asks for the output, in a draft by name', () => {
    const asked: unknown[] = []
    isPlainSchema(foreign((options) => asked.push(options)))
    expect(asked).toEqual([{ target: 'draft-2020-12' }])
  })
})

function foreign(output: ((options: unknown) => unknown) | undefined): Schema {
  const jsonSchema = output && { input: () => ({ type: 'string' }), output }
  return {
    '~standard': { version: 1, vendor: 'foreign', validate: (value) => ({ value }), ...(jsonSchema && { jsonSchema }) },
  }
}

interface SchemaWithValue {
  readonly schema: z.ZodType
  readonly value: unknown
}

/** A schema, and a value that it takes. */
const schemasWithValues: fc.Arbitrary<SchemaWithValue> = fc.letrec<{ both: SchemaWithValue }>((tie) => ({
  both: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string().map((value) => ({ schema: z.string(), value })),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => ({ schema: z.number(), value: n === 0 ? 0 : n })),
    fc.boolean().map((value) => ({ schema: z.boolean(), value })),
    fc.constantFrom('a', 'b').map((value) => ({ schema: z.enum(['a', 'b']), value })),
    fc.constantFrom<unknown>(null, 1, 'x').map((value) => ({ schema: z.literal([null, 1, 'x']), value })),
    fc.date({ noInvalidDate: true }).map((value) => ({ schema: z.date(), value })),
    fc.uint8Array({ maxLength: 4 }).map((value) => ({ schema: z.instanceof(Uint8Array), value })),
    fc.uint8Array({ maxLength: 4 }).map(({ buffer }) => ({ schema: z.custom<ArrayBuffer>(), value: buffer })),
    fc.anything({ withDate: true }).map((value) => ({ schema: z.any(), value })),
    tie('both').map(({ schema, value }) => ({ schema: schema.nullable(), value })),
    tie('both').map(({ schema }) => ({ schema: schema.nullable(), value: null })),
    fc.tuple(tie('both'), tie('both')).map(([a, b]) => ({ schema: z.union([a.schema, b.schema]), value: b.value })),
    tie('both').map(({ schema, value }) => ({ schema: z.array(schema), value: [value] })),
    tie('both').map(({ schema, value }) => ({ schema: z.record(z.string(), schema), value: { k: value } })),
    fc.tuple(tie('both'), fc.constantFrom('strip', 'strict', 'loose')).map(([{ schema, value }, mode]) => {
      const object = z.object({ a: schema, b: schema.optional() })
      if (mode === 'strict') return { schema: object.strict(), value: { a: value } }
      if (mode === 'strip') return { schema: object, value: { a: value, more: new Date(0) } }
      return { schema: object.loose(), value: { a: value, more: new Date(0) } }
    }),
  ),
})).both
