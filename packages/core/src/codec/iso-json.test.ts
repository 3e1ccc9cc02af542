import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isoJsonOfAll, withIsoJson } from './iso-json.ts'

describe('dates in JSON', () => {
  it.each([
    0, -1, 999, 1_000, 59_999, 60_000, 86_399_999, 86_400_000, -86_400_000, 8.64e15, -8.64e15, 253_402_300_800_000,
  ])('writes what JSON.stringify does: %d ms', (ms) => {
    expect(withIsoJson('', ms)).toBe(JSON.stringify(new Date(ms)))
    expect(isoJsonOfAll([new Date(ms), new Date(ms)])).toBe(
      `${JSON.stringify(new Date(ms))},${JSON.stringify(new Date(ms))}`,
    )
  })

  it('writes what JSON.stringify does, whatever the date before was', () => {
    const dates = fc.array(fc.date({ noInvalidDate: true }), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(dates, (some) => {
        expect(some.map((date) => withIsoJson('', date.getTime()))).toEqual(some.map((date) => JSON.stringify(date)))
        expect(`[${isoJsonOfAll(some)}]`).toBe(JSON.stringify(some))
      }),
    )
  })
})
