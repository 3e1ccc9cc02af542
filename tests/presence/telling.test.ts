// How members are told: what happens while they are, and to those who lag behind.

import { createMemoryBroker } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { shown, startTown, type TownOptions, type TownPeer, untilShown } from './stage.ts'

failOnUnhandledRejections()

/** A town whose broker has its clock. */
async function start(options: TownOptions = {}) {
  const clock = createFakeClock()
  const broker = createMemoryBroker({ clock })
  const town = await startTown({ clock, broker, ...options })
  const sessionOf = (peer: TownPeer) => [...town.server.sessions].find(({ id }) => id === peer.sessionId)
  return { ...town, broker, sessionOf }
}

const long = (text: string) => text.padEnd(3_000, '.')

test('PR-3: a session that goes while members are told is told to all of them the next time', async () => {
  const { client, clock, peer, server, sessionOf } = await start({
    server: { maxBufferBytes: 65_536, resume: { windowMs: 0 } },
    rooms: { cafe: { authorize: () => true, presence: { graceMs: 0 } } },
  })
  const first = client('first').join.cafe({ id: 'c' }, { presence: { name: 'First' } })
  await first.ready
  const slow = await peer('slow')
  await slow.join({ name: 'Slow' })
  await slow.ask('$join', { kind: 'maze' })
  const last = client('last').join.cafe({ id: 'c' }, { presence: { name: 'Last' } })
  await last.ready
  await untilShown(first, ['first: First', 'slow: Slow', 'last: Last'])
  // What it has not acknowledged leaves no room for one more word.
  server.rooms.maze().emit.turn('x'.repeat(65_536 - 1_000))
  await quiet()
  await last.setPresence({ name: long('Last') })
  await eventually(() => sessionOf(slow) === undefined, 'one session has overflowed')
  await clock.advance(1_000)
  await untilShown(first, ['first: First', `last: ${long('Last')}`])
  await untilShown(last, ['first: First', `last: ${long('Last')}`])
  expect(last.presence.current).toEqual(first.presence.current)
})

test('PR-6: more changes in one turn than a list may be long are told as a list, and what follows as it is', async () => {
  const { broker, client, errors } = await start()
  const cafe = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
  await cafe.ready
  const node = broker.connect('another', { onPublication() {}, onPresence() {}, onMessage() {} })
  const say = (name: string) =>
    void node.setPresence('cafe {"id":"c"}', {
      ...{ sessionId: 's', identity: 'bob', instance: 'i', attempt: 1 },
      payload: `,${JSON.stringify({ name })}`,
    })
  for (let n = 0; n < 50; n++) {
    if (n > 0) void node.removePresence('cafe {"id":"c"}', 's', 0)
    say(long(`${n}`))
  }
  await untilShown(cafe, ['ada: Ada', `bob: ${long('49')}`])
  say('Bob')
  await untilShown(cafe, ['ada: Ada', 'bob: Bob'])
  expect(errors).toEqual([])
})

test('PR-7: who came between two counts, and was told another, is told the last one too', async () => {
  const { clock, peer } = await start()
  const count = async (name: string) => {
    const made = await peer(name)
    await made.ask('$join', { kind: 'square' })
    const join = made.lastId()
    return { ...made, told: made.told, leave: () => made.ask('$leave', { join }) }
  }
  const ada = await count('ada')
  expect(await ada.told()).toEqual({ count: 1 })
  await clock.advance(1_000)
  const eve = await count('eve')
  expect([await eve.told(), await ada.told()]).toEqual([{ count: 2 }, { count: 2 }])
  // Within the second: one comes, and another goes.
  const bob = await count('bob')
  expect(await bob.told()).toEqual({ count: 3 })
  await eve.leave()
  await clock.advance(1_000)
  expect(await bob.told()).toEqual({ count: 2 })
  await quiet()
  expect(ada.unread).toEqual([])
})

describe('PR-11: a member that lags behind', () => {
  /** One who says ever other things of itself, so often. */
  async function talker() {
    const town = await start({ server: { maxBufferBytes: 65_536 } })
    const ada = town.client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    const talk = async (times: number) => {
      for (let n = 1; n <= times; n++) {
        void ada.setPresence({ name: long(`Ada ${n}`) })
        await town.clock.advance(60)
      }
      await untilShown(ada, ['ada: ' + long(`Ada ${times}`), 'slow: Slow'])
      await town.clock.advance(1_000)
    }
    return { ...town, ada, talk }
  }

  /** The frames of presence that have come and were not read. */
  const unreadOf = ({ unread }: TownPeer) => unread.filter(([kind]) => kind === 27).map(([, , told]) => told as Told)
  interface Told {
    readonly entries?: readonly (readonly [session: string, identity: string, { readonly name: string }])[]
  }

  test('gets the list as it is by then, in the place of all that waits', async () => {
    const { peer, sessionOf, talk } = await talker()
    const slow = await peer('slow')
    const { room } = await slow.join({ name: 'Slow' })
    await talk(100)
    // It has acknowledged nothing, and is still there.
    expect(sessionOf(slow)?.delivery.queuedBytes).toBeLessThan(65_536)
    const before = unreadOf(slow).length
    expect(before).toBeLessThan(20)
    slow.send([6, 2 + before])
    await eventually(() => unreadOf(slow).length > before, 'what waited has come')
    await quiet()
    const [list, ...more] = unreadOf(slow).slice(before)
    expect(more).toEqual([])
    expect(list?.entries?.map(([, identity, { name }]) => `${identity}: ${name}`)).toEqual([
      `ada: ${long('Ada 100')}`,
      'slow: Slow',
    ])
    // From here on it is told of changes again.
    slow.send([6, 3 + before])
    slow.send([17, 1_000_000, '$presence', 0, { room, presence: { name: 'Quick' } }])
    await eventually(() => unreadOf(slow).length === before + 2, 'it hears of itself')
    expect(unreadOf(slow).at(-1)).toEqual({ changes: [[slow.sessionId, 'slow', { name: 'Quick' }]] })
  })

  test('gets it when it comes back to its session, too', async () => {
    const { ada, clock, peer, talk } = await talker()
    const slow = await peer('slow', { instance: 'i' })
    await slow.join({ name: 'Slow' })
    slow.cut()
    await talk(5)
    const again = await peer('slow', {
      ...{ instance: 'i', attempt: 2 },
      resume: { ...slow.resume, received: 2 },
    })
    await clock.advance(1_000)
    await eventually(() => unreadOf(again).length > 0, 'what waited has come')
    expect(unreadOf(again).map(({ entries }) => entries?.map(([, , { name }]) => name))).toEqual([
      [long('Ada 5'), 'Slow'],
    ])
    expect(shown(ada.presence.current)).toEqual([`ada: ${long('Ada 5')}`, 'slow: Slow'])
  })

  test('stays told of its own membership: a list moves before no answer to a join', async () => {
    const { peer, talk } = await talker()
    const slow = await peer('slow')
    const { join } = await slow.join({ name: 'Slow' })
    await talk(100)
    const before = slow.unread.length
    slow.send([17, 1_000_000, '$leave', 0, { join }])
    slow.send([17, 1_000_001, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: { name: 'Slow' } }])
    await quiet()
    slow.send([6, 2 + before])
    await eventually(() => slow.unread.length >= before + 4, 'all has come')
    expect(slow.unread.slice(before).map(([kind]) => kind)).toEqual([27, 18, 18, 27])
  })
})
