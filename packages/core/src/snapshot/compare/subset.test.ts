import { describe, expect, test } from 'vitest'
import type { JsonSchema, JsonSchemaObject } from '../types.ts'
import type { Definitions } from './schema-text.ts'
import { createDifferences } from './subset.ts'

/** `kind place`, of each. */
function told(sub: JsonSchema, sup: JsonSchema, subDefs: Definitions = {}, supDefs: Definitions = subDefs): string[] {
  return createDifferences(subDefs, supDefs)(sub, sup).map(({ kind, place }) => `${kind} ${place}`.trim())
}

const text = { type: 'string' }
const count = { type: 'integer' }
const object = (properties: JsonSchemaObject, more: JsonSchemaObject = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  ...more,
})

describe('what cannot be compared is said to be unclear', () => {
  const date = { ...text, 'x-typewire-type': 'Date' }
  const definitions = { Self: { $ref: '#/$defs/Self' } }

  test.each<[string, JsonSchema, JsonSchema]>([
    ['not', text, { ...text, not: { const: 'x' } }],
    ['if', text, { ...text, if: { minLength: 2 }, then: { pattern: '^a' } }],
    ['contains', { type: 'array' }, { type: 'array', contains: text }],
    ['patternProperties', { type: 'object' }, { type: 'object', patternProperties: { '^a': text } }],
    ['dependentRequired', { type: 'object' }, { type: 'object', dependentRequired: { a: ['b'] } }],
    ['unevaluatedProperties', { type: 'object' }, { type: 'object', unevaluatedProperties: false }],
    [
      'oneOf with members that overlap',
      { ...text, minLength: 2 },
      {
        oneOf: [
          { ...text, minLength: 1 },
          { ...text, maxLength: 9 },
        ],
      },
    ],
    ['a bound that is no date', date, { ...date, 'x-typewire-minimum': 'soon' }],
    ['a keyword of a later version', text, { ...text, 'x-typewire-later': 1 }],
    ['a reference that leads nowhere', text, { $ref: '#/$defs/Nowhere' }],
    ['a definition that is itself', text, { $ref: '#/$defs/Self' }],
  ])('%s', (_, sub, sup) => {
    expect(told(sub, sup, definitions)).toEqual(['unclear'])
  })

  test('a pattern that allows any name beside those that are named', () => {
    const patterned = (name: JsonSchema) => ({ ...object({ a: name }), patternProperties: { '^b': text } })
    expect(
      told({ ...patterned(text), additionalProperties: false }, object({ a: text }, { additionalProperties: false })),
    ).toContain('closed […]')
    expect(told(patterned(text), { ...patterned(text), additionalProperties: false })).not.toEqual([])
  })
})

describe('unions', () => {
  test('their members may be in any order, and in any words', () => {
    expect(told({ type: ['string', 'null'] }, { anyOf: [{ type: 'null' }, text] })).toEqual([])
    expect(told({ type: 'boolean' }, { enum: [true, false] })).toEqual([])
    expect(told({ enum: ['a', 'b'] }, { anyOf: [{ const: 'b' }, { const: 'a' }] })).toEqual([])
    expect(told({ enum: ['a', 1] }, { type: ['string', 'integer'] })).toEqual([])
  })

  test('one object may be several of the other, by its discriminator', () => {
    const sub = object({ kind: { enum: ['a', 'b'] }, at: count })
    const sup = (b: JsonSchema) => ({
      oneOf: [object({ kind: { const: 'a' }, at: count }), object({ kind: { const: 'b' }, at: b })],
    })
    expect(told(sub, sup(count))).toEqual([])
    expect(told(sub, sup(text))).not.toEqual([])
  })

  test('of several members, what is nearest is told', () => {
    const sub = { anyOf: [object({ kind: { const: 'a' }, at: count }), object({ kind: { const: 'b' } })] }
    const sup = { anyOf: [object({ kind: { const: 'b' } }), object({ kind: { const: 'a' }, at: text })] }
    expect(told(sub, sup)).toEqual(['type .at'])
  })
})

describe('all of several', () => {
  test('are merged, whatever they are of', () => {
    const sup = { allOf: [object({ a: { ...text, minLength: 2 } }), object({ a: { maxLength: 4 }, b: count })] }
    expect(told(object({ a: { ...text, minLength: 2, maxLength: 4 }, b: count }), sup)).toEqual([])
    expect(told(object({ a: { ...text, minLength: 1, maxLength: 5 }, b: count }), sup)).toEqual([
      'bound .a',
      'bound .a',
    ])
    expect(told(object({ a: { ...text, minLength: 2, maxLength: 4 } }), sup)).toEqual(['required .b'])
  })

  test('patterns are those of all', () => {
    const both = { ...text, allOf: [{ pattern: '^a' }, { pattern: 'b$' }] }
    expect(told(both, { ...text, pattern: '^a' })).toEqual([])
    expect(told({ ...text, pattern: '^a' }, both)).toEqual(['pattern'])
  })

  test('what only one of them names is for the other a property like others', () => {
    const sup = { allOf: [object({ a: text }, { additionalProperties: count }), object({ b: {} })] }
    expect(told(object({ a: text, b: count }), sup)).toEqual([])
    expect(told(object({ a: text, b: text }), sup)).toEqual(['type .b'])
  })
})

describe('definitions that hold themselves', () => {
  const node = (value: JsonSchema) => ({
    type: 'object',
    properties: { value, next: { $ref: '#/$defs/Node' } },
    required: ['value'],
  })
  const ref = { $ref: '#/$defs/Node' }

  test('are compared once', () => {
    expect(told(ref, ref, { Node: node(text) }, { Node: node(text) })).toEqual([])
    expect(told(ref, ref, { Node: node(count) }, { Node: node({ type: 'number' }) })).toEqual([])
    expect(told(ref, ref, { Node: node({ type: 'number' }) }, { Node: node(count) })).toEqual(['type .value'])
  })

  test('words beside a reference say more of it; annotations do not', () => {
    const definitions = { Node: node(text) }
    expect(told(ref, { ...ref, description: 'The next one', default: null }, definitions)).toEqual([])
    expect(told(ref, { ...ref, required: ['next'] }, definitions)).toEqual(['required .next'])
  })

  test('what was taken for a subset while another was looked at is looked at again', () => {
    const one = {
      S: object({ p: { $ref: '#/$defs/P' }, bad: text }),
      P: { type: 'object', properties: { s: { $ref: '#/$defs/S' } } },
    }
    const other = { ...one, S: object({ p: { $ref: '#/$defs/P' }, bad: count }) }
    const sub = object({ first: { $ref: '#/$defs/S' }, second: { $ref: '#/$defs/P' } })
    // The first is taken by `{}`; on the way there its P was compared as if its S were taken.
    const sup = object({ first: { anyOf: [{ $ref: '#/$defs/S' }, { type: 'object' }] }, second: { $ref: '#/$defs/P' } })
    expect(told(sub, sup, one, other)).toEqual(['type .second.s.bad'])
  })
})

describe('numbers', () => {
  test('an integer is a number, and its bounds are whole', () => {
    expect(told(count, { type: 'number' })).toEqual([])
    expect(told({ ...count, exclusiveMinimum: 3 }, { type: 'number', minimum: 4 })).toEqual([])
    expect(told({ type: 'number', exclusiveMinimum: 3 }, { type: 'number', minimum: 4 })).toEqual(['bound'])
    expect(told({ type: 'number', multipleOf: 3 }, count)).toEqual([])
    expect(told(count, { ...count, multipleOf: 0.1 })).toEqual(['multiple'])
  })
})

describe('what JSON cannot say', () => {
  const date = { ...text, format: 'date-time', 'x-typewire-type': 'Date' }

  test('is of its own type', () => {
    expect(told(date, text)).toEqual(['wire-type'])
    expect(told(text, date)).toEqual(['wire-type'])
    expect(told(date, {})).toEqual([])
    expect(told({}, date)).toEqual(['type'])
  })

  test('has bounds by its values', () => {
    const from = (bound: string) => ({ ...date, 'x-typewire-minimum': bound })
    expect(told(from('2026-01-02T00:00:00.000Z'), from('2026-01-01T00:00:00.000Z'))).toEqual([])
    expect(told(from('2026-01-01T00:00:00.000Z'), from('2026-01-02T00:00:00.000Z'))).toEqual(['bound'])
    const big = (most: string) => ({ ...text, 'x-typewire-type': 'bigint', 'x-typewire-maximum': most })
    expect(told(big('9'), big('10'))).toEqual([])
    expect(told(big('10'), big('9'))).toEqual(['bound'])
  })
})

test('texts are as long as both JSON Schema and JavaScript count them', () => {
  expect(told({ const: '😀' }, { ...text, maxLength: 1 })).toEqual(['value'])
  expect(told({ const: '😀' }, { ...text, minLength: 2 })).toEqual(['value'])
  expect(told({ const: '😀' }, { ...text, minLength: 1, maxLength: 2 })).toEqual([])
})

test('a record of an enum has those properties alone', () => {
  const record = (names: readonly string[]) => ({
    type: 'object',
    propertyNames: { enum: names },
    additionalProperties: count,
  })
  expect(told(record(['a']), record(['a', 'b']))).toEqual([])
  expect(told(record(['a', 'b']), record(['a']))).toEqual(['closed .b'])
})

test('a list that has no items behind those that are named is as long as they', () => {
  const pair = { type: 'array', prefixItems: [text, text], items: false }
  expect(told({ type: 'array', items: text, minItems: 3 }, pair)).toEqual(['length'])
  expect(told({ type: 'array', items: text, maxItems: 2 }, pair)).toEqual([])
})

test('a property of any name may be one that is named', () => {
  const record = { type: 'object', additionalProperties: count }
  expect(told(record, { type: 'object', properties: { a: text }, additionalProperties: true })).toEqual(['type .a'])
})

test('objects that name other properties may be the same one', () => {
  const sub = object({ a: text, b: text })
  expect(told(sub, { oneOf: [object({ a: text }), object({ b: text })] })).toContain('unclear')
})
