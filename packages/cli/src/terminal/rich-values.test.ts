import { keywords, type JsonSchema } from '@typewire/core/snapshot'
import { describe, expect, test } from 'vitest'
import { CliError } from '../cli-error.ts'
import { printable } from './rich-forms.ts'
import { richValue } from './rich-values.ts'

const { type } = keywords
const date = { type: 'string', format: 'date-time', [type]: 'Date' }
const bigint = { type: 'string', pattern: '^-?\\d+$', [type]: 'bigint' }
const bytes = { type: 'integer', minimum: 0, [type]: 'bytes' }
const setOf = (items: JsonSchema) => ({ type: 'array', items, uniqueItems: true, [type]: 'set' })
const mapOf = (key: JsonSchema, value: JsonSchema) => ({
  type: 'array',
  items: { type: 'array', prefixItems: [key, value], items: false },
  [type]: 'map',
})
const read = (json: unknown, schema: JsonSchema, definitions = {}) => richValue(json, schema, definitions, 'input')

describe('richValue', () => {
  test.each<[what: string, json: unknown, schema: JsonSchema, value: unknown]>([
    ['a Date', '2026-11-29T08:30:00Z', date, new Date('2026-11-29T08:30:00Z')],
    ['a day', '2026-11-29', date, new Date('2026-11-29')],
    ['a bigint', '9007199254740993', bigint, 9007199254740993n],
    ['a small bigint as a number', 7, bigint, 7n],
    ['a literal bigint', '5', { const: '5', [type]: 'bigint' }, 5n],
    ['NaN', 'NaN', { const: 'NaN', [type]: 'number' }, Number.NaN],
    ['nothing', null, { type: 'null', [type]: 'undefined' }, undefined],
    ['a URL', 'https://a.example/', { type: 'string', [type]: 'URL' }, new URL('https://a.example/')],
    ['bytes', 'AQID', bytes, new Uint8Array([1, 2, 3])],
    ['a buffer', 'AQID', { ...bytes, [type]: 'buffer' }, new Uint8Array([1, 2, 3]).buffer],
    ['numbers', [1, 2.5], { ...bytes, [type]: 'Float32Array' }, new Float32Array([1, 2.5])],
    ['bigints', ['1', 2], { ...bytes, [type]: 'BigInt64Array' }, new BigInt64Array([1n, 2n])],
    ['a set', ['1', '2'], setOf(bigint), new Set([1n, 2n])],
    ['a map of pairs', [['2026-01-01', '1']], mapOf(date, bigint), new Map([[new Date('2026-01-01'), 1n]])],
    ['a map of an object', { a: '1' }, mapOf({ type: 'string' }, bigint), new Map([['a', 1n]])],
    ['an Error', { message: 'no' }, { type: 'object', [type]: 'Error' }, new Error('no')],
    ['members', { at: '2026-01-01', n: 1 }, { properties: { at: date } }, { at: new Date('2026-01-01'), n: 1 }],
    ['other members', { a: '1' }, { type: 'object', additionalProperties: bigint }, { a: 1n }],
    ['items', ['1'], { type: 'array', items: bigint }, [1n]],
    ['a tuple', ['a', '1'], { type: 'array', prefixItems: [{ type: 'string' }, bigint] }, ['a', 1n]],
    [
      'parts of an intersection',
      { a: '1', b: '2' },
      { allOf: [{ properties: { a: bigint } }, { properties: { b: bigint } }] },
      { a: 1n, b: 2n },
    ],
    ['what the schema does not know', { at: '2026-01-01' }, true, { at: '2026-01-01' }],
  ])('reads %s', (_, json, schema, value) => {
    expect(read(json, schema)).toEqual(value)
  })

  test('follows references, also in circles', () => {
    const definitions = { Tree: { type: 'object', properties: { at: date, next: { $ref: '#/$defs/Tree' } } } }
    const json = { at: '2026-01-01', next: { at: '2026-01-02' } }
    expect(read(json, { $ref: '#/$defs/Tree' }, definitions)).toEqual({
      at: new Date('2026-01-01'),
      next: { at: new Date('2026-01-02') },
    })
    expect(read(1, { $ref: '#/$defs/A' }, { A: { $ref: '#/$defs/A' } })).toBe(1)
  })

  test('takes the first branch of a union that fits', () => {
    const nullable = { anyOf: [date, { type: 'null' }] }
    expect(read(null, nullable)).toBe(null)
    expect(read('2026-01-01', nullable)).toEqual(new Date('2026-01-01'))
    expect(read('2026-01-01', { anyOf: [{ type: 'string' }, date] })).toBe('2026-01-01')
    const tagged = {
      oneOf: [
        { type: 'object', properties: { kind: { const: 'day' }, at: date }, required: ['kind', 'at'] },
        { type: 'object', properties: { kind: { const: 'id' }, at: bigint }, required: ['kind', 'at'] },
      ],
    }
    expect(read({ kind: 'id', at: '7' }, tagged)).toEqual({ kind: 'id', at: 7n })
  })

  test('leaves what fits no branch to the server', () => {
    expect(read('soon', { anyOf: [date, { type: 'null' }] })).toBe('soon')
  })

  test.each<[json: unknown, schema: JsonSchema, message: string]>([
    [{ at: 'tomorrow' }, { properties: { at: date } }, 'input.at: "tomorrow" is no Date. Write it as ISO 8601'],
    [{ ids: [1.5] }, { properties: { ids: { items: bigint } } }, 'input.ids[0]: 1.5 is no bigint.'],
    [12345678901234567000, bigint, 'is no bigint. Write it as its digits in quotes'],
    ['no base64!', bytes, 'is no bytes. Write it in base64'],
    [1, setOf(true), 'input: 1 is no set. Write it as an array.'],
    [[1], mapOf(true, true), 'input[0]: 1 is no pair.'],
  ])('says where %j cannot be read, and how to write it', (json, schema, message) => {
    expect(() => read(json, schema)).toThrow(CliError)
    expect(() => read(json, schema)).toThrow(message)
  })
})

describe('printable', () => {
  test('prints in the forms that are read', async () => {
    const at = new Date('2026-11-29T08:30:00Z')
    const value = {
      at,
      id: 9007199254740993n,
      none: undefined,
      tags: new Set(['a', undefined]),
      map: new Map<unknown, unknown>([[at, 1n]]),
      bytes: new Uint8Array([1, 2, 3]).subarray(1),
      numbers: new BigInt64Array([1n]),
      nan: Number.NaN,
      url: new URL('https://a.example/'),
      error: new RangeError('no'),
      file: new File(['abc'], 'a.txt', { type: 'text/plain', lastModified: 5 }),
      blob: new Blob(['abc']),
      pattern: /a/g,
    }
    expect(await printable(value)).toEqual({
      at: '2026-11-29T08:30:00.000Z',
      id: '9007199254740993',
      tags: ['a', null],
      map: [['2026-11-29T08:30:00.000Z', '1']],
      bytes: 'AgM=',
      numbers: ['1'],
      nan: 'NaN',
      url: 'https://a.example/',
      error: { name: 'RangeError', message: 'no' },
      file: { name: 'a.txt', type: 'text/plain', lastModified: 5, base64: 'YWJj' },
      blob: { type: '', base64: 'YWJj' },
      pattern: '/a/g',
    })
  })
})
