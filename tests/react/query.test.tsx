// @vitest-environment happy-dom
// Procedures as queries and mutations of TanStack Query.

import { mutationOptions, queryKey, queryOptions, useLiveQuery } from '@typewire/react/query'
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query'
import { act, type ReactNode } from 'react'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
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
  type Reducers = Parameters<
    typeof useLiveQuery<{ text: string; length: number }, never, never, 'chat', Chat>
  >[3]['reduce']

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
})
