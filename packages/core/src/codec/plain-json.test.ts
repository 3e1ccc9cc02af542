import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isPlainJson } from './plain-json.ts'

class Point {
  readonly x = 1
}

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { value }
  return value
}

describe('isPlainJson', () => {
  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'a'],
    ['a number', 1.5],
    ['a boolean', false],
    ['an empty list', []],
    ['lists and objects in each other', { a: [{ b: [[]] }, null] }],
    ['a member named __proto__', JSON.parse('{"__proto__":{"constructor":1}}')],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['as deep as is looked', nested(510)],
  ])('is true for %s', (_, value) => {
    expect(isPlainJson(value)).toBe(true)
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a member that is undefined', { a: undefined }],
    ['a hole in a list', [1, , 2]], // oxlint-disable-line no-sparse-arrays -- the case
    ['NaN', [Number.NaN]],
    ['Infinity', { a: Number.POSITIVE_INFINITY }],
    ['negative zero', [-0]],
    ['a bigint', 1n],
    ['a function', [() => 1]],
    ['a symbol', { a: Symbol('x') }],
    ['a date', new Date(0)],
    ['a map', new Map()],
    ['a set', new Set()],
    ['a URL', new URL('https://example.com')],
    ['bytes', new Uint8Array(1)],
    ['an instance of a class', new Point()],
    ['a boxed number', Object(1)],
    ['an object of another object', Object.create({ a: 1 })],
    ['an object that writes itself', { toJSON: () => 1 }],
    ['deeper than is looked', nested(513)],
  ])('is false for %s', (_, value) => {
    expect(isPlainJson(value)).toBe(false)
  })

  it('is false for what holds itself', () => {
    const value: unknown[] = []
    value.push({ value })
    expect(isPlainJson(value)).toBe(false)
  })

  it('is true only for what JSON carries', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.anything({ withDate: true, withBigInt: true, withMap: true, withSet: true, withSparseArray: true }),
    )
    fc.assert(
      fc.property(anything, (value) => {
        if (!isPlainJson(value)) return
        expect(isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is true for all that JSON.parse gives but negative zero', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(isPlainJson(JSON.parse(text.replaceAll('-0', '0')))).toBe(true)
      }),
    )
  })
})
