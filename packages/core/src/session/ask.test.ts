import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { decodePayload as decode } from '../codec/payload.ts'
import { isTypewireError, type TypewireError } from '../errors/typewire-error.ts'
import { Deadlines } from '../util/deadlines.ts'
import { ask, payloadOf, timedOut, unsettled } from './ask.ts'
import { openSession } from './fake-transport.ts'
import { maxPendingRequests, Requests } from './requests.ts'

function setUp(limit?: number) {
  const opened = openSession()
  const deadlines = new Deadlines(opened.clock)
  const requests = new Requests(opened.session, limit)
  let lastId = 0
  const send = (options: { timeoutMs?: number; signal?: AbortSignal } = {}) => {
    const id = ++lastId
    const request = { id, origin: 'send', text: `[17,${id},"send",0]`, outlivesSession: true, settle: unsettled }
    return ask(requests, deadlines, request, { ...options, decode })
  }
  return { ...opened, deadlines, requests, send }
}

/** What a promise rejects with, which must be a TypewireError. */
async function errorOf(promise: Promise<unknown>): Promise<TypewireError> {
  const error: unknown = await promise.then(
    (value) => new Error(`resolved to ${String(value)}`),
    (reason: unknown) => reason,
  )
  if (!isTypewireError(error)) throw error
  return error
}

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

describe('ask', () => {
  it('resolves to the payload of the answer, with its rich values', async () => {
    const { send, requests, sent } = setUp()
    const [nothing, rich] = [send(), send()]
    expect(sent()).toEqual([
      [17, 1, 'send', 0],
      [17, 2, 'send', 0],
    ])
    requests.answer([18, 1])
    requests.answer([18, 2, { at: '1970-01-01T00:00:00.005Z' }, { at: ['Date'] }])
    await expect(nothing).resolves.toBeUndefined()
    await expect(rich).resolves.toEqual({ at: new Date(5) })
  })

  it('rejects with the error that is the answer', async () => {
    const { send, requests } = setUp()
    const answer = send()
    const issues = [{ message: 'Too short', path: ['text'] }]
    requests.answer([19, 1, 'MUTED', 'Muted.', { incident: 'i1', issues }, { until: '5' }, { until: ['bigint'] }])
    const error = await errorOf(answer)
    expect(error).toMatchObject({ code: 'MUTED', message: 'Muted.', origin: 'send', incident: 'i1', issues })
    expect(error.data).toEqual({ until: 5n })
  })

  it.each<[string, readonly unknown[]]>([
    ['annotations that are malformed', [18, 1, 'x', 5]],
    ['annotations that do not fit', [18, 1, null, { a: ['Date'] }]],
    ['a type that does not travel', [18, 1, 'x', [['class', 'x']]]],
    ['a type that cannot be made a text', [18, 1, 'x', [{ toString: 1, valueOf: 1 }]]],
    ["an error's data that cannot be read", [19, 1, 'MUTED', 'Muted.', 0, 'x', ['bigint']]],
  ])('rejects with INVALID_ACK for %s', async (_, frame) => {
    const { send, requests } = setUp()
    const answer = send()
    requests.answer(frame as never)
    expect(await errorOf(answer)).toMatchObject({ code: 'INVALID_ACK', origin: 'send' })
  })

  // A peer can write what it likes in the options of an error: code that reads `issues` must find what its type says.
  it.each([5, 'text', {}, [5], [{ message: 5, path: [] }], [{ message: 'x' }], [null]])(
    'gives an error no issues that are none: %j',
    async (issues) => {
      const { send, requests } = setUp()
      const answer = send()
      requests.answer([19, 1, 'INVALID_INPUT', 'No.', { issues, incident: {} } as never])
      const error = await errorOf(answer)
      expect(error.issues ?? []).toEqual([])
      expect(error.incident).toBeUndefined()
    },
  )

  it('rejects with TIMED_OUT at its time limit, and not before', async () => {
    const { send, clock, requests, sent } = setUp()
    const answer = send({ timeoutMs: 1_000 })
    sent()
    clock.advance(999)
    expect(requests.size).toBe(1)
    clock.advance(9)
    expect(await errorOf(answer)).toMatchObject({ code: 'TIMED_OUT', message: 'send: no answer within 1000 ms.' })
    expect(sent()).toEqual([[23, 1]])
  })

  it('counts the time that it waits for its turn', async () => {
    const { send, clock, sent, requests } = setUp(1)
    const [first, second] = [send(), send({ timeoutMs: 1_000 })]
    sent()
    clock.advance(1_008)
    expect((await errorOf(second)).code).toBe('TIMED_OUT')
    expect(sent()).toEqual([])
    requests.answer([18, 1])
    await first
  })

  it('waits for ever without a time limit', () => {
    const { send, clock, requests } = setUp()
    void send()
    clock.advance(1e9)
    expect(requests.size).toBe(1)
    expect(clock.armed).toBe(0)
  })

  it('rejects with ABORTED by its signal, with the reason as its cause', async () => {
    const { send, sent } = setUp()
    const controller = new AbortController()
    const answer = send({ signal: controller.signal })
    sent()
    const reason = new Error('the user left')
    controller.abort(reason)
    const error = await errorOf(answer)
    expect(error).toMatchObject({ code: 'ABORTED', origin: 'send' })
    expect(error.cause).toBe(reason)
    expect(sent()).toEqual([[23, 1]])
  })

  it('sends nothing where its signal has aborted already', async () => {
    const { send, requests, clock, sent } = setUp()
    const answer = send({ signal: AbortSignal.abort(), timeoutMs: 1_000 })
    expect((await errorOf(answer)).code).toBe('ABORTED')
    expect([requests.size, clock.armed, sent()]).toEqual([0, 0, []])
  })

  it('rejects with OVERLOADED where too many wait, and leaves nothing behind', async () => {
    const { send, requests, clock } = setUp(1)
    for (let i = 0; i < maxPendingRequests; i++) void send()
    const { signal } = new AbortController()
    expect((await errorOf(send({ signal, timeoutMs: 1_000 }))).code).toBe('OVERLOADED')
    expect([requests.size, clock.armed, listenersOf(signal)]).toEqual([maxPendingRequests, 0, 0])
  })

  it('rejects with what sending throws, whatever it is', async () => {
    const { deadlines, clock } = setUp()
    const fault = new RangeError('a fault')
    const requests = Object.assign(new Requests(openSession().session), {
      send() {
        throw fault
      },
    })
    const request = { id: 1, origin: 'send', text: '', outlivesSession: true, settle: unsettled }
    await expect(ask(requests, deadlines, request, { timeoutMs: 5, decode })).rejects.toThrow('a fault')
    expect(clock.armed).toBe(0)
  })

  const ways: Readonly<Record<string, (world: ReturnType<typeof setUp>, abort: () => void) => void>> = {
    result: ({ requests }) => void requests.answer([18, 1]),
    error: ({ requests }) => void requests.answer([19, 1, 'MUTED', 'Muted.', 0]),
    'an answer that cannot be read': ({ requests }) => void requests.answer([18, 1, 'x', 5]),
    'the time limit': ({ clock }) => clock.advance(1_008),
    'its signal': (_, abort) => abort(),
    'the loss of the session': ({ requests }) => requests.lose([], 'the link broke.')(),
    'the end of the client': ({ requests }) => requests.endAll([], 'CLOSED', 'closed.')(),
  }
  const pairs = Object.keys(ways).flatMap((first) => Object.keys(ways).map((second) => [first, second] as const))

  it.each(Object.keys(ways))('leaves no timer, listener or request behind: %s', async (way) => {
    const world = setUp()
    const controller = new AbortController()
    const answer = world.send({ signal: controller.signal, timeoutMs: 1_000 })
    world.sent()
    expect([world.clock.armed, listenersOf(controller.signal)]).toEqual([1, 1])
    ways[way]!(world, () => controller.abort())
    await answer.catch(() => {})
    expect([world.requests.size, world.clock.armed, listenersOf(controller.signal)]).toEqual([0, 0, 0])
  })

  it.each(pairs)('settles once, by the first: %s, then %s', async (first, second) => {
    const outcomeOf = async (names: readonly string[]) => {
      const world = setUp()
      const controller = new AbortController()
      const answer = world.send({ signal: controller.signal, timeoutMs: 1_000 })
      world.sent()
      for (const name of names) ways[name]!(world, () => controller.abort())
      return answer.then(
        (value) => ({ value }),
        (error: unknown) => ({ code: (error as TypewireError).code }),
      )
    }
    expect(await outcomeOf([first, second])).toEqual(await outcomeOf([first]))
  })
})

describe('payloadOf', () => {
  it('throws an error that ended it on this side as it is', () => {
    const error = timedOut('send', 5)
    expect(() => payloadOf(error, 'send', { decode })).toThrow(error)
  })

  it('gives undefined where an answer carries nothing', () => {
    expect(payloadOf([18, 1], 'send', { decode })).toBeUndefined()
    expect(payloadOf([18, 1, null, 0], 'send', { decode })).toBeNull()
  })
})
