import type { HistoryPage, Position, Publication } from '@typewire/core'
import { turn } from '@typewire/testkit'
import { describe, expect, it } from 'vitest'
import { Feed } from './feed.ts'

const said = (n: number): Publication => ({ event: 'said', payload: `,${n}` })
const at = (offset: number, epoch = 'e') => ({ epoch, offset })
const pageOf = (epoch: string, from: number, to: number): HistoryPage => ({
  epoch,
  offset: to,
  publications: Array.from({ length: to - from + 1 }, (_, index) => ({
    offset: from + index,
    publication: said(from + index),
  })),
})

type Read = HistoryPage | Promise<HistoryPage> | Error

/** A feed whose reads are answered with `reads`, in turn. */
function setUp(reads: Read[] = [], maxLength = 1_000) {
  const log: string[] = []
  const dropped: string[] = []
  const feed = new Feed(maxLength, {
    onNext: ({ event, payload }, position) =>
      void log.push(position ? `${position.epoch}${position.offset}${payload}` : event),
    onDropped: ({ payload }) => void dropped.push(payload.slice(1)),
    onMissed: ({ epoch, offset }) => void log.push(`missed up to ${epoch}${offset}`),
    readSince({ epoch, offset }: Position) {
      log.push(`read since ${epoch}${offset}`)
      const read = reads.shift()
      if (read === undefined || read instanceof Error) throw read ?? new Error('No read is expected.')
      return read
    },
    onError: (error) => void log.push((error as Error).message),
  })
  const take = (...offsets: number[]) => offsets.forEach((offset) => feed.take(said(offset), at(offset)))
  const command = () => feed.takeCommand({ event: '$evict', payload: '' })
  return { feed, log, dropped, take, command }
}

describe('Feed', () => {
  it('passes on each once, in order, behind the position that it is opened with', () => {
    const { feed, log, take } = setUp()
    take(2, 3, 4)
    expect(log).toEqual([])
    feed.open(at(2))
    take(4, 5, 3, 5)
    expect(log).toEqual(['e3,3', 'e4,4', 'e5,5'])
    expect(feed.position).toEqual(at(5))
  })

  it('reads what it was not told', () => {
    const { feed, log, take } = setUp([pageOf('e', 2, 5)])
    feed.open(at(1))
    take(4, 5, 6)
    expect(log).toEqual(['read since e1', 'e2,2', 'e3,3', 'e4,4', 'e5,5', 'e6,6'])
  })

  it('keeps what comes while it reads', async () => {
    let answer: (page: HistoryPage) => void = () => {}
    const { feed, log, take } = setUp([new Promise((resolve) => (answer = resolve))])
    feed.open(at(1))
    take(3, 4, 5)
    expect(log).toEqual(['read since e1'])
    answer(pageOf('e', 2, 4))
    await turn()
    expect(log).toEqual(['read since e1', 'e2,2', 'e3,3', 'e4,4', 'e5,5'])
  })

  it('says what is missed, where the history has not all of it, and goes on', () => {
    const { feed, log, take } = setUp([pageOf('e', 4, 5)])
    feed.open(at(1))
    take(5, 6)
    expect(log).toEqual(['read since e1', 'missed up to e5', 'e6,6'])
  })

  it('says so, where the history knows less than was told, or cannot be read', () => {
    const { feed, log, take } = setUp([pageOf('e', 2, 3), new Error('broken')])
    feed.open(at(1))
    take(5, 6, 8)
    expect(log).toEqual([
      ...['read since e1', 'e2,2', 'e3,3', 'missed up to e4', 'e5,5', 'e6,6'],
      ...['read since e6', 'broken', 'missed up to e7', 'e8,8'],
    ])
  })

  it('says so, where the epoch is another', () => {
    const { feed, log } = setUp([pageOf('f', 1, 2)])
    feed.open(at(7))
    feed.take(said(1), at(1, 'f'))
    feed.take(said(2), at(2, 'f'))
    feed.take(said(3), at(3, 'f'))
    expect(log).toEqual(['read since e7', 'missed up to f2', 'f3,3'])
  })

  it('drops what still comes of the epoch before, which was told as missed', () => {
    const { feed, log, take } = setUp([pageOf('f', 1, 2)])
    feed.open(at(1))
    take(3)
    take(4, 5)
    feed.take(said(3), at(3, 'f'))
    expect(log).toEqual(['read since e1', 'missed up to f2', 'f3,3'])
  })

  it('drops what comes of an epoch that the history says is over', () => {
    const { feed, log } = setUp([pageOf('f', 8, 8)])
    feed.open(at(7, 'f'))
    feed.take(said(5), at(5, 'e'))
    feed.take(said(6), at(6, 'e'))
    feed.take(said(9), at(9, 'f'))
    expect(log).toEqual(['read since f7', 'f8,8', 'f9,9'])
  })

  it('says so, where a read fails later, and what came meanwhile is passed on', async () => {
    const { feed, log, take } = setUp([Promise.reject(new Error('broken'))])
    feed.open(at(1))
    take(3, 4)
    await turn()
    expect(log).toEqual(['read since e1', 'broken', 'missed up to e2', 'e3,3', 'e4,4'])
  })

  it('bounds what waits, and reads again what it had to drop', async () => {
    let answer: (page: HistoryPage) => void = () => {}
    const { feed, log, take } = setUp([new Promise((resolve) => (answer = resolve)), pageOf('e', 4, 6)], 4)
    feed.open(at(1))
    take(3, 4, 5, 6)
    answer(pageOf('e', 2, 3))
    await turn()
    expect(log).toEqual(['read since e1', 'e2,2', 'e3,3', 'read since e3', 'e4,4', 'e5,5', 'e6,6'])
  })

  it('says what it drops: what was had, what is missed, and what waits when it closes', async () => {
    const { feed, dropped, take } = setUp([pageOf('e', 7, 8), new Promise(() => {})])
    take(1, 2, 3)
    feed.open(at(2))
    take(3)
    expect(dropped).toEqual(['1', '2', '3'])
    take(6, 9)
    expect(dropped.splice(3)).toEqual(['7', '8', '6'])
    take(11, 12)
    feed.close()
    expect(dropped.splice(3)).toEqual(['11', '12'])
  })

  it('says what it drops of what comes before it is opened, where too much waits', () => {
    const { feed, dropped, take } = setUp([pageOf('e', 1, 2)], 4)
    take(1, 2, 3)
    expect(dropped).toEqual(['1'])
    feed.open(at(3))
    expect(dropped).toEqual(['1', '2', '3'])
  })

  it('lets commands wait for what was published before them', async () => {
    let answer: (page: HistoryPage) => void = () => {}
    const { feed, log, take, command } = setUp([new Promise((resolve) => (answer = resolve)), new Error('broken')])
    command()
    feed.open(at(1))
    command()
    expect(log.splice(0)).toEqual(['$evict', '$evict'])
    take(3)
    command()
    take(4)
    expect(log).toEqual(['read since e1'])
    answer(pageOf('e', 2, 2))
    await turn()
    expect(log.splice(0)).toEqual(['read since e1', 'e2,2', 'e3,3', '$evict', 'e4,4'])
    take(6)
    expect(log).toEqual(['read since e4', 'broken', 'missed up to e5', 'e6,6'])
  })

  it('carries out a command before its turn rather than never', async () => {
    const { feed, log, take, command } = setUp([new Promise(() => {})], 4)
    feed.open(at(1))
    take(3)
    command()
    take(4, 5)
    expect(log).toEqual(['read since e1'])
    take(6, 7)
    expect(log).toEqual(['read since e1', '$evict'])
  })

  it('keeps what it passes on while somebody asks it to, within its bound', () => {
    const { feed, take } = setUp([], 4)
    feed.open(at(0))
    const offsets = () => feed.kept.map(({ offset }) => offset)
    take(1)
    const stops = [feed.keep(), feed.keep()]
    take(2, 3)
    expect(offsets()).toEqual([2, 3])
    stops[0]!()
    expect(offsets()).toEqual([2, 3])
    take(4)
    expect(offsets()).toEqual([])
    take(5)
    expect(offsets()).toEqual([5])
    stops[1]!()
    expect(offsets()).toEqual([])
  })
})
