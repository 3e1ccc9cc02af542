import type { PresenceRecord } from '@typewire/core'
import { describe, expect, test } from 'vitest'
import { type BrokerSetup, setUpBroker, type TestNode } from './broker-stage.ts'
import { eventually } from './transport-stage.ts'

const record = (sessionId: string, identity: string | null = null, payload = ',1'): PresenceRecord => ({
  sessionId,
  identity,
  instance: `client of ${sessionId}`,
  attempt: 1,
  payload,
})

/** Who a node was told is there, once it has taken every change on top of what it has asked. */
async function follow(node: TestNode, channel: string): Promise<() => readonly string[]> {
  await node.link.subscribe(channel)
  const { version, records } = await node.link.presence(channel)
  return () => {
    const there = new Map(records.map(({ sessionId, payload }) => [sessionId, payload]))
    for (const [where, change] of node.presence) {
      if (where !== channel || change.version <= version) continue
      if (change.set) there.set(change.set.sessionId, change.set.payload)
      for (const id of change.removed ?? []) there.delete(id)
    }
    return [...there].map(([id, payload]) => id + payload).sort()
  }
}

const ids = async (node: TestNode, channel: string) =>
  (await node.link.presence(channel)).records.map(({ sessionId }) => sessionId)

/** Presence: who is there, for every node the same. */
export function presenceTests(setup: BrokerSetup): void {
  describe('presence', () => {
    test('what one sets every node is told that subscribes, in one order, and whoever asks finds it', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two, other] = nodes(3)
      const [atOne, atTwo] = [await follow(one!, 'c'), await follow(two!, 'c')]
      await Promise.all(
        [one!, two!].map(async (node) => {
          for (let n = 0; n < 20; n++) await node.link.setPresence('c', record(`${node.id} ${n % 5}`, null, `,${n}`))
          await node.link.removePresence('c', `${node.id} 0`, 0)
        }),
      )
      // Of each session the last word.
      const last = [one!, two!].flatMap(({ id }) => [1, 2, 3, 4].map((n) => `${id} ${n},${15 + n}`)).sort()
      await eventually(atOne).toEqual(last)
      await eventually(atTwo).toEqual(last)
      expect(two!.presence).toEqual(one!.presence)
      const versions = one!.presence.map(([, { version }]) => version)
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
      const { records } = await other!.link.presence('c')
      expect(records.map(({ sessionId, payload }) => sessionId + payload).sort()).toEqual(last)
      expect(other!.presence).toEqual([])
      expect(await ids(other!, 'd')).toEqual([])
    })

    test('who subscribes, then asks, then takes what is newer, misses nothing', async () => {
      const { nodes } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      const setting = (async () => {
        for (let n = 0; n < 50; n++) {
          await one!.link.setPresence('c', record(`s${n}`))
          if (n % 3 === 0) await one!.link.removePresence('c', `s${n}`, 0)
        }
      })()
      const there = await follow(two!, 'c')
      await setting
      const last = (await ids(two!, 'c')).map((id) => `${id},1`).sort()
      await eventually(there).toEqual(last)
      expect(last).toHaveLength(33)
    })

    test('is given by member, in the order in which members came', async () => {
      const { node } = await setUpBroker(setup)
      const one = node()
      for (const [id, who] of [
        ['a1', 'ada'],
        ['b1', 'bob'],
        ['x', null],
        ['a2', 'ada'],
        ['__proto__', 'constructor'],
      ] as const) {
        await one.link.setPresence('c', record(id, who))
      }
      await one.link.setPresence('c', record('a1', 'ada', ',2'))
      expect(await ids(one, 'c')).toEqual(['a1', 'a2', 'b1', 'x', '__proto__'])
      await one.link.removePresence('c', 'a1', 0)
      expect(await ids(one, 'c')).toEqual(['a2', 'b1', 'x', '__proto__'])
    })

    test('the same again is told to nobody, and to take out what is not there neither', async () => {
      const { node, quiet } = await setUpBroker(setup)
      const one = node()
      await one.link.subscribe('c')
      await one.link.setPresence('c', record('s'))
      await one.link.setPresence('c', record('s'))
      await one.link.removePresence('c', 'unknown', 0)
      await quiet()
      expect(one.presence).toHaveLength(1)
    })

    test('a session takes the place of another of its client and identity, in one change', async () => {
      const { nodes, quiet } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      for (const identity of ['ada', null]) {
        await one!.link.setPresence('c', { ...record(`old ${identity}`, identity), instance: 'i' })
        await two!.link.setPresence('c', { ...record(`new ${identity}`, identity), instance: 'i' })
      }
      await two!.link.setPresence('c', { ...record('bob', 'bob'), instance: 'i' })
      await quiet()
      expect(two!.presence.filter(([, { removed }]) => removed)).toMatchObject([
        ['c', { set: { sessionId: 'new ada' }, removed: ['old ada'] }],
        ['c', { set: { sessionId: 'new null' }, removed: ['old null'] }],
      ])
      expect(await ids(one!, 'c')).toEqual(['new ada', 'new null', 'bob'])
    })

    test('what is said late of the session before changes nothing', async () => {
      const { nodes, quiet } = await setUpBroker(setup)
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      await two!.link.setPresence('c', { ...record('second', 'ada'), instance: 'i', attempt: 2 })
      await one!.link.setPresence('c', { ...record('first', 'ada'), instance: 'i' })
      await one!.link.removePresence('c', 'first', 0)
      await quiet()
      expect(await ids(two!, 'c')).toEqual(['second'])
      expect(two!.presence).toHaveLength(1)
    })

    test('what is to go after a time goes then, also if its node has closed; what is set again stays', async (context) => {
      const { broker, nodes, quiet } = await setUpBroker(setup)
      const { pass } = broker
      if (!pass) return context.skip('time cannot be let pass')
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      for (const id of ['stays', 'goes', 'goes too']) await one!.link.setPresence('c', record(id))
      await one!.link.removePresence('c', 'stays', 1_000)
      await one!.link.removePresence('c', 'goes', 1_000)
      await one!.link.setPresence('c', record('stays'))
      await two!.link.setPresence('c', record('of two'))
      await one!.link.removePresence('c', 'goes too', 2_000)
      await pass(500)
      await quiet()
      expect(await ids(two!, 'c')).toEqual(['stays', 'goes', 'goes too', 'of two'])
      await pass(700)
      await eventually(() => two!.presence.at(-1)?.[1].removed).toEqual(['goes'])
      await one!.link.close()
      await pass(1_500)
      await eventually(() => two!.presence.filter(([, { removed }]) => removed).length).toBeGreaterThan(1)
      expect(two!.presence.flatMap(([, { removed = [] }]) => removed).slice(0, 2)).toEqual(['goes', 'goes too'])
    })

    test('that of a node which has closed stays for its lease, then goes, and everybody is told', async (context) => {
      const { broker, nodes } = await setUpBroker(setup)
      const { pass, leaseMs = 10_000 } = broker
      if (!pass) return context.skip('time cannot be let pass')
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      await one!.link.setPresence('c', record('of one'))
      await two!.link.setPresence('c', record('of two'))
      await one!.link.close()
      await pass(leaseMs / 2)
      expect(await ids(two!, 'c')).toEqual(['of one', 'of two'])
      await pass(leaseMs)
      await eventually(() => two!.presence.at(-1)?.[1].removed).toEqual(['of one'])
      expect(await ids(two!, 'c')).toEqual(['of two'])
    })

    test('that of a node which has died goes when its lease is over, and everybody is told', async (context) => {
      const { broker, nodes, quiet } = await setUpBroker(setup)
      const { pass, kill, leaseMs = 10_000 } = broker
      if (!pass || !kill) return context.skip('time cannot be let pass, or no node dies')
      const [one, two] = nodes(2)
      await two!.link.subscribe('c')
      await one!.link.setPresence('c', record('dead'))
      await one!.link.setPresence('c', { ...record('moves', 'ada'), instance: 'i' })
      await two!.link.setPresence('c', record('alive'))
      await kill(one!.id)
      expect(await ids(two!, 'c')).toContain('dead')
      await two!.link.setPresence('c', { ...record('moved', 'ada'), instance: 'i' })
      await pass(leaseMs + 100)
      await eventually(() => two!.presence.at(-1)?.[1].removed).toEqual(['dead'])
      await quiet()
      expect((await ids(two!, 'c')).sort()).toEqual(['alive', 'moved'])
    })
  })
}
