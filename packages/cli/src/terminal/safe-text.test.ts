import { expect, test } from 'vitest'
import { safeJson, safeText } from './safe-text.ts'

test('safeText shows control characters', () => {
  expect(safeText('a\u001b[31mb\u009b\u202e\r\n\tc')).toBe(String.raw`a\u001b[31mb\u009b\u202e\u000d` + '\n\tc')
})

test('safeJson is the same JSON', () => {
  const value = { 'a\u009b': 'b\u001b\u202e\u007f\n' }
  const json = safeJson(JSON.stringify(value))
  expect(json).toMatch(/^[\u0020-\u007e]*$/)
  expect(JSON.parse(json)).toEqual(value)
})
