import { describe, expect, it, vi } from 'vitest'
import { isPromiseLike } from './types.ts'
import { unsubscribe } from './unsubscribe.ts'

describe('unsubscribe', () => {
  it('ends by a call', () => {
    const end = vi.fn<() => void>()
    unsubscribe(end)()
    expect(end).toHaveBeenCalledTimes(1)
  })

  it('ends by using', () => {
    const end = vi.fn<() => void>()
    {
      using _ = unsubscribe(end)
      expect(end).not.toHaveBeenCalled()
    }
    expect(end).toHaveBeenCalledTimes(1)
  })
})

describe('isPromiseLike', () => {
  it.each<[string, unknown]>([
    ['a promise', Promise.resolve()],
    ['what is like one', { then() {} }],
    ['a function that is like one', Object.assign(() => {}, { then() {} })],
  ])('is true for %s', (_, value) => {
    expect(isPromiseLike(value)).toBe(true)
  })

  it.each([undefined, null, 0, 'then', {}, { then: 1 }, () => {}])('is false for %o', (value) => {
    expect(isPromiseLike(value)).toBe(false)
  })
})
