import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ElementType, type FrameEntry, frames } from './frames.ts'
import { goldenFrames } from './golden.ts'
import { maxNesting, parseBatch } from './parse.ts'
import { ProtocolError } from './protocol-error.ts'

/** The clause that a text breaks. */
function clauseOf(text: string): string | undefined {
  const batch = parseBatch(text)
  return batch instanceof ProtocolError ? batch.clause : undefined
}

/** A batch of one frame of an unknown kind, so deep in all. */
const nestedTo = (depth: number, open = '[', close = ']') =>
  `[[99,${open.repeat(depth - 2)}${close.repeat(depth - 2)}]]`

const goldenTexts = Object.values(goldenFrames).flatMap((rows) => rows.map(({ text }) => text))

describe('parseBatch', () => {
  it.each(['[]', ' [ ] ', '\n[[6,1]]\t'])('takes %j', (text) => {
    expect(parseBatch(text)).toEqual(JSON.parse(text))
  })

  it.each(['{}', 'null', '0', '"[]"', 'true', '{"0":[6,1],"length":1}'])(
    'refuses what is no batch: %s (WR-1)',
    (text) => {
      expect(clauseOf(text)).toBe('WR-1')
    },
  )

  it.each([
    '',
    ' ',
    '[',
    '[[6,1]',
    '[[6,1]]]',
    '[[6,1],]',
    "[[6,'1']]",
    '[[6,NaN]]',
    '[[6,01]]',
    '\ufeff[]',
    '[[6,1]]\0',
  ])('refuses what is not JSON: %j (WR-4)', (text) => {
    expect(clauseOf(text)).toBe('WR-4')
  })

  it.each(['[null]', '[6]', '[{"0":6}]', '["6"]', '[[6,1],7]', '[[]]', '[[null]]', '[["6",1]]', '[[-1]]', '[[6.5,1]]'])(
    'refuses what is no frame: %s (FR-1)',
    (text) => {
      expect(clauseOf(text)).toBe('FR-1')
    },
  )

  it.each(['[[1e400]]', '[[9007199254740992]]', '[[[6],1]]', '[[true]]', '[[{"valueOf":6}]]'])(
    'refuses a kind that is no number of a kind: %s (FR-1)',
    (text) => {
      expect(clauseOf(text)).toBe('FR-1')
    },
  )

  it.each([7, 10, 15, 31, 98, 1_000, Number.MAX_SAFE_INTEGER])('takes the unknown kind %d (FR-2)', (kind) => {
    const text = `[[${kind}],[${kind},{"any":"thing"}]]`
    expect(parseBatch(text)).toEqual(JSON.parse(text))
  })

  it('says what is wrong with the first frame that is', () => {
    expect(parseBatch('[[6,1],[6,"1"],7]')).toMatchObject({ clause: 'FR-4', close: 'BAD_FRAME' })
    expect(parseBatch('[[6]]')).toMatchObject({ reason: 'FR-4: ack.received is missing or wrong' })
  })

  const wrong: Readonly<Record<ElementType, readonly unknown[]>> = {
    count: [undefined, null, -1, 0.5, '1', true, [], {}, 2 ** 53],
    id: [undefined, null, 0, -1, 0.5, '1', true, [], {}, 2 ** 53],
    text: [undefined, null, 0, true, [], {}, 'x'.repeat(1_025)],
    options: [undefined, null, 1, '', false, true, [], '0'],
    object: [undefined, null, 0, '', true, []],
    'count or null': [undefined, -1, 0.5, '1', false, [], {}, 2 ** 53],
    payload: [],
  }
  const right: Readonly<Record<ElementType, readonly unknown[]>> = {
    count: [0, 1, 2 ** 53 - 1],
    id: [1, 2 ** 53 - 1],
    text: ['', 'x'.repeat(1_024)],
    options: [0, {}, { unknown: [] }],
    object: [{}, { unknown: 1 }],
    'count or null': [null, 0, 2 ** 53 - 1],
    payload: [null, 0, '', [], {}, 'x'.repeat(1_025)],
  }
  const elements = (Object.entries(frames) as [string, FrameEntry][]).flatMap(([name, { kind, elements: types }]) =>
    Object.entries(types).map(([element, type], index) => ({
      name,
      kind,
      types: Object.values(types),
      element,
      type,
      index,
    })),
  )
  /** A frame whose elements are right but for one. */
  const withElement = (kind: number, types: readonly ElementType[], at: number, value: unknown): string => {
    const values = types.map((type, index) => (index === at ? value : right[type][0]))
    // What is undefined is missing, and so is all behind it.
    return JSON.stringify([[kind, ...(value === undefined ? values.slice(0, at) : values)]])
  }

  it.each(elements)('holds $name.$element to be a $type (FR-4)', ({ kind, types, type, index }) => {
    for (const value of right[type]) expect(clauseOf(withElement(kind, types, index, value))).toBeUndefined()
    for (const value of wrong[type]) expect(clauseOf(withElement(kind, types, index, value))).toBe('FR-4')
  })

  it('takes a payload that is missing (PL-1)', () => {
    expect(parseBatch('[[18,1]]')).toEqual([[18, 1]])
  })

  it.each([
    ['[', ']'],
    ['{"a":[', ']}'],
  ])('takes what nests as deep as is allowed, and refuses one deeper: %s (WR-5)', (open, close) => {
    const per = open.length > 1 ? 2 : 1
    const text = (depth: number) => `[[99,${open.repeat((depth - 2) / per)}${close.repeat((depth - 2) / per)}]]`
    expect(clauseOf(text(maxNesting))).toBeUndefined()
    expect(clauseOf(text(maxNesting + per))).toBe('WR-5')
  })

  it('refuses one level more than is allowed (WR-5)', () => {
    expect(clauseOf(nestedTo(maxNesting))).toBeUndefined()
    expect(clauseOf(nestedTo(maxNesting + 1))).toBe('WR-5')
    expect(clauseOf(nestedTo(100_000))).toBe('WR-5')
    expect(clauseOf('['.repeat(100_000))).toBe('WR-5')
  })

  it('does not add up what was closed again (WR-5)', () => {
    const wide = Array.from({ length: 1_000 }, () => '[[]]').join()
    expect(clauseOf(`[[99,${wide}]]`)).toBeUndefined()
    expect(clauseOf(`${']'.repeat(1_000)}${nestedTo(maxNesting + 1)}`)).toMatch(/WR-[45]/)
  })

  it.each(['[', '"', '\\', '[\\"', '\\\\"', 'a\\\\', '\\\\\\"{'])(
    'does not count brackets in texts: %j (WR-5)',
    (part) => {
      const text = JSON.stringify([[99, part + '['.repeat(2_000), { [part + '{'.repeat(2_000)]: `]}${part}` }]])
      expect(parseBatch(text)).toEqual(JSON.parse(text))
      expect(clauseOf(text.replace('[[99,', `[[99,${'['.repeat(maxNesting)}`))).toBe('WR-5')
    },
  )

  it('refuses by depth what is refused by depth, wherever brackets stand', () => {
    const strings = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '"', '\\', 'a', '\u2028') })
    fc.assert(
      fc.property(strings, fc.integer({ min: maxNesting - 6, max: maxNesting + 3 }), (odd, depth) => {
        let value: unknown = odd
        for (let i = 3; i <= depth; i++) value = i % 2 ? { [odd]: value } : [odd, value]
        const text = JSON.stringify([[99, value, odd.repeat(200)]])
        expect(clauseOf(text)).toBe(depth > maxNesting ? 'WR-5' : undefined)
      }),
    )
  })

  it('gives frames or a ProtocolError for any text, and never throws', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'[]{}",:\\0169. nulte'.split('')) }),
      fc.json(),
    )
    fc.assert(
      fc.property(texts, (text) => {
        expect(isFramesOrError(text)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('gives frames or a ProtocolError for any JSON in place of a frame', () => {
    const kinds = fc.oneof(fc.constantFrom(...Object.values(frames).map(({ kind }) => kind)), fc.nat())
    fc.assert(
      fc.property(fc.array(fc.tuple(kinds, fc.array(fc.jsonValue(), { maxLength: 6 }))), (batch) => {
        expect(isFramesOrError(JSON.stringify(batch.map(([kind, rest]) => [kind, ...rest])))).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it('gives frames or a ProtocolError for a batch of which a part was changed', () => {
    const batches = fc.array(fc.constantFrom(...goldenTexts), { minLength: 1, maxLength: 4 })
    const edits = fc.tuple(
      fc.nat(),
      fc.nat({ max: 5 }),
      fc.oneof(fc.string({ maxLength: 3 }), fc.json({ maxDepth: 1 })),
    )
    fc.assert(
      fc.property(batches, fc.array(edits, { minLength: 1, maxLength: 3 }), (batch, changes) => {
        let text = `[${batch.join()}]`
        for (const [at, length, by] of changes) {
          const start = at % text.length
          text = text.slice(0, start) + by + text.slice(start + length)
        }
        expect(isFramesOrError(text)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

function isFramesOrError(text: string): boolean {
  const batch = parseBatch(text)
  if (batch instanceof ProtocolError) return batch.close === 'BAD_FRAME' && /^[A-Z]{2}-\d: /.test(batch.reason)
  return Array.isArray(batch) && batch.every((frame) => Array.isArray(frame) && Number.isSafeInteger(frame[0]))
}
