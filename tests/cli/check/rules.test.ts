import { compareSnapshots, type Example, type Rule, rules, type Severity } from '@typewire/core/snapshot'
import { describe, expect, test } from 'vitest'
import { snapshotOf } from './contracts.ts'

describe.each(Object.entries<Rule>(rules))('%s', (id, { severity, breaks, passes }) => {
  test('its example breaks this rule, and no other', async () => {
    const found = await findingsOf(breaks)
    expect(found).toEqual([expect.objectContaining({ rule: id, severity })])
  })

  test('its other example passes', async () => {
    const found = await findingsOf(passes)
    expect(found.filter((one) => levels[one.severity] >= levels[severity])).toEqual([])
  })

  test('it says what to do', async () => {
    for (const { path, reason, remedy } of await findingsOf(breaks)) {
      expect(path).not.toBe('')
      expect(reason).toMatch(/^[A-Z].*\.$/)
      expect(remedy).toMatch(/^[A-Z].*[.}]\)?\.?/)
    }
  })
})

const levels: Record<Severity, number> = { breaking: 2, risky: 1, compatible: 0 }

async function findingsOf({ before, after }: Example) {
  return compareSnapshots(await snapshotOf(before), await snapshotOf(after))
}
