import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { IdTable } from './id-table.ts'

const of = (...ids: number[]) => {
  const table = new IdTable<{ readonly id: number }>()
  for (const id of ids) table.add({ id })
  return table
}
const idsOf = (table: Iterable<{ readonly id: number }>) => Array.from(table, ({ id }) => id)

describe('IdTable', () => {
  it('is gone through in the order of the ids, whatever order they came in', () => {
    const least = Number.MIN_SAFE_INTEGER
    expect(idsOf(of(5, 1, 9, 2 ** 40, 3, least, 7))).toEqual([least, 1, 3, 5, 7, 9, 2 ** 40])
  })

  it('has nothing before anything came', () => {
    const table = of()
    table.delete(1)
    expect([table.get(0), table.get(7), table.size, ...table]).toEqual([undefined, undefined, 0])
  })

  it('is gone through as it was, whatever goes meanwhile', () => {
    const table = of(1, 2, 3)
    const seen: number[] = []
    for (const { id } of table) {
      seen.push(id)
      table.delete(1)
      table.delete(2)
    }
    expect(seen).toEqual([1, 2, 3])
    expect(idsOf(table)).toEqual([3])
  })

  it('does as a Map does, with ids that share slots', () => {
    // Ids of a few slots, far apart: each comes upon others.
    const id = fc
      .tuple(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0, 1, 14, 15))
      .map(([k, slot]) => k * 64 + slot)
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.boolean()), { maxLength: 60 }), (steps) => {
        const table = of()
        const map = new Map<number, object>()
        for (const [one, isWanted] of steps) {
          if (!isWanted) {
            table.delete(one)
            map.delete(one)
          } else if (!map.has(one)) {
            const value = { id: one }
            table.add(value)
            map.set(one, value)
          }
          for (const [each] of steps) expect(table.get(each)).toBe(map.get(each))
          expect(table.size).toBe(map.size)
        }
        expect(idsOf(table)).toEqual([...map.keys()].sort((a, b) => a - b))
      }),
    )
  })

  it('grows and shrinks with what is in it, with some that stay while many come and go', () => {
    const table = of()
    const there = new Set<number>()
    for (let id = 1; id <= 20_000; id++) {
      table.add({ id })
      there.add(id)
      // First a thousand of them are there at once, then ten. Every thousandth stays.
      const left = id < 10_000 ? id - 1_000 : id - 10
      for (const gone of there) {
        if (gone > left) break
        if (gone % 1_000 === 0) continue
        table.delete(gone)
        there.delete(gone)
      }
      expect(table.size).toBe(there.size)
      expect(table.get(id)).toEqual({ id })
    }
    expect(idsOf(table)).toEqual([...there])
  })
})
