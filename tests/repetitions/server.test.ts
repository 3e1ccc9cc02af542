import { createMemoryBroker } from '@typewire/server'
import { createDelayingBroker } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { keptBeyondWindowMs } from '../../packages/server/src/dispatch/idempotent-calls.ts'
import { maxKeptLength } from '../../packages/server/src/dispatch/kept-outcome.ts'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startNode } from './stage.ts'

failOnUnhandledRejections()

const call = (id: number, name: string, payload: unknown, again?: unknown) =>
  again === undefined ? [17, id, name, 0, payload] : [17, id, name, { again }, payload]

describe('CA-11: a call that is offered again', () => {
  test.each(['add', 'admin/add', 'nothing', 'constructor', 'no/such', '$join', '$open', '$nothing'])(
    'of %s is answered SESSION_LOST, and runs nothing',
    async (name) => {
      const { peer, runs, errors } = await startNode()
      const one = await peer()
      one.send(call(7, name, 'x', 3))
      expect((await one.read()).slice(0, 3)).toEqual([19, 7, 'SESSION_LOST'])
      expect([runs, errors]).toEqual([[], []])
    },
  )

  test.each(['x', 0, -1, 1.5, null, true, [1], 2 ** 53])('FR-6: with %j as `again` is none', async (again) => {
    const { peer, runs } = await startNode()
    const one = await peer()
    one.send(call(1, 'put', 'a'), call(2, 'add', 'x', again), call(3, 'put', 'a', again))
    expect(await one.read()).toEqual([18, 1, 'put a: 1'])
    expect(await one.read()).toEqual([18, 2, 'add x: 1'])
    expect(await one.read()).toEqual([18, 3, 'put a: 2'])
    expect(runs).toHaveLength(3)
  })

  test('is answered so before anything else is refused, and takes no place of those that run (LM-2)', async () => {
    const { peer } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(...Array.from({ length: 1_024 }, (_, n) => call(n + 1, 'add', `${n}`)))
    one.send(call(2_000, 'add', 'x', 3), call(2_001, 'add', 'x'))
    expect((await one.read()).slice(0, 3)).toEqual([19, 2_000, 'SESSION_LOST'])
    expect((await one.read()).slice(0, 3)).toEqual([19, 2_001, 'OVERLOADED'])
  })
})

describe('CA-12: what was answered', () => {
  test('is answered again, and nothing runs, in another session and in the same', async () => {
    const { peer, lose, runs } = await startNode()
    const one = await peer()
    one.send(call(3, 'put', 'a'))
    expect(await one.read()).toEqual([18, 3, 'put a: 1'])
    one.send(call(4, 'put', 'a', 3))
    expect(await one.read()).toEqual([18, 4, 'put a: 1'])
    await lose(one)
    const two = await peer()
    two.send(call(3, 'put', 'a', 3), call(9, 'put', 'a', 3))
    expect([await two.read(), await two.read()]).toEqual([
      [18, 3, 'put a: 1'],
      [18, 9, 'put a: 1'],
    ])
    expect(runs).toEqual(['put a'])
  })

  test('is an error of the contract, with its data', async () => {
    const { peer, lose, runs } = await startNode()
    const one = await peer()
    one.send(call(1, 'put', 'TAKEN'))
    const answer = [19, 1, 'TAKEN', 'put answered TAKEN.', 0, { by: 'run 1' }]
    expect(await one.read()).toEqual(answer)
    await lose(one)
    const two = await peer()
    two.send(call(1, 'put', 'TAKEN', 1))
    expect(await two.read()).toEqual(answer)
    expect(runs).toHaveLength(1)
  })

  test.each([
    ['INTERNAL', 'broken', 2, ['incident']],
    ['INVALID_INPUT', 5, 0, ['issues']],
  ])('is not %s: that runs again, and says what it did', async (code, input, times, members) => {
    const { peer, lose, runs } = await startNode()
    const one = await peer()
    one.send(call(1, 'put', input))
    expect((await one.read()).slice(0, 3)).toEqual([19, 1, code])
    await lose(one)
    const two = await peer()
    two.send(call(1, 'put', input, 1))
    const [, , told, , options] = await two.read()
    expect([told, Object.keys(options as object)]).toEqual([code, members])
    expect(runs).toHaveLength(times)
  })

  test('is no time-out: that runs again', async () => {
    const { peer, lose, clock, begun } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    const { signal } = await begun(0)
    await clock.advance(30_010)
    expect((await one.read()).slice(0, 3)).toEqual([19, 1, 'TIMED_OUT'])
    expect(signal.aborted).toBe(true)
    await lose(one)
    const two = await peer()
    two.send(call(1, 'put', 'a', 1))
    const second = await begun(1)
    second.end()
    expect(await two.read()).toEqual([18, 1, 'put a: 2'])
  })

  test('holds bytes, and all other types', async () => {
    const { peer, lose, runs } = await startNode()
    const one = await peer()
    const bytes = [new Uint8Array([1, 255]), new Uint8Array([])]
    one.sendWithParts(
      [
        17,
        1,
        'carry',
        0,
        { a: 0, b: 1, at: '1970-01-01T00:00:00.000Z' },
        { a: ['bytes'], b: ['buffer'], at: ['Date'] },
      ],
      ...bytes,
    )
    const answer = await one.read()
    await lose(one)
    const two = await peer()
    two.send(call(5, 'carry', null, 1))
    const [kind, , ...rest] = await two.read()
    expect([kind, 1, ...rest]).toEqual(answer)
    expect(two.binaryMessages.map((message) => [...message])).toEqual(
      one.binaryMessages.map((message) => withId(message, 5)),
    )
    expect(runs).toEqual(['carry'])
  })

  test('is kept where the session was over before the handler was, whatever its signal says', async () => {
    const { peer, lose, runs, begun, errors } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    const { signal, end } = await begun(0)
    await lose(one)
    expect(signal.aborted).toBe(true)
    end()
    await quiet()
    const two = await peer()
    two.send(call(1, 'put', 'a', 1))
    expect(await two.read()).toEqual([18, 1, 'put a: 1'])
    expect([runs, errors]).toEqual([['put a'], []])
  })

  test('is kept for the time of a session without a connection and a minute, and no longer', async () => {
    const { peer, clock, runs } = await startNode({ windowMs: 10_000 })
    const one = await peer()
    const again = async (id: number, times: number) => {
      one.send(call(id, 'put', 'a', 1))
      expect(await one.read()).toEqual([18, id, `put a: ${times}`])
    }
    one.send(call(1, 'put', 'a'))
    await one.read()
    await clock.advance(10_000 + keptBeyondWindowMs - 1)
    await again(2, 1)
    await clock.advance(1)
    await again(3, 2)
    expect(runs).toHaveLength(2)
  })

  test('is kept up to a length, and not beyond', async () => {
    const { peer, runs } = await startNode()
    const one = await peer()
    const around = JSON.stringify({ text: ',""', parts: [] }).length
    const fits = 'x'.repeat(maxKeptLength - around)
    one.send(call(1, 'carry', fits), call(2, 'carry', `${fits}x`))
    await one.readKind(18)
    await one.readKind(18)
    one.send(call(3, 'carry', null, 1), call(4, 'carry', null, 2))
    const [, , kept] = await one.readKind(18)
    expect(kept === fits).toBe(true)
    expect(await one.readKind(18)).toEqual([18, 4, null])
    expect(runs).toHaveLength(3)
  })

  test.each([
    ['another identity', { auth: 'bob' }, 'put', 1],
    ['nobody in particular', {}, 'put', 1],
    ['another client object', { auth: 'ada', instance: 'j' }, 'put', 1],
    ['another name', { auth: 'ada' }, 'set', 1],
    ['another id', { auth: 'ada' }, 'put', 2],
  ])('is not what %s is answered', async (_, hello, name, again) => {
    const { peer, lose, runs } = await startNode()
    const one = await peer({ auth: 'ada' })
    one.send(call(1, 'put', 'a'))
    await one.read()
    await lose(one)
    const two = await peer(hello)
    two.send(call(5, name, 'a', again))
    expect((await two.read())[0]).toBe(18)
    expect(runs).toHaveLength(2)
  })

  test('is of the identity that the client has in the namespace', async () => {
    const { peer, runs } = await startNode()
    const open = async (namespace: string, auth?: string) => {
      const made = await peer()
      made.send([17, 1, '$open', 0, { namespace, auth }])
      await made.read()
      return made
    }
    const one = await open('admin', 'ada')
    one.send(call(2, 'admin/put', 'a'))
    expect(await one.read()).toEqual([18, 2, 'admin/put a: 1'])
    const two = await open('admin', 'bob')
    two.send(call(2, 'admin/put', 'a', 2))
    expect(await two.read()).toEqual([18, 2, 'admin/put a: 2'])
    const three = await open('admin', 'ada')
    three.send(call(2, 'admin/put', 'a', 2))
    expect(await three.read()).toEqual([18, 2, 'admin/put a: 1'])
    const four = await peer()
    four.send(call(2, 'admin/put', 'a', 2))
    expect((await four.read()).slice(0, 3)).toEqual([19, 2, 'FORBIDDEN'])
    expect(runs).toHaveLength(2)
  })

  test('is what the last call of an id was answered, where a client uses one twice without offering it', async () => {
    const { peer, lose, runs } = await startNode()
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    await one.read()
    await lose(one)
    const two = await peer()
    two.send(call(1, 'put', 'b'))
    expect(await two.read()).toEqual([18, 1, 'put b: 1'])
    expect(runs).toEqual(['put a', 'put b'])
  })
})

describe('CA-12: while a call still runs', () => {
  test('its repetition waits for its outcome, and the handler is not told to stop', async () => {
    const { server, peer, lose, runs, begun, clock } = await startNode({ isHeld: true, windowMs: 60_000 })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    const { signal, end } = await begun(0)
    one.cut() // and its session waits
    const two = await peer()
    two.send(call(1, 'put', 'a', 1), call(2, 'put', 'a', 1))
    await quiet()
    expect(signal.aborted).toBe(false)
    two.send([23, 2]) // one of them is given up
    end()
    expect(await two.read()).toEqual([18, 1, 'put a: 1'])
    await lose(two).catch(() => {})
    expect(runs).toEqual(['put a'])
    await clock.advance(61_000)
    expect([...server.sessions]).toEqual([])
  })

  test('and its session ends, it is told to stop when nobody waits, and the repetition runs if it does', async () => {
    const { peer, lose, runs, begun, errors } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    const { signal, fail } = await begun(0)
    await lose(one)
    expect(signal.aborted).toBe(true)
    const two = await peer()
    two.send(call(1, 'put', 'a', 1))
    await quiet()
    expect(runs).toHaveLength(1) // not beside it
    fail(signal.reason)
    const second = await begun(1)
    expect(second.signal.aborted).toBe(false)
    second.end()
    expect(await two.read()).toEqual([18, 1, 'put a: 2'])
    expect(errors).toEqual([])
  })

  test('and fails because it was told to stop, the repetition runs all the same', async () => {
    const { peer, lose, begun, errors } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    const { fail } = await begun(0)
    await lose(one)
    const two = await peer()
    two.send(call(1, 'put', 'a', 1))
    await quiet()
    fail(new Error('the query was cancelled'))
    const second = await begun(1)
    second.end()
    expect(await two.read()).toEqual([18, 1, 'put a: 2'])
    expect(errors.map(String)).toEqual(['Error: the query was cancelled'])
  })

  test('the time limit is that of the run', async () => {
    const { peer, lose, clock, begun, runs } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    await begun(0)
    await lose(one)
    await clock.advance(20_000)
    const two = await peer()
    two.send(call(1, 'put', 'a', 1))
    await quiet()
    await clock.advance(10_010)
    expect((await two.read()).slice(0, 3)).toEqual([19, 1, 'TIMED_OUT'])
    expect(runs).toHaveLength(1)
  })

  test('CA-5: the cancel of the last who waits tells the handler to stop', async () => {
    const { peer, begun } = await startNode({ isHeld: true })
    const one = await peer()
    one.send(call(1, 'put', 'a'), call(2, 'put', 'a', 1))
    const { signal } = await begun(0)
    one.send([23, 1], [4, 0, 0])
    await one.readKind(5)
    expect(signal.aborted).toBe(false)
    one.send([23, 2], [4, 0, 0])
    await one.readKind(5)
    expect(signal.aborted).toBe(true)
    expect((signal.reason as Error).message).toBe('The caller gave up.')
  })

  test('NS-5: and its namespace is closed, it is told to stop, and nobody waits for its answer', async () => {
    const { server, peer, begun } = await startNode({ isHeld: true })
    const one = await peer()
    one.send([17, 1, '$open', 0, { namespace: 'admin', auth: 'ada' }])
    await one.read()
    one.send(call(2, 'admin/put', 'a'))
    const { signal } = await begun(0)
    for (const session of server.ns.admin.sessions) session.close('dismissed')
    expect((await one.read()).slice(0, 3)).toEqual([30, 'admin', 'dismissed'])
    expect(signal.aborted).toBe(true)
  })
})

describe('CA-12: over several nodes', () => {
  test.each([
    ['the memory broker', () => createMemoryBroker()],
    ['a broker that takes its time', () => createDelayingBroker({ inner: createMemoryBroker(), seed: 1 })],
  ])('another node answers from what one has kept, by %s', async (_, create) => {
    const broker = create()
    const [here, there] = [await startNode({ broker }), await startNode({ broker })]
    const one = await here.peer()
    one.send(call(1, 'put', 'a'))
    await one.read()
    await quiet()
    await here.listening.close({ drainMs: 0 })
    const two = await there.peer()
    two.send(call(1, 'put', 'a', 1), call(2, 'add', 'a', 2))
    const answers = [await two.read(), await two.read()].sort(([, a], [, b]) => Number(a) - Number(b))
    expect(answers.map((frame) => frame.slice(0, 3))).toEqual([
      [18, 1, 'put a: 1'],
      [19, 2, 'SESSION_LOST'],
    ])
    expect([here.runs, there.runs]).toEqual([['put a'], []])
  })

  test('what a caller without a network was answered is not kept: nobody can ask for it again', async () => {
    const kept: string[] = []
    const fault = ({ name }: { readonly name: string }) => {
      if (name === 'keepResult') kept.push(name)
      return 'pass' as const
    }
    const broker = createDelayingBroker({ inner: createMemoryBroker(), seed: 1, fault })
    const { server, runs } = await startNode({ broker })
    expect(await server.caller({ identity: 'ada' }).call.put('a')).toBe('put a: 1')
    expect(runs).toEqual(['put a'])
    expect(kept).toEqual([])
  })

  test('it runs where the broker fails, and the server is told', async () => {
    const fault = ({ name }: { readonly name: string }) =>
      name === 'result' || name === 'keepResult' ? 'fail' : 'pass'
    const broker = createDelayingBroker({ inner: createMemoryBroker(), seed: 1, fault })
    const { peer, runs, errors } = await startNode({ broker })
    const one = await peer()
    one.send(call(1, 'put', 'a'))
    expect(await one.read()).toEqual([18, 1, 'put a: 1'])
    one.send(call(2, 'put', 'a', 1))
    expect(await one.read()).toEqual([18, 2, 'put a: 2'])
    expect(runs).toHaveLength(2)
    await eventually(() => errors.length === 3, 'all of it is told')
  })

  test('it runs where the broker does not answer, in time', async () => {
    const fault = ({ name }: { readonly name: string }) => (name === 'result' ? 'hang' : 'pass')
    const broker = createDelayingBroker({ inner: createMemoryBroker(), seed: 1, fault })
    const { peer, clock } = await startNode({ broker })
    const one = await peer()
    one.send(call(2, 'put', 'a', 1))
    await quiet()
    expect(one.unread).toEqual([])
    await clock.advance(10_010)
    expect(await one.read()).toEqual([18, 2, 'put a: 1'])
  })

  test('who gives up while the broker is asked has nothing run', async () => {
    let release = () => {}
    const fault = ({ name }: { readonly name: string }) =>
      name === 'result' ? new Promise<'pass'>((resolve) => (release = () => resolve('pass'))) : ('pass' as const)
    const broker = createDelayingBroker({ inner: createMemoryBroker(), seed: 1, fault })
    const { peer, lose, runs } = await startNode({ broker })
    const one = await peer()
    one.send(call(2, 'put', 'a', 1))
    await quiet()
    await lose(one)
    release()
    await quiet()
    expect(runs).toEqual([])
    const two = await peer()
    two.send(call(3, 'put', 'a', 1))
    await quiet()
    release()
    expect(await two.read()).toEqual([18, 3, 'put a: 1'])
  })
})

/** The same container with another id in its frame `[18,1,…]`. */
function withId(message: Uint8Array, id: number): readonly number[] {
  const copy = [...message]
  copy[copy.indexOf(','.charCodeAt(0)) + 1] = `${id}`.charCodeAt(0)
  return copy
}
