// @vitest-environment happy-dom
// Calls, streams, events and the connection, as components have them.

import { EventsView, StreamView } from '@typewire/client/views'
import {
  skip,
  useCall,
  useConnection,
  useEvent,
  useEvents,
  useRoom,
  useStore,
  useStream,
  useSubscription,
} from '@typewire/react'
import { act, useState } from 'react'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { eventually, render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

describe('useCall', () => {
  async function start() {
    const stage = await startStage()
    const client = stage.client()
    type Send = ReturnType<
      typeof useCall<{ text: string }, { text: string; length: number }, { MUTED: { untilMs: number } }>
    >
    const latest: { send: Send } = { send: undefined as never }
    function Sender() {
      const send = useCall(client.call.send)
      latest.send = send
      const attempts = send.attempts.map(({ input, status }) => `${input.text} ${status}`)
      return `${send.pending} ${send.data?.text} ${send.error?.code} [${attempts.join()}]`
    }
    const page = await render(<Sender />)
    return { ...stage, page, latest }
  }

  test('shows what is under way, what was given and what has failed', async () => {
    const { page, latest, gates } = await start()
    expect(page.text()).toBe('false undefined undefined []')
    let first: unknown
    act(() => void latest.send.run({ text: 'wait' }).then((result) => (first = result)))
    expect(page.text()).toBe('true undefined undefined [wait pending]')
    await eventually(() => gates.length === 1, 'it runs')
    gates[0]!()
    await untilShown(page, 'false wait undefined []')
    expect(first).toEqual({ ok: true, data: { text: 'wait', length: 4 } })
    let failed: unknown
    act(() => void latest.send.run({ text: 'muted' }).then((result) => (failed = result)))
    await untilShown(page, 'false wait MUTED [muted failed]')
    expect(failed).toMatchObject({ ok: false, error: { code: 'MUTED', data: { untilMs: 5 } } })
    act(() => latest.send.reset())
    expect(page.text()).toBe('false undefined undefined []')
  })

  test('keeps what the call gave that was made last, whichever is answered last', async () => {
    const { page, latest, gates } = await start()
    act(() => void latest.send.run({ text: 'wait 1' }))
    act(() => void latest.send.run({ text: 'wait 2' }))
    expect(page.text()).toBe('true undefined undefined [wait 1 pending,wait 2 pending]')
    await eventually(() => gates.length === 2, 'both run')
    gates[1]!()
    await untilShown(page, 'true wait 2 undefined [wait 1 pending]')
    gates[0]!()
    await untilShown(page, 'false wait 2 undefined []')
  })

  test('makes a call that has failed again, in its place, and forgets one that is dismissed', async () => {
    const { page, latest, gates } = await start()
    act(() => void latest.send.run({ text: 'muted' }))
    act(() => void latest.send.run({ text: 'wait' }))
    await untilShown(page, 'true undefined MUTED [muted failed,wait pending]')
    act(() => latest.send.attempts[0]!.retry())
    expect(page.text()).toBe('true undefined undefined [muted pending,wait pending]')
    await untilShown(page, 'true undefined MUTED [muted failed,wait pending]')
    act(() => latest.send.attempts[1]!.dismiss()) // under way: it goes on
    act(() => latest.send.attempts[0]!.dismiss())
    expect(page.text()).toBe('true undefined MUTED [wait pending]')
    await eventually(() => gates.length === 1, 'it runs')
    gates[0]!()
    await untilShown(page, 'false wait MUTED []')
  })

  test('gives up a call that is under way, which leaves nothing behind', async () => {
    const { page, latest, gates } = await start()
    let result: unknown
    act(() => void latest.send.run({ text: 'wait 1' }).then((settled) => (result = settled)))
    act(() => void latest.send.run({ text: 'muted' }))
    await untilShown(page, 'true undefined MUTED [wait 1 pending,muted failed]')
    act(() => latest.send.attempts[1]!.cancel()) // it has failed: for that there is dismiss
    act(() => latest.send.attempts[0]!.cancel())
    await untilShown(page, 'false undefined MUTED [muted failed]')
    expect(result).toMatchObject({ ok: false, error: { code: 'ABORTED' } })
    expect(gates.length).toBe(1)
  })

  test("gives up a call by the caller's signal as well, which is shown", async () => {
    const { page, latest } = await start()
    const controller = new AbortController()
    act(() => void latest.send.run({ text: 'wait' }, { signal: controller.signal }))
    act(() => controller.abort())
    await untilShown(page, 'false undefined ABORTED [wait failed]')
    await act(async () => latest.send.attempts[0]!.retry()) // its signal holds for each repetition
    await untilShown(page, 'false undefined ABORTED [wait failed]')
    expect(latest.send.error?.code).toBe('ABORTED')
  })

  test('shows what a room has heard before the answer no later than the answer', async () => {
    vi.stubGlobal('requestAnimationFrame', () => 0) // no frame is drawn: what comes is told every 100 ms
    vi.stubGlobal('cancelAnimationFrame', () => {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const { client, say, gates } = await startStage()
    const one = client()
    const seen: string[] = []
    let run = (_: { text: string }): unknown => undefined
    function Said() {
      const { data, status } = useSubscription(
        one.join.chat,
        { id: 'a' },
        { initial: [] as readonly string[], reduce: { message: (list, { text }) => [...list, text] } },
      )
      const send = useCall(one.call.send)
      run = send.run
      const shown = `${status} [${data.join()}] [${send.attempts.map(({ input }) => input.text).join()}]`
      if (seen.at(-1) !== shown) seen.push(shown)
      return shown
    }
    const page = await render(<Said />, { isStrict: false })
    await untilShown(page, 'joined [] []')
    act(() => void run({ text: 'wait' }))
    await eventually(() => gates.length === 1, 'it runs')
    say('a', 'wait')
    gates[0]!()
    await untilShown(page, 'joined [wait] []')
    expect(seen.slice(seen.indexOf('joined [] [wait]'))).not.toContain('joined [] []')
  })

  test('keeps the last 20 that have failed', async () => {
    const { page, latest } = await start()
    act(() => {
      for (let n = 0; n < 22; n++) void latest.send.run({ text: 'muted' })
    })
    await eventually(() => !latest.send.pending, 'all have failed')
    expect(latest.send.attempts.map(({ key }) => key)).toEqual(Array.from({ length: 20 }, (_, n) => n + 3))
    expect(page.text()).toContain('false')
  })

  test('makes the calls of the client and the procedure that it is given now, and shows those alone', async () => {
    const { client, calls } = await startStage()
    const [ada, bob] = [client(), client()]
    let run = (_: { text: string }): unknown => undefined
    function Sender({ call }: { readonly call: typeof ada.call.send | typeof ada.call.touch }) {
      const { attempts, data, ...send } = useCall<{ text: string }, unknown, unknown>(call)
      run = send.run
      return `${JSON.stringify(data)} [${attempts.map(({ input }) => input.text).join()}]`
    }
    const page = await render(<Sender call={ada.call.send} />)
    await act(async () => run({ text: 'muted' }))
    await untilShown(page, 'undefined [muted]')
    await page.rerender(<Sender call={bob.call.send} />)
    expect(page.text()).toBe('undefined []')
    await ada.close()
    await act(async () => run({ text: 'x' }))
    await untilShown(page, '{"text":"x","length":1} []')
    await page.rerender(<Sender call={bob.call.touch} />)
    expect(page.text()).toBe('undefined []')
    await act(async () => run({ text: 'touched' }))
    await eventually(() => calls.includes('touched'), 'the other one is called')
    expect(page.text()).toBe('undefined []')
  })

  test('goes on when the component is unmounted', async () => {
    const { page, latest, gates } = await start()
    let result: unknown
    act(() => void latest.send.run({ text: 'wait' }).then((settled) => (result = settled)))
    await eventually(() => gates.length === 1, 'it runs')
    await page.unmount()
    gates[0]!()
    await eventually(() => result !== undefined, 'it is answered')
    expect(result).toMatchObject({ ok: true })
  })
})

describe('useStream', () => {
  test('reads once, keeps the last items, and says when it is done', async () => {
    const { client, streams } = await startStage()
    const one = client()
    function Items() {
      const { items, status, latest, count } = useStream(one.stream.count, { to: 1_000 }, { limit: 3 })
      return `${status} ${items.join()} ${latest} of ${count}`
    }
    const page = await render(<Items />)
    await untilShown(page, 'done 998,999,1000 1000 of 1000')
    expect(streams).toEqual(['1 to 1000', 'end of 1 to 1000'])
  })

  test('ends the stream of another input, or of a component that is unmounted, at the server', async () => {
    const { client, streams } = await startStage()
    const one = client()
    function Items({ from }: { from: number | undefined }) {
      const { items, status } = useStream(one.stream.count, from === undefined ? skip : { from, to: 0 })
      return `${status} ${items.join()}`
    }
    const page = await render(<Items from={undefined} />)
    expect(page.text()).toBe('skipped ')
    expect(one.status.current.state).toBe('idle')
    await page.rerender(<Items from={-1} />)
    await untilShown(page, 'open -1,0')
    await page.rerender(<Items from={0} />)
    expect(page.text()).toBe('opening ')
    await untilShown(page, 'open 0')
    await eventually(() => streams.includes('end of -1 to 0'), 'the first one ends')
    await page.unmount()
    await eventually(() => streams.includes('end of 0 to 0'), 'the second one ends')
    expect(streams.filter((text) => !text.startsWith('end'))).toEqual(['-1 to 0', '0 to 0'])
  })

  test('keeps what it has where the limit is another, and is not called again', async () => {
    const { client, streams } = await startStage()
    const one = client()
    function Items({ limit }: { readonly limit?: number }) {
      const { items, status } = useStream(one.stream.count, { from: -4, to: 0 }, { limit })
      return `${status} ${items.join()}`
    }
    const page = await render(<Items />)
    await untilShown(page, 'open -4,-3,-2,-1,0')
    await page.rerender(<Items limit={2} />)
    await untilShown(page, 'open -1,0')
    await page.rerender(<Items limit={3} />)
    expect(page.text()).toBe('open -1,0')
    expect(streams).toEqual(['-4 to 0'])
  })

  test('shows nothing of a run that has ended, which may go on for a moment', async () => {
    const runs: { give: (item: string) => void; returned: boolean }[] = []
    const stream = () => {
      let give = (_: IteratorResult<string>) => {}
      const run = { returned: false, give: (value: string) => give({ value, done: false }) }
      runs.push(run)
      return {
        next: () => new Promise<IteratorResult<string>>((resolve) => (give = resolve)),
        return: async () => ((run.returned = true), { value: undefined, done: true as const }),
        [Symbol.asyncIterator]() {
          return this
        },
      }
    }
    const view = new StreamView(stream as never, undefined)
    onTestFinished(view.retain())
    view.retry()
    expect(runs.map(({ returned }) => returned)).toEqual([true, false])
    runs[0]!.give('late')
    runs[1]!.give('in time')
    await eventually(() => view.current.count > 0, 'an item is shown')
    expect(view.current).toMatchObject({ items: ['in time'], latest: 'in time', count: 1 })
  })

  test.each([0, 1.5, Number.NaN])('keeps no %d items', (limit) => {
    expect(() => new StreamView((() => {}) as never, undefined, { limit })).toThrow(RangeError)
    expect(() => new EventsView((() => {}) as never, limit)).toThrow('useEvents({ limit')
    expect(() => new EventsView((() => {}) as never).keep(limit)).toThrow(RangeError)
  })

  test('says why it failed, and is called again', async () => {
    const { client, cut, streams } = await startStage()
    const one = client()
    let again = () => {}
    function Items() {
      const { items, status, error, retry } = useStream(one.stream.count, { from: 0, to: 0 })
      again = retry
      return `${status} ${items.join()} ${error?.code}`
    }
    const page = await render(<Items />)
    await untilShown(page, 'open 0 undefined')
    cut()
    await untilShown(page, 'failed 0 SESSION_LOST')
    await act(async () => again())
    await untilShown(page, 'open 0 undefined')
    expect(streams.filter((text) => !text.startsWith('end'))).toEqual(['0 to 0', '0 to 0'])
  })
})

describe('useEvents', () => {
  test('keeps what it has where the limit is another', async () => {
    const { client, say } = await startStage()
    const one = client()
    function Texts({ limit }: { readonly limit: number }) {
      const room = useRoom(one.join.chat, { id: 'a' })
      const texts = useEvents(room.on.message, { limit })
      return `${useStore(room.status).state} ${texts.map(({ text }) => text).join()}`
    }
    const page = await render(<Texts limit={3} />)
    await untilShown(page, 'joined ')
    say('a', '1', '2', '3', '4')
    await untilShown(page, 'joined 2,3,4')
    await page.rerender(<Texts limit={2} />)
    await untilShown(page, 'joined 3,4')
    await page.rerender(<Texts limit={3} />)
    say('a', '5')
    await untilShown(page, 'joined 3,4,5')
  })

  test('shows none of the payloads that came before it was hidden', async () => {
    let tell = (_: string) => {}
    const view = new EventsView(((handler: (text: string) => void) => ((tell = handler), () => {})) as never)
    const release = view.retain()
    tell('old')
    await eventually(() => view.current.length === 1, 'it is shown')
    tell('older than the end, and not shown yet')
    release()
    await eventually(() => view.current.length === 0, 'it is forgotten')
    onTestFinished(view.retain())
    tell('new')
    await eventually(() => view.current.length > 0, 'it is shown')
    expect(view.current).toEqual(['new'])
  })
})

test('useEvent runs the newest handler, and acks what it returns', async () => {
  const { client, server } = await startStage()
  const one = client()
  let set = (_: string) => {}
  function Notices() {
    const [name, setName] = useState('first')
    set = setName
    useEvent(one.on.notice, ({ text }) => ({ seen: `${name} saw ${text}` }))
    return name
  }
  await render(<Notices />)
  await one.connect()
  const [session] = server.sessions
  expect(await session!.emitWithAck.notice({ text: 'a' })).toEqual({ seen: 'first saw a' })
  await act(async () => set('second'))
  expect(await session!.emitWithAck.notice({ text: 'b' })).toEqual({ seen: 'second saw b' })
})

test('useEvent tells which room of a kind it was', async () => {
  const { client, say } = await startStage()
  const one = client()
  await Promise.all([one.join.chat({ id: 'a' }).ready, one.join.chat({ id: 'b' }).ready])
  const heard: string[] = []
  function Rooms() {
    useEvent(one.rooms.chat.on.message, ({ text }, { params }) => void heard.push(`${params.id}: ${text}`))
    return null
  }
  await render(<Rooms />)
  say('a', 'x')
  say('b', 'y')
  await eventually(() => heard.length === 2, 'both are heard')
  expect(heard.sort()).toEqual(['a: x', 'b: y'])
})

test('useConnection shows at once what is so, in a component that is mounted late', async () => {
  const { client } = await startStage()
  const one = client()
  await one.connect()
  const states = new Set<string>()
  function Connection() {
    states.add(useConnection(one).state)
    return null
  }
  await render(<Connection />)
  expect([...states]).toEqual(['open'])
})

test('useConnection connects nothing, and shows where the client stands', async () => {
  const { client, cut } = await startStage()
  const one = client()
  const states: string[] = []
  const measured: number[] = []
  function Connection() {
    const connection = useConnection(one)
    if (states.at(-1) !== connection.state) states.push(connection.state)
    if (connection.latencyMs !== undefined) measured.push(connection.latencyMs)
    return connection.state === 'open' ? `open by ${connection.transport}` : connection.state
  }
  const page = await render(<Connection />)
  expect(page.text()).toBe('idle')
  await act(() => one.connect())
  await untilShown(page, 'open by websocket')
  await eventually(() => measured.length > 0, 'the round trip is measured')
  expect(measured[0]).toBeGreaterThan(0)
  cut()
  await eventually(() => states.includes('waiting'), 'it waits')
  await untilShown(page, 'open by websocket')
})
