import { describe, expect, test } from 'vitest'
import { type BrokerSetup, outcomeOf, setUpBroker } from './broker-stage.ts'
import { eventually, sequence } from './transport-stage.ts'

/** What callbacks may do: everything. */
export function callbackTests(setup: BrokerSetup): void {
  describe('callbacks', () => {
    test('may publish: all nodes are told in one order still', async () => {
      const { nodes } = await setUpBroker(setup)
      const all = nodes(3)
      for (const node of all) {
        await node.link.subscribe('c')
        node.onHeard = (payload) => {
          const [depth] = payload.split(' ')
          if (Number(depth) > 0) for (const n of [1, 2]) void node.say('c', `${Number(depth) - 1} ${node.id} ${n}`)
        }
      }
      await all[0]!.say('c', '3 start')
      // Each of the first three depths is answered twice by each of three nodes.
      const count = 1 + 6 + 36 + 216
      await eventually(() => all.map(({ heard }) => heard.length)).toEqual([count, count, count])
      for (const { heard } of all) expect(heard).toEqual(all[0]!.heard)
    })

    test('what one publishes in a callback comes after what it has published before', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const node of [one!, two!]) await node.link.subscribe('c')
      two!.onHeard = (payload) => {
        if (payload === 'start') for (const n of sequence(5)) void two!.say('c', `${n}`)
      }
      await one!.say('c', 'start')
      await eventually(() => [one!.heard.length, two!.heard.length]).toEqual([6, 6])
      expect(one!.heardOn('c')).toEqual(['start', '0', '1', '2', '3', '4'])
      expect(two!.heardOn('c')).toEqual(one!.heardOn('c'))
    })

    test('may send, and answer a message with one', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const node of [one!, two!]) {
        node.onMessage = (message, from) => {
          if (Number(message) > 0) void node.link.send(from, `${Number(message) - 1}`)
        }
      }
      await one!.link.send(two!.id, '9')
      await eventually(() => one!.messages.length + two!.messages.length).toBe(10)
      expect(two!.messages.map(([, text]) => text)).toEqual(['9', '7', '5', '3', '1'])
    })

    test('may subscribe to other channels', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await one!.link.subscribe('c')
      let subscribed = false
      one!.onHeard = (payload) => {
        if (payload === 'go to d') void one!.link.subscribe('d').then(() => (subscribed = true))
      }
      await two!.say('c', 'go to d')
      await eventually(() => subscribed).toBe(true)
      await two!.say('d', 'welcome')
      await one!.caughtUp('d')
      expect(one!.heardOn('d')).toEqual(['welcome'])
    })

    test('may unsubscribe from the very channel, and subscribe again: nothing is told twice', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const node of [one!, two!]) await node.link.subscribe('c')
      let isBack = false
      one!.onHeard = () => {
        one!.onHeard = () => {}
        void (async () => {
          await one!.link.unsubscribe('c')
          await one!.link.subscribe('c')
          isBack = true
        })()
      }
      await two!.say('c', '1')
      await eventually(() => isBack).toBe(true)
      await two!.say('c', '2')
      await one!.caughtUp('c')
      await two!.caughtUp('c')
      expect(one!.heardOn('c')).toEqual(['1', '2'])
      expect(two!.heardOn('c')).toEqual(['1', '2'])
    })

    test('may close the node', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const node of [one!, two!]) await node.link.subscribe('c')
      let closed: unknown
      one!.onHeard = () => (closed ??= one!.link.close())
      for (const n of sequence(5)) void two!.say('c', `${n}`)
      await two!.caughtUp('c')
      await eventually(() => one!.heard.length).toBe(1)
      await closed
      expect(two!.heardOn('c')).toHaveLength(5)
      expect(await two!.link.subscribers('c')).toEqual([two!.id])
    })

    test('that throw concern nobody else: other nodes are told, and so is this one of what comes next', async () => {
      const { nodes } = await setUpBroker(setup)
      const all = nodes(3)
      for (const node of all) await node.link.subscribe('c')
      for (const faulty of [all[0]!, all[1]!]) {
        const fail = () => {
          throw new Error('this node is faulty')
        }
        faulty.onHeard = fail
        faulty.onMessage = fail
      }
      for (const n of sequence(5)) {
        expect(await outcomeOf(() => all[0]!.say('c', `${n}`))).toBe('done')
        expect(await outcomeOf(() => all[2]!.link.send(all[1]!.id, `${n}`))).toBe('done')
      }
      const numbers = sequence(5).map(String)
      for (const node of all) await eventually(() => node.heardOn('c')).toEqual(numbers)
      await eventually(() => all[1]!.messages.map(([, text]) => text)).toEqual(numbers)
    })
  })
}
