import { describe, expect, it } from 'vitest'
import { maxNesting } from '../protocol/parse.ts'
import { type Annotation, readAnnotations, type RichType, richTypes } from './annotations.ts'
import { PayloadError } from './payload-error.ts'

const read = (tree: unknown) => readAnnotations(tree, 'server')

/** The types in the order in which they are applied, each with its path. */
function listed(
  { type, each, members }: Annotation,
  before: readonly string[] = [],
): [path: string[], type: RichType][] {
  const below = members.flatMap(({ path, annotation }) => listed(annotation, [...before, ...path]))
  const ofItems = each ? listed(each, [...before, '*']) : []
  return [...below, ...ofItems, ...(type ? [[[...before], type] as [string[], RichType]] : [])]
}

describe('readAnnotations', () => {
  it.each<[string, unknown, [string[], RichType][]]>([
    ['nothing', {}, []],
    ['a type for the payload as a whole', ['Date'], [[[], 'Date']]],
    ['a path', { 'a.b': ['set'] }, [[['a', 'b'], 'set']]],
    [
      'the empty key',
      { '': ['Date'], 'a.': ['Date'] },
      [
        [[''], 'Date'],
        [['a', ''], 'Date'],
      ],
    ],
    ['escaped dots and backslashes', { 'a\\.b.c\\\\': ['URL'] }, [[['a.b', 'c\\'], 'URL']]],
    ['a backslash at the end', { 'a\\': ['URL'] }, [[['a'], 'URL']]],
    ['elements that are not known yet', ['Date', undefined, 1], [[[], 'Date']]],
    ['one for each item', { list: ['each', { 'a.b': ['Date'] }] }, [[['list', '*', 'a', 'b'], 'Date']]],
    ['one for each item of each item', ['each', ['each', ['Date']]], [[['*', '*'], 'Date']]],
    [
      'one for each item of a set',
      ['set', ['each', ['Date']]],
      [
        [['*'], 'Date'],
        [[], 'set'],
      ],
    ],
  ])('reads %s', (_, tree, annotations) => {
    expect(listed(read(tree))).toEqual(annotations)
  })

  it('gives children before their container, which is built of them', () => {
    const tree = { list: ['set', { 0: ['map', { '0.1': ['Date'] }], 1: ['bigint'] }] }
    expect(listed(read(tree)).map(([path, type]) => `${path.join('.')} ${type}`)).toEqual([
      'list.0.0.1 Date',
      'list.0 map',
      'list.1 bigint',
      'list set',
    ])
  })

  it.each(Object.keys(richTypes) as RichType[])('knows %s', (type) => {
    expect(listed(read([type]))).toEqual([[[], type]])
  })

  it('takes from a client what a client may send, and nothing else (PL-10)', () => {
    for (const type of Object.keys(richTypes) as RichType[]) {
      const isTaken = errorOf(() => readAnnotations({ a: [type] }, 'client')) === undefined
      expect([type, isTaken]).toEqual([type, richTypes[type] === 'both'])
    }
    expect(() => readAnnotations({ a: ['regexp'] }, 'client')).toThrow(
      'a has the type regexp, which a client may not send',
    )
  })

  it.each([{ a: {} }, { b: { c: {} } }, { a: ['set', {}] }, { a: ['Date'], b: {} }])(
    'refuses what names no type (PL-6): %j',
    (tree) => {
      expect(() => read(tree)).toThrow(/^The type annotations at (a|b|b\.c) name no type$/)
    },
  )

  it.each([['each'], ['each', 5], ['each', null], ['each', {}], ['set', ['Date']], ['set', [['each', ['Date']]]]])(
    'refuses what is said of no item, and children that are none: %j %j',
    (...tree) => {
      expect(() => read(tree)).toThrow(PayloadError)
    },
  )

  it('counts what a tree names before anything is done: types, and steps', () => {
    const types = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [i, ['Date']]))
    expect(() => read(['each', types(10_000)])).not.toThrow()
    expect(() => read(['each', types(10_001)])).toThrow('More than 10000 rich values')
    const steps = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}${'.a'.repeat(99)}`, ['Date']]))
    expect(() => read(steps(2_500))).not.toThrow()
    expect(() => read(steps(2_501))).toThrow('Too many rich values too deep')
  })

  it('says what does not travel, and where', () => {
    const types = { 'a.b': [['typed-array', 'Uint8Array']] }
    expect(() => read(types)).toThrow('a.b has the type typed-array Uint8Array, which does not travel')
    expect(() => read(['x'.repeat(1_000)])).toThrow(/^the payload has the type x{40}, which does not travel$/)
    expect(() => read({ ['a'.repeat(1_000)]: 5 })).toThrow(/^The type annotations at a{100} are malformed$/)
  })

  // A path that every child repeats: a message of 1 MB would become gigabytes of paths.
  it('refuses a path that is longer than a message may nest', () => {
    const tree = (steps: number) => ({ [Array.from({ length: steps }, () => 'a').join('.')]: ['Date'] })
    expect(() => read(tree(maxNesting + 1))).toThrow(PayloadError)
  })

  it('refuses a path that is longer than a message may nest, gathered over several levels', () => {
    const items = (depth: number): unknown => (depth === 0 ? ['Date'] : ['each', items(depth - 1)])
    expect(() => read(items(maxNesting))).not.toThrow()
    expect(() => read(items(maxNesting + 1))).toThrow(PayloadError)
    const key = Array.from({ length: 200 }, () => 'a').join('.')
    expect(() => read({ [key]: ['map', { [key]: ['map', { [key]: ['Date'] }] }] })).toThrow(PayloadError)
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
