import {
  type AckVerbs,
  type CallVerbs,
  type Client,
  type ClientOptionsOf,
  createClient,
  type EmitVerbs,
  type ErrorOf,
  isErrorOf,
  type JoinVerbs,
  type OnVerbs,
  type StreamVerbs,
  type TryVerbs,
} from '@typewire/client'
import type { AnyContract, RoomHandle } from '@typewire/core'
import type { Chat as ChatContract } from '../../examples/chat/src/contract.ts'
import type { Ticker as TickerContract } from '../../examples/ticker/src/contract.ts'
import { useCall, useEvent, usePresence, useRoom, useStream } from '@typewire/react'
import { describe, expectTypeOf, test } from 'vitest'
import type { EveryShape as Source } from './fixtures/every-shape.ts'
import { type Chat, createChatClient } from './golden/chat/chat.js'
import {
  createEveryShapeClient,
  type EveryShape,
  type EveryShapeClient,
  type EveryShapeClientOptions,
  type Message,
} from './golden/every-shape/every-shape.js'
import type { Ticker } from './golden/ticker/ticker.js'
import type { Differing, Equal, Fits } from './same-types.ts'

/** All names of a contract of which a verb differs: `call.send`. `rooms` is not among them: its params are the server's. */
type DifferingNames<A extends AnyContract, B extends AnyContract> =
  | `call.${Texts<Differing<CallVerbs<A>, CallVerbs<B>>>}`
  | `try.${Texts<Differing<TryVerbs<A>, TryVerbs<B>>>}`
  | `stream.${Texts<Differing<StreamVerbs<A>, StreamVerbs<B>>>}`
  | `emit.${Texts<Differing<EmitVerbs<A>, EmitVerbs<B>>>}`
  | `emitWithAck.${Texts<Differing<AckVerbs<A>, AckVerbs<B>>>}`
  | `on.${Texts<Differing<OnVerbs<A>, OnVerbs<B>>>}`
  | `join.${Texts<DifferingJoins<A, B>>}`
  | DifferingNamespaces<A['namespaces'], B['namespaces']>

type DifferingNamespaces<A, B> = {
  [Name in keyof A | keyof B]: Name extends keyof A & keyof B
    ? A[Name] extends infer One extends AnyContract
      ? B[Name] extends infer Other extends AnyContract
        ? `ns.${Texts<Name>}.${DifferingNames<One, Other>}`
        : never
      : never
    : `ns.${Texts<Name>}`
}[keyof A | keyof B]

type Texts<Name> = Name & string

/** A join gives a handle of its contract, so what is compared is what one gives and what the handle has. */
type DifferingJoins<A extends AnyContract, B extends AnyContract> = {
  [Name in keyof A['rooms'] | keyof B['rooms']]: Name extends keyof A['rooms'] & keyof B['rooms']
    ? Equal<JoinedBy<A, Name>, JoinedBy<B, Name>> extends true
      ? never
      : Name
    : Name
}[keyof A['rooms'] | keyof B['rooms']]

interface JoinedBy<C extends AnyContract, Name extends keyof C['rooms']> {
  params: Parameters<JoinVerbs<C>[Name]>[0]
  options: Required<NonNullable<Parameters<JoinVerbs<C>[Name]>[1]>>
  lengths: Parameters<JoinVerbs<C>[Name]>['length']
  on: { [Event in keyof RoomHandle<Name, C>['on']]: RoomHandle<Name, C>['on'][Event] }
  emit: { [Event in keyof RoomHandle<Name, C>['emit']]: RoomHandle<Name, C>['emit'][Event] }
  emitWithAck: { [Event in keyof RoomHandle<Name, C>['emitWithAck']]: RoomHandle<Name, C>['emitWithAck'][Event] }
  presence: RoomHandle<Name, C>['presence']
  setPresence: RoomHandle<Name, C>['setPresence']
  history: Awaited<ReturnType<RoomHandle<Name, C>['history']>>['events'][number]
  /** What the server's code emits. */
  toMembers: { [Event in keyof ToClient<C, Name>]: ToClient<C, Name>[Event]['~emitToRoom'] }
}

type ToClient<C extends AnyContract, Name extends keyof C['rooms']> = C['rooms'][Name]['events']['toClient']

describe('the types of a generated client are those of its contract', () => {
  test('in every verb, of every shape', () => {
    expectTypeOf<DifferingNames<EveryShape, Source>>().toEqualTypeOf<never>()
  })

  test('in the names that there are', () => {
    type Names<C extends AnyContract> = [
      keyof C['procedures'],
      keyof C['streams'],
      keyof C['events']['toServer'],
      keyof C['events']['toClient'],
      keyof C['rooms'],
      keyof C['namespaces'],
    ]
    expectTypeOf<Names<EveryShape>>().toEqualTypeOf<Names<Source>>()
    expectTypeOf<Names<EveryShape['namespaces']['admin']>>().toEqualTypeOf<Names<Source['namespaces']['admin']>>()
  })

  test('in the errors of every procedure', () => {
    type Failing = CallVerbs<EveryShape>['failing']
    expectTypeOf<ErrorOf<Failing>>().toEqualTypeOf<ErrorOf<CallVerbs<Source>['failing']>>()
    expectTypeOf<
      Equal<ErrorOf<StreamVerbs<EveryShape>['rows']>, ErrorOf<StreamVerbs<Source>['rows']>>
    >().toEqualTypeOf<true>()
  })

  test('in what the client is created with', () => {
    expectTypeOf<EveryShapeClientOptions['auth']>().toEqualTypeOf<ClientOptionsOf<Source>['auth']>()
    type Namespaces<C extends AnyContract> = NonNullable<ClientOptionsOf<C>['namespaces']>
    type AdminAuth<C extends { namespaces: { admin: AnyContract } } & AnyContract> = NonNullable<
      NonNullable<Namespaces<C>['admin']>
    >['auth']
    expectTypeOf<AdminAuth<EveryShape>>().toEqualTypeOf<AdminAuth<Source>>()
    expectTypeOf(createEveryShapeClient).returns.toEqualTypeOf<Client<EveryShape>>()
    expectTypeOf(createClient<EveryShape>).returns.toEqualTypeOf<EveryShapeClient>()
  })

  test('so that each fits where the other is asked for', () => {
    expectTypeOf<Fits<CallVerbs<EveryShape>, CallVerbs<Source>>>().toEqualTypeOf<true>()
    expectTypeOf<Fits<TryVerbs<EveryShape>, TryVerbs<Source>>>().toEqualTypeOf<true>()
    expectTypeOf<Fits<Client<Chat>, Client<ChatContract>>>().toEqualTypeOf<true>()
  })

  test('of the chat and of the ticker', () => {
    expectTypeOf<DifferingNames<Chat, ChatContract>>().toEqualTypeOf<never>()
    expectTypeOf<DifferingNames<Ticker, TickerContract>>().toEqualTypeOf<never>()
  })

  test('and the comparison finds what differs', () => {
    type Wrong = { a: (x: string) => void; b: { c?: string | undefined }; d: 1 }
    type Right = { a: (x: string | undefined) => void; b: { c?: string }; d: 1 }
    expectTypeOf<Differing<Wrong, Right>>().toEqualTypeOf<'a' | 'b'>()
    expectTypeOf<DifferingNames<Chat, TickerContract>>().toEqualTypeOf<
      | 'call.market'
      | 'call.openRoom'
      | 'call.send'
      | 'call.setRate'
      | 'try.market'
      | 'try.openRoom'
      | 'try.send'
      | 'try.setRate'
      | 'on.figures'
      | 'on.rooms'
      | 'on.welcome'
      | 'join.chat'
      | 'join.market'
    >()
    type Other = Omit<EveryShape, 'namespaces'> & { namespaces: { admin: EveryShape['namespaces']['open'] } }
    expectTypeOf<DifferingNames<EveryShape, Other>>().toEqualTypeOf<
      | 'ns.open'
      | 'ns.admin.call.ban'
      | 'ns.admin.try.ban'
      | 'ns.admin.on.report'
      | 'ns.admin.join.watch'
      | 'ns.admin.ns.audit'
    >()
  })
})

describe('a generated client', () => {
  const client = createEveryShapeClient({ url: '', auth: { token: '' } })

  test('is used as any other', async () => {
    expectTypeOf(await client.call.delete({ new: true })).toEqualTypeOf<{ function: string }>()
    expectTypeOf(await client.call.shape({ kind: 'square', side: 1 })).toEqualTypeOf<
      ({ kind: 'circle'; radius: number } | { kind: 'square'; 'line width': number; side: number })[]
    >()
    for await (const row of client.stream.rows({ table: '' })) expectTypeOf(row.cells).toEqualTypeOf<unknown[]>()
    client.on.ask(({ question }) => ({ answer: question === '' ? 'no' : 'yes' }))
    const chat = client.join.chat({ roomId: '' }, { presence: { isAway: false } })
    chat.on.message((message) => expectTypeOf(message).toExtend<Message>())
    expectTypeOf(await chat.emitWithAck.vote(1)).toEqualTypeOf<boolean>()
    expectTypeOf(await client.ns.admin.call.ban({ personId: '' })).toEqualTypeOf<void>()
    const settled = await client.try.failing({ path: '' })
    if (!settled.ok && settled.error.code === 'LOCKED')
      expectTypeOf(settled.error.data).toEqualTypeOf<{ by: { id: string; name: string }; untilMs: number }>()
    const error: unknown = undefined
    if (isErrorOf(client.call.failing, error) && error.code === 'EXISTS') expectTypeOf(error.data).toExtend<Message>()
    await client.call.load([{ row: [''] }])
    await client.call.loadInto({ name: '', items: new Set([new Uint8Array()]) })
  })

  test('works with the hooks of React', () => {
    expectTypeOf(useCall(client.call.settings).run).returns.resolves.toExtend<object>()
    expectTypeOf(useStream(client.stream.ticks).items).toEqualTypeOf<readonly Date[]>()
    useEvent(client.on.seen, ({ by }) => expectTypeOf(by.name).toEqualTypeOf<string>())
    const room = useRoom(client.join.chat, { roomId: '' }, { presence: { isAway: true } })
    expectTypeOf(usePresence(room)).toExtend<object>()
  })

  test('takes nothing wrong', () => {
    // @ts-expect-error no such procedure
    void client.call.send({})
    // @ts-expect-error the member is a boolean
    void client.call.delete({ new: 'yes' })
    // @ts-expect-error a member is missing
    void client.call.delete({})
    // @ts-expect-error a member too much
    void client.call.delete({ new: true, old: true })
    // @ts-expect-error nothing is declared
    void client.call.nothing({})
    // @ts-expect-error a null is no text
    void client.call.old(null)
    // @ts-expect-error no such alternative
    void client.call.shape({ kind: 'triangle', side: 1 })
    // @ts-expect-error a tuple is of two
    void client.call.tuples([''])
    // @ts-expect-error a date is no text
    client.emit.save({ id: '', author: { id: '', name: '' }, text: '', sentAt: '', editedAt: null })
    // @ts-expect-error no such event of the server's
    client.on.bears(() => {})
    // @ts-expect-error the ack has data
    client.on.ask(() => {})
    // @ts-expect-error a stream of dates
    void client.stream.ticks().next((tick: string) => tick)
    // @ts-expect-error the room has params
    client.join.chat()
    // @ts-expect-error the room asks for presence
    client.join.chat({ roomId: '' })
    // @ts-expect-error a namespace's own procedures
    void client.call.ban({ personId: '' })
    // @ts-expect-error no such namespace
    void client.ns.audit
    // @ts-expect-error the contract asks for credentials
    createChatClient({ url: '' })
    // @ts-expect-error credentials of another kind
    createChatClient({ url: '', auth: { token: '' } })
  })
})
