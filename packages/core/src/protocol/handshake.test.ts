import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHello, parseWelcome, protocolVersions } from './handshake.ts'
import { ProtocolError } from './protocol-error.ts'

const hello = { versions: [1, 1], attempt: 1, instance: 'c0ffee', window: 4_194_304 }
const welcome = {
  version: 1,
  session: 's1',
  received: 0,
  from: 0,
  window: 4_194_304,
  maxCalls: 1_024,
  maxMessageBytes: 1_048_576,
}
const resume = { session: 's1', secret: 'hush', received: 5 }

const noCounts = [undefined, null, -1, 0.5, '1', true, [], {}, 2 ** 53, Number.NaN]
const noTokens = [undefined, null, 1, '', ' ', 'a b', 'a\n', 'ü', 'a"b', '<a>', 'x'.repeat(257), [], {}]

function without(body: object, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))
}

describe('protocolVersions', () => {
  it('is a range', () => {
    expect(protocolVersions.oldest).toBeLessThanOrEqual(protocolVersions.newest)
  })
})

describe('parseHello', () => {
  it.each<[string, object]>([
    ['versions of the future', { versions: [1, 7] }],
    ['versions with something behind', { versions: [1, 1, 'more'] }],
    ['a token as long as is allowed', { instance: 'x'.repeat(256) }],
    ['a token of every character that is allowed', { instance: 'aZ09_.~:/+=-' }],
    ['the least message', { maxMessageBytes: 1_024 }],
    ['any auth', { auth: null, authAnnotations: 'x' }],
    ['a session to resume', { resume }],
    ['a position whose range is judged later', { resume: { ...resume, received: -0.5 } }],
    ['a route', { route: 'n2' }],
    ['members that it does not know', { compression: 'zstd' }],
  ])('takes %s (HS-2)', (_, members) => {
    const body = { ...hello, ...members }
    expect(parseHello(body)).toBe(body)
  })

  it.each<[string, readonly unknown[]]>([
    ['versions', [undefined, null, 1, '11', [], [1], [1, -1], [0.5, 1], ['1', '1'], { 0: 1, 1: 1 }]],
    ['attempt', noCounts],
    ['instance', noTokens],
    ['window', noCounts],
    ['maxMessageBytes', [null, 1_023, -1, 1_024.5, '1024', []]],
    [
      'resume',
      [
        null,
        0,
        '',
        's1',
        [],
        {},
        { ...resume, session: '' },
        { ...resume, secret: 1 },
        without(resume, 'received'),
        { ...resume, received: '5' },
      ],
    ],
    ['route', noTokens.slice(1)],
  ])('refuses a wrong %s (HS-2)', (name, values) => {
    for (const value of values) {
      const error = parseHello({ ...hello, [name]: value })
      expect(error).toMatchObject({
        close: 'BAD_FRAME',
        clause: 'HS-2',
        reason: expect.stringContaining(name) as string,
      })
    }
  })

  it.each(Object.keys(hello))('refuses a missing %s (HS-2)', (name) => {
    expect(parseHello(without(hello, name))).toBeInstanceOf(ProtocolError)
  })

  it('never throws, whatever the members are', () => {
    const members = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>(1, [1, 1], 'token', resume))
    const names = fc.constantFrom(
      'versions',
      'attempt',
      'instance',
      'window',
      'maxMessageBytes',
      'resume',
      'route',
      'auth',
    )
    fc.assert(
      fc.property(fc.dictionary(names, members), (changed) => {
        const body = { ...hello, ...changed }
        expect([body, expect.any(ProtocolError)]).toContainEqual(parseHello(body))
      }),
    )
  })
})

describe('parseWelcome', () => {
  it.each<[string, object]>([
    ['a session that can be resumed', { resume: { secret: 'hush', windowMs: 120_000 } }],
    ['heartbeats', { heartbeat: { intervalMs: 25_000, timeoutMs: 10_000 } }],
    ['members that it does not know', { region: 'eu' }],
  ])('takes %s (HS-6)', (_, members) => {
    const body = { ...welcome, ...members }
    expect(parseWelcome(body)).toBe(body)
  })

  it.each<[string, readonly unknown[]]>([
    ['version', noCounts],
    ['session', noTokens],
    ['received', noCounts],
    ['from', noCounts],
    ['window', noCounts],
    ['maxCalls', noCounts],
    ['maxMessageBytes', noCounts],
  ])('refuses a wrong %s (HS-6)', (name, values) => {
    for (const value of values) {
      const error = parseWelcome({ ...welcome, [name]: value })
      expect(error).toMatchObject({
        close: 'BAD_FRAME',
        clause: 'HS-6',
        reason: expect.stringContaining(name) as string,
      })
    }
  })

  it.each<[string, unknown]>([
    ['resume', 5],
    ['resume', { secret: '', windowMs: 1 }],
    ['resume', { secret: 'hush', windowMs: '1' }],
    ['heartbeat', { intervalMs: 0.5 }],
    ['heartbeat', 'often'],
    ['route', 'a b'],
  ])('refuses a wrong %s, which the client will rely on: %j (HS-6)', (name, value) => {
    expect(parseWelcome({ ...welcome, [name]: value })).toBeInstanceOf(ProtocolError)
  })

  it.each(Object.keys(welcome))('refuses a missing %s (HS-6)', (name) => {
    expect(parseWelcome(without(welcome, name))).toBeInstanceOf(ProtocolError)
  })
})
