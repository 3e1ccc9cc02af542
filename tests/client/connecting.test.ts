import type { ClientStatus, TransportName } from '@typewire/client'
import { closeCodes, type CloseCodeEntry } from '@typewire/core'
import { createFakeClock, createRawServer, type RawServer } from '@typewire/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { type TestClient, testClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

let server: RawServer
const clients: TestClient[] = []

beforeEach(async () => {
  server = await createRawServer()
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await server.close()
})

function clientOf(options: Partial<Parameters<typeof testClient>[0]> = {}): TestClient {
  const client = testClient({ url: server.url, ...options })
  clients.push(client)
  return client
}

const is = (client: TestClient, state: ClientStatus['state']) =>
  eventually(() => client.status.current.state === state, `the client is ${state}`)

describe('connect', () => {
  test('lazy: nothing connects until something is used', async () => {
    const client = clientOf()
    await quiet()
    expect(client.status.current).toEqual({ state: 'idle' })
    client.emit.note({ n: 1 })
    expect(client.status.current).toEqual({ state: 'connecting', attempt: 1 })
    await server.welcome()
    await is(client, 'open')
  })

  test.each<[string, (client: TestClient) => unknown]>([
    ['call', (c) => c.call.echo('x').catch(() => {})],
    ['try', (c) => c.try.echo('x')],
    ['emit', (c) => c.emit.note({ n: 1 })],
    ['emitWithAck', (c) => c.emitWithAck.save({ n: 1 }).catch(() => {})],
    ['on', (c) => c.on.notice(() => {})],
    ['join', (c) => c.join.hall({ id: 'h' })],
    ['connect', (c) => c.connect().catch(() => {})],
  ])('lazy: %s connects', async (_, use) => {
    const client = clientOf()
    void use(client)
    expect(client.status.current).toEqual({ state: 'connecting', attempt: 1 })
    await server.welcome()
    await is(client, 'open')
  })

  test('eager: connects at once', async () => {
    const client = clientOf({ connect: 'eager' })
    expect(client.status.current).toEqual({ state: 'connecting', attempt: 1 })
    await server.welcome()
    await is(client, 'open')
  })

  test('HS-1, HS-2: says hello with what it knows, alone in its message, and nothing before the welcome (HS-7)', async () => {
    const client = clientOf()
    client.emit.note({ n: 1 })
    const peer = await server.accept()
    expect(await peer.read()).toEqual([
      0,
      { versions: [1, 1], attempt: 1, instance: expect.stringMatching(/^[\w-]+$/), window: 4_194_304 },
    ])
    await quiet()
    expect(peer.messages).toHaveLength(1)
  })

  test('resolves when it is welcomed; twice is one connection', async () => {
    const client = clientOf()
    const connects = [client.connect(), client.connect()]
    await server.welcome({ session: 's-1' })
    await Promise.all(connects)
    await client.connect()
    expect(client.status.current).toEqual({ state: 'open', sessionId: 's-1', transport: 'websocket' })
  })

  test('rejects ABORTED by its signal, and leaves nothing waiting', async () => {
    const client = clientOf()
    const controller = new AbortController()
    const connects = client.connect({ signal: controller.signal })
    controller.abort()
    await expect(connects).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(client.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('with a signal that is aborted already connects nothing', async () => {
    const client = clientOf()
    await expect(client.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(client.status.current).toEqual({ state: 'idle' })
  })

  test('while it waits for the next attempt tries at once', async () => {
    const client = clientOf({ reconnect: { random: () => 0.99 } })
    client.emit.note({ n: 1 })
    ;(await server.accept()).cut()
    await is(client, 'waiting')
    const connects = client.connect()
    expect(client.status.current).toEqual({ state: 'connecting', attempt: 2 })
    await server.welcome()
    await connects
    expect(client.clock.pending).toBe(0)
  })
})

describe('the handshake', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['HS-6', 'an answer that is neither welcome nor close', [4, 0, 0]],
    ['HS-6', 'gone, which it did not ask for', [2, null]],
    ['HS-6', 'a welcome without a session', [1, { version: 1 }]],
    ['FR-4', 'a welcome without a body', [1]],
    ['FR-1', 'no frame', []],
  ])('%s: %s ends the attempt, and another follows', async (clause, _, frame) => {
    const client = clientOf()
    client.emit.note({ n: 1 })
    const peer = await server.accept()
    await peer.read()
    peer.send(frame)
    expect(await peer.closed()).toEqual({ code: 4400, reason: expect.stringContaining(`${clause}: `) })
    expect(client.status.current).toMatchObject({ state: 'waiting', reason: expect.stringContaining(clause) })
    await client.clock.advance(1)
    const next = await server.welcome()
    expect(await next.read()).toEqual([24, 0, 'note', 0, { n: 1 }])
  })

  test('HS-6: frames behind the welcome in its message are heard', async () => {
    const client = clientOf()
    const heard: string[] = []
    client.on.notice(({ text }) => void heard.push(text))
    const peer = await server.accept()
    await peer.read()
    const welcome = {
      version: 1,
      session: 's',
      received: 0,
      from: 0,
      window: 1_000,
      maxCalls: 64,
      maxMessageBytes: 4_096,
    }
    peer.send([1, welcome], [24, 0, 'notice', 0, { text: 'at once' }], [4, 0, 0])
    expect(await peer.read()).toEqual([5, 0, 1])
    expect(heard).toEqual(['at once'])
  })

  test('a message that is no batch ends it', async () => {
    const client = clientOf({ connect: 'eager' })
    const peer = await server.accept()
    await peer.read()
    peer.sendText('<html>')
    expect(await peer.closed()).toMatchObject({ code: 4400, reason: expect.stringContaining('WR-4: ') })
    peer.cut()
    await is(client, 'waiting')
  })

  test('that is never answered is given up at the time limit', async () => {
    const client = clientOf({ connect: 'eager', reconnect: { random: () => 0.5 } })
    const peer = await server.accept()
    await peer.read()
    await client.clock.advance(9_990)
    expect(client.status.current.state).toBe('connecting')
    await client.clock.advance(20)
    expect(client.status.current).toMatchObject({ state: 'waiting', attempt: 1 })
    expect(await peer.closed()).toMatchObject({ code: 4408 })
  })

  test('waits for auth as long as that takes, while calls keep to their time limits', async () => {
    let asked = 0
    const client = clientOf({ connect: 'eager', auth: (() => new Promise(() => asked++)) as never })
    const call = client.call.echo('x', { timeoutMs: 1_000 }).catch((error: unknown) => error)
    await client.clock.advance(60_000)
    expect(await call).toMatchObject({ code: 'TIMED_OUT', outcome: 'not_sent' })
    expect(asked).toBe(1)
    expect(client.status.current).toEqual({ state: 'connecting', attempt: 1 })
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no token')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no token'))],
    ['gives what cannot travel', () => ({ token: () => {} })],
  ])('auth that %s is a failed attempt', async (_, auth) => {
    const client = clientOf({ connect: 'eager', auth: auth as never })
    await is(client, 'waiting')
    expect(client.status.current).toMatchObject({ attempt: 1, reason: expect.stringContaining('auth() failed') })
  })

  test('carries rich values in auth', async () => {
    clientOf({ connect: 'eager', auth: { since: new Date(0) } as never })
    const peer = await server.accept()
    expect(await peer.read()).toEqual([
      0,
      expect.objectContaining({ auth: { since: '1970-01-01T00:00:00.000Z' }, authAnnotations: { since: ['Date'] } }),
    ])
  })
})

describe('CL-5, CL-6: reconnecting', () => {
  test('waits a random time below a bound that doubles with each failure, at the cap too', async () => {
    const randoms = [0.5, 0.999, 0.25, 0.5, 0, 0.5, 0.75, 0.1]
    const used: number[] = []
    const client = clientOf({
      connect: 'eager',
      reconnect: {
        minDelayMs: 100,
        maxDelayMs: 1_000,
        random: () => {
          used.push(randoms[used.length]!)
          return used.at(-1)!
        },
      },
    })
    const bounds = [100, 200, 400, 800, 1_000, 1_000, 1_000, 1_000]
    for (const [index, bound] of bounds.entries()) {
      ;(await server.accept()).cut()
      await is(client, 'waiting')
      expect(client.status.current).toMatchObject({ attempt: index + 1 })
      const delay = bound * randoms[index]!
      if (delay > 1) await client.clock.advance(delay - 1)
      expect(client.status.current.state).toBe('waiting')
      await client.clock.advance(1)
      expect(client.status.current).toEqual({ state: 'connecting', attempt: index + 2 })
    }
    expect(used).toHaveLength(bounds.length)
  })

  test('begins small again after a connection that lasted, and goes on after one that did not', async () => {
    const client = clientOf({ connect: 'eager', reconnect: { minDelayMs: 100, maxDelayMs: 10_000, random: () => 0.5 } })
    const failures = async () => {
      await is(client, 'waiting')
      const { current } = client.status
      return current.state === 'waiting' ? current.attempt : 0
    }
    ;(await server.accept()).cut()
    expect(await failures()).toBe(1)
    await client.clock.advance(50)
    const brief = await server.welcome()
    await is(client, 'open')
    await client.clock.advance(9_999)
    brief.cut()
    expect(await failures()).toBe(2)
    await client.clock.advance(100)
    const lasting = await server.welcome()
    await is(client, 'open')
    await client.clock.advance(10_000)
    lasting.cut()
    expect(await failures()).toBe(1)
  })

  test('waits at least as long as the server says, and a random time on top', async () => {
    const client = clientOf({ connect: 'eager', reconnect: { minDelayMs: 100, random: () => 0.5 } })
    const peer = await server.welcome()
    await is(client, 'open')
    peer.send([3, 4503, 'the server is closing', { retryAfterMs: 5_000 }])
    await is(client, 'waiting')
    await client.clock.advance(5_049)
    expect(client.status.current.state).toBe('waiting')
    await client.clock.advance(1)
    expect(client.status.current.state).toBe('connecting')
  })

  test.each(['soon', -1, null, {}, true])('takes no notice of a retryAfterMs of %j', async (retryAfterMs) => {
    const client = clientOf({ connect: 'eager', reconnect: { minDelayMs: 100, random: () => 0.5 } })
    const peer = await server.welcome()
    await is(client, 'open')
    peer.send([3, 4503, 'x', { retryAfterMs }])
    await is(client, 'waiting')
    expect(client.status.current).toMatchObject({ attempt: 1, reason: 'GOING_AWAY: x' })
    await client.clock.advance(49)
    expect(client.status.current.state).toBe('waiting')
    await client.clock.advance(1)
    expect(client.status.current.state).toBe('connecting')
  })

  test('FR-3: members of the close options that it does not know change nothing', async () => {
    const client = clientOf({ connect: 'eager' })
    const peer = await server.welcome()
    await is(client, 'open')
    peer.send([3, 4503, 'x', { code: 1000, reason: 'forged', received: 'all' }])
    await is(client, 'waiting')
    expect(client.status.current).toMatchObject({ reason: 'GOING_AWAY: x' })
  })

  test('never asks for a timer longer than the platform has: such a one would fire at once', async () => {
    const clock = createFakeClock()
    const asked: number[] = []
    const after = (ms: number, run: () => void) => (asked.push(ms), clock.after(ms, run))
    const client = clientOf({ connect: 'eager', clock: { ...clock, after } })
    const peer = await server.welcome()
    await is(client, 'open')
    peer.send([3, 4503, 'see you next year', { retryAfterMs: 2 ** 31 }])
    await is(client, 'waiting')
    const call = client.call.echo('x', { timeoutMs: 2 ** 40 }).catch((error: unknown) => error)
    await client.close()
    expect(await call).toMatchObject({ code: 'CLOSED' })
    expect(Math.max(...asked)).toBeLessThan(2 ** 31)
  })

  test('says why: the cause that a platform hides, of the transport that was tried first', async () => {
    await server.close()
    const reason = async (...transports: TransportName[]) => {
      const client = clientOf({ connect: 'eager', transports })
      await is(client, 'waiting')
      const { current } = client.status
      return current.state === 'waiting' ? current.reason : ''
    }
    expect(await reason('http-poll')).toMatch(/^LINK_LOST: connect ECONNREFUSED 127/)
    expect(await reason('websocket', 'http-stream')).toMatch(/^LINK_LOST: connect ECONNREFUSED 127/)
  })

  test('a call that is not sent in time says where to, and why not', async () => {
    await server.close()
    const reconnect = { minDelayMs: 60_000, maxDelayMs: 60_000, random: () => 0.5 }
    const client = clientOf({ connect: 'eager', url: `${server.url}/rt?key=hidden`, reconnect })
    const unanswered = client.call.echo('x', { timeoutMs: 100 }).catch((error: Error) => error.message)
    await is(client, 'waiting')
    await client.clock.advance(108)
    const { port } = new URL(server.url)
    expect(await unanswered).toBe(
      `echo: not sent within 100 ms: no connection to ${server.url}/rt (LINK_LOST: connect ECONNREFUSED 127.0.0.1:${port}).`,
    )
  })

  const codes = Object.entries(closeCodes) as [string, CloseCodeEntry][]
  test.each(codes.filter(([, { reconnect }]) => reconnect === 'retry'))('%s: comes back', async (_, { code }) => {
    const client = clientOf({ connect: 'eager' })
    ;(await server.welcome()).send([3, code, 'because', 0])
    await is(client, 'waiting')
    await client.clock.advance(1)
    await server.welcome()
    await is(client, 'open')
    expect(client.errors).toEqual([])
  })

  test.each(codes.filter(([, { reconnect }]) => reconnect === 'never'))(
    '%s: stays away, until it is told',
    async (name, { code }) => {
      const client = clientOf({ connect: 'eager' })
      const peer = await server.welcome()
      await is(client, 'open')
      const call = settled(client.call.echo('in flight'), 'the call')
      await peer.read()
      peer.send([3, code, 'because', 0])
      await is(client, 'closed')
      expect(client.status.current).toMatchObject({ state: 'closed', reason: `${name}: because` })
      const known = expect.stringMatching(/^(SESSION_LOST|UNAUTHORIZED|UNSUPPORTED)$/) as string
      expect(await call).toMatchObject({ status: 'rejected', reason: { code: known } })
      expect(client.clock.pending).toBe(0)
      const connects = client.connect()
      await server.welcome()
      await connects
    },
  )

  test.each([1001, 1005, 1006, 1011, 1012, 1013, 3000, 4999])(
    'a close of %d that Typewire does not know: comes back',
    async (code) => {
      const client = clientOf({ connect: 'eager' })
      const peer = await server.welcome()
      await is(client, 'open')
      if (code === 1006) peer.cut()
      else if (code === 1005) peer.close()
      else peer.close(code)
      await is(client, 'waiting')
      expect(client.status.current).toMatchObject({ attempt: 1 })
    },
  )
})

describe('status', () => {
  test('is a snapshot that is replaced, and tells each change once', async () => {
    const client = clientOf()
    const seen: ClientStatus[] = []
    const off = client.status.subscribe(() => seen.push(client.status.current))
    const idle = client.status.current
    expect(client.status.current).toBe(idle)
    client.emit.note({ n: 1 })
    const peer = await server.welcome({ session: 's-1' })
    await is(client, 'open')
    expect(client.status.current).toBe(client.status.current)
    peer.cut()
    await is(client, 'waiting')
    await client.clock.advance(1)
    await server.welcome({ session: 's-2' })
    await is(client, 'open')
    off()
    off()
    await client.close()
    expect(idle).toEqual({ state: 'idle' })
    expect(seen).toEqual([
      { state: 'connecting', attempt: 1 },
      { state: 'open', sessionId: 's-1', transport: 'websocket' },
      { state: 'waiting', attempt: 1, retryAtMs: expect.any(Number), reason: 'LINK_LOST (1006)' },
      { state: 'connecting', attempt: 2 },
      { state: 'open', sessionId: 's-2', transport: 'websocket', recovered: false },
    ])
    expect(client.status.current).toEqual({ state: 'closed', reason: 'close() was called', error: undefined })
  })

  test('a listener that throws starves no other, and is told', async () => {
    const client = clientOf()
    const seen: string[] = []
    client.status.subscribe(() => {
      throw new Error('listener')
    })
    client.status.subscribe(() => seen.push(client.status.current.state))
    client.emit.note({ n: 1 })
    await server.welcome()
    await is(client, 'open')
    expect(seen).toEqual(['connecting', 'open'])
    expect(client.errors).toEqual([expect.objectContaining({ message: 'listener' }), expect.any(Error)])
  })

  test('a listener may use the client, and close it', async () => {
    const client = clientOf()
    client.status.subscribe(() => {
      const { state } = client.status.current
      if (state === 'waiting') void client.close()
    })
    const call = client.call.echo('x')
    ;(await server.accept()).cut()
    await expect(call).rejects.toMatchObject({ code: 'CLOSED' })
    expect(client.status.current).toMatchObject({ state: 'closed' })
    expect(client.clock.pending).toBe(0)
    expect(client.errors).toEqual([])
  })
})
