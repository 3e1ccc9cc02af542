// What the hooks infer, without a generic written by anybody, and what does not compile.

import { createClient } from '@typewire/client'
import { type Call, defineContract, event, procedure, room, stream, type TypewireError } from '@typewire/core'
import { expectTypeOf, test } from 'vitest'
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { z } from 'zod'
import {
  skip,
  useCall,
  useConnection,
  useEvent,
  useEvents,
  usePresence,
  useRoom,
  useStore,
  useStream,
  useSubscription,
} from './index.ts'
import { mutationOptions, queryOptions, useLiveQuery } from './query.ts'

const Message = z.object({ id: z.string(), author: z.string(), text: z.string(), sentAt: z.date() })
type Message = z.infer<typeof Message>

const contract = defineContract({
  procedures: {
    send: procedure({
      input: z.object({ roomId: z.string(), text: z.string() }),
      output: Message,
      errors: { MUTED: z.object({ untilMs: z.number() }) },
    }),
    refresh: procedure({ output: z.number() }),
    clear: procedure({}),
    find: procedure({ output: z.number().optional() }),
  },
  streams: {
    ticks: stream({ items: z.number() }),
    exportAll: stream({ input: z.object({ roomId: z.string() }), items: Message }),
  },
  events: { toClient: { notice: event(z.object({ text: z.string() }), { ack: z.object({ seen: z.boolean() }) }) } },
  rooms: {
    chat: room({
      params: z.object({ roomId: z.string() }),
      events: {
        toServer: { typing: event() },
        toClient: { message: event(Message), typing: event(z.object({ author: z.string() })) },
      },
    }),
    lobby: room({ events: { toClient: { count: event(z.number()) } } }),
    cafe: room({
      params: z.object({ id: z.string() }),
      presence: z.object({ name: z.string() }),
      events: { toClient: { said: event(z.string()) } },
    }),
  },
})
const client = createClient<typeof contract>({ url: 'http://127.0.0.1:1' })
// Never called: types alone.
const never = (_: () => void) => {}

test('useSubscription', () => {
  never(() => {
    const chat = useSubscription(
      client.join.chat,
      { roomId: '1' },
      {
        initial: [] as readonly Message[],
        reduce: {
          message: (list, message) => {
            expectTypeOf(list).toEqualTypeOf<readonly Message[]>()
            expectTypeOf(message).toEqualTypeOf<Message>()
            return [...list, message]
          },
        },
        on: { typing: ({ author }) => expectTypeOf(author).toEqualTypeOf<string>() },
        onMissed: ({ reason }) => expectTypeOf(reason).toEqualTypeOf<'noHistory' | 'notKept' | 'gap'>(),
        last: 50,
      },
    )
    expectTypeOf(chat.data).toEqualTypeOf<readonly Message[]>()
    expectTypeOf(chat.status).toEqualTypeOf<'skipped' | 'joining' | 'rejoining' | 'joined' | 'denied' | 'left'>()
    expectTypeOf(chat.error).toEqualTypeOf<TypewireError | undefined>()
    chat.room.emit.typing()
    chat.room.on.message(({ sentAt }) => expectTypeOf(sentAt).toEqualTypeOf<Date>())

    const lengths = useSubscription(
      client.join.chat,
      { roomId: '1' },
      { initial: () => 0, reduce: { message: (n, { text }) => n + text.length } },
    )
    expectTypeOf(lengths.data).toEqualTypeOf<number>()
    expectTypeOf(useSubscription(client.join.chat, skip).data).toEqualTypeOf<undefined>()
    expectTypeOf(useSubscription(client.join.lobby).data).toEqualTypeOf<undefined>()
    useSubscription(client.join.cafe, { id: 'c' }, { presence: { name: 'Ada' } })

    // @ts-expect-error -- params are needed
    useSubscription(client.join.chat)
    // @ts-expect-error -- of the contract
    useSubscription(client.join.chat, { room: '1' })
    // @ts-expect-error -- an event that is not there
    useSubscription(client.join.chat, { roomId: '1' }, { on: { massage: () => {} } })
    // @ts-expect-error -- presence is needed
    useSubscription(client.join.cafe, { id: 'c' })
    // @ts-expect-error -- of the contract
    useSubscription(client.join.cafe, { id: 'c' }, { presence: { nam: 'Ada' } })
    // @ts-expect-error -- it is left when the component is unmounted, and by skip
    useSubscription(client.join.chat, { roomId: '1' }, { signal: new AbortController().signal })
    // @ts-expect-error -- a reducer gives the state
    useSubscription(client.join.chat, { roomId: '1' }, { initial: 0, reduce: { message: () => 'x' } })
  })
})

test('useRoom, useEvents, usePresence, useStore', () => {
  never(() => {
    const chat = useRoom(client.join.chat, { roomId: '1' })
    expectTypeOf(useEvents(chat.on.message)).toEqualTypeOf<readonly Message[]>()
    expectTypeOf(useEvents(chat.on.typing, { limit: 3 })).toEqualTypeOf<readonly { author: string }[]>()
    const cafe = useRoom(client.join.cafe, { id: 'c' }, { presence: { name: 'Ada' } })
    expectTypeOf(usePresence(cafe).members[0]!.entries[0]!.data).toEqualTypeOf<{ name: string }>()
    expectTypeOf(
      usePresence(client.join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })).count,
    ).toEqualTypeOf<number>()
    const inCafe = usePresence(client.join.cafe, { id: 'c' }, { presence: { name: 'Ada' } })
    expectTypeOf(inCafe.members[0]!.entries[0]!.data).toEqualTypeOf<{ name: string }>()
    expectTypeOf(usePresence(client.join.chat, skip).count).toEqualTypeOf<number>()
    expectTypeOf(usePresence(client.join.lobby).count).toEqualTypeOf<number>()
    // @ts-expect-error -- presence is needed
    usePresence(client.join.cafe, { id: 'c' })
    // @ts-expect-error -- params are needed
    usePresence(client.join.chat)
    expectTypeOf(useStore(cafe.status).state).toEqualTypeOf<
      'skipped' | 'joining' | 'rejoining' | 'joined' | 'denied' | 'left'
    >()
    useRoom(client.join.lobby)
    // @ts-expect-error -- presence is needed
    useRoom(client.join.cafe, { id: 'c' })
    expectTypeOf(useEvents(client.on.notice)).toEqualTypeOf<readonly { text: string }[]>()
    // @ts-expect-error -- the room has no such event
    useEvents(chat.on.massage)
  })
})

test('useEvent', () => {
  never(() => {
    useEvent(client.rooms.chat.on.message, ({ text }, { params }) => {
      expectTypeOf(text).toEqualTypeOf<string>()
      expectTypeOf(params).toEqualTypeOf<{ roomId: string }>()
    })
    useEvent(client.on.notice, ({ text }) => ({ seen: text !== '' }))
    // @ts-expect-error -- the ack is of the contract
    useEvent(client.on.notice, () => ({ saw: true }))
    useEvent(useRoom(client.join.chat, { roomId: '1' }).on.message, ({ text }) =>
      expectTypeOf(text).toEqualTypeOf<string>(),
    )
  })
})

test('useCall', () => {
  never(() => {
    const send = useCall(client.call.send)
    expectTypeOf(send.data).toEqualTypeOf<Message | undefined>()
    expectTypeOf(send.attempts[0]!.input).toEqualTypeOf<{ roomId: string; text: string }>()
    if (send.error?.code === 'MUTED') expectTypeOf(send.error.data).toEqualTypeOf<{ untilMs: number }>()
    void send.run({ roomId: '1', text: 'x' }).then((result) => {
      if (result.ok) expectTypeOf(result.data).toEqualTypeOf<Message>()
      else if (result.error.code === 'MUTED') expectTypeOf(result.error.data.untilMs).toEqualTypeOf<number>()
    })
    void useCall(client.call.refresh).run()
    // @ts-expect-error -- the input is of the contract
    void send.run({ roomId: '1' })
    // @ts-expect-error -- a procedure, not an event
    useCall(client.on.notice)
    // @ts-expect-error -- nor a stream
    useCall(client.stream.exportAll)
    // @ts-expect-error -- whose calls reject: one that settles would never have failed
    useCall(client.try.send)
    // @ts-expect-error -- the same where there is no input
    useCall(client.try.refresh)
    useCall((text: string) => Promise.resolve(text.length))
    // By a function that is generic itself.
    const useSlowCall = <In, Out, Errors>(call: Call<In, Out, Errors>) => useCall(call)
    expectTypeOf(useSlowCall(client.call.send).data).toEqualTypeOf<Message | undefined>()
  })
})

test('useStream', () => {
  never(() => {
    expectTypeOf(useStream(client.stream.ticks).latest).toEqualTypeOf<number | undefined>()
    expectTypeOf(useStream(client.stream.exportAll, { roomId: '1' }, { limit: 5 }).items).toEqualTypeOf<
      readonly Message[]
    >()
    useStream(client.stream.exportAll, skip)
    // @ts-expect-error -- the input is needed
    useStream(client.stream.exportAll)
  })
})

test('useConnection', () => {
  never(() => {
    const connection = useConnection(client)
    if (connection.state === 'open') expectTypeOf(connection.transport).toEqualTypeOf<string>()
    expectTypeOf(connection.latencyMs).toEqualTypeOf<number | undefined>()
    if (connection.state === 'waiting') expectTypeOf(connection.retryAtMs).toEqualTypeOf<number>()
  })
})

test('queries', () => {
  never(() => {
    const options = queryOptions(client.call.send, { roomId: '1', text: 'x' })
    const { data, error } = useQuery(options)
    expectTypeOf(data).toEqualTypeOf<Message | undefined>()
    if (error?.code === 'MUTED') expectTypeOf(error.data.untilMs).toEqualTypeOf<number>()
    expectTypeOf(useSuspenseQuery(options).data).toEqualTypeOf<Message>()
    expectTypeOf(useQueryClient().getQueryData(options.queryKey)).toEqualTypeOf<Message | undefined>()
    expectTypeOf(useQuery({ ...queryOptions(client.call.refresh), staleTime: 1 }).data).toEqualTypeOf<
      number | undefined
    >()
    const send = useMutation(mutationOptions(client.call.send))
    send.mutate({ roomId: '1', text: 'x' })
    expectTypeOf(send.data).toEqualTypeOf<Message | undefined>()
    const live = useLiveQuery(
      queryOptions(client.call.refresh),
      client.join.chat,
      { roomId: '1' },
      {
        reduce: {
          message: (count, { text }) => {
            expectTypeOf(count).toEqualTypeOf<number>()
            return count + text.length
          },
        },
      },
    )
    expectTypeOf(live.data).toEqualTypeOf<number | undefined>()
    if (live.isSuccess) expectTypeOf(live.data).toEqualTypeOf<number>()
    expectTypeOf(live.room.status).toEqualTypeOf<'skipped' | 'joining' | 'rejoining' | 'joined' | 'denied' | 'left'>()
    expectTypeOf(live.room.error).toEqualTypeOf<TypewireError | undefined>()
    live.room.retry()
    useLiveQuery(queryOptions(client.call.refresh), client.join.chat, skip, { reduce: {} })
    const selected = useLiveQuery(
      { ...options, select: ({ text }) => text.length },
      client.join.chat,
      { roomId: '1' },
      {
        reduce: {
          message: (old, message) => {
            expectTypeOf(old).toEqualTypeOf<Message>()
            return message
          },
        },
      },
    )
    expectTypeOf(selected.data).toEqualTypeOf<number | undefined>()
    const counted = useLiveQuery(queryOptions(client.call.refresh), client.join.lobby, {
      reduce: {
        count: (old, count) => {
          expectTypeOf(count).toEqualTypeOf<number>()
          return old + count
        },
      },
    })
    expectTypeOf(counted.data).toEqualTypeOf<number | undefined>()
    useLiveQuery(queryOptions(client.call.refresh), client.join.lobby, skip, { reduce: { count: (_, count) => count } })
    // @ts-expect-error -- params are needed
    useLiveQuery(queryOptions(client.call.refresh), client.join.chat, { reduce: {} })
    // @ts-expect-error -- the room has none
    useLiveQuery(queryOptions(client.call.refresh), client.join.lobby, { id: '1' }, { reduce: {} })
    expectTypeOf(useQuery(queryOptions(client.call.clear)).data).toEqualTypeOf<null | undefined>()
    expectTypeOf(useQuery(queryOptions(client.call.find)).data).toEqualTypeOf<number | null | undefined>()
    expectTypeOf(useMutation(mutationOptions(client.call.clear)).data).toEqualTypeOf<void | undefined>()
    // @ts-expect-error -- the input is needed
    queryOptions(client.call.send)
    // @ts-expect-error -- a query that settles would never have failed
    queryOptions(client.try.refresh)
    // @ts-expect-error -- nor would a mutation
    mutationOptions(client.try.send)
    // @ts-expect-error -- of the contract
    queryOptions(client.call.send, { roomId: 1 })
    const wrong = { reduce: { message: () => 'x' } }
    // @ts-expect-error -- data of the query
    useLiveQuery(queryOptions(client.call.refresh), client.join.chat, { roomId: '1' }, wrong)
    const said = { reduce: { said: (count: number) => count } }
    useLiveQuery(
      queryOptions(client.call.refresh),
      client.join.cafe,
      { id: 'c' },
      { ...said, presence: { name: 'Ada' } },
    )
    // @ts-expect-error -- presence is needed
    useLiveQuery(queryOptions(client.call.refresh), client.join.cafe, { id: 'c' }, said)
  })
})
