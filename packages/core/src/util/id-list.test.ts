import { describe, expect, it } from 'vitest'
import { IdList } from './id-list.ts'

const of = (...ids: number[]) => {
  const list = new IdList<{ readonly id: number }>()
  for (const id of ids) list.add({ id })
  return list
}
const idsOf = (list: Iterable<{ readonly id: number }>) => Array.from(list, ({ id }) => id)

describe('IdList', () => {
  it('is in the order of the ids, whatever order they come in', () => {
    expect(idsOf(of(5, 1, 9, 3, Number.MIN_SAFE_INTEGER, 7))).toEqual([Number.MIN_SAFE_INTEGER, 1, 3, 5, 7, 9])
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
    for (let id = 1; id <= 5_000; id++) {
      list.add({ id })
      map.set(id, { id })
      // Every hundredth stays; of the others one goes from the front, the middle or the back.
      const ids = [...map.keys()].filter((one) => one % 100 !== 0)
      const gone = ids[[0, ids.length >> 1, ids.length - 1][id % 3]!]
      for (const one of id % 7 < 5 && gone !== undefined ? [gone, gone] : [id + 1]) {
        list.delete(one)
        map.delete(one)
      }
      expect(list.size).toBe(map.size)
      expect(list.get(id >> 1)).toEqual(map.get(id >> 1))
    }
    expect(idsOf(list)).toEqual([...map.keys()])
  })
})
