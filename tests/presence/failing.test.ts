// A broker that fails: what was said of presence is said again until it is taken.

import { createMemoryBroker } from '@typewire/server'
import { type BrokerFault, createDelayingBroker, createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { shown, startTown, untilShown } from './stage.ts'

failOnUnhandledRejections()

type Step = 'setPresence' | 'removePresence' | 'unsubscribe'

/** A town with a watcher in its cafe, and a broker that fails when it is told to. */
async function start() {
  const clock = createFakeClock()
  const inner = createMemoryBroker({ clock })
  const planned = new Map<string, BrokerFault[]>()
  const asked: string[] = []
  const broker = createDelayingBroker({
    ...{ inner, seed: 1, maxTurns: 0 },
    fault({ name, target }) {
      if (!target.startsWith('cafe')) return 'pass'
      asked.push(name)
      return planned.get(name)?.shift() ?? 'pass'
    },
  })
  const town = await startTown({ clock, broker })
  const watcher = town.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
  await watcher.ready
  await untilShown(watcher, ['ada: Ada'])
  /** The next ones of a kind have these fates. */
  const next = (step: Step, ...faults: BrokerFault[]) => void planned.set(step, faults)
  const times = (step: Step) => asked.filter((name) => name === step).length
  const spy = inner.connect('spy', { onPublication() {}, onPresence() {}, onMessage() {} })
  return { ...town, watcher, next, times, spy }
}

describe('PR-4: a broker that fails to', () => {
  test.each<BrokerFault>(['fail', 'fail late', 'hang'])(
    'set presence (%s): it is set when it can be',
    async (fault) => {
      const { peer, watcher, next, times, clock, errors } = await start()
      next('setPresence', fault, fault)
      const bob = await peer('bob')
      await bob.join({ name: 'Bob' })
      await eventually(() => times('setPresence') === 2, 'it was tried')
      await clock.advance(30_000)
      await untilShown(watcher, ['ada: Ada', 'bob: Bob'])
      expect(times('setPresence')).toBe(4)
      expect(errors).toHaveLength(1)
    },
  )

  test('remove it: whoever has left is a ghost for no longer', async () => {
    const { client, watcher, next, times, clock, errors } = await start()
    const bob = client('bob').join.cafe({ id: 'c' }, { presence: { name: 'Bob' } })
    await untilShown(watcher, ['ada: Ada', 'bob: Bob'])
    next('removePresence', 'fail')
    bob.leave()
    await eventually(() => times('removePresence') === 1, 'it was tried')
    await clock.advance(1_000)
    await untilShown(watcher, ['ada: Ada'])
    expect(errors.map(String)).toEqual([expect.stringContaining('removePresence')])
  })

  test('remove it after a grace: it ends when it would have', async () => {
    const { peer, watcher, next, times, clock } = await start()
    const bob = await peer('bob')
    await bob.join({ name: 'Bob' })
    await untilShown(watcher, ['ada: Ada', 'bob: Bob'])
    next('removePresence', 'fail', 'fail', 'fail')
    bob.cut()
    await eventually(() => times('removePresence') === 1, 'it was tried')
    await clock.advance(9_900)
    await quiet()
    expect(shown(watcher.presence.current)).toEqual(['ada: Ada', 'bob: Bob'])
    await clock.advance(120)
    await untilShown(watcher, ['ada: Ada'])
  })

  test('set it, of one that has left meanwhile: it is not said again', async () => {
    const { peer, watcher, next, times, clock } = await start()
    next('setPresence', 'fail')
    const bob = await peer('bob')
    const { join } = await bob.join({ name: 'Bob' })
    await eventually(() => times('setPresence') === 2, 'it was tried')
    await bob.ask('$leave', { join })
    await clock.advance(30_000)
    await quiet()
    expect([times('setPresence'), shown(watcher.presence.current)]).toEqual([2, ['ada: Ada']])
  })
})

test('a channel that could not be left is left later, unless somebody is there again', async () => {
  const { watcher, client, next, times, clock, spy } = await start()
  next('unsubscribe', 'fail', 'fail')
  watcher.leave()
  await eventually(() => times('unsubscribe') === 1, 'it was tried')
  await clock.advance(1_000)
  await eventually(() => times('unsubscribe') === 2, 'it was tried again')
  expect(await spy.subscribers('cafe {"id":"c"}')).toHaveLength(1)
  await clock.advance(1_000)
  await eventually(() => times('unsubscribe') === 3, 'it was left')
  await quiet()
  expect(await spy.subscribers('cafe {"id":"c"}')).toEqual([])
  const ada = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
  await ada.ready
  next('unsubscribe', 'fail')
  ada.leave()
  await eventually(() => times('unsubscribe') === 4, 'it was tried')
  const again = client('eve').join.cafe({ id: 'c' }, { presence: { name: 'Eve' } })
  await again.ready
  await clock.advance(10_000)
  await quiet()
  expect([times('unsubscribe'), (await spy.subscribers('cafe {"id":"c"}')).length]).toEqual([4, 1])
})
