// @vitest-environment happy-dom
// Procedures as queries and mutations of TanStack Query.

import { type CallErrorCode, TypewireError } from '@typewire/core'
import { skip } from '@typewire/react'
import { type LiveReducers, mutationOptions, queryKey, queryOptions, useLiveQuery } from '@typewire/react/query'
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query'
import * as React from 'react'
import { act, type ReactNode } from 'react'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { LiveQuery } from '../../packages/react/src/live-query.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import type { Chat } from './contract.ts'
import { eventually, render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

async function start(options?: Parameters<typeof startStage>[0], queries: { readonly staleTime?: number } = {}) {
  const stage = await startStage(options)
  const queryClient = new QueryClient({ defaultOptions: { queries } })
  onTestFinished(() => queryClient.clear())
  const client = stage.client()
  const wrap = (element: ReactNode) => <QueryClientProvider client={queryClient}>{element}</QueryClientProvider>
  const show = (element: ReactNode) => render(wrap(element))
  return { ...stage, stageClient: stage.client, client, queryClient, wrap, show }
}

describe('queryOptions', () => {
  test('asks once for all that ask the same, and again when it is told that the answer is old', async () => {
    const { client, queryClient, show, calls } = await start()
    function Length({ text }: { text: string }) {
      return <>{useQuery(queryOptions(client.call.send, { text })).data?.length} </>
    }
    const page = await show([
      <Length key="a" text="two" />,
      <Length key="b" text="two" />,
      <Length key="c" text="three" />,
    ])
    await untilShown(page, '3 3 5 ')
    expect(calls).toEqual(['two', 'three'])
    await act(() => queryClient.invalidateQueries({ queryKey: queryKey(client.call.send, { text: 'two' }) }))
    expect(calls).toEqual(['two', 'three', 'two'])
    await act(() => queryClient.invalidateQueries({ queryKey: queryKey(client.call.send) }))
    expect(calls.length).toBe(5)
  })

  test('fails by what the contract declares, without asking again', async () => {
    const { client, show, calls } = await start()
    function Muted() {
      const { error } = useQuery(queryOptions(client.call.send, { text: 'muted' }))
      return error?.code === 'MUTED' ? `until ${error.data.untilMs}` : 'asking'
    }
    const page = await show(<Muted />)
    await untilShown(page, 'until 5')
    expect(calls).toEqual(['muted'])
  })

  test('asks three times more where that may help', async () => {
    const { client } = await start()
    const { retry } = queryOptions(client.call.send, { text: 'x' })
    const retried = (code: CallErrorCode, failures: number) =>
      retry(failures, new TypewireError(code, 'by hand') as never)
    for (const code of ['TIMED_OUT', 'SESSION_LOST', 'OVERLOADED'] as const) {
      expect([0, 2, 3].map((failures) => retried(code, failures))).toEqual([true, true, false])
    }
    for (const code of ['NOT_FOUND', 'FORBIDDEN', 'INVALID_INPUT', 'INTERNAL', 'CLOSED', 'ABORTED'] as const) {
      expect(retried(code, 0)).toBe(false)
    }
  })

  test('aborts the call when nobody waits for it any more', async () => {
    const { client, show, gates, aborted } = await start()
    function Waiting() {
      return useQuery(queryOptions(client.call.send, { text: 'wait' })).status
    }
    const page = await show(<Waiting />)
    await eventually(() => gates.length === 1, 'it runs')
    await page.unmount()
    await eventually(() => aborted.includes('wait'), 'the handler is told')
  })
})

test('a procedure without an output gives null, which a cache can keep', async () => {
  const { client, show, calls } = await start()
  function Touch() {
    const { status, data } = useQuery(queryOptions(client.call.touch, { text: 'x' }))
    return `${status} ${data}`
  }
  const page = await show(<Touch />)
  await untilShown(page, 'success null')
  expect(calls).toEqual(['x'])
})

describe('queryKey', () => {
  test('tells the clients of a page apart: what one was answered is not shown of another', async () => {
    const { client: ada, client2: bob, show, wrap, calls } = await startTwo()
    expect(queryKey(ada.call.send, 1)).toEqual(queryKey(ada.call.send, 1))
    expect(queryKey(ada.call.send)).not.toEqual(queryKey(bob.call.send))
    const Length = ({ client }: { client: typeof ada }) =>
      useQuery(queryOptions(client.call.send, { text: 'x' })).status
    const page = await show(<Length client={ada} />)
    await untilShown(page, 'success')
    await page.rerender(wrap(<Length client={bob} />))
    await untilShown(page, 'success')
    expect(calls).toEqual(['x', 'x'])
  })

  test('is the same on a server and in a browser, where each has one client', async () => {
    const { client } = await start()
    vi.resetModules()
    const { queryKey: loadedAnew } = await import('@typewire/react/query')
    expect(loadedAnew(client.call.send)).toEqual(['typewire', 'call.send', 1])
  })

  async function startTwo() {
    const stage = await start({}, { staleTime: Infinity })
    return { ...stage, client2: stage.stageClient() }
  }
})

test('mutationOptions', async () => {
  const { client, show } = await start()
  expect(mutationOptions(client.call.send).mutationKey).toEqual(['typewire', 'call.send'])
  const latest: { send: (text: string) => void } = { send: () => {} }
  function Sender() {
    const { mutate, data, error } = useMutation(mutationOptions(client.call.send))
    latest.send = (text) => mutate({ text })
    return `${data?.length} ${error?.code}`
  }
  const page = await show(<Sender />)
  await act(async () => latest.send('four'))
  await untilShown(page, '4 undefined')
  await act(async () => latest.send('muted'))
  await untilShown(page, 'undefined MUTED')
})

describe('useLiveQuery', () => {
  type Sent = { readonly text: string; readonly length: number }
  type Reducers = LiveReducers<'chat', Chat, Sent>

  function liveOf(client: Awaited<ReturnType<typeof start>>['client'], text: string, message: Reducers['message']) {
    return function Live() {
      const { data, status } = useLiveQuery(
        queryOptions(client.call.send, { text }),
        client.join.chat,
        { id: 'a' },
        { reduce: { message } },
      )
      return `${status} ${data?.text} ${data?.length}`
    }
  }

  test('changes its data by events of the room, those too that come while the server is asked', async () => {
    const { client, show, say, gates, calls } = await start()
    const Live = liveOf(client, 'wait', (data, { text }) => ({ text: `${data.text} ${text}`, length: data.length + 1 }))
    const page = await show(<Live />)
    await eventually(() => gates.length === 1, 'the server is asked')
    say('a', 'one', 'two')
    await client.call.send({ text: 'the events have come' })
    gates[0]!()
    await untilShown(page, 'success wait one two 6')
    say('a', 'three')
    await untilShown(page, 'success wait one two three 7')
    expect(calls).toEqual(['wait', 'the events have come'])
  })

  test('asks again where an event says so, and where events are missed for good', async () => {
    const { client, show, say, calls, cut } = await start()
    const Live = liveOf(client, 'x', () => undefined)
    const page = await show(<Live />)
    await untilShown(page, 'success x 1')
    say('a', 'changed')
    await eventually(() => calls.length === 2, 'it is asked again')
    await untilShown(page, 'success x 1')
    cut()
    say('a', ...Array.from({ length: 150 }, () => 'y')) // the room keeps 100
    await eventually(() => calls.length >= 3, 'it is asked again')
  })

  test('is a query like any other where the room is denied', async () => {
    const { client, show } = await start({ mayJoin: () => false })
    const Live = liveOf(client, 'x', (data) => data)
    const page = await show(<Live />)
    await untilShown(page, 'success x 1')
  })

  const append: NonNullable<Reducers['message']> = (data, { text }) => ({ ...data, text: `${data.text} ${text}` })

  test('reduces each event once, however many components show the query', async () => {
    const { client, show, say } = await start()
    const Live = liveOf(client, 'x', append)
    const page = await show([<Live key="a" />, <Live key="b" />])
    await untilShown(page, 'success x 1success x 1')
    say('a', 'one', 'two')
    await untilShown(page, 'success x one two 1success x one two 1')
  })

  test('reduces nothing of a room into the query of another', async () => {
    const { client, queryClient, show, wrap, say, gates, calls, members } = await start({}, { staleTime: Infinity })
    queryClient.setQueryData(queryOptions(client.call.send, { text: 'b' }).queryKey, { text: 'b', length: 1 })
    function Live({ id, text }: { readonly id: string; readonly text: string }) {
      const options = queryOptions(client.call.send, { text })
      return useLiveQuery(options, client.join.chat, { id }, { reduce: { message: append } }).data?.text
    }
    const page = await show(<Live id="a" text="wait" />)
    await eventually(() => gates.length === 1, 'the server is asked')
    say('a', 'of a')
    await client.call.send({ text: 'the event has come' })
    await page.rerender(wrap(<Live id="b" text="b" />))
    await eventually(async () => (await members('b')) === 1 && calls.includes('b'), 'the other room is joined')
    await untilShown(page, 'b')
    say('b', 'of b')
    await untilShown(page, 'b of b')
  })

  test('asks when the room is joined, however fresh the answer is that it has', async () => {
    const { client, show, wrap, say, calls, members } = await start({}, { staleTime: Infinity })
    const Live = liveOf(client, 'x', append)
    const page = await show(<Live />)
    await untilShown(page, 'success x 1')
    say('a', 'seen')
    await untilShown(page, 'success x seen 1')
    await page.rerender(wrap(null))
    await eventually(async () => (await members('a')) === 0, 'the room is left')
    say('a', 'missed')
    await page.rerender(wrap(<Live />))
    await untilShown(page, 'success x 1')
    expect(calls).toEqual(['x', 'x'])
  })

  test('asks anew where the server was asked before the room was joined', async () => {
    const { client, show, wrap, say, gates, calls, members } = await start()
    const Live = liveOf(client, 'wait', append)
    function Plain() {
      return useQuery(queryOptions(client.call.send, { text: 'wait' })).fetchStatus
    }
    const page = await show(<Plain key="plain" />)
    await eventually(() => gates.length === 1, 'the server is asked')
    await page.rerender(wrap([<Plain key="plain" />, <Live key="live" />]))
    await eventually(async () => (await members('a')) === 1, 'the room is joined')
    say('a', 'one')
    await client.call.send({ text: 'the event has come' })
    gates[0]!()
    await eventually(() => gates.length === 2, 'the server is asked again')
    gates[1]!()
    await untilShown(page, 'idlesuccess wait one 4')
    expect(calls).toEqual(['wait', 'the event has come', 'wait'])
  })

  test('gives up what was asked before the room was joined, where it has an answer already', async () => {
    const { client, queryClient, show, wrap, gates, aborted, calls } = await start()
    const options = queryOptions(client.call.send, { text: 'wait' })
    queryClient.setQueryData(options.queryKey, { text: 'old', length: 3 })
    const Live = liveOf(client, 'wait', append)
    function Plain() {
      return useQuery(options).fetchStatus
    }
    const page = await show(<Plain key="plain" />)
    await eventually(() => gates.length === 1, 'the server is asked')
    await page.rerender(wrap([<Plain key="plain" />, <Live key="live" />]))
    await eventually(() => gates.length === 2, 'the server is asked anew')
    await eventually(() => aborted.includes('wait'), 'the first call is aborted')
    gates[1]!()
    await untilShown(page, 'idlesuccess wait 4')
    expect(calls).toEqual(['wait', 'wait'])
  })

  test('runs the reducer of the component that was rendered last, and of another when that has gone', async () => {
    const { client, show, wrap, say } = await start()
    function Live({ by }: { readonly by: string }) {
      const reduce = { message: (data: { text: string; length: number }) => ({ ...data, text: data.text + by }) }
      const options = queryOptions(client.call.send, { text: 'x' })
      return <>{useLiveQuery(options, client.join.chat, { id: 'a' }, { reduce }).data?.text} </>
    }
    const page = await show([<Live key="a" by="a" />, <Live key="b" by="b" />])
    await untilShown(page, 'x x ')
    say('a', 'one')
    await untilShown(page, 'xb xb ')
    await page.rerender(wrap([<Live key="a" by="c" />]))
    say('a', 'two')
    await untilShown(page, 'xbc ')
  })

  test('asks again where a reducer throws, which is reported, and goes on with the other events', async () => {
    const { client, show, say, gates } = await start()
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    onTestFinished(() => void vi.unstubAllGlobals())
    const failure = new Error('bad')
    const Live = liveOf(client, 'wait', (data, message) => {
      if (message.text === 'bad') throw failure
      return append(data, message)
    })
    const page = await show(<Live />)
    await eventually(() => gates.length === 1, 'the server is asked')
    say('a', 'bad', 'good')
    await client.call.send({ text: 'the events have come' })
    gates[0]!()
    await eventually(() => gates.length === 2, 'the server is asked again')
    await untilShown(page, 'success wait good 4')
    expect(reported).toEqual([failure])
    gates[1]!()
    await untilShown(page, 'success wait 4')
  })

  test.each([
    [1_000, 'reduces the events that come while the server is asked', 1],
    [1_001, 'asks once more instead', 2],
  ])('with %i events %s', async (count, _, asked) => {
    const { client, show, say, gates } = await start()
    const Live = liveOf(client, 'wait', ({ text, length }) => ({ text, length: length + 1 }))
    const page = await show(<Live />)
    await eventually(() => gates.length === 1, 'the server is asked')
    say('a', ...Array.from({ length: count }, () => 'y'))
    await client.call.send({ text: 'the events have come' })
    gates[0]!()
    await eventually(() => gates.length === asked, 'the server is asked again')
    gates[1]?.()
    await untilShown(page, `success wait ${asked === 1 ? 1_004 : 4}`)
    expect(gates.length).toBe(asked)
  })

  test('makes nothing fresh by an event that was to be asked again', async () => {
    const { client, show, say, queryClient } = await start({}, { staleTime: Infinity })
    const options = queryOptions(client.call.send, { text: 'x' })
    queryClient.setQueryData(options.queryKey, { text: 'old', length: 3 })
    function Live() {
      const waiting = { ...options, enabled: false }
      const { room, data } = useLiveQuery(waiting, client.join.chat, { id: 'a' }, { reduce: { message: append } })
      return `${room.status} ${data?.text}`
    }
    const page = await show(<Live />)
    await untilShown(page, 'joined old')
    say('a', 'one')
    await untilShown(page, 'joined old one')
    expect(queryClient.getQueryState(options.queryKey)?.isInvalidated).toBe(true)
  })

  test('waits while it is skipped', async () => {
    const { client, show, wrap, calls, joins } = await start()
    function Live({ id }: { readonly id: string | undefined }) {
      const params = id === undefined ? skip : { id }
      const options = queryOptions(client.call.send, { text: 'x' })
      const { room, fetchStatus, data } = useLiveQuery(options, client.join.chat, params, {
        reduce: { message: append },
      })
      return `${room.status} ${fetchStatus} ${data?.text}`
    }
    const page = await show(<Live id={undefined} />)
    await client.call.send({ text: 'it could have asked' })
    expect(page.text()).toBe('skipped idle undefined')
    expect([calls, joins]).toEqual([['it could have asked'], []])
    await page.rerender(wrap(<Live id="a" />))
    await untilShown(page, 'joined idle x')
  })

  test('says where the room stands, and asks for it again', async () => {
    let mayJoin = false
    const { client, show, say, calls } = await start({ mayJoin: () => mayJoin }, { staleTime: Infinity })
    let retry = () => {}
    function Live() {
      const options = queryOptions(client.call.send, { text: 'x' })
      const { room, data } = useLiveQuery(options, client.join.chat, { id: 'a' }, { reduce: { message: append } })
      retry = room.retry
      return `${room.status} ${room.error?.code} ${data?.text}`
    }
    const page = await show(<Live />)
    await untilShown(page, 'denied FORBIDDEN x')
    mayJoin = true
    await act(async () => retry())
    await untilShown(page, 'joined undefined x')
    await eventually(() => calls.length === 2, 'it is asked again')
    say('a', 'one')
    await untilShown(page, 'joined undefined x one')
  })

  test('does not need its component to be rendered', async () => {
    const { client, show, say, gates, queryClient } = await start()
    const options = queryOptions(client.call.send, { text: 'wait' })
    function Live() {
      const live = { ...options, notifyOnChangeProps: ['data' as const] }
      return useLiveQuery(live, client.join.chat, { id: 'a' }, { reduce: { message: append } }).data?.text
    }
    const page = await show(<Live />)
    await eventually(() => gates.length === 1, 'the server is asked')
    gates[0]!()
    await untilShown(page, 'wait')
    void queryClient.invalidateQueries(options)
    await eventually(() => gates.length === 2, 'the server is asked again')
    say('a', 'one')
    await client.call.send({ text: 'the event has come' })
    gates[1]!()
    await untilShown(page, 'wait one')
  })

  test('forgets what it held when its component is hidden', async () => {
    if (!('Activity' in React)) return // React 18 hides none
    const { client, wrap, show, say, gates, queryClient, members } = await start()
    const options = queryOptions(client.call.send, { text: 'wait' })
    const Live = liveOf(client, 'wait', append)
    const activity = (mode: 'visible' | 'hidden') => (
      <React.Activity mode={mode}>
        <Live />
      </React.Activity>
    )
    const page = await show(activity('visible'))
    await eventually(() => gates.length === 1, 'the server is asked')
    gates[0]!()
    await untilShown(page, 'success wait 4')
    void queryClient.invalidateQueries(options)
    await eventually(() => gates.length === 2, 'the server is asked again')
    say('a', 'old')
    await client.call.send({ text: 'the event has come' })
    await page.rerender(wrap(activity('hidden')))
    await eventually(async () => (await members('a')) === 0, 'the room is left')
    gates[1]?.()
    await act(async () => void queryClient.setQueryData(options.queryKey, { text: 'newer', length: 5 }))
    await page.rerender(wrap(activity('visible')))
    await eventually(() => gates.length === 3, 'the server is asked again')
    await untilShown(page, 'success newer 5')
  })

  test('hides by no event that the server was asked in vain', async () => {
    const { client, show, say, queryClient } = await start()
    const options = queryOptions(client.call.send, { text: 'x' })
    let isDown = false
    function Live() {
      const queryFn: typeof options.queryFn = (context) => {
        if (isDown) throw new TypewireError('NOT_FOUND', 'it is down')
        return options.queryFn(context)
      }
      const message: Reducers['message'] = (data, event) => (event.text === 'ask' ? undefined : append(data, event))
      const live = useLiveQuery({ ...options, queryFn }, client.join.chat, { id: 'a' }, { reduce: { message } })
      return `${live.status} ${live.error?.code} ${live.data?.text}`
    }
    const page = await show(<Live />)
    await untilShown(page, 'success undefined x')
    isDown = true
    say('a', 'ask')
    await untilShown(page, 'error NOT_FOUND x')
    isDown = false
    say('a', 'one')
    await untilShown(page, 'error NOT_FOUND x one')
    expect(queryClient.getQueryState(options.queryKey)).toMatchObject({ isInvalidated: true })
    say('a', 'ask')
    await untilShown(page, 'success undefined x')
  })

  test('shows a selection of its data, and reduces all of it', async () => {
    const { client, show, say } = await start()
    function Live() {
      const options = { ...queryOptions(client.call.send, { text: 'x' }), select: (data: Sent) => data.text.length }
      return String(useLiveQuery(options, client.join.chat, { id: 'a' }, { reduce: { message: append } }).data)
    }
    const page = await show(<Live />)
    await untilShown(page, '1')
    say('a', 'one')
    await untilShown(page, '5')
  })

  test('takes what it does in place of params where the room has none', async () => {
    const { client, server, show } = await start()
    function Live() {
      const options = queryOptions(client.call.send, { text: 'x' })
      const secret = (data: Sent, text: string) => ({ ...data, text })
      return useLiveQuery(options, client.join.locked, { reduce: { secret } }).data?.text
    }
    const page = await show(<Live />)
    await untilShown(page, 'x')
    server.rooms.locked().emit.secret('told')
    await untilShown(page, 'told')
  })

  test('asks again where events are missed for good, whatever its reducers say', async () => {
    const { client, show, say, calls, cut } = await start({}, { staleTime: Infinity })
    const Live = liveOf(client, 'x', (data) => data)
    const page = await show(<Live />)
    await untilShown(page, 'success x 1')
    cut()
    say('a', ...Array.from({ length: 150 }, () => 'y')) // the room keeps 100
    await eventually(() => calls.length === 2, 'it is asked again')
  })

  test('asks again where it is joined again after it was evicted', async () => {
    const { client, server, show, say, calls } = await start({}, { staleTime: Infinity })
    let retry = () => {}
    function Live() {
      const options = queryOptions(client.call.send, { text: 'x' })
      const { room, data } = useLiveQuery(options, client.join.chat, { id: 'a' }, { reduce: { message: append } })
      retry = room.retry
      return `${room.status} ${data?.text}`
    }
    const page = await show(<Live />)
    await untilShown(page, 'joined x')
    await server.rooms.chat({ id: 'a' }).evict({ identity: 'ada' })
    await untilShown(page, 'left x')
    say('a', 'missed')
    await act(async () => retry())
    await eventually(() => calls.length === 2, 'it is asked again')
    await untilShown(page, 'joined x')
  })

  test('renders its component for what that reads', async () => {
    const { client, queryClient, show, calls } = await start()
    const options = queryOptions(client.call.send, { text: 'x' })
    let renders = 0
    function Live() {
      renders++
      const { room, data } = useLiveQuery(options, client.join.chat, { id: 'a' }, { reduce: { message: append } })
      return `${room.status} ${data?.text}`
    }
    const page = await show(<Live />)
    await untilShown(page, 'joined x')
    const before = renders
    await act(() => queryClient.invalidateQueries({ queryKey: options.queryKey }))
    expect(calls).toEqual(['x', 'x'])
    expect(renders).toBe(before) // it is asked, and the answer is the same
  })

  test('is hydrated as a server shows it, also where it is shown elsewhere already', async () => {
    const { client, queryClient, show, wrap } = await start()
    const options = queryOptions(client.call.send, { text: 'x' })
    function Status() {
      const { room } = useLiveQuery(options, client.join.chat, { id: 'a' }, { reduce: { message: append } })
      return <p>{room.status}</p>
    }
    const elsewhere = await show(<Status />)
    await untilShown(elsewhere, 'joined')
    await eventually(() => queryClient.isFetching() === 0, 'it is answered')
    const errors = vi.spyOn(console, 'error')
    const page = await render(wrap(<Status />), { html: '<p>joining</p>' })
    await untilShown(page, 'joined')
    expect(errors.mock.calls).toEqual([])
    errors.mockRestore()
  })

  test('reduces by the component that went last, until the room is left', () => {
    let hear = (_: number) => {}
    const store = <T,>(current: T) => ({ current, subscribe: () => () => {} })
    const handle = {
      status: store({ state: 'joined' }),
      presence: store({ members: [], count: 0, isCountOnly: false }),
      on: { added: (run: (n: number) => void) => ((hear = run), () => {}) },
      onMissed: () => () => {},
      leave: () => {},
    }
    const written: unknown[] = []
    const query = {
      data: 1,
      isAsking: false,
      isActive: true,
      write: (data: unknown) => void written.push(data),
      invalidate: () => {},
      subscribe: () => () => {},
    }
    const about = { query, join: (() => handle) as never, params: {}, presence: undefined, key: '' }
    const live = new LiveQuery({ ...about, queries: new Map() })
    const userOf = (by: number) => ({
      reducers: { added: (data: unknown, n: unknown) => Number(data) + by * Number(n) },
    })
    const [first, second] = [userOf(1), userOf(10)]
    live.use(first)
    onTestFinished(live.retain())
    hear(5)
    live.forget(first)
    hear(6)
    live.use(second)
    hear(7)
    live.forget(second)
    expect(written).toEqual([6, 7, 71])
  })
})
