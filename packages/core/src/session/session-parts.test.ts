import { describe, expect, it, vi } from 'vitest'
import { encodeContainer } from '../codec/container.ts'
import { type Content, lengthOf, type Part } from '../codec/parts.ts'
import { TypewireError } from '../errors/typewire-error.ts'
import { FakeTransport, fromTheStart, openSession } from './fake-transport.ts'
import { Replies } from './replies.ts'
import { Requests } from './requests.ts'

/** A frame with so many bytes in parts. */
function withBytes(name: string, ...lengths: readonly number[]): Content {
  const annotations = Object.fromEntries(lengths.map((_, index) => [index, ['bytes']]))
  const text = `[24,0,"${name}",0,${JSON.stringify(lengths.map((_, index) => index))},${JSON.stringify(annotations)}]`
  return { text, parts: lengths.map((length) => new Uint8Array(length).fill(length)) }
}
const event = (name: string) => ({ text: `[24,0,"${name}",0]` })

/** What was sent: the names of each message's frames (for control frames, their kinds), and its parts' lengths. */
function sentOn({ messages, parts }: FakeTransport): (readonly unknown[])[] {
  return messages.map((message, index) => {
    const frames = JSON.parse(message) as unknown[][]
    return [...frames.map((frame) => frame[2] ?? frame[0]), ...(parts[index] ?? []).map(({ length }) => length)]
  })
}

describe('Session, with parts', () => {
  it('writes a frame with parts as a message of its own, in its place (WR-9)', () => {
    const { session, transport, clock } = openSession()
    for (const frame of [event('a'), event('b'), withBytes('c', 1, 2), withBytes('d', 0), event('e'), event('f')]) {
      session.send(frame)
    }
    clock.endTurn()
    expect(sentOn(transport)).toEqual([
      ['a', 'b'],
      ['c', 1, 2],
      ['d', 0],
      ['e', 'f'],
    ])
    expect(session.sent).toBe(6)
  })

  it('writes what is not counted before it (WR-9, SQ-4)', () => {
    const { session, transport, clock, receive } = openSession()
    session.send(withBytes('c', 1))
    session.sendControl([4, 0, 0])
    receive([4, 0, 0])
    clock.endTurn()
    expect(transport.messages.map((message) => (JSON.parse(message) as unknown[][]).map(([kind]) => kind))).toEqual([
      [4, 5],
      [24],
    ])
    expect(transport.parts.map((parts) => parts?.length)).toEqual([undefined, 1])
  })

  it('writes the same again on another connection, and shares it with other sessions (RS-8, RM-5)', () => {
    const frame = withBytes('c', 3)
    const [one, other] = [openSession(), openSession()]
    for (const { session, clock } of [one, other]) {
      session.send(frame)
      clock.endTurn()
    }
    const again = new FakeTransport()
    one.session.attach(again, fromTheStart)
    one.clock.endTurn()
    expect(again.messages).toEqual(one.transport.messages)
    for (const { parts } of [one.transport, other.transport, again]) expect(parts[0]).toBe(frame.parts)
  })

  it('stops at the high-water mark between frames with parts', () => {
    const { session, transport, clock } = openSession()
    transport.onSend = () => (transport.buffered = 300_000)
    session.send(withBytes('a', 1))
    session.send(withBytes('b', 1))
    clock.endTurn()
    expect(sentOn(transport)).toEqual([['a', 1]])
    transport.buffered = 0
    session.flush()
    expect(sentOn(transport)).toEqual([
      ['a', 1],
      ['b', 1],
    ])
  })

  it('tells an overflow at the first byte past the bound (SQ-6)', () => {
    const onOverflow = vi.fn<() => void>()
    const frame = withBytes('a', 1_000, 500)
    const { session } = openSession({ maxBufferBytes: lengthOf(frame) + 100, onOverflow })
    session.send(frame)
    expect(session.queuedLength).toBe(frame.text.length + 1_500)
    expect([session.hasRoomFor(100), session.hasRoomFor(101)]).toEqual([true, false])
    session.send({ text: '['.padEnd(100, '1') })
    expect(onOverflow).not.toHaveBeenCalled()
    session.send({ text: '1' })
    expect(onOverflow).toHaveBeenCalledTimes(1)
  })

  it('lets go of the bytes with what is acknowledged or withdrawn (SQ-2, SQ-5)', () => {
    const { session, sent, receive } = openSession()
    for (const name of ['a', 'b', 'c']) session.send(withBytes(name, 1_000))
    sent()
    receive([6, 1])
    expect(session.queuedLength).toBe(2 * lengthOf(withBytes('b', 1_000)))
    session.withdraw(2)
    expect(session.queuedLength).toBe(lengthOf(withBytes('c', 1_000)) + '[16]'.length)
    receive([6, 3])
    expect(session.queuedLength).toBe(0)
  })

  it('says how much was queued while there is no transport, bytes included', () => {
    const onQueuedDetached = vi.fn<(length: number) => void>()
    const { session } = openSession({ onQueuedDetached })
    session.detach()
    session.send(withBytes('a', 1_000))
    expect(onQueuedDetached).toHaveBeenCalledExactlyOnceWith(lengthOf(withBytes('a', 1_000)))
  })

  it('takes for too large what is, as a container, a byte larger than the peer takes (WR-6)', () => {
    const frame = { ...withBytes('ü', 700, 3) }
    const bytes = encodeContainer(`[${frame.text}]`, frame.parts).length
    const fits = (peerMaxMessageBytes: number) => openSession({}, { peerMaxMessageBytes }).session.fitsPeer(frame)
    expect([fits(bytes), fits(bytes - 1)]).toEqual([true, false])
  })

  it('gives the frame to what decides which are refused', () => {
    const { session } = openSession()
    session.detach()
    const [small, large] = [withBytes('a', 1), withBytes('b', 1_000)]
    session.send(small)
    session.send(large)
    expect(session.takeBack(({ parts = [] }) => parts[0]!.length > 1)).toEqual([large])
  })
})

describe('Requests, with parts', () => {
  const request = (id: number, bytes: number) => ({
    ...withBytes('x', bytes),
    id,
    origin: 'x',
    outlivesSession: true,
    settle: () => {},
  })

  it('counts the bytes of what waits for its turn, and sends them with it', () => {
    const { session, transport, clock } = openSession()
    const requests = new Requests(session, 1)
    requests.send(request(1, 10))
    requests.send(request(2, 1_000))
    expect(requests.waitingLength).toBe(lengthOf(withBytes('x', 1_000)))
    requests.withdraw(1, new TypewireError('ABORTED', ''))
    expect(requests.waitingLength).toBe(0)
    clock.endTurn()
    expect(sentOn(transport)).toEqual([[16], ['x', 1_000]])
  })
})

describe('Reply, with parts', () => {
  const part: Part = new Uint8Array(100)
  const payload = { text: ',0,["bytes"]', parts: [part] }

  it('answers with them, as a result and as an error', () => {
    const { session, transport, clock } = openSession()
    const replies = new Replies(session)
    for (const id of [1, 2]) {
      const reply = replies.begin(id)
      if (!('result' in reply)) throw new Error(reply.reason)
      if (id === 1) reply.result(payload)
      else reply.error('MUTED', 'no', 0, payload)
    }
    clock.endTurn()
    expect(transport.messages).toEqual(['[[18,1,0,["bytes"]]]', '[[19,2,"MUTED","no",0,0,["bytes"]]]'])
    expect(transport.parts).toEqual([[part], [part]])
  })

  it('tells the caller that they are too large (WR-6)', () => {
    const { session, sent } = openSession({}, { peerMaxMessageBytes: 100 })
    const reply = new Replies(session).begin(1)
    if ('result' in reply) reply.result(payload)
    expect(sent()).toEqual([[19, 1, 'TOO_LARGE', expect.any(String), 0]])
  })
})
