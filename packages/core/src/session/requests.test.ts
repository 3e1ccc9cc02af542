import { describe, expect, it, vi } from 'vitest'
import { TypewireError } from '../errors/typewire-error.ts'
import { FakeTransport, fromTheStart, openSession } from './fake-transport.ts'
import { maxPendingRequests, minMaxCalls, type Request, type RequestOutcome, Requests } from './requests.ts'
import type { OutgoingFrame } from './session.ts'

const failure = new TypewireError('ABORTED', 'Given up.')

/** Requests on a session of their own, and what became of each: `3 result`, `4 ABORTED`, `5 SESSION_LOST unknown`. */
function setUp(limit?: number, options: Parameters<typeof openSession>[0] = {}) {
  const opened = openSession(options)
  const requests = new Requests(opened.session, limit)
  const log: string[] = []
  const request = (id: number, more: Partial<Request> = {}): Request => ({
    id,
    origin: 'send',
    text: `[17,${id},"send",0]`,
    outlivesSession: true,
    settle: (outcome) => void log.push(`${id} ${nameOf(outcome)}`),
    ...more,
  })
  const send = (...ids: readonly number[]) => ids.forEach((id) => requests.send(request(id)))
  return { ...opened, requests, log, request, send }
}

function nameOf(outcome: RequestOutcome): string {
  if (!(outcome instanceof TypewireError)) return outcome[0] === 18 ? 'result' : outcome[2]
  return outcome.outcome ? `${outcome.code} ${outcome.outcome}` : outcome.code
}

const idsOf = (frames: readonly (readonly unknown[])[]) => frames.map((frame) => frame[1])
const ids = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('Requests.send', () => {
  it('sends before the turn is over, where many are asked in it (WR-2)', () => {
    const { requests, request, sent, transport } = setUp()
    transport.isImmediate = true
    sent()
    for (const id of ids(1, 64)) requests.send(request(id, { text: `[17,${id},"send",0,"${'x'.repeat(200)}"]` }))
    expect(transport.messages.length).toBeGreaterThan(2)
    const early = transport.take()
    expect(idsOf([...early, ...sent()])).toEqual(ids(1, 64))
  })

  it('sends at once while fewer than the limit are with the peer, the rest in order as answers come', () => {
    const { requests, send, sent, log } = setUp(2)
    send(1, 2, 3, 4)
    expect(idsOf(sent())).toEqual([1, 2])
    requests.answer([18, 2])
    expect(idsOf(sent())).toEqual([3])
    requests.answer([19, 1, 'MUTED', 'Muted.', 0])
    requests.answer([18, 3])
    expect(idsOf(sent())).toEqual([4])
    expect(log).toEqual(['2 result', '1 MUTED', '3 result'])
    expect(requests.size).toBe(1)
  })

  it('lets so many be with the peer before its welcome as every peer takes (HS-6)', () => {
    const { send, sent } = setUp()
    send(...ids(1, minMaxCalls + 1))
    expect(sent()).toHaveLength(minMaxCalls)
  })

  it('sends what waits when the limit rises, and nothing more when it falls', () => {
    const { requests, send, sent } = setUp(1)
    send(1, 2, 3, 4)
    requests.setLimit(3)
    expect(idsOf(sent())).toEqual([1, 2, 3])
    requests.setLimit(1)
    requests.answer([18, 1])
    expect(sent()).toEqual([])
    requests.setLimit(0)
    requests.answer([18, 2])
    requests.answer([18, 3])
    expect(sent()).toEqual([])
    requests.setLimit(Number.POSITIVE_INFINITY)
    expect(idsOf(sent())).toEqual([4])
  })

  it('takes as many as are allowed, and refuses one more with OVERLOADED', () => {
    const { requests, send, request, log } = setUp(1)
    send(...ids(1, maxPendingRequests))
    expect(() => requests.send(request(maxPendingRequests + 1))).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', origin: 'send' }) as Error,
    )
    expect(log).toEqual([])
    requests.answer([18, 1])
    expect(() => send(maxPendingRequests + 1)).not.toThrow()
    expect(requests.size).toBe(maxPendingRequests)
  })

  it('keeps its number where an overflow replaces the session during the send', () => {
    const next = openSession()
    const { requests, session, request } = setUp(10, {
      maxBufferBytes: 40,
      // As a client does: the frames that the peer cannot have seen go over into the next session.
      onOverflow: () => {
        const unseen = session.detach() ? session.unseen() : []
        const settle = requests.lose(unseen, 'overflow.')
        requests.rebind(next.session)
        for (const frame of unseen) frame.carry?.(next.session)
        settle()
      },
    })
    session.send({ text: 'x'.repeat(30) })
    requests.send(request(1))
    next.session.send({ text: '[24,0,"e",0]' })
    requests.withdraw(1, failure)
    // The request was the first of the new session.
    expect(next.sent()).toEqual([[16], [24, 0, 'e', 0]])
  })
})

describe('Requests: an overflow', () => {
  // As a server does: what is queued is written before the session ends.
  it('leaves a request that was written before the session ended in doubt, not as one that was never sent', () => {
    const { requests, session, transport, request, log } = setUp(10, {
      maxBufferBytes: 40,
      onOverflow: () => {
        session.flush()
        session.detach()
        requests.lose([], 'overflow.')()
      },
    })
    session.send({ text: '[24,0,"e",0,"xxxxxxxxxxxxxx"]' })
    requests.send(request(1, { outlivesSession: false }))
    expect(idsOf(transport.take())).toEqual([0, 1])
    expect(log).toEqual(['1 SESSION_LOST unknown'])
  })
})

describe('Requests.answer', () => {
  it('settles a request before the frame behind its answer is dispatched, and once', () => {
    const { requests, send, log } = setUp()
    send(1)
    expect(requests.answer([18, 1])).toBeUndefined()
    expect(log).toEqual(['1 result'])
    expect(requests.answer([18, 1])).toBeUndefined()
    expect(requests.answer([19, 1, 'MUTED', 'Muted.', 0])).toBeUndefined()
    expect(log).toEqual(['1 result'])
  })

  it('gives the whole frame to whoever asked', () => {
    const { requests, request } = setUp()
    const settle = vi.fn<(outcome: RequestOutcome) => void>()
    requests.send(request(7, { settle }))
    const frame = [18, 7, { a: 1 }, { a: ['Date'] }] as const
    requests.answer(frame)
    expect(settle.mock.calls).toEqual([[frame]])
  })

  it('refuses an answer to what was not asked (CA-4)', () => {
    const { requests, send } = setUp(1)
    expect(requests.answer([18, 1])).toMatchObject({ close: 'BAD_FRAME', clause: 'CA-4' })
    send(1, 2)
    expect(requests.answer([18, 2])).toMatchObject({ clause: 'CA-4' }) // waits: the peer cannot have seen it
    expect(requests.answer([18, 3])).toMatchObject({ clause: 'CA-4' })
    expect(requests.answer([18, 0])).toBeUndefined()
  })

  it('ignores a late answer to what was withdrawn (CA-4)', () => {
    const { requests, send, sent, log } = setUp()
    send(1)
    sent()
    requests.withdraw(1, failure)
    expect(requests.answer([18, 1])).toBeUndefined()
    expect(log).toEqual(['1 ABORTED'])
  })

  it('sends what a settled request asks next behind what waited before it', () => {
    const { requests, request, send, sent } = setUp(1)
    requests.send(request(1, { settle: () => send(3) }))
    send(2)
    sent()
    requests.answer([18, 1])
    requests.answer([18, 2])
    expect(idsOf(sent())).toEqual([2, 3])
  })
})

describe('Requests.withdraw', () => {
  it('settles what waits, and sends nothing of it', () => {
    const { requests, send, sent, log } = setUp(1)
    send(1, 2, 3)
    requests.withdraw(2, failure)
    expect(log).toEqual(['2 ABORTED'])
    requests.answer([18, 1])
    expect(idsOf(sent())).toEqual([1, 3])
  })

  it('puts a no-op in the place of what is queued and not written, and tells the peer nothing (SQ-5)', () => {
    const { requests, send, sent, log } = setUp()
    send(1, 2)
    requests.withdraw(1, failure)
    expect(sent()).toEqual([[16], [17, 2, 'send', 0]])
    expect(log).toEqual(['1 ABORTED'])
  })

  it('cancels what is written (CA-5), and never writes it again (SQ-5)', () => {
    const { requests, send, sent, session } = setUp()
    send(1)
    sent()
    requests.withdraw(1, failure)
    expect(sent()).toEqual([[23, 1]])
    const transport = new FakeTransport()
    session.attach(transport, fromTheStart)
    sent()
    expect(transport.take()).toEqual([[16], [23, 1]])
  })

  it('lets the next one go', () => {
    const { requests, send, sent } = setUp(1)
    send(1, 2)
    sent()
    requests.withdraw(1, failure)
    expect(sent()).toEqual([
      [23, 1],
      [17, 2, 'send', 0],
    ])
  })

  it('does nothing for what is not there, or is settled', () => {
    const { requests, send, sent, log } = setUp()
    send(1)
    requests.answer([18, 1])
    sent()
    requests.withdraw(1, failure)
    requests.withdraw(9, failure)
    expect(sent()).toEqual([])
    expect(log).toEqual(['1 result'])
  })
})

describe('Requests.lose', () => {
  /** The session is lost as a client loses it: with what the peer said that it had received. */
  function lose(world: ReturnType<typeof setUp>, peerReceived?: number, offeredLength?: number) {
    const next = openSession()
    const { session, requests } = world
    session.detach()
    const unseen: readonly OutgoingFrame[] = session.unseen(peerReceived)
    const settle = requests.lose(unseen, 'the link broke.', offeredLength)
    requests.rebind(next.session)
    for (const frame of unseen) frame.carry?.(next.session)
    settle()
    return next
  }

  it('settles what was written as unknown, where the peer has not said what it received (CA-6)', () => {
    const world = setUp(2)
    world.send(1, 2, 3)
    world.sent()
    const next = lose(world)
    expect(world.log).toEqual(['1 SESSION_LOST unknown', '2 SESSION_LOST unknown'])
    world.requests.setLimit(2)
    expect(idsOf(next.sent())).toEqual([3])
  })

  const offered = (id: number) => `[17,${id},"send",{"again":${id}}]`
  const withOffers = (world: ReturnType<typeof setUp>, ...each: readonly number[]) => {
    for (const id of each) world.requests.send(world.request(id, { offer: (again) => ({ text: offered(again) }) }))
    world.sent()
  }

  it('offers again what may have been seen, before what was not, as many as the peer takes (CA-10)', () => {
    const world = setUp(3)
    withOffers(world, 1, 2, 3, 4)
    const next = lose(world, 2, 1_000)
    expect(next.sent().map(([, id, , options]) => [id, options])).toEqual([
      [1, { again: 1 }],
      [2, { again: 2 }],
      [3, 0],
    ])
    world.requests.answer([18, 1])
    expect(idsOf(next.sent())).toEqual([4])
    expect(world.log).toEqual(['1 result'])
  })

  it('offers no more than there is room for, and leaves the rest in doubt', () => {
    const world = setUp()
    withOffers(world, 1, 2, 3)
    const next = lose(world, undefined, 2 * offered(1).length)
    world.requests.setLimit(minMaxCalls)
    expect(idsOf(next.sent())).toEqual([1, 2])
    expect(world.log).toEqual(['3 SESSION_LOST unknown'])
    lose({ ...world, session: next.session }, undefined, 2 * offered(1).length - 1)
    expect(world.log.slice(1)).toEqual(['2 SESSION_LOST unknown'])
  })

  it('lets somebody else offer what there is room for, and settles it', () => {
    const world = setUp()
    const elsewhere: number[] = []
    for (const id of [1, 2]) {
      const offer = (again: number) => ({ text: offered(again) })
      const offerElsewhere = (again: number) => void elsewhere.push(again)
      world.requests.send(world.request(id, { offer, offerElsewhere }))
    }
    world.sent()
    const next = lose(world, undefined, 2 * offered(1).length - 1)
    world.requests.setLimit(minMaxCalls)
    expect([elsewhere, idsOf(next.sent())]).toEqual([[1], []])
    expect(world.log).toEqual(['1 SESSION_LOST unknown', '2 SESSION_LOST unknown'])
  })

  it('knows for good of what it has offered that the peer may have seen it', () => {
    const world = setUp()
    withOffers(world, 1, 2)
    lose(world, undefined, 1_000)
    expect([world.requests.wasWritten(1), world.requests.wasWritten(2)]).toEqual([true, true])
    world.requests.endAll([], 'CLOSED', 'closed.')()
    expect(world.log).toEqual(['1 CLOSED unknown', '2 CLOSED unknown'])
  })

  it('carries over what the peer said that it had not received (CA-6)', () => {
    const world = setUp()
    world.send(1, 2, 3)
    world.sent()
    const next = lose(world, 1)
    expect(world.log).toEqual(['1 SESSION_LOST unknown'])
    expect(idsOf(next.sent())).toEqual([2, 3])
    world.requests.answer([18, 2])
    world.requests.answer([18, 3])
    expect(world.log.slice(1)).toEqual(['2 result', '3 result'])
  })

  it('carries over what was never written, under its number in the next session', () => {
    const world = setUp()
    world.session.send({ text: '[24,0,"e",0]' })
    world.send(1, 2)
    const next = lose(world)
    expect(world.log).toEqual([])
    world.requests.withdraw(2, failure)
    expect(next.sent()).toEqual([[17, 1, 'send', 0], [16]])
  })

  it('settles what belongs to the lost session alone: not sent, where the peer cannot have seen it (CA-6)', () => {
    const world = setUp(2)
    const { requests, request, sent } = world
    requests.send(request(1, { outlivesSession: false }))
    sent()
    requests.send(request(2, { outlivesSession: false }))
    requests.send(request(3, { outlivesSession: false }))
    const next = lose(world)
    expect(world.log).toEqual(['1 SESSION_LOST unknown', '2 SESSION_LOST not_sent', '3 SESSION_LOST not_sent'])
    expect(next.sent()).toEqual([])
    expect(requests.size).toBe(0)
  })

  it('says which request was lost, and why', () => {
    const world = setUp()
    const settle = vi.fn<(outcome: RequestOutcome) => void>()
    world.requests.send(world.request(1, { settle }))
    world.sent()
    lose(world)
    expect(settle).toHaveBeenCalledWith(
      expect.objectContaining({ message: 'send: the link broke.', origin: 'send', outcome: 'unknown' }),
    )
  })

  it('does not carry over what was withdrawn', () => {
    const world = setUp()
    world.send(1)
    world.requests.withdraw(1, failure)
    expect(lose(world).sent()).toEqual([])
  })

  it('settles each once, also where settling one withdraws another', () => {
    const world = setUp()
    const { requests, request, sent, log } = world
    requests.send(request(1, { settle: () => requests.withdraw(2, failure) }))
    requests.send(request(2))
    sent()
    lose(world)
    expect(log).toEqual(['2 SESSION_LOST unknown'])
  })

  it('asks in the next session what settling one asks', () => {
    const world = setUp()
    const { requests, request, sent, send } = world
    requests.send(request(1, { settle: () => send(2) }))
    sent()
    const next = lose(world)
    expect(idsOf(next.sent())).toEqual([2])
    expect(requests.answer([18, 2])).toBeUndefined()
    expect(world.log).toEqual(['2 result'])
  })

  it('survives the loss of one session after the other', () => {
    const world = setUp()
    world.send(1)
    const second = lose(world)
    const third = lose({ ...world, session: second.session })
    expect(third.sent()).toEqual([[17, 1, 'send', 0]])
    world.requests.answer([18, 1])
    expect(world.log).toEqual(['1 result'])
  })
})

describe('Requests.endAll', () => {
  it('settles all, with an error that says of each whether the peer can have seen it, and leaves none', () => {
    const { requests, send, sent, log, session } = setUp(2)
    send(1)
    sent()
    send(2, 3)
    const settle = requests.endAll(session.unseen(), 'CLOSED', 'this client was closed.')
    expect(requests.size).toBe(0)
    settle()
    expect(log).toEqual(['1 CLOSED unknown', '2 CLOSED not_sent', '3 CLOSED not_sent'])
    requests.setLimit(10)
    expect(idsOf(sent())).toEqual([2])
  })

  it('settles each once, also where settling one withdraws another', () => {
    const { requests, request, log } = setUp()
    requests.send(request(1, { settle: () => requests.withdraw(2, failure) }))
    requests.send(request(2))
    requests.endAll([], 'CLOSED', 'closed.')()
    expect(log).toEqual(['2 CLOSED unknown'])
  })

  it('forgets nothing that settling one asks', () => {
    const { requests, request, send, sent } = setUp(1)
    requests.send(request(1, { settle: () => send(3) }))
    send(2)
    sent()
    requests.endAll([], 'CLOSED', 'closed.')()
    expect(idsOf(sent())).toEqual([3])
  })
})
