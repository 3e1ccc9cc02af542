import { getEventListeners } from 'node:events'
import { createClient } from '@typewire/client'
import { defineContract, procedure, type Schema } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type Lab, lab as contract } from '../support/contract.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, rawServer } from './clients.ts'

failOnUnhandledRejections()

const code = (reason: unknown) => (reason as { code?: string }).code
const thrownBy = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

describe('abort', () => {
  test('before: nothing is sent, and nothing connects', async () => {
    const server = await rawServer()
    const client = server.client()
    const signal = AbortSignal.abort(new Error('mine'))
    const cause = expect.objectContaining({ message: 'mine' }) as Error
    await expect(client.call.echo('x', { signal })).rejects.toMatchObject({ code: 'ABORTED', origin: 'echo', cause })
    await expect(client.emitWithAck.save({ n: 1 }, { signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await client.try.echo('x', { signal })).toMatchObject({ ok: false, error: { code: 'ABORTED' } })
    const hall = client.join.hall({ id: 'h' }, { signal })
    await expect(hall.ready).rejects.toMatchObject({ code: 'ABORTED' })
    expect(hall.status.current).toMatchObject({ state: 'left', by: 'handle', reason: { code: 'ABORTED' } })
    const peer = await Promise.race([server.accept(), quiet().then(() => undefined)])
    const { unread } = peer ?? { unread: [] }
    expect(unread.filter(([kind]) => kind !== frames.hello.kind)).toEqual([])
  })

  test('while: rejects at once, the server is told once, and a late answer is nothing', async () => {
    const server = await rawServer()
    const client = server.client()
    const controller = new AbortController()
    const answer = client.call.echo('x', { signal: controller.signal })
    const peer = await server.welcome()
    await peer.read()
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await peer.read()).toEqual([frames.cancel.kind, 1])
    peer.send([frames.result.kind, 1, 'late'])
    controller.abort()
    await quiet()
    expect(peer.unread).toEqual([])
    expect(client.status.current.state).toBe('open')
  })

  test('while it waits for the connection: it is never sent (SQ-5)', async () => {
    const server = await rawServer()
    const client = server.client()
    const controller = new AbortController()
    const answer = client.call.echo('x', { signal: controller.signal })
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'ABORTED' })
    const peer = await server.welcome()
    await quiet()
    expect(peer.unread.filter(([kind]) => kind !== frames.noop.kind)).toEqual([])
  })

  test('leaves no listener on a signal once it is over, whatever became of it', async () => {
    const lab = await startLab({ handlers: { rooms: { hall: { authorize: ({ params }) => params.id !== 'no' } } } })
    const client = lab.client()
    const { signal } = new AbortController()
    await client.connect({ signal })
    await client.call.echo('x', { signal })
    await client.call.echo(1 as never, { signal }).catch(() => {})
    await client.call.carry(() => {}, { signal }).catch(() => {})
    await client.emitWithAck.save({ n: 1 }, { signal, timeoutMs: 1_000 })
    const [hall, denied] = [client.join.hall({ id: 'h' }, { signal }), client.join.hall({ id: 'no' }, { signal })]
    await hall.ready
    await denied.ready.catch(() => {})
    await hall.emitWithAck.vote({ text: 'x' }, { signal }).catch(() => {})
    hall.leave()
    client.on.notice(() => {}, { signal })()
    const call = settled(client.call.echo('x', { signal }), 'the last call')
    await client.close()
    await call
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(client.clock.pending).toBe(0)
  })

  test('after: does nothing', async () => {
    const lab = await startLab()
    const client = lab.client()
    const controller = new AbortController()
    expect(await client.call.echo('x', { signal: controller.signal })).toBe('x')
    controller.abort()
    expect(await client.call.echo('y')).toBe('y')
  })
})

describe('timeoutMs', () => {
  test('travels with the call, and rejects TIMED_OUT on this side too', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = settled(client.call.echo('x', { timeoutMs: 1_000 }), 'the call')
    const peer = await server.welcome()
    expect(await peer.read()).toEqual([frames.call.kind, 1, 'echo', { timeoutMs: 1_000 }, 'x'])
    await client.clock.advance(999)
    expect(client.clock.pending).toBeGreaterThan(0)
    await client.clock.advance(10)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', origin: 'echo' } })
    expect(await peer.read()).toEqual([frames.cancel.kind, 1])
    expect(client.clock.pending).toBe(0)
  })

  test('of the client is the default, which a call may change', async () => {
    const server = await rawServer()
    const client = server.client({ timeoutMs: 2_000 })
    const sent = [
      settled(client.call.echo('1'), '1'),
      settled(client.call.echo('2', { timeoutMs: 500 }), '2'),
      settled(client.emitWithAck.save({ n: 3 }), '3'),
    ]
    const peer = await server.welcome()
    expect([await peer.read(), await peer.read(), await peer.read()].map((frame) => frame[3])).toEqual([
      { timeoutMs: 2_000 },
      { timeoutMs: 500 },
      { timeoutMs: 2_000 },
    ])
    await client.close()
    expect((await Promise.all(sent)).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  test('that is undefined in the options of a call leaves the default in force', async () => {
    const server = await rawServer()
    const client = server.client({ timeoutMs: 2_000 })
    const answer = settled(client.call.echo('x', { timeoutMs: undefined }), 'the call')
    const ack = settled(client.emitWithAck.save({ n: 1 }, { timeoutMs: undefined }), 'the ack')
    const hall = client.join.hall({ id: 'h' }, { timeoutMs: undefined })
    const vote = settled(hall.emitWithAck.vote({ text: 'x' }, { timeoutMs: undefined }), 'the vote')
    await client.clock.advance(2_010)
    for (const result of [answer, ack, vote]) expect(await result).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    await expect(hall.ready).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })

  test('passes also while there is no connection', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = settled(client.call.echo('x', { timeoutMs: 1_000 }), 'the call')
    ;(await server.accept()).cut()
    await is(client, 'waiting')
    await client.clock.advance(1_010)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT' } })
  })

  test('infinite means none: the call works, and is bounded by the server alone', async () => {
    const lab = await startLab()
    const client = lab.client()
    expect(await client.call.echo('x', { timeoutMs: Number.POSITIVE_INFINITY })).toBe('x')
    expect(await client.emitWithAck.save({ n: 1 }, { timeoutMs: Number.POSITIVE_INFINITY })).toEqual({ saved: 1 })
    await client.join.hall({ id: 'h' }, { timeoutMs: Number.POSITIVE_INFINITY }).ready
  })

  test.each([Number.NaN, -1, 0, '1000', '1},"x",{"a":1', {}])(
    'of %j is refused where it is given, and harms no other call',
    async (timeoutMs) => {
      const lab = await startLab({ handlers: { procedures: { work: () => new Promise(() => {}) } } })
      const client = lab.client()
      await client.connect()
      const other = settled(client.call.work({ n: 1 }), 'the other call')
      const { id } = lab.session()
      const options = { timeoutMs: timeoutMs as number }
      // Misuse, or a limit that has passed already.
      const refusals = /^(RangeError|TypeError|TIMED_OUT|INVALID_INPUT)\b/
      for (const ask of [
        () => client.call.echo('x', options),
        () => client.emitWithAck.save({ n: 1 }, options),
        () => client.join.hall({ id: 'h' }, options).ready,
      ]) {
        const asked = settled((async () => ask())(), 'what was asked')
        await client.clock.advance(10)
        const result = await asked
        const reason: unknown = result.status === 'rejected' ? result.reason : new Error('was not refused')
        expect(code(reason) ?? String(reason)).toMatch(refusals)
      }
      expect(await client.call.echo('y')).toBe('y')
      expect(lab.session().id).toBe(id)
      await client.close()
      expect(await other).toMatchObject({ reason: { code: 'CLOSED' } })
    },
  )

  test('nothing hangs: a call of no limit settles where the server never answers', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = settled(client.call.echo('x'), 'the call')
    const peer = await server.welcome()
    await peer.read()
    await client.clock.advance(3_600_000)
    expect((await answer).status).toBe('rejected')
  })

  test('nothing hangs: a call of no limit settles where no server is ever reached', async () => {
    const server = await rawServer()
    const client = server.client({ reconnect: { random: () => 0.5, minDelayMs: 60_000, maxDelayMs: 600_000 } })
    const answer = settled(client.call.echo('x'), 'the call')
    await server.close()
    for (let i = 0; i < 10; i++) {
      await is(client, 'waiting')
      await client.clock.advance(300_000)
    }
    expect((await answer).status).toBe('rejected')
  })
})

describe('TOO_LARGE', () => {
  const limit = 4_096
  const frameBytes = (text: string) => new TextEncoder().encode(`[[17,1,"echo",0,${JSON.stringify(text)}]]`).length

  test.each(['x', 'é', '漢', '🙂'])(
    'a call of as many bytes as the server takes is sent, one more is not: %s',
    async (char) => {
      const lab = await startLab({ server: { maxMessageBytes: limit } })
      const client = lab.client()
      await client.connect()
      const { id } = lab.session()
      const size = new TextEncoder().encode(char).length
      const left = limit - frameBytes('')
      const text = char.repeat(Math.floor(left / size)) + 'x'.repeat(left % size)
      expect(frameBytes(text)).toBe(limit)
      expect(await client.call.echo(text)).toBe(text)
      await expect(client.call.echo(`${text}x`)).rejects.toMatchObject({ code: 'TOO_LARGE', origin: 'echo' })
      expect(code(thrownBy(() => client.emit.note({ n: text } as never)))).toBe('TOO_LARGE')
      const handle = client.join.hall({ id: text })
      await expect(handle.ready).rejects.toMatchObject({ code: 'TOO_LARGE' })
      expect(lab.session().id).toBe(id)
    },
  )

  test('also where it was given before the server said what it takes: the connection and the rest live', async () => {
    const lab = await startLab({ server: { maxMessageBytes: limit } })
    const client = lab.client()
    const large = settled(client.call.echo('x'.repeat(limit)), 'the large call')
    const small = settled(client.call.echo('small'), 'the small call')
    expect(await small).toEqual({ status: 'fulfilled', value: 'small' })
    expect(await large).toMatchObject({ reason: { code: 'TOO_LARGE' } })
  })

  test('into a room before it is joined throws at its caller, and the join lives', async () => {
    const lab = await startLab({ server: { maxMessageBytes: limit } })
    const client = lab.client()
    await client.connect()
    const hall = client.join.hall({ id: 'h' })
    const said: string[] = []
    hall.on.said(({ text }) => void said.push(text))
    expect(code(thrownBy(() => hall.emit.say({ text: 'x'.repeat(limit) })))).toBe('TOO_LARGE')
    hall.emit.say({ text: 'small' })
    await hall.ready
    await eventually(() => said.length === 1, 'the small one comes back')
    expect(hall.status.current).toEqual({ state: 'joined' })
  })

  test('into a room before the server said what it takes: it is told, the join and the rest live', async () => {
    const lab = await startLab({ server: { maxMessageBytes: limit } })
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' })
    const said: string[] = []
    hall.on.said(({ text }) => void said.push(text))
    hall.emit.say({ text: 'x'.repeat(limit) })
    hall.emit.say({ text: 'small' })
    await settled(hall.ready, 'the join')
    expect(hall.status.current).toEqual({ state: 'joined' })
    await eventually(() => said.length === 1, 'the small one comes back')
    expect(said).toEqual(['small'])
    expect(client.errors).toEqual([expect.objectContaining({ code: 'TOO_LARGE' })])
  })
})

describe('OVERLOADED', () => {
  test('10,000 calls may wait for answers, and one more may not', async () => {
    const server = await rawServer()
    const client = server.client()
    const calls = Array.from({ length: 10_000 }, (_, n) => client.call.echo(`${n}`))
    const settles = Promise.allSettled(calls)
    await expect(client.call.echo('more')).rejects.toMatchObject({ code: 'OVERLOADED', origin: 'echo' })
    const hall = client.join.hall({ id: 'h' })
    await expect(hall.ready).rejects.toMatchObject({ code: 'OVERLOADED' })
    await client.close()
    const results = await settles
    expect(results.every((result) => result.status === 'rejected' && code(result.reason) === 'CLOSED')).toBe(true)
  })

  test('4 MiB may wait to be sent, and what is more throws; nothing that was queued is lost', async () => {
    const server = await rawServer()
    const client = server.client()
    const text = 'x'.repeat(100_000)
    let queued = 0
    let refused: unknown
    while (refused === undefined && queued < 100) {
      refused = thrownBy(() => client.emit.note({ text, n: queued } as never))
      if (refused === undefined) queued++
    }
    expect(code(refused)).toBe('OVERLOADED')
    expect(queued).toBe(Math.floor(4_194_304 / 100_040))
    await expect(client.call.echo(text)).rejects.toMatchObject({ code: 'OVERLOADED' })
    const peer = await server.welcome()
    for (let n = 0; n < queued; n++) expect((await peer.read())[4]).toMatchObject({ n })
    // Still not acknowledged: the server may ask for it again.
    expect(code(thrownBy(() => client.emit.note({ text, n: 0 } as never)))).toBe('OVERLOADED')
    peer.send([frames.ack.kind, queued])
    await eventually(() => thrownBy(() => client.emit.note({ n: 1 })) === undefined, 'there is room again')
  })

  test('events that wait for a join count like the rest: what is more throws, and the join lives', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const text = 'x'.repeat(100_000)
    let queued = 0
    let refused: unknown
    while (refused === undefined && queued < 100) {
      refused = thrownBy(() => hall.emit.say({ text }))
      if (refused === undefined) queued++
    }
    expect(code(refused)).toBe('OVERLOADED')
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, { room: 7 }])
    await settled(hall.ready, 'the join')
    expect(hall.status.current).toEqual({ state: 'joined' })
    for (let n = 0; n < queued; n++) expect((await peer.read())[0]).toBe(frames.roomEvent.kind)
  })

  test('1,000 events may wait for a join, and one more may not', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    for (let n = 0; n < 1_000; n++) hall.emit.say({ text: `${n}` })
    expect(code(thrownBy(() => hall.emit.say({ text: 'more' })))).toBe('OVERLOADED')
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([frames.result.kind, id, { room: 7 }])
    for (let n = 0; n < 1_000; n++)
      expect(await peer.read()).toEqual([frames.roomEvent.kind, 0, 7, 'say', 0, { text: `${n}` }])
  })
})

describe('local validation, with `contract`', () => {
  async function validating() {
    const lab = await startLab()
    return { lab, client: lab.client({ contract }) }
  }

  test('refuses what does not match before anything is sent, or connected', async () => {
    const { client } = await validating()
    const wrong = { n: 'one' } as unknown as { n: number }
    const invalid = { code: 'INVALID_INPUT', issues: [{ path: ['n'], message: expect.any(String) }] }
    await expect(client.call.work(wrong)).rejects.toMatchObject({ ...invalid, origin: 'work' })
    expect(await client.try.work(wrong)).toMatchObject({ ok: false, error: invalid })
    await expect(client.emitWithAck.save(wrong)).rejects.toMatchObject(invalid)
    expect(thrownBy(() => client.emit.note(wrong))).toMatchObject(invalid)
    const hall = client.join.hall({ id: 1 } as unknown as { id: string })
    await expect(hall.ready).rejects.toMatchObject({ code: 'INVALID_INPUT', origin: 'hall' })
    expect(hall.status.current).toMatchObject({ state: 'denied' })
    expect(client.status.current).toEqual({ state: 'idle' })
  })

  test('refuses names that the contract does not have', async () => {
    const { client } = await validating()
    const loosely = (verbs: object) => verbs as Readonly<Record<string, (payload?: unknown) => unknown>>
    await expect(loosely(client.call)['nope']!()).rejects.toMatchObject({ code: 'NOT_FOUND', origin: 'nope' })
    expect(thrownBy(() => loosely(client.emit)['nope']!())).toMatchObject({ code: 'NOT_FOUND' })
    const handle = loosely(client.join)['nope']!({}) as { ready: Promise<void> }
    await expect(handle.ready).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(client.status.current).toEqual({ state: 'idle' })
  })

  test('of events into a room', async () => {
    const { client } = await validating()
    const hall = client.join.hall({ id: 'h' })
    await hall.ready
    const wrong = { text: 1 } as unknown as { text: string }
    expect(thrownBy(() => hall.emit.say(wrong))).toMatchObject({ code: 'INVALID_INPUT', origin: 'say' })
    await expect(hall.emitWithAck.vote(wrong)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await hall.emitWithAck.vote({ text: 'yes' })).toEqual({ count: 1 })
  })

  test('throws its own result away: what was given is sent, and read once, by the server', async () => {
    let parsed = 0
    const trimmed = z.string().transform((text) => (parsed++, `<${text}>`))
    const once = defineContract({ procedures: { echo: procedure({ input: trimmed, output: z.string() }) } })
    const server = await rawServer()
    const client = createClient<typeof once>({ url: server.url, contract: once })
    onTestFinished(() => client.close())
    const answer = client.call.echo('x')
    const peer = await server.welcome()
    expect(await peer.read()).toEqual([frames.call.kind, 1, 'echo', 0, 'x'])
    expect(parsed).toBe(1)
    peer.send([frames.result.kind, 1, 'y'])
    expect(await answer).toBe('y')
  })

  test.each<[string, () => unknown]>([
    ['answers with a promise', () => Promise.resolve({ issues: [{ message: 'no' }] })],
    ['answers with a promise that rejects', () => Promise.reject(new Error('no'))],
  ])('leaves to the server what a schema %s', async (_, validate) => {
    const slow: Schema<string, string> = { '~standard': { version: 1, vendor: 'test', validate } }
    const asynchronous = defineContract({ procedures: { echo: procedure({ input: slow, output: z.string() }) } })
    const server = await rawServer()
    const client = createClient<typeof asynchronous>({ url: server.url, contract: asynchronous })
    onTestFinished(() => client.close())
    const answer = client.call.echo('x')
    const peer = await server.welcome()
    expect((await peer.read())[4]).toBe('x')
    peer.send([frames.result.kind, 1, 'y'])
    expect(await answer).toBe('y')
  })

  test('try settles also where a schema throws by itself', async () => {
    const throws = () => {
      throw new Error('fault')
    }
    const faulty: Schema<string, string> = { '~standard': { version: 1, vendor: 'test', validate: throws } }
    const withFault = defineContract({ procedures: { echo: procedure({ input: faulty }) } })
    const server = await rawServer()
    const client = createClient<typeof withFault>({ url: server.url, contract: withFault })
    onTestFinished(() => client.close())
    expect(await client.try.echo('x')).toMatchObject({ ok: false, error: { code: 'INTERNAL', origin: 'echo' } })
  })
})

describe('what cannot travel', () => {
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  test.each<[string, unknown]>([
    ['a cycle', cycle],
    ['a function', () => {}],
    ['a function inside', { f: () => {} }],
    ['a symbol', Symbol('x')],
  ])('%s: INVALID_INPUT, before anything is sent', async (_, value) => {
    const server = await rawServer()
    const client = server.client()
    await expect(client.call.carry(value)).rejects.toMatchObject({ code: 'INVALID_INPUT', origin: 'carry' })
    expect(code(thrownBy(() => client.emit.note(value as Parameters<typeof client.emit.note>[0])))).toBe(
      'INVALID_INPUT',
    )
    await expect(client.join.hall(value as { id: string }).ready).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(client.status.current).toEqual({ state: 'idle' })
  })

  test('rich values travel both ways as they are', async () => {
    const lab = await startLab()
    const client = lab.client()
    const value = {
      at: new Date(5),
      big: 2n ** 70n,
      not: undefined,
      numbers: [Number.NaN, Number.NEGATIVE_INFINITY, -0],
      set: new Set([1, new Date(6)]),
      map: new Map<unknown, unknown>([
        [{ a: 1 }, 'x'],
        ['k', new Set([1n])],
      ]),
      url: new URL('https://example.com/a?b'),
      'a.b\\c': new Date(7),
    }
    expect(await client.call.carry(value)).toEqual(value)
  })

  type Carries = Lab['procedures']['carry']
  test.each<[string, Carries['~input']]>([
    ['undefined', undefined],
    ['null', null],
    ['false', false],
    ['an empty string', ''],
    ['0', 0],
  ])('%s travels as itself', async (_, value) => {
    const lab = await startLab()
    expect(await lab.client().call.carry(value)).toBe(value)
  })
})
