import { createClient } from '@typewire/client'
import { defineContract, event, type MemberAck, room } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { connectRawPeer, createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { eventually, quiet } from '../support/eventually.ts'
import { type LabSession, type RunningLab, startLab } from '../support/lab.ts'
import { countingSchema, gatedSchema } from '../support/schemas.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { tapWire } from '../support/wire-tap.ts'

failOnUnhandledRejections()

const hallOf = ({ server }: RunningLab, id = 'h') => server.rooms.hall({ id })

/** A client in the hall, and its session. */
async function enter(lab: RunningLab, id = 'h') {
  const known = new Set([...lab.server.sessions].map((session) => session.id))
  const client = lab.client()
  const hall = client.join.hall({ id })
  const said: string[] = []
  hall.on.said(({ text }) => void said.push(text))
  await hall.ready
  const session: LabSession = [...lab.server.sessions].find((other) => !known.has(other.id))!
  return { client, hall, said, session }
}

interface Entered extends Awaited<ReturnType<typeof enter>> {
  readonly lab: RunningLab
}

describe('session.join and session.leave', () => {
  test('make the session hear the room, and end it: the client is told', async () => {
    const lab = await startLab()
    const peer = await lab.peer()
    await peer.hello()
    const session = lab.session()
    const hall = hallOf(lab)
    hall.emit.said({ text: 'before' })
    await session.join(hall)
    await session.join(hall) // twice is once
    hall.emit.said({ text: 'in' })
    await session.leave(hall)
    await session.leave(hall)
    hall.emit.said({ text: 'after' })
    session.emit.notice({ text: 'end' })
    const [, number] = await peer.read()
    expect(number).toEqual(expect.any(Number))
    expect((await peer.read()).slice(0, 3)).toEqual([frames.roomEvent.kind, 0, number])
    expect(await peer.read()).toEqual([frames.left.kind, number, 'the server ended it'])
    expect((await peer.read())[2]).toBe('notice')
  })

  test('RM-7: leave ends what the client has joined, whoever let it in', async () => {
    const lab = await startLab()
    const { hall, session, said } = await enter(lab)
    await session.leave(hallOf(lab))
    await eventually(() => hall.status.current.state === 'left', 'the handle is told')
    expect(hall.status.current).toMatchObject({ by: 'server', reason: { code: 'FORBIDDEN' } })
    hallOf(lab).emit.said({ text: 'gone' })
    expect(() => hall.emit.say({ text: 'x' })).toThrow(expect.objectContaining({ code: 'FORBIDDEN' }) as Error)
    await quiet()
    expect(said).toEqual([])
  })

  test('RM-9: what server code holds survives the leave of the client', async () => {
    const lab = await startLab()
    const { client, hall, session } = await enter(lab)
    await session.join(hallOf(lab))
    hall.leave()
    await client.call.echo('the leave has arrived')
    const tap = tapWire()
    hallOf(lab).emit.said({ text: 'still there' })
    await client.call.echo('and the event')
    expect(tap.fromServer().map(([kind]) => kind)).toContain(frames.roomEvent.kind)
  })

  test('RM-8: a room without authorize is attached to once server code has joined the session', async () => {
    const lab = await startLab()
    const client = lab.client()
    const office = client.join.office({ id: '1' })
    const memos: string[] = []
    office.on.memo(({ text }) => void memos.push(text))
    await client.connect()
    await quiet()
    expect(office.status.current.state).toBe('joining')
    const session = lab.session()
    const room = lab.server.rooms.office({ id: '1' })
    await session.join(room)
    await office.ready
    room.emit.memo({ text: 'hi' })
    await eventually(() => memos.length === 1, 'it is heard')

    // Where server code was first, the join is answered at once.
    const other = lab.server.rooms.office({ id: '2' })
    await session.join(other)
    await client.join.office({ id: '2' }).ready
    expect(lab.clock.pending).toBe(0)
  })

  test('refuse what no room of this server is', async () => {
    const lab = await startLab()
    await lab.client().connect()
    const session = lab.session()
    const forged = { kind: 'hall', key: 'hall {"id":"h"}' }
    await expect(session.join(forged)).rejects.toThrow(TypeError)
    await expect(session.leave(forged)).rejects.toThrow(TypeError)
    expect(() => lab.server.rooms.hall({ id: 1 } as unknown as { id: string })).toThrow(TypeError)
  })
})

describe('RoomRef', () => {
  test('RM-1: equal params are one room, whatever the order of their keys', async () => {
    const params = z.object({ a: z.number(), b: z.number().default(2), c: z.date().optional() })
    const contract = defineContract({ rooms: { hall: room({ params }) } })
    const server = createServer(contract)
    const { hall } = server.rooms
    expect(hall({ a: 1, b: 2 }).key).toBe(hall({ b: 2, a: 1 }).key)
    expect(hall({ a: 1 }).key).toBe(hall({ a: 1, b: 2 }).key)
    expect(hall({ a: 1, c: new Date(0) }).key).toBe(hall({ c: new Date(0), a: 1 }).key)
    expect(new Set([hall({ a: 1 }), hall({ a: 2 }), hall({ a: 1, c: new Date(0) })].map(({ key }) => key)).size).toBe(3)
    expect(hall({ a: 1 }).kind).toBe('hall')
  })

  test('emit goes to members alone; except leaves some out, and adds up', async () => {
    const lab = await startLab()
    const [a, b, c] = [await enter(lab), await enter(lab), await enter(lab)]
    const elsewhere = await enter(lab, 'elsewhere')
    const hall = hallOf(lab)
    hall.emit.said({ text: 'all' })
    hall.except(a.session).emit.said({ text: 'not a' })
    hall.except(a.session).except(b.session).emit.said({ text: 'c' })
    hall.except(a.session, b.session, c.session).emit.said({ text: 'nobody' })
    hall.except().emit.said({ text: 'end' })
    await eventually(() => [a, b, c].every(({ said }) => said.includes('end')), 'all have heard')
    expect([a, b, c, elsewhere].map(({ said }) => said)).toEqual([
      ['all', 'end'],
      ['all', 'not a', 'end'],
      ['all', 'not a', 'c', 'end'],
      [],
    ])
  })

  test('emit to a room without members is nothing, but its payload must match', async () => {
    const lab = await startLab()
    expect(() => hallOf(lab).emit.said({ text: 'nobody' })).not.toThrow()
    const wrong = { text: 1 } as unknown as { text: string }
    const invalid = expect.objectContaining({ code: 'INVALID_OUTPUT' }) as Error
    expect(() => hallOf(lab).emit.said(wrong)).toThrow(invalid)
    expect(await hallOf(lab).emitWithAck.poll({ text: 'nobody' })).toEqual([])
    await expect(hallOf(lab).emitWithAck.poll(wrong)).rejects.toThrow(invalid)
  })

  test('a handler of an event gets the room that it was sent into, with params as the schema gives them', async () => {
    const seen: unknown[] = []
    const lab = await startLab({
      handlers: {
        rooms: {
          hall: {
            authorize: () => true,
            events: {
              say: ({ room: ref, params, payload, session }) => {
                seen.push(ref.kind, ref.key, params)
                ref.except(session).emit.said(payload)
              },
            },
          },
        },
      },
    })
    const [a, b] = [await enter(lab), await enter(lab)]
    a.hall.emit.say({ text: 'hi' })
    await eventually(() => b.said.length === 1, 'the other one hears it')
    expect(seen).toEqual(['hall', hallOf(lab).key, { id: 'h' }])
    expect([a.said, b.said]).toEqual([[], ['hi']])
  })
})

describe('RM-5: an event to 50 members', () => {
  test('is validated once, encoded once, and is one text for all', async () => {
    const said = countingSchema<{ text: string }>()
    const contract = defineContract({ rooms: { hall: room({ events: { toClient: { said: event(said) } } }) } })
    const clock = createFakeClock()
    const server = createServer(contract, { clock, resume: { windowMs: 0 } })
    const listening = server.implement({ session: ({ session }) => session.join(server.rooms.hall()) })
    const { url } = await serve(listening, clock)
    const peers = await Promise.all(Array.from({ length: 50 }, () => connectRawPeer(`${url}/typewire`)))
    onTestFinished(() => peers.forEach((peer) => peer.cut()))
    await Promise.all(peers.map((peer) => peer.hello()))
    await Promise.all(peers.map((peer) => peer.readKind(frames.joined.kind)))

    let reads = 0
    const payload = {
      get text() {
        reads++
        return 'hi'
      },
    }
    const stringify = vi.spyOn(JSON, 'stringify')
    onTestFinished(() => stringify.mockRestore())
    server.rooms.hall().emit.said(payload)
    const encodings = stringify.mock.calls.length
    const readsOfOneEncoding = reads
    const heard = await Promise.all(peers.map((peer) => peer.read()))
    expect(said.asked).toHaveLength(1)
    expect(encodings).toBeLessThanOrEqual(1)
    expect(reads).toBe(readsOfOneEncoding) // nothing is encoded later either
    expect(new Set(peers.map(({ messages }) => messages.at(-1))).size).toBe(1)
    expect(heard[0]).toEqual([frames.roomEvent.kind, 0, expect.any(Number), 'said', 0, { text: 'hi' }])
  })

  test('keeps the order of what is emitted into the room, although a schema answers with a promise', async () => {
    const slow = gatedSchema<number>()
    const contract = defineContract({
      rooms: { hall: room({ events: { toClient: { slow: event(slow), quick: event(z.number()) } } }) },
    })
    const clock = createFakeClock()
    const server = createServer(contract, { clock, resume: { windowMs: 0 } })
    const listening = server.implement({ session: ({ session }) => session.join(server.rooms.hall()) })
    const { url } = await serve(listening, clock)
    const peer = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => peer.cut())
    await peer.hello()
    await peer.readKind(frames.joined.kind)
    const hall = server.rooms.hall()
    hall.emit.slow(1)
    server.rooms.hall().emit.quick(2)
    const ack = hall.emitWithAck.quick(3)
    hall.emit.quick(4)
    await quiet()
    slow.release()
    const order = [await peer.read(), await peer.read(), await peer.read(), await peer.read()]
    expect(order.map((frame) => frame.at(-1))).toEqual([1, 2, 3, 4])
    peer.cut()
    expect(await ack).toEqual([expect.objectContaining({ status: 'left' })])
  })
})

describe('emitWithAck to members', () => {
  test('gives one result per member: acked, failed, left, and timed out for the rest', async () => {
    const lab = await startLab()
    const members = {
      acked: await enter(lab),
      wrong: await enter(lab),
      throwing: await enter(lab),
      deaf: await enter(lab),
      leaving: await enter(lab),
      silent: await enter(lab),
    }
    members.acked.hall.on.poll(() => ({ yes: true }))
    members.wrong.hall.on.poll(() => ({ yes: 'perhaps' }) as unknown as { yes: boolean })
    members.throwing.hall.on.poll(() => Promise.reject(new Error('no')))
    members.leaving.hall.on.poll(() => new Promise<never>(() => {}))
    let asked = 0
    members.silent.hall.on.poll(() => (asked++, new Promise<never>(() => {})))

    const acks = hallOf(lab).emitWithAck.poll({ text: 'well?' }, { timeoutMs: 500 })
    await eventually(() => asked === 1, 'all are asked')
    await members.leaving.client.close()
    await eventually(() => [...lab.server.sessions].length === 5, 'one has left')
    await lab.clock.advance(510)
    const results = await acks
    const of = ({ session }: { session: LabSession }): MemberAck<unknown> | undefined =>
      results.find(({ sessionId }) => sessionId === session.id)
    expect(results).toHaveLength(6)
    expect(of(members.acked)).toMatchObject({ status: 'acked', data: { yes: true } })
    expect(of(members.wrong)).toMatchObject({ status: 'failed', error: { code: 'INVALID_ACK' } })
    expect(of(members.throwing)).toMatchObject({ status: 'failed', error: { code: 'INTERNAL' } })
    expect(of(members.deaf)).toMatchObject({ status: 'failed', error: { code: 'NO_HANDLER' } })
    expect(of(members.leaving)).toMatchObject({ status: 'left' })
    expect(of(members.silent)).toMatchObject({ status: 'timedOut' })
    expect(lab.clock.pending).toBe(0)
  })

  test('asks those alone that are not excepted, and gives [] where that is nobody', async () => {
    const lab = await startLab()
    const [a, b] = [await enter(lab), await enter(lab)]
    for (const { hall } of [a, b]) hall.on.poll(() => ({ yes: true }))
    const one = await hallOf(lab).except(a.session).emitWithAck.poll({ text: '?' })
    expect(one.map(({ sessionId }) => sessionId)).toEqual([b.session.id])
    expect(await hallOf(lab).except(a.session, b.session).emitWithAck.poll({ text: '?' })).toEqual([])
  })

  const leavings: readonly (readonly [string, (entered: Entered) => unknown])[] = [
    ['leaves', ({ hall }) => hall.leave()],
    ['is taken out by server code', async ({ session, lab }) => session.leave(hallOf(lab))],
    ['is evicted', async ({ session, lab }) => hallOf(lab).evict(session)],
  ]
  test.each(leavings)('a member that %s is asked no more, and has left', async (_, leave) => {
    const lab = await startLab()
    const [gone, other] = [await enter(lab), await enter(lab)]
    let isAsked = false
    gone.hall.on.poll(() => new Promise<never>(() => (isAsked = true)))
    other.hall.on.poll(() => ({ yes: true }))
    const acks = hallOf(lab).emitWithAck.poll({ text: '?' })
    await eventually(() => isAsked, 'it is asked')
    await leave({ ...gone, lab })
    expect(await acks).toEqual([
      { sessionId: gone.session.id, status: 'left' },
      { sessionId: other.session.id, status: 'acked', data: { yes: true } },
    ])
  })

  test('a member that leaves while the question is on its way to it has left', async () => {
    const lab = await startLab()
    const { hall, session } = await enter(lab)
    hall.on.poll(() => ({ yes: true }))
    const acks = hallOf(lab).emitWithAck.poll({ text: '?' })
    hall.leave()
    expect(await acks).toEqual([{ sessionId: session.id, status: 'left' }])
  })
})

describe('authorize', () => {
  const authorized = (authorize: (args: { signal: AbortSignal }) => boolean | Promise<boolean>) =>
    startLab({ handlers: { rooms: { hall: { authorize } } } })
  const join = (id: number) => [frames.call.kind, id, '$join', 0, { kind: 'hall', params: { id: 'h' } }]

  test.each([
    ['false', false],
    ['undefined', undefined],
    ['a truthy value that is not true', 'yes'],
    ['1', 1],
  ])('that answers %s refuses: FORBIDDEN, and no membership', async (_, answer) => {
    const lab = await authorized(() => answer as boolean)
    const peer = await lab.peer()
    await peer.hello()
    peer.send(join(1))
    expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'FORBIDDEN'])
    expect(await hallOf(lab).emitWithAck.poll({ text: 'nobody' })).toEqual([])
    expect(lab.errors).toEqual([])
  })

  test('that throws is masked, and leaves no membership', async () => {
    const lab = await authorized(() => {
      throw new Error('the password is xyzzy')
    })
    const peer = await lab.peer()
    await peer.hello()
    peer.send(join(1))
    expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'INTERNAL'])
    expect(peer.messages.join()).not.toContain('xyzzy')
    expect(await hallOf(lab).emitWithAck.poll({ text: 'nobody' })).toEqual([])
    expect(lab.errors).toHaveLength(1)
  })

  test.each([
    ['cancelled', [frames.cancel.kind, 1]],
    ['given up with the session', [frames.close.kind, 1000, 'bye', 0]],
  ])('that is slow and then %s leaves no membership', async (_, frame) => {
    const signals: AbortSignal[] = []
    let answer = (_yes: boolean) => {}
    const lab = await authorized(({ signal }) => {
      signals.push(signal)
      return new Promise((resolve) => (answer = resolve))
    })
    const peer = await lab.peer()
    await peer.hello()
    peer.send(join(1))
    await eventually(() => signals.length === 1, 'authorize runs')
    peer.send(frame)
    await eventually(() => signals[0]!.aborted, 'authorize is told')
    answer(true)
    await quiet()
    expect(await hallOf(lab).emitWithAck.poll({ text: 'nobody' })).toEqual([])
    expect(peer.messages.join()).not.toContain('"room"')
  })

  test('that is slower than the time limit leaves no membership', async () => {
    let answer = (_yes: boolean) => {}
    let isAsked = false
    const lab = await authorized(() => {
      isAsked = true
      return new Promise((resolve) => (answer = resolve))
    })
    const peer = await lab.peer()
    await peer.hello()
    peer.send(join(1))
    await eventually(() => isAsked, 'authorize runs')
    await lab.clock.advance(30_010)
    expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'TIMED_OUT'])
    answer(true)
    await quiet()
    expect(await hallOf(lab).emitWithAck.poll({ text: 'nobody' })).toEqual([])
  })

  test('RM-3: no event of the room comes before the answer to the join, and none behind it is missed', async () => {
    let emit = () => {}
    const lab = await authorized(() => {
      emit()
      return true
    })
    emit = () => hallOf(lab).emit.said({ text: 'before' })
    const peer = await lab.peer()
    await peer.hello()
    peer.send(join(1))
    expect((await peer.read()).slice(0, 2)).toEqual([frames.result.kind, 1])
    hallOf(lab).emit.said({ text: 'behind' })
    expect((await peer.read()).at(-1)).toEqual({ text: 'behind' })
  })
})

test('RM-2: a room whose last member has left is forgotten, and its number is never given again', async () => {
  const lab = await startLab()
  const peer = await lab.peer()
  await peer.hello()
  const numbers: unknown[] = []
  for (let id = 1; id < 10; id += 2) {
    peer.send([frames.call.kind, id, '$join', 0, { kind: 'hall', params: { id: 'h' } }])
    const [, , answer] = await peer.read()
    numbers.push((answer as { room: number }).room)
    peer.send([frames.call.kind, id + 1, '$leave', 0, { join: id }])
    expect(await peer.read()).toEqual([frames.result.kind, id + 1])
  }
  expect(new Set(numbers).size).toBe(5)
})

test('RM-9: as many leaves as joins end a membership, and handles of equal params share one', async () => {
  const contract = defineContract({
    rooms: {
      hall: room({ params: z.object({ id: z.string().toLowerCase() }), events: { toClient: { said: event() } } }),
    },
  })
  const clock = createFakeClock()
  const server = createServer(contract, { clock })
  const { url } = await serve(server.implement({ rooms: { hall: { authorize: () => true } } }), clock)
  const client = createClient<typeof contract>({ url })
  onTestFinished(() => client.close())
  // The client cannot know that the schema makes them one.
  const handles = ['h', 'H', 'h'].map((id) => client.join.hall({ id }))
  await Promise.all(handles.map(({ ready }) => ready))
  const heard = [0, 0, 0]
  handles.forEach((handle, index) => handle.on.said(() => void heard[index]!++))
  const said = async () => {
    await server.rooms.hall({ id: 'h' }).emitWithAck.said()
    return [...heard]
  }
  expect(await said()).toEqual([1, 1, 1])
  handles[0]!.leave()
  expect(await said()).toEqual([1, 2, 2])
  handles[2]!.leave()
  expect(await said()).toEqual([1, 3, 2])
  handles[1]!.leave()
  await quiet()
  expect(await said()).toEqual([1, 3, 2])
})
