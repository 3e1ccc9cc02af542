// client.rooms.x: all rooms of a kind that a client is in, and why a handle is not in one any more.

import type { RoomStatus } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { type LabHandlers, type RunningLab, startLab, type TestClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { nextAttempt, rawServer } from './clients.ts'

failOnUnhandledRejections()

describe('client.rooms.x', () => {
  test('hears every instance, those that the server joined included, and says which', async () => {
    const lab = await startLab()
    const client = lab.client()
    const heard: unknown[] = []
    const off = client.rooms.hall.on.said(({ text }, { params }) => void heard.push([params.id, text]))
    client.rooms.hall.on.said((_, instance) => void heard.push(instance), { once: true })
    await client.connect()
    const { hall } = lab.server.rooms
    await lab.session().join(hall({ id: 'theirs' }))
    await client.join.hall({ id: 'mine' }).ready
    const handle = client.join.hall({ id: 'mine' })
    handle.on.said(() => void heard.push('the handle'))
    for (const id of ['theirs', 'mine', 'nobodys']) hall({ id }).emit.said({ text: `to ${id}` })
    await client.call.echo('all has arrived')
    expect(heard).toEqual([['theirs', 'to theirs'], { params: { id: 'theirs' } }, 'the handle', ['mine', 'to mine']])
    off()
    hall({ id: 'mine' }).emit.said({ text: 'more' })
    await client.call.echo('all has arrived')
    expect(heard.slice(4)).toEqual(['the handle'])
  })

  test('instances are those that it is in at the moment', async () => {
    const lab = await startLab()
    const client = lab.client()
    const { instances } = client.rooms.hall
    const ids = () => instances.current.map(({ params }) => params.id)
    let changes = 0
    instances.subscribe(() => changes++)
    expect(ids()).toEqual([])
    const mine = client.join.hall({ id: 'mine' })
    await mine.ready
    const session = lab.session()
    const both = lab.server.rooms.hall({ id: 'mine' })
    await session.join(both)
    await session.join(lab.server.rooms.hall({ id: 'theirs' }))
    await client.call.echo('all has arrived')
    expect(ids()).toEqual(['mine', 'theirs'])
    mine.leave()
    await client.call.echo('the leave has arrived')
    expect(ids()).toEqual(['mine', 'theirs']) // server code holds it
    await session.leave(both)
    await client.call.echo('all has arrived')
    expect(ids()).toEqual(['theirs'])
    expect(changes).toBe(3)
    expect(client.rooms.hall.instances).toBe(instances)
    await client.close()
    expect(ids()).toEqual([])
  })

  test('its rooms go with a lost session, and come with the next', async () => {
    const lab = await startLab({
      handlers: { session: ({ session, server }) => session.join(server.rooms.office({ id: '1' })) },
    })
    const client = lab.client()
    const memos: unknown[] = []
    client.rooms.office.on.memo(({ text }, { params }) => void memos.push([params.id, text]))
    const { instances } = client.rooms.office
    await eventually(() => instances.current.length === 1, 'it is joined')
    await lab.lose()
    await eventually(() => instances.current.length === 0, 'the session is lost')
    await nextAttempt(client)
    await eventually(() => instances.current.length === 1, 'it is joined anew')
    lab.server.rooms.office({ id: '1' }).emit.memo({ text: 'hi' })
    await eventually(() => memos.length > 0, 'it is heard')
    expect(memos).toEqual([['1', 'hi']])
  })

  test('onMissed tells of rooms that server code joins, after a lost session, once it has joined again', async () => {
    const lab = await startLab({
      handlers: { session: ({ session, server }) => session.join(server.rooms.office({ id: '1' })) },
    })
    const client = lab.client()
    const missed: unknown[] = []
    const off = client.rooms.office.onMissed(({ reason }, { params }) => void missed.push([params.id, reason]))
    const { instances } = client.rooms.office
    await eventually(() => instances.current.length === 1, 'it is joined')
    const loseSession = async () => {
      await lab.lose()
      await eventually(() => instances.current.length === 0, 'the session is lost')
      await nextAttempt(client)
      await eventually(() => instances.current.length === 1, 'it is joined anew')
    }
    expect(missed).toEqual([])
    await loseSession()
    expect(missed).toEqual([['1', 'noHistory']])
    await lab.session().leave(lab.server.rooms.office({ id: '1' }))
    await lab.session().join(lab.server.rooms.office({ id: '1' }))
    await client.call.echo('all has arrived')
    expect(missed).toHaveLength(1)
    off()
    await loseSession()
    expect(missed).toHaveLength(1)
  })

  test('onMissed says of such a room that its history was not kept for the client, where it has one', async () => {
    const server = await rawServer()
    const client = server.client()
    const missed: unknown[] = []
    client.rooms.hall.onMissed((what, { params }) => void missed.push([params.id, what]))
    const joined = (peer: Awaited<ReturnType<typeof server.welcome>>) =>
      peer.send([29, 7, 'hall', { id: 'spoken' }], [29, 8, 'hall', { id: 'placed' }], [29, 9, 'hall', { id: 'plain' }])
    const peer = await server.welcome()
    joined(peer)
    peer.send(
      [25, 0, 7, 'said', { offset: 5 }, { text: 'x' }],
      [26, 8, 'e', 3, 0],
      [25, 0, 9, 'said', 0, { text: 'x' }],
    )
    await eventually(() => client.rooms.hall.instances.current.length === 3, 'it is in all of them')
    peer.cut()
    await nextAttempt(client)
    joined(await server.welcome())
    await eventually(() => missed.length === 3, 'all are told')
    expect(missed).toEqual([
      ['spoken', { reason: 'notKept' }],
      ['placed', { reason: 'notKept' }],
      ['plain', { reason: 'noHistory' }],
    ])
  })

  test('HI-8: onMissed tells of gaps, and of what its own joins have missed, once for each room', async () => {
    const server = await rawServer()
    const client = server.client()
    const missed: unknown[] = []
    client.rooms.hall.onMissed(({ reason }, { params }) => void missed.push([params.id, reason]))
    const peer = await server.welcome()
    peer.send([frames.joined.kind, 7, 'hall', { id: 'theirs' }])
    const position = (offset: number, options: object | 0) => [frames.position.kind, 7, 'e', offset, options]
    peer.send(position(1, 0), position(4, { missed: true }))
    await eventually(() => missed.length > 0, 'the gap is told')
    expect(missed).toEqual([['theirs', 'gap']])
    // Two spellings of one room.
    client.join.hall({ id: 'h' })
    client.join.hall({ id: 'H' })
    const join = async (from: typeof peer) => {
      const [, id] = await from.read()
      from.send([frames.result.kind, id, { room: 8, params: { id: 'h' }, epoch: 'e', offset: 0 }])
    }
    await join(peer)
    await join(peer)
    await eventually(() => client.rooms.hall.instances.current.length === 2, 'both are joined')
    peer.cut()
    await nextAttempt(client)
    const next = await server.welcome()
    await join(next)
    await join(next)
    await eventually(() => missed.length > 1, 'it is told')
    await quiet()
    expect(missed.slice(1)).toEqual([['h', 'notKept']])
    await client.close()
  })

  test('answers for its handler where no handle has one', async () => {
    const lab = await startLab()
    const client = lab.client()
    client.rooms.hall.on.poll((_, { params }) => ({ yes: params.id === 'h' }))
    const hall = client.join.hall({ id: 'h' })
    await hall.ready
    const room = lab.server.rooms.hall({ id: 'h' })
    expect(await room.emitWithAck.poll({ text: '?' })).toMatchObject([{ status: 'acked', data: { yes: true } }])
    hall.on.poll(() => ({ yes: false }))
    expect(await room.emitWithAck.poll({ text: '?' })).toMatchObject([{ status: 'acked', data: { yes: false } }])
  })

  test('PL-4: what it cannot read of a room it tells, and goes on', async () => {
    const server = await rawServer()
    const client = server.client()
    const connecting = client.connect()
    const peer = await server.welcome()
    await connecting
    peer.send([frames.joined.kind, 7, 'hall', { id: 'x' }, { id: ['nonsense'] }])
    peer.send([frames.joined.kind, 8, 'hall', { id: 'y' }], [frames.left.kind, 9, 'never was'])
    await eventually(() => client.rooms.hall.instances.current.length > 0, 'it is told')
    expect(client.rooms.hall.instances.current).toEqual([{ params: { id: 'y' } }])
    expect(client.errors).toHaveLength(1)
  })
})

describe('the status of a handle says why', () => {
  type Hall = NonNullable<NonNullable<LabHandlers['rooms']>['hall']>
  const until = (client: TestClient, state: RoomStatus['state'], hall: ReturnType<TestClient['join']['hall']>) =>
    eventually(() => hall.status.current.state === state, `it is ${state}, ${client.status.current.state}`)

  const refused: Hall = { authorize: () => false }
  const hanging: Hall = { authorize: () => new Promise(() => {}) }

  test.each([
    ['refused', refused, {}, 'FORBIDDEN', "Room hall { id: 'h' } refused the join: authorize did not return true."],
    ['not answered in time', hanging, { timeoutMs: 1_000 }, 'TIMED_OUT', 'join.hall: no answer within 1000 ms.'],
  ])('denied: %s', async (_, hall, options, code, message) => {
    const lab = await startLab({ handlers: { rooms: { hall } } })
    const client = lab.client()
    const handle = client.join.hall({ id: 'h' }, options)
    await client.connect()
    await quiet()
    await client.clock.advance(1_010)
    await until(client, 'denied', handle)
    expect(handle.status.current).toMatchObject({ state: 'denied', reason: { code, message } })
    await expect(handle.ready).rejects.toMatchObject({ code, message })
  })

  test.each<[string, (lab: RunningLab) => unknown]>([
    ['by leave of the session', (lab) => lab.session().leave(lab.server.rooms.hall({ id: 'h' }))],
    ['by evict', (lab) => lab.server.rooms.hall({ id: 'h' }).evict(lab.session(), 'the server ended it')],
    ['by close', (lab) => lab.server.rooms.hall({ id: 'h' }).close('the server ended it')],
  ])('left, by the server: %s', async (_, end) => {
    const lab = await startLab()
    const client = lab.client()
    const handle = client.join.hall({ id: 'h' })
    await handle.ready
    await end(lab)
    await until(client, 'left', handle)
    const reason = { code: 'FORBIDDEN', message: 'Room hall: the server ended it.', origin: 'hall' }
    expect(handle.status.current).toMatchObject({ state: 'left', by: 'server', reason })
    await expect(handle.emitWithAck.vote({ text: '?' })).rejects.toMatchObject(reason)
  })

  test.each<[string, 'handle' | 'client', string, (end: AbortController, client: TestClient) => unknown]>([
    ['its signal', 'handle', 'ABORTED', (end) => end.abort()],
    ['close of the client', 'client', 'CLOSED', (_, client) => client.close()],
  ])('left, by %s, joined or not', async (_, by, code, end) => {
    const lab = await startLab()
    const client = lab.client()
    const controller = new AbortController()
    const { signal } = controller
    const joined = client.join.hall({ id: 'h' }, { signal })
    await joined.ready
    const joining = client.join.hall({ id: 'i' }, { signal })
    await end(controller, client)
    for (const { status } of [joined, joining]) {
      expect(status.current).toMatchObject({ state: 'left', by, reason: { code } })
    }
  })

  test('left, by the client: the server told it not to come back', async () => {
    const server = await rawServer()
    const client = server.client()
    const [joined, joining] = [client.join.hall({ id: 'h' }), client.join.hall({ id: 'i' })]
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, { room: 1 }])
    await joined.ready
    peer.send([frames.close.kind, 4_000, 'the server ended the session', 0])
    await until(client, 'left', joined)
    for (const { status } of [joined, joining]) {
      expect(status.current).toMatchObject({ state: 'left', by: 'client', reason: { code: 'SESSION_LOST' } })
    }
    const late = client.join.hall({ id: 'h' })
    expect(late.status.current).toMatchObject({ state: 'left', by: 'client', reason: { code: 'SESSION_LOST' } })
  })
})
