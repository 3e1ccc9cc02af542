import { describe, expect, it } from 'vitest'
import { maxNesting } from '../protocol/parse.ts'
import {
  type Annotation,
  maxAnnotations,
  PayloadError,
  readAnnotations,
  type RichType,
  richTypes,
} from './annotations.ts'

const read = (tree: unknown): Annotation[] => readAnnotations(tree, 'server')

describe('readAnnotations', () => {
  it.each<[string, unknown, Annotation[]]>([
    ['nothing', {}, []],
    ['a type for the payload as a whole', ['Date'], [{ type: 'Date', path: [] }]],
    ['a path', { 'a.b': ['set'] }, [{ type: 'set', path: ['a', 'b'] }]],
    [
      'the empty key',
      { '': ['Date'], 'a.': ['Date'] },
      [
        { type: 'Date', path: [''] },
        { type: 'Date', path: ['a', ''] },
      ],
    ],
    ['escaped dots and backslashes', { 'a\\.b.c\\\\': ['URL'] }, [{ type: 'URL', path: ['a.b', 'c\\'] }]],
    ['a backslash at the end', { 'a\\': ['URL'] }, [{ type: 'URL', path: ['a'] }]],
    ['elements that are not known yet', ['Date', undefined, 1], [{ type: 'Date', path: [] }]],
  ])('reads %s', (_, tree, annotations) => {
    expect(read(tree)).toEqual(annotations)
  })

  it('gives children before their container, which is built of them', () => {
    const tree = { list: ['set', { 0: ['map', { '0.1': ['Date'] }], 1: ['bigint'] }] }
    expect(read(tree).map(({ type, path }) => `${path.join('.')} ${type}`)).toEqual([
      'list.0.0.1 Date',
      'list.0 map',
      'list.1 bigint',
      'list set',
    ])
  })

  it.each(Object.keys(richTypes) as RichType[])('knows %s', (type) => {
    expect(read([type])).toEqual([{ type, path: [] }])
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

  it('takes as many as are allowed, and refuses one more', () => {
    const tree = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [i, ['Date']]))
    expect(read(tree(maxAnnotations))).toHaveLength(maxAnnotations)
    expect(() => read(tree(maxAnnotations + 1))).toThrow(PayloadError)
  })

  it('says what does not travel, and where', () => {
    const types = { 'a.b': [['typed-array', 'Uint8Array']] }
    expect(() => read(types)).toThrow('a.b has the type typed-array Uint8Array, which does not travel')
    expect(() => read(['x'.repeat(1_000)])).toThrow(/^the payload has the type x{40}, which does not travel$/)
    expect(() => read({ ['a'.repeat(1_000)]: 5 })).toThrow(/^The type annotations at a{100} are malformed$/)
  })

  it('refuses many that are deep, by the length of their paths together (PL-6)', () => {
    // The tree's own steps count as well: they are gone once for all that lies below.
    const tree = (count: number) => ({
      [Array.from({ length: 249 }, () => 'a').join('.')]: Object.fromEntries(
        Array.from({ length: count }, (_, i) => [i, ['Date']]),
      ),
    })
    expect(read(tree(999))).toHaveLength(999)
    expect(() => read(tree(1_000))).toThrow('Too many rich values too deep in one payload')
  })

  // A path that every child repeats: a message of 1 MB would become gigabytes of paths.
  it('refuses a path that is longer than a message may nest', () => {
    const tree = (steps: number) => ({ [Array.from({ length: steps }, () => 'a').join('.')]: ['Date'] })
    expect(() => read(tree(maxNesting + 1))).toThrow(PayloadError)
  })

  it('refuses a path that is longer than a message may nest, gathered over several levels', () => {
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
