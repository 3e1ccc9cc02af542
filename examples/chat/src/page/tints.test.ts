import { expect, test } from 'vitest'
import { tintOf } from './tints.ts'

test('eight people have eight tints, which they keep, and those who come then have one too', () => {
  const people = Array.from({ length: 20 }, (_, index) => `person-${index}`)
  const tints = people.map(tintOf)
  expect(new Set(tints.slice(0, 8)).size).toBe(8)
  expect(people.map(tintOf)).toEqual(tints)
  for (const tint of tints) expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(tint)
})
