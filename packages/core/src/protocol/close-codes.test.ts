import { describe, expect, it } from 'vitest'
import {
  type CloseCodeEntry,
  closeCodes,
  closeMeanings,
  closeName,
  type CloseName,
  mayReconnect,
} from './close-codes.ts'

const rows = Object.entries(closeCodes) as [CloseName, CloseCodeEntry][]

describe('closeCodes', () => {
  it('gives each code one name', () => {
    expect(new Set(rows.map(([, { code }]) => code)).size).toBe(rows.length)
  })

  // RFC 6455, 7.4: what a peer may send by itself is 1000, 3000–4999, and of the protocol's own codes 1009.
  it.each(rows)('has a number that may be sent, a meaning and what to do: %s', (name, { code, reconnect }) => {
    expect(name).toMatch(/^[A-Z_]+$/)
    expect([1_000, 1_009].includes(code) || (code >= 4_000 && code <= 4_999)).toBe(true)
    expect(closeMeanings[name]).toMatch(/\w/)
    expect(['retry', 'never']).toContain(reconnect)
  })
})

describe('closeName', () => {
  it.each(rows)('gives %s for its code', (name, { code }) => {
    expect(closeName(code)).toBe(name)
  })

  it.each([0, 1_001, 1_005, 1_006, 3_000, 4_999, Number.NaN])(
    'gives LINK_LOST for a code that is not ours: %d',
    (code) => {
      expect(closeName(code)).toBe('LINK_LOST')
    },
  )
})

describe('mayReconnect', () => {
  it.each(rows)('does as the table says: %s', (_, { code, reconnect }) => {
    expect(mayReconnect(code)).toBe(reconnect === 'retry')
  })

  it.each([1_001, 1_005, 1_006, 1_011, 4_999])('is true for a code that is not ours: %d', (code) => {
    expect(mayReconnect(code)).toBe(true)
  })
})
