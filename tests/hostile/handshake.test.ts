import { frames, type Hello, protocolVersions } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy, closedBy, echo, endOf } from './beside.ts'

failOnUnhandledRejections()

const hello: Hello = { versions: [1, 1], attempt: 1, instance: 'raw-peer', window: 4_194_304 }
const helloFrame = (overrides: object = {}) => [frames.hello.kind, { ...hello, ...overrides }]
const call = [frames.call.kind, 1, 'echo', 0, 'x']

describe('HS-1: a connection begins with a hello, alone in its message', () => {
  test.each([
    ['a call', [call]],
    ['a ping', [[frames.ping.kind, 0, 0]]],
    ['a close', [[frames.close.kind, 1000, 'bye', 0]]],
    ['a kind that is unknown', [[15]]],
    ['a counted kind that is unknown', [[99]]],
    ['nothing', []],
    ['a hello with a call behind it', [helloFrame(), call]],
    ['a hello with a hello behind it', [helloFrame(), helloFrame()]],
    ['a hello behind a call', [call, helloFrame()]],
  ])('not with %s', async (_, batch) => {
    const ran: string[] = []
    await besideHealthy(
      async ({ lab }) => {
        const peer = await lab.peer()
        peer.send(...batch)
        expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'HS-1'))
      },
      { handlers: { procedures: { echo: ({ input }) => (ran.push(input), input) } } },
    )
    expect(ran).toEqual(['before', 'after'])
  })

  test.each([
    ['WR-4', 'garbage', 'hello?'],
    ['WR-1', 'an object', '{"hello":1}'],
    ['WR-5', 'brackets without end', '['.repeat(100_000)],
    ['FR-4', 'a hello without a body', '[[0]]'],
    ['FR-4', 'a hello whose body is an array', '[[0,[]]]'],
    ['HS-2', 'a hello whose body is a prototype', '[[0,{"__proto__":{"versions":[1,1],"attempt":1}}]]'],
  ])('%s: not with %s', async (clause, _, text) => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      peer.sendText(text)
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', clause))
    })
  })

  test('a message over maxMessageBytes is not read before the hello either', async () => {
    await besideHealthy(
      async ({ lab }) => {
        const peer = await lab.peer()
        peer.send(helloFrame({ auth: 'x'.repeat(2_048) }))
        expect(await peer.closed()).toMatchObject({ code: 1009 })
      },
      { server: { maxMessageBytes: 2_048 } },
    )
  })
})

describe('HS-2: a hello that is not as it must be closes its connection', () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ...[undefined, 1, 'x', [], [1], ['1', '1'], [-1, 1], [1, 1.5], {}, null].map((v) => ['versions', v] as const),
    ...[undefined, '1', -1, 1.5, null, 2 ** 53].map((v) => ['attempt', v] as const),
    ...[undefined, 1, '', 'a b', 'é', '<script>', 'x'.repeat(257), null, {}].map((v) => ['instance', v] as const),
    ...[undefined, '1', -1, 1.5, null].map((v) => ['window', v] as const),
    ...['1024', 1_023, 0, -1, 1.5, null].map((v) => ['maxMessageBytes', v] as const),
    ...[null, 1, 'x', [], {}, { session: 'a', secret: 'b' }].map((v) => ['resume', v] as const),
    ...[1, '', 'a b', null].map((v) => ['route', v] as const),
  ]

  test.each(wrong)('%s: %j', async (member, value) => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      peer.send(helloFrame({ [member]: value }))
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'HS-2'))
      expect([...lab.server.sessions]).toHaveLength(1)
    })
  })

  test('members that are unknown are ignored, whatever their names', async () => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      const { attempt } = hello
      const known = JSON.stringify(hello).slice(1)
      peer.sendText(
        `[[0,{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,${known}]]`,
      )
      expect(await peer.read()).toEqual([frames.welcome.kind, expect.objectContaining({ version: attempt })])
    })
  })
})

describe('HS-3: nothing may be sent between hello and welcome', () => {
  test.each([
    ['a second hello', helloFrame({ attempt: 2 })],
    ['a call', call],
    ['a ping', [frames.ping.kind, 0, 0]],
  ])('not %s', async (_, frame) => {
    const signals: AbortSignal[] = []
    await besideHealthy(
      async ({ lab }) => {
        const peer = await lab.peer()
        peer.send(helloFrame())
        await eventually(() => signals.length === 2, 'authenticate runs')
        peer.send(frame)
        expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'HS-3'))
        expect(signals.at(-1)!.aborted).toBe(true)
      },
      {
        server: {
          authenticate: ({ signal }) => {
            signals.push(signal)
            return signals.length === 1 ? { identity: null } : new Promise(() => {})
          },
        },
      },
    )
  })
})

describe('HS-4: a version that both speak', () => {
  const { oldest, newest } = protocolVersions

  test.each([
    ['newer ones alone', [newest + 1, newest + 9]],
    ['older ones alone', [0, oldest - 1]],
    ['a range that is upside down', [newest + 1, oldest]],
  ])('a client that speaks %s is told so', async (_, versions) => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      peer.send(helloFrame({ versions }))
      expect(await endOf(peer)).toEqual(closedBy('UNSUPPORTED_VERSION', 'HS-4'))
    })
  })

  test('of a range the newest is taken', async () => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      expect(await peer.hello({ versions: [0, newest + 9] })).toMatchObject({ version: newest })
    })
  })
})

describe('HS-5: the time limit of the handshake', () => {
  test('a connection that says nothing is closed at it, and not before', async () => {
    await besideHealthy(async ({ lab }) => {
      const peer = await lab.peer()
      await lab.clock.advance(9_990)
      expect(peer.isOpen()).toBe(true)
      await lab.clock.advance(20)
      expect(await endOf(peer)).toEqual(closedBy('HELLO_TIMEOUT', 'HS-5'))
    })
  })

  test('a connection that asks to resume does not prolong it, and may ask once', async () => {
    await besideHealthy(async ({ lab }) => {
      const resume = { session: 's', secret: 'x', received: 0 }
      const [peer, other] = [await lab.peer(), await lab.peer()]
      await lab.clock.advance(9_990)
      for (const each of [peer, other]) {
        each.send(helloFrame({ attempt: 1, resume }))
        expect(await each.read()).toEqual([frames.gone.kind, null])
      }
      other.send(helloFrame({ attempt: 2, resume }))
      expect(await endOf(other)).toEqual(closedBy('BAD_FRAME', 'HS-8'))
      await lab.clock.advance(20)
      expect(await endOf(peer)).toEqual(closedBy('HELLO_TIMEOUT', 'HS-5'))
    })
  })
})

describe('HS-8: a session that cannot be resumed', () => {
  test.each([0, -1, 1.5, 2 ** 60])(
    'is gone, whatever was received (%d), and a new one may follow',
    async (received) => {
      await besideHealthy(async ({ lab }) => {
        const peer = await lab.peer()
        const { id } = lab.session()
        peer.send(helloFrame({ resume: { session: id, secret: 'guess', received } }))
        expect(await peer.read()).toEqual([frames.gone.kind, null])
        const welcome = await peer.hello({ attempt: 2 })
        expect(welcome).toMatchObject({ version: 1, received: 0, from: 0 })
        expect(welcome['session']).not.toBe(id)
        expect(await echo(peer, 1)).toBe('alive')
      })
    },
  )
})

test('a connection that is cut while it is authenticated leaves nothing', async () => {
  const signals: AbortSignal[] = []
  await besideHealthy(
    async ({ lab }) => {
      const peer = await lab.peer()
      peer.send(helloFrame())
      await eventually(() => signals.length === 2, 'authenticate runs')
      peer.cut()
      await eventually(() => signals[1]!.aborted, 'authenticate is told')
      expect(lab.clock.pending).toBe(0)
      expect([...lab.server.sessions]).toHaveLength(1)
    },
    {
      server: {
        authenticate: ({ signal }) => {
          signals.push(signal)
          return signals.length === 1 ? { identity: null } : new Promise(() => {})
        },
      },
    },
  )
})
