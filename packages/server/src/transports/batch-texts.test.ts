import { describe, expect, it } from 'vitest'
import { BatchTexts } from './batch-texts.ts'

describe('BatchTexts', () => {
  it.each([
    [
      [[], ['[1]'], ['[1]'], []],
      ['[]', '[[1]]', '[[1]]', '[]'],
    ],
    [
      [
        ['[1]', '[2]'],
        ['[1]', '[3]'],
      ],
      ['[[1],[2]]', '[[1],[3]]'],
    ],
    [
      [
        ['[1]', '[2]'],
        ['[2]', '[1]'],
      ],
      ['[[1],[2]]', '[[2],[1]]'],
    ],
    [
      [['[1]', '[2]'], ['[1]']],
      ['[[1],[2]]', '[[1]]'],
    ],
    [
      [['[1]'], ['[1]', '[2]']],
      ['[[1]]', '[[1],[2]]'],
    ],
  ])('joins %j, whatever was joined before', (batches, expected) => {
    const texts = new BatchTexts()
    expect(batches.map(texts.of)).toEqual(expected)
  })
})
