import { describe, expect, test } from 'vitest'
import { type BrokerSetup, setUpBroker } from './broker-stage.ts'
import { eventually, sequence } from './transport-stage.ts'

const minuteMs = 60_000

/** What idempotent calls were answered: kept by one node, for all. */
export function resultTests(setup: BrokerSetup): void {
  describe('results', () => {
    test('what one node keeps, every node has when it has resolved, whatever the key and the text are', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      const texts: Readonly<Record<string, string>> = {
        key: 'text',
        KEY: 'another',
        empty: '',
        '': 'of the empty key',
        constructor: 'no member of an object',
        'a b\n漢😀\u0000*': '漢😀\n\u0000"\\',
        large: '漢'.repeat(262_144),
      }
      for (const [key, text] of Object.entries(texts)) await one!.link.keepResult(key, text, minuteMs)
      for (const [key, text] of Object.entries(texts)) {
        expect(await two!.link.result(key)).toBe(text)
        expect(await one!.link.result(key)).toBe(text)
      }
    })

    test('there is none of a key under which nothing was kept', async () => {
      const { node } = await setUpBroker(setup)
      const { link } = node()
      await link.keepResult('kept', 'text', minuteMs)
      for (const key of ['kep', 'kept ', 'Kept', '*', 'constructor', '__proto__']) {
        expect(await link.result(key)).toBeUndefined()
      }
    })

    test('the one that is kept later takes the place of the one before, whoever keeps it', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await one!.link.keepResult('key', 'first', minuteMs)
      await two!.link.keepResult('key', 'second', minuteMs)
      expect(await one!.link.result('key')).toBe('second')
    })

    test('those of many keys do not mix', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      const keys = sequence(500).map(String)
      await Promise.all(keys.map((key) => one!.link.keepResult(key, `of ${key}`, minuteMs)))
      const results = await Promise.all(keys.map((key) => two!.link.result(key)))
      expect(results).toEqual(keys.map((key) => `of ${key}`))
    })

    test('no publication and no presence comes of it, and none is one', async () => {
      const { nodes, quiet } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      await one!.link.keepResult('c', 'a result', minuteMs)
      await one!.say('c', 'a publication')
      await eventually(() => two!.heard).toEqual([['c', 'a publication']])
      await quiet()
      expect([two!.presence, two!.messages]).toEqual([[], []])
      expect(await two!.link.result('c')).toBe('a result')
    })

    test('it stays when its node has closed, or has died', async () => {
      const { broker, nodes } = await setUpBroker(setup)
      const [one, two, three] = nodes(3)
      await one!.link.keepResult('of one', 'text', minuteMs)
      await two!.link.keepResult('of two', 'text', minuteMs)
      await one!.link.close()
      if (broker.kill) await broker.kill(two!.id)
      expect(await three!.link.result('of one')).toBe('text')
      expect(await three!.link.result('of two')).toBe('text')
    })

    test('it goes when its time is over, not before, and what takes its place has a time of its own', async (context) => {
      const { broker, nodes } = await setUpBroker(setup)
      const { pass } = broker
      if (!pass) return context.skip('time cannot be let pass')
      const [one, two] = nodes(2)
      await one!.link.keepResult('short', 'text', 1_000)
      await one!.link.keepResult('again', 'text', 1_000)
      await one!.link.keepResult('long', 'text', 10_000)
      const there = async () =>
        Promise.all(['short', 'again', 'long'].map(async (key) => (await two!.link.result(key)) !== undefined))
      await pass(600)
      await one!.link.keepResult('again', 'text', 1_000)
      expect(await there()).toEqual([true, true, true])
      await pass(600)
      expect(await there()).toEqual([false, true, true])
      await pass(8_000)
      expect(await there()).toEqual([false, false, true])
      await pass(2_000)
      expect(await there()).toEqual([false, false, false])
    })
  })
}
