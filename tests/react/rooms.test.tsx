// @vitest-environment happy-dom
// What hooks do with rooms: a real server, a real client, and React in StrictMode, which mounts everything twice.

import { skip, usePresence, useRoom, useEvents, useEvent, useStore, useSubscription } from '@typewire/react'
import { act, Component, type ReactNode, Suspense } from 'react'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import type { Chat } from './contract.ts'
import { eventually, render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

type TestClient = ReturnType<Awaited<ReturnType<typeof startStage>>['client']>

function Messages({ client, id, last }: { client: TestClient; id: string; last?: number }) {
  const { data, status } = useSubscription(
    client.join.chat,
    { id },
    { initial: [] as readonly string[], reduce: { message: (list, { text }) => [...list, text] }, last },
  )
  return (
    <>
      {id} {status}: {data.join(' ')}
    </>
  )
}

describe('useSubscription', () => {
  test('joins once, also where React mounts twice, and shows what comes', async () => {
    const { client, say, members, joins } = await startStage()
    const page = await render(<Messages client={client()} id="a" />)
    expect(page.text()).toBe('a joining: ')
    await untilShown(page, 'a joined: ')
    say('a', 'one', 'two')
    await untilShown(page, 'a joined: one two')
    expect(joins).toEqual(['a'])
    expect(await members('a')).toBe(1)
    await page.unmount()
    await eventually(async () => (await members('a')) === 0, 'the room is left')
  })

  test('leaves a room that was unmounted before it was joined', async () => {
    let open = (_yes: boolean) => {}
    const { client, members, joins } = await startStage({ mayJoin: () => new Promise((resolve) => (open = resolve)) })
    const page = await render(<Messages client={client()} id="a" />)
    await eventually(() => joins.length === 1, 'the server is asked')
    await page.unmount()
    open(true)
    await eventually(async () => (await members('a')) === 0, 'the room is left')
    expect(joins).toEqual(['a'])
  })

  test('shows nothing of the room before where the params are others, from the first render on', async () => {
    const { client, say, members } = await startStage()
    const seen = new Set<string>()
    const one = client()
    function Watched({ id }: { id: string }) {
      const { data } = useSubscription(
        one.join.chat,
        { id },
        { initial: [] as readonly string[], reduce: { message: (list, { text }) => [...list, text] } },
      )
      for (const text of data) seen.add(`${id} shows ${text}`)
      return <Messages client={one} id={id} />
    }
    const page = await render(<Watched id="a" />)
    await untilShown(page, 'a joined: ')
    say('a', 'a1')
    await untilShown(page, 'a joined: a1')
    await page.rerender(<Watched id="b" />)
    expect(page.text()).toBe('b joining: ')
    say('a', 'a2')
    await untilShown(page, 'b joined: ')
    say('a', 'a3')
    say('b', 'b1')
    await untilShown(page, 'b joined: b1')
    expect([...seen]).toEqual(['a shows a1', 'b shows b1'])
    await eventually(async () => (await members('a')) === 0, 'the first room is left')
  })

  test('joins once for params that are equal, handlers that are new with each render, and many components', async () => {
    const { client, say, joins } = await startStage()
    const heard: string[] = []
    const one = client()
    function Listener({ name }: { name: string }) {
      useSubscription(one.join.chat, { id: 'a' }, { on: { message: ({ text }) => heard.push(`${name} ${text}`) } })
      return <Messages client={one} id="a" />
    }
    const page = await render(<Listener name="first" />)
    await untilShown(page, 'a joined: ')
    await page.rerender(<Listener name="second" />)
    say('a', 'x')
    await untilShown(page, 'a joined: x')
    expect(heard).toEqual(['second x'])
    expect(joins).toEqual(['a'])
  })

  test('renders once per frame, however much comes; where no frame is drawn, every 100 ms', async () => {
    vi.stubGlobal('requestAnimationFrame', () => 0)
    vi.stubGlobal('cancelAnimationFrame', () => {})
    onTestFinished(() => void vi.unstubAllGlobals())
    const { client, say } = await startStage()
    const one = client()
    let renders = 0
    function Counter() {
      renders++
      const { data, status } = useSubscription(
        one.join.chat,
        { id: 'a' },
        { initial: 0, reduce: { message: (n) => n + 1 } },
      )
      return `${status} ${data}`
    }
    const page = await render(<Counter />, { isStrict: false })
    await untilShown(page, 'joined 0')
    const [before, startMs] = [renders, performance.now()]
    say('a', ...Array.from({ length: 10_000 }, () => 'x'))
    await untilShown(page, 'joined 10000')
    expect(renders - before).toBeLessThanOrEqual(1 + (performance.now() - startMs) / 100)
  })

  test('waits where it is told to skip', async () => {
    const { client, joins } = await startStage()
    const one = client()
    function Maybe({ id }: { id: string | undefined }) {
      const { status, room } = useSubscription(one.join.chat, id === undefined ? skip : { id })
      useEvent(room.on.message, () => {})
      return status
    }
    const page = await render(<Maybe id={undefined} />)
    expect(page.text()).toBe('skipped')
    expect(one.status.current.state).toBe('idle')
    await page.rerender(<Maybe id="a" />)
    await untilShown(page, 'joined')
    expect(joins).toEqual(['a'])
  })

  test('waits no more where the room has no params', async () => {
    const { client, joins } = await startStage()
    const one = client()
    function Maybe({ isWanted }: { readonly isWanted: boolean }) {
      return useSubscription(one.join.locked, isWanted ? undefined : skip).status
    }
    const page = await render(<Maybe isWanted={false} />)
    expect(page.text()).toBe('skipped')
    await page.rerender(<Maybe isWanted />)
    await untilShown(page, 'joined')
    expect(joins).toEqual(['locked'])
  })

  test('says why a room was not joined, and asks again', async () => {
    let isAllowed = false
    const { client } = await startStage({ mayJoin: () => isAllowed })
    const one = client()
    function Locked() {
      const { status, error, retry } = useSubscription(one.join.locked)
      retries = retry
      return `${status} ${error?.code}`
    }
    let retries = () => {}
    const page = await render(<Locked />)
    await untilShown(page, 'denied FORBIDDEN')
    isAllowed = true
    await act(async () => retries())
    await untilShown(page, 'joined undefined')
  })

  test('hears the last events first', async () => {
    const { client, say } = await startStage()
    say('a', 'one', 'two', 'three')
    const page = await render(<Messages client={client()} id="a" last={2} />)
    await untilShown(page, 'a joined: two three')
  })

  test('recovers what was missed while the session was lost', async () => {
    const { client, say, cut } = await startStage()
    const page = await render(<Messages client={client()} id="a" last={10} />)
    await untilShown(page, 'a joined: ')
    say('a', 'one')
    await untilShown(page, 'a joined: one')
    cut()
    await untilShown(page, 'a rejoining: one')
    say('a', 'two')
    await untilShown(page, 'a joined: one two')
  })

  test('begins anew from the history where events are missed for good', async () => {
    const { client, say, cut } = await startStage()
    const page = await render(<Messages client={client()} id="a" last={3} />)
    await untilShown(page, 'a joined: ')
    say('a', 'one')
    await untilShown(page, 'a joined: one')
    cut()
    await untilShown(page, 'a rejoining: one')
    say('a', ...Array.from({ length: 150 }, (_, n) => `${n}`)) // the room keeps 100
    await untilShown(page, 'a joined: 147 148 149')
    say('a', 'more')
    await untilShown(page, 'a joined: 147 148 149 more')
  })
})

describe('where the data begins', () => {
  async function start() {
    const stage = await startStage()
    const one = stage.client()
    const latest: { read: () => Promise<string> } = { read: undefined as never }
    function Said() {
      const { data, status, before, room } = useSubscription(
        one.join.chat,
        { id: 'a' },
        { initial: [] as readonly string[], reduce: { message: (list, { text }) => [...list, text] }, last: 2 },
      )
      latest.read = async () => {
        const { events } = await room.history({ before, limit: 2 })
        return events.flatMap((event) => (event.name === 'message' ? [event.payload.text] : [])).join()
      }
      return `${status} ${data.join()}`
    }
    return { ...stage, Said, latest }
  }

  test('is where earlier events are read from, also after a session that was lost and recovered', async () => {
    const { Said, say, cut, latest } = await start()
    say('a', '1', '2', '3', '4')
    const page = await render(<Said />)
    await untilShown(page, 'joined 3,4')
    expect(await latest.read()).toBe('1,2')
    cut()
    await untilShown(page, 'rejoining 3,4')
    say('a', '5')
    await untilShown(page, 'joined 3,4,5')
    expect(await latest.read()).toBe('1,2')
  })

  test('is another place once it is begun anew', async () => {
    const { Said, say, cut, latest } = await start()
    const page = await render(<Said />)
    await untilShown(page, 'joined ')
    cut()
    await untilShown(page, 'rejoining ')
    say('a', ...Array.from({ length: 150 }, (_, n) => `${n}`)) // the room keeps 100
    await untilShown(page, 'joined 148,149')
    expect(await latest.read()).toBe('146,147')
  })
})

describe('a component that', () => {
  test('throws, as it is denied, leaves the room to its boundary', async () => {
    const { client, members } = await startStage({ mayJoin: (room) => room !== 'locked' })
    const one = client()
    class Boundary extends Component<{ children: ReactNode }> {
      override state = { error: '' }
      static getDerivedStateFromError = (error: Error) => ({ error: error.message })
      override render = () => this.state.error || this.props.children
    }
    function Strict() {
      useSubscription(one.join.chat, { id: 'a' })
      const { error } = useSubscription(one.join.locked)
      if (error) throw error
      return 'fine'
    }
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {})
    const page = await render(
      <Boundary>
        <Strict />
      </Boundary>,
    )
    await eventually(() => page.text() !== 'fine', 'it has thrown')
    quiet.mockRestore()
    expect(page.text()).toMatch(/^join\.locked|locked/)
    await eventually(async () => (await members('a')) === 0, 'the room is left')
  })

  test('suspends before it was mounted joins nothing, and once when it goes on', async () => {
    const { client, joins } = await startStage()
    const one = client()
    let known: string | undefined
    let go = (_: string) => {}
    const promise = new Promise<string>((resolve) => (go = resolve)).then((text) => (known = text))
    function Late() {
      const { status } = useSubscription(one.join.chat, { id: 'a' })
      if (known === undefined) throw promise
      return `${known} ${status}`
    }
    const page = await render(
      <Suspense fallback="waiting">
        <Late />
      </Suspense>,
    )
    expect(page.text()).toBe('waiting')
    expect(joins).toEqual([])
    await act(async () => go('now'))
    await untilShown(page, 'now joined')
    expect(joins).toEqual(['a'])
  })
})

describe('useRoom', () => {
  test('gives a room that stays the same; its events, its members and its state are read by hooks', async () => {
    const { client, say, joins } = await startStage()
    const one = client()
    const rooms = new Set<unknown>()
    let renders = 0
    function Room() {
      renders++
      const room = useRoom(one.join.chat, { id: 'a' }, { presence: { mood: 'fine' } })
      rooms.add(room)
      return <Inside room={room} />
    }
    function Inside({ room }: { room: ReturnType<typeof useRoom<'chat', Chat>> }) {
      const texts = useEvents(room.on.message, { limit: 2 }).map(({ text }) => text)
      const { members } = usePresence(room)
      const moods = members.flatMap(({ entries }) => entries.map(({ data }) => data?.mood))
      const { state } = useStore(room.status)
      return (
        <button onClick={() => room.emit.say({ text: 'clicked' })}>
          {state} {moods.join()} {texts.join()}
        </button>
      )
    }
    const page = await render(<Room />)
    await untilShown(page, 'joined fine ')
    say('a', 'one', 'two', 'three')
    await untilShown(page, 'joined fine two,three')
    document.querySelector('button')!.click()
    await untilShown(page, 'joined fine three,clicked')
    expect(rooms.size).toBeLessThanOrEqual(2) // StrictMode makes one that it throws away
    expect(renders).toBe(2)
    expect(joins).toEqual(['a'])
  })
})
