import { describe, expect, it } from 'vitest'
import { readOptions, urlGiven } from './options.ts'
import { platformClock, reportToPlatform } from './platform.ts'

const url = 'https://example.com'

describe('readOptions', () => {
  it('has a default for each option', () => {
    const { auth, ...settings } = readOptions({ url })
    expect(settings).toEqual({
      url: 'https://example.com/typewire',
      transports: undefined,
      canRenewAuth: false,
      offlineMaxAgeMs: 120_000,
      upgradeDelayMs: 30_000,
      timeoutMs: undefined,
      minDelayMs: 500,
      maxDelayMs: 30_000,
      random: Math.random,
      onError: reportToPlatform,
      clock: platformClock,
    })
    expect(auth()).toBeUndefined()
  })

  it('takes what is given', () => {
    const given = { minDelayMs: 1, maxDelayMs: 2, random: () => 0.5 }
    const onError = () => {}
    expect(readOptions({ url, timeoutMs: 5, reconnect: given, onError })).toMatchObject({
      ...given,
      timeoutMs: 5,
      onError,
    })
  })

  it('takes what is given as undefined for what is left out', () => {
    const reconnect = { minDelayMs: undefined, maxDelayMs: undefined, random: undefined }
    const { minDelayMs, maxDelayMs, onError } = readOptions({
      url,
      timeoutMs: undefined,
      reconnect,
      onError: undefined,
    })
    expect([minDelayMs, maxDelayMs, onError]).toEqual([500, 30_000, reportToPlatform])
  })

  it('asks for auth each time, where it is a function', () => {
    let asked = 0
    const { auth } = readOptions({ url, auth: () => ++asked })
    expect([auth(), auth()]).toEqual([1, 2])
    expect(readOptions({ url, auth: { token: 't' } }).auth()).toEqual({ token: 't' })
  })

  it.each([
    ['http://localhost:3000', 'http://localhost:3000/typewire'],
    ['https://example.com/', 'https://example.com/typewire'],
    ['ws://example.com', 'http://example.com/typewire'],
    ['wss://example.com/other/path', 'https://example.com/other/path'],
    ['https://example.com/?tenant=a#part', 'https://example.com/typewire?tenant=a'],
    ['HTTP://EXAMPLE.com:80', 'http://example.com/typewire'],
    ['http://[::1]:3000/x/', 'http://[::1]:3000/x'],
    ['https://example.com/typewire/?tenant=a/', 'https://example.com/typewire?tenant=a/'],
  ])('makes an HTTP URL of %s', (given, made) => {
    expect(readOptions({ url: given }).url).toBe(made)
    expect(readOptions({ url: new URL(given) }).url).toBe(made)
  })

  it('does not change the URL that it is given', () => {
    const given = new URL('http://localhost:3000/#part')
    readOptions({ url: given })
    expect(given.href).toBe('http://localhost:3000/#part')
  })

  it.each(['', '/typewire', 'localhost:3000', 'example.com', 'ftp://example.com', 'javascript:alert(1)', 'http://'])(
    'refuses a URL that is none: %j',
    (given) => {
      expect(() => readOptions({ url: given })).toThrow(
        new TypeError(`createClient({ url: '${given}' }): give an absolute URL, such as https://example.com.`),
      )
    },
  )

  it.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY])('refuses a time that is none: %d', (ms) => {
    const refusal = (name: string) => new RangeError(`createClient({ ${name}: ${ms} }): give milliseconds above 0.`)
    expect(() => readOptions({ url, timeoutMs: ms })).toThrow(refusal('timeoutMs'))
    expect(() => readOptions({ url, reconnect: { minDelayMs: ms } })).toThrow(refusal('reconnect.minDelayMs'))
    expect(() => readOptions({ url, reconnect: { maxDelayMs: ms } })).toThrow(refusal('reconnect.maxDelayMs'))
  })

  it('takes the least time that is one', () => {
    expect(readOptions({ url, timeoutMs: Number.MIN_VALUE }).timeoutMs).toBe(Number.MIN_VALUE)
  })
})

describe('urlGiven: where a server says to connect (CL-7)', () => {
  const [plain, secure] = ['http://a.example/typewire', 'https://a.example/typewire']

  it.each([
    ['https://b.example', secure, 'https://b.example/typewire'],
    ['https://b.example/rt?tenant=a', plain, 'https://b.example/rt?tenant=a'],
    ['http://b.example', plain, 'http://b.example/typewire'],
    ['http://b.example', secure, undefined], // gives up TLS
    ['ws://b.example', plain, undefined],
    ['javascript:alert(1)', plain, undefined],
    ['//b.example', plain, undefined],
    [{ href: 'http://b.example' }, plain, undefined],
    [undefined, plain, undefined],
  ])('%j, at %s, is %s', (given, now, expected) => {
    expect(urlGiven(given, now)).toBe(expected)
  })
})
