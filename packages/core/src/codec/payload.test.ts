import fc from 'fast-check'
import superjson from 'superjson'
import { describe, expect, it } from 'vitest'
import { parseBatch } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { maxAnnotations } from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import { type EncodedPayload, frameOf, type UnreadPayload } from './parts.ts'
import { decodePayload, encodePayload } from './payload.ts'

/** Keys that paths must escape, that arrays have, and that look like paths. */
const oddKeys = ['', '.', '\\', 'a.b', '\\.', '..', 'a\\', '.a', '0', '1.0', 'length', 'toString', 'toJSON', 'then']

/** superjson refuses these beside rich values; see below. */
const refusedKeys = ['__proto__', 'constructor', 'prototype']

const keys = fc
  .oneof(fc.string({ maxLength: 5 }), fc.constantFrom(...oddKeys))
  .filter((key) => !refusedKeys.includes(key))

/** Whatever of JSON and the rich types, in each other. */
const richValues: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.double(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0),
      fc.bigInt(),
      fc.date({ noInvalidDate: true }),
      fc.webUrl().map((url) => new URL(url)),
      fc.tuple(fc.string(), fc.string()).map(([name, message]) => Object.assign(new Error(message), { name })),
      fc.constantFrom(/x/, /a\/[/"\\]\n/giu, new RegExp(''), /\//),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(keys, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value

/** A picture of a value that is equal for equal values alone: types, order, -0, and members that are undefined. */
function pictureOf(value: unknown): unknown {
  if (typeof value === 'number') return Object.is(value, -0) ? 'number -0' : `number ${value}`
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`
  if (value instanceof Date) return `Date ${value.getTime()}`
  if (value instanceof URL) return `URL ${value.href}`
  if (value instanceof Error) return `Error ${value.name}: ${value.message}`
  if (value instanceof RegExp) return `RegExp ${String(value)}`
  if (value instanceof Set) return { set: Array.from(value, pictureOf) }
  if (value instanceof Map) return { map: Array.from(value, pictureOf) }
  if (Array.isArray(value)) return Array.from(value, pictureOf)
  return { object: Object.entries(value).map(([key, member]) => [key, pictureOf(member)]) }
}

/** Payload and annotations as a frame's last elements, after JSON. */
function elementsOf(encoded: EncodedPayload | UnreadPayload): [json?: unknown, annotations?: unknown] {
  return JSON.parse(`[${textOf(encoded).slice(1)}]`) as [unknown, unknown]
}

function textOf(encoded: EncodedPayload | UnreadPayload): string {
  if (typeof encoded !== 'string') throw new Error('it has parts')
  return encoded
}

/** Annotations without `each`, which superjson does not know. */
function spelledOut(json: unknown, tree: unknown): unknown {
  if (!Array.isArray(tree)) return membersSpelledOut(json, tree)
  const [type, inner] = tree as readonly unknown[]
  if (type === 'each') return Object.fromEntries((json as unknown[]).map((item, i) => [i, spelledOut(item, inner)]))
  return inner === undefined ? [type] : [type, spelledOut(json, inner)]
}

function membersSpelledOut(json: unknown, tree: unknown): unknown {
  if (tree === undefined) return undefined
  return Object.fromEntries(
    Object.entries(tree as Record<string, unknown>).map(([path, child]) => {
      const at = path.split(/(?<=(?<!\\)(?:\\\\)*)\./).map((key) => key.replace(/\\(.)/g, '$1'))
      return [
        path,
        spelledOut(
          at.reduce((value, key) => (value as Record<string, unknown>)[key], json),
          child,
        ),
      ]
    }),
  )
}

/** From a server, which may send everything. */
function throughTheWire(value: unknown): unknown {
  const [json, annotations] = elementsOf(encodePayload(value, { from: 'server' }))
  return decodePayload(json, annotations, 'server')
}

class Point {
  readonly x = 1
}
class Big {
  readonly x = 1n
}

function nested(depth: number, core: unknown = null): unknown {
  let value = core
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

describe('encodePayload', () => {
  it.each<[string, unknown, string]>([
    ['undefined, as nothing (PL-1)', undefined, ''],
    ['null', null, ',null'],
    ['a string', 'a\n"b"\u2028', ',"a\\n\\"b\\"\u2028"'],
    ['half of a surrogate pair, escaped', '\ud800', ',"\\ud800"'],
    ['plain JSON, without annotations', { a: [1, { b: false }] }, ',{"a":[1,{"b":false}]}'],
    [
      'names that only rich values may not have',
      JSON.parse('{"__proto__":1,"constructor":2}'),
      ',{"__proto__":1,"constructor":2}',
    ],
    ['a date, with its annotation (PL-2)', new Date(0), ',"1970-01-01T00:00:00.000Z",["Date"]'],
    ['a member that is undefined', { a: undefined }, ',{"a":null},{"a":["undefined"]}'],
    [
      'keys with dots and backslashes',
      { 'a.b': { 'c\\d': 1n } },
      ',{"a.b":{"c\\\\d":"1"}},{"a\\\\.b.c\\\\\\\\d":["bigint"]}',
    ],
    ['a map', new Map([['a', new Date(0)]]), ',[["a","1970-01-01T00:00:00.000Z"]],["map",{"0.1":["Date"]}]'],
    ['a set', { s: new Set([1, 2]) }, ',{"s":[1,2]},{"s":["set"]}'],
    ['negative zero', -0, ',"-0",["number"]'],
    [
      'an error, without stack and cause',
      new TypeError('x', { cause: 1 }),
      ',{"name":"TypeError","message":"x"},["Error"]',
    ],
    [
      'an error of the platform',
      [new DOMException('x', 'AbortError')],
      ',[{"name":"AbortError","message":"x"}],{"0":["Error"]}',
    ],
    [
      "an error's members that are no texts",
      Object.assign(new Error('x'), { name: 5 }),
      ',{"name":"5","message":"x"},["Error"]',
    ],
    [
      'what all items of an array are in one place (PL-13)',
      { at: [new Date(0), new Date(1)] },
      ',{"at":["1970-01-01T00:00:00.000Z","1970-01-01T00:00:00.001Z"]},{"at":["each",["Date"]]}',
    ],
    [
      'the same of what is in the items, and of items of items',
      [[{ a: 1n, b: { 'c.d': 2n } }], [{ a: 3n, b: { 'c.d': 4n } }]].map((rows) => [...rows, ...rows]),
      ',[[{"a":"1","b":{"c.d":"2"}},{"a":"1","b":{"c.d":"2"}}],[{"a":"3","b":{"c.d":"4"}},{"a":"3","b":{"c.d":"4"}}]],' +
        '["each",["each",{"a":["bigint"],"b.c\\\\.d":["bigint"]}]]',
    ],
    ['the same of a set', new Set([1n, 2n]), ',["1","2"],["set",["each",["bigint"]]]'],
    [
      'items that differ, each by its path',
      { a: [{ b: 1n }, { b: 2n }, { b: 3 }, { b: 4n, c: 5n }] },
      ',{"a":[{"b":"1"},{"b":"2"},{"b":3},{"b":"4","c":"5"}]},' +
        '{"a.0.b":["bigint"],"a.1.b":["bigint"],"a.3.b":["bigint"],"a.3.c":["bigint"]}',
    ],
    ['items that differ in their types', [1n, Number.NaN], ',["1","NaN"],{"0":["bigint"],"1":["number"]}'],
    ['lists of different lists', [[1n, 2n], [3]], ',[["1","2"],[3]],{"0":["each",["bigint"]]}'],
    ['the first of many that is rich', [1n, 2, 3], ',["1",2,3],{"0":["bigint"]}'],
    ['the last of many that is rich', { a: [1, 2, 3n] }, ',{"a":[1,2,"3"]},{"a.2":["bigint"]}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), ',{"a":1}'],
  ])('writes %s', (_, value, text) => {
    expect(encodePayload(value)).toBe(text)
  })

  it('writes the same for plain values, whether or not it is told that they are', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const value: unknown = JSON.parse(text.replaceAll('-0', '0'))
        expect(encodePayload(value, { isKnownPlain: true })).toBe(encodePayload(value))
      }),
    )
  })

  it('writes the JSON that JSON.stringify does, beside rich values too', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('\ud800', '\u2028', '\x7f'))
    const numbers = fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number || 0)
    const values = fc.oneof(texts, numbers, fc.boolean(), fc.constant(null), fc.date({ noInvalidDate: true }))
    const lists = fc.array(fc.oneof(values, fc.dictionary(texts, values, { noNullPrototype: true })))
    fc.assert(
      fc.property(lists, (list) => {
        const value = { list, at: new Date(0) }
        const json = JSON.stringify(value)
        fc.pre(!refusedKeys.some((key) => json.includes(key)))
        expect(encodePayload(value)).toContain(`,${json},{`)
      }),
    )
  })

  it('writes keys that nobody could remember all', () => {
    const keys = Array.from({ length: 3_000 }, (_, index) => `${'.'.repeat(index % 70)}key "${index}"`)
    const value = Object.fromEntries(keys.map((key) => [key, new Date(key.length)]))
    expect(throughTheWire(value)).toEqual(value)
    expect(throughTheWire(value)).toEqual(value)
  })

  it.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
    ['a regular expression', { a: /x/ }],
    ['a rich value in a member named constructor', { constructor: new Date(0) }],
    [
      'a rich value in a member named __proto__',
      Object.defineProperty({}, '__proto__', { value: 1n, enumerable: true }),
    ],
    ['a rich value in a member named prototype', { prototype: { at: new Date(0) } }],
    ['a function in an object', { a: 1, f() {} }],
    ['a function in an array', [() => 1]],
    ['a symbol in an object', { a: Symbol('x') }],
    ['an instance of a class', new Point()],
    ['an instance of a class that JSON cannot write', new Big()],
    ['a date that is none', new Date(Number.NaN)],
    ['bytes that threads share', new SharedArrayBuffer(2)],
    ['a view of bytes', new DataView(new ArrayBuffer(2))],
    ['a promise', Promise.resolve(1)],
    ['a weak map', new WeakMap()],
  ])('refuses what cannot travel: %s', (_, value) => {
    expect(() => encodePayload(value)).toThrow(PayloadError)
  })

  it('refuses of a client what a server may send (PL-10)', () => {
    expect(() => encodePayload({ a: [/x/] })).toThrow('a.0 is a RegExp, which a client may not send')
    expect(encodePayload({ a: [/x/] }, { from: 'server' })).toBe(',{"a":["/x/"]},{"a.0":["regexp"]}')
  })

  it('keeps the length of an array with holes', () => {
    const holes: unknown[] = []
    holes.length = 3
    expect(elementsOf(encodePayload(holes))[0]).toHaveLength(3)
  })

  it('writes an array that has members beside its items so that it can be read', () => {
    const match = /(x)?a/.exec('a') // [ 'a', undefined, index: 0, input: 'a', groups: undefined ]
    expect(throughTheWire(match)).toEqual(['a', undefined])
  })

  it('writes a value that stands in several places once for each', () => {
    const shared = { at: new Date(5), tags: new Set(['a']) }
    const decoded = throughTheWire({ a: shared, b: [shared, shared], 'c.d': { e: shared } }) as Record<string, unknown>
    expect(decoded).toEqual({ a: shared, b: [shared, shared], 'c.d': { e: shared } })
    expect(decoded['a']).not.toBe((decoded['b'] as unknown[])[0])
  })

  it.each<[string, () => unknown]>([
    ['in itself', () => Object.assign({}, ...[{}].map((o) => ({ self: Object.assign(o, { self: o }) })))],
    [
      'an array in itself',
      () => {
        const list: unknown[] = [1]
        list.push(list)
        return list
      },
    ],
    [
      'a map in itself',
      () => {
        const map = new Map<string, unknown>()
        return map.set('self', { map })
      },
    ],
    [
      'a set in itself, deeper',
      () => {
        const set = new Set<unknown>()
        set.add([set])
        return { a: [{ set }] }
      },
    ],
    [
      'under a key with a dot',
      () => {
        const inner: Record<string, unknown> = {}
        inner['x.y'] = { inner }
        return { 'a.b': inner }
      },
    ],
    [
      'that also stands in another place, which is less deep',
      () => {
        const inner: Record<string, unknown> = {}
        inner['self'] = inner
        return { first: { deeper: inner }, second: inner }
      },
    ],
  ])('refuses a value that holds itself: %s', (_, make) => {
    expect(() => encodePayload(make())).toThrow(/ holds itself, which cannot travel$/)
  })

  it('refuses a value that is nested too deep to be walked', () => {
    expect(() => encodePayload(nested(10_000))).toThrow(PayloadError)
  })

  // In its frame and its batch, a payload is two levels down.
  it.each([
    ['plain', null],
    ['rich', new Date(0)],
  ])('writes what a receiver reads: %s, nested as deep as a message may be', (_, core) => {
    const batch = parseBatch(`[${frameOf('[18,1', textOf(encodePayload(nested(510, core)))).text}]`)
    expect(batch).not.toBeInstanceOf(ProtocolError)
  })

  // One value that is too deep must be its own call's error, not the end of the connection.
  it.each([
    ['plain', null],
    ['rich', new Date(0)],
  ])('refuses what no receiver reads: %s, nested one deeper than a message may be', (_, core) => {
    expect(() => encodePayload(nested(511, core))).toThrow(PayloadError)
  })

  it.each([100, 250, 300, 500])('writes %d sets in each other so that a receiver reads them, or refuses', (depth) => {
    let value: unknown = 1
    for (let i = 0; i < depth; i++) value = new Set([value])
    const error = errorOf(() => {
      const batch = parseBatch(`[${frameOf('[18,1', textOf(encodePayload(value))).text}]`)
      if (batch instanceof ProtocolError) throw new Error(batch.reason)
    })
    expect(error ?? new PayloadError()).toBeInstanceOf(PayloadError)
  })

  it('writes an integer that is as long as a receiver reads, and refuses a longer one (PL-6)', () => {
    const longest = 10n ** 4_096n - 1n
    expect(throughTheWire([longest, -(10n ** 4_095n - 1n)])).toEqual([longest, -(10n ** 4_095n - 1n)])
    expect(() => encodePayload({ a: longest + 1n })).toThrow('a has more than 4096 characters, which cannot travel')
    expect(() => encodePayload({ a: -longest })).toThrow(PayloadError)
  })

  it('sends as many deep ones as its peer takes, and refuses one more (PL-6)', () => {
    const deep = (count: number) => {
      let value: unknown = new Set(Array.from({ length: count }, () => new Date(0)))
      for (let depth = 0; depth < 248; depth++) value = [value]
      return value
    }
    expect(throughTheWire(deep(1_003))).toEqual(deep(1_003)) // 1,003 × 249 steps, and 248 of the set
    expect(() => encodePayload(deep(1_004))).toThrow('Too many rich values too deep in one payload')
  })

  it('writes as many rich values as a receiver reads, and refuses one more', () => {
    const dates = Array.from({ length: maxAnnotations }, () => new Date(0))
    expect(throughTheWire(dates)).toHaveLength(maxAnnotations)
    expect(() => encodePayload([...dates, new Date(0)])).toThrow(PayloadError)
  })
})

describe('encodePayload, where much is rich', () => {
  const dates = (length: number): (Date | undefined)[] => Array.from({ length }, (_, n) => new Date(n))

  it.each([2, 15, 16, 17, 100])('writes holes among %d items as undefined', (length) => {
    const holed = dates(length)
    Reflect.deleteProperty(holed, 1)
    expect(throughTheWire(holed)).toEqual(dates(length).map((date, n) => (n === 1 ? undefined : date)))
    expect(throughTheWire(Object.assign([], { length }))).toEqual(Array.from({ length }, () => undefined))
  })

  it.each<[string, unknown, string]>([
    ['a date among many', { a: [...dates(20), new Date(Number.NaN)] }, 'a.20 is an invalid Date'],
    ['an item that is alike', { a: [{ b: 1n }, { b: 2n }, { b: Symbol('x') }] }, 'a.2.b is a symbol'],
    [
      'an item of an item',
      [
        [1n, 2n],
        [3n, () => 1],
      ],
      '1.1 is a function',
    ],
    ['behind one that differs', { a: [1n, 2, 3n, () => 1] }, 'a.3 is a function'],
    ['behind a list of such', { a: [1n, 2], b: () => 1 }, 'b is a function'],
    ['in a set', { a: new Set([[1n], { c: () => 1 }]) }, 'a.1.c is a function'],
    ['behind a set', { a: [new Set([1]), () => 1], b: 1 }, 'a.1 is a function'],
    ['a path that is long', { ['a'.repeat(300)]: () => 1 }, `${'a'.repeat(100)} is a function`],
  ])('says where: %s', (_, value, message) => {
    expect(() => encodePayload(value)).toThrow(new RegExp(`^${message}`))
  })

  const setsIn = (depth: number, inner: unknown) =>
    Array.from({ length: depth }).reduce<unknown>((value) => new Set([value, 1]), inner)

  it('takes sets in each other as deep as their annotations may be, beside each other as many as it likes', () => {
    const alike = Array.from({ length: 8 }).reduce<unknown>((value) => [{ a: value }, { a: value }], 1n)
    const deepest = setsIn(239, alike)
    expect(pictureOf(throughTheWire(deepest))).toEqual(pictureOf(deepest))
    expect(() => encodePayload(setsIn(240, 1n))).toThrow('in 239 sets and maps, which cannot travel')
    expect(throughTheWire(Array.from({ length: 500 }, () => new Set(['a'])))).toHaveLength(500)
  })

  it('refuses paths that would make a huge text of little', () => {
    const wide = Array.from({ length: 9_900 }, (_, n) => (n === 0 ? 0 : -0))
    expect(() => encodePayload({ ['k'.repeat(40_000)]: wide })).toThrow('Too long paths to rich values')
    const nested = Array.from({ length: 20 }).reduce<unknown>(
      (inner) => [{ ['k'.repeat(1_000)]: inner }, 0],
      Array.from({ length: 9_000 }, (_, n) => (n % 2 ? new Date(n) : n)),
    )
    expect(() => encodePayload(nested)).toThrow('Too long paths to rich values')
  })

  it.each(['__proto__', 'constructor', 'prototype'])('takes a member %s, but not rich values in it', (name) => {
    const at = new Date(0)
    const plain: unknown = JSON.parse(`{"${name}":{"a":[1]},"b":1}`)
    expect(throughTheWire({ plain, at })).toEqual({ plain, at })
    expect(throughTheWire([plain, at])).toEqual([plain, at])
    for (const rich of [1n, [1n], { a: 1n }]) {
      const holder = Object.defineProperty({}, name, { value: rich, enumerable: true })
      expect(() => encodePayload({ holder })).toThrow('has a name that no member with rich values in it may have')
    }
  })

  it('takes so many numbers in sets and keys of maps, and any number of texts (PL-6)', () => {
    const numbers = (length: number) => Array.from({ length }, (_, n) => n)
    const some = [new Set(numbers(5_000)), new Map(numbers(5_000).map((n) => [n, 'x']))]
    expect(throughTheWire(some)).toEqual(some)
    const more = [...some, new Set([1])]
    expect(() => encodePayload(more)).toThrow('More than 10000 numbers in sets and keys of maps')
    const json = [numbers(5_000), numbers(5_000).map((n) => [n, 'x']), [1]]
    expect(() => decodePayload(json, { 0: ['set'], 1: ['map'], 2: ['set'] })).toThrow('More than 10000 numbers')
    const texts = new Set(numbers(20_000).map(String))
    expect(throughTheWire(texts)).toEqual(texts)
  })

  it('refuses a URL with a longer host than any, and takes a long one (PL-14)', () => {
    for (const url of [
      'data:text/plain,',
      'mailto:',
      'https://example.com/',
      'file:///',
      'https://a:b@example.com:80/?',
    ]) {
      const long = new URL(url + 'x'.repeat(5_000))
      expect(throughTheWire(long)).toEqual(long)
    }
    expect(() => encodePayload(new URL(`http://${'a'.repeat(300)}`))).toThrow('is a URL with a longer host than any')
    for (const url of ['http://', 'HTTPS:', 'ws:\\\\', 'http:////a@', 'file://', 'ftp:/', 'wss://a:b@']) {
      expect(() => decodePayload(`${url}${'a'.repeat(300)}/`, ['URL'])).toThrow(PayloadError)
    }
    for (const url of ['http://\u0300/', ' http://a/', 'ht\ntp://a/', 'http://a/\u00e9']) {
      expect(() => decodePayload(url, ['URL'])).toThrow(PayloadError)
    }
  })
})

describe('decodePayload', () => {
  it('gives the payload as it is where there are no annotations', () => {
    const json = { a: 1 }
    expect(decodePayload(json, undefined)).toBe(json)
    expect(decodePayload(json, 0)).toBe(json)
    expect(decodePayload(undefined, undefined)).toBeUndefined()
  })

  it('gives what encodePayload was given', () => {
    fc.assert(
      fc.property(richValues, (value) => {
        expect(pictureOf(throughTheWire(value))).toEqual(pictureOf(value))
      }),
      { numRuns: 1_000 },
    )
  })

  it('reads what superjson writes', () => {
    fc.assert(
      fc.property(richValues, (value) => {
        const { json, meta } = JSON.parse(superjson.stringify(value)) as { json: unknown; meta?: { values?: unknown } }
        expect(pictureOf(decodePayload(json, meta?.values, 'server'))).toEqual(pictureOf(value))
      }),
    )
  })

  it('agrees with superjson, which reads what encodePayload writes when what is said of each item is said item by item', () => {
    fc.assert(
      fc.property(richValues, (value) => {
        const [json, annotations] = elementsOf(encodePayload(value, { from: 'server' }))
        const values = spelledOut(json, annotations)
        const meta = values === undefined ? {} : { meta: { values, v: 1 } }
        const decoded: unknown = superjson.deserialize({ json, ...meta } as never)
        expect(pictureOf(decoded)).toEqual(pictureOf(value))
      }),
    )
  })

  it.each<[string, unknown, unknown]>([
    ['null', {}, null],
    ['false', {}, false],
    ['a number', {}, 1],
    ['a text', {}, 'Date'],
    ['an empty list', 'x', []],
    ['a list in place of a tree', {}, { a: [[['Date']]] }],
    ['children that are none', [], ['set', 5]],
    ['children in a list', [], ['set', [['Date']]]],
    ['children that are null', [], ['set', null]],
    ['what is said of each item of what has none', {}, ['each', ['Date']]],
    ['what is said of each item of a text', 'ab', ['each', ['undefined']]],
    ['what is said of each item, and of none', [], ['each']],
    ['what is said of the items of a set by a type', [], ['set', ['Date', ['Date']]]],
    ['a set with no children', [], ['set', {}]],
  ])('refuses annotations that are malformed: %s', (_, json, annotations) => {
    expect(() => decodePayload(json, annotations)).toThrow(PayloadError)
  })

  it.each<[string, unknown]>([
    ['regexp', 'regexp'],
    ['class', ['class', 'Point']],
    ['custom', ['custom', 'x']],
    ['symbol', ['symbol', 'x']],
    ['typed-array', ['typed-array', 'Uint8Array']],
    ['constructor', 'constructor'],
    ['__proto__', '__proto__'],
    ['toString', 'toString'],
    ['a long one', 'x'.repeat(100_000)],
    ['null', null],
    ['a number', 5],
    ['an object', {}],
    ['an object that cannot be made a text', { toString: 1, valueOf: 1 }],
    ['a list that holds such an object', [{ toString: 1, valueOf: 1 }]],
  ])('refuses a type that does not travel: %s', (_, type) => {
    for (const tree of [[type], { a: [type] }, ['set', { 0: [type] }]]) {
      expect(() => decodePayload({ a: 'x' }, tree)).toThrow(PayloadError)
    }
  })

  it.each<[string, string]>([
    ['a prototype', '__proto__'],
    ['a member of a prototype', '__proto__.polluted'],
    ['a prototype, deeper', 'object.__proto__.polluted'],
    ['a constructor', 'constructor'],
    ["a constructor's prototype", 'constructor.prototype.polluted'],
    ['a method', 'toString'],
    ['what is not there', 'missing'],
    ['what is not there, deeper', 'object.missing.deeper'],
    ['a character of a text', 'text.0'],
    ['the length of a text', 'text.length'],
    ['the length of a list', 'list.length'],
    ['a method of a list', 'list.push'],
    ['an index beyond a list', 'list.7'],
    ['an index that is not written as one', 'list.01'],
    ['a member of null', 'nothing.x'],
    ['a member of a number', 'number.toFixed'],
    ['the empty key', ''],
  ])('refuses a path to %s', (_, path) => {
    const json = { text: 'abc', list: [null, null, null], object: {}, nothing: null, number: 1 }
    const before = JSON.stringify(json)
    expect(() => decodePayload(json, { [path]: ['undefined'] })).toThrow(PayloadError)
    expect(JSON.stringify(json)).toBe(before)
  })

  it.each([null, 1, 'text', true, []])('refuses a path into a payload that has no members: %j', (json) => {
    expect(() => decodePayload(json, { a: ['undefined'] })).toThrow(PayloadError)
  })

  it('follows a path to own members of any name but __proto__', () => {
    const json: unknown = JSON.parse('{"constructor":{"prototype":"5"},"__proto__":{"x":"5"}}')
    const decoded = decodePayload(json, { 'constructor.prototype': ['bigint'] })
    expect((decoded as { constructor: unknown }).constructor).toEqual({ prototype: 5n })
    expect(() => decodePayload(json, JSON.parse('{"__proto__.x":["bigint"]}'))).toThrow(PayloadError)
  })

  it.each<[string, unknown, unknown]>([
    ['twice, by two spellings of one path', { a: '5' }, { a: ['bigint'], '\\a': ['bigint'] }],
    ['a date into which another path leads', { a: '2000-01-01' }, { a: ['Date'], 'a.b': ['undefined'] }],
    ['a map into which another path leads', { a: [['k', null]] }, { a: ['map'], '\\a.0': ['undefined'] }],
    ['children of what is no container', { a: '5' }, { a: ['bigint', { b: ['undefined'] }] }],
  ])('refuses to annotate %s', (_, json, annotations) => {
    expect(() => decodePayload(json, annotations)).toThrow(PayloadError)
  })

  it('takes as many values as are allowed of those that are annotated item by item, and refuses one more', () => {
    const list = (length: number) => Array.from({ length }, () => null)
    const tree = ['each', ['undefined']]
    expect(decodePayload(list(maxAnnotations), tree)).toHaveLength(maxAnnotations)
    expect(() => decodePayload(list(maxAnnotations + 1), tree)).toThrow('More than 10000 rich values')
  })

  it('refuses many that are deep, by the length of their paths together (PL-6)', () => {
    const payload = (count: number): unknown =>
      Array.from({ length: 249 }).reduce<unknown>((inner) => ({ a: inner }), {
        list: Array.from({ length: count }, () => null),
      })
    const path = Array.from({ length: 249 }, () => 'a').join('.')
    const flat = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${path}.list.${i}`, ['undefined']]))
    expect(() => decodePayload(payload(996), flat(996))).not.toThrow()
    expect(() => decodePayload(payload(997), flat(997))).toThrow('Too many rich values too deep in one payload')
  })

  it('counts each item that is visited, though it holds nothing: a small message could ask for the same over and over', () => {
    const items = (count: number) => ({ ab: Array.from({ length: count }, () => []) })
    // Three ways to write one path.
    const tree = Object.fromEntries(['ab', '\\ab', 'a\\b'].map((path) => [path, ['each', ['each', ['Date']]]]))
    expect(() => decodePayload(items(83_332), tree)).not.toThrow()
    expect(() => decodePayload(items(83_333), tree)).toThrow('Too many rich values too deep in one payload')
  })

  it('takes as many annotations as are allowed, and refuses one more', () => {
    const list = (length: number) => Array.from({ length }, () => null)
    const tree = (length: number) => Object.fromEntries(list(length).map((_, i) => [i, ['undefined']]))
    expect(decodePayload(list(maxAnnotations), tree(maxAnnotations))).toHaveLength(maxAnnotations)
    expect(() => decodePayload(list(maxAnnotations + 1), tree(maxAnnotations + 1))).toThrow(PayloadError)
  })
})

function errorOf(run: () => void): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}
