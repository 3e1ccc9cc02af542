import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PayloadError } from './payload-error.ts'
import { canonicalText, canonicalTextBy } from './canonical.ts'
import { encodeWithoutBytes } from './payload.ts'

/** The same value with the members of each object in another order. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, shuffled(member)]),
  )
}

function outcomeOf(run: () => string): string {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

describe('canonicalText', () => {
  it.each<[string, unknown, string]>([
    ['undefined', undefined, ''],
    ['null', null, ',null'],
    ['a text', '42', ',"42"'],
    ['a number', 42, ',42'],
    ['an empty object', {}, ',{}'],
    ['objects in objects', { b: { d: 1, c: [2, 1] }, a: 3 }, ',{"a":3,"b":{"c":[2,1],"d":1}}'],
    [
      'rich members',
      { b: new Date(0), a: 1n },
      ',{"a":"1","b":"1970-01-01T00:00:00.000Z"},{"a":["bigint"],"b":["Date"]}',
    ],
    ['objects in lists', [{ b: 1, a: 1 }], ',[{"a":1,"b":1}]'],
  ])('writes %s', (_, value, text) => {
    expect(canonicalText(value)).toBe(text)
  })

  it('is one text whatever the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalText(shuffled(value))).toBe(canonicalText(value))
      }),
    )
  })

  it('is that of a client, which takes no shorter way', () => {
    const members = fc.dictionary(
      fc.oneof(fc.string(), fc.constantFrom('10', '9', 'a', 'b', '__proto__', 'toJSON')),
      fc.oneof(fc.jsonValue({ maxDepth: 1 }), fc.constantFrom(undefined, -0, NaN, 1n)),
      { maxKeys: 4 },
    )
    fc.assert(
      fc.property(members, (value) => {
        expect(outcomeOf(() => canonicalText(value))).toBe(outcomeOf(() => canonicalTextBy(encodeWithoutBytes, value)))
      }),
      { numRuns: 1_000 },
    )
  })

  it('is another text for another value', () => {
    fc.assert(
      fc.property(fc.json(), fc.json(), (one, other) => {
        const [a, b] = [JSON.parse(one), JSON.parse(other)] as [unknown, unknown]
        const areEqual = JSON.stringify(shuffled(a)) === JSON.stringify(shuffled(b))
        fc.pre(!areEqual && !(one + other).includes('{'))
        expect(canonicalText(a)).not.toBe(canonicalText(b))
      }),
    )
    expect(canonicalText({ id: 1 })).not.toBe(canonicalText({ id: '1' }))
    expect(canonicalText(['a', 'b'])).not.toBe(canonicalText(['b', 'a']))
    expect(canonicalText(new Date(0))).not.toBe(canonicalText(new Date(0).toISOString()))
  })

  it.each<[string, unknown, unknown]>([
    ['an object without a prototype', bare({ b: 1, a: 2 }), bare({ a: 2, b: 1 })],
    ['objects in a map', new Map([['k', { b: 1, a: 2 }]]), new Map([['k', { a: 2, b: 1 }]])],
    ['objects in a set', new Set([{ b: 1, a: 2 }]), new Set([{ a: 2, b: 1 }])],
  ])('is one text whatever the order of keys: %s', (_, one, other) => {
    expect(canonicalText(one)).toBe(canonicalText(other))
  })

  it('changes nothing of what it is given', () => {
    const value = { b: { d: 1, c: 2 }, a: 3 }
    canonicalText(value)
    expect(JSON.stringify(value)).toBe('{"b":{"d":1,"c":2},"a":3}')
  })

  it('refuses what cannot travel', () => {
    expect(() => canonicalText(/x/)).toThrow(PayloadError)
  })

  it('refuses a value that holds itself', () => {
    const value: Record<string, unknown> = {}
    value['self'] = { value }
    expect(() => canonicalText(value)).toThrow(PayloadError)
  })
})

function bare(value: object): unknown {
  return Object.assign(Object.create(null), value)
}
