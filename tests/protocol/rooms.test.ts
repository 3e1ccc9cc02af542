import type { RawPeer } from '@typewire/testkit'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { startServer, startWelcomed } from './start.ts'

let lastId = 0
/** Joins a room of the kind `chat` and gives its number. */
async function join(peer: RawPeer, params: unknown): Promise<number> {
  peer.send([17, ++lastId, '$join', 0, { kind: 'chat', params }])
  const [kind, id, answer] = await peer.readKind(18)
  expect([kind, id]).toEqual([18, lastId])
  return (answer as { readonly room: number }).room
}

/** Takes back the join of this id. */
async function leave(peer: RawPeer, join: number): Promise<void> {
  peer.send([17, ++lastId, '$leave', 0, { join }])
  expect(await peer.readKind(18)).toEqual([18, lastId])
}

test('RM-1: equal params are the same room, whatever the order of their keys', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  const room = await join(peer, { id: 1, of: 'a' })
  expect(await join(peer, { of: 'a', id: 1 })).toBe(room)
  expect(await join(peer, { of: 'a', id: 1, more: 'what the contract drops' })).toBe(room)
  expect(await join(peer, { id: 1 })).not.toBe(room)
})

test('RM-1, RM-3: a member that is undefined is as good as missing, and travels by the annotations of the input', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  const room = await join(peer, { id: 1 })
  const input = { kind: 'chat', params: { id: 1, of: null } }
  peer.send([17, ++lastId, '$join', 0, input, { 'params.of': ['undefined'] }])
  expect(await peer.read()).toEqual([18, lastId, { room }])
})

test('RM-2: a number is the same in every session, and is never given again', async () => {
  const { connect } = await startServer()
  const [ada, bob] = [await connect(), await connect()]
  const room = await join(ada, { id: 1 })
  const first = lastId
  expect(room).toBeGreaterThan(0)
  expect(await join(bob, { id: 1 })).toBe(room)
  const ofBob = lastId
  await leave(ada, first)
  expect(await join(ada, { id: 1 })).toBe(room)
  await leave(ada, lastId)
  await leave(bob, ofBob)
  expect(await join(ada, { id: 2 })).not.toBe(room)
  expect(await join(ada, { id: 1 })).not.toBe(room)
})

describe('RM-3: $join', () => {
  test('makes a member in the step in which it answers', async () => {
    const { server, connect } = await startServer()
    const peer = await connect()
    peer.send([17, ++lastId, '$join', 0, { kind: 'chat', params: { id: 1 } }])
    const stop = setInterval(() => server.rooms.chat({ id: 1 }).emit.message('x'), 0)
    const [first, second] = [await peer.read(), await peer.read()]
    clearInterval(stop)
    expect([first[0], second[0]]).toEqual([18, 25])
  })

  test.each([
    ['NOT_FOUND', { kind: 'nothing' }],
    ['NOT_FOUND', { kind: '__proto__' }],
    ['INVALID_INPUT', { kind: 'chat', params: { id: 'one' } }],
    ['INVALID_INPUT', { kind: 'chat' }],
    ['INVALID_INPUT', { params: { id: 1 } }],
    ['INVALID_INPUT', 'chat'],
    ['FORBIDDEN', { kind: 'chat', params: { id: 100 } }],
  ])('is refused with %s for %j', async (code, input) => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([17, 1, '$join', 0, input])
    expect((await peer.read()).slice(0, 3)).toEqual([19, 1, code])
  })
})

test('RM-4: $leave ends it, and is answered also where there is nothing to leave', async () => {
  const { server, connect } = await startServer()
  const peer = await connect()
  await join(peer, { id: 1 })
  const first = lastId
  server.rooms.chat({ id: 1 }).emit.message('before')
  peer.send([17, ++lastId, '$leave', 0, { join: first }])
  expect((await peer.read())[5]).toBe('before')
  expect(await peer.read()).toEqual([18, lastId])
  server.rooms.chat({ id: 1 }).emit.message('after')
  await leave(peer, first)
  await leave(peer, 12_345)
  expect(peer.unread).toEqual([])
  peer.send([17, ++lastId, '$leave', 0, { room: 1 }])
  expect((await peer.read()).slice(0, 3)).toEqual([19, lastId, 'INVALID_INPUT'])
})

test('RM-4: a leave takes back the join that it names, and no later one of the same room', async () => {
  const { server, connect } = await startServer()
  const [peer, other] = [await connect(), await connect()]
  const chat = server.rooms.chat({ id: 1 })
  const room = await join(other, { id: 1 }) // keeps the number in use
  await join(peer, { id: 1 })
  const first = lastId
  await peer.session.leave(chat)
  expect((await peer.read())[0]).toBe(28)
  expect(await join(peer, { id: 1 })).toBe(room)
  await leave(peer, first) // as if it had crossed the `left`
  chat.emit.message('still')
  expect((await peer.read())[5]).toBe('still')
})

test('RM-4, CA-5: a cancel that has crossed the answer takes the join back', async () => {
  const { server, connect } = await startServer()
  const peer = await connect()
  const [first, second] = [++lastId, ++lastId]
  const input = { kind: 'chat', params: { id: 1 } }
  peer.send([17, first, '$join', 0, input], [17, second, '$join', 0, input])
  await peer.readKind(18)
  await peer.readKind(18)
  peer.send([23, second], [23, second], [4, 0, 0])
  await peer.readKind(5)
  server.rooms.chat({ id: 1 }).emit.message('still')
  expect((await peer.read())[5]).toBe('still')
  peer.send([23, first], [4, 0, 0])
  await peer.readKind(5)
  server.rooms.chat({ id: 1 }).emit.message('not any more')
  await leave(peer, first)
  expect(peer.unread).toEqual([])
})

test('RM-5: an event of a room is the same text for every member, with an ack too', async () => {
  const { server, connect } = await startServer()
  const peers = [await connect(), await connect(), await connect()] as const
  const rooms = [await join(peers[0], { id: 1 }), await join(peers[1], { id: 1 })]
  const chat = server.rooms.chat({ id: 1 })
  chat.emit.message('one')
  const acks = chat.emitWithAck.message('two')
  const texts = []
  for (const peer of peers.slice(0, 2)) {
    const [, id] = (await peer.read()) && (await peer.read())
    texts.push(peer.messages.at(-1))
    peer.send([18, id])
  }
  const text = `[[25,0,${rooms[0]},"message",0,"one"],[25,1,${rooms[0]},"message",{"receipt":true},"two"]]`
  expect(texts).toEqual([text, text])
  expect((await acks).map(({ status }) => status)).toEqual(['acked', 'acked'])
  expect(peers[2].unread).toEqual([])
})

test('RM-6: only a member sends into a room, and members do not get it by themselves', async () => {
  const { connect, seen, errors } = await startServer()
  const [ada, bob] = [await connect(), await connect()]
  const room = await join(ada, { id: 1 })
  const hello = ++lastId
  bob.send([25, hello, room, 'typing', 0], [25, 0, room, 'typing', 0], [25, ++lastId, 12_345, 'typing', 0])
  expect((await bob.read()).slice(0, 3)).toEqual([19, hello, 'FORBIDDEN'])
  expect((await bob.read()).slice(0, 3)).toEqual([19, lastId, 'FORBIDDEN'])
  expect(seen).toEqual([])
  expect(errors).toHaveLength(1)
  await join(bob, { id: 1 })
  bob.send([25, 0, room, 'typing', 0], [25, ++lastId, room, 'typing', 0])
  expect(await bob.read()).toEqual([18, lastId])
  expect(seen).toEqual([
    ['typing', { id: 1 }],
    ['typing', { id: 1 }],
  ])
  expect(ada.unread).toEqual([])
})

test('RM-7: left ends the membership, however often it was joined', async () => {
  const { server, connect } = await startServer()
  const peer = await connect()
  const chat = server.rooms.chat({ id: 1 })
  const room = await join(peer, { id: 1 })
  await join(peer, { id: 1 })
  chat.emit.message('before')
  await peer.session.leave(chat)
  chat.emit.message('after')
  expect((await peer.read())[5]).toBe('before')
  expect(await peer.read()).toEqual([28, room, expect.any(String)])
  peer.send([25, ++lastId, room, 'typing', 0])
  expect((await peer.read()).slice(0, 3)).toEqual([19, lastId, 'FORBIDDEN'])
})

test('RM-7: a client hears nothing of it any more', async () => {
  const { client, peer } = await startWelcomed()
  const heard: string[] = []
  const room = client.join.chat({ id: 1 })
  room.on.message((text) => heard.push(text))
  expect(await peer.read()).toEqual([17, 1, '$join', 0, { kind: 'chat', params: { id: 1 } }])
  peer.send([18, 1, { room: 9 }], [25, 0, 9, 'message', 0, 'a'], [28, 9, 'enough'], [25, 0, 9, 'message', 0, 'b'])
  await room.ready
  await expect
    .poll(() => room.status.current)
    .toMatchObject({
      state: 'left',
      by: 'server',
      reason: { code: 'FORBIDDEN', message: 'Room chat: enough.' },
    })
  peer.send([4, 0, 0])
  await peer.readKind(5)
  expect(heard).toEqual(['a'])
})

test('RM-8: a room that only the server joins: the join waits for it, or is refused at the time limit', async () => {
  const clock = createFakeClock()
  const { server, connect } = await startServer({ clock })
  const [ada, bob] = [await connect(), await connect()]
  const inbox = server.rooms.inbox()
  ada.send([17, 1, '$join', { timeoutMs: 100 }, { kind: 'inbox' }])
  bob.send([17, 1, '$join', 0, { kind: 'inbox' }], [4, 0, 0])
  await bob.readKind(5)
  await clock.advance(108)
  expect((await ada.read()).slice(0, 3)).toEqual([19, 1, 'FORBIDDEN'])
  expect(bob.unread).toEqual([])
  await bob.session.join(inbox)
  await bob.readKind(29)
  inbox.emit.mail('hello')
  const [, , answer] = await bob.read()
  expect(await bob.read()).toEqual([25, 0, (answer as { room: number }).room, 'mail', 0, 'hello'])
  await ada.session.join(inbox)
  await ada.readKind(29)
  ada.send([17, 2, '$join', 0, { kind: 'inbox' }])
  expect(await ada.read()).toEqual([18, 2, answer])
})

test('RM-9: each join has its own leave, and what server code holds stays', async () => {
  const { server, connect } = await startServer()
  const peer = await connect()
  const chat = server.rooms.chat({ id: 1 })
  await join(peer, { id: 1 })
  const first = lastId
  await join(peer, { id: 1 })
  const second = lastId
  await leave(peer, first)
  await leave(peer, first)
  chat.emit.message('still')
  expect((await peer.read())[5]).toBe('still')
  await peer.session.join(chat)
  await leave(peer, second) // reads over what tells it
  chat.emit.message('and still')
  expect((await peer.read())[5]).toBe('and still')

  peer.cut()
  await expect.poll(() => [...server.sessions]).toEqual([])
  expect(await chat.emitWithAck.message('nobody')).toEqual([])
})
