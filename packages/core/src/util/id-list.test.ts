import { describe, expect, it } from 'vitest'
import { IdList } from './id-list.ts'

const of = (...ids: number[]) => {
  const list = new IdList<{ readonly id: number }>()
  for (const id of ids) list.set({ id })
  return list
}
const idsOf = (list: Iterable<{ readonly id: number }>) => Array.from(list, ({ id }) => id)

describe('IdList', () => {
  it('is in the order of the ids, whatever order they come in', () => {
    expect(idsOf(of(5, 1, 9, 3, Number.MIN_SAFE_INTEGER, 7))).toEqual([Number.MIN_SAFE_INTEGER, 1, 3, 5, 7, 9])
  })

  it('puts one in the place of that with its id', () => {
    const list = of(1, 2, 3)
    const other = { id: 2 }
    list.set(other)
    expect(list.get(2)).toBe(other)
    expect(list.size).toBe(3)
  })

  it('is gone through as it was, whatever goes meanwhile', () => {
    const list = of(1, 2, 3)
    const seen: number[] = []
    for (const { id } of list) {
      seen.push(id)
      list.delete(1)
      list.delete(2)
    }
    expect(seen).toEqual([1, 2, 3])
    expect(idsOf(list)).toEqual([3])
  })

  it('does as a Map does, with some that stay while many come and go', () => {
    const list = of()
    const map = new Map<number, { readonly id: number }>()
    let last = 0
    for (let step = 0; step < 5_000; step++) {
      if (step % 7 < 4) {
        const value = { id: ++last }
        list.set(value)
        map.set(value.id, value)
      } else {
        // Those of every hundredth stay; of the others one goes from the front, the middle or the back.
        const ids = [...map.keys()].filter((id) => id % 100 !== 0)
        const id = ids[[0, ids.length >> 1, ids.length - 1][step % 3]!] ?? -1
        expect(list.delete(id)).toBe(map.delete(id))
      }
      expect(list.size).toBe(map.size)
      expect(list.get(step)).toBe(map.get(step))
    }
    expect(idsOf(list)).toEqual([...map.keys()])
    expect(list.delete(last + 1)).toBe(false)
  })
})
