import type { RoomStatus } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab, type TestClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { nextAttempt, rawServer } from './clients.ts'

failOnUnhandledRejections()

type Hall = ReturnType<TestClient['join']['hall']>

/** The states that a handle goes through, from now on. */
function statesOf(handle: Hall): RoomStatus['state'][] {
  const states = [handle.status.current.state]
  handle.status.subscribe(() => states.push(handle.status.current.state))
  return states
}

const untilIs = (handle: Hall, state: RoomStatus['state']) =>
  eventually(() => handle.status.current.state === state, `the handle is ${state}`)

const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('a handle', () => {
  test('is joining, then joined; ready resolves; what was sent before goes behind the join, in order', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const states = statesOf(hall)
    hall.emit.say({ text: '1' })
    const vote = hall.emitWithAck.vote({ text: '2' })
    const peer = await server.welcome()
    expect(await peer.read()).toEqual([frames.call.kind, 1, '$join', 0, { kind: 'hall', params: { id: 'h' } }])
    await quiet()
    expect(peer.unread).toEqual([])
    peer.send([frames.result.kind, 1, { room: 7 }])
    await hall.ready
    expect(await peer.read()).toEqual([frames.roomEvent.kind, 0, 7, 'say', 0, { text: '1' }])
    expect(await peer.read()).toEqual([frames.roomEvent.kind, 2, 7, 'vote', 0, { text: '2' }])
    peer.send([frames.result.kind, 2, { count: 3 }])
    expect(await vote).toEqual({ count: 3 })
    expect(states).toEqual(['joining', 'joined'])
  })

  test('survives a lost session: joining, joined, rejoining, joined; its handlers go on hearing', async () => {
    const lab = await startLab()
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' })
    const states = statesOf(hall)
    const said: string[] = []
    hall.on.said(({ text }) => void said.push(text))
    await hall.ready
    const room = lab.server.rooms.hall({ id: 'h' })
    room.emit.said({ text: 'before' })
    await eventually(() => said.length === 1, 'it is heard')
    await lab.lose()
    await untilIs(hall, 'rejoining')
    room.emit.said({ text: 'meanwhile' })
    hall.emit.say({ text: 'sent meanwhile' })
    await nextAttempt(client)
    await eventually(() => said.length === 2, 'what was sent meanwhile comes back')
    expect(states).toEqual(['joining', 'joined', 'rejoining', 'joined'])
    expect(said).toEqual(['before', 'sent meanwhile'])
    await hall.ready // for good
  })

  test('stays joining while the session is lost before the join is answered', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const states = statesOf(hall)
    for (let attempt = 0; attempt < 2; attempt++) {
      const peer = await server.welcome()
      expect((await peer.read())[2]).toBe('$join')
      peer.cut()
      await nextAttempt(client)
    }
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, { room: 9 }])
    await hall.ready
    expect(states).toEqual(['joining', 'joined'])
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('that is refused in the session that follows is denied, and ready stays as it was', async () => {
    let isAllowed = true
    const lab = await startLab({ handlers: { rooms: { hall: { authorize: () => isAllowed } } } })
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' })
    const states = statesOf(hall)
    await hall.ready
    isAllowed = false
    await lab.lose()
    await nextAttempt(client)
    await untilIs(hall, 'denied')
    expect(hall.status.current).toMatchObject({ reason: { code: 'FORBIDDEN', origin: 'hall' } })
    expect(states).toEqual(['joining', 'joined', 'rejoining', 'denied'])
    await hall.ready
    expect(thrownBy(() => hall.emit.say({ text: 'x' }))).toMatchObject({ code: 'FORBIDDEN' })
    await expect(hall.emitWithAck.vote({ text: 'x' })).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('that is denied can be joined anew', async () => {
    let isAllowed = false
    const lab = await startLab({ handlers: { rooms: { hall: { authorize: () => isAllowed } } } })
    const client = lab.client()
    const denied = client.join.hall({ id: 'h' })
    await expect(denied.ready).rejects.toMatchObject({ code: 'FORBIDDEN' })
    isAllowed = true
    const hall = client.join.hall({ id: 'h' })
    await hall.ready
    expect(denied.status.current.state).toBe('denied')
    expect(hall.status.current.state).toBe('joined')
  })

  test('has the same members each time they are read, and they can be taken apart', async () => {
    const lab = await startLab()
    const { on, emit, leave, ready, status } = lab.client().join.hall({ id: 'h' })
    const said: string[] = []
    on.said(({ text }) => void said.push(text))
    await ready
    emit.say({ text: 'x' })
    await eventually(() => said.length === 1, 'it comes back')
    leave()
    expect(status.current).toMatchObject({ state: 'left', by: 'handle', reason: { code: 'ABORTED' } })
  })

  test('ready, left alone, is no unhandled rejection', async () => {
    const lab = await startLab({ handlers: { rooms: { hall: { authorize: () => false } } } })
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' })
    await untilIs(hall, 'denied')
    client.join.hall({ id: 'i' }).leave()
    client.join.hall({ id: 'j' }, { signal: AbortSignal.abort() })
    await quiet()
    expect(hall.status.current.state).toBe('denied')
  })
})

describe('handles of equal params', () => {
  test('share one join and one membership: the last one that leaves, leaves', async () => {
    const server = await rawServer()
    const client = server.client()
    const [one, two] = [client.join.hall({ id: 'h' }), client.join.hall({ id: 'h' })]
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, { room: 7 }])
    await Promise.all([one.ready, two.ready])
    const three = client.join.hall({ id: 'h' })
    expect(three.status.current).toEqual({ state: 'joined' })
    one.leave()
    one.leave()
    two.leave()
    await quiet()
    expect(peer.unread).toEqual([])
    three.leave()
    expect((await peer.read()).slice(2)).toEqual(['$leave', 0, { join: id }])
  })

  test('each hears for itself, and no more once it has left', async () => {
    const lab = await startLab()
    const client = lab.client()
    const [one, two] = [client.join.hall({ id: 'h' }), client.join.hall({ id: 'h' })]
    const heard: string[] = []
    one.on.said(() => void heard.push('one'))
    two.on.said(() => void heard.push('two'))
    await Promise.all([one.ready, two.ready])
    const room = lab.server.rooms.hall({ id: 'h' })
    room.emit.said({ text: '1' })
    await eventually(() => heard.length === 2, 'both hear')
    one.leave()
    room.emit.said({ text: '2' })
    await eventually(() => heard.length === 3, 'the other hears')
    expect(heard).toEqual(['one', 'two', 'two'])
  })

  test('the order of the keys makes no difference', async () => {
    const server = await rawServer()
    const client = server.client()
    const loosely = client.join.hall as unknown as (params: unknown) => Hall
    const params = [
      { a: 1, b: [{ c: 2, d: 3 }] },
      { b: [{ d: 3, c: 2 }], a: 1 },
    ]
    const handles = params.map((given) => loosely(given))
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, { room: 1 }])
    await Promise.all(handles.map(({ ready }) => ready))
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('the time limit of each is its own', async () => {
    const server = await rawServer()
    const client = server.client()
    const patient = client.join.hall({ id: 'h' })
    const hurried = client.join.hall({ id: 'h' }, { timeoutMs: 1_000 })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    await client.clock.advance(1_010)
    expect(hurried.status.current).toMatchObject({ state: 'denied', reason: { code: 'TIMED_OUT' } })
    expect(patient.status.current.state).toBe('joining')
    peer.send([frames.result.kind, id, { room: 1 }])
    await patient.ready
  })

  test('the signal of each is its own', async () => {
    const server = await rawServer()
    const client = server.client()
    const controller = new AbortController()
    const patient = client.join.hall({ id: 'h' })
    const fickle = client.join.hall({ id: 'h' }, { signal: controller.signal })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    controller.abort()
    await expect(fickle.ready).rejects.toMatchObject({ code: 'ABORTED' })
    peer.send([frames.result.kind, id, { room: 1 }])
    await patient.ready
    await quiet()
    expect(peer.unread).toEqual([])
  })
})

describe('leaving', () => {
  test('CA-5: while the join is under way takes it back, whether it was answered or not', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    hall.leave()
    expect(hall.status.current).toMatchObject({ state: 'left', by: 'handle', reason: { code: 'ABORTED' } })
    await expect(hall.ready).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await peer.read()).toEqual([frames.cancel.kind, id])
    // The answer was under way already.
    peer.send([frames.result.kind, id, { room: 7 }], [frames.roomEvent.kind, 0, 7, 'said', 0, { text: 'x' }])
    peer.send([frames.ping.kind, 2, 2])
    await peer.readKind(frames.pong.kind)
    expect(client.errors).toEqual([])
  })

  test('CA-5: a join that is answered after its time limit leaves no membership at the server', async () => {
    let answer = (_yes: boolean) => {}
    const lab = await startLab({
      handlers: { rooms: { hall: { authorize: () => new Promise((resolve) => (answer = resolve)) } } },
    })
    const client = lab.client()
    await client.connect()
    const hall = client.join.hall({ id: 'h' }, { timeoutMs: 1_000 })
    await quiet()
    // The server answers, and before the client reads it its time limit has passed.
    answer(true)
    await client.clock.advance(1_010)
    const fate = await settled(hall.ready, 'the join')
    await client.call.echo('all has arrived')
    const members = lab.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })
    expect(await members).toHaveLength(fate.status === 'fulfilled' ? 1 : 0)
  })

  test('and joining again in the same turn ends in the room', async () => {
    const lab = await startLab()
    const client = lab.client()
    const first = client.join.hall({ id: 'h' })
    await first.ready
    const said: string[] = []
    for (let n = 0; n < 3; n++) {
      first.leave()
      const hall = client.join.hall({ id: 'h' })
      hall.leave()
    }
    const last = client.join.hall({ id: 'h' })
    last.on.said(({ text }) => void said.push(text))
    await last.ready
    lab.server.rooms.hall({ id: 'h' }).emit.said({ text: 'hi' })
    await eventually(() => said.length === 1, 'it is heard')
    await client.call.echo('all has arrived')
    expect(said).toEqual(['hi'])
    expect(last.status.current).toEqual({ state: 'joined' })
    last.leave()
    await client.call.echo('the leave has arrived')
    expect(await lab.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })).toEqual([])
  })

  test('RM-4: by one spelling of the params takes nothing from another, whatever has crossed it', async () => {
    const server = await rawServer()
    const client = server.client()
    const one = client.join.hall({ id: 'h' })
    const peer = await server.welcome()
    const [, first] = await peer.read()
    peer.send([frames.result.kind, first, { room: 7 }])
    await one.ready
    // The server ends the membership, and lets the other spelling in; this side does not know of it yet.
    const two = client.join.hall({ id: 'H' })
    const [, second] = await peer.read()
    one.leave()
    expect((await peer.read()).slice(2)).toEqual(['$leave', 0, { join: first }])
    peer.send([frames.left.kind, 7, 'over'], [frames.result.kind, second, { room: 7 }])
    await two.ready
    two.leave()
    expect((await peer.read()).slice(2)).toEqual(['$leave', 0, { join: second }])
  })

  test('RM-7: left by the server ends every handle of the room, and a new join is a new membership', async () => {
    const lab = await startLab()
    const client = lab.client()
    const handles = [client.join.hall({ id: 'h' }), client.join.hall({ id: 'h' })]
    await Promise.all(handles.map(({ ready }) => ready))
    await lab.session().leave(lab.server.rooms.hall({ id: 'h' }))
    await Promise.all(handles.map((handle) => untilIs(handle, 'left')))
    const again = client.join.hall({ id: 'h' })
    await again.ready
    handles.forEach((handle) => handle.leave())
    expect(handles.map(({ status }) => status.current.state)).toEqual(['left', 'left'])
    expect(again.status.current.state).toBe('joined')
  })
})

describe('what a server says of rooms that cannot be', () => {
  test.each<[string, readonly unknown[]]>([
    ['nothing', []],
    ['null', [null]],
    ['no number', [{}]],
    ['a number that is a text', [{ room: '7' }]],
    ['a number that is none', [{ room: -1 }]],
    ['a number that is broken', [{ room: 7.5 }]],
    ['a text to be written into frames', [{ room: '7,"x",0],[17' }]],
  ])('an answer to the join that holds %s denies it, and nothing is sent into such a room', async (_, payload) => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    hall.emit.say({ text: 'x' })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, ...payload])
    await expect(hall.ready).rejects.toMatchObject({ name: 'TypewireError', origin: 'hall' })
    await quiet()
    expect(peer.unread).toEqual([])
    expect(client.status.current.state).toBe('open')
  })

  test('RM-8: an event, or the end, of a room that it does not know is ignored; an ack of it is NO_HANDLER', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const said: unknown[] = []
    hall.on.said((payload) => void said.push(payload))
    const peer = await server.welcome()
    const [, id] = await peer.read()
    const event = (ask: number, room: number) => [frames.roomEvent.kind, ask, room, 'said', 0, { text: `${room}` }]
    peer.send(
      event(0, 7),
      event(1, 7),
      [frames.left.kind, 7, 'x'],
      [frames.result.kind, id, { room: 7 }],
      event(0, 7),
      event(0, 8),
    )
    expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'NO_HANDLER'])
    await hall.ready
    await eventually(() => said.length > 0, 'the room is heard')
    expect(said).toEqual([{ text: '7' }])
    expect(client.errors).toEqual([])
  })
})
