// Changes that break by construction are always found, wherever they are; turned round, they never are.

import { type AnyContract, defineContract, event, procedure, room, stream, upload } from '@typewire/core'
import { compareSnapshots, describeContract } from '@typewire/core/snapshot'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

interface Narrowing {
  readonly wide: z.ZodType
  readonly narrow: z.ZodType
  readonly kind: string
  readonly place?: string
}

const text = z.object({ kind: z.literal('text'), text: z.string() })
const image = z.object({ kind: z.literal('image'), url: z.url() })

/** Each `narrow` takes less than its `wide`. */
const narrowings: readonly Narrowing[] = [
  { wide: z.union([z.string(), z.number()]), narrow: z.string(), kind: 'type' },
  { wide: z.unknown(), narrow: z.string(), kind: 'type' },
  { wide: z.number(), narrow: z.int(), kind: 'type' },
  { wide: z.record(z.string(), z.unknown()), narrow: z.record(z.string(), z.number()), kind: 'type', place: '[…]' },
  { wide: z.enum(['a', 'b']), narrow: z.enum(['a']), kind: 'value' },
  { wide: z.string(), narrow: z.enum(['a']), kind: 'value' },
  { wide: z.literal(['a', 1]), narrow: z.literal(1), kind: 'type' },
  { wide: z.boolean(), narrow: z.literal(true), kind: 'value' },
  { wide: z.object({ p: z.string().optional() }), narrow: z.object({ p: z.string() }), kind: 'required', place: '.p' },
  {
    wide: z.object({ 'first name': z.string().optional() }),
    narrow: z.object({ 'first name': z.string() }),
    kind: 'required',
    place: '["first name"]',
  },
  { wide: z.strictObject({ p: z.string().optional() }), narrow: z.strictObject({}), kind: 'closed', place: '.p' },
  { wide: z.looseObject({}), narrow: z.strictObject({}), kind: 'closed', place: '[…]' },
  {
    wide: z.record(z.string(), z.int()),
    narrow: z.partialRecord(z.enum(['a']), z.int()),
    kind: 'closed',
    place: '[…]',
  },
  { wide: z.string().max(9), narrow: z.string().max(8), kind: 'bound' },
  { wide: z.number(), narrow: z.number().gt(0), kind: 'bound' },
  { wide: z.number().gte(0), narrow: z.number().gt(0), kind: 'bound' },
  { wide: z.date(), narrow: z.date().min(new Date(0)), kind: 'bound' },
  { wide: z.bigint().max(5n), narrow: z.bigint().max(4n), kind: 'bound' },
  { wide: z.array(z.string()), narrow: z.array(z.string()).min(1), kind: 'bound' },
  { wide: z.set(z.string()), narrow: z.set(z.string()).max(3), kind: 'bound' },
  { wide: z.string(), narrow: z.string().regex(/^a/), kind: 'pattern' },
  { wide: z.string(), narrow: z.uuid(), kind: 'format' },
  { wide: z.number().multipleOf(2), narrow: z.number().multipleOf(4), kind: 'multiple' },
  { wide: z.tuple([z.string(), z.string().optional()]), narrow: z.tuple([z.string(), z.string()]), kind: 'length' },
  { wide: z.tuple([z.string()], z.string()), narrow: z.tuple([z.string()]), kind: 'length' },
  { wide: z.tuple([z.number()]), narrow: z.tuple([z.int()]), kind: 'type', place: '[0]' },
  { wide: z.union([z.string(), z.date()]), narrow: z.string(), kind: 'wire-type' },
  { wide: z.union([z.bigint(), z.date()]), narrow: z.date(), kind: 'wire-type' },
  { wide: z.map(z.string(), z.number()), narrow: z.map(z.string(), z.int()), kind: 'type', place: '[][1]' },
  { wide: z.array(z.string().optional()), narrow: z.array(z.string()), kind: 'wire-type', place: '[]' },
  { wide: z.set(z.string().optional()), narrow: z.set(z.string()), kind: 'wire-type', place: '[]' },
  {
    wide: z.map(z.string(), z.string().optional()),
    narrow: z.map(z.string(), z.string()),
    kind: 'wire-type',
    place: '[][1]',
  },
  {
    wide: z.record(z.string(), z.string().optional()),
    narrow: z.record(z.string(), z.string()),
    kind: 'wire-type',
    place: '[…]',
  },
  {
    wide: z.tuple([z.string().optional(), z.string()]),
    narrow: z.tuple([z.string(), z.string()]),
    kind: 'wire-type',
    place: '[0]',
  },
  {
    wide: z.object({ p: z.string().optional() }),
    narrow: z.object({ p: z.string().exactOptional() }),
    kind: 'wire-type',
    place: '.p',
  },
  { wide: z.discriminatedUnion('kind', [text, image]), narrow: z.discriminatedUnion('kind', [text]), kind: 'union' },
  { wide: z.union([text, image]), narrow: image, kind: 'union' },
]

/** What something may be in, and where it is there. */
const contexts: Readonly<Record<string, readonly [(inner: z.ZodType) => z.ZodType, place: string]>> = {
  property: [(inner) => z.object({ x: inner, y: z.string() }), '.x'],
  'optional property': [(inner) => z.object({ x: inner.optional() }), '.x'],
  'property of an intersection': [(inner) => z.intersection(z.object({ x: inner }), z.object({ y: z.string() })), '.x'],
  item: [(inner) => z.array(inner), '[]'],
  'item of a tuple': [(inner) => z.tuple([z.string(), inner]), '[1]'],
  'item behind a tuple': [(inner) => z.tuple([z.string()], inner), '[]'],
  'value of a record': [(inner) => z.record(z.string(), inner), '[…]'],
  'value of a map': [(inner) => z.map(z.string(), inner), '[][1]'],
  'item of a set': [(inner) => z.set(inner), '[]'],
  nullable: [(inner) => inner.nullable(), ''],
  'named by meta': [(inner) => z.object({ x: inner }).meta({ id: 'Named' }), '.x'],
  'member of a union': [
    (inner) => z.discriminatedUnion('k', [z.object({ k: z.literal('a'), x: inner }), z.object({ k: z.literal('b') })]),
    '.x',
  ],
  'node of a tree': [
    (inner) => {
      const node: z.ZodType = z.object({ x: inner, next: z.lazy(() => node.nullable()) })
      return node
    },
    '.x',
  ],
}

/** Told by its kind and its index in a counterexample. */
const anyNarrowing = fc.constantFrom(
  ...narrowings.map((one, index) => ({ ...one, [fc.toStringMethod]: () => `narrowings[${index}], ${one.kind}` })),
)

const nested = fc.array(fc.constantFrom(...Object.keys(contexts)), { maxLength: 3 }).filter(
  // A name is of one schema.
  (names) => names.filter((name) => name === 'named by meta').length < 2,
)

const within = (names: readonly string[], schema: z.ZodType) =>
  names.reduce((inner, name) => contexts[name]![0](inner), schema)
const placeIn = (names: readonly string[]) =>
  names
    .map((name) => contexts[name]![1])
    .reverse()
    .join('')

async function compared(before: AnyContract, after: AnyContract) {
  const found = compareSnapshots(await describeContract(before), await describeContract(after))
  return found.filter(({ severity }) => severity !== 'compatible')
}

const taking = (schema: z.ZodType) => defineContract({ procedures: { p: procedure({ input: schema }) } })
const giving = (schema: z.ZodType) => defineContract({ procedures: { p: procedure({ output: schema }) } })

test('what clients send may not be narrowed, wherever it is', async () => {
  await fc.assert(
    fc.asyncProperty(anyNarrowing, nested, async ({ wide, narrow, kind, place = '' }, names) => {
      const [before, after] = [taking(within(names, wide)), taking(within(names, narrow))]
      const path = `procedures.p.input${placeIn(names)}${place}`
      expect(await compared(before, after)).toContainEqual(expect.objectContaining({ rule: `sent-${kind}`, path }))
      expect(await compared(after, before)).toEqual([])
    }),
    { numRuns: 400 },
  )
})

test('what clients receive may not be widened, wherever it is', async () => {
  await fc.assert(
    fc.asyncProperty(anyNarrowing, nested, async ({ wide, narrow, kind, place = '' }, names) => {
      const [before, after] = [giving(within(names, narrow)), giving(within(names, wide))]
      const path = `procedures.p.output${placeIn(names)}${place}`
      expect(await compared(before, after)).toContainEqual(expect.objectContaining({ rule: `received-${kind}`, path }))
      expect(await compared(after, before)).toEqual([])
    }),
    { numRuns: 400 },
  )
})

const members = (name: string, definition: unknown) => ({ [name]: definition }) as never
const ofRoom = (definition: Parameters<typeof room>[0]) => defineContract({ rooms: { r: room(definition) } })

const positions: Readonly<Record<string, readonly ['sent' | 'received', (schema: z.ZodType) => AnyContract]>> = {
  auth: ['sent', (auth) => defineContract({ auth, procedures: { p: procedure({}) } })],
  'procedures.p.input': ['sent', taking],
  'procedures.p.output': ['received', giving],
  'procedures.p.errors.E': ['received', (e) => defineContract({ procedures: { p: procedure({ errors: { E: e } }) } })],
  'procedures.p.upload.items': [
    'sent',
    (items) => defineContract({ procedures: { p: procedure({ input: upload(items) }) } }),
  ],
  'procedures.p.upload.head': [
    'sent',
    (head) => defineContract({ procedures: { p: procedure({ input: upload(z.string(), z.object({ head })) }) } }),
  ],
  'streams.s.input': ['sent', (input) => defineContract({ streams: { s: stream({ input, items: z.string() }) } })],
  'streams.s.items': ['received', (items) => defineContract({ streams: { s: stream({ items }) } })],
  'streams.s.errors.E': [
    'received',
    (e) => defineContract({ streams: { s: stream({ items: z.string(), errors: { E: e } }) } }),
  ],
  'events.toServer.e.payload': [
    'sent',
    (payload) => defineContract({ events: { toServer: members('e', event(payload)) } }),
  ],
  'events.toServer.e.ack': [
    'received',
    (ack) => defineContract({ events: { toServer: members('e', event(z.string(), { ack })) } }),
  ],
  'events.toClient.e.payload': [
    'received',
    (payload) => defineContract({ events: { toClient: members('e', event(payload)) } }),
  ],
  'events.toClient.e.ack': [
    'sent',
    (ack) => defineContract({ events: { toClient: members('e', event(z.string(), { ack })) } }),
  ],
  'rooms.r.params': ['sent', (params) => ofRoom({ params: z.object({ params }) })],
  'rooms.r.presence.given': ['sent', (presence) => ofRoom({ presence: z.object({ given: presence }) })],
  'rooms.r.presence.seen': ['received', (presence) => ofRoom({ presence: z.object({ seen: presence }) })],
  'rooms.r.events.toServer.e.payload': [
    'sent',
    (payload) => ofRoom({ events: { toServer: members('e', event(payload)) } }),
  ],
  'rooms.r.events.toClient.e.payload': [
    'received',
    (payload) => ofRoom({ events: { toClient: members('e', event(payload)) } }),
  ],
  'namespaces.n.procedures.p.input': ['sent', (input) => defineContract({ namespaces: { n: taking(input) } })],
}

describe.each(Object.entries(positions))('%s', (path, [direction, contract]) => {
  test(`is ${direction} by clients`, async () => {
    const [wide, narrow] = [contract(z.string().nullable()), contract(z.string())]
    const [before, after] = direction === 'sent' ? [wide, narrow] : [narrow, wide]
    const found = (await compared(before, after)).filter((one) => one.path.startsWith(path))
    expect(found).toEqual([expect.objectContaining({ rule: `${direction}-type`, severity: 'breaking' })])
    expect((await compared(after, before)).filter((one) => one.path.startsWith(path))).toEqual([])
  })
})

test('a property that is optional may be undefined, wherever that is known', async () => {
  const [optional, maybe] = [
    z.object({ p: z.string().optional() }),
    z.object({ p: z.union([z.string(), z.undefined()]) }),
  ]
  const rulesOf = async (...contracts: Parameters<typeof compared>) =>
    (await compared(...contracts)).map(({ rule }) => rule)
  expect(await rulesOf(taking(maybe), taking(optional))).toEqual([])
  expect(await rulesOf(giving(optional), giving(maybe))).toEqual([])
  // zod refuses it where it is missing.
  expect(await rulesOf(taking(optional), taking(maybe))).toEqual(['sent-required'])
  expect(await rulesOf(giving(maybe), giving(optional))).toEqual(['received-required'])
  expect(await rulesOf(taking(optional), taking(z.record(z.string(), z.string())))).toEqual(['sent-wire-type'])
})
