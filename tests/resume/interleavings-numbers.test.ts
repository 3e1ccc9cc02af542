// The interleavings, continued: numbers, acknowledgements and bounds. `interleavings.test.ts` says which are where.

import { closeCodes } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { createPair, dialByHand, settle, welcomeOf } from './peers.ts'

const down = (value: unknown) => ({ text: JSON.stringify([frames.event.kind, 0, 'down', 0, value]) })
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('6: a switch from long-poll to WebSocket while bursts run both ways', () => {
  /** A client on long-poll, of which the retry of WebSocket has said hello; its link is held in both directions. */
  async function switching() {
    let isBlocked = true
    const pair = createPair({}, { transports: ['websocket', 'http-poll'] })
    const { network, server, client, pass } = pair
    Object.assign(network.options, {
      accept: (link: never, open: never) => {
        if ((link as { name: string }).name === 'http-poll' || !isBlocked) server.accept(link, open)
      },
    })
    client.up(0)
    await pass(100)
    const poll = network.last
    expect(client.statuses.at(-1)).toMatchObject({ transport: 'http-poll' })
    isBlocked = false
    network.onDial = (link) => link.holdBatches('up')
    await pass(30_000)
    const webSocket = network.last
    expect(webSocket.name).toBe('websocket')
    expect(webSocket.sent.up, 'its hello is on its way').toHaveLength(1)
    return { ...pair, poll, webSocket }
  }

  test('loses nothing and repeats nothing, whatever the old one brings late (SQ-3, RS-7)', async () => {
    const { client, server, poll, webSocket, pass } = await switching()
    const session = server.session()
    for (const n of numbers(1, 20)) {
      client.up(n)
      session.wire.send(down(n))
    }
    await settle()
    poll.hold()
    for (const n of numbers(21, 40)) {
      client.up(n)
      session.wire.send(down(n))
    }
    await settle()
    webSocket.flow() // its hello says what was received before the burst
    await settle()
    for (const n of numbers(41, 60)) {
      client.up(n)
      session.wire.send(down(n))
    }
    await settle()
    poll.flow() // late requests and a late answer
    await pass(3_000)
    expect(server.ran).toEqual(numbers(0, 60))
    expect(client.down).toEqual(numbers(1, 60))
    expect(client.statuses.at(-1)).toMatchObject({ transport: 'websocket', recovered: true })
  })

  test('an acknowledgement on the old one may overtake the hello on the new one (RS-8)', async () => {
    const { client, server, webSocket } = await switching()
    const session = server.session()
    for (const n of numbers(1, 20)) session.wire.send(down(n))
    await settle()
    client.connection.session.sendControl([frames.ack.kind, 20])
    await settle()
    expect(session.wire.acknowledged).toBe(20)
    webSocket.flow()
    await settle()
    const welcome = (JSON.parse(webSocket.sent.down[0]!) as [[number, { from: number }]])[0][1]
    expect(welcome.from, 'above what the hello said').toBe(20)
    session.wire.send(down(21))
    await settle()
    expect(client.down).toEqual(numbers(1, 21))
  })

  test('an acknowledgement of what the new one has not repeated yet shifts no number (SQ-3)', async () => {
    const { network, server } = createPair()
    const old = await dialByHand(network)
    const { session, resume } = welcomeOf(old)
    // More than is written to a transport that takes nothing.
    for (const n of numbers(1, 12)) server.session().wire.send(down([n, 'x'.repeat(60_000)]))
    await settle()
    expect(old.heard).toHaveLength(13)
    network.onDial = (link) => link.holdBatches('down')
    const asked = { session, secret: resume.secret, received: 2 } // the others came behind this hello
    const peer = await dialByHand(network, { attempt: 2, resume: asked })
    expect(peer.link.sent.down.length, 'the rest waits in the session').toBeLessThan(10)
    peer.say([frames.ack.kind, 12])
    await settle()
    server.session().wire.send(down([13, '']))
    peer.link.flow()
    await settle()
    expect(welcomeOf(peer).from).toBe(2)
    const counted = peer.heard.filter(([kind]) => (kind as number) >= 16)
    expect(counted, 'numbers 3 to 13').toHaveLength(11)
    expect(counted.at(-1)).toEqual([24, 0, 'down', 0, [13, '']])
  })

  test('the old one may be closed as stale before the new welcome arrives (RS-7)', async () => {
    const { client, server, poll, webSocket, pass } = await switching()
    webSocket.holdBatches('down')
    webSocket.flow('up')
    await settle()
    expect(poll.isOpen('client'), 'closed by the server').toBe(false)
    client.up(1)
    await pass(500)
    webSocket.flow()
    await settle()
    expect(webSocket.isOpen('client')).toBe(true)
    expect(server.ran).toEqual([0, 1])
    expect(client.statuses.at(-1)).toMatchObject({ transport: 'websocket', recovered: true })
  })

  test('a welcome that never follows on the stale one is not waited for without end', async () => {
    const { client, server, network, webSocket, pass } = await switching()
    webSocket.drop('down')
    webSocket.flow('up')
    network.onDial = () => {}
    client.up(1)
    await pass(15_000)
    expect(server.ran).toEqual([0, 1])
    expect(client.statuses.at(-1)).toMatchObject({ state: 'open', recovered: true })
  })
})

describe('11: what a hello may say of what it has received', () => {
  const impossible = [-1, 2.5, 3, 2 ** 60, -(2 ** 60), 1e308]
  test.each(impossible)('%d is answered gone (RS-3)', async (received) => {
    const { network, server } = createPair()
    const first = await dialByHand(network)
    const { session, resume } = welcomeOf(first)
    server.session().wire.send(down(1))
    server.session().wire.send(down(2))
    await settle()
    const asked = (n: number) => ({ attempt: 2, resume: { session, secret: resume.secret, received: n } })
    const second = await dialByHand(network, asked(received))
    expect(second.heard).toEqual([[frames.gone.kind, null]])
    expect(first.link.isOpen('server'), 'the connection stays').toBe(true)
    const third = await dialByHand(network, asked(2))
    expect(welcomeOf(third).from).toBe(2)
  })

  test('less than was acknowledged is welcomed, and the replay begins behind that (RS-8)', async () => {
    const { network, server } = createPair()
    const first = await dialByHand(network)
    const { session, resume } = welcomeOf(first)
    for (const n of [1, 2, 3]) server.session().wire.send(down(n))
    await settle()
    first.say([frames.ack.kind, 2])
    await settle()
    const second = await dialByHand(network, { attempt: 2, resume: { session, secret: resume.secret, received: 1 } })
    expect(welcomeOf(second).from).toBe(2)
    expect(second.heard.slice(1)).toEqual([[24, 0, 'down', 0, 3]])
  })
})

test('14: what comes down to a client that sends nothing is acknowledged by volume, not by heartbeats alone (SQ-4)', async () => {
  const { client, server, clock } = createPair({ maxBufferBytes: 100_000 })
  await client.add(0)
  const session = server.session()
  const sentAtMs = clock.now()
  for (let i = 0; i < 200; i++) {
    session.wire.send(down('x'.repeat(5_000)))
    await settle()
  }
  expect(clock.now(), 'no heartbeat came to help').toBe(sentAtMs)
  expect(client.down).toHaveLength(200)
  expect(session.isEnded).toBe(false)
  expect(session.wire.queuedLength).toBeLessThanOrEqual(25_000 + 2 * 5_100)
})

describe('15: past the bound the session ends, once, and both sides are told (SQ-6)', () => {
  test('while its client reads nothing', async () => {
    const { client, server, network, pass } = createPair({ maxBufferBytes: 10_000 })
    await client.add(0)
    const session = server.session()
    network.last.hold('down')
    for (let i = 0; i < 20; i++) session.wire.send(down('x'.repeat(1_000)))
    await settle()
    expect(session.isEnded).toBe(true)
    expect(session.signal.aborted).toBe(true)
    network.last.flow()
    await pass(100)
    expect(client.recovered()).toEqual([undefined, false])
    expect(server.session().wire.queuedLength, 'the next one begins empty').toBe(0)
  })

  test('while its client is away: at the bound it stays, one more frame ends it', async () => {
    const { network, server } = createPair({ maxBufferBytes: 10_000 })
    const first = await dialByHand(network)
    first.link.cut()
    const session = server.session()
    const { text } = down('x'.repeat(982))
    expect(text).toHaveLength(1_000)
    for (let i = 0; i < 10; i++) session.wire.send({ text })
    expect(session.isEnded).toBe(false)
    session.wire.send({ text: '[16]' })
    expect(session.isEnded).toBe(true)
    const { session: id, resume } = welcomeOf(first)
    const again = await dialByHand(network, { attempt: 2, resume: { session: id, secret: resume.secret, received: 0 } })
    expect(again.heard).toEqual([[frames.gone.kind, null]])
  })
})

describe('17: a call that its caller saw fail', () => {
  test('before the server can have it, is not run by the resume (SQ-5)', async () => {
    const { client, server, network, pass } = createPair()
    await client.add(0)
    network.last.drop('up')
    const first = client.add(1, { timeoutMs: 80 }).catch((error: { code: string }) => error.code)
    await pass(100)
    expect(await first).toBe('TIMED_OUT')
    const second = client.add(2)
    network.last.cut()
    await pass(100)
    expect(await second).toBe(3)
    expect(server.ran).toEqual([0, 2])
    expect(client.recovered()).toEqual([undefined, true])
  })

  test('after the server has got it, is cancelled there (CA-5)', async () => {
    let signal: AbortSignal | undefined
    const { client, network, pass } = createPair({
      add: (args) => ((signal = args.signal), new Promise<number>(() => {})),
    })
    const first = client.add(1, { timeoutMs: 80 }).catch((error: { code: string }) => error.code)
    await settle()
    expect(signal?.aborted).toBe(false)
    network.last.hold()
    await pass(100)
    network.last.cut()
    await pass(100)
    expect(await first).toBe('TIMED_OUT')
    expect(signal?.aborted).toBe(true)
  })
})

describe('28: a server that closes', () => {
  test('says what it has received: calls above it are made again in the next session (CL-2, CA-6)', async () => {
    const { client, server, network, pass, replaceServer } = createPair()
    await client.add(0)
    network.last.hold('up')
    const neverRead = client.add(1)
    client.up(2)
    await settle()
    const closing = server.connections.close(0)
    const next = replaceServer()
    await pass(100)
    expect(await neverRead).toBe(2)
    expect([server.ran, next.ran]).toEqual([[0], [1, 2]])
    expect(client.recovered()).toEqual([undefined, false])
    network.links.forEach((link) => link.cut())
    await pass(16)
    await closing
  })

  test('what waited for the drain comes behind what was never read, in order (CA-1)', async () => {
    const ran: number[] = []
    const { client, server, network, pass, replaceServer } = createPair({
      add: ({ input }) => (ran.push(input), input === 0 ? new Promise<number>(() => {}) : input + 1),
    })
    const running = client.add(0).catch((error: { outcome: string }) => error.outcome)
    await settle()
    network.last.hold('up')
    const results = [client.add(1)]
    await settle()
    const closing = server.connections.close(1_000) // the drain frame reaches the client
    replaceServer()
    await settle()
    results.push(client.add(2), client.add(3))
    await pass(1_200)
    expect(await running).toBe('unknown')
    expect(await Promise.all(results)).toEqual([2, 3, 4])
    expect(ran).toEqual([0, 1, 2, 3])
    expect(client.recovered()).toEqual([undefined, false])
    network.links.forEach((link) => link.cut())
    await pass(16)
    await closing
  })

  test('ends the sessions whose clients are away', async () => {
    const { client, server, network, pass } = createPair()
    await client.add(0)
    const session = server.session()
    network.onDial = (link) => link.hold()
    network.last.cut()
    const closing = server.connections.close(0)
    await pass(16)
    await closing
    expect(session.signal.aborted).toBe(true)
    expect(server.node.sessions.size).toBe(0)
  })
})

describe('29: the secret of a session', () => {
  test('is given once, to the client that opened it, and is in no storage and no status (RS-2)', async () => {
    const { client, server, network } = createPair()
    await client.add(0)
    const { secret } = server.session()
    expect(network.links.flatMap(({ sent }) => sent.down).filter((batch) => batch.includes(secret))).toHaveLength(1)
    expect(JSON.stringify(client.statuses)).not.toContain(secret)
    // What a duplicated tab has: a client object of its own, which asks for a session of its own.
    const twin = createPair({}, {})
    expect(JSON.stringify(twin.client.connection)).not.toContain(secret)
    expect(secret).toMatch(/^[\w-]{43}$/)
  })
})

describe('30: a kind that this version does not know', () => {
  test('is counted from 16 on and ignored, and not counted below (FR-2)', async () => {
    const { network, server } = createPair()
    const peer = await dialByHand(network)
    peer.say([15, 'x'], [99, 'new', {}], [24, 0, 'up', 0, 1], [16], [11])
    await settle()
    expect(server.ran).toEqual([1])
    expect(server.session().wire.received).toBe(3)
    expect(peer.closed()).toBeUndefined()
  })

  test('is counted by the client, too', async () => {
    const { client, server, network, pass } = createPair()
    await client.add(0)
    const { wire } = server.session()
    wire.send({ text: '[77,"later"]' })
    wire.send(down('a'))
    await settle()
    expect(client.connection.session.received).toBe(3)
    network.last.cut()
    wire.send(down('b'))
    await pass(100)
    expect(client.down).toEqual(['a', 'b'])
    expect(client.recovered()).toEqual([undefined, true])
  })
})

test('a client whose sessions cannot be resumed moves to no other transport: its frames would be counted anew', async () => {
  const { client, server, network, pass } = createPair(
    { resume: { windowMs: 0 } },
    { transports: ['websocket', 'http-poll'] },
  )
  let isBlocked = true
  Object.assign(network.options, {
    accept: (link: never, open: never) => {
      if ((link as { name: string }).name === 'http-poll' || !isBlocked) server.accept(link, open)
    },
  })
  client.up(1)
  await pass(100)
  isBlocked = false
  await pass(40_000)
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(server.node.sessions.size).toBe(1)
  expect(client.statuses.at(-1)).toMatchObject({ transport: 'http-poll' })
})

test('a connection that breaks a clause ends its session, with the code that says so (RS-9)', async () => {
  const { network, server } = createPair()
  const peer = await dialByHand(network)
  peer.say([frames.ack.kind, 7])
  await settle()
  expect(peer.closed()).toBe(closeCodes.BAD_FRAME.code)
  expect(server.node.sessions.size).toBe(0)
})

test('calls among events that a resume brings in one message are not refused for the events (LM-2)', async () => {
  const { client, server, network, pass } = createPair({ maxCalls: 64, up: async ({ payload }) => void payload })
  await client.add(0)
  network.last.cut()
  const results: Promise<number>[] = []
  for (let n = 1; n <= 200; n++) {
    client.up(n)
    if (n % 4 === 0) results.push(client.add(n))
  }
  await pass(100)
  expect(await Promise.all(results)).toEqual(numbers(1, 50).map((n) => 4 * n + 1))
  expect(server.errors).toEqual([])
})

test.each([
  [1001, 'waits'],
  [1005, 'waits'],
  [1006, 'waits'],
  [1007, 'ends'],
  [1009, 'ends'],
])('a session whose transport was closed with %d %s (RS-9)', async (code, what) => {
  const { network, server } = createPair()
  const peer = await dialByHand(network)
  peer.close(code)
  await settle()
  expect(server.node.sessions.detachedSize).toBe(what === 'waits' ? 1 : 0)
})

describe('invariant 9 and 10: a session that is slow, silent or busy', () => {
  test('changes nothing for the others', async () => {
    const { network, server } = createPair({ maxBufferBytes: 20_000 })
    const silent = await dialByHand(network)
    silent.link.holdBatches('down')
    const other = await dialByHand(network)
    const text = `[99,"${'x'.repeat(1_000)}"]`
    for (let i = 0; i < 30; i++) {
      for (const session of server.node.sessions.values()) session.wire.send({ text })
      await settle()
      other.say([frames.ack.kind, i + 1])
      await settle()
    }
    expect(server.node.sessions.get(welcomeOf(other).session)?.wire.sent).toBe(30)
    expect(other.heard.filter(([kind]) => kind === 99)).toHaveLength(30)
    expect(server.node.sessions.size, 'the silent one has overflowed').toBe(1)
  })

  test('hears and answers control frames while every place for a call is taken', async () => {
    let cancelled = 0
    const { network, server } = createPair({
      maxCalls: 64,
      add: ({ signal }) => {
        signal.addEventListener('abort', () => cancelled++)
        return new Promise<number>(() => {})
      },
    })
    const peer = await dialByHand(network)
    peer.say(...numbers(1, 80).map((id) => [17, id, 'add', 0, id]))
    await settle()
    const refused = peer.heard.filter(([kind, , code]) => kind === frames.error.kind && code === 'OVERLOADED')
    expect(refused).toHaveLength(16)
    peer.say([frames.cancel.kind, 1], [frames.ping.kind, 81, 16])
    await settle()
    expect(peer.heard.at(-1)).toEqual([frames.pong.kind, 16, 81])
    expect(server.session().wire.acknowledged).toBe(16)
    expect(cancelled).toBe(1)
    peer.say([frames.close.kind, 1000, '', 0])
    await settle()
    expect(cancelled).toBe(64)
    expect(server.node.sessions.size).toBe(0)
  })
})
