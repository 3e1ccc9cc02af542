import { expect, test } from 'vitest'
import { nearest } from './suggest.ts'

test.each([
  ['sned', 'send'],
  ['Send', 'send'],
  ['sendd', 'send'],
  ['importR', 'importRows'],
  ['message', undefined],
  ['x', undefined],
])('nearest %s is %s', (given, expected) => {
  expect(nearest(given, ['whoami', 'send', 'importRows'])).toBe(expected)
})
