import type { RawPeer } from '@typewire/testkit'
import { createFakeClock, turn } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { startServer, startWelcomed } from './start.ts'

const joinOf = (id: number, params: unknown, kind = 'chat') => [17, id, '$join', 0, { kind, params }]

/** What came to a peer until a ping was answered. */
async function all(peer: RawPeer): Promise<readonly (readonly unknown[])[]> {
  peer.send([4, 0, 0])
  const frames = []
  for (;;) {
    const frame = await peer.read()
    if (frame[0] !== 5) frames.push(frame)
    else break
  }
  while (peer.unread.length > 0) frames.push(await peer.read()) // the pong stands first in its message
  return frames
}

test('RM-10: joined tells of a membership that server code has begun, before any event of the room', async () => {
  const { server, connect } = await startServer()
  const peer = await connect()
  const chat = server.rooms.chat({ id: 1, of: 'a' })
  await peer.session.join(chat)
  await peer.session.join(chat)
  chat.emit.message('hi')
  const [joined, ...rest] = await all(peer)
  expect(joined).toEqual([29, expect.any(Number), 'chat', { id: 1, of: 'a' }])
  expect(rest).toEqual([[25, 0, joined![1], 'message', 0, 'hi']])
  peer.send([25, 1, joined![1], 'typing', 0])
  expect(await peer.read()).toEqual([18, 1])
})

test('RM-10: it is told once, also where the client is a member already, and anew after it has ended', async () => {
  const { server, connect } = await startServer()
  const peer = await connect()
  const chat = server.rooms.chat({ id: 1 })
  peer.send(joinOf(1, { id: 1 }))
  await peer.read()
  await peer.session.join(chat)
  await peer.session.join(chat)
  peer.send([17, 2, '$leave', 0, { join: 1 }])
  chat.emit.message('still')
  await peer.session.leave(chat)
  await peer.session.join(chat)
  expect((await all(peer)).map(([kind]) => kind)).toEqual([29, 25, 28, 29, 18])
})

test('RM-10: a client hears the room by what joined says, until left', async () => {
  const { client, peer } = await startWelcomed()
  const heard: unknown[] = []
  client.rooms.inbox.on.mail((text, { params }) => heard.push([text, params]))
  peer.send([29, 7, 'inbox'], [25, 0, 7, 'mail', 0, 'a'], [28, 7, 'enough'], [25, 0, 7, 'mail', 0, 'b'])
  peer.send([4, 0, 0])
  await peer.readKind(5)
  expect(heard).toEqual([['a', undefined]])
})

test('RM-11: the result of $join has the params where the contract has read them as something else', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  peer.send(joinOf(1, { of: 'a', id: 1 }), joinOf(2, { id: 1, of: 'a', more: 2 }))
  expect(await peer.read()).toEqual([18, 1, { room: 1 }])
  expect(await peer.read()).toEqual([18, 2, { room: 1, params: { id: 1, of: 'a' } }])
})

test('RM-13: server code that ends a membership refuses a join that is under way; a later join counts again', async () => {
  let letIn = (_yes: boolean) => {}
  const { server, connect } = await startServer({}, () => new Promise<boolean>((resolve) => (letIn = resolve)))
  const chat = server.rooms.chat({ id: 1 })
  type Peer = Awaited<ReturnType<typeof connect>>
  const ends: readonly (readonly [end: (peer: Peer) => Promise<void>, told: string])[] = [
    [({ session }) => session.leave(chat), 'the server ended it.'],
    [({ session }) => chat.evict(session, 'enough'), 'enough.'],
    [() => chat.close('The room is archived.'), 'The room is archived.'],
  ]
  for (const [end, told] of ends) {
    const peer = await connect()
    peer.send(joinOf(1, { id: 1 }))
    expect(await all(peer)).toEqual([])
    await end(peer)
    const message = `Room chat { id: 1 } refused the join: ${told}`
    expect((await peer.read()).slice(0, 4)).toEqual([19, 1, 'FORBIDDEN', message])
    letIn(true)
    await turn()
    chat.emit.message('not for it')
    peer.send(joinOf(2, { id: 1 }))
    expect(await all(peer)).toEqual([])
    letIn(true)
    expect((await peer.read())[0]).toBe(18)
    chat.emit.message('for it')
    expect((await peer.read())[5]).toBe('for it')
    peer.cut()
  }
})

test('RM-14: an event to several rooms comes once, as an event of one of them', async () => {
  const { server, connect } = await startServer()
  const [both, other] = [await connect(), await connect()]
  both.send(joinOf(1, { id: 1 }), joinOf(2, { id: 2 }))
  other.send(joinOf(1, { id: 2 }))
  const rooms = [await both.read(), await both.read()].map(([, , answer]) => (answer as { room: number }).room)
  await other.read()
  server.rooms
    .chat({ id: 1 })
    .and(server.rooms.chat({ id: 2 }))
    .emit.message('once')
  server.rooms.chat({ id: 2 }).emit.message('then')
  expect(await all(both)).toEqual([
    [25, 0, rooms[0], 'message', 0, 'once'],
    [25, 0, rooms[1], 'message', 0, 'then'],
  ])
  expect((await all(other)).map((frame) => frame[5])).toEqual(['once', 'then'])
})

test('LM-6: joins come at once for a while, then as many a second; a new session may hold its rooms at once', async () => {
  const clock = createFakeClock()
  const { connect } = await startServer({ clock, maxRooms: 30, maxJoinsPerSecond: 10 })
  const peer = await connect()
  let id = 0
  /** How many of so many joins are let in; each is taken back. */
  const letIn = async (count: number) => {
    let joined = 0
    for (let n = 0; n < count; n++) {
      peer.send(joinOf(++id, { id: 1 }))
      const [kind, join] = await peer.read()
      if (kind === 19) continue
      joined++
      peer.send([17, ++id, '$leave', 0, { join }])
      await peer.read()
    }
    return joined
  }
  expect(await letIn(50)).toBe(50) // 30, and twice 10
  expect(await letIn(5)).toBe(0)
  await clock.advance(1_000)
  expect(await letIn(12)).toBe(10)
  await clock.advance(60_000)
  expect(await letIn(25)).toBe(20)
})

test('LM-6: joins of rooms that server code decides of are counted too, and the message says what to do', async () => {
  const { server, connect } = await startServer({ maxRooms: 5, maxJoinsPerSecond: 1, clock: createFakeClock() })
  const peer = await connect()
  await peer.session.join(server.rooms.inbox())
  await peer.readKind(29)
  const join = async (id: number) => {
    peer.send(joinOf(id, undefined, 'inbox'))
    return peer.read()
  }
  for (let id = 1; id <= 7; id++) expect((await join(id))[0]).toBe(18)
  const what = 'more joins than 1 per second. Wait a little.'
  expect((await join(8)).slice(2, 4)).toEqual(['OVERLOADED', `Room inbox: ${what}`])
  peer.send(joinOf(9, { id: 1 }))
  expect((await peer.read()).slice(2, 4)).toEqual(['OVERLOADED', `Room chat: ${what}`])
})

test('LM-7: params are as long as they may be, and no longer', async () => {
  const { server, connect } = await startServer({ maxParamsLength: 20 })
  const peer = await connect()
  const params = (length: number) => ({ id: 1, of: 'x'.repeat(length - '{"id":1,"of":""}'.length) })
  peer.send(joinOf(1, params(20)))
  expect((await peer.read())[0]).toBe(18)
  peer.send(joinOf(2, params(21)))
  const what = 'the params are 21 UTF-16 units long, of 20 that they may be'
  expect((await peer.read()).slice(0, 5)).toEqual([
    19,
    2,
    'INVALID_INPUT',
    `room chat: ${what}`,
    { issues: [{ message: what, path: [] }] },
  ])
  expect(() => server.rooms.chat(params(21))).toThrow(what)
})

test('RM-6: members send what the contract has as events.toServer, and nothing else; by default that is nothing', async () => {
  const { server, connect } = await startServer()
  const [ada, bob] = [await connect(), await connect()]
  for (const peer of [ada, bob]) {
    peer.send(joinOf(1, { id: 1 }))
    await peer.read()
  }
  ada.send([25, 2, 1, 'message', 0, 'as if from the server'], [25, 3, 1, 'unheard', 0], [25, 0, 1, 'message', 0, 'x'])
  expect((await ada.read()).slice(0, 3)).toEqual([19, 2, 'NOT_FOUND'])
  expect((await ada.read()).slice(0, 3)).toEqual([19, 3, 'NO_HANDLER'])
  await ada.session.join(server.rooms.inbox())
  const [, inbox] = await ada.readKind(29)
  ada.send([25, 4, inbox, 'mail', 0, 'to myself'])
  expect((await ada.readKind(19)).slice(0, 3)).toEqual([19, 4, 'NOT_FOUND'])
  expect(await all(bob)).toEqual([])
})
