import { expect, test } from 'vitest'
import { Allowance } from './allowance.ts'

test('Allowance gives its size at once, then one each refill, and never gathers more than its size', () => {
  let nowMs = 0
  const allowance = new Allowance(2, 1_000, () => nowMs)
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([0, 0, 1_000])
  nowMs = 999
  expect(allowance.take()).toBe(1)
  nowMs = 1_000
  expect([allowance.take(), allowance.take()]).toEqual([0, 1_000])
  nowMs = 60_000
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([0, 0, 1_000])
})
