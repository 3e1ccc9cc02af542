import { describe, expect, it, vi } from 'vitest'
import type { CountedFrame } from '../protocol/frames.ts'
import { FakeTransport, fromTheStart, openSession } from './fake-transport.ts'

// What a lagging peer is sent of volatile events, and of those of which only the latest counts.

const event = (name: string) => ({ text: `[24,0,"${name}",0]` })
const volatile = (name: string) => ({ text: `[8,0,"${name}",0]` })
const price = (value: string, symbol = 'x') => ({ text: `[24,0,"${value}",0]`, key: `e${symbol}` })
/** So long as a price that is given so many characters. */
const long = (length: number, symbol?: string) => price('p'.repeat(length - price('').text.length), symbol)
const namesOf = (frames: readonly (readonly unknown[])[]) => frames.map((frame) => frame[2])

/** A session whose transport has taken enough. */
function clogged(options: Parameters<typeof openSession>[0] = {}) {
  const opened = openSession(options)
  opened.transport.buffered = 1_000_000
  return {
    ...opened,
    unclog() {
      opened.transport.buffered = 0
      opened.session.flush()
      return opened.transport.take()
    },
  }
}

describe('Session.sendVolatile', () => {
  it('writes in its place among the counted frames, without a number (DL-1, DL-3)', () => {
    const { session, sent } = openSession()
    session.sendVolatile(volatile('a'))
    session.send(event('b'))
    session.sendVolatile(volatile('c'))
    session.sendVolatile(volatile('d'))
    session.send(event('e'))
    session.sendVolatile(volatile('f'))
    expect(namesOf(sent())).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
    expect([session.sent, session.queuedLength]).toEqual([2, '[24,0,"b",0]'.length * 2])
    expect(session.leftOut).toEqual({ dropped: 0, conflated: 0 })
  })

  it('splits messages as for any frame (WR-2)', () => {
    const { session, transport, clock } = openSession({}, { peerMaxMessageBytes: 1_024 })
    for (let i = 0; i < 30; i++) session.sendVolatile(volatile('e'.repeat(60)))
    clock.endTurn()
    expect(Math.max(...transport.messages.map(({ length }) => length))).toBeLessThanOrEqual(1_024 / 3)
    expect(transport.take()).toHaveLength(30)
  })

  it('drops where there is no transport, and where it has taken enough (DL-2)', () => {
    const { session, transport, sent, unclog } = clogged()
    session.sendVolatile(volatile('a'))
    expect(unclog()).toEqual([])
    session.detach()
    session.sendVolatile(volatile('b'))
    session.attach(transport, fromTheStart)
    expect(sent()).toEqual([])
    expect(session.leftOut).toEqual({ dropped: 2, conflated: 0 })
  })

  it('drops what stands behind counted frames that cannot leave in this turn (DL-2)', () => {
    const { session, transport, clock } = openSession()
    transport.onSend = () => (transport.buffered = 1_000_000)
    session.sendVolatile(volatile('a'))
    for (const text of ['b', 'c']) session.send({ text: `[24,0,"${text}",0,"${'x'.repeat(50_000)}"]` })
    session.sendVolatile(volatile('d'))
    clock.endTurn()
    transport.buffered = 0
    session.flush()
    expect(namesOf(transport.take())).toEqual(['a', 'b', 'c'])
    expect(session.leftOut.dropped).toBe(1)
  })

  it('drops what is left of the turn when the connection goes (DL-2)', () => {
    const { session, transport, sent } = openSession()
    session.sendVolatile(volatile('a'))
    session.detach()
    session.attach(transport, fromTheStart)
    expect(sent()).toEqual([])
    expect(session.leftOut.dropped).toBe(1)
  })

  it('drops beyond what a transport takes at once, so that a turn holds no more than that (DL-2)', () => {
    const { session, sent } = openSession()
    const filled = (length: number) => ({ text: `[8,0,"a",0,"${'x'.repeat(length)}"]` })
    const frame = filled(1_000)
    for (let i = 0; i < 1_000; i++) session.sendVolatile(frame)
    const written = sent().length
    expect(written).toBe(Math.floor((256 * 1024) / frame.text.length))
    expect(session.leftOut.dropped).toBe(1_000 - written)
    session.sendVolatile(filled(300 * 1024))
    expect(sent()).toHaveLength(1)
  })

  it('is not sent again on another connection (DL-2)', () => {
    const { session, sent } = openSession()
    session.send(event('a'))
    session.sendVolatile(volatile('b'))
    sent()
    session.detach()
    const transport = new FakeTransport()
    session.attach(transport, fromTheStart)
    sent()
    expect(namesOf(transport.take())).toEqual(['a'])
  })

  it('never overflows', () => {
    const onOverflow = vi.fn<() => void>()
    const { session, sent } = openSession({ maxBufferBytes: 100, onOverflow })
    for (let i = 0; i < 1_000; i++) session.sendVolatile(volatile('x'.repeat(200)))
    sent()
    expect(onOverflow).not.toHaveBeenCalled()
  })
})

describe('Session.receive, of volatile events', () => {
  it('dispatches them as events that ask for nothing, and counts nothing (DL-1)', () => {
    const frames: CountedFrame[] = []
    const { session, receive } = openSession({ onFrame: (frame) => void frames.push(frame) })
    receive([24, 0, 'a', 0], [8, 0, 'b', 0, 'x', ['Date']], [8, 7, 'c', 0])
    expect(frames).toEqual([
      [24, 0, 'a', 0],
      [24, 0, 'b', 0, 'x', ['Date']],
      [25, 0, 7, 'c', 0],
    ])
    expect(session.received).toBe(1)
  })
})

describe('Session.send, of frames with a key', () => {
  it('writes all of them to a peer that keeps up but in one turn, there the newest of each key (DL-4)', () => {
    const { session, sent } = openSession()
    session.send(price('1'))
    expect(namesOf(sent())).toEqual(['1'])
    session.send(price('2'))
    expect(namesOf(sent())).toEqual(['2'])
    for (const [value, symbol] of [
      ['3', 'x'],
      ['4', 'y'],
      ['5', 'x'],
    ] as const)
      session.send(price(value, symbol))
    expect(namesOf(sent())).toEqual(['5', '4'])
    expect(session.leftOut).toEqual({ dropped: 0, conflated: 1 })
  })

  // PROTOCOL-NOTES 18: a price is conflated after it was numbered, or lost because `latest` was not counted.
  it('interleaving 18: puts the newest in the place of one that waits, and lets alone what was written (DL-4)', () => {
    const { session, transport, sent, unclog } = clogged()
    transport.buffered = 0
    expect(session.send(price('1'))).toBe(1)
    expect(namesOf(sent())).toEqual(['1'])
    transport.buffered = 1_000_000
    expect(session.send(price('2'))).toBe(2) // 1 has its number, and may have come
    expect(session.send(event('a'))).toBe(3)
    expect(session.send(price('3'))).toBe(2)
    expect(session.send(price('4', 'y'))).toBe(4)
    expect(namesOf(unclog())).toEqual(['3', 'a', '4'])
    expect(session.send(price('5'))).toBe(5)
    // Numbered, it is as reliable as any: a new connection brings what the peer has not acknowledged, each in its place.
    session.detach()
    session.attach(transport, { ...fromTheStart, peerReceived: 1 })
    expect(namesOf(sent())).toEqual(['3', 'a', '4', '5'])
    expect(session.leftOut).toEqual({ dropped: 0, conflated: 1 })
  })

  it('keeps one of each key for a peer that is away, however many there were (DL-4)', () => {
    const queued: number[] = []
    const { session, transport, sent } = openSession({ onQueuedDetached: (length) => queued.push(length) })
    session.detach()
    for (let i = 1; i <= 1_000; i++) session.send(price(String(i), i % 2 === 0 ? 'even' : 'odd'))
    const length = price('1000').text.length + price('999').text.length
    expect(session.queuedLength).toBe(length)
    expect(queued.reduce((sum, each) => sum + each)).toBe(length)
    session.attach(transport, fromTheStart)
    expect(namesOf(sent())).toEqual(['999', '1000'])
    expect(session.leftOut.conflated).toBe(998)
  })

  it('counts what all sessions have left out together', () => {
    const leftOutOfAll = { dropped: 0, conflated: 0 }
    for (const { session } of [clogged({ leftOutOfAll }), clogged({ leftOutOfAll })]) {
      session.sendVolatile(volatile('a'))
      session.send(price('1'))
      session.send(price('2'))
    }
    expect(leftOutOfAll).toEqual({ dropped: 2, conflated: 2 })
  })

  it('goes behind what ended the room, once its keys are settled (DL-4, RM-3)', () => {
    const { session, unclog } = clogged()
    session.send(price('1'))
    session.send(price('2', 'y'))
    session.send(event('left'))
    session.settleKeys('ex')
    session.send(price('3'))
    session.send(price('4'))
    session.send(price('5', 'y'))
    expect(namesOf(unclog())).toEqual(['1', '5', 'left', '4'])
  })

  it('lets a frame that was withdrawn be', () => {
    const { session, unclog } = clogged()
    const number = session.send(price('1'))
    session.withdraw(number)
    expect(session.send(price('2'))).toBe(number + 1)
    expect(unclog()).toEqual([[16], [24, 0, '2', 0]])
    expect(session.send(price('3'))).toBe(number + 2)
  })

  it('counts the newest alone towards the bound, whatever its length was (SQ-6)', () => {
    const onOverflow = vi.fn<() => void>()
    const { session } = clogged({ maxBufferBytes: 100, onOverflow })
    for (const length of [60, 100, 20, 80]) session.send(long(length))
    expect(session.queuedLength).toBe(80)
    session.send(long(20, 'y'))
    expect(onOverflow).not.toHaveBeenCalled()
    session.send(long(21, 'y'))
    expect(onOverflow).toHaveBeenCalledTimes(1)
  })

  it('waits with half of the bound under way, so that a network that takes it all makes no overflow (DL-5)', () => {
    const onOverflow = vi.fn<() => void>()
    const { session, sent, receive } = openSession({ maxBufferBytes: 400, onOverflow })
    const written: unknown[] = []
    for (let i = 0; i < 100; i++) {
      session.send(long(50))
      written.push(...sent())
    }
    expect(written).toHaveLength(4)
    expect(session.queuedLength).toBe(250)
    session.sendVolatile(volatile('behind'))
    expect(sent()).toEqual([])
    expect(session.leftOut.dropped).toBe(1)
    receive([6, 2]) // the peer reads on
    expect(sent()).toHaveLength(1)
    expect(onOverflow).not.toHaveBeenCalled()
  })

  it('does not wait for what was under way on another connection (DL-5)', () => {
    const { session, transport, sent } = openSession({ maxBufferBytes: 400 })
    for (let i = 0; i < 10; i++) {
      session.send(long(50))
      sent()
    }
    session.detach()
    session.attach(transport, { ...fromTheStart, peerReceived: 4 })
    expect(sent()).toHaveLength(1)
  })
})
