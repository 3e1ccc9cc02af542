import { describe, expect, test } from 'vitest'
import { joinFloor, readAll, startMarket } from '../delivery/market.ts'
import { eventually } from '../support/eventually.ts'

const price = (symbol: string, value: number) => ({ symbol, price: value })
const cut = async (peer: { readonly cut: () => void }, isAway: () => boolean) => {
  peer.cut()
  await eventually(isAway, 'the server has noticed')
}

describe('DL-1: a volatile event', () => {
  test('is not counted, and has the number of its room', async () => {
    const { server, connect } = await startMarket()
    const peer = await connect()
    const room = await joinFloor(peer)
    server.emit.pulse('to all')
    peer.session.emit.pulse('to one')
    server.rooms.floor(1).emit.pulse('to members')
    server.rooms.floor(1).volatile.emit.note('for once')
    expect(await readAll(peer)).toEqual([
      [8, 0, 'pulse', 0, 'to all'],
      [8, 0, 'pulse', 0, 'to one'],
      [8, room, 'pulse', 0, 'to members'],
      [8, room, 'note', 0, 'for once'],
    ])
    peer.send([4, 0, 0])
    expect(await peer.read()).toEqual([5, 1, 1]) // the answer to the join alone
  })

  test('is counted, and waited for, where it asks for an ack', async () => {
    const { server, connect } = await startMarket()
    const peer = await connect()
    const room = await joinFloor(peer)
    const ack = peer.session.emitWithAck.pulse('a')
    const acks = server.rooms.floor(1).volatile.emitWithAck.price(price('x', 1))
    const questions = await readAll(peer)
    expect(questions).toEqual([
      [24, expect.any(Number), 'pulse', 0, 'a'],
      [25, expect.any(Number), room, 'price', 0, price('x', 1)],
    ])
    for (const [, id] of questions) peer.send([18, id, 'yes'])
    expect(await ack).toBe('yes')
    expect(await acks).toMatchObject([{ status: 'acked', data: 'yes' }])
  })

  test('of a client is handled as any, and one into a room by members alone', async () => {
    const { connect, moved } = await startMarket()
    const [member, other] = [await connect(), await connect()]
    const room = await joinFloor(member)
    member.send([8, 0, 'move', 0, 'a'], [8, room, 'move', 0, 'b'], [8, 0, 'nothing', 0], [8, 12_345, 'move', 0])
    other.send([8, room, 'move', 0, 'not in'])
    await readAll(other)
    expect(await readAll(member)).toEqual([])
    await eventually(() => moved.length === 2, 'both are handled')
    expect(moved).toEqual([
      ['server', 'a'],
      ['floor 1', 'b'],
    ])
    member.send([4, 0, 0])
    expect(await member.read()).toEqual([5, 1, 1]) // the join alone is counted
  })

  test('that is no frame of its kind closes', async () => {
    const { connect } = await startMarket()
    const peer = await connect()
    peer.send([8, 'pulse'])
    expect((await peer.closed()).code).toBe(4400)
  })
})

test('DL-2: without a connection it is dropped, counted, and not brought by a resume', async () => {
  const { server, connect } = await startMarket()
  const peer = await connect()
  const room = await joinFloor(peer)
  peer.session.emit.note('before')
  await readAll(peer)
  await cut(peer, () => {
    peer.session.emit.pulse('to one')
    return peer.session.delivery.dropped > 0
  })
  const before = peer.session.delivery.dropped
  server.emit.pulse('to all')
  server.rooms.floor(1).emit.pulse('to members')
  server.rooms.floor(1).volatile.emit.price(price('x', 1))
  server.rooms.floor(1).emit.note('counted')
  expect(peer.session.delivery).toMatchObject({ dropped: before + 3, conflated: 0 })
  expect(server.delivery).toEqual({ dropped: before + 3, conflated: 0 })
  const again = await peer.comeBack(2)
  server.emit.pulse('now')
  expect(await readAll(again)).toEqual([
    [25, 0, room, 'note', 0, 'counted'],
    [8, 0, 'pulse', 0, 'now'],
  ])
})

test('DL-3: it stands in its place among what the session was sent', async () => {
  const { server, connect } = await startMarket()
  const peer = await connect()
  const room = await joinFloor(peer)
  for (const text of ['1', '2', '3']) {
    peer.session.emit.note(text)
    peer.session.emit.pulse(text)
    server.rooms.floor(1).emit.pulse(text)
    server.rooms.floor(1).emit.note(text)
  }
  expect(await readAll(peer)).toEqual(
    ['1', '2', '3'].flatMap((text) => [
      [24, 0, 'note', 0, text],
      [8, 0, 'pulse', 0, text],
      [8, room, 'pulse', 0, text],
      [25, 0, room, 'note', 0, text],
    ]),
  )
})

describe('DL-4: of events of which only the latest counts', () => {
  test('the next takes the place of one that waits, of the same name, key and room', async () => {
    const { server, connect } = await startMarket()
    const peer = await connect()
    const [one, two] = [await joinFloor(peer, 1, 1), await joinFloor(peer, 2, 2)]
    for (const value of [1, 2]) {
      peer.session.emit.price(price('x', value))
      server.rooms.floor(1).emit.price(price('x', value))
      server.rooms.floor(1).emit.price(price('y', value))
      server.rooms.floor(2).emit.price(price('x', value))
      server.emit.cursor(value)
      peer.session.emit.note(String(value))
    }
    expect(await readAll(peer)).toEqual([
      [24, 0, 'price', 0, price('x', 2)],
      [25, 0, one, 'price', 0, price('x', 2)],
      [25, 0, one, 'price', 0, price('y', 2)],
      [25, 0, two, 'price', 0, price('x', 2)],
      [24, 0, 'cursor', 0, 2],
      [24, 0, 'note', 0, '1'],
      [24, 0, 'note', 0, '2'],
    ])
    expect(peer.session.delivery).toEqual({ dropped: 0, conflated: 5, queuedBytes: expect.any(Number) })
  })

  // PROTOCOL-NOTES 18: a price is conflated after it was numbered, or lost because `latest` was not counted.
  test('interleaving 18: one that was written is counted, and comes again after a resume, before the newest', async () => {
    const { connect } = await startMarket()
    const peer = await connect()
    peer.session.emit.price(price('x', 1))
    expect(await peer.read()).toEqual([24, 0, 'price', 0, price('x', 1)])
    await cut(peer, () => {
      peer.session.emit.pulse('?')
      return peer.session.delivery.dropped > 0
    })
    for (let value = 2; value <= 1_000; value++) peer.session.emit.price(price('x', value))
    expect(peer.session.delivery.queuedBytes).toBeLessThan(100)
    // As far as the client knows, nothing has come.
    const again = await peer.comeBack(0)
    expect(await readAll(again)).toEqual([
      [24, 0, 'price', 0, price('x', 1)],
      [24, 0, 'price', 0, price('x', 1_000)],
    ])
    again.send([4, 0, 0])
    expect(await again.read()).toEqual([5, 2, 0])
  })

  test('it stays behind what ended the membership before, and what began this one', async () => {
    const held: (() => void)[] = []
    let isHeld = false
    const { server, connect } = await startMarket({
      clock: {
        now: () => performance.now(),
        after(ms, run) {
          const timer = setTimeout(run, ms)
          return () => clearTimeout(timer)
        },
        endOfTurn: (run) => void (isHeld ? held.push(run) : setImmediate(run)),
      },
    })
    const peer = await connect()
    const floor = await joinFloor(peer)
    await joinFloor(await connect()) // so that the room keeps its number
    const rooms = [server.rooms.floor(1), server.rooms.box()] as const
    await peer.session.join(rooms[1])

    isHeld = true // as if the transport had taken enough
    for (const { emit } of rooms) emit.cursor(1)
    await peer.session.leave(rooms[0])
    await peer.session.join(rooms[0])
    const { queuedBytes } = peer.session.delivery
    peer.send([17, 2, '$join', 0, { kind: 'box' }])
    await eventually(() => peer.session.delivery.queuedBytes > queuedBytes, 'the join is answered')
    for (const { emit } of rooms) emit.cursor(2)
    expect(peer.session.delivery.conflated).toBe(0)
    isHeld = false
    for (const run of held) run()

    const box = floor + 1
    expect(await readAll(peer)).toEqual([
      [29, box, 'box'],
      [25, 0, floor, 'cursor', 0, 1],
      [25, 0, box, 'cursor', 0, 1],
      [28, floor, expect.any(String)],
      [29, floor, 'floor', 1],
      [18, 2, { room: box }],
      [25, 0, floor, 'cursor', 0, 2],
      [25, 0, box, 'cursor', 0, 2],
    ])
  })
})

describe('DL-5: with half of the bound under way', () => {
  const text = 'x'.repeat(100)

  test('no more of such is written until the peer acknowledges, and nothing overflows', async () => {
    const { connect } = await startMarket({ maxBufferBytes: 2_000 })
    const peer = await connect()
    let came = 0
    for (let value = 0; value < 100; value++) {
      peer.session.emit.price(price(text, value))
      came += (await readAll(peer)).length
    }
    expect(came).toBeGreaterThan(5)
    expect(came).toBeLessThan(10)
    expect(peer.session.delivery.queuedBytes).toBeLessThan(1_300)
    expect(peer.session.delivery.conflated).toBe(100 - came - 1)
    peer.send([6, came])
    expect(await peer.read()).toEqual([24, 0, 'price', 0, price(text, 99)])
  })

  test('more keys than fit the bound end the session', async () => {
    const { connect, errors } = await startMarket({ maxBufferBytes: 2_000 })
    const peer = await connect()
    for (let value = 0; value < 20; value++) peer.session.emit.price(price(text + String(value), value))
    expect((await peer.closed()).code).toBe(4429)
    expect(errors).toHaveLength(1)
  })
})
