import { afterEach, describe, expect, it, vi } from 'vitest'
import { nodeClock } from './node-clock.ts'
import { readOptions, type ServerOptions } from './options.ts'

/** Options as code without types may give them. */
const read = (options: object) => readOptions(options as ServerOptions<never, never>)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('readOptions', () => {
  it('has a default for each option', () => {
    expect(read({})).toEqual({
      path: '/typewire',
      origins: undefined,
      use: [],
      hooks: [],
      timeoutMs: 30_000,
      helloTimeoutMs: 10_000,
      bodyTimeoutMs: 10_000,
      maxMessageBytes: 1_048_576,
      maxCalls: 1_024,
      maxBufferBytes: 4_194_304,
      maxRooms: 1_000,
      maxJoinsPerSecond: 50,
      maxParamsLength: 1_024,
      resume: { windowMs: 120_000, maxBytes: 268_435_456, maxPerIdentity: 100, maxPerAddress: 1_000 },
      heartbeat: { intervalMs: 25_000, timeoutMs: 20_000 },
      broker: { connect: expect.any(Function) as unknown },
      onError: expect.any(Function) as unknown,
      addressOf: expect.any(Function) as unknown,
      clock: nodeClock,
    })
  })

  it('takes what is given, and what is undefined for what is left out', () => {
    const given = { path: '/x', origins: ['https://example.com'], maxCalls: 64, maxRooms: 0, onError: () => {} }
    expect(read(given)).toMatchObject(given)
    expect(read({ path: undefined, origins: undefined, timeoutMs: undefined }).timeoutMs).toBe(30_000)
  })

  it.each([
    ['timeoutMs', 1],
    ['helloTimeoutMs', 1],
    ['bodyTimeoutMs', 1],
    ['maxMessageBytes', 1_024],
    ['maxCalls', 64],
    ['maxBufferBytes', 1_024],
    ['maxRooms', 0],
  ])('takes a %s of %d, and refuses less', (name, least) => {
    expect(read({ [name]: least })).toMatchObject({ [name]: least })
    for (const value of [least - 1, least + 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, `${least}`]) {
      expect(() => read({ [name]: value })).toThrow(
        new RangeError(`createServer({ ${name}: ${value} }): give a whole number of at least ${least}.`),
      )
    }
  })

  it.each(['', 'typewire', ' /typewire'])('refuses a path that is none: %j', (path) => {
    expect(() => read({ path })).toThrow(new TypeError(`createServer({ path: '${path}' }): a path begins with '/'.`))
  })

  it('takes origins as browsers write them, and a star for all', () => {
    const origins = [
      ...['https://app.example.com', 'http://localhost:3000', 'http://[::1]:3000'],
      ...['capacitor://localhost', 'chrome-extension://abcdefghijklmnop', 'app://desk.example:8080'],
    ]
    expect(read({ origins }).origins).toEqual(origins)
    expect(read({ origins: [] }).origins).toEqual([])
    expect(read({ origins: '*' }).origins).toBe('*')
  })

  const noOrigins = [
    ...['', '*', 'example.com', 'https://example.com/', 'https://example.com/path', 'HTTPS://example.com'],
    ...['https://example.com:443', 'https://*.example.com', 'https://user@example.com', 'file:///x', 'file://'],
    ...['capacitor://localhost/', 'capacitor://localhost/x', 'capacitor:localhost', 'Capacitor://localhost', 'app://*'],
    ...['app://a b', 'app://a?b', 'app://', 'data:text/html,x', 'blob:https://example.com/x', 'file://x'],
  ]

  it.each(noOrigins)('refuses an origin that no browser writes so: %j', (origin) => {
    expect(() => read({ origins: ['https://example.com', origin] })).toThrow(
      new TypeError(`createServer({ origins }): '${origin}' is not an origin. Write it as https://app.example.com.`),
    )
  })

  it('says why null is refused as an origin', () => {
    expect(() => read({ origins: ['null'] })).toThrow(/any page can make a frame whose origin is null/)
  })

  it('writes errors to the console by default, with where they come from', () => {
    const write = vi.spyOn(console, 'error').mockImplementation(() => {})
    const error = new Error('x')
    const { onError } = read({})
    onError(error, { where: 'procedure send', incident: 'i1', sessionId: 's1' })
    onError(error, { where: 'emit', incident: undefined, sessionId: undefined })
    expect(write.mock.calls).toEqual([
      ['Typewire: procedure send (incident i1):', error],
      ['Typewire: emit:', error],
    ])
  })
})
