import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

const settings = { minDelayMs: 500, maxDelayMs: 30_000 }
/** The bound of a wait: what it comes to when chance gives the most. */
const boundOf = (failures: number) => backoffMs(failures, { ...settings, random: () => 1 })

describe('backoffMs', () => {
  it('is bounded by the first delay, doubled with each failure, up to the cap', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map(boundOf)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it.each([0, 1, 7, 2_000])(
    'is any time below its bound, chance deciding at the cap too: after %d failures',
    (failures) => {
      const at = (chance: number) => backoffMs(failures, { ...settings, random: () => chance })
      expect([at(0), at(0.25), at(0.5)]).toEqual([0, boundOf(failures) / 4, boundOf(failures) / 2])
    },
  )

  it('never goes beyond the cap, nor below 0', () => {
    const delays = fc.double({ min: 1, max: 1e6, noNaN: true })
    const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.nat(), delays, delays, chances, (failures, minDelayMs, maxDelayMs, chance) => {
        const ms = backoffMs(failures, { minDelayMs, maxDelayMs, random: () => chance })
        expect(ms >= 0 && ms <= maxDelayMs).toBe(true)
      }),
    )
  })
})
