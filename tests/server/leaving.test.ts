// How clients leave a server that closes: not all at one moment, and to where they are told.

import { closeCodes } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createFakeClock, MemoryNetwork } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { is, nextAttempt, rawServer } from '../client/clients.ts'
import { createTestServer, dialByHand, type HandPeer, settle } from '../resume/peers.ts'
import { eventually, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** A server with so many clients. */
async function crowd(size: number) {
  const clock = createFakeClock()
  const server = createTestServer({ clock, heartbeat: false, add: () => new Promise(() => {}) })
  const network = new MemoryNetwork({ clock, accept: (link, open) => server.accept(link, open) })
  const peers = await Promise.all(Array.from({ length: size }, () => dialByHand(network)))
  expect(server.node.sessions.size).toBe(size)
  return { clock, server, peers }
}

const left = (peers: readonly HandPeer[]) => peers.filter(({ closed }) => closed() !== undefined).length

describe('CL-4: a server that closes', () => {
  test('lets go of many clients one by one, evenly over half of its time at most', async () => {
    const { clock, server, peers } = await crowd(400)
    const closing = server.connections.close(1_000)
    const gone: number[] = []
    for (let ms = 0; ms < 520; ms += 52) {
      await settle()
      gone.push(left(peers))
      await clock.advance(52)
    }
    await closing
    expect(left(peers)).toBe(400)
    const perStep = gone.slice(1).map((all, index) => all - gone[index]!)
    for (const some of perStep) expect(some).toBeGreaterThan(20)
    for (const some of perStep) expect(some).toBeLessThan(60)
    expect(new Set(peers.map(({ closed }) => closed()))).toEqual(new Set([closeCodes.GOING_AWAY.code]))
  })

  test('does not take longer than the clients that there are need', async () => {
    const { clock, server, peers } = await crowd(200)
    const closing = server.connections.close(60_000)
    await clock.advance(1_010) // 200 at 5 ms each
    await closing
    expect(left(peers)).toBe(200)
  })

  test('lets a hundred go at once, with no time passing', async () => {
    const { server, peers } = await crowd(100)
    await server.connections.close(60_000)
    expect(left(peers)).toBe(100)
  })

  test('closes one whose call still runs at the end of the time', async () => {
    const { clock, server, peers } = await crowd(200)
    const [busy] = peers
    busy!.say([frames.call.kind, 1, 'add', 0, 1])
    await settle()
    const closing = server.connections.close(4_000)
    await clock.advance(3_000) // waits for the call
    expect(left(peers)).toBe(0)
    await clock.advance(995)
    expect(busy!.closed()).toBeUndefined()
    expect(left(peers)).toBeGreaterThan(190)
    await clock.advance(10)
    await closing
    expect(busy!.closed()).toBe(closeCodes.GOING_AWAY.code)
  })
})

describe('CL-6: retryAfterMs', () => {
  test('close gives it, and clients wait so long', async () => {
    const lab = await startLab()
    const client = lab.client()
    await client.connect()
    await lab.server.close({ drainMs: 0, retryAfterMs: 60_000 })
    await is(client, 'waiting')
    const status = client.status.current
    if (status.state !== 'waiting') throw new Error('it waits')
    expect(status.retryAtMs - Date.now()).toBeGreaterThan(55_000)
    await client.clock.advance(59_990)
    expect(client.status.current.state).toBe('waiting')
    await client.clock.advance(20)
    expect(client.status.current.state).not.toBe('waiting')
  })
})

describe('CL-7: another place to connect to', () => {
  test('close names it, and clients go there with what was never sent', async () => {
    const [here, there] = [await startLab(), await startLab()]
    const client = here.client()
    await client.connect()
    const closing = here.server.close({ drainMs: 0, reconnectTo: there.url })
    const held = client.call.echo('held')
    await closing
    await nextAttempt(client)
    expect(await held).toBe('held')
    expect([...there.server.sessions]).toHaveLength(1)
  })

  test('a client comes back there when that link is lost, and goes where it was first told when there is nothing there', async () => {
    const [here, there] = [await rawServer(), await rawServer()]
    const client = here.client()
    const connecting = client.connect()
    const first = await here.welcome()
    await connecting
    first.send([frames.close.kind, closeCodes.GOING_AWAY.code, 'over there', { url: there.url }])
    await nextAttempt(client)
    const second = await there.welcome()
    await is(client, 'open')
    second.cut()
    await nextAttempt(client)
    const third = await there.accept()
    third.cut()
    await nextAttempt(client)
    await here.welcome()
    await is(client, 'open')
    expect(client.errors).toEqual([])
  })

  test('a client goes there also from a server that names it before the welcome', async () => {
    const [here, there] = [await rawServer(), await rawServer()]
    const client = here.client()
    const connecting = client.connect()
    const leaving = await here.accept()
    await leaving.read()
    leaving.send([frames.close.kind, closeCodes.GOING_AWAY.code, 'over there', { url: there.url }])
    await nextAttempt(client)
    await there.welcome()
    await connecting
    expect(client.status.current).toMatchObject({ state: 'open' })
  })

  test.each(['ftp://example.com', 'there', 7, null])('a client ignores what is no place: %j', async (url) => {
    const here = await rawServer()
    const client = here.client()
    const connecting = client.connect()
    const first = await here.welcome()
    await connecting
    first.send([frames.close.kind, closeCodes.GOING_AWAY.code, 'bye', { url }])
    await nextAttempt(client)
    await here.welcome()
    await is(client, 'open')
    expect(client.errors).toEqual([])
  })

  test.each([
    [{ reconnectTo: 'there' }, TypeError, /absolute URL/],
    [{ reconnectTo: 'ws://example.com' }, TypeError, /absolute URL/],
    [{ retryAfterMs: -1 }, RangeError, /milliseconds of at least 0/],
  ])('close refuses %j', async (options, kind, message) => {
    const lab = await startLab()
    const refused = await settled(lab.server.close({ drainMs: 0, ...options }), 'close')
    expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(kind) as Error })
    expect(String((refused as PromiseRejectedResult).reason)).toMatch(message)
    await eventually(() => [...lab.server.sessions].length === 0, 'nothing was closed, nothing was open')
  })
})
