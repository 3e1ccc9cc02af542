import { describe, expect, test } from 'vitest'
import { heapBytes } from '../heap-bytes.ts'
import { type BrokerSetup, setUpBroker } from './broker-stage.ts'
import { eventually, sequence } from './transport-stage.ts'

/** Publications: who is told, and in what order. */
export function channelTests(setup: BrokerSetup): void {
  describe('channels', () => {
    test('a publication comes to every node that subscribes, as it is, to its own as well, and to no other', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two, other] = nodes(3)
      await one!.link.subscribe('c')
      await two!.link.subscribe('c')
      await other!.link.subscribe('d')
      const full = {
        event: 'said',
        payload: ',{"a":[1,null,"\\u2028 😀 \\ud800"]},{"a":["Date"]}',
        parts: [Uint8Array.of(0, 255, 10), new Uint8Array(0)],
        volatile: true as const,
        latestKey: '__proto__',
        only: ['s1', '__proto__'],
        except: ['s2'],
        copies: { id: 'n 1', channels: ['c', '__proto__'] },
        ask: { node: 'n', id: 7, timeoutMs: 30_000 },
      }
      await one!.link.publish('c', full)
      await one!.link.publish('c', { event: '', payload: '' })
      for (const node of [one!, two!]) {
        await node.caughtUp('c')
        expect(node.publications.slice(0, 2)).toEqual([full, { event: '', payload: '' }])
      }
      await other!.caughtUp('d')
      expect(other!.heardOn('c')).toEqual([])
    })

    test('a node that does not subscribe may publish, and a channel that nobody subscribes to takes it', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await one!.link.publish('nobody', { event: 'said', payload: '0' })
      await two!.link.subscribe('c')
      await one!.say('c', '1')
      await eventually(() => two!.heardOn('c')).toEqual(['1'])
      expect(one!.heard).toEqual([])
    })

    test('what is published when subscribe has resolved is told, whoever publishes', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const round of sequence(20)) {
        const channel = `c${round}`
        await one!.link.subscribe(channel)
        void two!.say(channel, 'by two')
        await one!.say(channel, 'by one')
        await Promise.all([one!.caughtUp(channel), two!.say(channel, 'at last')])
        await eventually(() => one!.heardOn(channel)).toContain('at last')
        expect(one!.heardOn(channel).sort()).toEqual(['at last', 'by one', 'by two'])
      }
    })

    test('nothing is told from when unsubscribe has resolved on, until subscribed again', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      for (const round of sequence(20)) {
        await one!.link.subscribe('c')
        // Under way while it is unsubscribed: told before that, or never.
        for (const n of sequence(5)) void two!.say('c', `${round} early ${n}`)
        await one!.link.unsubscribe('c')
        const { length } = one!.heard
        await two!.say('c', `${round} late`)
        await two!.caughtUp('c')
        expect(one!.heard).toHaveLength(length)
      }
      await one!.link.subscribe('c')
      await one!.caughtUp('c')
      expect(one!.heardOn('c').filter((payload) => payload.endsWith('late'))).toEqual([])
    })

    test('subscribing twice is subscribing once, and so is unsubscribing', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await one!.link.unsubscribe('never subscribed')
      await one!.link.subscribe('c')
      await one!.link.subscribe('c')
      await one!.say('c', '1')
      await one!.caughtUp('c')
      expect(one!.heardOn('c')).toEqual(['1'])
      await one!.link.unsubscribe('c')
      await one!.link.unsubscribe('c')
      await two!.link.subscribe('c')
      await two!.say('c', '2')
      await two!.caughtUp('c')
      expect(one!.heardOn('c')).toEqual(['1'])
    })

    test('all nodes are told in one order, and what one publishes keeps its own, without waiting', async () => {
      const { nodes } = await setUpBroker(setup)
      const all = nodes(4)
      for (const node of all) await node.link.subscribe('c')
      const each = 250
      await Promise.all(
        all.map(async (node) => {
          await Promise.all(sequence(each).map((n) => node.say('c', `${node.id} ${n}`)))
        }),
      )
      await eventually(() => all.map(({ heard }) => heard.length)).toEqual(all.map(() => each * all.length))
      for (const { heard } of all) expect(heard).toEqual(all[0]!.heard)
      for (const { id } of all) {
        const own = all[0]!.heardOn('c').filter((payload) => payload.startsWith(`${id} `))
        expect(own).toEqual(sequence(each).map((n) => `${id} ${n}`))
      }
    })

    test('those who subscribe in the midst are told in the same order, without a hole', async () => {
      const { nodes } = await setUpBroker(setup)
      const [speaker, early, late] = nodes(3)
      await early!.link.subscribe('c')
      const said = Promise.all(sequence(200).map((n) => speaker!.say('c', `${n}`)))
      await late!.link.subscribe('c')
      await said
      await early!.caughtUp('c')
      await late!.caughtUp('c')
      expect(early!.heardOn('c')).toEqual(sequence(200).map(String))
      const heard = late!.heardOn('c')
      expect(heard).toEqual(heard.length === 0 ? [] : early!.heardOn('c').slice(-heard.length))
    })

    test('a channel is any text, and no two are one', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      for (const channel of oddChannels) await one!.link.subscribe(channel)
      for (const channel of oddChannels) await two!.say(channel, `in ${channel}`)
      for (const channel of oddChannels) {
        await eventually(() => one!.heardOn(channel)).toEqual([`in ${channel}`])
        expect(await two!.link.subscribers(channel)).toEqual([one!.id])
      }
      for (const channel of oddChannels) await one!.link.unsubscribe(channel)
      expect(await two!.link.subscribers('__proto__')).toEqual([])
    })

    test('a large payload comes whole, and what is behind it stays behind it', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      const large = `,${JSON.stringify('漢😀x'.repeat(300_000))}`
      void one!.say('c', large)
      await one!.say('c', 'behind')
      await eventually(() => two!.heard.length).toBe(2)
      expect(two!.heard[0]![1] === large).toBe(true)
      expect(two!.heard[1]![1]).toBe('behind')
    })

    test('many channels that were subscribed to and left leave nothing', async () => {
      const { nodes, quiet } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      const many = setup.manyChannels ?? 10_000
      const comeAndGo = async () => {
        // Long names, so that what is kept is seen: 10 MB.
        const channels = sequence(many).map((n) => `chat {"roomId":"${n}${'x'.repeat(1_000)}"}`)
        await Promise.all(channels.map((channel) => one!.link.subscribe(channel)))
        // As nodes do with rooms that have a history.
        const bounds = { limit: 100, ttlMs: 3_600_000 }
        await Promise.all(channels.map((channel) => one!.link.history(channel, { limit: 0 }, bounds)))
        await two!.say(channels[0]!, 'to one of many')
        await eventually(() => one!.heard.map(([, payload]) => payload)).toEqual(['to one of many'])
        await Promise.all(channels.map((channel) => one!.link.unsubscribe(channel)))
        const subscribers = await Promise.all(channels.map((channel) => two!.link.subscribers(channel)))
        expect(subscribers.flat()).toEqual([])
        one!.heard.length = 0
      }
      const before = await heapBytes()
      await comeAndGo()
      await quiet()
      expect((await heapBytes()) - before).toBeLessThan(many * 500)
    })
  })
}

const oddChannels = [
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '',
  ' ',
  '*',
  '>',
  '?',
  'a.*',
  'a.b',
  'a b',
  'a  b',
  'A B',
  '[abc]',
  'line\nline\r\u0000',
  '{"roomId":"42"}',
  '😀 👩‍👩‍👧‍👦 é e\u0301',
  'x'.repeat(1_000),
  'x'.repeat(1_001),
]
