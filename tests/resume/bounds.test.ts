// Sessions whose clients are away are kept within bounds, and what resume knows is told to nobody.

import { frames } from '@typewire/core/internal'
import { createFakeClock, MemoryNetwork } from '@typewire/testkit'
import { timingSafeEqual } from 'node:crypto'
import { sessionCost } from '../../packages/server/src/sessions.ts'
import { describe, expect, test, vi } from 'vitest'
import {
  createPair,
  createTestServer,
  dialByHand,
  type HandPeer,
  settle,
  type TestServerOptions,
  welcomeOf,
} from './peers.ts'

vi.mock('node:crypto', { spy: true })

/** A server whose clients come from the address that is set at the moment. */
function createAddressed(options: Partial<TestServerOptions> = {}) {
  const clock = createFakeClock()
  const from = { address: '10.0.0.1' }
  const server = createTestServer({ clock, authenticate: ({ auth }) => ({ identity: auth ?? null }), ...options })
  const network = new MemoryNetwork({ clock, accept: (link, open) => server.accept(link, open, from.address) })
  return { clock, from, server, network }
}

/** A frame of a kind that nobody knows, of this length. */
const filler = (length: number) => `[99,"${'x'.repeat(length - 7)}"]`

const asked = (peer: HandPeer, auth?: string) => {
  const { session, resume } = welcomeOf(peer)
  return { attempt: 2, ...(auth ? { auth } : {}), resume: { session, secret: resume.secret, received: 0 } }
}
const isKept = (server: { node: { sessions: { get: (id: string) => unknown } } }, peer: HandPeer) =>
  server.node.sessions.get(welcomeOf(peer).session) !== undefined

describe('sessions whose clients are away', () => {
  test('are bounded per identity: one more ends the one that is away longest', async () => {
    const { server, network } = createAddressed({ resume: { maxPerIdentity: 3 } })
    const peers: HandPeer[] = []
    const kept: number[] = []
    for (let i = 0; i < 4; i++) {
      peers.push(await dialByHand(network, { auth: 'ada' }))
      peers.at(-1)!.link.cut()
      kept.push(server.node.sessions.detachedSize)
    }
    expect(kept).toEqual([1, 2, 3, 3])
    const bob = await dialByHand(network, { auth: 'bob' })
    bob.link.cut()
    expect([...peers, bob].map((peer) => isKept(server, peer))).toEqual([false, true, true, true, true])
  })

  test('are bounded per address', async () => {
    const { server, network, from } = createAddressed({ resume: { maxPerAddress: 2 } })
    const peers: HandPeer[] = []
    for (const address of ['a', 'b', 'a', 'a']) {
      from.address = address
      peers.push(await dialByHand(network))
      peers.at(-1)!.link.cut()
    }
    expect(peers.map((peer) => isKept(server, peer))).toEqual([false, true, true, true])
  })

  test('count where they were lost: one that came back from elsewhere is not ended for its old address', async () => {
    const { server, network, from } = createAddressed({ resume: { maxPerAddress: 1 } })
    const roaming = await dialByHand(network)
    roaming.link.cut()
    from.address = '10.0.0.2'
    const back = await dialByHand(network, asked(roaming))
    from.address = '10.0.0.1'
    for (let i = 0; i < 2; i++) (await dialByHand(network)).link.cut()
    expect(isKept(server, roaming)).toBe(true)
    expect(back.closed()).toBeUndefined()
    expect(server.node.sessions.detachedSize).toBe(1)
    back.link.cut()
    expect(server.node.sessions.detachedSize).toBe(2)
  })

  test('count once: one that is ended for its identity takes no place at its address', async () => {
    const { server, network } = createAddressed({ resume: { maxPerIdentity: 0, maxPerAddress: 1 } })
    for (let i = 0; i < 2; i++) (await dialByHand(network, { auth: 'ada' })).link.cut()
    const anonymous = await dialByHand(network)
    anonymous.link.cut()
    expect(isKept(server, anonymous)).toBe(true)
  })

  test.each([{ maxPerIdentity: 0 }, { maxPerAddress: 0 }, { maxBytes: 0, windowMs: 100 }])(
    'leave nothing where none may wait: %o',
    async (resume) => {
      const { server, network, clock } = createAddressed({ resume })
      for (let i = 0; i < 3; i++) {
        const peer = await dialByHand(network, { auth: 'ada' })
        if ('maxBytes' in resume) server.session().wire.send({ text: '[16]' })
        peer.link.cut()
        expect(server.node.sessions.size).toBe(0)
        expect(server.node.sessions.detachedSize).toBe(0)
      }
      expect(clock.pending).toBe(0)
    },
  )

  test('are bounded in bytes for the process: at the bound all stay, one more unit ends the longest away', async () => {
    const { server, network } = createAddressed({ resume: { maxBytes: 2 * sessionCost + 100 } })
    const peers = [await dialByHand(network), await dialByHand(network)]
    const sessions = peers.map((peer) => server.node.sessions.get(welcomeOf(peer).session)!)
    sessions[1]!.wire.send({ text: filler(40) })
    for (const { link } of [...peers].reverse()) link.cut() // the second one is away longer
    sessions[0]!.wire.send({ text: filler(60) })
    expect(peers.map((peer) => isKept(server, peer))).toEqual([true, true])
    sessions[0]!.wire.send({ text: 'x' })
    expect(peers.map((peer) => isKept(server, peer))).toEqual([true, false])
    sessions[0]!.wire.send({ text: filler(38 + sessionCost) })
    expect(isKept(server, peers[0]!), 'what the other one cost is given back').toBe(true)
    for (let i = 0; i < 2; i++) sessions[0]!.wire.send({ text: 'x' })
    expect(isKept(server, peers[0]!)).toBe(false)
  })

  test('cost something each, also where nothing waits for them', async () => {
    const { server, network } = createAddressed({ resume: { maxBytes: 2 * sessionCost } })
    const peers: HandPeer[] = []
    for (let i = 0; i < 3; i++) {
      peers.push(await dialByHand(network))
      peers.at(-1)!.link.cut()
    }
    expect(peers.map((peer) => isKept(server, peer))).toEqual([false, true, true])
  })

  test('cost what of theirs waits for a handler', async () => {
    const text = 'x'.repeat(10_000)
    const { server, network } = createAddressed({
      resume: { maxBytes: 2 * sessionCost + text.length },
      maxCalls: 64,
      up: () => new Promise(() => {}),
    })
    const [idle, busy] = [await dialByHand(network), await dialByHand(network)]
    for (let i = 0; i < 64; i++) busy.say([frames.event.kind, 0, 'up', 0, 1])
    await settle()
    idle.link.cut()
    const waiting = await dialByHand(network)
    busy.say([frames.event.kind, 0, 'up', 0, text])
    await settle()
    busy.link.cut()
    expect([idle, busy].map((peer) => isKept(server, peer))).toEqual([false, true])
    waiting.link.cut()
    expect(isKept(server, busy)).toBe(false)
  })

  test('are not limited by an address that nobody knows', async () => {
    const { server, network } = createAddressed({ resume: { maxPerAddress: 1 }, addressOf: () => undefined })
    for (let i = 0; i < 3; i++) (await dialByHand(network)).link.cut()
    expect(server.node.sessions.detachedSize).toBe(3)
  })

  test('are counted by the address that the application gives', async () => {
    const proxied = { resume: { maxPerAddress: 1 }, addressOf: () => addresses.shift() }
    const addresses = ['a', 'b', 'a']
    const { server, network } = createAddressed(proxied)
    const peers: HandPeer[] = []
    for (let i = 0; i < 3; i++) {
      peers.push(await dialByHand(network))
      peers.at(-1)!.link.cut()
    }
    expect(peers.map((peer) => isKept(server, peer))).toEqual([false, true, true])
  })

  test('cost nothing of the budget once they are back', async () => {
    const { server, network } = createAddressed({ resume: { maxBytes: sessionCost + 100 } })
    const peer = await dialByHand(network)
    const session = server.session()
    for (let round = 0; round < 5; round++) {
      network.links.forEach((link) => link.cut())
      session.wire.send({ text: filler(20) })
      const again = await dialByHand(network, { ...asked(peer), attempt: 2 + round })
      again.say([frames.ack.kind, session.wire.sent])
      await settle()
    }
    expect(session.isEnded).toBe(false)
    expect(server.node.sessions.detachedSize).toBe(0)
  })
})

describe('a hello that is not let in', () => {
  /** How each wrong hello is answered, to the byte, by a server that has ada's session. */
  async function answerTo(
    wrong: (right: { session: string; secret: string; received: number }) => object,
    auth = 'ada',
  ) {
    const { server, network, clock } = createAddressed()
    const first = await dialByHand(network, { auth: 'ada' })
    const { session, resume } = welcomeOf(first)
    const before = JSON.stringify([
      server.session().secret,
      server.session().identity,
      server.session().wire.isAttached,
    ])
    const right = { session, secret: resume.secret, received: 0 }
    const { link, heard } = await dialByHand(network, { attempt: 9, auth, resume: { ...right, ...wrong(right) } })
    expect(heard).toHaveLength(1)
    const { secret, identity, wire } = server.session()
    expect(JSON.stringify([secret, identity, wire.isAttached]), 'nothing of the session is changed (I5)').toBe(before)
    expect(first.link.isOpen('server')).toBe(true)
    expect(server.errors).toEqual([])
    // Not even the attempt number: a lower one still attaches.
    await dialByHand(network, asked(first, 'ada'))
    expect(first.link.isOpen('server') && first.closed() === undefined, 'superseded').toBe(false)
    expect(clock.now()).toBe(0)
    return link.sent.down
  }

  const flip = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
  const wrongs: [string, Parameters<typeof answerTo>[0], string?][] = [
    ['a wrong secret', ({ secret }) => ({ secret: flip(secret) })],
    ['a longer secret', ({ secret }) => ({ secret: `${secret}x` })],
    ['a part of the secret', ({ secret }) => ({ secret: secret.slice(0, -1) })],
    ['an unknown session', () => ({ session: 'b0b' })],
    ['another identity', () => ({}), 'bob'],
    ['more than was sent', () => ({ received: 1 })],
    ['less than nothing', () => ({ received: -1 })],
    ['a part of a frame', () => ({ received: 0.5 })],
    ['a number beyond all', () => ({ received: 2 ** 60 })],
  ]
  test.each(wrongs)('for %s is answered like every other, and changes nothing (RS-3)', async (_, wrong, auth) => {
    expect(await answerTo(wrong, auth)).toEqual([`[[${frames.gone.kind},null]]`])
  })

  test('is compared in constant time, whether or not there is such a session (RS-2)', async () => {
    const { server, network } = createAddressed()
    await dialByHand(network)
    const { id, secret } = server.session()
    const compared = vi.mocked(timingSafeEqual)
    for (const [asked, shown] of [
      [id, secret],
      [id, flip(secret)],
      [id, secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A')],
      ['unknown', secret],
    ] as const) {
      compared.mockClear()
      expect(server.node.sessions.claim(asked, shown)?.id).toBe(asked === id && shown === secret ? id : undefined)
      expect(compared).toHaveBeenCalledOnce()
    }
  })

  test('may ask for a new session once, and for no other old one (HS-8)', async () => {
    const { network, server } = createAddressed()
    const first = await dialByHand(network, { auth: 'ada' })
    const right = asked(first, 'ada')
    const guesser = await dialByHand(network, { ...right, resume: { ...right.resume, secret: 'guess' } })
    guesser.say([0, { versions: [1, 1], instance: 'i', window: 1_000, ...right, attempt: 3 }])
    await settle()
    expect(guesser.closed()).toBe(4400)
    expect(server.node.sessions.size).toBe(1)
  })
})

test('secrets are in the hello and the welcome, and nowhere else (RS-2)', async () => {
  let isDown = false
  const { client, server, network, pass } = createPair(
    {
      authenticate: ({ auth = '' }) => {
        if (isDown) throw new Error('the database is down')
        return { identity: auth.slice(0, 3) }
      },
      add: () => Promise.reject(new Error('unforeseen')),
    },
    { auth: () => 'ada-token-0123456789' },
  )
  const said: unknown[] = []
  const fail = async (n: number) => {
    await client.add(n).catch((error: Error) => said.push(error.message, JSON.stringify(error), String(error.stack)))
  }
  await Promise.all([fail(1), settle()])
  const secrets = [server.session().secret, 'ada-token']
  isDown = true
  network.last.cut()
  await pass(200)
  isDown = false
  await pass(200)
  secrets.push(server.session().secret)
  const lost = fail(2)
  server.session().close('SESSION_CLOSED', 'that was it')
  await pass(100)
  await lost
  await client.connection.close()
  const facade = JSON.stringify(client.statuses)
  const everything = [
    facade,
    ...said,
    ...server.errors.map((error) => `${String(error)} ${JSON.stringify(error)} ${String((error as Error).stack)}`),
    ...client.errors.map(String),
    // Frames but hellos and welcomes.
    ...network.links.flatMap(({ sent }) => [...sent.up, ...sent.down]).filter((batch) => !/^\[\[[01],/.test(batch)),
    ...network.links.map(({ name }) => name),
  ].join('\n')
  expect(everything.length).toBeGreaterThan(500)
  for (const secret of secrets) expect(everything).not.toContain(secret)
})

test('the server is told why a session ended, in the handler of the session', async () => {
  const reasons: string[] = []
  const { clock, server, network } = createAddressed({
    resume: { maxPerIdentity: 1, windowMs: 1_000 },
    session: ({ signal }) => {
      signal.addEventListener('abort', () => reasons.push(String((signal.reason as Error).message)))
    },
  })
  const [first, second, third] = [
    await dialByHand(network, { auth: 'ada', instance: 'a' }),
    await dialByHand(network, { auth: 'ada', instance: 'b' }),
    await dialByHand(network, { auth: 'bob' }),
  ]
  for (const peer of [first, second]) peer.link.cut()
  await clock.advance(1_010)
  third.say([frames.close.kind, 1_000, 'bye', 0])
  await settle()
  const last = await dialByHand(network, { auth: 'eve' })
  last.say([frames.hello.kind, {}])
  await settle()
  expect(reasons).toEqual([
    'The session ended: more than 1 sessions of one identity waited for their clients.',
    'The session ended: its client did not come back in time.',
    'The session ended: closed by the client.',
    expect.stringMatching(/^The session ended: HS-3/) as string,
  ])
  expect(server.node.sessions.size).toBe(0)
})
