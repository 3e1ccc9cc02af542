// What clients see of presence, and the interleavings of it.

import type { Presence } from '@typewire/core'
import { createFakeClock, type FakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { rawServer } from '../client/clients.ts'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { connectPeer, historyOf, shown, startTown, town, type TownOptions, type TownPeer, untilShown } from './stage.ts'
import { watchedBroker } from './watched-broker.ts'

failOnUnhandledRejections()

/** A town in which Eve, with a client, watches the cafe. */
async function watchedCafe(options: TownOptions = {}) {
  const clock = options.clock ?? createFakeClock()
  const broker = watchedBroker(clock)
  const started = await startTown({ clock, broker, ...options })
  const eve = started.client('eve').join.cafe({ id: 'c' }, { presence: { name: 'Eve' } })
  await eve.ready
  /** Cuts a peer's connection, and waits until the server has noticed. */
  const cut = async (peer: TownPeer) => {
    peer.cut()
    const hasGone = () => broker.said.filter(({ sessionId }) => sessionId === peer.sessionId).at(-1)?.what === 'remove'
    await eventually(hasGone, 'the server has noticed')
  }
  return { ...started, clock, broker, eve, cut }
}

const advanceQuietly = async (clock: FakeClock, ms: number) => {
  await clock.advance(ms)
  await quiet()
}

const comeBack = (url: string, auth: string, peer: TownPeer) =>
  connectPeer(url, auth, { attempt: 2, resume: { ...peer.resume, received: 0 } })

describe('interleaving 24: a presence member', () => {
  test('drops for 5 s: nobody sees anything of it', async () => {
    const { url, clock, eve, cut, peer } = await watchedCafe()
    const ada = await peer('ada')
    await ada.join({ name: 'Ada' })
    await untilShown(eve, ['eve: Eve', 'ada: Ada'])
    const history = historyOf(eve)
    await cut(ada)
    await advanceQuietly(clock, 5_000)
    await comeBack(url, 'ada', ada)
    await advanceQuietly(clock, 60_000)
    expect(history).toEqual([['eve: Eve', 'ada: Ada']])
  })

  test('drops for 30 s: it leaves after 10 s, and comes back when it resumes', async () => {
    const { url, clock, eve, cut, peer } = await watchedCafe()
    const ada = await peer('ada')
    await ada.join({ name: 'Ada' })
    await untilShown(eve, ['eve: Eve', 'ada: Ada'])
    const history = historyOf(eve)
    await cut(ada)
    await advanceQuietly(clock, 9_990)
    expect(history).toHaveLength(1)
    await clock.advance(18)
    await untilShown(eve, ['eve: Eve'])
    await clock.advance(20_000)
    await comeBack(url, 'ada', ada)
    await untilShown(eve, ['eve: Eve', 'ada: Ada'])
    expect(history).toHaveLength(3)
  })

  test('has two tabs and closes one: it does not leave', async () => {
    const { clock, eve, peer } = await watchedCafe()
    const [tab1, tab2] = [await peer('ada'), await peer('ada')]
    await tab1.join({ name: 'Tab 1' })
    await tab2.join({ name: 'Tab 2' })
    await untilShown(eve, ['eve: Eve', 'ada: Tab 1, Tab 2'])
    const history = historyOf(eve)
    const counts: number[] = []
    eve.presence.subscribe(() => counts.push(eve.presence.current.count))
    tab1.send([3, 1000, 'done', 0])
    await untilShown(eve, ['eve: Eve', 'ada: Tab 2'])
    await advanceQuietly(clock, 60_000)
    expect(history).toHaveLength(2)
    expect(counts).toEqual([2])
  })
})

describe('a client', () => {
  test('sees who is there when ready resolves, itself too; nobody when it has left', async () => {
    const { eve, peer, client } = await watchedCafe()
    const ada = await peer('ada')
    await ada.join({ name: 'Ada' })
    const bob = client('bob').join.cafe({ id: 'c' }, { presence: { name: 'Bob' } })
    expect(bob.presence.current).toEqual({ members: [], count: 0, isCountOnly: false })
    await bob.ready
    expect(shown(bob.presence.current)).toEqual(['eve: Eve', 'ada: Ada', 'bob: Bob'])
    bob.leave()
    expect(bob.presence.current).toEqual({ members: [], count: 0, isCountOnly: false })
    await untilShown(eve, ['eve: Eve', 'ada: Ada'])
  })

  test('that has lost its session keeps what it saw until it has joined again, and is not seen to go', async () => {
    const { eve, client, clock, server } = await watchedCafe({ server: { resume: { windowMs: 0 } } })
    const ada = client('ada')
    const cafe = ada.join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await cafe.ready
    await cafe.setPresence({ name: 'Countess' })
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
    const [seenByEve, seenByAda] = [historyOf(eve), historyOf(cafe)]
    const states: string[] = []
    cafe.status.subscribe(() => states.push(cafe.status.current.state))
    const session = [...server.sessions].find(({ identity }) => identity === 'ada')!
    session.revoke()
    await eventually(() => states.includes('rejoining'), 'the session is lost')
    await clock.advance(1)
    await eventually(() => states.at(-1) === 'joined', 'it has joined again')
    await advanceQuietly(clock, 20_000)
    for (const names of [...seenByEve, ...seenByAda]) expect(names).toEqual(['eve: Eve', 'ada: Countess'])
    expect([...server.sessions]).toHaveLength(2)
  })

  test('says something else by setPresence, before it has joined as well; what is refused is not said again', async () => {
    const { eve, client } = await watchedCafe()
    const cafe = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await cafe.setPresence({ name: 'Baroness' })
    await untilShown(eve, ['eve: Eve', 'ada: Baroness'])
    await expect(cafe.setPresence({ name: 7 as unknown as string })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const other = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada 2' } })
    await other.ready
    expect(shown(other.presence.current)).toEqual(['eve: Eve', 'ada: Baroness, Ada 2'])
    cafe.leave()
    await expect(cafe.setPresence({ name: 'x' })).rejects.toMatchObject({ code: 'FORBIDDEN', origin: 'cafe.presence' })
  })

  test('says in the session that follows what the server has taken, whatever was refused meanwhile', async () => {
    const { eve, client, clock, server } = await watchedCafe({ server: { resume: { windowMs: 0 } } })
    const cafe = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await cafe.setPresence({ name: 'Countess' })
    const wrong = [7, 8].map((name) => cafe.setPresence({ name: name as unknown as string }))
    for (const { status } of await Promise.allSettled(wrong)) expect(status).toBe('rejected')
    const states: string[] = []
    cafe.status.subscribe(() => states.push(cafe.status.current.state))
    ;[...server.sessions].find(({ identity }) => identity === 'ada')!.revoke()
    await eventually(() => states.includes('rejoining'), 'the session is lost')
    await clock.advance(1)
    await eventually(() => states.at(-1) !== 'rejoining', 'it has asked again')
    expect(states.at(-1)).toBe('joined')
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
  })

  test.each([
    ['refused', { name: 7 }, { name: 'Countess' }],
    ['taken', { name: 'Countess' }, { name: 7 }],
  ])('that says two things at once, of which the first is %s, says each', async (_, first, second) => {
    const { eve, client, clock, server } = await watchedCafe({ server: { resume: { windowMs: 0 } } })
    const cafe = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await cafe.ready
    const said = [first, second].map((data) => cafe.setPresence(data as { readonly name: string }))
    const fates = (await Promise.allSettled(said)).map(({ status }) => status)
    expect(fates).toEqual([first, second].map(({ name }) => (name === 7 ? 'rejected' : 'fulfilled')))
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
    ;[...server.sessions].find(({ identity }) => identity === 'ada')!.revoke()
    await eventually(() => cafe.status.current.state === 'rejoining', 'the session is lost')
    const states = [cafe.status.current.state as string]
    cafe.status.subscribe(() => states.push(cafe.status.current.state))
    await clock.advance(1)
    await eventually(() => states.length === 2, 'it has asked again')
    expect(states).toEqual(['rejoining', 'joined'])
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
  })

  test('that says something wrong while it has lost its session does not lose the room by it', async () => {
    const { eve, client, clock, server } = await watchedCafe({ server: { resume: { windowMs: 0 } } })
    const cafe = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await cafe.ready
    ;[...server.sessions].find(({ identity }) => identity === 'ada')!.revoke()
    await eventually(() => cafe.status.current.state === 'rejoining', 'the session is lost')
    const [wrong, right] = [cafe.setPresence({ name: 7 as never }), cafe.setPresence({ name: 'Countess' })]
    await clock.advance(1)
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await right
    expect(cafe.status.current.state).toBe('joined')
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
  })

  test('that loses its session while it says something says it in the next', async () => {
    const { eve, client, clock, server } = await watchedCafe({ server: { resume: { windowMs: 0 } } })
    const cafe = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await cafe.ready
    const session = [...server.sessions].find(({ identity }) => identity === 'ada')!
    const saying = cafe.setPresence({ name: 'Countess' })
    session.revoke()
    await eventually(() => cafe.status.current.state === 'rejoining', 'the session is lost')
    await clock.advance(1)
    await expect(saying).resolves.toBeUndefined()
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
  })

  test('says one thing in a room, also where a second handle has a join of its own', async () => {
    const { eve, client, clock, server } = await watchedCafe({
      server: { resume: { windowMs: 0 } },
      rooms: { cafe: { authorize: () => true, history: {} } },
    })
    const ada = client('ada')
    const first = ada.join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await first.ready
    await first.setPresence({ name: 'Countess' })
    const second = ada.join.cafe({ id: 'c' }, { presence: { name: 'Baroness' }, last: 5 })
    await second.ready
    await advanceQuietly(clock, 60) // so often it is told
    await untilShown(eve, ['eve: Eve', 'ada: Baroness'])
    await second.setPresence({ name: 'Duchess' })
    await advanceQuietly(clock, 60)
    await untilShown(first, ['eve: Eve', 'ada: Duchess'])
    expect(shown(second.presence.current)).toEqual(shown(first.presence.current))
    ;[...server.sessions].find(({ identity }) => identity === 'ada')!.revoke()
    await eventually(() => second.status.current.state === 'rejoining', 'the session is lost')
    await clock.advance(1)
    await eventually(() => second.status.current.state === 'joined', 'it has joined again')
    await untilShown(eve, ['eve: Eve', 'ada: Duchess'])
  })

  test('gives handles of one room one presence: the last word counts', async () => {
    const { eve, client } = await watchedCafe()
    const ada = client('ada')
    const first = ada.join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    const second = ada.join.cafe({ id: 'c' }, { presence: { name: 'Countess' } })
    await untilShown(eve, ['eve: Eve', 'ada: Countess'])
    await untilShown(first, ['eve: Eve', 'ada: Countess'])
    expect(second.presence.current).toBe(first.presence.current)
  })

  test('says again what a handle has said before, once the one that said something else is left', async () => {
    const { eve, client, clock } = await watchedCafe({ rooms: { cafe: { authorize: () => true, history: {} } } })
    const ada = client('ada')
    const first = ada.join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    const second = ada.join.cafe({ id: 'c' }, { presence: { name: 'Baroness' } })
    await untilShown(eve, ['eve: Eve', 'ada: Baroness'])
    const third = ada.join.cafe({ id: 'c' }, { presence: { name: 'Countess' }, last: 5 }) // of a join of its own
    const told = async (name: string) => {
      await advanceQuietly(clock, 60) // so often it is told
      await untilShown(eve, ['eve: Eve', `ada: ${name}`])
    }
    await told('Countess')
    second.leave() // whose word did not count any more
    await told('Countess')
    await first.setPresence({ name: 'Duchess' })
    await told('Duchess')
    await third.setPresence({ name: 'Empress' })
    await told('Empress')
    third.leave()
    await told('Duchess')
  })

  test.each([
    [5],
    [{}],
    [{ entries: 'all' }],
    [{ entries: [['s2', 'bob'], 's1'] }],
    [{ changes: [['s2', 'bob'], null] }],
    [{ changes: [['s2']] }],
    [{ changes: [['s2', 7]] }],
    [{ changes: [[2, null]] }],
    [{ count: -1 }],
  ])('PR-2: closes for what tells nothing, and keeps nothing of it: %j', async (told) => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([18, id, { room: 7 }], [27, 7, { entries: [['s1', 'ada']] }], [27, 7, told])
    expect(await peer.closed()).toMatchObject({ code: 4400, reason: expect.stringContaining('PR-2') })
    expect(hall.presence.current.members.map((member) => member.id)).toEqual(['ada'])
  })

  test('PL-4: tells what it cannot read, and goes on', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    const changes = [['s1', 'ada']]
    peer.send([18, id, { room: 7 }], [27, 7, { changes }, { changes: ['nonsense'] }], [27, 7, { changes }])
    await eventually(() => hall.presence.current.count === 1, 'what follows is told')
    expect(client.errors).toHaveLength(1)
  })

  test('keeps what has not changed as it was, for views that compare', async () => {
    const { eve, peer } = await watchedCafe()
    const ada = await peer('ada')
    await ada.join({ name: 'Ada' })
    await untilShown(eve, ['eve: Eve', 'ada: Ada'])
    const before = eve.presence.current as Presence<{ readonly name: string }>
    await (await peer('bob')).join({ name: 'Bob' })
    await untilShown(eve, ['eve: Eve', 'ada: Ada', 'bob: Bob'])
    expect(eve.presence.current).not.toBe(before)
    expect(before.count).toBe(2)
    expect(eve.presence.current.members[1]).toBe(before.members[1])
  })

  test('that knows the contract refuses what does not match before it is sent', async () => {
    const { client } = await watchedCafe()
    const cafe = client('ada', { contract: town }).join.cafe(
      { id: 'c' },
      { presence: { name: 7 as unknown as string } },
    )
    expect(cafe.status.current).toMatchObject({ state: 'denied', reason: { code: 'INVALID_INPUT' } })
    const right = client('ada', { contract: town }).join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await expect(right.setPresence({ name: 7 as unknown as string })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
