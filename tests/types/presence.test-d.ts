import { createClient } from '@typewire/client'
import { defineContract, event, type Named, type Presence, room, type Store } from '@typewire/core'
import { createServer, type HandlersOf, type PresenceArgs, type ServerSession } from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const contract = defineContract({
  rooms: {
    chat: room({
      params: z.object({ roomId: z.string() }),
      presence: z.object({ name: z.string(), since: z.string().transform((text) => new Date(text)) }),
      events: { toClient: { message: event(z.string()) } },
    }),
    lobby: room({ presence: z.string() }),
    shop: room({ presence: z.object({ name: z.string() }).optional() }),
    maze: room({ params: z.object({ id: z.string() }) }),
  },
})
interface Town extends Named<typeof contract> {}
const town: Town = contract

const client = createClient<Town>({ url: 'http://localhost:3000' })
const server = createServer(town)
const presence = { name: 'Ada', since: '2026-11-21' }

describe('join', () => {
  test('asks for presence where the contract does', () => {
    client.join.chat({ roomId: '42' }, { presence })
    client.join.chat({ roomId: '42' }, { presence, timeoutMs: 1_000 })
    client.join.lobby(undefined, { presence: 'here' })
    // @ts-expect-error presence is missing
    client.join.chat({ roomId: '42' })
    // @ts-expect-error presence is missing
    client.join.chat({ roomId: '42' }, { timeoutMs: 1_000 })
    // @ts-expect-error presence is missing
    client.join.lobby()
    // @ts-expect-error since is missing
    client.join.chat({ roomId: '42' }, { presence: { name: 'Ada' } })
    // @ts-expect-error a Date is what others get
    client.join.chat({ roomId: '42' }, { presence: { name: 'Ada', since: new Date() } })
  })

  test('lets it be left out where the contract does, and takes none where there is none', () => {
    client.join.shop()
    client.join.shop(undefined, { presence: { name: 'Ada' } })
    client.join.maze({ id: 'm' })
    // @ts-expect-error a wrong presence
    client.join.shop(undefined, { presence: 'Ada' })
    // @ts-expect-error the contract has none
    client.join.maze({ id: 'm' }, { presence: 'Ada' })
  })
})

test('a handle shows what the schema gives, and takes what it is given', () => {
  const chat = client.join.chat({ roomId: '42' }, { presence })
  expectTypeOf(chat.presence).toEqualTypeOf<Store<Presence<{ name: string; since: Date }>>>()
  expectTypeOf(chat.presence.current.members[0]!.entries[0]!.data.since).toEqualTypeOf<Date>()
  expectTypeOf(chat.setPresence(presence)).toEqualTypeOf<Promise<void>>()
  // @ts-expect-error since is missing
  void chat.setPresence({ name: 'Ada' })
  // @ts-expect-error what is shown is not to be changed
  chat.presence.current.members.push({ id: 'x', entries: [] })
})

test('server code reads it, and gives it with a join', () => {
  const lobby = server.rooms.lobby()
  expectTypeOf(server.rooms.chat({ roomId: '42' }).presence()).toEqualTypeOf<
    Promise<Presence<{ name: string; since: Date }>>
  >()
  const [session] = server.sessions
  void session!.join(lobby)
  void session!.join(lobby, { presence: 'here' })
  // @ts-expect-error a wrong presence
  void session!.join(lobby, { presence: 7 })
  // @ts-expect-error the contract has none
  void session!.join(server.rooms.maze({ id: 'm' }), { presence: 'here' })
})

test('the options of a kind', () => {
  server.implement({ rooms: { chat: { authorize: () => true, presence: { graceMs: 5_000, mode: 'count' } } } })
  // @ts-expect-error a misspelt mode
  server.implement({ rooms: { chat: { presence: { mode: 'counted' } } } })
})

describe('what the server makes of what is said', () => {
  interface Ctx {
    readonly identity: string
  }
  const named = createServer<Town, Ctx>(town, { authenticate: () => ({ identity: 'ada' }) })
  type OfChat = NonNullable<NonNullable<HandlersOf<typeof named>['rooms']['chat']['presence']>['of']>

  test('is made of what the schema gives, and of what every handler gets', () => {
    type Args = Parameters<OfChat>[0]
    expectTypeOf<Args>().toEqualTypeOf<PresenceArgs<'chat', Ctx, Town>>()
    expectTypeOf<Args['said']>().toEqualTypeOf<{ name: string; since: Date }>()
    expectTypeOf<Args['params']>().toEqualTypeOf<{ roomId: string }>()
    expectTypeOf<Args['ctx']>().toEqualTypeOf<Ctx>()
    expectTypeOf<Args['session']>().toEqualTypeOf<ServerSession<Ctx, Town>>()
    expectTypeOf<Args['server']>().toHaveProperty('rooms')
    expectTypeOf<Args['signal']>().toEqualTypeOf<AbortSignal>()
    expectTypeOf<PresenceArgs<'shop', Ctx, Town>['said']>().toEqualTypeOf<{ name: string } | undefined>()
  })

  test('is what the schema takes, at once or later', () => {
    const makers: OfChat[] = [
      ({ said, ctx }) => ({ name: ctx.identity, since: said.since.toISOString() }),
      async () => presence,
    ]
    // @ts-expect-error since is missing
    makers.push(({ ctx }) => ({ name: ctx.identity }))
    // @ts-expect-error a Date is what the schema gives
    makers.push(async ({ said }) => said)
    // @ts-expect-error nothing
    makers.push(() => {})
    // @ts-expect-error ctx has no name
    makers.push(({ ctx }) => ({ ...presence, name: ctx.name as string }))
  })

  test('is typed where handlers are given', () => {
    const of = ({ said }: { readonly said: { readonly name: string } | undefined }) => said
    named.implement({
      rooms: {
        chat: { presence: { of: ({ said, ctx }) => ({ name: ctx.identity, since: said.since.toISOString() }) } },
        shop: { presence: { of } },
      },
    })
    // @ts-expect-error a number is no presence
    named.implement({ rooms: { lobby: { presence: { of: () => 7 } } } })
    // @ts-expect-error the room has no such params
    named.implement({ rooms: { lobby: { presence: { of: ({ params }) => params.roomId } } } })
  })

  test('may leave to the server what the schema has a default for', () => {
    const filled = defineContract({
      rooms: { chat: room({ presence: z.object({ name: z.string().default(''), isAway: z.boolean() }) }) },
    })
    const chat = createClient<typeof filled>({ url: 'http://localhost:3000' }).join.chat
    const handle = chat(undefined, { presence: { isAway: false } })
    expectTypeOf(handle.presence.current.members[0]!.entries[0]!.data).toEqualTypeOf<{
      name: string
      isAway: boolean
    }>()
    createServer(filled).implement({
      rooms: { chat: { presence: { of: ({ said, session }) => ({ ...said, name: session.id }) } } },
    })
  })
})

test('presence is a schema', () => {
  // @ts-expect-error not a schema
  room({ presence: { name: 'string' } })
})
