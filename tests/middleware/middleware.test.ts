import { TypewireError } from '@typewire/core'
import type { ServerMiddleware } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startShop } from './stage.ts'

failOnUnhandledRejections()

describe('use', () => {
  test('runs around every call, event and join, in namespaces too', async () => {
    const seen: unknown[] = []
    const log: ServerMiddleware = async ({ kind, name, input, ctx, next }) => {
      const passed = await next()
      seen.push([kind, name, input, ctx.identity, passed.value])
      return passed
    }
    const { connect } = await startShop({ use: [log] })
    const client = connect()
    await client.call.echo('  a ')
    await client.emitWithAck.note('b')
    client.emit.hint('c')
    const chat = client.join.chat({ id: '1' })
    await chat.ready
    await chat.emitWithAck.say('d')
    await client.ns.admin.call.ban('e')
    await client.ns.admin.emitWithAck.note('f')
    const desk = client.ns.admin.join.desk()
    await desk.ready
    await desk.emitWithAck.say('g')
    expect(seen).toEqual([
      ['call', 'echo', 'a', 'ada', 'a'],
      ['event', 'note', 'b', 'ada', 'b'],
      ['event', 'hint', 'c', 'ada', undefined],
      ['join', 'chat', { id: '1' }, 'ada', true],
      ['event', 'chat.say', 'd', 'ada', 'd'],
      ['call', 'admin/ban', 'e', 'ada', 'e'],
      ['event', 'admin/note', 'f', 'ada', 'f'],
      ['join', 'admin/desk', undefined, 'ada', true],
      ['event', 'admin/desk.say', 'g', 'ada', 'g'],
    ])
  })

  test('runs the first outermost, and around the middleware of handlers', async () => {
    const order: string[] = []
    const named =
      (name: string): ServerMiddleware =>
      async ({ next }) => {
        order.push(name)
        const passed = await next()
        order.push(`${name} ends`)
        return passed
      }
    const { connect } = await startShop({ use: [named('one'), named('two')] }, (server) => ({
      procedures: server
        .middleware(named('three'))
        .middleware(named('four'))
        .procedures({ echo: ({ input }) => (order.push('handler'), input) }),
    }))
    await connect().call.echo('')
    const names = ['one', 'two', 'three', 'four']
    expect(order).toEqual([...names, 'handler', ...names.reverse().map((name) => `${name} ends`)])
  })

  test('denies a call, an event and a join, with an error that is told', async () => {
    const deny: ServerMiddleware = () => {
      throw new TypewireError('FORBIDDEN', 'not now')
    }
    const { connect, errors } = await startShop({ use: [deny] })
    const client = connect()
    const forbidden = { code: 'FORBIDDEN', message: 'not now' }
    await expect(client.call.echo('')).rejects.toMatchObject(forbidden)
    await expect(client.emitWithAck.note('')).rejects.toMatchObject(forbidden)
    await expect(client.join.chat({ id: '1' }).ready).rejects.toMatchObject(forbidden)
    expect(errors).toEqual([])
  })

  test('says whether a session is let in', async () => {
    const { connect } = await startShop({
      use: [async ({ kind, answer, next }) => (kind === 'join' ? answer(false) : next())],
    })
    const client = connect()
    await expect(client.join.chat({ id: '1' }).ready).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(await client.call.echo('x')).toBe('x')
  })

  test('must be functions', async () => {
    await expect(startShop({ use: [undefined as never] })).rejects.toThrow('createServer({ use }): give functions.')
  })
})

describe('a middleware of some handlers', () => {
  test('adds to their ctx, and leaves session.ctx', async () => {
    const { connect } = await startShop({}, (server) => {
      const admin = server.middleware(async ({ ctx, next }) => next({ level: ctx.identity.length }))
      const named = admin.middleware(({ ctx, next }) => next({ named: `${ctx.identity} ${ctx.level}` }))
      return {
        procedures: named.procedures({ echo: ({ ctx, session }) => JSON.stringify([ctx, session.ctx]) }),
        events: admin.events({ note: ({ ctx }) => String(ctx.level) }),
        rooms: admin.rooms({
          chat: {
            authorize: ({ ctx }) => ctx.level === 3,
            events: { say: ({ ctx, params }) => params.id + ctx.level },
          },
        }),
        admin: {
          procedures: server.ns.admin
            .middleware(({ name, ctx, next }) => next({ title: `${ctx.identity} at ${name}` }))
            .procedures({ ban: ({ ctx }) => ctx.title }),
        },
      }
    })
    const client = connect()
    const ctx = { identity: 'ada', level: 3, named: 'ada 3' }
    expect(JSON.parse(await client.call.echo(''))).toEqual([ctx, { identity: 'ada' }])
    expect(await client.emitWithAck.note('')).toBe('3')
    const chat = client.join.chat({ id: '1' })
    await chat.ready
    expect(await chat.emitWithAck.say('')).toBe('13')
    expect(await client.ns.admin.call.ban('')).toBe('ada at admin/ban')
  })

  test('leaves other handlers alone', async () => {
    const ran: string[] = []
    const { connect } = await startShop({}, (server) => ({
      events: server.middleware(({ name, next }) => (ran.push(name), next())).events({ hint: () => {} }),
    }))
    const client = connect()
    await client.call.echo('')
    await client.emitWithAck.note('')
    expect(ran).toEqual([])
  })

  test('changes a result, which the contract reads behind it', async () => {
    const { connect, errors } = await startShop({}, (server) => ({
      procedures: server
        .middleware(async ({ next }) => {
          const passed = await next()
          return { ...passed, value: passed.value === 'wrong' ? 1 : `${String(passed.value)}!` }
        })
        .procedures({ echo: ({ input }) => input }),
    }))
    const client = connect()
    expect(await client.call.echo('x')).toBe('x!')
    await expect(client.call.echo('wrong')).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(errors).toMatchObject([{ error: { code: 'INVALID_OUTPUT' }, info: { where: 'procedure echo' } }])
  })

  test('answers in place of the handler', async () => {
    let runs = 0
    const { connect } = await startShop({}, (server) => ({
      procedures: server
        .middleware(({ input, answer, next }) => (input === 'known' ? answer('cached') : next()))
        .procedures({ echo: ({ input }) => (runs++, input) }),
    }))
    const client = connect()
    expect([await client.call.echo('known'), runs]).toEqual(['cached', 0])
    expect([await client.call.echo('new'), runs]).toEqual(['new', 1])
  })

  test('sees what is thrown within, and may throw something else', async () => {
    const seen: unknown[] = []
    const { connect, errors } = await startShop({}, (server) => ({
      procedures: server
        .middleware(async ({ next }) => {
          try {
            return await next()
          } catch (error) {
            seen.push((error as TypewireError).code)
            throw new Error('xyzzy', { cause: error })
          }
        })
        .procedures({
          echo: ({ errors: { BUSY } }) => {
            throw BUSY({ forMs: 1 })
          },
        }),
    }))
    const error = await connect()
      .call.echo('')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'INTERNAL', message: expect.not.stringContaining('xyzzy') })
    expect(seen).toEqual(['BUSY'])
    expect(errors).toMatchObject([{ error: { message: 'xyzzy' } }])
  })

  test('lets an error of the contract through as it is', async () => {
    const { connect } = await startShop({}, (server) => ({
      procedures: server
        .middleware(({ next }) => next())
        .procedures({
          echo: ({ errors: { BUSY } }) => {
            throw BUSY({ forMs: 5 })
          },
        }),
    }))
    await expect(connect().call.echo('')).rejects.toMatchObject({ code: 'BUSY', data: { forMs: 5 } })
  })

  test('that returns nothing is told to onError', async () => {
    const { connect, errors } = await startShop({}, (server) => ({
      procedures: server.middleware((() => {}) as never).procedures({ echo: ({ input }) => input }),
    }))
    await expect(connect().call.echo('')).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(errors).toMatchObject([
      {
        error: {
          message: 'A middleware of echo returned neither what next() gave nor answer(value). Return one of them.',
        },
      },
    ])
  })

  test('does not run for an input that does not match', async () => {
    let runs = 0
    const { connect } = await startShop({ use: [({ next }) => (runs++, next())] })
    await expect(connect().call.echo(1 as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(runs).toBe(0)
  })

  test('ends with the time limit of what it is around', async () => {
    let reason: unknown
    const { connect } = await startShop({}, (server) => ({
      procedures: server
        .middleware(({ signal }) => {
          signal.addEventListener('abort', () => (reason = signal.reason))
          return new Promise<never>(() => {})
        })
        .procedures({ hold: () => {} }),
    }))
    await expect(connect().call.hold()).rejects.toMatchObject({ code: 'TIMED_OUT' })
    await eventually(() => reason !== undefined, 'the signal aborts')
  })

  test('must be a function', async () => {
    await expect(
      startShop({}, (server) => ({ procedures: server.middleware(undefined as never).procedures({}) })),
    ).rejects.toThrow('middleware(run): give a function.')
  })
})

describe('session tells of its connection', () => {
  test.each(['websocket', 'http-stream', 'http-poll'] as const)('%s', async (transport) => {
    const { connect, server } = await startShop({
      use: [
        async ({ session, answer }) =>
          answer(`${session.transport} ${session.remoteAddress} ${typeof session.headers['host']}`),
      ],
    })
    const client = connect({ transports: [transport] })
    expect(await client.call.echo('')).toBe(`${transport} 127.0.0.1 string`)
    const [session] = server.sessions
    await client.close()
    await eventually(() => session!.transport === undefined, 'the connection is gone')
    expect([session!.headers, session!.remoteAddress]).toEqual([{}, '127.0.0.1'])
  })
})
