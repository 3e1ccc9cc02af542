import { TypewireError } from '@typewire/core'
import {
  createServer,
  type Answered,
  type Caller,
  type HandlersOf,
  type Identified,
  type Middleware,
  type MiddlewareKind,
  type Passed,
  type Server,
  type ServerMiddleware,
  type ServerSession,
} from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { chat, type Chat } from './app/contract.ts'
import type { User } from './app/domain.ts'
import { server } from './app/server.ts'

interface Ctx {
  identity: string
  user: User
}
type All = HandlersOf<typeof server>
const handlers: All = {} as All

const admin = server.middleware(async ({ ctx, next }) => {
  if (ctx.user.name !== 'root') throw new TypewireError('FORBIDDEN', 'You are not root.')
  return next({ admin: true as const })
})

describe('a middleware', () => {
  test('gets what runs, and what every handler gets', () => {
    server.middleware(({ kind, name, input, ctx, session, server: here, signal, next }) => {
      expectTypeOf(kind).toEqualTypeOf<MiddlewareKind>()
      expectTypeOf(name).toEqualTypeOf<string>()
      expectTypeOf(input).toEqualTypeOf<unknown>()
      expectTypeOf(ctx).toEqualTypeOf<Ctx>()
      expectTypeOf(session).toEqualTypeOf<ServerSession<Ctx, Chat>>()
      expectTypeOf(session.transport).toEqualTypeOf<string | undefined>()
      expectTypeOf(session.remoteAddress).toEqualTypeOf<string | undefined>()
      expectTypeOf(session.headers['cookie']).toEqualTypeOf<string | undefined>()
      expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      here.emit.count({ members: 1 })
      return next()
    })
  })

  test('adds what it gives to next', () => {
    expectTypeOf(admin).toEqualTypeOf<Middleware<Ctx, { admin: true }, Chat>>()
    expectTypeOf(server.middleware(({ next }) => next())).toEqualTypeOf<Middleware<Ctx, {}, Chat>>()
  })

  test('returns what next gave, the same with another value, or an answer', () => {
    const changed = server.middleware(async ({ next }) => {
      const passed = await next({ admin: true as const })
      expectTypeOf(passed).toEqualTypeOf<Passed<{ admin: true }>>()
      expectTypeOf(passed.value).toEqualTypeOf<unknown>()
      return { ...passed, value: 'changed' }
    })
    expectTypeOf(changed).toEqualTypeOf<typeof admin>()
    const cached = server.middleware(async ({ name, next, answer }) => {
      const known: unknown = new Map().get(name)
      expectTypeOf(answer(known)).toEqualTypeOf<Answered>()
      return known === undefined ? next({ admin: true as const }) : answer(known)
    })
    expectTypeOf(cached).toEqualTypeOf<typeof admin>()
    expectTypeOf(server.middleware(({ answer }) => answer(1))).toEqualTypeOf<Middleware<Ctx, {}, Chat>>()
    // @ts-expect-error nothing is returned
    server.middleware(async ({ next }) => void (await next()))
    // @ts-expect-error a value is no answer
    server.middleware(async ({ next }) => (await next()).value)
    // @ts-expect-error a value is no answer, whatever it is
    server.middleware(() => ({ value: 1 }))
  })

  test('gets what the one around it adds, and adds to that', () => {
    const traced = admin.middleware(async ({ ctx, session, next }) => {
      expectTypeOf(ctx.admin).toEqualTypeOf<true>()
      expectTypeOf(ctx.user).toEqualTypeOf<User>()
      expectTypeOf(session).toEqualTypeOf<ServerSession<Ctx, Chat>>()
      return next({ requestId: '' })
    })
    expectTypeOf(traced).toEqualTypeOf<Middleware<Ctx, { admin: true } & { requestId: string }, Chat>>()
    traced.procedures({
      ping: ({ ctx }) => {
        expectTypeOf(ctx.requestId).toEqualTypeOf<string>()
        expectTypeOf(ctx.admin).toEqualTypeOf<true>()
      },
    })
  })
})

describe('handlers behind a middleware', () => {
  test('have what it adds in ctx, and not in session.ctx', () => {
    admin.procedures({
      send: ({ input, ctx, errors, session }) => {
        expectTypeOf(input).toEqualTypeOf<{ roomId: string; text: string; at: Date }>()
        expectTypeOf(ctx.admin).toEqualTypeOf<true>()
        expectTypeOf(ctx.user).toEqualTypeOf<User>()
        expectTypeOf(session.ctx).toEqualTypeOf<Ctx>()
        throw errors.MUTED({ untilMs: 1 })
      },
    })
    admin.streams({
      async *ticks({ ctx }) {
        expectTypeOf(ctx.admin).toEqualTypeOf<true>()
        yield 1
      },
    })
    admin.events({
      saved: ({ payload, ctx }) => {
        expectTypeOf(ctx.admin).toEqualTypeOf<true>()
        return { version: payload.version }
      },
    })
    admin.rooms({
      chat: {
        authorize: ({ params, ctx }) => {
          expectTypeOf(params).toEqualTypeOf<{ roomId: string }>()
          return ctx.admin
        },
        events: { typing: ({ room, ctx }) => room.emit.typing({ author: String(ctx.admin) }) },
        history: { limit: 5, authorize: ({ ctx }) => ctx.admin },
      },
    })
  })

  test('are what implement takes, spread among the others', () => {
    const { procedures, streams, events, rooms } = handlers
    const { send, ping, importAll } = procedures
    server.implement({
      procedures: { importAll, ping, ...admin.procedures({ send }) },
      streams: { ...streams, ...admin.streams({ ticks: streams.ticks }) },
      events: { ...events, ...admin.events({ seen: () => {} }) },
      rooms: { ...rooms, ...admin.rooms({ lobby: { authorize: ({ ctx }) => ctx.admin } }) },
    })
    server.implement({
      // @ts-expect-error `importAll` is missing
      procedures: { ping, ...admin.procedures({ send }) },
      streams,
      events,
    })
  })

  test('must be of the contract, and give what it asks for', () => {
    // @ts-expect-error `pong` is not declared
    admin.procedures({ pong: () => {} })
    // @ts-expect-error a number is asked for
    admin.procedures({ importAll: () => 'x' })
    // @ts-expect-error it adds no `root`
    admin.procedures({ ping: ({ ctx }) => void ctx.root })
    // @ts-expect-error an ack is asked for
    admin.events({ saved: () => {} })
    // @ts-expect-error `typin` is not declared
    admin.rooms({ chat: { events: { typin: () => {} } } })
    // @ts-expect-error whether it may
    admin.rooms({ chat: { authorize: () => 'yes' } })
  })
})

describe('middleware for all of a server', () => {
  const log: ServerMiddleware = async ({ kind, name, ctx, next }) => {
    expectTypeOf(kind).toEqualTypeOf<MiddlewareKind>()
    expectTypeOf(name).toEqualTypeOf<string>()
    expectTypeOf(ctx).toEqualTypeOf<Identified>()
    return next()
  }

  test('can be for some handlers, too', () => {
    expectTypeOf(server.middleware(log)).toEqualTypeOf<Middleware<Ctx, {}, Chat>>()
    expectTypeOf(admin.middleware(log)).toEqualTypeOf<Middleware<Ctx, { admin: true } & {}, Chat>>()
  })

  test('leaves ctx to authenticate, in whatever order they are written', () => {
    const logged = createServer(chat, {
      use: [log, async ({ next }) => next()],
      authenticate: ({ auth }) => ({ identity: auth.token, level: 1 }),
    })
    expectTypeOf(logged).toEqualTypeOf<Server<Chat, { identity: string; level: number }>>()
    // @ts-expect-error nothing is returned
    createServer(chat, { use: [async ({ next }) => void (await next())] })
  })
})

describe('a caller', () => {
  const caller = server.caller({ identity: 'ada', user: {} as User })

  test('has the contract’s procedures, and is made of a ctx', async () => {
    expectTypeOf(caller).toEqualTypeOf<Caller<Chat>>()
    const message = await caller.call.send({ roomId: '', text: '' }, { timeoutMs: 5 })
    expectTypeOf(message.sentAt).toEqualTypeOf<Date>()
    const result = await caller.try.send({ roomId: '', text: '' })
    if (!result.ok && result.error.code === 'MUTED') expectTypeOf(result.error.data.untilMs).toEqualTypeOf<number>()
    // @ts-expect-error a misspelt procedure
    void caller.call.sned
    // @ts-expect-error the text is missing
    void caller.call.send({ roomId: '' })
    // @ts-expect-error the user is missing
    server.caller({ identity: 'ada' })
  })

  test('has its streams, and its events to the server', async () => {
    for await (const tick of caller.stream.ticks()) expectTypeOf(tick).toEqualTypeOf<number>()
    for await (const length of caller.stream.talk(['a'], { timeoutMs: 5 })) expectTypeOf(length).toEqualTypeOf<number>()
    const ack = await caller.emitWithAck.saved({ version: 1 })
    expectTypeOf(ack).toEqualTypeOf<{ version: number }>()
    expectTypeOf(caller.emit.seen({ id: '1' })).toEqualTypeOf<void>()
    caller.emit.bye()
    // @ts-expect-error the id is missing
    caller.emit.seen({})
    // @ts-expect-error an event to clients
    void caller.emit.notice
    // @ts-expect-error a procedure
    void caller.stream.send
    // @ts-expect-error the items are text
    caller.stream.talk([1])
  })
})

test('a server can be given where one of less ctx is asked for', () => {
  expectTypeOf<Server<Chat, Ctx>>().toExtend<Server<Chat, Identified>>()
  // @ts-expect-error it has no user
  expectTypeOf<Server<Chat, Identified>>().toExtend<Server<Chat, Ctx>>()
})
