import { frames } from '@typewire/core/internal'
import type { ConnectionFacts, EndedFacts, ServerHooks, SessionFacts } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** Hooks that keep what they are told. */
function keeping() {
  const told = {
    calls: [] as EndedFacts[],
    events: [] as EndedFacts[],
    joins: [] as EndedFacts[],
    connections: [] as ConnectionFacts[],
    sessions: [] as SessionFacts[],
  }
  const hooks: ServerHooks = {
    onCall: (facts) => told.calls.push(facts),
    onEvent: (facts) => told.events.push(facts),
    onJoin: (facts) => told.joins.push(facts),
    onConnection: (facts) => told.connections.push(facts),
    onSession: (facts) => told.sessions.push(facts),
  }
  return { told, hooks }
}

describe('onCall', () => {
  test('is told of each call when it ends, by the server’s clock', async () => {
    const { told, hooks } = keeping()
    let finish: (() => void) | undefined
    const lab = await startLab({
      server: { hooks },
      handlers: { procedures: { lines: () => new Promise<number>((resolve) => (finish = () => resolve(1))) } },
    })
    const client = lab.client()
    await client.call.echo('x')
    const lines = client.call.lines([])
    await eventually(() => finish !== undefined, 'the handler runs')
    await lab.clock.advance(120)
    finish!()
    await lines
    const { id: sessionId } = lab.session()
    const common = { outcome: 'OK', sessionId, identity: null, transport: 'websocket' }
    expect(told.calls).toEqual([
      { name: 'echo', durationMs: 0, ...common },
      { name: 'lines', durationMs: 120, ...common },
    ])
  })

  test('is told what was answered', async () => {
    const { told, hooks } = keeping()
    const lab = await startLab({
      server: { hooks },
      handlers: {
        procedures: {
          work: ({ input, errors }) => {
            if (input.n > 0) throw errors.BUSY({ forMs: 1 })
            throw new Error('xyzzy')
          },
          brief: () => new Promise<never>(() => {}),
        },
      },
    })
    const client = lab.client()
    await client.try.work({ n: 1 })
    await client.try.work({ n: 0 })
    await client.try.echo(1 as never)
    await (client.try as unknown as Record<string, (input: unknown) => Promise<unknown>>)['missing']!(1)
    const late = client.try.brief()
    const controller = new AbortController()
    const given = client.try.brief(undefined, { signal: controller.signal })
    await client.call.echo('both are there')
    controller.abort()
    await given
    await client.call.echo('it is withdrawn')
    await lab.clock.advance(1_010)
    await late
    expect(told.calls.map(({ name, outcome }) => [name, outcome]).filter(([, outcome]) => outcome !== 'OK')).toEqual([
      ['work', 'BUSY'],
      ['work', 'INTERNAL'],
      ['echo', 'INVALID_INPUT'],
      [undefined, 'NOT_FOUND'],
      ['brief', 'ABORTED'],
      ['brief', 'TIMED_OUT'],
    ])
  })

  test('is told of calls whose session ends, and of those that were one too many', async () => {
    const { told, hooks } = keeping()
    const lab = await startLab({
      server: { hooks, maxCalls: 64 },
      handlers: { procedures: { brief: () => new Promise<never>(() => {}) } },
    })
    const peer = await lab.peer()
    await peer.hello()
    for (let id = 1; id <= 65; id++) peer.send([frames.call.kind, id, 'brief', 0])
    await eventually(() => told.calls.length === 1, 'the last one is refused')
    peer.cut()
    await eventually(() => told.calls.length === 65, 'all have ended')
    expect(told.calls[0]).toMatchObject({ name: 'brief', outcome: 'OVERLOADED', transport: 'websocket' })
    expect(told.calls[64]).toMatchObject({ name: 'brief', outcome: 'SESSION_LOST', transport: undefined })
  })

  test('is told of a caller’s, and not of calls to reserved names', async () => {
    const { told, hooks } = keeping()
    const lab = await startLab({ server: { hooks } })
    await lab.server.caller({ identity: 'ada' }).call.echo('x')
    const client = lab.client()
    const hall = client.join.hall({ id: '1' })
    await hall.ready
    hall.leave()
    await client.emitWithAck.note({ n: 1 })
    expect(told.calls).toMatchObject([{ name: 'echo', outcome: 'OK', identity: 'ada', transport: undefined }])
  })
})

test('onEvent is told of events, with and without an ack, and into rooms', async () => {
  const { told, hooks } = keeping()
  const lab = await startLab({
    server: { hooks },
    handlers: {
      events: {
        note: ({ payload }) => {
          if (payload.n === 0) throw new Error('xyzzy')
        },
      },
    },
  })
  const client = lab.client()
  client.emit.note({ n: 1 })
  await eventually(() => told.events.length === 1, 'it is handled')
  client.emit.note({ n: 0 })
  await eventually(() => told.events.length === 2, 'the other is handled')
  await client.emitWithAck.save({ n: 1 })
  ;(client.emit as unknown as Record<string, (payload: unknown) => void>)['missing']!(1)
  const hall = client.join.hall({ id: '1' })
  await hall.ready
  await hall.emitWithAck.vote({ text: '' })
  expect(told.events.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['note', 'OK'],
    ['note', 'INTERNAL'],
    ['save', 'OK'],
    [undefined, 'NOT_FOUND'],
    ['hall.vote', 'OK'],
  ])
})

test('onJoin is told of joins, refused ones too', async () => {
  const { told, hooks } = keeping()
  const lab = await startLab({
    server: { hooks },
    handlers: { rooms: { hall: { authorize: ({ params }) => params.id === '1' } } },
  })
  const client = lab.client()
  await client.join.hall({ id: '1' }).ready
  await expect(client.join.hall({ id: '2' }).ready).rejects.toThrow(/refused the join/)
  const join = client.join as unknown as Record<string, (params: unknown) => { readonly ready: Promise<void> }>
  await expect(join['cellar']!({}).ready).rejects.toThrow(/no room cellar/)
  expect(told.joins.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['hall', 'OK'],
    ['hall', 'FORBIDDEN'],
    [undefined, 'NOT_FOUND'],
  ])
})

test('onConnection and onSession are told when they end, and why', async () => {
  const { told, hooks } = keeping()
  const lab = await startLab({ server: { hooks, resume: { windowMs: 1_000 } } })
  const client = lab.client()
  await client.connect()
  const { id: sessionId } = lab.session()
  await lab.clock.advance(40)
  const stranger = await lab.peer()
  stranger.cut()
  await eventually(() => told.connections.length === 1, 'the stranger is gone')
  lab.cut()
  await eventually(() => told.connections.length === 2, 'the connection is cut')
  expect(told.connections).toEqual([
    { transport: 'websocket', remoteAddress: '127.0.0.1', durationMs: 0, sessionId: undefined, code: 1006 },
    { transport: 'websocket', remoteAddress: '127.0.0.1', durationMs: 40, sessionId, code: 1006 },
  ])
  expect(told.sessions).toEqual([])
  await client.close()
  await lab.clock.advance(1_010)
  expect(told.sessions).toEqual([
    { sessionId, identity: null, durationMs: expect.any(Number), reason: 'its client did not come back in time' },
  ])
})

test('what a hook throws goes to onError, now or later, and changes nothing', async () => {
  const { told, hooks } = keeping()
  const failing: ServerHooks = {
    onCall: () => {
      throw new Error('now')
    },
    onJoin: async () => {
      throw new Error('later')
    },
  }
  const lab = await startLab({ server: { hooks: [failing, hooks] } })
  const client = lab.client()
  expect(await client.call.echo('x')).toBe('x')
  await client.join.hall({ id: '1' }).ready
  await eventually(() => lab.errors.length === 2, 'both are told')
  const { id: sessionId } = lab.session()
  expect(lab.errors).toMatchObject([
    { error: { message: 'now' }, info: { where: 'hooks.onCall', sessionId } },
    { error: { message: 'later' }, info: { where: 'hooks.onJoin', sessionId } },
  ])
  expect([told.calls.length, told.joins.length]).toEqual([1, 1])
})

test('hooks keep their `this`', async () => {
  class Counter implements ServerHooks {
    calls = 0
    onCall() {
      this.calls++
    }
  }
  const counter = new Counter()
  const lab = await startLab({ server: { hooks: counter } })
  await lab.client().call.echo('x')
  expect(counter.calls).toBe(1)
})

test.each([
  ['a call', 'onCall'],
  ['an ack', 'onAck'],
] as const)('without its hook the clock is not asked for %s', async (what, hook) => {
  const asked = async (hooks: ServerHooks) => {
    const lab = await startLab({ server: { hooks } })
    const client = lab.client()
    client.on.ask(() => ({ yes: true }))
    await client.call.echo('x')
    const { clock } = lab
    const session = lab.session()
    let reads = 0
    const { now } = clock
    Object.assign(clock, { now: () => (reads++, now()) })
    if (what === 'a call') await client.call.echo('x')
    else await session.emitWithAck.ask({ text: 'x' })
    Object.assign(clock, { now })
    return reads
  }
  const without = await asked({ onJoin: () => {} })
  expect(await asked({ [hook]: () => {} })).toBe(without + 2)
})
