import { createClient, isErrorOf } from '@typewire/client'
import { defineContract, type Items, type ItemsToUpload, type Named, procedure, stream, upload } from '@typewire/core'
import { createServer, type HandlersOf } from '@typewire/server'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'

const Row = z.object({ id: z.coerce.number(), at: z.date().default(() => new Date()) })
type Given = z.input<typeof Row>
type Got = z.output<typeof Row>

const contract = defineContract({
  procedures: {
    /** Items up, alone and beside a head. */
    sum: procedure({ input: upload(Row), output: z.number() }),
    load: procedure({ input: upload(Row, z.object({ table: z.string() })), output: z.number() }),
  },
  streams: {
    /** Items down. */
    rows: stream({
      input: z.object({ table: z.string() }),
      items: Row,
      errors: { GONE: z.object({ since: z.date() }) },
      key: ({ id }) => id,
    }),
    ticks: stream({ items: z.number() }),
    /** Both ways. */
    both: stream({ input: upload(Row), items: Row }),
    bothBeside: stream({ input: upload(Row, z.object({ table: z.string() })), items: z.string() }),
  },
})
interface App extends Named<typeof contract> {}
const app: App = contract

const server = createServer(app, { authenticate: () => ({ identity: null, level: 1 }) })
type Streams = HandlersOf<typeof server>['streams']
type Procedures = HandlersOf<typeof server>['procedures']
const client = createClient<App>({ url: '' })

describe('at the client', () => {
  test('a stream gives items as the schema gives them', () => {
    expectTypeOf(client.stream.rows).parameter(0).toEqualTypeOf<{ table: string }>()
    expectTypeOf(client.stream.rows({ table: '' })).toEqualTypeOf<Items<Got>>()
    expectTypeOf(client.stream.ticks()).toEqualTypeOf<Items<number>>()
    expectTypeOf(client.stream.ticks().toReadableStream()).toEqualTypeOf<ReadableStream<number>>()
    expectTypeOf(client.stream.both).parameter(0).toEqualTypeOf<ItemsToUpload<Given>>()
    expectTypeOf(client.stream.bothBeside)
      .parameter(0)
      .toEqualTypeOf<{ table: string } & { readonly items: ItemsToUpload<Given> }>()
    // @ts-expect-error a stream is no procedure
    void client.call.rows
    // @ts-expect-error a procedure is no stream
    void client.stream.sum
    // @ts-expect-error the table is a string
    client.stream.rows({ table: 1 })
  })

  test('an upload takes whatever gives items', () => {
    expectTypeOf<Given[]>().toExtend<ItemsToUpload<Given>>()
    expectTypeOf<Set<Given>>().toExtend<ItemsToUpload<Given>>()
    expectTypeOf<AsyncGenerator<Given>>().toExtend<ItemsToUpload<Given>>()
    expectTypeOf<Generator<Given>>().toExtend<ItemsToUpload<Given>>()
    expectTypeOf<ReadableStream<Given>>().toExtend<ItemsToUpload<Given>>()
    expectTypeOf<readonly [Given, Given]>().toExtend<ItemsToUpload<Given>>()
    expectTypeOf<ReadonlySet<Given>>().toExtend<ItemsToUpload<Given>>()
    const given = new Map<string, Given>()
    client.stream.both(given.values())
    client.stream.both([...given.values()].values())
    expectTypeOf<AsyncGenerator<string>>().not.toExtend<ItemsToUpload<Given>>()
    expectTypeOf<Generator<string>>().not.toExtend<ItemsToUpload<Given>>()
  })

  test('what could not travel item by item is none', () => {
    expectTypeOf<Iterable<Given>>().not.toExtend<ItemsToUpload<Given>>()
    expectTypeOf<{ [Symbol.iterator](): Generator<Given> }>().not.toExtend<ItemsToUpload<Given>>()
    expectTypeOf<Map<string, Given>>().not.toExtend<ItemsToUpload<[string, Given]>>()
    expectTypeOf<Uint8Array>().not.toExtend<ItemsToUpload<number>>()
    expectTypeOf<string>().not.toExtend<ItemsToUpload<string>>()
    // @ts-expect-error an iterable that is no iterator: give what `[Symbol.iterator]()` gives
    client.stream.both({ *[Symbol.iterator]() {} } as Iterable<Given>)
    expectTypeOf(client.call.sum).returns.toEqualTypeOf<Promise<number>>()
  })

  test('errors are narrowed by the verb', () => {
    const error: unknown = undefined
    if (isErrorOf(client.stream.rows, error) && error.code === 'GONE') {
      expectTypeOf(error.data).toEqualTypeOf<{ since: Date }>()
    }
  })
})

describe('at the server', () => {
  test('a handler gets what it is called with, and gives items as the schema takes them', () => {
    type Args = Parameters<Streams['rows']>[0]
    expectTypeOf<Args['input']>().toEqualTypeOf<{ table: string }>()
    expectTypeOf<Args['ctx']['level']>().toEqualTypeOf<number>()
    expectTypeOf<Args['after']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Args['errors']['GONE']>().parameter(0).toEqualTypeOf<{ since: Date }>()
    expectTypeOf<ReturnType<Streams['rows']>>().toEqualTypeOf<AsyncIterable<Given>>()
    expectTypeOf<AsyncGenerator<{ id: string }>>().toExtend<ReturnType<Streams['rows']>>()
    expectTypeOf<AsyncGenerator<string>>().not.toExtend<ReturnType<Streams['rows']>>()
    expectTypeOf<ReadableStream<Given>>().toExtend<ReturnType<Streams['rows']>>()
  })

  test('an upload is read by `for await`', () => {
    expectTypeOf<Parameters<Procedures['sum']>[0]['input']>().toEqualTypeOf<AsyncIterable<Got>>()
    expectTypeOf<Parameters<Procedures['load']>[0]['input']>().toEqualTypeOf<
      { table: string } & { readonly items: AsyncIterable<Got> }
    >()
    expectTypeOf<Parameters<Streams['both']>[0]['input']>().toEqualTypeOf<AsyncIterable<Got>>()
  })
})

test('a key is of an item', () => {
  expectTypeOf(
    stream({ items: Row, key: (row) => (expectTypeOf(row).toEqualTypeOf<Got>(), row.id) }).kind,
  ).toEqualTypeOf<'stream'>()
  // @ts-expect-error a key is a string or a number
  stream({ items: Row, key: (row) => row })
})
