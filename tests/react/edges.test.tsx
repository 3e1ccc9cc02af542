// @vitest-environment happy-dom
// What goes wrong where one does not look: handlers that throw, children that are mounted first, a history that is read again.

import { useEvent, useEvents, usePresence, useRoom, useStore, useSubscription } from '@typewire/react'
import { connectionViewOf, RoomView } from '@typewire/client/views'
import { type MissedEvents, TypewireError } from '@typewire/core'
import { act, useEffect } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { eventually, render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

/** A room by hand: a view of it that collects texts, and what its server would say. */
function roomByHand({ last = 10, reduce = (list: readonly string[], text: string) => [...list, text] } = {}) {
  let hear = (_: string) => {}
  let miss = (_: MissedEvents) => {}
  const reads: { before: unknown; answer: (texts: readonly string[]) => void; fail: (error: unknown) => void }[] = []
  const store = <T,>(current: T) => ({ current, subscribe: () => () => {} })
  let tellPresence = () => {}
  const presence = {
    current: { members: [], count: 0, isCountOnly: false },
    subscribe: (listener: () => void) => ((tellPresence = listener), () => {}),
  }
  const setCount = (count: number) => {
    presence.current = { ...presence.current, count }
    tellPresence()
  }
  const handle = {
    status: store({ state: 'joined' }),
    presence,
    on: { message: (handler: (text: string) => void) => ((hear = handler), () => {}) },
    onMissed: (handler: (missed: MissedEvents) => void) => ((miss = handler), () => {}),
    leave: () => {},
    history: ({ before }: { before: unknown }) =>
      new Promise((resolve, fail) => {
        const answer = (texts: readonly string[]) =>
          resolve({ events: texts.map((payload) => ({ name: 'message', payload })), hasMore: false, before })
        reads.push({ before, answer, fail })
      }),
  }
  const missed: unknown[] = []
  const view = new RoomView((() => handle) as never, {}, { initial: [], last })
  view.react({ reduce: { message: reduce }, onMissed: ({ before }: MissedEvents) => missed.push(before) } as never)
  const release = view.retain()
  onTestFinished(release)
  const shown = () => (view.publish(), view.current.data as readonly string[])
  const at = (offset: number) => ({ reason: 'gap', before: { epoch: 'e', offset } }) as const
  return {
    hear: (text: string) => hear(text),
    miss: (offset: number) => miss(at(offset)),
    reads,
    missed,
    shown,
    release,
    view,
    setCount,
  }
}

const settle = () => new Promise((resolve) => void setTimeout(resolve, 0))

describe('a history that is read again', () => {
  test('counts by the newest of several misses, and loses nothing that comes meanwhile', async () => {
    const { hear, miss, reads, shown } = roomByHand()
    hear('1')
    miss(2)
    hear('3')
    miss(5)
    hear('6')
    reads[0]!.answer(['1', '2'])
    await settle()
    hear('7')
    reads[1]!.answer(['1', '2', '3', '4', '5'])
    await settle()
    expect(shown()).toEqual(['1', '2', '3', '4', '5', '6', '7'])
  })

  test('is read in the next session where the session is lost meanwhile', async () => {
    const { hear, miss, reads, shown, missed } = roomByHand()
    hear('1')
    miss(5)
    hear('6')
    reads[0]!.fail(new TypewireError('SESSION_LOST', 'chat.history: the session was lost.'))
    await settle()
    expect(missed).toEqual([])
    hear('7') // which it has recovered
    reads[1]!.answer(['4', '5'])
    await settle()
    expect(shown()).toEqual(['4', '5', '6', '7'])
    expect(missed).toHaveLength(1)
  })

  test('keeps what there is where it may not be read', async () => {
    const { hear, miss, reads, shown, missed } = roomByHand()
    hear('1')
    miss(2)
    hear('3')
    reads[0]!.fail(new Error('not yours'))
    await settle()
    expect(shown()).toEqual(['1', '3'])
    expect(missed).toHaveLength(1)
  })

  test('tells nobody who has gone', async () => {
    const { miss, reads, missed, release } = roomByHand()
    miss(2)
    release()
    await settle()
    reads[0]!.answer([])
    await settle()
    expect(missed).toEqual([])
  })
})

test('a reducer that throws starves neither its handlers nor what comes next', async () => {
  const report = vi.fn<(error: unknown) => void>()
  vi.stubGlobal('reportError', report)
  onTestFinished(() => void vi.unstubAllGlobals())
  const { client, say } = await startStage()
  const one = client()
  const heard: string[] = []
  function Room() {
    const { data, status } = useSubscription(
      one.join.chat,
      { id: 'a' },
      {
        initial: '',
        reduce: {
          message: (all, { text }) => {
            if (text === 'bad') throw new Error('of a reducer')
            return all + text
          },
        },
        on: { message: ({ text }) => heard.push(text) },
      },
    )
    return `${status} ${data}`
  }
  const page = await render(<Room />)
  await untilShown(page, 'joined ')
  say('a', 'a', 'bad', 'b')
  await untilShown(page, 'joined ab')
  expect(heard).toEqual(['a', 'bad', 'b'])
  expect(report).toHaveBeenCalledWith(new Error('of a reducer'))
})

test('a room with last events is not shown as empty before they have come', async () => {
  const { client, say } = await startStage()
  say('a', 'one', 'two')
  const one = client()
  const shown = new Set<string>()
  function Room() {
    const { data, status } = useSubscription(
      one.join.chat,
      { id: 'a' },
      { initial: 0, reduce: { message: (n) => n + 1 }, last: 10 },
    )
    shown.add(`${status} ${data}`)
    return `${status} ${data}`
  }
  await untilShown(await render(<Room />), 'joined 2')
  expect([...shown]).toEqual(['joining 0', 'joined 2'])
})

test('EV-3: who only looks at an event leaves its ack to others', async () => {
  const { client, server } = await startStage()
  const one = client()
  function Look() {
    return useEvents(one.on.notice).length
  }
  function Answer() {
    useEvent(one.on.notice, ({ text }) => ({ seen: text }))
    return <Look />
  }
  const page = await render(<Answer />)
  await act(() => one.connect())
  const [session] = server.sessions
  expect(await session!.emitWithAck.notice({ text: 'a' })).toEqual({ seen: 'a' })
  await untilShown(page, '1')
  await page.rerender(<Look />)
  await expect(session!.emitWithAck.notice({ text: 'b' })).rejects.toMatchObject({ code: 'NO_HANDLER' })
})

test('a child may send as soon as it is mounted, which is before its parent has joined', async () => {
  const { client } = await startStage()
  const one = client()
  function Child({ room }: { room: ReturnType<typeof useRoomA> }) {
    useEffect(() => room.emit.say({ text: 'hello' }), [room])
    return useEvents(room.on.message).map(({ text }) => text)
  }
  const useRoomA = () => useRoom(one.join.chat, { id: 'a' })
  function Parent() {
    return <Child room={useRoomA()} />
  }
  await untilShown(await render(<Parent />, { isStrict: false }), 'hello')
})

test('what is asked of a room whose component never comes fails', async () => {
  const { client } = await startStage()
  const view = new RoomView(client().join.chat as never, { id: 'a' })
  await expect(view.room.history()).rejects.toMatchObject({ code: 'ABORTED' })
})

test('members are told once per frame, however many come and go', async () => {
  const { view, setCount } = roomByHand()
  const told: number[] = []
  view.room.presence.subscribe(() => told.push(view.room.presence.current.count))
  await eventually(() => told.length === 1, 'the first state is told')
  for (let count = 1; count <= 200; count++) setCount(count)
  await eventually(() => told.length > 1, 'the last state is told')
  expect(told).toEqual([0, 200])
})

test('the round trip is measured again after a ping that failed', async () => {
  let pings = 0
  const status = { current: { state: 'open' }, subscribe: () => () => {} }
  const ping = () => (++pings === 1 ? Promise.reject(new Error('late')) : Promise.resolve(7))
  const view = connectionViewOf({ status, ping } as never)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const release = view.retain()
    await vi.advanceTimersByTimeAsync(1)
    expect(view.current.latencyMs).toBe(undefined)
    await vi.advanceTimersByTimeAsync(10_000)
    expect([pings, view.current.latencyMs]).toEqual([2, 7])
    release()
    await vi.advanceTimersByTimeAsync(1)
  } finally {
    vi.useRealTimers()
  }
})

test('a join that throws at once is tried again by whoever comes next', () => {
  let joins = 0
  const view = new RoomView(() => {
    joins++
    throw new RangeError('last: 0.5')
  }, {})
  expect(() => view.retain()).toThrow('last: 0.5')
  expect(() => view.retain()).toThrow('last: 0.5')
  expect(joins).toBe(2)
})

test('stores are hydrated as a server shows them, whatever they are by then', async () => {
  const { client } = await startStage()
  const [atServer, inBrowser] = [client(), client()]
  function Page({ app }: { app: typeof atServer }) {
    const room = useRoom(app.join.chat, { id: 'a' })
    return (
      <p>
        {useStore(app.status).state} {useStore(room.status).state} {usePresence(room).count}
      </p>
    )
  }
  const html = renderToString(<Page app={atServer} />)
  await inBrowser.connect()
  const errors = vi.spyOn(console, 'error')
  const page = await render(<Page app={inBrowser} />, { html })
  await untilShown(page, 'open joined 1')
  expect(errors.mock.calls).toEqual([])
  errors.mockRestore()
})

test('a room that one was evicted from is joined again by retry', async () => {
  const { client, server, members } = await startStage()
  const one = client()
  let retry = () => {}
  function Room() {
    const subscription = useSubscription(one.join.chat, { id: 'a' })
    retry = subscription.retry
    return subscription.status
  }
  const page = await render(<Room />)
  await untilShown(page, 'joined')
  await server.rooms.chat({ id: 'a' }).evict({ identity: 'ada' })
  await untilShown(page, 'left')
  await act(async () => retry())
  await untilShown(page, 'joined')
  await eventually(async () => (await members('a')) === 1, 'one member')
})
