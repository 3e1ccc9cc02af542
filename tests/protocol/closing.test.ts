import { closeCodes } from '@typewire/core'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { startClient, startServer, startWelcomed } from './start.ts'

describe('CL-1, CL-2: the close frame comes last, and the WebSocket closes with the same', () => {
  test('by a server', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([24, 0, 'seen', 0, 1], [17, 1, 'echo', 0, 'x'])
    await peer.readKind(18)
    peer.session.emit.tick(7)
    peer.session.close('Enough for today…')
    expect(await peer.read()).toEqual([24, 0, 'tick', 0, 7])
    expect(await peer.read()).toEqual([3, 4000, 'Enough for today…', { received: 2 }])
    expect(await peer.closed()).toEqual({ code: 4000, reason: 'Enough for today?' })
  })

  test('with a reason of at most 123 bytes, and without a position before the welcome', async () => {
    const { open, connect } = await startServer()
    const peer = await connect()
    peer.session.close('ü'.repeat(500))
    expect((await peer.closed()).reason).toBe('?'.repeat(123))
    const early = await open()
    early.send([4, 0, 0])
    expect(await early.read()).toEqual([3, 4400, expect.stringMatching(/^HS-1: /), {}])
  })

  test('by a client', async () => {
    const { client, peer } = await startWelcomed()
    client.emit.seen('last words')
    const closed = client.close()
    expect(await peer.read()).toEqual([24, 0, 'seen', 0, 'last words'])
    expect(await peer.read()).toEqual([3, 1000, 'closed', 0])
    expect(await peer.closed()).toEqual({ code: 1000, reason: 'closed' })
    await closed
  })
})

test('CL-3: what comes behind a close frame is not read, and the other side closes too', async () => {
  const { connect, seen } = await startServer()
  const peer = await connect()
  peer.send([24, 0, 'seen', 0, 'before'], [3, 1000, 'bye', 0], [24, 0, 'seen', 0, 'behind'])
  peer.send([17, 1, 'echo', 0, 'behind'])
  expect(await peer.read()).toEqual([3, 1000, expect.any(String), { received: 1 }])
  expect(await peer.closed()).toMatchObject({ code: 1000 })
  expect(seen).toEqual([['seen', 'before']])

  const { client, peer: server } = await startWelcomed()
  const heard: number[] = []
  client.on.tick((n) => heard.push(n))
  server.send([24, 0, 'tick', 0, 1], [3, 4000, 'bye', 0], [24, 0, 'tick', 0, 2])
  await server.closed()
  expect(heard).toEqual([1])
})

describe('CL-4: drain', () => {
  test('lets finish what runs, refuses nothing, and closes when nothing runs any more', async () => {
    const clock = createFakeClock()
    const { listener, connect, seen } = await startServer({ clock })
    const [ada, bob] = [await connect(), await connect()]
    ada.send([17, 1, 'hold', 0])
    await expect.poll(() => seen).toHaveLength(1)
    const closing = listener.close()
    expect(await ada.read()).toEqual([9, 5_000])
    expect(await bob.read()).toEqual([9, 5_000])
    ada.send([23, 1])
    expect(await ada.read()).toEqual([3, 4503, 'the server is closing', { received: 2 }])
    expect(await bob.read()).toEqual([3, 4503, 'the server is closing', { received: 0 }])
    await closing
  })

  test('ends at the end of its time', async () => {
    const clock = createFakeClock()
    const { listener, connect, seen } = await startServer({ clock })
    const peer = await connect()
    peer.send([17, 1, 'hold', 0])
    await expect.poll(() => seen).toHaveLength(1)
    const closing = listener.close({ drainMs: 200 })
    expect(await peer.read()).toEqual([9, 200])
    await clock.advance(208)
    expect(await peer.read()).toMatchObject([3, 4503, 'the server is closing', { received: 1 }])
    expect(seen).toEqual([['hold'], ['hold aborted']])
    await closing
  })

  test('a client begins nothing new in that session', async () => {
    const { client, raw, peer } = await startWelcomed()
    const running = client.call.echo('running')
    await peer.readKind(17)
    peer.send([9, 5_000], [4, 0, 0])
    await peer.readKind(5)
    const later = client.call.echo('later')
    peer.send([18, 1, 'finished'], [4, 1, 0])
    expect(await running).toBe('finished')
    await peer.readKind(5)
    expect(peer.unread).toEqual([])
    peer.send([3, 4503, 'bye', { received: 1 }])
    const next = await raw.welcome()
    expect(await next.readKind(17)).toEqual([17, 2, 'echo', 0, 'later'])
    next.send([18, 2, 'answered'])
    expect(await later).toBe('answered')
  })
})

describe('CL-5: whether a client connects again', () => {
  const never = Object.values(closeCodes).flatMap(({ code, reconnect }) => (reconnect === 'never' ? [code] : []))
  const retry = Object.values(closeCodes).flatMap(({ code, reconnect }) => (reconnect === 'retry' ? [code] : []))

  test.each([...retry, 4999, 1011, 3000])('it does after %i', async (code) => {
    const { client, raw, peer } = await startWelcomed()
    peer.send([3, code, 'because', 0])
    await raw.welcome()
    await expect.poll(() => client.status.current.state).toBe('open')
  })

  test.each(never)('it does not after %i', async (code) => {
    const { client, peer } = await startWelcomed()
    const next = new Promise((resolve) => {
      client.status.subscribe(() => resolve(client.status.current.state))
    })
    peer.send([3, code, 'because', 0])
    expect(await next).toBe('closed')
  })

  test('it does after a link that broke', async () => {
    const { client, raw, peer } = await startWelcomed()
    peer.cut()
    await raw.welcome()
    await expect.poll(() => client.status.current.state).toBe('open')
  })
})

test('CL-6: a client waits a random time below a doubling bound, behind what the server asks for', async () => {
  const clock = createFakeClock()
  const { client, raw } = await startClient({
    clock,
    reconnect: { minDelayMs: 1_000, maxDelayMs: 3_000, random: () => 0.5 },
  })
  client.emit.seen(1)
  const waits = []
  for (const retryAfterMs of [0, 0, 0, 10_000]) {
    const peer = await raw.accept()
    await peer.read()
    peer.send([3, 4503, 'bye', { retryAfterMs }])
    await expect.poll(() => client.status.current.state).toBe('waiting')
    let waited = 0
    for (; client.status.current.state === 'waiting'; waited += 100) await clock.advance(100)
    waits.push(waited)
  }
  expect(waits).toEqual([500, 1_000, 1_500, 11_500])
})

describe('a client and a close frame that is odd', () => {
  test.each([
    [5, 'a code that no WebSocket may send'],
    [70_000, 'nor this'],
    [4400, 'x'.repeat(200)],
    [4400, 'ü'.repeat(100)],
  ])('CL-5: %i is a close like any other', async (code, reason) => {
    const { client, raw, peer } = await startWelcomed()
    peer.send([3, code, reason, 0])
    await raw.welcome()
    await expect.poll(() => client.status.current.state).toBe('open')
  })

  test('FR-6: members of another type are as good as missing', async () => {
    const { client, raw, peer } = await startWelcomed()
    const call = client.call.echo('seen?')
    await peer.readKind(17)
    peer.send([3, 4503, 'bye', { received: 'none', retryAfterMs: 'soon' }])
    const next = await raw.welcome()
    client.emit.seen('after')
    expect(await next.read()).toEqual([17, 1, 'echo', { again: 1 }, 'seen?']) // as one that may have been seen (CA-10)
    expect(await next.read()).toEqual([24, 0, 'seen', 0, 'after'])
    next.send([18, 1, 'yes'])
    expect(await call).toBe('yes')
  })
})
