import {
  type AnyContract,
  type Contract,
  defineContract,
  event,
  type Event,
  type Named,
  procedure,
  type Procedure,
  room,
  stream,
  type UnkeptEmitOptions,
} from '@typewire/core'
import { createClient } from '@typewire/client'
import { createServer, type HandlersOf } from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Chat } from './app/contract.ts'

describe('defineContract', () => {
  test('takes each definition in its own section alone', () => {
    // @ts-expect-error an event is no procedure
    defineContract({ procedures: { x: event() } })
    // @ts-expect-error a stream is no procedure
    defineContract({ procedures: { x: stream({ items: z.string() }) } })
    // @ts-expect-error a procedure is no stream
    defineContract({ streams: { x: procedure({}) } })
    // @ts-expect-error a schema is no event
    defineContract({ events: { toClient: { notice: z.string() } } })
    // @ts-expect-error events have a direction
    defineContract({ events: { notice: event() } })
    // @ts-expect-error a room is made by room()
    defineContract({ rooms: { chat: { params: z.string() } } })
    // @ts-expect-error events of rooms have a direction
    room({ events: { message: event() } })
    // @ts-expect-error a room's event is made by event()
    room({ events: { toClient: { message: z.string() } } })
    // @ts-expect-error auth is a schema
    defineContract({ auth: { token: 'string' } })
    // @ts-expect-error a misspelt section
    defineContract({ procedure: { ping: procedure({}) } })
  })

  test('definitions take the options that they have', () => {
    procedure({ timeoutMs: 1_000 })
    stream({ items: z.string(), timeoutMs: undefined })
    // @ts-expect-error milliseconds are a number
    procedure({ timeoutMs: '1s' })
    procedure({ idempotent: true })
    // @ts-expect-error -- it is so or it is not
    procedure({ idempotent: 'always' })
    // @ts-expect-error -- items are not offered again
    stream({ items: z.string(), idempotent: true })
    // @ts-expect-error a misspelt option
    procedure({ inputs: z.string() })
    // @ts-expect-error a stream has items
    stream({})
    // @ts-expect-error a stream has no output
    stream({ items: z.string(), output: z.string() })
    // @ts-expect-error a misspelt option
    event(z.string(), { acks: z.string() })
  })

  test('an event says how it is delivered, and its key gets the parsed payload', () => {
    const Price = z.object({ symbol: z.string(), at: z.coerce.date() })
    const price = event(Price, {
      delivery: 'latest',
      key: (payload) => {
        expectTypeOf(payload).toEqualTypeOf<{ symbol: string; at: Date }>()
        return payload.symbol
      },
    })
    expectTypeOf(price).toEqualTypeOf<
      Event<{ symbol: string; at: unknown }, { symbol: string; at: Date }, void, void, UnkeptEmitOptions>
    >()
    event(Price, { delivery: 'latest' })
    event(Price, { delivery: 'latest', key: ({ at }) => at.getTime(), ack: z.number() })
    event(Price, { delivery: 'volatile', ack: z.number() })
    event(Price, { delivery: 'reliable' })
    event(Price, { delivery: undefined })
    // @ts-expect-error there is no such delivery
    event(Price, { delivery: 'sometimes' })
    // @ts-expect-error a key is a string or a number
    event(Price, { delivery: 'latest', key: ({ at }) => at })
    // @ts-expect-error the payload has no such member
    event(Price, { delivery: 'latest', key: (payload) => payload.name })
    // @ts-expect-error nothing is told apart of volatile events
    event(Price, { delivery: 'volatile', key: (payload) => payload.symbol })
    // @ts-expect-error nor of reliable ones
    event(Price, { key: () => 'x' })
  })

  test('has a key in a room where a history may keep it', () => {
    const contract = defineContract({
      rooms: {
        chat: room({
          events: {
            toClient: {
              said: event(z.string()),
              reliable: event(z.string(), { delivery: 'reliable', ack: z.number() }),
              typing: event(z.string(), { delivery: 'volatile' }),
              price: event(z.number(), { delivery: 'latest' }),
            },
          },
        }),
      },
    })
    const { emit } = createServer(contract).rooms.chat()
    emit.said('hi', { key: 'k' })
    emit.reliable('hi', { key: 'k' })
    emit.typing('hi')
    emit.typing('hi', {})
    // @ts-expect-error no history keeps what is volatile
    emit.typing('hi', { key: 'k' })
    // @ts-expect-error nor that of which the latest counts
    emit.price(1, { key: 'k' })
  })

  test('needs no section at all', () => {
    const empty = defineContract({})
    const server = createServer(empty)
    server.implement({})
    const client = createClient<typeof empty>({ url: '' })
    // @ts-expect-error nothing is declared
    void client.call.ping
    // @ts-expect-error nothing is declared
    void client.join.chat
    // @ts-expect-error no auth is declared
    createClient<typeof empty>({ url: '', auth: { token: '' } })
  })
})

describe('a named contract', () => {
  test('is a contract', () => {
    expectTypeOf<Chat>().toExtend<AnyContract>()
    const local = defineContract({ procedures: { ping: procedure({}) } })
    expectTypeOf<Named<typeof local>>().toEqualTypeOf<typeof local>()
    // @ts-expect-error what is no contract has no name
    type _Named = Named<{ send: string }>
  })

  test('and its parts carry their types without their schemas', () => {
    expectTypeOf<Chat['procedures']['ping']>().toEqualTypeOf<Procedure<void, void, {}>>()
    expectTypeOf<Chat['events']['toServer']['saved']>().toEqualTypeOf<
      Event<{ version: number }, { version: number }, { version: number }>
    >()
  })
})

describe('a contract that is written as types, as a generator would', () => {
  type Generated = Contract<{
    auth: Chat['auth']
    procedures: { add: Procedure<{ a: number }, number, { BAD: string }> }
    streams: {}
    events: { toServer: {}; toClient: { added: Event<number, number> } }
    rooms: {}
    namespaces: {}
  }>

  test('serves a client and a server as a defined one does', async () => {
    const client = createClient<Generated>({ url: '', auth: { token: '' } })
    expectTypeOf(await client.call.add({ a: 1 })).toEqualTypeOf<number>()
    client.on.added((n) => n.toFixed())
    const server = createServer({} as Generated)
    type Add = HandlersOf<typeof server>['procedures']['add']
    expectTypeOf<Parameters<Add>[0]['input']>().toEqualTypeOf<{ a: number }>()
    // @ts-expect-error a is a number
    void client.call.add({ a: '1' })
  })
})
