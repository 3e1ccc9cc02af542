import { describe, expect, test } from 'vitest'
import { type BrokerSetup, outcomeOf, setUpBroker } from './broker-stage.ts'
import { eventually, sequence } from './transport-stage.ts'

/** Nodes: what they say to each other, who subscribes to what, and how they go. */
export function nodeTests(setup: BrokerSetup): void {
  describe('nodes', () => {
    test('a message comes to the node that it is for, from whom it is, and to no other', async () => {
      const { nodes, quiet } = await setUpBroker(setup)
      const [one, two, three] = nodes(3)
      const large = JSON.stringify('漢😀'.repeat(100_000))
      await one!.link.send(two!.id, 'hello')
      await one!.link.send(two!.id, '')
      await three!.link.send(two!.id, large)
      await one!.link.send(one!.id, 'to myself')
      await eventually(() => [one!.messages.length, two!.messages.length]).toEqual([1, 3])
      const texts = (from: string) => two!.messages.filter(([by]) => by === from).map(([, text]) => text)
      expect(texts(one!.id)).toEqual(['hello', ''])
      expect(texts(three!.id)).toEqual([large])
      expect(one!.messages).toEqual([[one!.id, 'to myself']])
      await quiet()
      expect(three!.messages).toEqual([])
    })

    test('messages of one node to another keep their order, without waiting', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two, three] = nodes(3)
      const texts = sequence(250).map(String)
      await Promise.all(
        texts.flatMap((text) => [one!, two!, three!].map((node) => node.link.send(two!.id, `${node.id} ${text}`))),
      )
      await eventually(() => two!.messages.length).toBe(750)
      for (const { id } of [one!, two!, three!]) {
        const heard = two!.messages.filter(([from]) => from === id)
        expect(heard).toEqual(texts.map((text) => [id, `${id} ${text}`]))
      }
    })

    test('a message to a node that is gone, or never was, is nobody’s affair', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await two!.link.close()
      expect(await outcomeOf(() => one!.link.send(two!.id, 'too late'))).toBe('done')
      expect(await outcomeOf(() => one!.link.send('nobody', 'hello'))).toBe('done')
      await one!.link.send(one!.id, 'still here')
      await eventually(() => one!.messages).toEqual([[one!.id, 'still here']])
      expect(two!.messages).toEqual([])
    })

    test('subscribers are told on every node as soon as subscribe, unsubscribe or close has resolved', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two, three] = nodes(3)
      const all = [one!, two!, three!]
      const seen = async (channel = 'c') =>
        Promise.all(all.slice(0, 2).map(async ({ link }) => [...(await link.subscribers(channel))].sort()))
      const both = (...ids: string[]) => [ids, ids]
      expect(await seen()).toEqual(both())
      await one!.link.subscribe('c')
      expect(await seen()).toEqual(both(one!.id))
      await three!.link.subscribe('c')
      await three!.link.subscribe('c')
      await three!.link.subscribe('d')
      expect(await seen()).toEqual(both(one!.id, three!.id))
      expect(await seen('d')).toEqual(both(three!.id))
      await one!.link.unsubscribe('c')
      expect(await seen()).toEqual(both(three!.id))
      await three!.link.close()
      expect(await seen()).toEqual(both())
      expect(await seen('d')).toEqual(both())
    })

    test('a list of subscribers is whoever asked’s own', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one] = nodes(1)
      await one!.link.subscribe('c')
      const list = (await one!.link.subscribers('c')) as string[]
      list.push('somebody')
      expect(await one!.link.subscribers('c')).toEqual([one!.id])
    })

    test('a node that closes is told nothing from then on, and the others go on', async () => {
      const { nodes, quiet } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const node of [one!, two!]) await node.link.subscribe('c')
      for (const n of sequence(20)) {
        void one!.say('c', `${n}`)
        void one!.link.send(two!.id, `${n}`)
      }
      const closed = two!.link.close()
      const told = [two!.heard.length, two!.messages.length]
      await closed
      await one!.say('c', 'after')
      await one!.link.send(two!.id, 'after')
      await one!.caughtUp('c')
      await quiet()
      expect([two!.heard.length, two!.messages.length]).toEqual(told)
      expect(one!.heardOn('c')).toEqual([...sequence(20).map(String), 'after'])
    })

    test('closing twice is closing once, and what is asked of a closed link does nothing', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await one!.link.subscribe('c')
      await two!.link.close()
      expect(await outcomeOf(() => two!.link.close())).toBe('done')
      await outcomeOf(() => two!.link.subscribe('c'))
      await outcomeOf(() => two!.link.publish('c', { event: 'said', payload: 'from the grave' }))
      await outcomeOf(() => two!.link.send(one!.id, 'from the grave'))
      await outcomeOf(() => two!.link.unsubscribe('c'))
      await outcomeOf(() => two!.link.subscribers('c'))
      expect(await one!.link.subscribers('c')).toEqual([one!.id])
      await one!.caughtUp('c')
      await one!.link.send(one!.id, 'still here')
      await eventually(() => one!.messages).toEqual([[one!.id, 'still here']])
      expect(one!.heardOn('c')).toEqual([])
    })

    test('an id that is taken is refused, and whoever has it is unharmed', async () => {
      const { nodes, node } = await setUpBroker(setup)
      const [one] = nodes(1)
      await one!.link.subscribe('c')
      expect(() => node(one!.id)).toThrow(TypeError)
      await one!.say('c', '1')
      await eventually(() => one!.heardOn('c')).toEqual(['1'])
    })

    test('a node that dies without closing is told nothing, is left out of the subscribers, and holds nobody up', async (context) => {
      const { broker, nodes, quiet } = await setUpBroker(setup)
      context.skip(!broker.kill, 'this broker cannot let a node die (BrokerUnderTest.kill)')
      const [one, two] = nodes(2)
      for (const node of [one!, two!]) await node.link.subscribe('c')
      const found = broker.kill!(two!.id)
      const told = two!.heard.length
      await one!.say('c', 'while nobody knows')
      await one!.link.send(two!.id, 'hello?')
      await one!.caughtUp('c')
      await found
      expect(await one!.link.subscribers('c')).toEqual([one!.id])
      await one!.say('c', 'after')
      await one!.caughtUp('c')
      await quiet()
      expect(two!.heard).toHaveLength(told)
      expect(two!.messages).toEqual([])
      expect(one!.heardOn('c')).toEqual(['while nobody knows', 'after'])
    })
  })
}
