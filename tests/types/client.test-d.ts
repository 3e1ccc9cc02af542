import { createClient, type CallVerbs, type Client, type ClientStatus } from '@typewire/client'
import { createClient as createLean, rooms } from '@typewire/client/lean'
import type {
  CallOptions,
  EmitOptions,
  Items,
  RoomHandle,
  RoomInstance,
  RoomJoined,
  RoomStatus,
  Settled,
  Store,
  TypewireError,
  Unsubscribe,
} from '@typewire/core'
import { describe, expectTypeOf, test } from 'vitest'
import { client } from './app/client.ts'
import { chat, type Chat } from './app/contract.ts'

interface Sent {
  id: string
  author: string
  text: string
  sentAt: Date
}
const input = { roomId: '42', text: 'hi' }

describe('call', () => {
  test('takes the schema’s input and options, and promises the schema’s output', () => {
    expectTypeOf(client.call.send).parameters.toEqualTypeOf<
      [input: { roomId: string; text: string; at?: Date | undefined }, options?: CallOptions | undefined]
    >()
    expectTypeOf(client.call.send).returns.toEqualTypeOf<Promise<Sent>>()
    expectTypeOf(client.call.ping).returns.toEqualTypeOf<Promise<void>>()
    expectTypeOf(client.call.importAll).returns.toEqualTypeOf<Promise<number>>()
  })

  test('options come second, with or without an input', () => {
    const { signal } = new AbortController()
    void client.call.send(input, { signal, timeoutMs: 5_000 })
    void client.call.ping()
    void client.call.ping(undefined, { signal })
    // @ts-expect-error options are no input
    void client.call.ping({ signal })
    // @ts-expect-error milliseconds are a number
    void client.call.send(input, { timeoutMs: '5s' })
  })

  test('refuses a wrong payload', () => {
    // @ts-expect-error roomId is a string
    void client.call.send({ roomId: 42, text: 'hi' })
    // @ts-expect-error text is missing
    void client.call.send({ roomId: '42' })
    // @ts-expect-error txt is not declared
    void client.call.send({ ...input, txt: 'hi' })
    // @ts-expect-error the input is missing
    void client.call.send()
    // @ts-expect-error null is not the input
    void client.call.send(null)
  })

  test('refuses an unknown name', () => {
    // @ts-expect-error misspelt
    void client.call.sned(input)
    // @ts-expect-error a stream is not called
    void client.call.exportAll({ roomId: '42' })
    // @ts-expect-error an event is not called
    void client.call.seen({ id: '42' })
    // @ts-expect-error a name that may be any of two takes the input of neither
    void client.call[Math.random() > 0.5 ? 'send' : 'ping'](input)
  })

  test('is a promise and nothing else', () => {
    // @ts-expect-error await is forgotten
    void client.call.send(input).author
    const iterate = async () => {
      // @ts-expect-error a promise cannot be iterated
      for await (const each of client.call.send(input)) void each
    }
    void iterate
    // @ts-expect-error a verb has no methods
    void client.call.send.mutate(input)
  })
})

describe('try', () => {
  test('takes what call takes, and settles to data or an error', async () => {
    expectTypeOf(client.try.send).parameters.toEqualTypeOf<Parameters<typeof client.call.send>>()
    expectTypeOf(await client.try.send(input)).toEqualTypeOf<
      Settled<Sent, { MUTED: { untilMs: number }; FULL: Record<string, never> }>
    >()
    void client.try.ping(undefined, { timeoutMs: 1 })
    // @ts-expect-error text is missing
    void client.try.send({ roomId: '42' })
    // @ts-expect-error misspelt
    void client.try.sned(input)
  })

  test('tells them apart by `ok`', async () => {
    const result = await client.try.send(input)
    // @ts-expect-error whether there is data is not known yet
    void result.data
    // @ts-expect-error nor whether there is an error
    void result.error
    if (result.ok) {
      expectTypeOf(result.data).toEqualTypeOf<Sent>()
      // @ts-expect-error there is none
      void result.error
    } else {
      expectTypeOf(result.error).toExtend<TypewireError>()
      // @ts-expect-error there is none
      void result.data
    }
  })
})

describe('stream', () => {
  test('gives items, and is no promise', () => {
    expectTypeOf(client.stream.exportAll).parameters.toEqualTypeOf<
      [input: { roomId: string }, options?: CallOptions | undefined]
    >()
    expectTypeOf(client.stream.exportAll).returns.toEqualTypeOf<Items<Sent>>()
    expectTypeOf(client.stream.ticks()).toEqualTypeOf<Items<number>>()
    expectTypeOf(client.stream.ticks().toReadableStream()).toEqualTypeOf<ReadableStream<number>>()
    expectTypeOf(client.stream.exportAll).returns.not.toHaveProperty('then')
  })

  test('refuses what is not declared', () => {
    // @ts-expect-error roomId is a string
    client.stream.exportAll({ roomId: 42 })
    // @ts-expect-error the input is missing
    client.stream.exportAll()
    // @ts-expect-error misspelt
    client.stream.tiks()
    // @ts-expect-error a procedure is no stream
    client.stream.send(input)
  })
})

describe('emit and emitWithAck', () => {
  test('emit gives nothing', () => {
    expectTypeOf(client.emit.seen).parameters.toEqualTypeOf<
      [payload: { id: string }, options?: EmitOptions | undefined]
    >()
    expectTypeOf(client.emit.seen).returns.toEqualTypeOf<void>()
    expectTypeOf(client.emit.bye()).toEqualTypeOf<void>()
  })

  test('emit takes how the event is delivered', () => {
    client.emit.seen({ id: '42' }, { delivery: 'latest', key: 'me' })
    client.emit.bye(undefined, { delivery: 'volatile' })
    client.join.chat({ roomId: '42' }).emit.typing(undefined, { delivery: 'volatile' })
    // @ts-expect-error there is no such delivery
    client.emit.seen({ id: '42' }, { delivery: 'sometimes' })
    // @ts-expect-error an event that waits for its ack is reliable
    void client.emitWithAck.seen({ id: '42' }, { delivery: 'volatile' })
  })

  test('every event has emitWithAck: a receipt, with data where an ack is declared', () => {
    expectTypeOf(client.emitWithAck.seen({ id: '42' })).toEqualTypeOf<Promise<void>>()
    expectTypeOf(client.emitWithAck.bye()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(client.emitWithAck.bye(undefined, { timeoutMs: 1 })).toEqualTypeOf<Promise<void>>()
    expectTypeOf(client.emitWithAck.saved({ version: 1 }, { timeoutMs: 1 })).toEqualTypeOf<
      Promise<{ version: number }>
    >()
  })

  test('refuse what is not declared', async () => {
    // @ts-expect-error id is a string
    client.emit.seen({ id: 1 })
    // @ts-expect-error the payload is missing
    client.emit.seen()
    // @ts-expect-error no payload is declared
    client.emit.bye({ soon: true })
    // @ts-expect-error an event of the other direction
    client.emit.notice({ text: 'hi' })
    // @ts-expect-error misspelt
    client.emit.sene({ id: '42' })
    // @ts-expect-error version is a number
    void client.emitWithAck.saved({ version: '1' })
    // @ts-expect-error the ack has no such property
    void (await client.emitWithAck.saved({ version: 1 })).id
    // @ts-expect-error a receipt has no data
    void (await client.emitWithAck.seen({ id: '42' })).id
    // @ts-expect-error names are properties, not strings
    client.emit('seen', { id: '42' })
  })
})

describe('on', () => {
  test('hears the schema’s output, and gives an unsubscribe function that is disposable', () => {
    const off = client.on.count((payload) => expectTypeOf(payload).toEqualTypeOf<{ members: number }>())
    expectTypeOf(off).toEqualTypeOf<Unsubscribe>()
    expectTypeOf(off()).toEqualTypeOf<void>()
    expectTypeOf(off).toExtend<Disposable>()
  })

  test('without a declared ack, a handler may return anything, and may be async', () => {
    const members: number[] = []
    client.on.count((count) => members.push(count.members))
    client.on.count(async (count) => {
      await Promise.resolve()
      members.push(count.members)
    })
    client.on.count(() => {}, { once: true, signal: new AbortController().signal })
  })

  test('with a declared ack, a handler must return it, at once or later', () => {
    client.on.notice((notice) => ({ seen: notice.text !== '' }))
    client.on.notice(async () => ({ seen: true }))
    // @ts-expect-error no ack
    client.on.notice(() => {})
    // @ts-expect-error no ack
    client.on.notice(async () => {})
    // @ts-expect-error a wrong ack
    client.on.notice(() => ({ saw: true }))
    // @ts-expect-error a wrong ack
    client.on.notice(async () => ({ seen: 'yes' }))
  })

  test('refuses what is not declared', () => {
    // @ts-expect-error misspelt
    client.on.notise(() => {})
    // @ts-expect-error an event of the other direction
    client.on.seen(() => {})
    // @ts-expect-error the payload has no such property
    client.on.count((count) => count.member)
    // @ts-expect-error the handler asks for what is not sent
    client.on.count((count: { members: string }) => count)
    // @ts-expect-error names are properties, not strings
    client.on('notice', () => {})
    // @ts-expect-error a misspelt option
    client.on.count(() => {}, { onse: true })
  })
})

describe('join', () => {
  const room = client.join.chat({ roomId: '42' }, { timeoutMs: 1_000 })

  test('takes params where the room has some', () => {
    expectTypeOf(client.join.chat).parameter(0).toEqualTypeOf<{ roomId: string }>()
    client.join.lobby()
    client.join.lobby(undefined, { signal: new AbortController().signal })
    // @ts-expect-error params are missing
    client.join.chat()
    // @ts-expect-error roomId is a string
    client.join.chat({ roomId: 42 })
    // @ts-expect-error a misspelt param
    client.join.chat({ room: '42' })
    // @ts-expect-error a misspelt room
    client.join.chatt({ roomId: '42' })
  })

  test('the handle hears and sends what the room declares for its direction', () => {
    room.on.message((message) => expectTypeOf(message).toEqualTypeOf<Sent>())
    room.on.typing(({ author }) => expectTypeOf(author).toEqualTypeOf<string>())
    expectTypeOf(room.emit.typing()).toEqualTypeOf<void>()
    expectTypeOf(room.emitWithAck.typing()).toEqualTypeOf<Promise<void>>()
    client.join.lobby().on.opened((text) => text.length)
    // @ts-expect-error a wrong ack
    client.join.lobby().on.opened((text) => text)
    // @ts-expect-error misspelt
    room.on.mesage(() => {})
    // @ts-expect-error a message is the server's to send
    room.emit.message({ id: '', author: '', text: '', sentAt: new Date() })
    // @ts-expect-error for the server, typing has no payload
    room.emit.typing({ author: 'Ada' })
    // @ts-expect-error events of the contract are not events of the room
    room.on.notice(() => {})
  })

  test('the handle has a status, a promise, an end, and is disposable', () => {
    expectTypeOf(room.status).toEqualTypeOf<Store<RoomStatus>>()
    expectTypeOf(room.status.subscribe(() => {})).toEqualTypeOf<Unsubscribe>()
    expectTypeOf(room.ready).toEqualTypeOf<Promise<RoomJoined>>()
    expectTypeOf(room.leave()).toEqualTypeOf<void>()
    expectTypeOf(room).toExtend<Disposable>()
    if (room.status.current.state === 'denied') {
      expectTypeOf(room.status.current.reason).toEqualTypeOf<TypewireError>()
    }
    if (room.status.current.state === 'left') {
      expectTypeOf(room.status.current.by).toEqualTypeOf<'handle' | 'server' | 'client'>()
      expectTypeOf(room.status.current.reason).toEqualTypeOf<TypewireError>()
    }
    // @ts-expect-error only what is over has a reason
    void room.status.current.reason
    // @ts-expect-error there is no such state
    void (room.status.current.state === 'refused')
  })

  test('the handle has a name, for functions that take one', () => {
    expectTypeOf(room).toEqualTypeOf<RoomHandle<'chat', Chat>>()
    const hear = (lobby: RoomHandle<'lobby', Chat>) => lobby.on.opened((text) => text.length)
    hear(client.join.lobby())
    // @ts-expect-error another room
    hear(room)
    // @ts-expect-error there is no such room
    type _Unknown = RoomHandle<'chatt', Chat>
  })
})

describe('client.rooms', () => {
  test('hears all instances of a kind, and says which', () => {
    client.rooms.chat.on.message((message, { params }) => {
      expectTypeOf(message.sentAt).toEqualTypeOf<Date>()
      expectTypeOf(params).toEqualTypeOf<{ roomId: string }>()
    })
    expectTypeOf(client.rooms.user.on.mentioned(() => {})).toEqualTypeOf<Unsubscribe>()
    client.rooms.lobby.on.opened((text) => text.length, { once: true })
    client.rooms.chat.onMissed(({ reason }, { params }) => {
      expectTypeOf(reason).toEqualTypeOf<'noHistory' | 'notKept' | 'gap'>()
      expectTypeOf(params).toEqualTypeOf<RoomInstance<'chat', Chat>['params']>()
    })
    expectTypeOf(client.rooms.chat.instances).toEqualTypeOf<Store<readonly RoomInstance<'chat', Chat>[]>>()
    // @ts-expect-error its ack is a number
    client.rooms.lobby.on.opened((text) => text)
    // @ts-expect-error what members send is not heard
    client.rooms.chat.on.seen(() => {})
    // @ts-expect-error one sends into an instance, not into a kind
    void client.rooms.chat.emit
    // @ts-expect-error there is no such kind
    void client.rooms.chats
  })
})

describe('createClient', () => {
  test('is a client of its contract, by type alone or with local validation', () => {
    expectTypeOf(createClient<Chat>({ url: 'http://localhost', auth: { token: '' } })).toEqualTypeOf<Client<Chat>>()
    expectTypeOf(createClient({ url: 'http://localhost', auth: { token: '' }, contract: chat })).toEqualTypeOf<
      Client<Chat>
    >()
    expectTypeOf(client.status).toEqualTypeOf<Store<ClientStatus>>()
    expectTypeOf(client.close()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(client).toExtend<AsyncDisposable>()
  })

  test('auth is what the contract asks for, or a function that gives it', () => {
    createClient<Chat>({ url: new URL('http://localhost'), auth: () => ({ token: '' }) })
    createClient<Chat>({ url: '', auth: async () => ({ token: '' }) })
    // @ts-expect-error auth is forgotten
    createClient<Chat>({ url: '' })
    // @ts-expect-error a misspelt property
    createClient<Chat>({ url: '', auth: { tok: '' } })
    // @ts-expect-error token is a string
    createClient<Chat>({ url: '', auth: () => ({ token: 42 }) })
  })

  test('refuses what it does not know', () => {
    // @ts-expect-error url is missing
    createClient<Chat>({ auth: { token: '' } })
    // @ts-expect-error an unknown option
    createClient<Chat>({ url: '', auth: { token: '' }, retries: 3 })
    // @ts-expect-error without a contract there are no names
    void createClient({ url: '' }).call.send(input)
    // @ts-expect-error not a contract
    createClient<{ send: string }>({ url: '' })
  })

  test('verbs can be taken apart, and be stood in for', () => {
    const { call, emit, on, join, close } = client
    const { send } = call
    void send(input)
    void [emit, on, join, close]
    const stub: CallVerbs<Chat> = {
      send: async ({ text }) => ({ id: '1', author: 'Ada', text, sentAt: new Date() }),
      ping: async () => {},
      importAll: async () => 0,
    }
    void stub.send(input)
  })
})

describe('a client in parts', () => {
  test('has the types of the full one, whatever it is made of', () => {
    const auth = { token: 't' }
    expectTypeOf(createLean<Chat>({ url: 'http://x', auth })).toEqualTypeOf<Client<Chat>>()
    expectTypeOf(createLean<Chat>({ url: 'http://x', auth, use: [rooms] })).toEqualTypeOf<Client<Chat>>()
  })

  test('asks for credentials, and takes nothing but parts', () => {
    // @ts-expect-error the contract asks for credentials
    createLean<Chat>({ url: 'http://x', use: [rooms] })
    // @ts-expect-error this is no part
    createLean<Chat>({ url: 'http://x', auth: { token: 't' }, use: ['rooms'] })
    // @ts-expect-error the full client has all of them
    createClient<Chat>({ url: 'http://x', auth: { token: 't' }, use: [rooms] })
  })
})
