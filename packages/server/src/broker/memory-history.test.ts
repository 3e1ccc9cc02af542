import type { BrokerLink, HistoryBounds, HistoryPage, Position, Publication } from '@typewire/core'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, it } from 'vitest'
import { createMemoryBroker } from './memory-broker.ts'
import { maxKeys } from './memory-history.ts'

const bounds: HistoryBounds = { limit: 3, ttlMs: 1_000 }
const said = (text: string): Publication => ({ event: 'said', payload: `,"${text}"` })

/** A broker with a node that subscribes to `room`, and what it was told. */
function setUp(maxHistoryBytes?: number) {
  const clock = createFakeClock()
  const broker = createMemoryBroker({ clock, maxHistoryBytes })
  const told: (readonly [payload: string, position: Position | undefined])[] = []
  const link = broker.connect('a', {
    onPublication: (_, { payload }, position) => void told.push([payload, position]),
    onMessage: () => {},
    onPresence: () => {},
  })
  void link.subscribe('room')
  const publish = (text: string, key?: string) =>
    link.publish('room', said(text), { history: bounds, key }) as Position | undefined
  const read = (query: Parameters<BrokerLink['history']>[1]) => link.history('room', query, bounds) as HistoryPage
  const offsets = (page: HistoryPage) => page.publications.map(({ offset }) => offset)
  return { clock, broker, link, told, publish, read, offsets }
}

describe('the history of the memory broker', () => {
  it('gives each publication the next offset, and tells it with its position', () => {
    const { publish, told, link } = setUp()
    const [one, two] = [publish('1')!, publish('2')!]
    expect([one.offset, two.offset]).toEqual([1, 2])
    expect(two.epoch).toBe(one.epoch)
    expect(link.publish('room', said('not kept'))).toBeUndefined()
    expect(told).toEqual([
      [',"1"', one],
      [',"2"', two],
      [',"not kept"', undefined],
    ])
  })

  it('keeps the last ones of its limit', () => {
    const { publish, read, offsets } = setUp()
    for (let n = 1; n <= 5; n++) publish(`${n}`)
    expect(read({ limit: 10 })).toMatchObject({ offset: 5, publications: [3, 4, 5].map((offset) => ({ offset })) })
    expect(offsets(read({ limit: 2 }))).toEqual([4, 5])
    expect(offsets(read({ limit: 0 }))).toEqual([])
    expect(offsets(read({ limit: 10, before: 4 }))).toEqual([3])
    expect(read({ limit: 10 }).publications[0]!.publication).toEqual(said('3'))
  })

  it('reads what is behind a position: of its epoch alone', () => {
    const { publish, read, offsets } = setUp()
    for (let n = 1; n <= 5; n++) publish(`${n}`)
    const { epoch } = read({ limit: 0 })
    expect(offsets(read({ since: { epoch, offset: 4 } }))).toEqual([5])
    expect(offsets(read({ since: { epoch, offset: 5 } }))).toEqual([])
    expect(offsets(read({ since: { epoch, offset: 0 } }))).toEqual([3, 4, 5])
    expect(read({ since: { epoch: 'another', offset: 4 } })).toEqual({ epoch, offset: 5, publications: [] })
  })

  it('keeps each for its ttlMs, and goes on counting', async () => {
    const { publish, read, offsets, clock } = setUp()
    publish('1')
    await clock.advance(600)
    publish('2')
    await clock.advance(399)
    expect(offsets(read({ limit: 9 }))).toEqual([1, 2])
    await clock.advance(1)
    expect(offsets(read({ limit: 9 }))).toEqual([2])
    await clock.advance(600)
    expect(read({ limit: 9 })).toMatchObject({ offset: 2, publications: [] })
  })

  it('keeps the epoch while a node subscribes, and for ttlMs after that', async () => {
    const { publish, read, clock, link } = setUp()
    const { epoch } = publish('1')!
    await clock.advance(10_000)
    expect(read({ limit: 9 })).toMatchObject({ epoch, offset: 1 })
    await clock.advance(10_000)
    void link.unsubscribe('room')
    await clock.advance(999)
    expect(publish('2')).toEqual({ epoch, offset: 2 })
    await clock.advance(999)
    expect(read({ limit: 9 })).toMatchObject({ epoch, offset: 2 })
    await clock.advance(1_000)
    const anew = publish('3')!
    expect(anew.offset).toBe(1)
    expect(anew.epoch).not.toBe(epoch)
  })

  it('keeps nothing of a channel before its first publication, and one timer for all', () => {
    const { link, clock } = setUp()
    const channels = Array.from({ length: 100 }, (_, n) => `room ${n}`)
    for (const channel of channels) {
      void link.subscribe(channel)
      void link.history(channel, { limit: 0 }, bounds)
      void link.unsubscribe(channel)
    }
    expect(clock.pending).toBe(0)
    for (const channel of channels) void link.publish(channel, said('1'), { history: bounds })
    expect(clock.pending).toBe(1)
  })

  it('keeps so many bytes of all; beyond them those go that are oldest where nothing happened for longest', () => {
    const many: HistoryBounds = { limit: 100, ttlMs: 1_000 }
    const { link } = setUp(1_000)
    const publish = (channel: string, length: number) =>
      void link.publish(channel, { event: 'said', payload: 'x'.repeat(length) }, { history: many })
    const kept = (channel: string) => {
      const { offset, publications } = link.history(channel, { limit: 100 }, many) as HistoryPage
      return [offset, publications.map((entry) => entry.offset)]
    }
    for (const channel of ['a', 'a', 'b', 'c', 'a']) publish(channel, 200)
    expect([kept('a'), kept('b'), kept('c')]).toEqual([
      [3, [1, 2, 3]],
      [1, [1]],
      [1, [1]],
    ])
    publish('c', 1)
    expect([kept('a'), kept('b'), kept('c')]).toEqual([
      [3, [1, 2, 3]],
      [1, []],
      [2, [1, 2]],
    ])
    publish('c', 200)
    expect([kept('a'), kept('c')]).toEqual([
      [3, [2, 3]],
      [3, [1, 2, 3]],
    ])
    publish('b', 1_001)
    expect([kept('a'), kept('b'), kept('c')]).toEqual([
      [3, []],
      [2, []],
      [3, []],
    ])
  })

  it('refuses bounds that cannot be', () => {
    expect(() => createMemoryBroker({ maxHistoryBytes: Number.NaN })).toThrow(/maxHistoryBytes: NaN/)
    expect(() => createMemoryBroker({ leaseMs: -1 })).toThrow(RangeError)
  })

  it('leaves no timer behind once it has forgotten a channel', async () => {
    const { publish, clock, link } = setUp()
    publish('1')
    void link.close()
    await clock.advance(1_000)
    expect(clock.pending).toBe(0)
  })

  it('publishes what has a key once, and gives the first position again', () => {
    const { publish, told, read, offsets } = setUp()
    const first = publish('1', 'k')
    publish('2')
    expect(publish('again', 'k')).toEqual(first)
    expect(publish('3', 'another')).toMatchObject({ offset: 3 })
    expect(told.map(([payload]) => payload)).toEqual([',"1"', ',"2"', ',"3"'])
    expect(offsets(read({ limit: 9 }))).toEqual([1, 2, 3])
  })

  it('remembers a key for ttlMs, and the last ones of a bounded number', async () => {
    const { publish, clock } = setUp()
    publish('1', 'k')
    await clock.advance(999)
    expect(publish('again', 'k')).toMatchObject({ offset: 1 })
    await clock.advance(1)
    expect(publish('later', 'k')).toMatchObject({ offset: 2 })
    for (let n = 1; n < maxKeys; n++) publish('more', `${n}`)
    expect(publish('again', 'k')).toMatchObject({ offset: 2 })
    publish('one more', 'one more')
    expect(publish('anew', 'k')).toMatchObject({ offset: maxKeys + 3 })
  })

  it('numbers in the order in which it tells, also of what is published while it tells', () => {
    const broker = createMemoryBroker({ clock: createFakeClock() })
    const told: number[] = []
    const link = broker.connect('a', {
      onPublication(_, { payload }, position) {
        told.push(position!.offset)
        if (payload === ',"1"') void link.publish('room', said('answer'), { history: bounds })
      },
      onMessage: () => {},
      onPresence: () => {},
    })
    const other: number[] = []
    const there = broker.connect('b', {
      onPublication: (_, __, position) => void other.push(position!.offset),
      onMessage: () => {},
      onPresence: () => {},
    })
    void link.subscribe('room')
    void there.subscribe('room')
    void link.publish('room', said('1'), { history: bounds })
    expect([told, other]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })
})
