import { createClient } from '@typewire/client'
import {
  defineContract,
  event,
  type Given,
  type Got,
  type Items,
  type ItemsToUpload,
  procedure,
  room,
  type Schema,
  stream,
  upload,
} from '@typewire/core'
import { createServer, type HandlersOf } from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

// What each side gives is the schema's input, what it receives is the schema's output.

/** A Standard Schema of nobody's: a text of a number, `'42'` → 42. */
interface NumberText extends Schema<string, number> {}
declare const numberText: NumberText
/** One that says no types, as the specification allows. */
declare const untyped: {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'x'
    readonly validate: (value: unknown) => { value: unknown }
  }
}

const contract = defineContract({
  auth: z.object({ token: z.string().transform((token) => token.length), room: z.string().default('lobby') }),
  procedures: {
    add: procedure({
      input: z.object({ on: z.coerce.date(), tags: z.array(z.string()).default([]), n: z.string().transform(Number) }),
      output: z.object({ id: z.number().transform(String), at: z.date().optional() }),
      errors: { CLASH: z.object({ with: z.number().transform(String) }) },
    }),
    find: procedure({ input: z.object({ text: z.string() }).optional(), output: z.string().nullable() }),
    page: procedure({ input: z.number().default(1) }),
    parse: procedure({ input: numberText, output: numberText, errors: { BAD: numberText } }),
    anything: procedure({ input: z.unknown(), output: z.unknown() }),
    untyped: procedure({ input: untyped, output: untyped }),
    shapes: procedure({
      input: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('circle'), radius: z.number() }),
        z.object({ kind: z.literal('square'), side: z.number() }),
      ]),
    }),
    load: procedure({ input: upload(numberText, z.object({ n: z.string().transform(Number) })), output: z.number() }),
  },
  streams: {
    count: stream({ input: numberText, items: numberText }),
    loads: stream({ input: upload(numberText), items: z.date() }),
  },
  events: {
    toServer: { put: event(numberText, { ack: numberText }), maybe: event(z.string().optional()) },
    toClient: { got: event(numberText, { ack: numberText }) },
  },
  rooms: {
    item: room({ params: z.object({ id: numberSchema() }), events: { toClient: { changed: event(numberText) } } }),
    board: room({
      params: z.object({ page: z.number() }).optional(),
      events: { toClient: { cleared: event(z.string().optional()) } },
    }),
  },
})
function numberSchema() {
  return z.string().transform(Number)
}

const client = createClient<typeof contract>({ url: '', auth: { token: 'x' } })
const server = createServer(contract, {
  authenticate: ({ auth }) => {
    expectTypeOf(auth).toEqualTypeOf<{ token: number; room: string }>()
    return { identity: null }
  },
})
type All = HandlersOf<typeof server>
type Procedures = All['procedures']

describe('defaults, transforms, coercions', () => {
  test('the caller gives the input and gets the output', () => {
    expectTypeOf(client.call.add).parameter(0).toEqualTypeOf<{ on: unknown; tags?: string[] | undefined; n: string }>()
    expectTypeOf(client.call.add).returns.resolves.toEqualTypeOf<{ id: string; at?: Date | undefined }>()
    // @ts-expect-error the transform's result is not what is given
    void client.call.add({ on: '2026-11-21', n: 42 })
  })

  test('the handler gets the input’s output and gives the output’s input', () => {
    expectTypeOf<Parameters<Procedures['add']>[0]['input']>().toEqualTypeOf<{ on: Date; tags: string[]; n: number }>()
    const add: Procedures['add'][] = [() => ({ id: 42 }), ({ input }) => ({ id: input.n, at: input.on })]
    // @ts-expect-error the transform's result is not what is given
    add.push(() => ({ id: '42' }))
  })

  test('so do errors', () => {
    expectTypeOf<Parameters<Procedures['add']>[0]['errors']['CLASH']>().parameters.toEqualTypeOf<
      [data: { with: number }]
    >()
    void (async () => {
      const result = await client.try.add({ on: 0, n: '1' })
      if (!result.ok && result.error.code === 'CLASH') expectTypeOf(result.error.data).toEqualTypeOf<{ with: string }>()
    })
  })

  test('and auth, and params', () => {
    createClient<typeof contract>({ url: '', auth: { token: 'x', room: 'chat' } })
    // @ts-expect-error the transform's result is not what is given
    createClient<typeof contract>({ url: '', auth: { token: 1 } })
    expectTypeOf(client.join.item).parameter(0).toEqualTypeOf<{ id: string }>()
    type Authorize = NonNullable<All['rooms']['item']['authorize']>
    expectTypeOf<Parameters<Authorize>[0]['params']>().toEqualTypeOf<{ id: number }>()
    expectTypeOf(server.rooms.item).parameters.toEqualTypeOf<[params: { id: string }]>()
  })
})

describe('an input that may be left out', () => {
  test('may be left out', () => {
    void client.call.find()
    void client.call.find({ text: 'x' })
    void client.call.find(undefined, { timeoutMs: 1 })
    void client.call.page()
    void client.try.page(2)
    void client.call.anything()
    client.emit.maybe()
    client.emit.maybe('x')
    // @ts-expect-error text is a string
    void client.call.find({ text: 1 })
    // @ts-expect-error null is not undefined
    void client.call.find(null)
    expectTypeOf<Parameters<Procedures['find']>[0]['input']>().toEqualTypeOf<{ text: string } | undefined>()
    expectTypeOf<Parameters<Procedures['page']>[0]['input']>().toEqualTypeOf<number>()
  })
})

describe('an optional payload or params', () => {
  test('may be left out wherever the contract’s name is used', () => {
    void client.emitWithAck.maybe()
    void client.emitWithAck.maybe(undefined, { timeoutMs: 1 })
    client.join.board()
    client.join.board({ page: 1 })
    server.rooms.board().emit.cleared()
    void server.rooms.board().emitWithAck.cleared()
    // @ts-expect-error page is a number
    client.join.board({ page: '1' })
  })
})

describe('any Standard Schema', () => {
  test('gives its types to every place', () => {
    expectTypeOf<Given<NumberText>>().toEqualTypeOf<string>()
    expectTypeOf<Got<NumberText>>().toEqualTypeOf<number>()
    expectTypeOf(client.call.parse).parameter(0).toEqualTypeOf<string>()
    expectTypeOf(client.call.parse).returns.resolves.toEqualTypeOf<number>()
    expectTypeOf(client.stream.count).parameter(0).toEqualTypeOf<string>()
    expectTypeOf(client.stream.count('1')).toEqualTypeOf<Items<number>>()
    expectTypeOf(client.emitWithAck.put).parameter(0).toEqualTypeOf<string>()
    expectTypeOf(client.emitWithAck.put).returns.resolves.toEqualTypeOf<number>()
    client.on.got((payload) => payload.toFixed())
    client.join.item({ id: '1' }).on.changed((payload) => payload.toFixed())
    server.rooms.item({ id: '1' }).emit.changed('42')
    // @ts-expect-error the payload is given as text
    server.rooms.item({ id: '1' }).emit.changed(42)
    // @ts-expect-error the ack is given as text
    client.on.got((payload) => payload)
    // @ts-expect-error the input is given as text
    void client.call.parse(42)
  })

  test('without types, values are unknown', () => {
    expectTypeOf(client.call.untyped).parameter(0).toEqualTypeOf<unknown>()
    expectTypeOf(client.call.untyped).returns.resolves.toEqualTypeOf<unknown>()
  })

  test('a union of shapes stays one', () => {
    void client.call.shapes({ kind: 'circle', radius: 1 })
    // @ts-expect-error a square has a side
    void client.call.shapes({ kind: 'square', radius: 1 })
  })

  test('what is no schema is refused', () => {
    // @ts-expect-error a shape
    procedure({ input: { text: z.string() } })
    // @ts-expect-error a class
    procedure({ output: String })
    // @ts-expect-error a text
    procedure({ errors: { MUTED: 'you are muted' } })
    // @ts-expect-error a function
    event(() => true)
    // @ts-expect-error an old version
    event({ '~standard': { version: 2, vendor: 'x', validate: () => ({ value: 1 }) } })
  })
})

describe('uploads', () => {
  test('the caller gives any iterable, the handler reads an async one', () => {
    expectTypeOf(client.stream.loads).parameter(0).toEqualTypeOf<ItemsToUpload<string>>()
    expectTypeOf<Parameters<All['streams']['loads']>[0]['input']>().toEqualTypeOf<AsyncIterable<number>>()
  })

  test('beside their head', () => {
    void client.call.load({ n: '1', items: ['1', '2'] })
    void client.call.load({ n: '1', items: new Set(['1']) })
    // @ts-expect-error the items are missing
    void client.call.load({ n: '1' })
    // @ts-expect-error the head is missing
    void client.call.load({ items: ['1'] })
    // @ts-expect-error an item is given as text
    void client.call.load({ n: '1', items: [1] })
    expectTypeOf<Parameters<Procedures['load']>[0]['input']>().toEqualTypeOf<
      { n: number } & { readonly items: AsyncIterable<number> }
    >()
  })
})
