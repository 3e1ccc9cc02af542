import {
  type MemberAck,
  type RoomMember,
  type RoomRef,
  type StreamProcedure,
  type TypewireError,
  type VolatileRoomRef,
} from '@typewire/core'
import {
  createServer,
  type CallArgs,
  type DeliveryCounts,
  type EmitVerbs,
  type Handlers,
  type HandlersOf,
  type Identified,
  type Listening,
  type Server,
  type ServerSession,
} from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { chat, type Chat } from './app/contract.ts'
import type { User } from './app/domain.ts'
import { messages } from './app/messages.ts'
import { server } from './app/server.ts'

interface Ctx {
  identity: string
  user: User
}
interface Sent {
  id: string
  author: string
  text: string
  sentAt: Date
}
type All = HandlersOf<typeof server>
type Procedures = All['procedures']
type Events = All['events']
type ChatRoom = All['rooms']['chat']

describe('authenticate', () => {
  test('gets the auth that the contract’s schema gives', () => {
    createServer(chat, {
      authenticate: ({ auth, headers, remoteAddress, signal }) => {
        expectTypeOf(auth).toEqualTypeOf<{ token: string }>()
        expectTypeOf(headers['cookie']).toEqualTypeOf<string | undefined>()
        expectTypeOf(remoteAddress).toEqualTypeOf<string | undefined>()
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        // @ts-expect-error misspelt
        return { identity: auth.tokn as string }
      },
    })
  })

  test('what it returns is ctx, everywhere', () => {
    expectTypeOf(server).toEqualTypeOf<Server<Chat, Ctx>>()
    expectTypeOf<CallArgs<'send', Ctx, Chat>['ctx']>().toEqualTypeOf<Ctx>()
    expectTypeOf<ServerSession<Ctx, Chat>['ctx']>().toEqualTypeOf<Ctx>()
    const synchronous = createServer(chat, { authenticate: () => ({ identity: null, role: 'guest' as const }) })
    expectTypeOf(synchronous).toEqualTypeOf<Server<Chat, { identity: null; role: 'guest' }>>()
    const either = createServer(chat, {
      authenticate: ({ auth }) => (auth.token ? { identity: 'ada', admin: true } : { identity: null, admin: false }),
    })
    for (const { ctx } of either.sessions) {
      expectTypeOf(ctx.identity).toEqualTypeOf<string | null>()
      expectTypeOf(ctx.admin).toEqualTypeOf<boolean>()
    }
  })

  test('without it, everybody is nobody in particular', () => {
    expectTypeOf(createServer(chat)).toEqualTypeOf<Server<Chat, { readonly identity: null }>>()
    expectTypeOf<{ readonly identity: null }>().toExtend<Identified>()
  })

  test('must say who it is', () => {
    // @ts-expect-error identity is missing
    createServer(chat, { authenticate: async () => ({ user: { name: 'Ada' } }) })
    // @ts-expect-error identity is missing
    createServer(chat, { authenticate: () => ({ user: { name: 'Ada' } }) })
    // @ts-expect-error identity is a string or null
    createServer(chat, { authenticate: () => ({ identity: 42 }) })
    // @ts-expect-error nobody in particular is null
    createServer(chat, { authenticate: () => ({ identity: undefined }) })
    // @ts-expect-error nothing is returned
    createServer(chat, { authenticate: async () => {} })
  })
})

describe('implement', () => {
  const handlers: All = {} as All
  const { procedures, streams, events, rooms } = handlers

  test('takes one handler for each name, and a section may be missing only where nothing is declared', () => {
    expectTypeOf(server.implement({ procedures, streams, events, rooms })).toEqualTypeOf<Listening>()
    server.implement({ procedures, streams, events })
    // @ts-expect-error streams are missing
    server.implement({ procedures, events })
    const { ping, importAll } = procedures
    // @ts-expect-error `send` is missing
    server.implement({ procedures: { ping, importAll }, streams, events })
    // @ts-expect-error `pong` is not declared
    server.implement({ procedures: { send: procedures.send, ping, importAll, pong: ping }, streams, events })
    // @ts-expect-error a misspelt section
    server.implement({ procedures, streams, events, room: {} })
  })

  test('a procedure’s handler returns what the output’s schema takes, at once or later', () => {
    const importAll: Procedures['importAll'][] = [() => 1, async () => 1]
    // @ts-expect-error a string is no number
    importAll.push(() => '1')
    // @ts-expect-error a string is no number
    importAll.push(async () => '1')
    // @ts-expect-error nothing is no number
    importAll.push(() => {})
    // @ts-expect-error undefined is no number
    importAll.push(async () => undefined)
  })

  test('a procedure’s handler gets the parsed input, ctx, errors, the session, the server, a signal', () => {
    type Args = Parameters<Procedures['send']>[0]
    expectTypeOf<Args>().toEqualTypeOf<CallArgs<'send', Ctx, Chat>>()
    expectTypeOf<Args['input']>().toEqualTypeOf<{ roomId: string; text: string; at: Date }>()
    expectTypeOf<Args['session']>().toEqualTypeOf<ServerSession<Ctx, Chat>>()
    expectTypeOf<Args['server']>().toHaveProperty('rooms')
    expectTypeOf<Args['signal']>().toEqualTypeOf<AbortSignal>()
    expectTypeOf<Args['deadlineMs']>().toEqualTypeOf<number>()
    expectTypeOf<Parameters<Procedures['ping']>[0]['input']>().toEqualTypeOf<void>()
    // @ts-expect-error the input is a property of what a handler gets
    const direct: Procedures['send'] = (input: { text: string }) => Promise.reject(input)
    void direct
  })

  test('errors makes the errors that the procedure declares, and no others', () => {
    const send: Procedures['send'] = ({ errors }) => {
      const muted = errors.MUTED({ untilMs: 1 })
      expectTypeOf(muted).toEqualTypeOf<TypewireError<'MUTED', { untilMs: number }>>()
      // @ts-expect-error misspelt
      void errors.MUTD({ untilMs: 1 })
      // @ts-expect-error wrong data
      void errors.MUTED({ untilMs: '1' })
      // @ts-expect-error the data is missing
      void errors.MUTED()
      // @ts-expect-error Typewire's own codes are not the application's to make
      void errors.TIMED_OUT()
      throw muted
    }
    void send
    // @ts-expect-error ping declares none
    const ping: Procedures['ping'] = ({ errors }) => errors.MUTED({ untilMs: 1 })
    void ping
  })

  test('a stream’s handler is an async iterable of what the items’ schema takes', () => {
    type Ticks = All['streams']['ticks']
    const ticks: Ticks[] = [
      async function* () {
        yield 1
      },
      () => new ReadableStream<number>(),
    ]
    // @ts-expect-error a string is no number
    ticks.push(async function* () {
      yield '1'
    })
    // @ts-expect-error a promise of a list is no async iterable
    ticks.push(async () => [1])
    expectTypeOf<Parameters<All['streams']['talk']>[0]['input']>().toEqualTypeOf<AsyncIterable<string>>()
    expectTypeOf<Parameters<All['streams']['exportAll']>[0]['errors']['GONE']>().toEqualTypeOf<
      (data: { since: Date }) => TypewireError<'GONE', { since: Date }>
    >()
  })

  test('an event’s handler returns the ack where one is declared, else anything', () => {
    expectTypeOf<Parameters<Events['seen']>[0]['payload']>().toEqualTypeOf<{ id: string }>()
    const seen: Events['seen'][] = [() => {}, async () => {}, () => 1]
    const saved: Events['saved'][] = [({ payload }) => payload, async () => ({ version: 1 })]
    // @ts-expect-error no ack
    saved.push(() => {})
    // @ts-expect-error a wrong ack
    saved.push(() => ({ v: 1 }))
    // @ts-expect-error a wrong ack
    saved.push(async () => ({ version: '1' }))
    void seen
  })

  test('a room’s handlers get its params and, for what members send, the room', () => {
    type Authorize = NonNullable<ChatRoom['authorize']>
    expectTypeOf<Parameters<Authorize>[0]['params']>().toEqualTypeOf<{ roomId: string }>()
    expectTypeOf<Parameters<Authorize>[0]['ctx']>().toEqualTypeOf<Ctx>()
    const rooms: ChatRoom[] = [
      { authorize: async () => true },
      { events: { typing: ({ room, session, ctx }) => room.except(session).emit.typing({ author: ctx.user.name }) } },
      { events: { typing: ({ params, payload }) => void [params.roomId.length, payload satisfies void] } },
      { events: { typing: ({ deadlineMs }) => void deadlineMs.toFixed() } },
    ]
    // @ts-expect-error yes or no
    rooms.push({ authorize: () => 'yes' })
    // @ts-expect-error nothing is not yes or no
    rooms.push({ authorize: () => {} })
    // @ts-expect-error members do not send messages
    rooms.push({ events: { message: () => {} } })
    // @ts-expect-error a misspelt option
    rooms.push({ autorize: () => true })
    // @ts-expect-error a misspelt room
    server.implement({ procedures, streams, events, rooms: { chatt: {} } })
  })

  test('session runs with ctx, session, server and signal', () => {
    server.implement({
      procedures,
      streams,
      events,
      session: async ({ session, ctx, server, signal }) => {
        await session.join(server.rooms.user({ id: ctx.user.id }))
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      },
    })
  })
})

describe('handlers in files of their own', () => {
  test('keep what they return, and are checked by name', () => {
    expectTypeOf(messages.send).returns.resolves.toEqualTypeOf<Sent>()
    expectTypeOf<Handlers<Ctx, Chat>['procedures']>().toExtend<Procedures>()
    const misspelt = {
      // @ts-expect-error misspelt
      sned: messages.send,
    } satisfies Partial<Procedures>
    void misspelt
    // @ts-expect-error there is no such procedure
    type _Unknown = Procedures['sned']
  })

  test('of rooms have types that implement takes', () => {
    expectTypeOf<{ chat: All['rooms']['chat'] }>().toExtend<Handlers<Ctx, Chat>['rooms']>()
    expectTypeOf<{ authorize: All['rooms']['chat']['authorize'] }>().toExtend<All['rooms']['chat']>()
  })
})

describe('sessions', () => {
  const session = {} as ServerSession<Ctx, Chat>

  test('emit the events of the contract to their client', () => {
    expectTypeOf(session.emit.notice({ text: 'hi' })).toEqualTypeOf<void>()
    expectTypeOf(session.emitWithAck.notice({ text: 'hi' })).toEqualTypeOf<Promise<{ seen: boolean }>>()
    expectTypeOf(session.emitWithAck.count({ members: 1 }, { timeoutMs: 1 })).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error text is a string
    session.emit.notice({ text: 1 })
    // @ts-expect-error an event of the other direction
    session.emit.seen({ id: '42' })
    // @ts-expect-error misspelt
    void session.emitWithAck.notise({ text: 'hi' })
  })

  test('join and leave rooms, not params', () => {
    expectTypeOf(session.join(server.rooms.lobby())).toEqualTypeOf<Promise<void>>()
    expectTypeOf(session.leave(server.rooms.chat({ roomId: '42' }))).toEqualTypeOf<Promise<void>>()
    // @ts-expect-error params are no room
    void session.join({ roomId: '42' })
    // @ts-expect-error a name is no room
    void session.join('chat')
  })

  test('know who they are', () => {
    expectTypeOf(session.id).toEqualTypeOf<string>()
    expectTypeOf(session.identity).toEqualTypeOf<string | null>()
    // @ts-expect-error ctx is what authenticate gave
    void session.ctx.admin
  })
})

describe('rooms and broadcasts', () => {
  const room = server.rooms.chat({ roomId: '42' })

  test('a room is asked for by its params', () => {
    server.rooms.lobby()
    // @ts-expect-error params are missing
    server.rooms.chat()
    // @ts-expect-error roomId is a string
    server.rooms.chat({ roomId: 42 })
    // @ts-expect-error misspelt
    server.rooms.chatt({ roomId: '42' })
  })

  test('emit what the room declares for clients; emitWithAck gives one result per member', async () => {
    expectTypeOf(room.emit.typing({ author: 'Ada' })).toEqualTypeOf<void>()
    expectTypeOf(room.except({ id: '1' }).emit).toEqualTypeOf(room.emit)
    // @ts-expect-error the author is missing
    room.emit.typing()
    // @ts-expect-error author, id and sentAt are missing
    room.emit.message({ text: 'hi' })
    // @ts-expect-error an event of the contract is not one of the room
    room.emit.notice({ text: 'hi' })
    // @ts-expect-error a member is not excepted by its id alone
    room.except('1')

    for (const ack of await server.rooms.lobby().emitWithAck.opened('door', { timeoutMs: 1 })) {
      expectTypeOf(ack).toEqualTypeOf<MemberAck<number>>()
      // @ts-expect-error whether there is data is not known yet
      void ack.data
      if (ack.status === 'acked') expectTypeOf(ack.data).toEqualTypeOf<number>()
      else if (ack.status === 'failed') expectTypeOf(ack.error).toEqualTypeOf<TypewireError>()
      else expectTypeOf(ack.status).toEqualTypeOf<'timedOut' | 'left'>()
      // @ts-expect-error there is no such status
      void (ack.status === 'timed_out')
    }
  })

  test('a room lists its members, ends memberships and judges them anew', () => {
    expectTypeOf(room.members()).toEqualTypeOf<Promise<readonly RoomMember[]>>()
    expectTypeOf(room.evict({ identity: 'ada' }, 'why')).toEqualTypeOf<Promise<void>>()
    for (const session of server.sessions) void room.evict(session)
    expectTypeOf(room.except({ id: '1' }).close('why')).toEqualTypeOf<Promise<void>>()
    expectTypeOf(room.reauthorize()).toEqualTypeOf<Promise<void>>()
    void room.reauthorize({ identity: 'ada' })
    // @ts-expect-error who is evicted must be said
    void room.evict()
    // @ts-expect-error nobody is an identity of nobody in particular
    void room.evict({ identity: null })
    // @ts-expect-error an id alone is no session
    void room.evict('1')
  })

  test('several rooms of a kind are one audience', () => {
    const several = room.and(server.rooms.chat({ roomId: '2' }), room)
    several.emit.typing({ author: 'Ada' })
    several.except({ id: '1' }).emit.typing({ author: 'Ada' })
    void several.emitWithAck.typing({ author: 'Ada' })
    // @ts-expect-error of another kind
    room.and(server.rooms.lobby())
    // @ts-expect-error its members are listed room by room
    void several.members()
    // @ts-expect-error author is a string
    several.emit.typing({ author: 1 })
  })

  test('delivery is the contract’s to say, but for a room that is volatile for once', () => {
    expectTypeOf(room.volatile).toEqualTypeOf<VolatileRoomRef<'chat', Chat>>()
    room.volatile.except({ id: '1' }).emit.typing({ author: 'Ada' })
    room.emit.typing({ author: 'Ada' }, { key: 'k' })
    room.and(room).emit.typing({ author: 'Ada' }, { key: 'k' })
    room.except({ id: '1' }).emit.typing({ author: 'Ada' }, { key: 'k' })
    // @ts-expect-error no history keeps it, which could remember the key
    room.volatile.emit.typing({ author: 'Ada' }, { key: 'k' })
    // @ts-expect-error nor this
    room.volatile.except({ id: '1' }).emit.typing({ author: 'Ada' }, { key: 'k' })
    // @ts-expect-error nor this
    room.and(room).volatile.emit.typing({ author: 'Ada' }, { key: 'k' })
    // @ts-expect-error nor this
    room.volatile.and(room.volatile).emit.typing({ author: 'Ada' }, { key: 'k' })
    // @ts-expect-error as a whole they are volatile, or not
    room.and(room.volatile)
    // @ts-expect-error options are of events to the server
    room.emit.typing({ author: 'Ada' }, { delivery: 'volatile' })
    // @ts-expect-error options are of events to the server
    server.emit.notice({ text: 'hi' }, { delivery: 'volatile' })
    expectTypeOf(server.delivery).toEqualTypeOf<DeliveryCounts>()
    for (const { delivery } of server.sessions) expectTypeOf(delivery.queuedBytes).toEqualTypeOf<number>()
  })

  test('server code emits to all, and to some', () => {
    server.emit.notice({ text: 'hi' })
    server.to(server.sessions).emit.count({ members: 1 })
    server.to([]).emit.notice({ text: 'nobody' })
    // @ts-expect-error an event of the other direction
    server.emit.seen({ id: '42' })
    // @ts-expect-error text is a string
    server.to([]).emit.notice({ text: 1 })
    // @ts-expect-error a string is a list of characters, not of sessions
    server.to('ada')
  })

  test('the types have names', () => {
    expectTypeOf(room).toEqualTypeOf<RoomRef<'chat', Chat>>()
    expectTypeOf(server.emit).toEqualTypeOf<EmitVerbs<Chat>>()
    expectTypeOf<Chat['streams']['ticks']>().toEqualTypeOf<StreamProcedure<void, number, {}, void, number, {}>>()
  })
})
