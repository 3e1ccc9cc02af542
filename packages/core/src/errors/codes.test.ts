import { describe, expect, it } from 'vitest'
import { type ErrorCode, type ErrorCodeEntry, errorCodes, isErrorCode } from './codes.ts'

const rows = Object.entries(errorCodes) as [ErrorCode, ErrorCodeEntry][]

describe('errorCodes', () => {
  it.each(rows)('says what it means, whether to repeat, and what to do: %s', (code, { meaning, retryable, remedy }) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
    expect(meaning).toMatch(/^[A-Z].+\.$/)
    expect(remedy).toMatch(/^[A-Z].+\.$/)
    expect(retryable).toBeTypeOf('boolean')
  })

  // What a handler may throw to be told as it is. Each of the others says something that only Typewire can know.
  it('lets handlers throw no more than these', () => {
    const mayBeThrown = rows.filter((row) => row[1].mayBeThrown).map(([code]) => code)
    expect(mayBeThrown).toEqual(['NOT_FOUND', 'UNAUTHORIZED', 'FORBIDDEN', 'OVERLOADED'])
  })
})

describe('isErrorCode', () => {
  it.each(rows)('is true for %s', (code) => {
    expect(isErrorCode(code)).toBe(true)
  })

  it.each(['', 'MUTED', 'not_found', 'constructor', '__proto__', 'toString'])('is false for %j', (code) => {
    expect(isErrorCode(code)).toBe(false)
  })
})
