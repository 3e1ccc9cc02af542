import type { JsonSchema } from '@typewire/core/snapshot'
import { describe, expect, test } from 'vitest'
import { SchemaTypes } from './schema-types.ts'

const definitions: Readonly<Record<string, JsonSchema>> = {
  Person: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
  'a/b': { enum: ['x', 'y'] },
  Tree: { anyOf: [{ type: 'string' }, { type: 'object', additionalProperties: { $ref: '#/$defs/Tree' } }] },
  Ring: {
    type: 'object',
    propertyNames: { enum: ['next'] },
    additionalProperties: { allOf: [{ $ref: '#/$defs/Ring' }] },
  },
}
const names = new Map([
  ['Person', 'Person'],
  ['a/b', 'AB'],
  ['Tree', 'Tree'],
  ['Ring', 'Ring'],
])
const types = new SchemaTypes(definitions, names)

const person = { $ref: '#/$defs/Person' }
const text = { type: 'string' }
const none = { type: 'null' }

describe('SchemaTypes writes', () => {
  test.each<[JsonSchema, string]>([
    [true, 'unknown'],
    [false, 'never'],
    [{}, 'unknown'],
    [{ not: {} }, 'never'],
    [{ description: 'Anything.' }, 'unknown'],
    [{ type: 'integer' }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: ['null', 'array'], items: text }, 'string[] | null'],
    [{ const: 'a' }, "'a'"],
    [{ const: -1 }, '-1'],
    [{ const: null }, 'null'],
    [{ const: { a: [1, 'b'] } }, "{ a: [1, 'b'] }"],
    [{ const: '12', 'x-typewire-type': 'bigint' }, '12n'],
    [{ const: 'NaN', 'x-typewire-type': 'number' }, 'number'],
    [{ enum: ['a', "it's", '"', '\\', 1, true, null] }, `'a' | "it's" | '"' | '\\\\' | 1 | true | null`],
    [person, 'Person'],
    [{ ...person, description: 'Who.' }, 'Person'],
    [{ $ref: '#/$defs/a~1b' }, 'AB'],
    [{ $ref: '#/$defs/Missing' }, 'unknown'],
  ])('%j as %s', (schema, written) => expect(types.text(schema)).toBe(written))
})

describe('SchemaTypes writes unions and intersections', () => {
  test.each<[JsonSchema, string]>([
    [{ anyOf: [none, person] }, 'Person | null'],
    [{ anyOf: [text, { anyOf: [none, { type: 'number' }] }] }, 'string | number | null'],
    [{ anyOf: [text, text] }, 'string'],
    [{ anyOf: [text, {}] }, 'unknown'],
    [{ anyOf: [text, false] }, 'string'],
    [{ oneOf: [text, { type: 'null', 'x-typewire-type': 'undefined' }] }, 'string | undefined'],
    [{ allOf: [person, { $ref: '#/$defs/a~1b' }] }, 'Person & AB'],
    [{ allOf: [person, { anyOf: [person, text] }] }, 'Person & (Person | string)'],
    [{ allOf: [person] }, 'Person'],
    [{ ...person, type: 'object', properties: { age: { type: 'number' } } }, 'Person & { age?: number | undefined }'],
    [{ type: 'array', items: { anyOf: [text, none] } }, '(string | null)[]'],
    [{ type: 'array', items: { allOf: [person, { $ref: '#/$defs/a~1b' }] } }, '(Person & AB)[]'],
  ])('%j as %s', (schema, written) => expect(types.text(schema)).toBe(written))

  test('with a line for each, where they are long', () => {
    const long = ['first', 'second', 'third', 'fourth'].map((name) => ({
      const: `the ${name} of several alternatives`,
    }))
    expect(types.text({ anyOf: long })).toBe(long.map(({ const: value }) => `\n  | '${value}'`).join(''))
    const list = types.text({ type: 'array', items: { anyOf: long } })
    expect(list).toMatch(/^\(\n {2}\| 'the first[^]*\n\)\[\]$/)
  })
})

describe('SchemaTypes writes lists and tuples', () => {
  test.each<[JsonSchema, string]>([
    [{ type: 'array' }, 'unknown[]'],
    [{ type: 'array', items: person }, 'Person[]'],
    [{ type: 'array', items: { type: 'array', items: text } }, 'string[][]'],
    [{ type: 'array', items: text, readOnly: true }, 'readonly string[]'],
    [{ type: 'array', items: { type: 'array', items: text, readOnly: true } }, '(readonly string[])[]'],
    [{ type: 'array', prefixItems: [], items: false }, '[]'],
    [{ type: 'array', prefixItems: [text, person], items: false, minItems: 2 }, '[string, Person]'],
    [{ type: 'array', prefixItems: [text, person], minItems: 2, maxItems: 2 }, '[string, Person]'],
    [{ type: 'array', prefixItems: [text, person], items: false, minItems: 1 }, '[string, (Person | undefined)?]'],
    [{ type: 'array', prefixItems: [text], items: { type: 'number' }, minItems: 1 }, '[string, ...number[]]'],
    [{ type: 'array', prefixItems: [text], minItems: 1 }, '[string, ...unknown[]]'],
    [{ type: 'array', 'x-typewire-type': 'set', items: person }, 'Set<Person>'],
    [{ type: 'array', 'x-typewire-type': 'set', items: person, readOnly: true }, 'ReadonlySet<Person>'],
    [{ type: 'array', 'x-typewire-type': 'map', items: { prefixItems: [text, person] } }, 'Map<string, Person>'],
    [{ type: 'array', 'x-typewire-type': 'map' }, 'Map<unknown, unknown>'],
    [{ type: 'integer', 'x-typewire-type': 'Int16Array' }, 'Int16Array<ArrayBuffer>'],
    [{ type: 'string', 'x-typewire-type': 'Date', readOnly: true }, 'Date'],
    [{ type: 'string', 'x-typewire-type': 'of a later version' }, 'unknown'],
  ])('%j as %s', (schema, written) => expect(types.text(schema)).toBe(written))
})

describe('SchemaTypes writes objects', () => {
  const a = { properties: { a: text }, required: ['a'] }
  test.each<[JsonSchema, string]>([
    [{ type: 'object' }, 'Record<string, unknown>'],
    [{ type: 'object', properties: {} }, 'Record<string, never>'],
    [{ type: 'object', additionalProperties: false }, 'Record<string, never>'],
    [{ type: 'object', additionalProperties: person }, 'Record<string, Person>'],
    [{ type: 'object', patternProperties: { '^x': person, '^y': text } }, 'Record<string, Person | string>'],
    [{ type: 'object', propertyNames: { const: 'k' }, additionalProperties: text }, "Partial<Record<'k', string>>"],
    [
      { type: 'object', propertyNames: { $ref: '#/$defs/a~1b' }, additionalProperties: text, required: ['y', 'x'] },
      'Record<AB, string>',
    ],
    [{ type: 'object', ...a }, '{ a: string }'],
    [a, '{ a: string }'],
    [{ type: 'object', properties: { b: text, a: person } }, '{ a?: Person | undefined; b?: string | undefined }'],
    [{ type: 'object', ...a, additionalProperties: {} }, '{ a: string; [key: string]: unknown }'],
    [{ type: 'object', ...a, additionalProperties: text }, '{ a: string; [key: string]: string }'],
    [{ type: 'object', ...a, additionalProperties: person }, '{ a: string } & { [key: string]: Person }'],
    [{ type: 'object', ...a, readOnly: true }, 'Readonly<{ a: string }>'],
    [{ ...person, readOnly: true }, 'Readonly<Person>'],
    [{ type: 'object', properties: { 'a-b': {}, é: false } }, "{ 'a-b'?: unknown; 'é'?: undefined }"],
  ])('%j as %s', (schema, written) => expect(types.text(schema)).toBe(written))

  test('of a type that leads back to itself without aliases on the way', () => {
    expect(types.definition('Tree')).toBe('string | { [key: string]: Tree }')
    expect(types.definition('Ring')).toBe("{ [key in 'next']?: Ring }")
  })

  test('of nothing but members as what an interface can have', () => {
    expect(types.members(definitions['Person']!)).toEqual([{ doc: [], text: 'name: string' }])
    for (const schema of [true, {}, { type: 'object' }, { type: 'object', ...a, readOnly: true }, { ...a, ...person }])
      expect(types.members(schema)).toBeUndefined()
  })
})
