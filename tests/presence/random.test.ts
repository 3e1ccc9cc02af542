// A thousand steps at random: who comes, goes, drops, comes back, says something else. In the end all see the same.

import { createMemoryBroker } from '@typewire/server'
import { createDelayingBroker, createFakeClock, type FakeClock, seededRandom } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { type Cafe, startTown } from './stage.ts'

failOnUnhandledRejections()

const brokers = {
  'in memory': (clock: FakeClock) => createMemoryBroker({ clock }),
  'that takes its time': (clock: FakeClock, seed: number) =>
    createDelayingBroker({ inner: createMemoryBroker({ clock }), seed }),
}

test.each([
  ['in memory', 1],
  ['in memory', 2],
  ['that takes its time', 3],
  ['that takes its time', 4],
] as const)(
  'after 1,000 steps every client sees what the servers see, with a broker %s (seed %i)',
  async (kind, seed) => {
    const random = seededRandom(seed)
    const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
    const clock = createFakeClock()
    const broker = brokers[kind](clock, seed)
    const towns = [await startTown({ clock, broker }), await startTown({ clock, broker })]
    const names = ['ada', 'bob', 'eve', null, '__proto__']
    const clients = Array.from({ length: 16 }, (_, n) => pick(towns).client(names[n % names.length]))
    const handles = new Map<number, Cafe>()
    const join = (n: number) => handles.set(n, clients[n]!.join.cafe({ id: 'c' }, { presence: { name: `${n}` } }))
    const steps: readonly (readonly [weight: number, run: (n: number) => void])[] = [
      [4, (n) => void (handles.has(n) || join(n))],
      [2, (n) => void (handles.get(n)?.leave(), handles.delete(n))],
      [
        4,
        (n) =>
          void handles
            .get(n)
            ?.setPresence({ name: `${n} ${random()}` })
            .catch(() => {}),
      ],
      [1, () => pick([...pick(towns).server.sessions, undefined])?.revoke()],
    ]
    const bag = steps.flatMap(([weight, run]) => Array.from({ length: weight }, () => run))
    for (let step = 0; step < 1_000; step++) {
      pick(bag)(Math.floor(random() * clients.length))
      if (random() < 0.2) await quiet(Math.floor(random() * 6))
      if (random() < 0.05) {
        await quiet(20)
        await clock.advance(random() * 4_000)
      }
    }
    for (let n = 0; n < clients.length; n++) if (!handles.has(n)) join(n)
    await eventually(
      () =>
        [...handles.values()].every(({ status }) => status.current.state === 'joined') ||
        (void clock.advance(100), false),
      'all have joined',
    )
    await quiet(60) // the broker's turns are no time: what is asked of it must not seem late
    await clock.advance(20_000)
    await quiet(60)
    const expected = await towns[0]!.cafe().presence()
    expect(expected.members.flatMap(({ entries }) => entries)).toHaveLength(clients.length)
    expect(await towns[1]!.cafe().presence()).toEqual(expected)
    for (const { presence } of handles.values()) {
      await eventually(() => presence.current.members.length === expected.members.length, 'it sees all')
      expect(presence.current).toEqual(expected)
    }
    for (const { errors } of towns) expect(errors).toEqual([])
  },
  30_000,
)
