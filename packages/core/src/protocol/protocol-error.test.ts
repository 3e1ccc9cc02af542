import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { malformed, ProtocolError } from './protocol-error.ts'

describe('ProtocolError', () => {
  it('puts its clause before its reason', () => {
    expect(new ProtocolError('STALE', 'HS-8', 'a late hello')).toMatchObject({
      close: 'STALE',
      clause: 'HS-8',
      reason: 'HS-8: a late hello',
    })
  })

  it('has a reason that a close of a WebSocket can carry: at most 123 bytes, printable ASCII', () => {
    const reasons = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(
      fc.property(reasons, (text) => {
        const { reason } = malformed('FR-1', text)
        expect(reason).toMatch(/^[\x20-\x7e]{0,123}$/)
        expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123)
      }),
    )
    expect(malformed('FR-1', 'x'.repeat(117)).reason).toBe(`FR-1: ${'x'.repeat(117)}`)
    expect(malformed('FR-1', 'x'.repeat(118)).reason).toBe(`FR-1: ${'x'.repeat(117)}`)
  })

  it('is no Error: nothing is thrown by the protocol', () => {
    expect(malformed('FR-1', 'x')).not.toBeInstanceOf(Error)
  })
})

describe('malformed', () => {
  it('closes with BAD_FRAME', () => {
    expect(malformed('FR-1', 'x').close).toBe('BAD_FRAME')
  })
})
