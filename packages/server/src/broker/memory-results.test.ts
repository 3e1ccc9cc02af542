import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { createMemoryBroker } from './memory-broker.ts'
import { MemoryResults, resultCost } from './memory-results.ts'

describe('MemoryResults', () => {
  const text = 'x'.repeat(100)
  const cost = 1 + text.length + resultCost

  test('keeps what there is room for, and one more in place of the oldest', () => {
    const results = new MemoryResults(createFakeClock(), 3 * cost)
    for (const key of ['a', 'b', 'c']) results.keep(key, text, 1_000)
    expect(['a', 'b', 'c'].map((key) => results.get(key))).toEqual([text, text, text])
    results.keep('d', text, 1_000)
    expect(['a', 'b', 'c', 'd'].map((key) => results.get(key))).toEqual([undefined, text, text, text])
  })

  test('takes what is kept again for the newest, and counts it once', () => {
    const results = new MemoryResults(createFakeClock(), 3 * cost)
    for (const key of ['a', 'b', 'c', 'a', 'd']) results.keep(key, text, 1_000)
    expect(['a', 'b', 'c', 'd'].map((key) => results.get(key))).toEqual([text, undefined, text, text])
  })

  test('keeps one that fills it, and lets none go for one that is longer', () => {
    const results = new MemoryResults(createFakeClock(), cost)
    results.keep('a', text, 1_000)
    results.keep('b', `${text}x`, 1_000)
    expect([results.get('a'), results.get('b')]).toEqual([text, undefined])
    results.keep('a', `${text}x`, 1_000)
    expect(results.get('a')).toBeUndefined()
  })

  test('makes room of what has expired', async () => {
    const clock = createFakeClock()
    const results = new MemoryResults(clock, 2 * cost)
    results.keep('a', text, 1_000)
    results.keep('b', text, 5_000)
    await clock.advance(1_000)
    expect(results.get('a')).toBeUndefined()
    results.keep('c', text, 1_000)
    expect([results.get('b'), results.get('c')]).toEqual([text, text])
    expect(clock.pending).toBe(0)
  })
})

test('createMemoryBroker refuses a bound that is none', () => {
  expect(() => createMemoryBroker({ maxResultBytes: -1 })).toThrow(RangeError)
  expect(() => createMemoryBroker({ maxResultBytes: Number.NaN })).toThrow(RangeError)
})
