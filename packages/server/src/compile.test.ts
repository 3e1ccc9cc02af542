import { defineContract, event, procedure, room, stream } from '@typewire/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { compileHandlers, compileOutgoing, compileRoomKinds } from './compile.ts'
import { Namespace, namespacesOf } from './namespace.ts'

const text = z.object({ text: z.string() })
const rich = z.object({ at: z.date() })

const contract = defineContract({
  procedures: {
    send: procedure({ input: text, output: rich, errors: { MUTED: text }, timeoutMs: 5 }),
    list: procedure({ output: text }),
  },
  events: {
    toServer: { seen: event(text, { ack: rich }) },
    toClient: { notice: event(text), at: event(rich, { ack: text }) },
  },
  rooms: {
    chat: room({ params: text, events: { toServer: { typing: event() }, toClient: { message: event(rich) } } }),
    lobby: room({}),
  },
})

const procedures = { send: () => ({ at: new Date() }), list: () => ({ text: '' }) }
const events = { seen: () => ({ at: new Date() }) }

/** Handlers as code without types may give them. */
const compile = (handlers: object) => compileHandlers(namespacesOf(contract).values(), handlers)

describe('compileHandlers', () => {
  it('finds what belongs to a procedure by its name', () => {
    const { procedures: compiled } = compile({ procedures, events })
    const { send, list } = contract.procedures
    const send2 = compiled.get('send')!
    expect(send2).toMatchObject({ name: 'send', timeoutMs: 5, handle: procedures.send })
    expect([send2.input, send2.output.schema]).toEqual([send.input, send.output])
    expect([...send2.errors.keys()]).toEqual(['MUTED'])
    expect(compiled.get('list')).toMatchObject({ timeoutMs: undefined, input: list.input })
    expect(compiled.get('constructor')).toBeUndefined()
  })

  it('decides once for each schema whether its values need a look', () => {
    const compiled = compile({ procedures, events })
    expect(compiled.procedures.get('send')!.output.isPlain).toBe(false)
    expect(compiled.procedures.get('send')!.errors.get('MUTED')!.isPlain).toBe(true)
    expect(compiled.procedures.get('list')!.output.isPlain).toBe(true)
    expect(compiled.events.get('seen')!.ack.isPlain).toBe(false)
  })

  it('makes a maker for each declared error', () => {
    const makers = compile({ procedures, events }).procedures.get('send')!.errorMakers as Record<
      string,
      (data: unknown) => unknown
    >
    expect(makers['MUTED']!({ text: 'why' })).toMatchObject({
      name: 'TypewireError',
      code: 'MUTED',
      data: { text: 'why' },
      message: 'send answered MUTED.',
      origin: undefined,
    })
    expect(compile({ procedures, events }).procedures.get('list')!.errorMakers).toEqual({})
  })

  it('finds the handlers of rooms, which may be left out', () => {
    const authorize = () => true
    const typing = () => {}
    const { rooms } = compile({ procedures, events, rooms: { chat: { authorize, events: { typing } } } })
    expect(rooms.get('chat')!.authorize).toBe(authorize)
    expect(rooms.get('chat')!.toServer.get('typing')!.handle).toBe(typing)
    expect(rooms.get('lobby')).toMatchObject({ authorize: undefined, toServer: new Map() })
    expect(compile({ procedures, events }).rooms.get('chat')!.toServer.get('typing')!.handle).toBeUndefined()
  })

  it('keeps the session hook', () => {
    const session = () => {}
    expect([...compile({ procedures, events, session }).sessions.values()]).toEqual([session])
    expect(compile({ procedures, events }).sessions.size).toBe(0)
  })

  it('needs nothing where the contract has nothing', () => {
    expect(() => compileHandlers(namespacesOf(defineContract({})).values(), {})).not.toThrow()
  })

  it.each<[string, object]>([
    ['procedures.send is missing', { events }],
    ['procedures.list is missing', { procedures: { send: procedures.send }, events }],
    ['procedures.list is missing', { procedures: { ...procedures, list: undefined }, events }],
    ['procedures.send is not a function', { procedures: { ...procedures, send: 5 }, events }],
    ['events.seen is missing', { procedures }],
    ['events.seen is not a function', { procedures, events: { seen: {} } }],
    ['rooms.chat.authorize is not a function', { procedures, events, rooms: { chat: { authorize: true } } }],
    ['rooms.chat.events.typing is not a function', { procedures, events, rooms: { chat: { events: { typing: 5 } } } }],
    ['session is not a function', { procedures, events, session: 'hook' }],
  ])('refuses a handler that is missing or none: %s', (what, handlers) => {
    expect(() => compile(handlers)).toThrow(new TypeError(`implement: ${what}.`))
  })

  it.each<[string, object]>([
    ['procedures.other', { procedures: { ...procedures, other: () => {} }, events }],
    ['procedures.toString', { procedures: { ...procedures, toString: () => '' }, events }],
    ['events.notice', { procedures, events: { ...events, notice: () => {} } }],
    ['rooms.other', { procedures, events, rooms: { other: {} } }],
    ['rooms.chat.events.message', { procedures, events, rooms: { chat: { events: { message: () => {} } } } }],
    ['streams.list', { procedures, events, streams: { list: () => {} } }],
  ])('refuses a handler of no name in the contract: %s', (where, handlers) => {
    expect(() => compile(handlers)).toThrow(
      new TypeError(`implement: ${where} is not in the contract. Declare it there, or take the handler out.`),
    )
  })

  it('takes the handlers of streams', () => {
    const streams = defineContract({ streams: { list: stream({ items: text }) } })
    expect(() =>
      compileHandlers(namespacesOf(streams).values(), { streams: { list: async function* () {} } }),
    ).not.toThrow()
  })
})

describe('compileOutgoing', () => {
  it('finds what belongs to an event by its name', () => {
    const compiled = compileOutgoing(contract.events.toClient)
    const { notice, at } = contract.events.toClient
    const reliable = { delivery: 'reliable', keyOf: undefined }
    const [schema, ack] = [notice.payload, notice.ack]
    expect(compiled.get('notice')).toEqual({ ...reliable, name: 'notice', schema, isPlain: true, ack })
    expect(compiled.get('at')).toEqual({ ...reliable, name: 'at', schema: at.payload, isPlain: false, ack: at.ack })
    expect(compiled.get('toString')).toBeUndefined()
  })

  it('gives the keys of events of which only the latest counts: one for all, unless the contract tells them apart', () => {
    const price = z.object({ symbol: z.union([z.string(), z.number(), z.null()]) })
    const { events } = defineContract({
      events: {
        toClient: {
          cursor: event(price, { delivery: 'latest' }),
          price: event(price, { delivery: 'latest', key: ({ symbol }) => symbol! }),
          typing: event(price, { delivery: 'volatile' }),
        },
      },
    })
    const compiled = compileOutgoing(events.toClient)
    const keyOf = (name: string, symbol: string | number | null) => compiled.get(name)!.keyOf!({ symbol })
    expect([keyOf('cursor', 'a'), keyOf('cursor', 'b')]).toEqual(['', ''])
    expect([keyOf('price', 'a'), keyOf('price', 1), keyOf('price', '')]).toEqual(['a', '1', ''])
    expect(() => keyOf('price', null)).toThrow(
      new TypeError('emit.price: its key(payload) gave object. Give a string or a number.'),
    )
    expect(compiled.get('typing')).toMatchObject({ delivery: 'volatile', keyOf: undefined })
  })
})

describe('compileRoomKinds', () => {
  it('finds a kind of room by its name', () => {
    const kinds = compileRoomKinds(new Namespace(contract))
    expect([...kinds.keys()]).toEqual(['chat', 'lobby'])
    expect(kinds.get('chat')).toMatchObject({ kind: 'chat', params: contract.rooms.chat.params })
    expect([...kinds.get('chat')!.toClient.keys()]).toEqual(['message'])
  })
})
