import type { HistoryPage, Publication } from '@typewire/core'
import { describe, expect, test } from 'vitest'
import { type BrokerSetup, setUpBroker, type TestNode } from './broker-stage.ts'
import { eventually, sequence as sequenceFrom0 } from './transport-stage.ts'

/** The numbers from 1 to this one, as offsets are. */
const sequence = (length: number) => sequenceFrom0(length).map((n) => n + 1)
/** An hour: nothing is forgotten in these tests. */
const bounds = { limit: 5, ttlMs: 3_600_000 }
const said = (n: number | string): Publication => ({ event: 'said', payload: `,${n}`, except: ['someone'] })
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

    test('a channel keeps its epoch and its offset when nobody subscribes any more', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2) as [TestNode, TestNode]
      await one.link.subscribe('c')
      const begun = await newest(one, 'c')
      await one.link.unsubscribe('c')
      expect(await newest(two, 'c')).toEqual(begun)
      const first = await keep(one, 'c', 1)
      expect(first).toEqual({ epoch: begun.epoch, offset: 1 })
      await one.link.close()
      expect(await newest(two, 'c')).toMatchObject(first!)
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
