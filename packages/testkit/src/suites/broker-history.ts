import type { HistoryPage, Position, Publication } from '@typewire/core'
import { describe, expect, test } from 'vitest'
import { type BrokerSetup, setUpBroker, type TestNode } from './broker-stage.ts'
import { eventually, sequence as sequenceFrom0 } from './transport-stage.ts'

/** The numbers from 1 to this one, as offsets are. */
const sequence = (length: number) => sequenceFrom0(length).map((n) => n + 1)
/** An hour: nothing is forgotten in the tests that do not let it pass. */
const bounds = { limit: 5, ttlMs: 3_600_000 }
const said = (n: number | string): Publication => ({ event: 'said', payload: `,${n}`, except: ['someone'] })
/** Of the tests that do. */
const brief = { limit: 50, ttlMs: 4_000 }
const keep = ({ link }: TestNode, channel: string, n: number | string, key?: string) =>
  link.publish(channel, said(n), { history: bounds, key })
const newest = ({ link }: TestNode, channel: string, limit = 100, before?: number) =>
  link.history(channel, { limit, before }, bounds)
const offsets = ({ publications }: HistoryPage) => publications.map(({ offset }) => offset)

/** What is kept of channels: positions, what is read, and keys. */
export function historyTests(setup: BrokerSetup): void {
  describe('history', () => {
    test('what is kept has the next offset, the same for who publishes, who is told and who reads', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      await Promise.all([one.link.subscribe('c'), two.link.subscribe('c')])
      const begun = await newest(one, 'c')
      expect(begun).toMatchObject({ offset: 0, publications: [] })
      const first = await keep(one, 'c', 1)
      const second = await keep(two, 'c', 2)
      expect([first, second]).toEqual([1, 2].map((offset) => ({ epoch: begun.epoch, offset })))
      for (const node of [one, two]) {
        await eventually(() => node.positions).toEqual([first, second])
        expect(node.publications).toEqual([said(1), said(2)])
        expect(await newest(node, 'c')).toEqual({
          ...second,
          publications: [1, 2].map((offset) => ({ offset, publication: said(offset) })),
        })
      }
    })

    test('what is not to be kept has no position, and takes no offset', async () => {
      const { node } = await setUpBroker(setup)
      const one = node()
      await one.link.subscribe('c')
      expect(await one.link.publish('c', said(0))).toBeUndefined()
      expect(await keep(one, 'c', 1)).toMatchObject({ offset: 1 })
      await eventually(() => one.positions.map((position) => position?.offset)).toEqual([undefined, 1])
      expect(offsets(await newest(one, 'c'))).toEqual([1])
    })

    test('each channel has offsets of its own', async () => {
      const { node } = await setUpBroker(setup)
      const one = node()
      await keep(one, 'c', 1)
      await keep(one, 'c', 2)
      expect(await keep(one, '__proto__', 1)).toMatchObject({ offset: 1 })
      expect(offsets(await newest(one, 'c'))).toEqual([1, 2])
    })

    test('the last ones of the limit are kept, and read: the newest, those before an offset, those since a position', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      for (const n of sequence(8)) await keep(one, 'c', n)
      const page = await newest(two, 'c')
      expect([page.offset, offsets(page)]).toEqual([8, [4, 5, 6, 7, 8]])
      expect(offsets(await newest(two, 'c', 2))).toEqual([7, 8])
      expect(offsets(await newest(two, 'c', 0))).toEqual([])
      expect(offsets(await newest(two, 'c', 2, 7))).toEqual([5, 6])
      const since = async (offset: number, epoch = page.epoch) => {
        const read = await two.link.history('c', { since: { epoch, offset } }, bounds)
        expect(read).toMatchObject({ epoch: page.epoch, offset: 8 })
        return offsets(read)
      }
      expect(await since(6)).toEqual([7, 8])
      expect(await since(8)).toEqual([])
      expect(await since(1)).toEqual([4, 5, 6, 7, 8])
      expect(await since(6, 'another')).toEqual([])
    })

    test('the limit is what was asked for, of each channel', async () => {
      const { node } = await setUpBroker(setup)
      const one = node()
      for (const n of sequence(12)) {
        await one.link.publish('few', said(n), { history: { ...bounds, limit: 2 } })
        await one.link.publish('many', said(n), { history: { ...bounds, limit: 12 } })
      }
      expect(offsets(await newest(one, 'few'))).toEqual([11, 12])
      expect(offsets(await newest(one, 'many'))).toEqual(sequence(12))
    })

    test('what was published before the question is read, whoever published', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      for (const n of sequence(20)) {
        await keep(one, 'c', n)
        expect((await newest(two, 'c', 1)).offset).toBe(n)
      }
    })

    test('offsets rise in the order in which every node is told, also where nodes publish at once', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      await Promise.all([one.link.subscribe('c'), two.link.subscribe('c')])
      await Promise.all(sequence(30).map(async (n) => keep(n % 3 ? one : two, 'c', n)))
      for (const node of [one, two]) {
        await eventually(() => node.positions.map((position) => position?.offset)).toEqual(sequence(30))
      }
      expect(two.publications).toEqual(one.publications)
    })

    test('of what is published under one key the first counts, whoever publishes, also at once', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      await one.link.subscribe('c')
      const first = await keep(one, 'c', 1, 'k')
      expect(await keep(two, 'c', 2, 'k')).toEqual(first)
      const [three, four] = await Promise.all([keep(one, 'c', 3, 'l'), keep(two, 'c', 4, 'l')])
      expect(four).toEqual(three)
      expect(await keep(one, 'd', 5, 'k')).toMatchObject({ offset: 1 })
      expect(offsets(await newest(one, 'c'))).toEqual([1, 2])
      await keep(one, 'c', 6)
      await eventually(() => one.positions.map((position) => position?.offset)).toEqual([1, 2, 3])
    })

    test('a key is remembered however many others follow it', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      const first = await keep(one, 'c', 0, 'k')
      for (const n of sequence(50)) await keep(two, 'c', n, `${n}`)
      expect(await keep(two, 'c', 'again', 'k')).toEqual(first)
      expect((await newest(one, 'c')).offset).toBe(51)
    })

    test('what is kept is forgotten when its time is over, and not before; the offset goes on', async (context) => {
      const { broker, nodes } = await setUpBroker(setup)
      const { pass } = broker
      if (!pass) return context.skip('time cannot be let pass')
      const [one, two] = nodes(2) as [TestNode, TestNode]
      await two.link.subscribe('c')
      const publish = (n: number) => one.link.publish('c', said(n), { history: brief, key: `${n}` })
      const read = async () => two.link.history('c', { limit: 100 }, brief)
      const first = await publish(1)
      await pass(brief.ttlMs * 0.5)
      const second = await publish(2)
      expect(offsets(await read())).toEqual([1, 2])
      expect(await publish(1)).toEqual(first)
      await pass(brief.ttlMs * 0.75)
      expect(offsets(await read())).toEqual([2])
      await pass(brief.ttlMs * 5)
      // It has a subscriber: members must be able to tell what they have missed.
      expect(await read()).toEqual({ ...second, publications: [] })
    })

    test('a channel that was forgotten begins anew in another epoch; one in use does not', async (context) => {
      const { broker, nodes } = await setUpBroker(setup)
      const { pass } = broker
      if (!pass) return context.skip('time cannot be let pass')
      const [one, two] = nodes(2) as [TestNode, TestNode]
      const publish = async (channel: string) => (await one.link.publish(channel, said(1), { history: brief }))!
      await two.link.subscribe('used')
      await two.link.subscribe('silent')
      const silent = await two.link.history('silent', { limit: 0 }, brief)
      const before = [await publish('used'), await publish('forgotten')] as const
      await pass(brief.ttlMs * 0.5)
      expect(await publish('forgotten')).toEqual({ ...before[1], offset: 2 })
      await pass(brief.ttlMs * 2.5)
      expect(await publish('used')).toEqual({ ...before[0], offset: 2 })
      expect(await publish('silent')).toEqual({ epoch: silent.epoch, offset: 1 })
      const again = await publish('forgotten')
      expect(isBehind(again, { ...before[1], offset: 2 })).toBe(false)
      const since = await two.link.history('forgotten', { since: before[1] }, brief)
      // Offsets of another epoch say nothing.
      expect(again.epoch === before[1].epoch ? [] : since.publications).toEqual([])
    })

    test('a channel keeps its epoch and its offset when nobody subscribes any more', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      await one.link.subscribe('c')
      const first = (await keep(one, 'c', 1))!
      await one.link.unsubscribe('c')
      expect(await newest(two, 'c')).toMatchObject(first)
      expect(await keep(one, 'c', 2)).toEqual({ ...first, offset: 2 })
      await one.link.close()
      expect(await newest(two, 'c')).toMatchObject({ ...first, offset: 2 })
    })

    test('a publication is kept as it is', async () => {
      const { node } = await setUpBroker(setup)
      const one = node()
      const full: Publication = {
        ...said(1),
        copies: { id: 'n 1', channels: ['c', 'd'] },
        ask: { node: 'n', id: 7, timeoutMs: 30_000 },
      }
      await one.link.publish('c', full, { history: bounds })
      expect((await newest(one, 'c')).publications).toEqual([{ offset: 1, publication: full }])
    })

    test('parts are kept with their publication', async () => {
      const { node } = await setUpBroker(setup)
      const one = node()
      const parts = [new Uint8Array([1, 2, 3])]
      await one.link.publish('c', { event: 'drawn', payload: ',0,["bytes"]', parts }, { history: bounds })
      const [entry] = (await newest(one, 'c')).publications
      expect(entry?.publication.parts?.map((part) => [...part])).toEqual([[1, 2, 3]])
    })
  })
}

/** Whether a position says that it comes before another one, or is the same. */
const isBehind = (position: Position, other: Position) =>
  position.epoch === other.epoch && position.offset <= other.offset
