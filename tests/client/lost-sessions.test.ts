import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, nextAttempt, rawServer } from './clients.ts'

failOnUnhandledRejections()

const call = (id: number, payload: unknown) => [frames.call.kind, id, 'echo', 0, payload]
const note = (n: number) => [frames.event.kind, 0, 'note', 0, { n }]

describe('what is sent while there is no connection', () => {
  test('waits, and is sent in order, once', async () => {
    const server = await rawServer()
    const client = server.client()
    const first = client.call.echo('1')
    client.emit.note({ n: 2 })
    const third = client.emitWithAck.save({ n: 3 })
    client.emit.note({ n: 4 })
    const peer = await server.welcome()
    expect([await peer.read(), await peer.read(), await peer.read(), await peer.read()]).toEqual([
      call(1, '1'),
      note(2),
      [frames.event.kind, 2, 'save', 0, { n: 3 }],
      note(4),
    ])
    peer.send([frames.result.kind, 2, { saved: 3 }], [frames.result.kind, 1, 'one'])
    expect(await first).toBe('one')
    expect(await third).toEqual({ saved: 3 })
  })

  test('waits also through attempts that fail', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = client.call.echo('1')
    for (let attempt = 0; attempt < 3; attempt++) {
      const peer = await server.accept()
      expect((await peer.read())[0]).toBe(frames.hello.kind)
      peer.cut()
      await nextAttempt(client)
    }
    const peer = await server.welcome()
    expect(await peer.read()).toEqual(call(1, '1'))
    peer.send([frames.result.kind, 1, 'one'])
    expect(await answer).toBe('one')
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('LM-2: calls above what every server takes wait for the welcome, and what is queued is not lost', async () => {
    const server = await rawServer()
    const client = server.client()
    const answers = Array.from({ length: 100 }, (_, n) => client.call.echo(`${n}`))
    const peer = await server.welcome({ maxCalls: 64 })
    for (let n = 0; n < 64; n++) expect((await peer.read())[1]).toBe(n + 1)
    await quiet()
    expect(peer.unread).toEqual([])
    for (let n = 0; n < 36; n++) {
      peer.send([frames.result.kind, n + 1, `${n}`])
      expect((await peer.read())[1]).toBe(n + 65)
    }
    for (let n = 36; n < 100; n++) peer.send([frames.result.kind, n + 1, `${n}`])
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`))
  })

  test('CA-1: ids rise on the wire, whatever waited for what', async () => {
    const server = await rawServer()
    const client = server.client()
    const answers = Array.from({ length: 70 }, (_, n) => settled(client.call.echo(`${n}`), 'a call'))
    void client.join.hall({ id: 'h' })
    answers.push(settled(client.emitWithAck.save({ n: 1 }) as Promise<never>, 'an ack'))
    const peer = await server.welcome()
    await eventually(() => peer.unread.length === 72, 'all is sent')
    const ids = peer.unread.map(([, id]) => id as number)
    expect(ids).toEqual([...ids].sort((a, b) => a - b))
    await client.close()
    expect((await Promise.all(answers)).every(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('CA-6: when the session is lost', () => {
  test('what was in flight rejects SESSION_LOST, and its outcome is unknown, but for calls', async () => {
    const server = await rawServer()
    const client = server.client()
    const ack = settled(client.emitWithAck.save({ n: 1 }), 'the ack')
    const peer = await server.welcome()
    await peer.read()
    peer.cut()
    expect(await ack).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'unknown', origin: 'save' } })
    await nextAttempt(client)
    const next = await server.welcome()
    await quiet()
    expect(next.unread).toEqual([])
  })

  test('CL-2: what the server says it has not received is sent again, once and in order; the rest is unknown', async () => {
    const server = await rawServer()
    const client = server.client()
    const [one, two] = [settled(client.emitWithAck.save({ n: 1 }), 'one'), client.call.echo('2')]
    client.emit.note({ n: 3 })
    const four = client.call.echo('4')
    const peer = await server.welcome()
    for (let n = 0; n < 4; n++) await peer.read()
    peer.send([frames.close.kind, 4503, 'the server is closing', { received: 1 }])
    expect(await one).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'unknown' } })
    await nextAttempt(client)
    const next = await server.welcome()
    expect([await next.read(), await next.read(), await next.read()]).toEqual([call(2, '2'), note(3), call(3, '4')])
    next.send([frames.result.kind, 2, 'two'], [frames.result.kind, 3, 'four'])
    expect(await Promise.all([two, four])).toEqual(['two', 'four'])
    await quiet()
    expect(next.unread).toEqual([])
  })

  test('it is carried over as often as it takes', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = client.call.echo('1')
    client.emit.note({ n: 2 })
    for (let attempt = 0; attempt < 3; attempt++) {
      const peer = await server.welcome()
      expect([await peer.read(), await peer.read()]).toEqual([call(1, '1'), note(2)])
      peer.send([frames.close.kind, 4503, 'not yet', { received: 0 }])
      await nextAttempt(client)
    }
    const peer = await server.welcome()
    expect([await peer.read(), await peer.read()]).toEqual([call(1, '1'), note(2)])
    peer.send([frames.result.kind, 1, 'at last'])
    expect(await answer).toBe('at last')
  })

  test('what was given up meanwhile is not sent again (SQ-5)', async () => {
    const server = await rawServer()
    const client = server.client()
    const controller = new AbortController()
    const given = settled(client.call.echo('1', { signal: controller.signal }), 'the call')
    const kept = client.call.echo('2')
    const peer = await server.welcome()
    await peer.read()
    await peer.read()
    peer.send([frames.close.kind, 4503, 'x', { received: 0 }])
    await is(client, 'waiting')
    controller.abort()
    expect(await given).toMatchObject({ reason: { code: 'ABORTED' } })
    await client.clock.advance(1)
    const next = await server.welcome()
    const sent = [await next.read()]
    while (sent.at(-1)![0] !== frames.call.kind) sent.push(await next.read())
    expect(sent.at(-1)).toEqual(call(2, '2'))
    expect(sent.slice(0, -1)).toEqual(sent.slice(0, -1).map(() => [frames.noop.kind]))
    next.send([frames.result.kind, 2, 'two'])
    expect(await kept).toBe('two')
  })

  test('CL-4: what waited while the server drained follows what is carried over', async () => {
    const server = await rawServer()
    const client = server.client()
    const crossing = client.call.echo('1')
    const peer = await server.welcome()
    await peer.read()
    peer.send([frames.drain.kind, 1_000])
    await quiet()
    const waiting = client.call.echo('2')
    await quiet()
    expect(peer.unread).toEqual([])
    peer.send([frames.close.kind, 4503, 'the server is closing', { received: 0 }])
    await nextAttempt(client)
    const next = await server.welcome()
    expect([await next.read(), await next.read()]).toEqual([call(1, '1'), call(2, '2')])
    next.send([frames.result.kind, 1, 'one'], [frames.result.kind, 2, 'two'])
    expect(await Promise.all([crossing, waiting])).toEqual(['one', 'two'])
  })

  test.each([
    ['is above what was sent', 1_000],
    ['is no number', 'all'],
    ['is null', null],
    ['is negative', -5],
  ])('a close whose `received` %s makes nothing run twice', async (_, received) => {
    const server = await rawServer()
    const client = server.client()
    void settled(client.call.echo('1'), 'the call')
    const ack = settled(client.emitWithAck.save({ n: 1 }), 'the ack')
    const peer = await server.welcome()
    await peer.read()
    await peer.read()
    peer.send([frames.close.kind, 4503, 'x', { received }])
    expect(await ack).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'unknown' } })
    await nextAttempt(client)
    const next = await server.welcome()
    expect(await next.read()).toEqual([frames.call.kind, 1, 'echo', { again: 1 }, '1'])
    await quiet()
    expect(next.unread).toEqual([])
    expect(client.errors).toEqual([])
  })

  test('handlers go on hearing, and calls go on working, through a real server', async () => {
    const lab = await startLab()
    const client = lab.client()
    const heard: string[] = []
    client.on.notice(({ text }) => void heard.push(text))
    for (const text of ['first', 'second', 'third']) {
      expect(await client.call.echo(text)).toBe(text)
      lab.server.emit.notice({ text })
      await eventually(() => heard.at(-1) === text, 'it is heard')
      lab.cut()
      await nextAttempt(client)
    }
    expect(heard).toEqual(['first', 'second', 'third'])
    expect(client.errors).toEqual([])
  })
})

describe('a frame that the server refuses', () => {
  test('is not sent again for ever: what it asked for settles', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = settled(client.call.echo('poison'), 'the call')
    for (let attempt = 0; attempt < 10; attempt++) {
      const peer = await server.welcome()
      const [kind] = await peer.read()
      expect(kind).toBe(frames.call.kind)
      // What a server says that cannot read a message: it counted none of it.
      peer.send([frames.close.kind, 4400, 'WR-4: the message is not JSON', { received: 0 }])
      await eventually(() => client.status.current.state !== 'open', 'the client hears it')
      if (client.status.current.state === 'closed') break
      await nextAttempt(client)
      const result = await Promise.race([answer, quiet().then(() => undefined)])
      if (result) break
    }
    expect(await answer).toMatchObject({ status: 'rejected' })
  })

  const deep = (depth: number): unknown => (depth === 0 ? 'x' : [deep(depth - 1)])
  test.each([509, 510, 511, 512, 600, 5_000])('WR-5: a payload nested %d deep harms no other call', async (depth) => {
    const lab = await startLab({ handlers: { procedures: { work: () => new Promise(() => {}) } } })
    const client = lab.client()
    const other = settled(client.call.work({ n: 1 }), 'the other call')
    await client.connect()
    const { id } = lab.session()
    const result = await settled(client.call.carry(deep(depth)), 'the deep call')
    expect(result.status === 'fulfilled' ? 'ok' : (result.reason as { code: string }).code).toBe(
      depth <= 510 ? 'ok' : 'INVALID_INPUT',
    )
    expect(lab.session().id).toBe(id)
    await client.close()
    expect(await other).toMatchObject({ reason: { code: 'CLOSED' } })
  })

  test('WR-5: an answer nested deeper than may travel is INTERNAL, and harms no other call', async () => {
    const lab = await startLab({ handlers: { procedures: { carry: () => deep(600) } } })
    const client = lab.client()
    await client.connect()
    const { id } = lab.session()
    await expect(client.call.carry(1)).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(lab.session().id).toBe(id)
    expect(lab.errors).toHaveLength(1)
  })
})
