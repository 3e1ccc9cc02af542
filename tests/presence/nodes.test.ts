// Presence over several nodes of one broker: one view for all, also when a node closes or dies.

import { createMemoryBroker } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { historyOf, shown, startTown, untilShown } from './stage.ts'
import { watchedBroker } from './watched-broker.ts'

failOnUnhandledRejections()

async function twoTowns() {
  const clock = createFakeClock()
  const broker = watchedBroker(clock)
  return { clock, broker, here: await startTown({ clock, broker }), there: await startTown({ clock, broker }) }
}

describe('two nodes', () => {
  test('show the members of both, to both, in one order', async () => {
    const { here, there } = await twoTowns()
    const ada = here.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    const bob = there.client('bob').join.cafe({ id: 'c' }, { presence: { name: 'Bob' } })
    await bob.ready
    const ada2 = there.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada 2' } })
    const all = ['ada: Ada, Ada 2', 'bob: Bob']
    for (const handle of [ada, bob, ada2]) await untilShown(handle, all)
    expect(shown(await here.cafe().presence())).toEqual(all)
    expect(shown(await there.cafe().presence())).toEqual(all)
    await bob.setPresence({ name: 'Bobby' })
    await untilShown(ada, ['ada: Ada, Ada 2', 'bob: Bobby'])
    ada.leave()
    await untilShown(bob, ['ada: Ada 2', 'bob: Bobby'])
  })

  test('a node that closes: its members come to another, and nobody sees them go', async () => {
    const { clock, here, there } = await twoTowns()
    const ada = here.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    const bob = there.client('bob', { url: there.url })
    const bobsCafe = bob.join.cafe({ id: 'c' }, { presence: { name: 'Bob' } })
    await bobsCafe.ready
    await untilShown(ada, ['ada: Ada', 'bob: Bob'])
    const [seenByAda, seenByBob] = [historyOf(ada), historyOf(bobsCafe)]
    const closing = there.server.close({ drainMs: 0, reconnectTo: here.url })
    await eventually(() => bob.status.current.state === 'waiting', 'it is told')
    await clock.advance(4_000)
    await closing
    await eventually(() => bobsCafe.status.current.state === 'joined', 'it is at the other node')
    await clock.advance(60_000)
    await quiet()
    expect([...here.server.sessions]).toHaveLength(2)
    for (const names of [...seenByAda, ...seenByBob]) expect(names).toEqual(['ada: Ada', 'bob: Bob'])
  })

  test('a node that closes, and whose members do not come back: they go when their grace is over', async () => {
    const { clock, here, there } = await twoTowns()
    const ada = here.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    const bob = await there.peer('bob')
    await ada.ready
    await bob.join({ name: 'Bob' })
    await untilShown(ada, ['ada: Ada', 'bob: Bob'])
    const closing = there.server.close({ drainMs: 0 })
    await bob.closed()
    await clock.advance(100)
    await closing
    await clock.advance(9_800)
    await quiet()
    expect(shown(ada.presence.current)).toEqual(['ada: Ada', 'bob: Bob'])
    await clock.advance(200)
    await untilShown(ada, ['ada: Ada'])
  })

  test('a node that dies: its members go when its lease is over, but those that have come to another by then', async () => {
    const { clock, broker, here, there } = await twoTowns()
    const ada = here.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    const [bob, eve] = [await there.peer('bob', { instance: 'bobs' }), await there.peer('eve')]
    await bob.join({ name: 'Bob' })
    await eve.join({ name: 'Eve' })
    await untilShown(ada, ['ada: Ada', 'bob: Bob', 'eve: Eve'])
    broker.kill(1)
    await clock.advance(5_000)
    const moved = await here.peer('bob', { instance: 'bobs' })
    await moved.join({ name: 'Bob' })
    await eventually(() => ada.presence.current.members[1]?.entries[0]?.sessionId === moved.sessionId, 'it is seen')
    const seen = historyOf(ada)
    await clock.advance(4_900)
    await quiet()
    expect(seen).toEqual([['ada: Ada', 'bob: Bob', 'eve: Eve']])
    await clock.advance(200)
    await untilShown(ada, ['ada: Ada', 'bob: Bob'])
    await clock.advance(60_000)
    await quiet()
    expect(seen).toHaveLength(2)
  })

  test('a broker that tells late of what is in its answer already: it is not told twice', async () => {
    const record = { sessionId: 's1', identity: 'ghost', instance: 'i', attempt: 1, payload: ',{"name":"Ghost"}' }
    const clock = createFakeClock()
    const memory = createMemoryBroker({ clock })
    const { client } = await startTown({
      clock,
      broker: {
        connect: (node, events) => ({
          ...memory.connect(node, events),
          presence: async () => {
            events.onPresence('cafe {"id":"c"}', { version: 1, set: record }) // came before the answer
            setImmediate(() => events.onPresence('cafe {"id":"c"}', { version: 2, set: record }))
            await quiet(1)
            events.onPresence('cafe {"id":"c"}', { version: 3, removed: ['s1'] })
            setImmediate(() => events.onPresence('cafe {"id":"c"}', { version: 2, set: record }))
            return { version: 3, records: [] }
          },
          setPresence: () => {},
        }),
      },
    })
    const ada = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    const seen = historyOf(ada)
    await ada.ready
    await quiet()
    expect(seen.flat()).toEqual([])
  })

  test('a session that was away when its node died goes by its own grace', async () => {
    const { clock, broker, here, there } = await twoTowns()
    const ada = here.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    const bob = await there.peer('bob')
    await bob.join({ name: 'Bob' })
    await untilShown(ada, ['ada: Ada', 'bob: Bob'])
    bob.cut()
    await eventually(() => broker.said.at(-1)?.what === 'remove', 'the server has noticed')
    await clock.advance(8_000)
    broker.kill(1)
    await clock.advance(1_900)
    await quiet()
    expect(shown(ada.presence.current)).toEqual(['ada: Ada', 'bob: Bob'])
    await clock.advance(116)
    await untilShown(ada, ['ada: Ada'])
  })
})
