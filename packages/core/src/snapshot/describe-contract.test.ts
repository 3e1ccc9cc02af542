import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { defineContract } from '../contract/contract.ts'
import { event, procedure, room, stream, upload } from '../contract/makers.ts'
import type { Schema } from '../contract/schema.ts'
import { describeContract, SnapshotError } from './describe-contract.ts'
import { snapshotText } from './parse-snapshot.ts'
import type { JsonSchema } from './types.ts'

const text = { type: 'string' }

/** How a payload is described: given by clients, or got by them. */
async function describePayload(schema: Schema, direction: 'toServer' | 'toClient' = 'toServer') {
  const definition = direction === 'toServer' ? procedure({ input: schema }) : procedure({ output: schema })
  const { procedures, $defs } = await describeContract(defineContract({ procedures: { p: definition } }))
  const payload = direction === 'toServer' ? procedures!['p']!.input : procedures!['p']!.output
  return { payload, $defs }
}

async function problemsOf(schema: Schema, direction: 'toServer' | 'toClient' = 'toClient'): Promise<readonly string[]> {
  try {
    await describePayload(schema, direction)
  } catch (error) {
    if (error instanceof SnapshotError) return error.problems
    throw error
  }
  return []
}

test('all that a contract declares is described, and what it does not is left out', async () => {
  const contract = defineContract({
    auth: z.object({ token: z.string() }),
    procedures: {
      send: procedure({
        input: z.string(),
        output: z.number(),
        errors: { MUTED: z.string(), GONE: upload(z.string()) },
        idempotent: true,
        timeoutMs: 5,
        description: 'Sends.',
        deprecated: 'post',
      }),
      nothing: procedure({}),
      put: procedure({ input: upload(z.string(), z.object({ name: z.string() })) }),
    },
    streams: { all: stream({ items: z.string(), key: (item) => item }) },
    events: {
      toServer: { seen: event(z.string()) },
      toClient: { price: event(z.string(), { delivery: 'latest', key: (p) => p, ack: z.boolean() }) },
    },
    rooms: {
      chat: room({
        params: z.string(),
        presence: z.object({ away: z.boolean().default(false) }),
        events: { toServer: { typing: event() } },
      }),
    },
    namespaces: { admin: defineContract({ procedures: { ban: procedure({ input: z.string() }) } }) },
  })
  const presence = (required: object) => ({
    type: 'object',
    properties: { away: { type: 'boolean', default: false } },
    ...required,
  })
  expect(await describeContract(contract, { name: 'chat' })).toEqual({
    typewire: 1,
    name: 'chat',
    fingerprint: expect.stringMatching(/^[\w-]{22}$/),
    auth: { type: 'object', properties: { token: text }, required: ['token'] },
    procedures: {
      send: {
        input: text,
        output: { type: 'number' },
        errors: { MUTED: text, GONE: null },
        idempotent: true,
        timeoutMs: 5,
        description: 'Sends.',
        deprecated: 'post',
      },
      nothing: {},
      put: { upload: { items: text, head: { type: 'object', properties: { name: text }, required: ['name'] } } },
    },
    streams: { all: { items: text, keyed: true } },
    events: {
      toServer: { seen: { payload: text } },
      toClient: { price: { payload: text, ack: { type: 'boolean' }, delivery: 'latest', keyed: true } },
    },
    rooms: {
      chat: {
        params: text,
        presence: { given: presence({}), seen: presence({ required: ['away'] }) },
        events: { toServer: { typing: {} } },
      },
    },
    namespaces: { admin: { procedures: { ban: { input: text } } } },
  })
})

test('what clients give is described as it is given, what they get as they get it', async () => {
  const schema = z.object({ count: z.string().transform(Number).pipe(z.number()), size: z.number().default(1) })
  const given = {
    type: 'object',
    properties: { count: text, size: { type: 'number', default: 1 } },
    required: ['count'],
  }
  expect((await describePayload(schema)).payload).toEqual(given)
  const got = {
    type: 'object',
    properties: { count: { type: 'number' }, size: { type: 'number', default: 1 } },
    required: ['count', 'size'],
  }
  expect((await describePayload(schema, 'toClient')).payload).toEqual(got)
})

const wire = (type: string, rest: object) => ({ 'x-typewire-type': type, ...rest })
const bytes = (type: string) => wire(type, { type: 'integer', minimum: 0 })

describe('what JSON cannot say is described as it is written (PL-3)', () => {
  test.each<[string, Schema, JsonSchema]>([
    ['a date', z.date(), wire('Date', { type: 'string', format: 'date-time' })],
    [
      'a date with bounds',
      z.date().min(new Date(0)),
      wire('Date', { type: 'string', format: 'date-time', 'x-typewire-minimum': '1970-01-01T00:00:00.000Z' }),
    ],
    ['a bigint', z.bigint(), wire('bigint', { type: 'string', pattern: '^-?\\d+$' })],
    [
      'a bigint with bounds',
      z.bigint().gt(5n).lte(9n),
      wire('bigint', {
        type: 'string',
        pattern: '^-?\\d+$',
        'x-typewire-exclusive-minimum': '5',
        'x-typewire-maximum': '9',
      }),
    ],
    ['a literal bigint', z.literal(5n), wire('bigint', { const: '5' })],
    [
      'a map',
      z.map(z.string(), z.date()),
      wire('map', {
        type: 'array',
        items: {
          type: 'array',
          prefixItems: [text, wire('Date', { type: 'string', format: 'date-time' })],
          items: false,
          minItems: 2,
          maxItems: 2,
        },
      }),
    ],
    ['a set', z.set(z.string()).min(1), wire('set', { type: 'array', items: text, uniqueItems: true, minItems: 1 })],
    ['NaN', z.nan(), wire('number', { const: 'NaN' })],
    ['a URL', z.instanceof(URL), wire('URL', { type: 'string', format: 'uri' })],
    ['bytes', z.instanceof(Uint8Array), bytes('bytes')],
    ['numbers', z.instanceof(Float32Array), bytes('Float32Array')],
    ['a buffer', z.instanceof(ArrayBuffer), bytes('buffer')],
    [
      'a file',
      z.file(),
      wire('File', {
        type: 'array',
        prefixItems: [{ type: 'integer', minimum: 0 }, text, text, { type: 'integer' }],
        minItems: 4,
      }),
    ],
    [
      'a custom schema that says what it is',
      z.custom<`${number}px`>((value) => typeof value === 'string').meta({ type: 'string', pattern: 'px$' }),
      { type: 'string', pattern: 'px$' },
    ],
  ])('%s', async (_, schema, expected) => {
    expect((await describePayload(schema)).payload).toEqual(expected)
    expect((await describePayload(z.object({ it: schema }), 'toClient')).payload).toEqual({
      type: 'object',
      properties: { it: expected },
      required: ['it'],
    })
  })
})

test('what is in something says that it may be undefined, as that is not to be missing', async () => {
  const maybe = { anyOf: [text, { type: 'null', 'x-typewire-type': 'undefined' }] }
  const optional = z.string().optional()
  const all = (item: z.ZodType) =>
    z.tuple([
      z.array(item).min(1),
      z.record(z.string(), item),
      z.tuple([item, z.string()], item),
      z.object({}).catchall(item),
      z.map(item, item),
      z.set(item),
      z.array(z.lazy(() => item.nullable())),
    ])
  const described = (of: object) => ({
    prefixItems: [
      { items: of },
      { additionalProperties: of },
      { prefixItems: [of, text], items: of },
      { additionalProperties: of },
      { items: { prefixItems: [of, of] } },
      { items: of },
      { items: { anyOf: [expect.anything(), maybe.anyOf[1]] } },
    ],
  })
  expect((await describePayload(all(optional))).payload).toMatchObject(described(maybe))
  expect((await describePayload(all(optional), 'toClient')).payload).toMatchObject(described(maybe))
  const preset = z.array(z.string().default('x'))
  const presetText = { ...text, default: 'x' }
  expect((await describePayload(preset)).payload).toMatchObject({ items: { anyOf: [presetText, maybe.anyOf[1]] } })
  expect((await describePayload(preset, 'toClient')).payload).toMatchObject({ items: presetText })
  expect((await describePayload(z.array(z.string().exactOptional()))).payload).toMatchObject({ items: text })
  expect((await describePayload(z.object({ a: optional }))).payload).toMatchObject({ properties: { a: text } })
  expect((await describePayload(z.object({ a: z.string().exactOptional() }))).payload).toEqual({
    type: 'object',
    properties: { a: text },
    'x-typewire-exact': ['a'],
  })
})

test('a payload that may be left out says so, where it may be none', async () => {
  const optional = { ...text, 'x-typewire-optional': true }
  expect((await describePayload(z.string().optional())).payload).toEqual(optional)
  expect((await describePayload(z.string().optional(), 'toClient')).payload).toEqual(optional)
  const preset = z.string().default('x')
  expect((await describePayload(preset)).payload).toEqual({ ...optional, default: 'x' })
  expect((await describePayload(preset, 'toClient')).payload, 'it is there always').toEqual({ ...text, default: 'x' })
})

describe('values', () => {
  test('defaults that are computed, or that JSON cannot say, are left out, and so are such examples', async () => {
    const described = async (schema: z.ZodType) => (await describePayload(z.object({ it: schema }))).payload
    const withDefault = (type: object) => ({ type: 'object', properties: { it: type } })
    const schemas = () => [
      z.string().default(() => crypto.randomUUID()),
      z.number().default(() => Date.now()),
      z.string().prefault(() => crypto.randomUUID()),
    ]
    for (const schema of schemas()) expect(await described(schema)).not.toHaveProperty('properties.it.default')
    expect(await described(z.bigint().default(5n))).not.toHaveProperty('properties.it.default')
    expect(await described(z.map(z.string(), z.string()).default(new Map()))).not.toHaveProperty(
      'properties.it.default',
    )
    expect(await described(z.string().default(() => 'x'))).toEqual(withDefault({ ...text, default: 'x' }))
    expect(await described(z.bigint().meta({ examples: [5n] }))).not.toHaveProperty('properties.it.examples')
    const contract = defineContract({
      procedures: { p: procedure({ input: z.tuple([schemas()[0]!, ...schemas().slice(1)]) }) },
    })
    const [first, second] = [await describeContract(contract), await describeContract(contract)]
    expect(snapshotText(first)).toBe(snapshotText(second))
  })

  test('a literal may be a number that JSON cannot say', async () => {
    expect((await describePayload(z.literal([NaN, Infinity, 1, null]))).payload).toEqual({
      anyOf: [wire('number', { const: 'NaN' }), wire('number', { const: 'Infinity' }), { const: 1 }, { const: null }],
    })
  })

  test('are as they are, whatever their members are called', async () => {
    const settings = z.object({ required: z.array(z.string()) }).default({ required: ['b', 'a'] })
    const contract = defineContract({ procedures: { p: procedure({ input: z.object({ settings }) }) } })
    const { procedures } = await describeContract(contract)
    expect(procedures!['p']!.input).toHaveProperty('properties.settings.default', { required: ['b', 'a'] })
  })
})

describe('definitions', () => {
  interface Tree {
    readonly kids: readonly Tree[]
  }
  const Tree: z.ZodType<Tree> = z.object({ kids: z.array(z.lazy(() => Tree)) })

  test('a schema that holds itself has one, by its place', async () => {
    const { payload, $defs } = await describePayload(Tree)
    expect(payload).toEqual({ $ref: '#/$defs/PInputNode' })
    expect($defs).toEqual({
      PInputNode: {
        type: 'object',
        properties: { kids: { type: 'array', items: { $ref: '#/$defs/PInputNode' } } },
        required: ['kids'],
      },
    })
  })

  test('a schema that is named, by `id` or by who describes, is shared; its other form has another name', async () => {
    const Person = z.object({ name: z.string().default('?') })
    const Message = z.object({ author: Person, text: z.string() }).meta({ id: 'Message' })
    const contract = defineContract({
      procedures: {
        edit: procedure({ input: Message, output: Message }),
        list: procedure({ output: z.array(Message) }),
      },
    })
    const { procedures, $defs } = await describeContract(contract, { schemaNames: new Map([[Person, 'Person']]) })
    expect(procedures).toEqual({
      edit: { input: { $ref: '#/$defs/MessageInput' }, output: { $ref: '#/$defs/Message' } },
      list: { output: { type: 'array', items: { $ref: '#/$defs/Message' } } },
    })
    expect(Object.keys($defs!)).toEqual(['Message', 'MessageInput', 'Person', 'PersonInput'])
    expect($defs!['MessageInput']).toMatchObject({ properties: { author: { $ref: '#/$defs/PersonInput' } } })
  })

  test('what they are called by can be a type and a reference, whatever their ids', async () => {
    const [a, b] = [
      z.object({ x: z.string() }).meta({ id: 'chat/a~b' }),
      z.object({ y: z.string() }).meta({ id: 'chat.aB' }),
    ]
    const { payload, $defs } = await describePayload(
      z.tuple([a, b, a, z.object({ z: z.string() }).meta({ id: '2nd' })]),
    )
    const refs = ['ChatAB2', 'ChatAB', 'ChatAB2', '_2nd'].map((name) => ({ $ref: `#/$defs/${name}` }))
    expect(payload).toMatchObject({ prefixItems: refs })
    expect(Object.keys($defs!)).toEqual(['ChatAB', 'ChatAB2', '_2nd'])
  })

  test('one that holds itself by way of a map is told by its name, and must have one', async () => {
    interface Folder {
      readonly inner: ReadonlyMap<string, Folder>
    }
    const Folder: z.ZodType<Folder> = z.object({ inner: z.lazy(() => z.map(z.string(), Folder)) })
    expect(await problemsOf(Folder)).toEqual([
      expect.stringContaining(
        "holds itself by way of a map or a set. Name what it is: export it, or .meta({ id: 'Name' }).",
      ),
    ])
    const contract = defineContract({ procedures: { p: procedure({ output: Folder }) } })
    const { procedures, $defs } = await describeContract(contract, { schemaNames: new Map([[Folder, 'Folder']]) })
    expect(procedures).toEqual({ p: { output: { $ref: '#/$defs/Folder' } } })
    const entries = {
      type: 'array',
      prefixItems: [text, { $ref: '#/$defs/Folder' }],
      items: false,
      minItems: 2,
      maxItems: 2,
    }
    expect($defs).toEqual({
      Folder: {
        type: 'object',
        properties: { inner: wire('map', { type: 'array', items: entries }) },
        required: ['inner'],
      },
    })
  })
})

describe('what cannot be told is said with its place, and what to do', () => {
  test.each<[string, Schema, string]>([
    [
      'a transform',
      z.object({ a: z.array(z.object({ b: z.string().transform(Number) })) }),
      'procedures.p.output.a[].b: what comes out of a transform nobody can tell. Say it: .pipe(z.string()), or',
    ],
    [
      'a custom schema',
      z.object({ it: z.custom<string>() }),
      'procedures.p.output.it: what a custom schema takes nobody can tell. Say it: .meta(',
    ],
    ['a symbol', z.tuple([z.string(), z.symbol()]), 'procedures.p.output[1]: a symbol cannot travel.'],
    [
      'a schema without JSON Schema',
      { '~standard': { version: 1, vendor: 'valibot', validate: (value: unknown) => ({ value }) } },
      'procedures.p.output: the schema, of valibot, does not tell its JSON Schema. Wrap it: toStandardJsonSchema(schema)',
    ],
  ])('%s', async (_, schema, problem) => {
    expect(await problemsOf(schema)).toEqual([expect.stringContaining(problem)])
  })

  test('all of them together', async () => {
    const dark = z.string().transform(Number)
    expect(await problemsOf(z.object({ a: dark, b: z.symbol() }))).toHaveLength(2)
  })
})

test('a clock that stands still holds nothing up', async () => {
  vi.spyOn(Date, 'now').mockReturnValue(0)
  onTestFinished(() => void vi.restoreAllMocks())
  const { payload } = await describePayload(z.string().default('2026-01-01'))
  expect(payload).toMatchObject({ default: '2026-01-01' })
})

describe('the fingerprint', () => {
  const fingerprintOf = async (output: Schema, more: object = {}) =>
    (await describeContract(defineContract({ procedures: { p: procedure({ output, ...more }) } }))).fingerprint

  test('is the same whatever the order, and whatever is said for people', async () => {
    const one = await fingerprintOf(z.object({ a: z.string(), b: z.enum(['x', 'y']) }))
    expect(await fingerprintOf(z.object({ b: z.enum(['y', 'x']), a: z.string() }))).toBe(one)
    expect(
      await fingerprintOf(z.object({ a: z.string().describe('A.'), b: z.enum(['x', 'y']) }), {
        description: 'P.',
        deprecated: true,
      }),
    ).toBe(one)
  })

  test('is the same whatever the defaults', async () => {
    const one = await fingerprintOf(z.object({ a: z.string().default('x') }))
    expect(await fingerprintOf(z.object({ a: z.string().default('y') }))).toBe(one)
    expect(await fingerprintOf(z.object({ default: z.string() }))).not.toBe(await fingerprintOf(z.object({})))
  })

  test('is another for whatever travels differently', async () => {
    const all = await Promise.all([
      fingerprintOf(z.object({ description: z.string() })),
      fingerprintOf(z.object({ description: z.number() })),
      fingerprintOf(z.object({ title: z.string() })),
      fingerprintOf(z.object({ description: z.string() }), { idempotent: true }),
      fingerprintOf(z.literal('a')),
      fingerprintOf(z.literal('b')),
    ])
    expect(new Set(all).size).toBe(all.length)
  })

  test('and the text are the same each time', async () => {
    const contract = () =>
      defineContract({
        procedures: { b: procedure({ output: z.object({ y: z.string(), x: z.date() }) }), a: procedure({}) },
      })
    const [first, second] = [await describeContract(contract()), await describeContract(contract())]
    expect(snapshotText(first)).toBe(snapshotText(second))
    expect(JSON.stringify(first)).toBe(JSON.stringify(JSON.parse(snapshotText(first))))
  })
})
