import { describe, expect, it, vi } from 'vitest'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { openSession } from './fake-transport.ts'
import { Replies, type Reply } from './replies.ts'

const gone = new Error('Nobody waits.')

function setUp() {
  const opened = openSession()
  const onSettled = vi.fn<() => void>()
  const replies = new Replies(opened.session, onSettled)
  const begin = (id: number): Reply => {
    const reply = replies.begin(id)
    if (reply instanceof ProtocolError) throw new Error(reply.reason)
    return reply
  }
  return { ...opened, replies, onSettled, begin }
}

describe('Replies.begin', () => {
  it('takes ids that rise, with gaps or without (CA-1)', () => {
    const { replies, begin } = setUp()
    for (const id of [1, 2, 7, 2 ** 53 - 1]) begin(id)
    expect(replies.size).toBe(4)
  })

  it.each([3, 2, 1])('refuses an id that is not above the last: %d after 3 (CA-1)', (id) => {
    const { replies, begin } = setUp()
    begin(1)
    begin(3)
    expect(replies.begin(id)).toMatchObject({ close: 'BAD_FRAME', clause: 'CA-1' })
    expect(replies.size).toBe(2)
  })

  it('refuses an id that was answered before (CA-1)', () => {
    const { replies, begin } = setUp()
    begin(3).result('')
    expect(replies.begin(3)).toBeInstanceOf(ProtocolError)
  })
})

describe('Reply', () => {
  it('leaves before its turn is over, where many are given in it (WR-2)', () => {
    const { begin, sent, transport } = setUp()
    transport.isImmediate = true
    sent()
    for (let id = 1; id <= 64; id++) begin(id).result(`,"${'x'.repeat(200)}"`)
    expect(transport.messages.length).toBeGreaterThan(2)
    const early = transport.take()
    expect([...early, ...sent()].map(([, id]) => id)).toEqual(Array.from({ length: 64 }, (_, i) => i + 1))
  })

  it('is settled once, also where it is one too many for its session', () => {
    const onEnded = vi.fn<() => void>()
    const opened = openSession({ maxBufferBytes: 100, onOverflow: () => replies.abortAll(gone) })
    const replies: Replies = new Replies(opened.session, onEnded)
    const reply = replies.begin(1) as Reply
    reply.onOutcome = vi.fn<NonNullable<Reply['onOutcome']>>()
    replies.markStreaming(reply)
    reply.result(`,"${'x'.repeat(200)}"`)
    expect(reply.onOutcome).toHaveBeenCalledExactlyOnceWith(gone)
    expect(onEnded).toHaveBeenCalledOnce()
    expect(replies.streamingSize).toBe(0)
  })

  it('sends a result with its payload as it was encoded', () => {
    const { begin, sent, replies, onSettled } = setUp()
    begin(1).result('')
    begin(2).result(',{"a":"5"},{"a":["bigint"]}')
    expect(sent()).toEqual([
      [18, 1],
      [18, 2, { a: '5' }, { a: ['bigint'] }],
    ])
    expect(replies.size).toBe(0)
    expect(onSettled).toHaveBeenCalledTimes(2)
  })

  it('sends an error with options and data', () => {
    const { begin, sent } = setUp()
    begin(1).error('NOT_FOUND', 'No "x".')
    begin(2).error('INTERNAL', 'Failed.', { incident: 'i1' })
    begin(3).error('MUTED', 'Muted.', 0, ',{"untilMs":5}')
    expect(sent()).toEqual([
      [19, 1, 'NOT_FOUND', 'No "x".', 0],
      [19, 2, 'INTERNAL', 'Failed.', { incident: 'i1' }],
      [19, 3, 'MUTED', 'Muted.', 0, { untilMs: 5 }],
    ])
  })

  it('cuts a message to what a peer takes', () => {
    const { begin, sent } = setUp()
    begin(1).error('A', 'x'.repeat(1_024))
    begin(2).error('A', 'x'.repeat(1_025))
    expect(sent()).toEqual([
      [19, 1, 'A', 'x'.repeat(1_024), 0],
      [19, 2, 'A', 'x'.repeat(1_024), 0],
    ])
  })

  const ends: Readonly<Record<string, (reply: Reply) => void>> = {
    result: (reply) => reply.result(',"result"'),
    error: (reply) => reply.error('MUTED', 'Muted.'),
    abort: (reply) => reply.abort(gone),
    expire: (reply) => reply.expire('TIMED_OUT', 'Too late.', gone),
  }
  const pairs = Object.keys(ends).flatMap((first) => Object.keys(ends).map((second) => [first, second] as const))

  it.each(pairs)('counts the first of two ends, and ignores the second: %s, then %s (CA-2)', (first, second) => {
    const once = setUp()
    ends[first]!(once.begin(1))
    const twice = setUp()
    const reply = twice.begin(1)
    ends[first]!(reply)
    const { abortReason } = reply
    ends[second]!(reply)
    expect(twice.sent()).toEqual(once.sent())
    expect(reply.abortReason).toBe(abortReason)
    expect(reply.isSettled).toBe(true)
    expect(twice.onSettled).toHaveBeenCalledTimes(1)
  })

  it('is in the session before whoever waits for the last answer is told', () => {
    const opened = openSession()
    const queued: number[] = []
    const replies = new Replies(opened.session, () => queued.push(opened.session.unseen().length))
    const reply = replies.begin(1) as Reply
    reply.result('')
    expect(queued).toEqual([1])
  })

  it('aborts its signal with the reason when nobody waits any more', () => {
    const { begin, sent } = setUp()
    const reply = begin(1)
    const { signal } = reply
    expect(signal.aborted).toBe(false)
    reply.abort(gone)
    expect(signal.reason).toBe(gone)
    expect(reply.abortReason).toBe(gone)
    expect(sent()).toEqual([])
  })

  it('gives one signal, aborted already where it is first read too late', () => {
    const { begin } = setUp()
    const reply = begin(1)
    reply.abort(gone)
    expect(reply.signal.aborted).toBe(true)
    expect(reply.signal.reason).toBe(gone)
    expect(reply.signal).toBe(reply.signal)
  })

  it('does not abort its signal by an answer', () => {
    const { begin } = setUp()
    const [before, after] = [begin(1), begin(2)]
    const { signal } = before
    before.result('')
    after.error('A', 'a')
    expect([signal.aborted, after.signal.aborted, before.abortReason]).toEqual([false, false, undefined])
  })

  it('answers with an error and ends the handler when its time is over', () => {
    const { begin, sent } = setUp()
    const reply = begin(1)
    const { signal } = reply
    reply.expire('TIMED_OUT', 'Too late.', gone)
    expect(sent()).toEqual([[19, 1, 'TIMED_OUT', 'Too late.', 0]])
    expect(signal.reason).toBe(gone)
  })
})

describe('Replies.beginSilent', () => {
  it('sends nothing, whatever the end is', () => {
    const { replies, sent, onSettled } = setUp()
    const silent = Array.from({ length: 4 }, () => replies.beginSilent())
    expect(silent.map(({ isSilent }) => isSilent)).toEqual([true, true, true, true])
    expect(replies.size).toBe(4)
    silent[0]!.result(',1')
    silent[1]!.error('A', 'a')
    silent[2]!.abort(gone)
    silent[3]!.expire('A', 'a', gone)
    expect(sent()).toEqual([])
    expect(replies.size).toBe(0)
    expect(onSettled).toHaveBeenCalledTimes(4)
    expect(silent[3]!.signal.aborted).toBe(true)
  })

  it('takes no id of the peer', () => {
    const { replies, begin } = setUp()
    replies.beginSilent()
    expect(begin(1).isSilent).toBe(false)
    replies.beginSilent()
    begin(2)
    expect(replies.size).toBe(4)
  })
})

describe('Replies.cancel', () => {
  it('ends the handler of one request, and sends nothing (CA-5)', () => {
    const { replies, begin, sent } = setUp()
    const [one, other] = [begin(1), begin(2)]
    replies.cancel(1, gone)
    one.result('')
    expect([one.abortReason, other.isSettled]).toEqual([gone, false])
    expect(sent()).toEqual([])
    expect(replies.size).toBe(1)
  })

  it('does nothing for what is answered, was never asked, or is silent (CA-5)', () => {
    const { replies, begin, sent } = setUp()
    const silent = replies.beginSilent()
    begin(1).result('')
    sent()
    for (const id of [0, 1, 2]) replies.cancel(id, gone)
    expect(silent.isSettled).toBe(false)
    expect(sent()).toEqual([])
  })
})

describe('Replies.abortAll', () => {
  it('ends every handler, and sends nothing', () => {
    const { replies, begin, sent, onSettled } = setUp()
    const all = [begin(1), begin(2), replies.beginSilent()]
    replies.abortAll(gone)
    expect(all.map(({ abortReason }) => abortReason)).toEqual([gone, gone, gone])
    expect(replies.size).toBe(0)
    expect(sent()).toEqual([])
    expect(onSettled).toHaveBeenCalledTimes(3)
  })
})
