// What views do that no page is needed for: a room, calls and a connection by hand.

import { CallView, connectionViewOf, EventsView, RoomView } from '@typewire/client/views'
import { type MissedEvents, type OnOptions, TypewireError } from '@typewire/core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** Lets all go on that waits for nothing. */
const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** No frame is drawn and no time passes but by hand. */
function stopTime() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const frames: (() => void)[] = []
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run))
  vi.stubGlobal('cancelAnimationFrame', () => {})
  onTestFinished(() => {
    vi.runAllTimers()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })
  return { drawFrame: () => frames.splice(0).forEach((run) => run()) }
}

function storeOf<T>(current: T) {
  const listeners = new Set<() => void>()
  return {
    current,
    listeners,
    subscribe: (listener: () => void) => (listeners.add(listener), () => void listeners.delete(listener)),
    set(next: T) {
      this.current = next
      for (const listener of listeners) listener()
    },
  }
}

/** A handle whose server is the test, and how often it was joined and left. */
function handleByHand() {
  const status = storeOf<object>({ state: 'joined' })
  const presence = storeOf({ members: [], count: 1, isCountOnly: false })
  const heard = new Set<(text: string) => unknown>()
  const missing = new Set<(missed: MissedEvents) => unknown>()
  const reads: { readonly wish: object; readonly answer: (texts: readonly string[]) => void }[] = []
  const counts = { joins: 0, leaves: 0 }
  const handle = {
    status,
    presence,
    on: { message: (run: (text: string) => unknown) => (heard.add(run), () => void heard.delete(run)) },
    onMissed: (run: (missed: MissedEvents) => unknown) => (missing.add(run), () => void missing.delete(run)),
    leave: () => void counts.leaves++,
    history: (wish: object) =>
      new Promise((resolve) => {
        const answer = (texts: readonly string[]) =>
          resolve({ events: texts.map((payload) => ({ name: 'message', payload })), hasMore: false })
        reads.push({ wish, answer })
      }),
  }
  const view = (options: object = {}) =>
    new RoomView((() => (counts.joins++, handle)) as never, {}, { initial: [], ...options })
  const collect = { reduce: { message: (list: readonly string[], text: string) => [...list, text] } } as never
  const on = ({ room }: RoomView, run: (text: string) => unknown, options?: OnOptions) =>
    (room.on as unknown as Record<string, (run: unknown, options?: OnOptions) => () => void>)['message']!(run, options)
  return {
    status,
    presence,
    heard,
    missing,
    reads,
    counts,
    view,
    collect,
    on,
    say: (text: string) => [...heard].forEach((run) => run(text)),
    miss: () => [...missing].forEach((run) => run({ reason: 'gap', before: undefined })),
  }
}

test('what comes in several turns is told once, with the next frame', async () => {
  const { drawFrame } = stopTime()
  let tell = (_: string) => {}
  const view = new EventsView(((run: (text: string) => void) => ((tell = run), () => {})) as never)
  view.retain()
  let told = 0
  view.subscribe(() => told++)
  for (const text of ['a', 'b', 'c']) {
    tell(text)
    await settle()
  }
  expect([told, view.current]).toEqual([0, []])
  drawFrame()
  expect([told, view.current]).toEqual([1, ['a', 'b', 'c']])
})

describe('a room', () => {
  test('begins with what a function makes, each time', () => {
    let made = 0
    const { view } = handleByHand()
    expect(view({ initial: () => ++made }).current.data).toBe(1)
    expect(view({ initial: () => ++made }).current.data).toBe(2)
  })

  test('is heard once by who wants that, and until the signal of who gave one', () => {
    stopTime()
    const { view, on, say } = handleByHand()
    const room = view()
    room.retain()
    const heard: string[] = []
    const controller = new AbortController()
    on(room, (text) => heard.push(`once ${text}`), { once: true })
    on(room, (text) => heard.push(`signal ${text}`), { signal: controller.signal })
    on(room, (text) => heard.push(`never ${text}`), { signal: AbortSignal.abort() })
    say('1')
    controller.abort()
    say('2')
    expect(heard).toEqual(['once 1', 'signal 1'])
  })

  test('forgets all of it when nobody uses it any more, and is begun anew by who does', () => {
    const { drawFrame } = stopTime()
    const { view, collect, say, heard, missing, status, presence, counts } = handleByHand()
    const room = view()
    room.react(collect)
    const release = room.retain()
    say('old')
    drawFrame()
    expect(room.current).toMatchObject({ data: ['old'], status: 'joined' })
    expect(room.room.presence.current.count).toBe(1)
    release()
    vi.runAllTimers()
    expect([heard.size, missing.size, status.listeners.size, presence.listeners.size]).toEqual([0, 0, 0, 0])
    drawFrame()
    expect(room.current).toMatchObject({ data: [], status: 'joining' })
    expect(room.room.presence.current.count).toBe(0)
    room.retain()
    say('new')
    drawFrame()
    expect(room.current).toMatchObject({ data: ['new'], status: 'joined' })
    expect(counts).toEqual({ joins: 2, leaves: 1 })
  })

  test('tells at once where it stands, but with last events, which come behind', () => {
    const { drawFrame } = stopTime()
    const { view, status } = handleByHand()
    status.current = { state: 'joining' }
    const [plain, withLast] = [view(), view({ last: 5 })]
    plain.retain()
    withLast.retain()
    status.set({ state: 'joined' })
    expect([plain.current.status, withLast.current.status]).toEqual(['joined', 'joining'])
    drawFrame()
    expect(withLast.current.status).toBe('joined')
    status.set({ state: 'rejoining' })
    expect(withLast.current.status).toBe('rejoining')
  })

  test('is not left and joined by a retry while it is joined', () => {
    stopTime()
    const { view, status, counts } = handleByHand()
    const room = view()
    room.retain()
    room.retry()
    expect(counts).toEqual({ joins: 1, leaves: 0 })
    status.set({ state: 'denied', reason: new TypewireError('FORBIDDEN', 'no') })
    room.retry()
    expect(counts).toEqual({ joins: 2, leaves: 1 })
  })

  test.each([
    [10_000, 0],
    [10_001, 10_001],
  ])('holds %i events while its history is read again: %i are shown before', async (count, shown) => {
    const { drawFrame } = stopTime()
    const { view, say, miss, reads } = handleByHand()
    const room = view({ initial: 0, last: 2_000 })
    room.react({ reduce: { message: (n: number) => n + 1 } } as never)
    room.retain()
    miss()
    expect(reads.map(({ wish }) => wish)).toEqual([{ limit: 1_000, before: undefined }]) // as many as a page may have
    for (let n = 0; n < count; n++) say('x')
    drawFrame()
    expect(room.current.data).toBe(shown)
    reads[0]!.answer(['x'])
    await settle()
    drawFrame()
    expect(room.current.data).toBe(shown === 0 ? count + 1 : shown)
  })
})

describe('calls', () => {
  /** Calls that the test answers. */
  function callsByHand() {
    const asked: { readonly answer: (data: string) => void; readonly fail: () => void }[] = []
    const call = () =>
      new Promise<string>((answer, reject) => {
        asked.push({ answer, fail: () => reject(new TypewireError('OVERLOADED', 'busy')) })
      })
    return { asked, view: new CallView(call) }
  }

  test('that are answered after a reset leave nothing behind', async () => {
    const { asked, view } = callsByHand()
    const first = view.run()
    view.reset()
    expect(view.current).toMatchObject({ pending: true })
    asked[0]!.answer('late')
    expect(await first).toEqual({ ok: true, data: 'late' })
    expect(view.current).toMatchObject({ pending: false, data: undefined, attempts: [] })
    const second = view.run()
    asked[1]!.answer('new')
    await second
    expect(view.current.data).toBe('new')
  })

  test('that are made again count as made last', async () => {
    const { asked, view } = callsByHand()
    const runs = [view.run(), view.run()]
    asked[0]!.fail()
    asked[1]!.answer('second')
    await Promise.all(runs)
    expect(view.current).toMatchObject({ data: 'second', attempts: [{ key: 1, status: 'failed' }] })
    view.current.attempts[0]!.retry()
    asked[2]!.answer('first, again')
    await settle()
    expect(view.current).toMatchObject({ data: 'first, again', attempts: [] })
  })

  test('leave what a later one gave, in whatever order they are answered', async () => {
    const { asked, view } = callsByHand()
    const runs = [view.run(), view.run(), view.run()]
    asked[2]!.answer('third')
    asked[0]!.answer('first')
    await settle()
    asked[1]!.answer('second')
    await Promise.all(runs)
    expect(view.current.data).toBe('third')
  })

  test('keep nothing of a signal that lives longer', async () => {
    const { asked, view } = callsByHand()
    const { signal } = new AbortController()
    const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')]
    const run = view.run(undefined, { signal })
    asked[0]!.answer('x')
    await run
    expect(add.mock.calls.map(([, listener]) => listener)).toEqual(remove.mock.calls.map(([, listener]) => listener))
    expect(add).toHaveBeenCalledTimes(1)
  })
})

test('a round trip is measured while it is looked at, and is none of the connection before', async () => {
  stopTime()
  const status = storeOf<object>({ state: 'open' })
  let pings = 0
  const view = connectionViewOf({ status, ping: async () => ++pings } as never)
  const release = view.retain()
  await vi.advanceTimersByTimeAsync(10_000)
  expect([pings, view.current.latencyMs]).toEqual([2, 2])
  status.set({ state: 'waiting' })
  expect(view.current).toMatchObject({ state: 'waiting', latencyMs: undefined })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(pings).toBe(2)
  status.set({ state: 'open' })
  await vi.advanceTimersByTimeAsync(1)
  expect([pings, view.current.latencyMs]).toEqual([3, 3])
  release()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([pings, view.current.latencyMs]).toEqual([3, undefined])
})
