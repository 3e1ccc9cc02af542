// What a request says of its time, wherever it has waited (CA-8).
import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { clientOf } from '../streams/stage.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { nextAttempt, rawServer } from './clients.ts'

failOnUnhandledRejections()

const welcome = (overrides: object = {}) => {
  const limits = { window: 4_194_304, maxCalls: 1_024, maxMessageBytes: 1_048_576 }
  return [frames.welcome.kind, { version: 1, session: 's', received: 0, from: 0, ...limits, ...overrides }]
}

describe('CA-8: the timeoutMs of a frame is what is left of its time', () => {
  test('when the connection has come late', async () => {
    const server = await rawServer()
    const client = server.client()
    void settled(client.call.echo('x', { timeoutMs: 5_000 }), 'the call')
    void settled(client.emitWithAck.save({ n: 1 }, { timeoutMs: 4_000.5 }), 'the ack')
    const peer = await server.accept()
    await peer.read()
    await client.clock.advance(4_000)
    peer.send(welcome())
    expect(await peer.read()).toEqual([frames.call.kind, 1, 'echo', { timeoutMs: 1_000 }, 'x'])
    expect(await peer.read()).toEqual([frames.event.kind, 2, 'save', { timeoutMs: 1 }, { n: 1 }])
  })

  test('when others had their turn first (LM-2)', async () => {
    const server = await rawServer()
    const client = server.client()
    for (let n = 0; n < 64; n++) void settled(client.call.echo('x'), 'a call')
    void settled(client.call.echo('last', { timeoutMs: 5_000 }), 'the last')
    const peer = await server.welcome({ maxCalls: 64 })
    await eventually(() => peer.unread.length === 64, 'the others are sent')
    await client.clock.advance(3_000)
    peer.send([frames.result.kind, 1, 'x'])
    await eventually(() => peer.unread.length === 65, 'the last is sent')
    expect(peer.unread.at(-1)).toEqual([frames.call.kind, 65, 'echo', { timeoutMs: 2_000 }, 'last'])
  })

  test('when it is sent again, in a session that goes on', async () => {
    const server = await rawServer()
    const client = server.client()
    void settled(client.call.echo('x', { timeoutMs: 5_000 }), 'the call')
    const resume = { secret: 'hush', windowMs: 60_000 }
    const peer = await server.welcome({ resume })
    expect(await peer.read()).toEqual([frames.call.kind, 1, 'echo', { timeoutMs: 5_000 }, 'x'])
    await client.clock.advance(2_000)
    peer.cut()
    await nextAttempt(client)
    const second = await server.accept()
    await second.read()
    await client.clock.advance(500)
    second.send(welcome({ resume, session: 'session-1' }))
    expect(await second.read()).toEqual([frames.call.kind, 1, 'echo', { timeoutMs: 2_499 }, 'x'])
  })

  test('when a join was awaited', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: '1' })
    void settled(hall.emitWithAck.vote({ text: 'x' }, { timeoutMs: 5_000 }), 'the ack')
    const peer = await server.welcome()
    await peer.read()
    await client.clock.advance(3_000)
    peer.send([frames.result.kind, 1, { room: 7 }])
    expect(await peer.read()).toEqual([frames.roomEvent.kind, 2, 7, 'vote', { timeoutMs: 2_000 }, { text: 'x' }])
  })

  test('when a Blob before it was read, and no longer than that it is waited for', async () => {
    const server = await rawServer()
    const client = server.client()
    let read!: (bytes: ArrayBuffer) => void
    const slow = new Blob(['x'])
    slow.arrayBuffer = () => new Promise((resolve) => (read = resolve))
    void settled(client.call.carry(slow), 'the Blob')
    const answer = settled(client.call.echo('x', { timeoutMs: 5_000 }), 'the call')
    const peer = await server.welcome()
    await client.clock.advance(2_000)
    read(new ArrayBuffer(1))
    expect((await peer.read()).slice(1, 3)).toEqual([1, 'carry'])
    expect(await peer.read()).toEqual([frames.call.kind, 2, 'echo', { timeoutMs: 3_000 }, 'x'])
    await client.clock.advance(3_008)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    await quiet()
  })
})

test('CA-8: the time of a stream counts from its first call, in whatever session it goes on', async () => {
  const server = await rawServer()
  const { client, clock } = clientOf(server.url, { transports: ['websocket'] })
  const items = client.stream.count({ to: 2 }, { timeoutMs: 5_000 })
  const first = settled(items.next(), 'the first item')
  const peer = await server.welcome()
  expect((await peer.read())[3]).toMatchObject({ timeoutMs: 5_000 })
  await clock.advance(2_000)
  peer.send([frames.item.kind, 1, { key: 'k' }, 1])
  expect(await first).toMatchObject({ value: { value: 1 } })
  peer.cut()
  await eventually(() => client.status.current.state === 'waiting', 'the client waits')
  await clock.advance(500)
  const second = await server.welcome()
  expect((await second.read())[3]).toMatchObject({ timeoutMs: 2_500 })
  const next = settled(items.next(), 'the next item')
  await clock.advance(2_508)
  expect(await next).toMatchObject({ reason: { code: 'TIMED_OUT' } })
})
