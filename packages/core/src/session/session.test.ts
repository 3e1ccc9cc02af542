import { describe, expect, it, vi } from 'vitest'
import type { CountedFrame } from '../protocol/frames.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { FakeTransport, fromTheStart, openSession } from './fake-transport.ts'
import { maxBufferFrames } from './session.ts'

/** A frame so long, brackets included. */
const frameOf = (length: number) => ({ text: `[24,0,"e",0,"${'x'.repeat(length - 15)}"]` })
const event = (name: string) => ({ text: `[24,0,"${name}",0]` })
const namesOf = (frames: readonly (readonly unknown[])[]) => frames.map((frame) => frame[2])

/** A session that keeps what it dispatches. */
function recorded(answer: (frame: CountedFrame) => ProtocolError | undefined = () => undefined) {
  const dispatched: string[] = []
  const opened = openSession({
    onFrame: (frame) => {
      dispatched.push(String(frame[0] === 24 ? frame[2] : frame[0]))
      return answer(frame)
    },
  })
  return { ...opened, dispatched }
}

/** Attached in a turn before to a transport that sends at once. */
function openImmediate() {
  const opened = openSession()
  opened.transport.isImmediate = true
  opened.sent()
  return opened
}

describe('Session.send', () => {
  it('numbers frames from 1 and writes them in order, in one message per turn (WR-2)', () => {
    const { session, transport, clock } = openSession()
    expect([session.send(event('a')), session.send(event('b'))]).toEqual([1, 2])
    expect(transport.messages).toEqual([])
    clock.endTurn()
    expect(transport.messages).toEqual(['[[24,0,"a",0],[24,0,"b",0]]'])
    session.send(event('c'))
    clock.endTurn()
    expect(transport.messages).toHaveLength(2)
    expect(session.sent).toBe(3)
  })

  it('writes nothing while there is no transport, and all of it once there is', () => {
    const { session, sent } = openSession()
    session.detach()
    expect(session.send(event('a'))).toBe(1)
    expect(sent()).toEqual([])
    expect(session.sent).toBe(0)
    const transport = new FakeTransport()
    session.attach(transport, fromTheStart)
    sent()
    expect(namesOf(transport.take())).toEqual(['a'])
    expect(session.sent).toBe(1)
  })

  it('writes what somebody waits for before its turn is over, once it is much (WR-2)', () => {
    const { session, transport, clock } = openImmediate()
    const answer = () => {
      session.send(frameOf(1_000))
      session.flushEarly()
    }
    for (let i = 0; i < 4; i++) answer()
    expect(transport.messages).toEqual([])
    answer()
    expect(transport.messages.map((message) => message.length)).toEqual([5_006])
    for (let i = 0; i < 6; i++) answer()
    expect(transport.take()).toHaveLength(10)
    clock.endTurn()
    expect(transport.take()).toHaveLength(1)
    expect(session.sent).toBe(11)
  })

  it('waits for the end of the turn where there is one frame, or a newer one may take its place (WR-2)', () => {
    const alone = openImmediate()
    alone.session.send(frameOf(5_000))
    alone.session.flushEarly()
    expect(alone.transport.messages).toEqual([])

    const keyed = openImmediate()
    keyed.session.send({ ...event('old'), key: 'k' })
    keyed.session.send(frameOf(5_000))
    keyed.session.flushEarly()
    keyed.session.send({ ...event('new'), key: 'k' })
    expect(namesOf(keyed.sent())).toEqual(['new', 'e'])
  })

  it('waits for the end of the turn in which a connection was attached: what is sent again may be taken back', () => {
    const { session, clock } = openImmediate()
    session.detach()
    for (let i = 0; i < 5; i++) session.send(frameOf(2_000))
    const transport = new FakeTransport()
    transport.isImmediate = true
    session.attach(transport, fromTheStart)
    session.send(frameOf(5_000))
    session.flushEarly()
    session.withdraw(1)
    expect(transport.messages).toEqual([])
    clock.endTurn()
    expect(transport.take()[0]).toEqual([16])
    for (let i = 0; i < 3; i++) session.send(frameOf(2_000))
    session.flushEarly()
    expect(transport.take()).toHaveLength(3)
  })

  it('waits for the end of the turn where each message is a request of its own (WR-2)', () => {
    const { session, transport, sent } = openSession()
    sent()
    for (let i = 0; i < 10; i++) {
      session.send(frameOf(5_000))
      session.flushEarly()
    }
    expect(transport.messages).toEqual([])
    expect(sent()).toHaveLength(10)
  })

  it('splits a turn into messages of at most 64 Ki, and no smaller than need be (WR-2)', () => {
    const { session, transport, clock } = openSession()
    for (let i = 0; i < 9; i++) session.send(frameOf(16_000))
    clock.endTurn()
    expect(transport.messages.map((message) => message.length)).toEqual([64_005, 64_005, 16_002])
  })

  it('fills a message to 65,536 units, and not by one more (WR-2)', () => {
    const fits = openSession()
    fits.session.send(frameOf(40_000))
    fits.session.send(frameOf(65_536 - 40_000 - 3))
    fits.clock.endTurn()
    expect(fits.transport.messages.map((message) => message.length)).toEqual([65_536])

    const exceeds = openSession()
    exceeds.session.send(frameOf(40_000))
    exceeds.session.send(frameOf(65_536 - 40_000 - 2))
    exceeds.clock.endTurn()
    expect(exceeds.transport.messages).toHaveLength(2)
  })

  it('writes a frame that is longer than a message alone (WR-2)', () => {
    const { session, transport, clock } = openSession()
    for (const length of [20, 100_000, 20, 20]) session.send(frameOf(length))
    clock.endTurn()
    expect(transport.messages.map((message) => message.length)).toEqual([22, 100_002, 43])
  })

  it('keeps messages within what the peer takes, whatever the characters are', () => {
    const { session, transport, clock } = openSession({}, { peerMaxMessageBytes: 1_024 })
    for (let i = 0; i < 30; i++) session.send({ text: `[24,0,"e",0,"${'\u2028'.repeat(60)}"]` })
    clock.endTurn()
    const bytes = transport.messages.map((message) => new TextEncoder().encode(message).length)
    expect(Math.max(...bytes)).toBeLessThanOrEqual(1_024)
    expect(transport.take()).toHaveLength(30)
  })

  it('tells an overflow at the first unit past the bound, and keeps the frame (SQ-6)', () => {
    const onOverflow = vi.fn<() => void>()
    const { session, sent } = openSession({ maxBufferBytes: 100, onOverflow })
    session.detach()
    session.send(frameOf(60))
    session.send(frameOf(40))
    expect(onOverflow).not.toHaveBeenCalled()
    session.send({ text: '1' })
    expect(onOverflow).toHaveBeenCalledTimes(1)
    expect(session.unseen()).toHaveLength(3)
    expect(sent()).toEqual([])
  })

  it('tells an overflow at the first frame past the bound, however short they are (SQ-6)', () => {
    const onOverflow = vi.fn<() => void>()
    const { session } = openSession({ onOverflow })
    session.detach()
    for (let n = 0; n < maxBufferFrames; n++) session.send({ text: '1' })
    expect(onOverflow).not.toHaveBeenCalled()
    expect(session.hasRoomFor(1)).toBe(false)
    session.send({ text: '1' })
    expect(onOverflow).toHaveBeenCalledTimes(1)
  })

  it('acknowledges before so many frames have come that a peer keeps no more, however short they are (SQ-4)', () => {
    const { receive, sent, clock } = openSession({})
    receive(...Array.from({ length: maxBufferFrames / 4 }, () => [99] as const))
    clock.endTurn()
    expect(sent()).toEqual([[6, maxBufferFrames / 4]])
  })

  it('acknowledges 64 Ki, though the peer keeps more (SQ-4)', () => {
    const { session, transport, sent, clock } = openSession({}, { peerWindow: 4_194_304 })
    const come = (length: number) => void session.receive([[24, 0, 'a', 0]], length, transport)
    come(65_535)
    clock.endTurn()
    expect(sent()).toEqual([])
    come(1)
    clock.endTurn()
    expect(sent()).toEqual([[6, 2]])
  })

  it('counts what is written and not acknowledged towards the bound (SQ-6)', () => {
    const onOverflow = vi.fn<() => void>()
    const { session, sent, receive } = openSession({ maxBufferBytes: 100, onOverflow })
    session.send(frameOf(60))
    sent()
    expect(session.hasRoomFor(40)).toBe(true)
    expect(session.hasRoomFor(41)).toBe(false)
    receive([6, 1])
    expect(session.hasRoomFor(100)).toBe(true)
    session.send(frameOf(60))
    expect(onOverflow).not.toHaveBeenCalled()
  })
})

describe('Session.sendControl', () => {
  it('writes at the end of the turn, before the counted frames of the turn', () => {
    const { session, sent } = openSession()
    session.send(event('a'))
    session.sendControl([9, 5_000])
    expect(sent()).toEqual([
      [9, 5_000],
      [24, 0, 'a', 0],
    ])
  })

  it('has no number, and does not wait for another connection', () => {
    const { session, sent } = openSession()
    session.sendControl([9, 5_000])
    session.detach()
    session.sendControl([9, 4_000])
    const transport = new FakeTransport()
    session.attach(transport, fromTheStart)
    sent()
    expect(transport.messages).toEqual([])
    expect(session.sent).toBe(0)
  })
})

describe('Session.flush', () => {
  it('stops at the high-water mark of the transport, and goes on when it drains', () => {
    const { session, transport, clock } = openSession()
    transport.onSend = () => (transport.buffered += transport.messages.at(-1)!.length)
    for (let i = 0; i < 10; i++) session.send(frameOf(60_000))
    clock.endTurn()
    expect(transport.messages).toHaveLength(5) // 4 × 60,002 is below 256 Ki
    session.send(frameOf(20))
    clock.endTurn()
    expect(transport.messages).toHaveLength(5)
    expect(session.sent).toBe(5)
    transport.buffered = 0
    session.flush()
    expect(session.sent).toBe(11)
    expect(transport.take()).toHaveLength(11)
  })

  it.each([
    ['below', 256 * 1024 - 1, 1],
    ['at', 256 * 1024, 0],
  ])('writes counted frames %s the mark', (_, buffered, messages) => {
    const { session, transport, clock } = openSession()
    transport.buffered = buffered
    session.send(event('a'))
    clock.endTurn()
    expect(transport.messages).toHaveLength(messages)
  })

  it('writes control frames above the mark, and no counted frames with them', () => {
    const { session, transport, sent } = openSession()
    transport.buffered = 256 * 1024
    session.send(event('a'))
    session.sendControl([9, 5_000])
    expect(sent()).toEqual([[9, 5_000]])
    transport.buffered = 0
    session.flush()
    expect(namesOf(transport.take())).toEqual(['a'])
  })

  it('writes nothing without a transport, and nothing when nothing waits', () => {
    const { session, transport } = openSession()
    session.flush()
    session.detach()
    session.send(event('a'))
    session.flush()
    expect(transport.messages).toEqual([])
  })

  it('writes no more to a transport that is taken away while it is written to', () => {
    const { session, transport, clock } = openSession()
    transport.onSend = () => void session.detach()
    for (let i = 0; i < 4; i++) session.send(frameOf(60_000))
    clock.endTurn()
    expect(transport.messages).toHaveLength(1)
    expect(session.sent).toBe(1)
    expect(session.unseen()).toHaveLength(3)
  })
})

describe('Session.receive', () => {
  it('dispatches counted frames in order, and counts them', () => {
    const { session, receive, dispatched } = recorded()
    expect(receive([24, 0, 'a', 0], [24, 0, 'b', 0])).toBeUndefined()
    receive([24, 0, 'c', 0])
    expect(dispatched).toEqual(['a', 'b', 'c'])
    expect(session.received).toBe(3)
  })

  it('counts frames that it does not know, and no-ops, and does not dispatch them (FR-2)', () => {
    const { session, receive, dispatched } = recorded()
    receive([16], [99, 'x'], [98, 1], [24, 0, 'a', 0])
    expect(dispatched).toEqual(['a'])
    expect(session.received).toBe(4)
  })

  it('neither counts nor dispatches control frames that it does not know (FR-2)', () => {
    const onControl = vi.fn<() => undefined>()
    const { session, receive, sent } = openSession({ onControl })
    expect(receive([7, 1], [10, 'later'], [15])).toBeUndefined()
    expect(session.received).toBe(0)
    expect(onControl).not.toHaveBeenCalled()
    expect(sent()).toEqual([])
  })

  it('hands on close and drain', () => {
    const onControl = vi.fn<() => undefined>()
    const { receive } = openSession({ onControl })
    receive([9, 5_000], [3, 1_000, 'closed', 0])
    expect(onControl.mock.calls).toEqual([[[9, 5_000]], [[3, 1_000, 'closed', 0]]])
  })

  it.each([[[0, {}]], [[1, {}]], [[2, null]]])('refuses a handshake when it is over: %j (HS-3)', (frame) => {
    const { receive, dispatched } = recorded()
    expect(receive([24, 0, 'a', 0], frame as never, [24, 0, 'b', 0])).toMatchObject({ clause: 'HS-3' })
    expect(dispatched).toEqual(['a'])
  })

  it('stops at the first frame that breaks a clause, which is told', () => {
    const error = new ProtocolError('BAD_FRAME', 'CA-1', 'no')
    const { receive, dispatched } = recorded((frame) => (frame[2] === 'b' ? error : undefined))
    expect(receive([24, 0, 'a', 0], [24, 0, 'b', 0], [24, 0, 'c', 0])).toBe(error)
    expect(dispatched).toEqual(['a', 'b'])
  })

  it('hands on what onControl refuses', () => {
    const error = new ProtocolError('BAD_FRAME', 'CL-4', 'no')
    expect(openSession({ onControl: () => error }).receive([9, 1])).toBe(error)
  })

  it('ignores what a transport brings that is not attached any more', () => {
    const { session, transport, dispatched } = recorded()
    session.attach(new FakeTransport(), fromTheStart)
    expect(
      session.receive(
        [
          [24, 0, 'late', 0],
          [6, 99],
          [0, {}],
        ],
        50,
        transport,
      ),
    ).toBeUndefined()
    expect(session.detach()).not.toBe(transport)
    session.receive([[24, 0, 'later', 0]], 20, transport)
    expect(dispatched).toEqual([])
    expect(session.received).toBe(0)
  })

  it('stops in the middle of a message when its transport is taken away', () => {
    const { session, receive, dispatched } = recorded((frame) => {
      if (frame[2] === 'b') session.detach()
      return undefined
    })
    expect(receive([24, 0, 'a', 0], [24, 0, 'b', 0], [24, 0, 'c', 0])).toBeUndefined()
    expect(dispatched).toEqual(['a', 'b'])
    expect(session.received).toBe(2)
    expect(session.isAttached).toBe(false)
  })

  it('stops in the middle of a message when another transport takes over', () => {
    const other = new FakeTransport()
    const { session, receive, dispatched } = recorded((frame) => {
      if (frame[2] === 'a') session.attach(other, { ...fromTheStart, peerFrom: session.received })
      return undefined
    })
    receive([24, 0, 'a', 0], [24, 0, 'b', 0])
    session.receive([[24, 0, 'b', 0]], 20, other)
    expect(dispatched).toEqual(['a', 'b'])
  })
})

describe('Session: acknowledgements', () => {
  it('lets go of what is acknowledged, by ack, ping and pong (SQ-2)', () => {
    const { session, sent, receive } = openSession()
    for (const name of ['a', 'b', 'c', 'd']) session.send(event(name))
    sent()
    const kept = () => session.unseen(0).length
    receive([6, 1])
    expect(kept()).toBe(3)
    receive([4, 0, 2])
    expect(kept()).toBe(2)
    receive([5, 0, 3])
    expect(kept()).toBe(1)
    receive([6, 2])
    expect(kept()).toBe(1)
  })

  it.each([[[6, 3]], [[4, 0, 3]], [[5, 0, 3]]] as const)('refuses one of what was not written: %j (SQ-2)', (frame) => {
    const { session, sent, receive } = openSession()
    session.send(event('a'))
    session.send(event('b'))
    expect(receive([6, 1])).toMatchObject({ clause: 'SQ-2' })
    sent()
    expect(receive(frame as never)).toMatchObject({ close: 'BAD_FRAME', clause: 'SQ-2' })
    expect(receive([6, 2])).toBeUndefined()
  })

  it('acknowledges once a quarter of what the peer keeps has come (SQ-4)', () => {
    const { sent, session, transport } = openSession({}, { peerWindow: 400 })
    const come = (length: number) => void session.receive([[24, 0, 'a', 0]], length, transport)
    come(99)
    expect(sent()).toEqual([])
    come(1)
    expect(sent()).toEqual([[6, 2]])
    come(99)
    expect(sent()).toEqual([])
    come(150)
    expect(sent()).toEqual([[6, 4]])
  })

  it('acknowledges once for all that comes in a turn (SQ-4)', () => {
    const { sent, session, transport } = openSession({}, { peerWindow: 400 })
    for (let i = 0; i < 5; i++) session.receive([[24, 0, 'a', 0]], 100, transport)
    expect(sent()).toEqual([[6, 5]])
  })

  // Else two peers that keep little would acknowledge each other's acknowledgements for ever.
  it('acknowledges nothing where nothing counted has come (SQ-4)', () => {
    const { sent, receive } = openSession({}, { peerWindow: 8 })
    receive([24, 0, 'a', 0])
    expect(sent()).toEqual([[6, 1]])
    receive([6, 0])
    receive([5, 1, 0])
    expect(sent()).toEqual([])
  })

  it('answers a ping at once, with both counters (SQ-7)', () => {
    const { session, sent, receive } = openSession()
    session.send(event('a'))
    sent()
    receive([24, 0, 'x', 0], [24, 0, 'y', 0])
    receive([4, 2, 1])
    expect(sent()).toEqual([[5, 1, 2]])
    receive([5, 2, 1])
    expect(sent()).toEqual([])
  })

  it('keeps its answers to pings within bounds for a peer that does not read', () => {
    const { transport, clock, receive } = openSession()
    transport.buffered = 256 * 1024
    for (let i = 0; i < 10_000; i++) {
      receive([4, 0, 0])
      clock.endTurn()
    }
    const written = transport.messages.reduce((sum, { length }) => sum + length, 0)
    expect(written).toBeLessThanOrEqual(16 * 1024)
  })
})

describe('Session.attach', () => {
  it('writes again what the peer has not received, and then what is new (SQ-2)', () => {
    const { session, sent } = openSession()
    for (const name of ['a', 'b', 'c']) session.send(event(name))
    sent()
    session.detach()
    session.send(event('d'))
    const transport = new FakeTransport()
    session.attach(transport, { ...fromTheStart, peerReceived: 1 })
    sent()
    expect(namesOf(transport.take())).toEqual(['b', 'c', 'd'])
    expect(session.sent).toBe(4)
  })

  it('tells what the peer sends again from what is new (SQ-3)', () => {
    const { session, receive, dispatched } = recorded()
    receive([24, 0, 'a', 0], [24, 0, 'b', 0], [24, 0, 'c', 0])
    const transport = new FakeTransport()
    session.attach(transport, { ...fromTheStart, peerFrom: 1 })
    session.receive(
      [
        [24, 0, 'b', 0],
        [24, 0, 'c', 0],
        [24, 0, 'd', 0],
      ],
      60,
      transport,
    )
    expect(dispatched).toEqual(['a', 'b', 'c', 'd'])
    expect(session.received).toBe(4)
  })

  it('begins each connection where its positions say', () => {
    const { session, receive, dispatched } = recorded()
    receive([24, 0, 'a', 0], [24, 0, 'b', 0])
    for (const peerFrom of [0, 2, 1]) {
      const transport = new FakeTransport()
      session.attach(transport, { ...fromTheStart, peerFrom })
      const again = ['a', 'b'].slice(peerFrom).map((name) => [24, 0, name, 0] as const)
      session.receive(again, 20, transport)
      expect(session.received).toBe(2)
    }
    expect(dispatched).toEqual(['a', 'b'])
  })

  it('gives the control frames of an old connection to none', () => {
    const { session, sent, receive, transport } = openSession()
    receive([4, 0, 0])
    const other = new FakeTransport()
    session.attach(other, fromTheStart)
    sent()
    expect([...transport.messages, ...other.messages]).toEqual([])
  })

  it('goes on where a peer acknowledges on the new connection what it received on the old one (SQ-2)', () => {
    const { session, sent } = openSession()
    for (let i = 0; i < 4; i++) session.send(frameOf(60_000))
    sent()
    const transport = new FakeTransport()
    session.attach(transport, { ...fromTheStart, peerReceived: 1 })
    transport.buffered = 256 * 1024
    expect(session.receive([[6, 4]], 10, transport)).toBeUndefined()
    transport.buffered = 0
    session.send(event('fifth'))
    sent()
    // The new connection counts from 1: the fifth must be the fourth that it brings.
    expect(transport.take()).toHaveLength(4)
  })

  it('lets go of nothing that was never written, whatever the peer says that it has received', () => {
    const { session, sent } = openSession()
    session.detach()
    for (const name of ['a', 'b', 'c']) session.send(event(name))
    session.attach(new FakeTransport(), { ...fromTheStart, peerReceived: 5 })
    expect(session.unseen()).toHaveLength(3)
    sent()
  })

  it('leaves no gap, wherever the peer says that it begins', () => {
    const { session, dispatched } = recorded()
    const transport = new FakeTransport()
    session.attach(transport, { ...fromTheStart, peerFrom: 3 })
    session.receive([[24, 0, 'fourth', 0]], 20, transport)
    expect(dispatched).toEqual([])
    expect(session.received).toBe(0)
  })
})

describe('Session.withdraw', () => {
  it('writes a no-op in the place of what was not written yet (SQ-5)', () => {
    const { session, sent } = openSession()
    session.send(event('a'))
    const number = session.send(event('b'))
    expect(session.wasWritten(number)).toBe(false)
    session.withdraw(number)
    session.send(event('c'))
    expect(sent()).toEqual([[24, 0, 'a', 0], [16], [24, 0, 'c', 0]])
    expect(session.wasWritten(number)).toBe(true)
  })

  it('writes a no-op when it writes again (SQ-5)', () => {
    const { session, sent } = openSession()
    for (const name of ['a', 'b', 'c']) session.send(event(name))
    sent()
    session.withdraw(2)
    expect(sent()).toEqual([])
    const transport = new FakeTransport()
    session.attach(transport, fromTheStart)
    sent()
    expect(transport.take()).toEqual([[24, 0, 'a', 0], [16], [24, 0, 'c', 0]])
  })

  it('changes nothing of what is acknowledged, and of other sessions that share the frame', () => {
    const shared = event('shared')
    const [one, other] = [openSession(), openSession()]
    one.session.send(shared)
    other.session.send(shared)
    one.session.withdraw(1)
    expect(namesOf(other.sent())).toEqual(['shared'])
    one.sent()
    one.receive([6, 1])
    one.session.withdraw(1)
    one.session.send(event('b'))
    expect(namesOf(one.sent())).toEqual(['b'])
  })
})

describe('Session.unseen', () => {
  it('is what was never written, where the peer has said nothing', () => {
    const { session, sent } = openSession()
    session.send(event('a'))
    sent()
    const later = event('b')
    session.send(later)
    expect(session.unseen()).toEqual([later])
  })

  it('is what is above the number that the peer said', () => {
    const { session, sent } = openSession()
    const frames = ['a', 'b', 'c', 'd'].map(event)
    for (const frame of frames.slice(0, 3)) session.send(frame)
    sent()
    session.send(frames[3]!)
    expect(session.unseen(1)).toEqual(frames.slice(1))
    expect(session.unseen(3)).toEqual(frames.slice(3))
    // More than was written cannot have been received.
    expect(session.unseen(99)).toEqual(frames.slice(3))
  })

  it('is nothing that was acknowledged', () => {
    const { session, sent, receive } = openSession()
    session.send(event('a'))
    session.send(event('b'))
    sent()
    receive([6, 1])
    expect(session.unseen(0)).toHaveLength(1)
  })
})
