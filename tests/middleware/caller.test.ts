import { isErrorOf } from '@typewire/core'
import { createServer } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { eventually, settled } from '../support/eventually.ts'
import { type LabHandlers, startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { shop, startShop } from './stage.ts'

failOnUnhandledRejections()

const nobody = { identity: null }
const working = (work: LabHandlers['procedures']['work']) => startLab({ handlers: { procedures: { work } } })

test('a caller is whoever it is made as, and a namespace has its own', async () => {
  const { server } = await startShop({}, () => ({
    procedures: { echo: ({ input, ctx, session }) => `${ctx.identity} ${session.identity} says ${input}` },
    admin: { procedures: { ban: ({ input, ctx }) => `${ctx.identity} bans ${input}` } },
  }))
  expect(await server.caller({ identity: 'ada' }).call.echo(' hi ')).toBe('ada ada says hi')
  expect(await server.ns.admin.caller({ identity: 'bob' }).call.ban('eve')).toBe('bob bans eve')
  expect([...server.sessions]).toEqual([])
})

test('its calls go through the same middleware', async () => {
  const seen: unknown[] = []
  const { server } = await startShop(
    { use: [({ kind, name, next }) => (seen.push([kind, name]), next())] },
    (made) => ({
      procedures: made
        .middleware(({ next }) => next({ level: 3 }))
        .procedures({ echo: ({ ctx }) => `${ctx.identity} ${ctx.level}` }),
    }),
  )
  expect(await server.caller({ identity: 'ada' }).call.echo('')).toBe('ada 3')
  await server.ns.admin.caller({ identity: 'ada' }).call.ban('')
  expect(seen).toEqual([
    ['call', 'echo'],
    ['call', 'admin/ban'],
  ])
})

test('there is none before implement', () => {
  const server = createServer(shop, { authenticate: () => ({ identity: 'ada' }) })
  expect(() => server.caller({ identity: 'ada' })).toThrow(
    new TypeError('caller: this server has no handlers yet. Call implement first.'),
  )
})

describe('a call without a network', () => {
  test('is read by the contract on its way in and out', async () => {
    const { server, errors } = await working(() => ({ doubled: 'x' }) as never)
    const { call } = server.caller(nobody)
    await expect(call.work({ n: 'x' } as never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      origin: 'work',
      issues: [{ path: ['n'] }],
    })
    await expect(call.work({ n: 1 })).rejects.toMatchObject({ code: 'INTERNAL', incident: expect.any(String) })
    expect(errors).toMatchObject([{ error: { code: 'INVALID_OUTPUT' }, info: { where: 'procedure work' } }])
  })

  test('gives what a client would get, and shares no object with the handler', async () => {
    const given = { at: new Date(0), bytes: new Uint8Array([1, 2]), list: [1n] }
    let got: unknown
    const { server } = await startLab({ handlers: { procedures: { carry: ({ input }) => (got = input) } } })
    const result = await server.caller(nobody).call.carry(given)
    expect(got).toEqual(given)
    expect(result).toEqual(given)
    expect([result, got]).not.toContain(given)
    expect(result).not.toBe(got)
  })

  test('refuses what cannot travel', async () => {
    const { server } = await startLab()
    const { call } = server.caller(nobody)
    await expect(call.carry(() => {})).rejects.toMatchObject({ code: 'INVALID_INPUT', origin: 'carry' })
    let deep: unknown = 1
    for (let i = 0; i < 1_000; i++) deep = [deep]
    await expect(call.carry(deep)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('masks what a handler throws, and tells its errors', async () => {
    const { server, errors } = await working(({ input, errors: { BUSY } }) => {
      if (input.n > 0) throw BUSY({ forMs: input.n })
      throw new Error('xyzzy')
    })
    const caller = server.caller(nobody)
    const busy = await settled(caller.call.work({ n: 5 }), 'the call')
    expect(busy).toMatchObject({ status: 'rejected', reason: { code: 'BUSY', data: { forMs: 5 } } })
    expect(isErrorOf(caller.call.work, (busy as PromiseRejectedResult).reason)).toBe(true)
    expect(isErrorOf(caller.call.lines, (busy as PromiseRejectedResult).reason)).toBe(false)
    expect(await caller.try.work({ n: 1 })).toMatchObject({ ok: false, error: { code: 'BUSY', data: { forMs: 1 } } })
    expect(await caller.try.work({ n: 0 })).toMatchObject({
      ok: false,
      error: { code: 'INTERNAL', message: expect.not.stringContaining('xyzzy') },
    })
    expect(errors).toMatchObject([{ error: { message: 'xyzzy' } }])
    expect(await caller.try.echo('x')).toEqual({ ok: true, data: 'x' })
  })

  test('has the time limit of the procedure, or a shorter one of its own', async () => {
    const reasons: unknown[] = []
    const never = ({ signal }: { readonly signal: AbortSignal }) =>
      new Promise<never>(() => {
        signal.addEventListener('abort', () => reasons.push((signal.reason as Error).name))
      })
    const { server, clock } = await startLab({ handlers: { procedures: { brief: never } } })
    const { call } = server.caller(nobody)
    const calls = [settled(call.brief(undefined, { timeoutMs: 50 }), 'the first'), settled(call.brief(), 'the second')]
    await clock.advance(60)
    expect(reasons).toEqual(['TimeoutError'])
    await clock.advance(1_000)
    for (const result of await Promise.all(calls)) expect(result).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    await expect(call.brief(undefined, { timeoutMs: 0 })).rejects.toThrow(RangeError)
    await expect(call.brief(undefined, { timeoutMs: '5' as never })).rejects.toThrow(
      new RangeError('brief: timeoutMs is "5". Give milliseconds above 0.'),
    )
  })

  test('ends with its signal, and so does the handler', async () => {
    let reason: unknown
    const { server } = await working(
      ({ signal }) =>
        new Promise<never>(() => {
          signal.addEventListener('abort', () => (reason = signal.reason))
        }),
    )
    const { call } = server.caller(nobody)
    const controller = new AbortController()
    const asked = call.work({ n: 1 }, { signal: controller.signal })
    controller.abort('enough')
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' })
    await eventually(() => reason !== undefined, 'the handler is told')
    await expect(call.work({ n: 1 }, { signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('has a session that nothing reaches, and that is in no room', async () => {
    const { server, clock } = await working(async ({ session, server: here }) => {
      session.emit.notice({ text: 'x' })
      here.to([session]).emit.notice({ text: 'x' })
      expect(() => session.emit.notice({ text: 1 } as never)).toThrow(/notice/)
      await expect(session.emitWithAck.ask({ text: 'x' })).rejects.toMatchObject({ code: 'SESSION_LOST' })
      await session.join(here.rooms.hall({ id: '1' }))
      expect(await here.rooms.hall({ id: '1' }).members()).toEqual([])
      here.rooms.hall({ id: '1' }).except(session).emit.said({ text: 'x' })
      expect([session.transport, session.remoteAddress, session.headers]).toEqual([undefined, undefined, {}])
      expect(session.delivery).toEqual({ dropped: 0, conflated: 0, queuedBytes: 0 })
      session.revoke()
      session.close()
      return { doubled: 1 }
    })
    const asked = settled(server.caller(nobody).call.work({ n: 1 }), 'the call')
    await clock.advance(50)
    expect(await asked).toEqual({ status: 'fulfilled', value: { doubled: 1 } })
    expect([...server.sessions]).toEqual([])
  })

  test('keeps no timer for credentials that end', async () => {
    const { server, clock } = await startLab()
    server.caller({ identity: null, expiresAtMs: Date.now() + 60_000 })
    expect(clock.pending).toBe(0)
  })
})
