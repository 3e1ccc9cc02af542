import { describe, expect, test } from 'vitest'
import { Tape } from './tape.ts'

const at = 1_000_000

function tapeWith(...times: readonly [symbol: string, ms: number][]) {
  const tape = new Tape()
  times.forEach(([symbol, ms], index) => tape.add({ symbol, price: index + 1, at: at + ms }))
  return tape
}

describe('Tape', () => {
  test('knows a rest of one symbol from a gap in all of them', () => {
    const tape = tapeWith(['A', 0], ['B', 2_500], ['A', 5_000], ['A', 7_501], ['B', 7_502], ['B', 7_503])
    expect(tape.series('A')[1]).toEqual([1, 3, null, 4])
    expect(tape.series('B')[1]).toEqual([2, null, 5, 6])
    const [seconds] = tape.series('A')
    expect(seconds.every((second, index) => index === 0 || second > seconds[index - 1]!)).toBe(true)
  })

  test('has no gap where the server knows what was in it', () => {
    const tape = tapeWith(['A', 0], ['A', 5_000])
    const listing = { symbol: 'A', name: 'A', open: 1, price: 9, at, history: [7, 8, 9] }
    tape.load({ nowMs: at + 5_000, historyEndsAt: at + 4_000, listings: [listing] })
    expect(tape.series('A')).toEqual([
      [1_002, 1_003, 1_004, 1_005],
      [7, 8, 9, 2],
    ])
  })
})
