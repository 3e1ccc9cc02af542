import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { startServer, startWelcomed } from './start.ts'

const malformed = (clause: string) => ({ code: 4400, reason: expect.stringMatching(`^${clause}: `) as string })

describe('CA-1: ids rise', () => {
  test.each([
    [
      'the same id twice',
      [
        [17, 5, 'echo', 0],
        [17, 5, 'echo', 0],
      ],
    ],
    [
      'a lower id',
      [
        [17, 5, 'echo', 0],
        [17, 4, 'echo', 0],
      ],
    ],
    [
      'the id of a call for an event',
      [
        [17, 5, 'echo', 0],
        [24, 5, 'asked', 0, 1],
      ],
    ],
  ])('%s closes', async (_, batch) => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send(...batch)
    expect(await peer.closed()).toEqual(malformed('CA-1'))
    expect(seen).toHaveLength(1)
  })

  test('with gaps, as a server does, and at a client too', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([17, 7, 'echo', 0, 'a'], [24, 1_000_000, 'asked', 0, 1])
    expect(await peer.readKind(18)).toEqual([18, 7, 'a'])
    expect(await peer.readKind(18)).toEqual([18, 1_000_000, 2])
    const { peer: server } = await startWelcomed()
    server.send([24, 5, 'tick', 0, 1], [24, 5, 'tick', 0, 1])
    expect(await server.closed()).toEqual(malformed('CA-1'))
  })
})

test('CA-2: a call has one answer, though it is cancelled and times out as well', async () => {
  const clock = createFakeClock()
  const { connect, seen } = await startServer({ clock })
  const peer = await connect()
  peer.send([17, 1, 'hold', { timeoutMs: 100 }], [17, 2, 'echo', 0, 'overtakes'])
  expect(await peer.readKind(18)).toEqual([18, 2, 'overtakes'])
  await clock.advance(108)
  expect((await peer.read()).slice(0, 3)).toEqual([19, 1, 'TIMED_OUT'])
  peer.send([23, 1], [23, 2], [4, 0, 0])
  expect((await peer.read())[0]).toBe(5)
  expect(seen).toContainEqual(['hold aborted'])
})

test.each(['nothing', 'constructor', '__proto__', 'toString', '$nothing', '$', 'then', ''])(
  'CA-3: the name "%s" is answered NOT_FOUND',
  async (name) => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([17, 1, name, 0], [24, 2, name, 0])
    const answers = [await peer.read(), await peer.read()]
    expect(answers.map((frame) => frame.slice(0, 3))).toEqual([
      [19, 1, 'NOT_FOUND'],
      [19, 2, 'NOT_FOUND'],
    ])
  },
)

describe('CA-4: answers that nobody waits for', () => {
  test('are ignored when they come late or twice', async () => {
    const { client, peer } = await startWelcomed()
    const controller = new AbortController()
    const aborted = client.call.echo(1, { signal: controller.signal })
    await peer.readKind(17)
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await peer.readKind(23)).toEqual([23, 1])
    const call = client.call.echo(2)
    await peer.readKind(17)
    peer.send([18, 1, 'late'], [18, 2, 'first'], [18, 2, 'second'], [19, 2, 'INTERNAL', '', 0], [18, 0])
    expect(await call).toBe('first')
    peer.send([4, 0, 0])
    expect((await peer.read())[0]).toBe(5)
  })

  test('close when they were never asked for, at both sides', async () => {
    const { peer: server } = await startWelcomed()
    server.send([18, 1])
    expect(await server.closed()).toEqual(malformed('CA-4'))
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([19, 1, 'X', '', 0])
    expect(await peer.closed()).toEqual(malformed('CA-4'))
  })
})

test('CA-5: a cancelled call is told to stop and not answered; other cancels are ignored', async () => {
  const { connect, seen } = await startServer()
  const peer = await connect()
  peer.send([17, 1, 'hold', 0], [23, 1], [23, 99], [17, 2, 'echo', 0])
  expect(await peer.read()).toEqual([18, 2])
  expect(seen).toEqual([['hold'], ['hold aborted'], ['echo', undefined]])
})

describe('CA-6: the end of a session', () => {
  test('tells handlers to stop, and settles what the server asked', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'hold', 0])
    await expect.poll(() => seen).toHaveLength(1)
    const ack = peer.session.emitWithAck.notice('x')
    peer.cut()
    await expect(ack).rejects.toMatchObject({ code: 'SESSION_LOST', outcome: 'unknown' })
    expect(seen).toContainEqual(['hold aborted'])
  })

  test('leaves unknown what the server may have seen, and sends again what it says it has not', async () => {
    const { client, raw, peer } = await startWelcomed()
    const [seen, unseen] = [client.emitWithAck.asked(1), client.call.echo('unseen')]
    client.emit.seen('unseen too')
    await peer.readKind(24)
    await peer.readKind(24)
    peer.send([3, 4503, 'bye', { received: 1 }])
    await expect(seen).rejects.toMatchObject({ code: 'SESSION_LOST', outcome: 'unknown' })
    const next = await raw.welcome()
    expect(await next.read()).toEqual([17, 2, 'echo', 0, 'unseen'])
    expect(await next.read()).toEqual([24, 0, 'seen', 0, 'unseen too'])
    next.send([18, 2, 'answered'])
    expect(await unseen).toBe('answered')
  })
})

test('CA-7: input that does not match is answered INVALID_INPUT with issues, and runs nothing', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  peer.send([17, 1, 'add', 0, { a: 1, b: '2' }])
  const issues = [{ message: expect.any(String) as string, path: ['b'] }]
  expect(await peer.read()).toEqual([19, 1, 'INVALID_INPUT', expect.stringContaining('b: '), { issues }])
})

test("CA-8: the lesser of both sides' time limits ends a handler", async () => {
  const clock = createFakeClock()
  const { connect, seen } = await startServer({ clock, timeoutMs: 1_000 })
  const peer = await connect()
  peer.send([17, 1, 'hold', 0], [17, 2, 'hold', { timeoutMs: 100 }], [17, 3, 'hold', { timeoutMs: 60_000 }])
  peer.send([17, 4, 'hold', { timeoutMs: 'soon' }], [17, 5, 'hold', { timeoutMs: -5 }], [24, 6, 'held', 0])
  await expect.poll(() => seen).toHaveLength(6)
  /** The ids that have timed out when so much more time has passed. */
  const timedOutAfter = async (ms: number) => {
    await clock.advance(ms)
    peer.send([4, 0, 0])
    const ids: unknown[] = []
    for (;;) {
      const [kind, id, code] = await peer.read()
      if (kind === 5) return ids
      expect(code).toBe('TIMED_OUT')
      ids.push(id)
    }
  }
  expect(await timedOutAfter(0)).toEqual([5])
  expect(await timedOutAfter(104)).toEqual([2])
  expect(await timedOutAfter(890)).toEqual([])
  expect(await timedOutAfter(14)).toEqual([1, 3, 4, 6])
  expect(seen.filter(([what]) => what.endsWith('aborted'))).toHaveLength(6)
})

describe('CA-9: what a handler answers with', () => {
  test.each([
    ['BROKEN', [19, 1, 'BROKEN', 'fail answered BROKEN.', 0, { part: 'wheel' }]],
    ['NOT_FOUND', [19, 1, 'NOT_FOUND', 'as the handler says', 0]],
    ['UNAUTHORIZED', [19, 1, 'UNAUTHORIZED', 'as the handler says', 0]],
    ['FORBIDDEN', [19, 1, 'FORBIDDEN', 'as the handler says', 0]],
    ['OVERLOADED', [19, 1, 'OVERLOADED', 'as the handler says', 0]],
  ])('%s is told', async (thrown, answer) => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'fail', 0, thrown])
    expect(await peer.read()).toEqual(answer)
  })

  test.each(['Error', 'output', 'SESSION_LOST', 'UNDECLARED'])('%s is masked', async (thrown) => {
    const { connect, errors } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'fail', 0, thrown])
    const [, , code, message, options, ...rest] = await peer.read()
    expect([code, rest]).toEqual(['INTERNAL', []])
    expect(message).not.toContain('secret')
    expect(options).toEqual({ incident: expect.stringMatching(/^[\w-]{36}$/) as string })
    expect(errors).toHaveLength(1)
  })
})
