// Every rule of resume that has a time, under a clock that the test moves.

import { closeCodes } from '@typewire/core'
import { Deadlines, frames } from '@typewire/core/internal'
import { createFakeClock, seededRandom } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../packages/client/src/connection/backoff.ts'
import { Liveness } from '../../packages/client/src/connection/liveness.ts'
import { Heartbeats } from '../../packages/server/src/heartbeats.ts'
import { createPair, dialByHand, settle, welcomeOf } from './peers.ts'

/** Time limits are kept to within 8 ms, never early; times that are multiples of it are exact. */
const windowMs = 4_000

describe('the time that a session waits for its client (RS-1)', () => {
  test.each([
    [windowMs - 1, 'welcome'],
    [windowMs + 1, 'gone'],
  ])('at the server: after %d ms the answer is %s', async (ms, answer) => {
    const { network, clock } = createPair({ resume: { windowMs } })
    const first = await dialByHand(network)
    const { session, resume } = welcomeOf(first)
    expect(resume.windowMs).toBe(windowMs)
    first.link.cut()
    await clock.advance(ms)
    const again = await dialByHand(network, { attempt: 2, resume: { session, secret: resume.secret, received: 0 } })
    expect(again.heard[0]![0]).toBe(answer === 'gone' ? frames.gone.kind : frames.welcome.kind)
  })

  test('at the server: it begins anew with each connection that is lost', async () => {
    const { network, clock, server } = createPair({ resume: { windowMs } })
    let peer = await dialByHand(network)
    const { session, resume } = welcomeOf(peer)
    for (let attempt = 2; attempt < 5; attempt++) {
      peer.link.cut()
      await clock.advance(windowMs - 8)
      peer = await dialByHand(network, { attempt, resume: { session, secret: resume.secret, received: 0 } })
      await clock.advance(windowMs)
    }
    expect(server.session().id).toBe(session)
  })

  test.each([windowMs - 1, windowMs])(
    'at the client: after %d ms what waits settles only if it is over',
    async (ms) => {
      const { network, clock, client } = createPair(
        { resume: { windowMs } },
        { reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 } },
      )
      await client.add(0)
      network.last.drop()
      let outcome: string | undefined
      client.add(1).catch((error: { outcome: string }) => (outcome = error.outcome))
      await settle()
      network.last.cut()
      await clock.advance(ms)
      await settle()
      expect(outcome).toBe(ms < windowMs ? undefined : 'unknown')
    },
  )
})

describe('the time limit of a hello (HS-5)', () => {
  test.each<[string, object | false]>([
    ['no hello', false],
    ['no answer of authenticate', {}],
  ])('%s', async (_, hello) => {
    const { network, clock } = createPair({
      helloTimeoutMs: 1_000,
      authenticate: () => new Promise(() => {}),
    })
    const peer = await dialByHand(network, hello)
    await clock.advance(999)
    await settle()
    expect(peer.closed()).toBeUndefined()
    await clock.advance(1)
    await settle()
    expect(peer.closed()).toBe(closeCodes.HELLO_TIMEOUT.code)
    expect(clock.pending).toBe(0)
  })

  test('at the client: a transport that is not welcomed is given up after 10 s', async () => {
    const { network, clock, client } = createPair()
    network.onDial = (link) => link.hold()
    client.up(1)
    await clock.advance(9_999)
    await settle()
    expect(client.statuses.at(-1)).toMatchObject({ state: 'connecting' })
    await clock.advance(1)
    await settle()
    expect(client.statuses.at(-1)).toMatchObject({ state: 'waiting', reason: expect.stringContaining('10000 ms') })
  })
})

describe('heartbeats', () => {
  const heartbeat = { intervalMs: 10_000, timeoutMs: 5_000 }

  test('at the server: a client is asked once per interval, and its answer keeps it (HB-1)', async () => {
    const { client, network, pass, server } = createPair({ heartbeat })
    await client.add(0)
    await pass(100_000)
    const pings = network.last.sent.down.filter((batch) => batch.startsWith(`[[${frames.ping.kind},`))
    expect(pings.length).toBeGreaterThanOrEqual(9)
    expect(pings.length).toBeLessThanOrEqual(11)
    expect(network.links).toHaveLength(1)
    expect(server.session().wire.queuedLength, 'pongs acknowledge').toBe(0)
  })

  test('at the server: a link without a sign of life is given up within interval + timeout + a slot, not before (HB-2)', async () => {
    for (let phase = 0; phase < 10; phase++) {
      const { network, pass, server } = createPair({ heartbeat })
      await pass(phase * 1_000)
      await dialByHand(network)
      network.last.drop('up')
      await pass(heartbeat.timeoutMs - 16)
      expect(server.session().wire.isAttached).toBe(true)
      await pass(heartbeat.intervalMs + 1_000 + 32)
      expect(server.session().wire.isAttached, `phase ${phase}`).toBe(false)
    }
  })

  test('at the client: a silent server is asked, then given up within interval + timeout (HB-2)', async () => {
    const { client, network, pass } = createPair({ heartbeat })
    await client.add(0)
    const [link] = network.links
    link!.drop('down')
    await pass(heartbeat.intervalMs + heartbeat.timeoutMs + 32)
    expect(link!.sent.up.at(-1), 'it was asked').toMatch(/^\[\[4,/)
    expect(client.recovered()).toEqual([undefined, true])
  })

  test('at the client: a probe gives a few seconds, and any message is an answer', async () => {
    const { client, network, pass } = createPair({ heartbeat })
    await client.add(0)
    const [link] = network.links
    link!.hold('down')
    client.connection.probe()
    await pass(2_400)
    expect(link!.isOpen('client')).toBe(true)
    link!.flow()
    await pass(2_400)
    expect(client.recovered()).toEqual([undefined])
    link!.drop('down')
    client.connection.probe()
    await pass(2_600)
    expect(client.recovered()).toEqual([undefined, true])
  })

  test('10: a healthy link with traffic never dies of them', async () => {
    const { client, network, server, clock, pass } = createPair({ heartbeat })
    for (let i = 0; i < 400; i++) {
      if (i % 3 === 0) client.up(i)
      if (i % 7 === 0) server.node.sessions.values().next().value?.wire.send({ text: '[16]' })
      await clock.advance(777)
      await settle()
    }
    await pass(12_000)
    expect(network.links).toHaveLength(1)
    expect(server.session().wire.queuedLength).toBe(0)
  })

  test('27: a client that reads slowly is no dead one: progress of the buffer is life (HB-3)', async () => {
    const { network, server, clock } = createPair({ heartbeat })
    const { link } = await dialByHand(network) // it answers no ping
    const session = server.session()
    link.holdBatches('down') // the network takes one batch per second; heartbeats wait behind them
    for (let i = 0; i < 50; i++) session.wire.send({ text: `[24,0,"down",0,"${'x'.repeat(60_000)}"]` })
    for (let second = 0; second < 40; second++) {
      await settle()
      link.flow('down')
      link.deliver('down')
      link.holdBatches('down')
      await clock.advance(1_000)
    }
    expect(session.wire.isAttached).toBe(true)
    expect(link.queued('down'), 'no more is written than the high-water mark').toBeLessThan(10)
    await clock.advance(20_000)
    expect(session.wire.isAttached, 'nothing is taken any more').toBe(false)
  })
})

describe('26: a machine that slept: late timers come before the messages that wait', () => {
  /** What watches over a link, on a machine that sleeps. */
  function watch() {
    const clock = lateClock()
    const seen = { clock, asked: 0, isDead: false }
    const liveness = new Liveness({
      clock,
      deadlines: new Deadlines(clock),
      heartbeat: { intervalMs: 10_000, timeoutMs: 5_000 },
      ping: () => void seen.asked++,
      onSilence: () => (seen.isDead = true),
    })
    return { liveness, seen }
  }

  test('the client asks before it gives a link up', () => {
    const { liveness, seen } = watch()
    liveness.heard()
    seen.clock.sleep(600_000)
    seen.clock.sleep(600_000)
    expect([seen.isDead, seen.asked]).toEqual([false, 1])
    seen.clock.sleep(2_504)
    expect(seen.isDead, 'no answer in time').toBe(true)
  })

  test('the client asks again, once, where it slept while it waited for the answer', () => {
    const { liveness, seen } = watch()
    liveness.probe()
    seen.clock.sleep(60_000)
    expect([seen.isDead, seen.asked]).toEqual([false, 2])
    liveness.heard()
    seen.clock.sleep(2_600)
    expect(seen.isDead, 'the answer waited to be read').toBe(false)
    liveness.probe()
    seen.clock.sleep(60_000)
    seen.clock.sleep(60_000)
    expect(seen.isDead).toBe(true)
    liveness.stop()
  })

  test('the server judges nobody by a tick that comes late', () => {
    const clock = lateClock()
    const heartbeats = new Heartbeats(clock, { intervalMs: 2_000, timeoutMs: 1_000 })
    let isAlive = true
    let isDead = false
    heartbeats.watch({ ping: () => (isAlive = false), isAlive: () => isAlive, onSilence: () => (isDead = true) })
    while (isAlive) clock.sleep(1_000)
    clock.sleep(30_000) // its answer is there, but not read yet
    expect(isDead).toBe(false)
    clock.sleep(1_000)
    expect(isDead, 'it had the time to be read').toBe(true)
  })

  /** A clock whose machine sleeps: what falls due meanwhile runs once, late. */
  function lateClock() {
    let now = 0
    const timers = new Set<{ readonly dueMs: number; readonly run: () => void }>()
    return {
      now: () => now,
      after(ms: number, run: () => void) {
        const timer = { dueMs: now + ms, run }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
      endOfTurn: (run: () => void) => run(),
      sleep(ms: number) {
        now += ms
        for (const timer of [...timers].filter(({ dueMs }) => dueMs <= now)) {
          if (timers.delete(timer)) timer.run()
        }
      },
    }
  }
})

describe('the wait before the next attempt (CL-6)', () => {
  const settings = { minDelayMs: 500, maxDelayMs: 30_000, random: seededRandom(1) }

  test.each([1, 2, 3, 6, 7, 20, 2_000])('after %d failures is spread evenly from 0 to its bound', (failures) => {
    const bound = Math.min(30_000, 500 * 2 ** (failures - 1))
    const bins = Array.from({ length: 20 }, () => 0)
    for (let i = 0; i < 20_000; i++) {
      const delay = backoffMs(failures, settings)
      expect(delay >= 0 && delay < bound).toBe(true)
      bins[Math.floor((delay / bound) * bins.length)]!++
    }
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1_000) ** 2 / 1_000, 0)
    expect(chiSquare, 'above 43.8 one time in a thousand').toBeLessThan(43.8)
  })

  test('has no herd at the cap: of 10,000 clients that lost one server no tenth of a second gets more than a few', () => {
    const perSlot = new Map<number, number>()
    for (let client = 0; client < 10_000; client++) {
      const slot = Math.floor(backoffMs(12, settings) / 100)
      perSlot.set(slot, (perSlot.get(slot) ?? 0) + 1)
    }
    expect(Math.max(...perSlot.values())).toBeLessThan(70) // 33 on average
    expect(perSlot.size).toBeGreaterThan(295)
  })

  test('is not below what the server asks for, and is added to it', async () => {
    const { client, server, network, clock } = createPair({}, { reconnect: { minDelayMs: 1_000, random: () => 0.5 } })
    await client.add(0)
    server.session().close('GOING_AWAY', 'elsewhere', { retryAfterMs: 5_000 })
    client.up(1)
    await settle()
    await clock.advance(5_031)
    await settle()
    expect(network.links).toHaveLength(1)
    await clock.advance(1) // 5,000 and half of the cap of 64
    await settle()
    expect(network.links).toHaveLength(2)
  })

  test('is cut by a probe, but for what the server asked for', async () => {
    const { client, server, network, clock } = createPair({}, { reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000 } })
    await client.add(0)
    server.session().close('GOING_AWAY', 'elsewhere', { retryAfterMs: 5_000 })
    client.up(1)
    await settle()
    await clock.advance(4_999)
    client.connection.probe()
    await settle()
    expect(client.statuses.at(-1)).toMatchObject({ state: 'waiting' })
    expect(network.links).toHaveLength(1)
    await clock.advance(1)
    client.connection.probe()
    await settle()
    expect(network.links).toHaveLength(2)
  })

  test('is told in whole milliseconds', async () => {
    const { client, network } = createPair({}, { reconnect: { random: () => 0.123456789, minDelayMs: 1_000 } })
    await client.add(0)
    network.last.cut()
    await settle()
    const status = client.statuses.at(-1)
    expect(status?.state === 'waiting' && Number.isInteger(status.retryAtMs)).toBe(true)
  })

  test('does not come at all where the server said not to come back', async () => {
    const { client, server, network, pass } = createPair()
    await client.add(0)
    server.session().close('SESSION_CLOSED', 'enough')
    await pass(600_000)
    expect(network.links).toHaveLength(1)
    expect(client.statuses.at(-1)).toMatchObject({ state: 'closed' })
  })

  test('begins at its first bound again after a connection that lasted 10 s', async () => {
    const { client, network, clock, pass } = createPair()
    await client.add(0)
    const failures: number[] = []
    for (const lastedMs of [0, 0, 9_999, 10_000, 0]) {
      await clock.advance(lastedMs)
      await settle()
      network.last.cut()
      failures.push((client.connection.status.current as { attempt: number }).attempt)
      await clock.advance(64)
      await settle()
      expect(client.connection.status.current.state).toBe('open')
    }
    expect(failures).toEqual([1, 2, 3, 1, 2])
    await pass(8)
  })
})

describe('a better transport (HT-7)', () => {
  test('is tried again between half and the whole of a time that doubles up to five minutes', async () => {
    const { client, network, server, pass, clock } = createPair(
      {},
      { transports: ['websocket', 'http-poll'], reconnect: { random: () => 0.999 } },
    )
    Object.assign(network.options, {
      accept: (link: never, open: never) => {
        if ((link as { name: string }).name === 'http-poll') server.accept(link, open)
      },
    })
    client.up(1)
    const triedAtMs: number[] = []
    network.onDial = ({ name }) => void (name === 'websocket' && triedAtMs.push(clock.now()))
    for (let i = 0; i < 180; i++) await pass(5_000)
    const waits = triedAtMs.map((at, i) => Math.round((at - (triedAtMs[i - 1] ?? 0)) / 1_000))
    expect(waits.slice(1)).toEqual([30, 60, 120, 240, 300])
    expect(client.recovered()).toEqual([undefined])
  })

  test('starts beside the first after a head start of 1 s, not before', async () => {
    const { client, network, clock } = createPair({}, { transports: ['websocket', 'http-stream', 'http-poll'] })
    network.onDial = (link) => link.hold()
    client.up(1)
    const names = () => network.links.map(({ name }) => name)
    await clock.advance(999)
    expect(names()).toEqual(['websocket'])
    await clock.advance(1)
    expect(names()).toEqual(['websocket', 'http-stream'])
    await clock.advance(1_000)
    expect(names()).toEqual(['websocket', 'http-stream', 'http-poll'])
  })
})

test('a time limit that is cancelled by another one of the same moment does not run', async () => {
  const clock = createFakeClock()
  const deadlines = new Deadlines(clock)
  const ran: string[] = []
  deadlines.set(16, () => {
    ran.push('first')
    second.cancel()
  })
  const second = deadlines.set(16, () => ran.push('second'))
  await clock.advance(16)
  expect(ran).toEqual(['first'])
  expect(clock.pending).toBe(0)
})

test('a page that is put aside while it connects starts no other transport, and connects when it is back', async () => {
  const { client, network, pass, server } = createPair({}, { transports: ['websocket', 'http-stream'] })
  network.onDial = (link) => link.hold()
  client.up(1)
  await settle()
  client.connection.suspend()
  expect(client.connection.status.current.state).toBe('waiting')
  expect(network.links).toHaveLength(1)
  network.onDial = () => {}
  client.connection.probe()
  await pass(100)
  expect(server.ran).toEqual([1])
})
