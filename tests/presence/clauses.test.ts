// The clauses of presence, by clients that speak by hand.

import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { connectPeer, shown, startTown, type TownPeer } from './stage.ts'
import { watchedBroker } from './watched-broker.ts'

failOnUnhandledRejections()

const Ada = { name: 'Ada' }
const Bob = { name: 'Bob' }

const countedOf = (peer: TownPeer) =>
  peer.messages.flatMap((text) => JSON.parse(text) as [number][]).filter(([kind]) => kind >= 16).length

describe('PR-1: what a client says of itself', () => {
  test('goes along with its join, and is read by the contract', async () => {
    const { peer, cafe } = await startTown()
    const ada = await peer('ada')
    await ada.join({ name: 'Ada', more: 'what the contract drops' })
    expect(await cafe().presence()).toEqual({
      members: [{ id: 'ada', entries: [{ sessionId: ada.sessionId, data: Ada }] }],
      count: 1,
      isCountOnly: false,
    })
  })

  test.each([[undefined], [{ name: 7 }], ['Ada'], [null], [{ name: 'x'.repeat(4_097) }]])(
    'is refused with the join where it does not match: %j',
    async (presence) => {
      const { peer, cafe } = await startTown()
      const ada = await peer('ada')
      const answer = await ada.ask('$join', { kind: 'cafe', params: { id: 'c' }, presence })
      expect(answer.slice(0, 2)).toEqual([19, 'INVALID_INPUT'])
      expect(await cafe().presence()).toMatchObject({ count: 0 })
    },
  )

  test('is looked at before anybody is asked to let it in, and shown only once it is', async () => {
    const asked: string[] = []
    const { peer, cafe } = await startTown({
      rooms: {
        cafe: {
          authorize({ params }) {
            asked.push(params.id)
            return params.id !== 'private'
          },
        },
      },
    })
    const ada = await peer('ada')
    await ada.ask('$join', { kind: 'cafe', params: { id: 'x' }, presence: 1 })
    expect(asked).toEqual([])
    const answer = await ada.ask('$join', { kind: 'cafe', params: { id: 'private' }, presence: Ada })
    expect(answer.slice(0, 2)).toEqual([19, 'FORBIDDEN'])
    expect(await cafe('private').presence()).toMatchObject({ count: 0 })
  })

  test('may be nothing where the contract allows that, and is ignored where there is no presence', async () => {
    const { peer, server } = await startTown()
    const ada = await peer('ada')
    expect((await ada.ask('$join', { kind: 'maze', presence: Ada }))[0]).toBe(18)
    expect((await ada.ask('$join', { kind: 'square' }))[0]).toBe(18)
    expect(await ada.told()).toEqual({ count: 1 })
    expect(await server.rooms.maze().presence()).toMatchObject({ count: 0 })
  })

  test('is as the schema makes it, also where that takes time', async () => {
    const { peer, server } = await startTown()
    const ada = await peer('ada')
    await ada.ask('$join', { kind: 'salon', presence: 'madame' })
    expect(await ada.told()).toEqual({ entries: [[ada.sessionId, 'ada', 'MADAME']] })
    await ada.ask('$presence', { room: 1, presence: 'mademoiselle' })
    const { members } = await server.rooms.salon().presence()
    expect(members[0]?.entries[0]?.data).toBe('MADEMOISELLE')
  })
})

describe('PR-2: who is there', () => {
  test('is behind the answer to each join, by member, in the order in which they came', async () => {
    const { peer } = await startTown()
    const [ada, guest, ada2, bob] = [await peer('ada'), await peer(null), await peer('ada'), await peer('bob')]
    expect((await ada.join(Ada)).told).toEqual({ entries: [[ada.sessionId, 'ada', Ada]] })
    await guest.join({ name: 'Guest' })
    await ada2.join({ name: 'Ada 2' })
    const entries = [
      [ada.sessionId, 'ada', Ada],
      [ada2.sessionId, 'ada', { name: 'Ada 2' }],
      [guest.sessionId, null, { name: 'Guest' }],
      [bob.sessionId, 'bob', Bob],
    ]
    expect((await bob.join(Bob)).told).toEqual({ entries })
    expect((await bob.join(Bob)).told).toEqual({ entries })
  })

  test('has no hole behind it: what comes in the same turn is told once', async () => {
    const { peer, cafe } = await startTown()
    const peers = await Promise.all(Array.from({ length: 20 }, (_, n) => peer(`u${n}`)))
    peers.forEach((one, n) =>
      one.send([17, 1, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: { name: `${n}` } }]),
    )
    const seen = await Promise.all(
      peers.map(async (one) => {
        expect((await one.read())[0]).toBe(18)
        const list = new Set<string>()
        while (list.size < 20) {
          const { entries = [], changes = [] } = (await one.told()) as { entries?: string[][]; changes?: string[][] }
          for (const [id] of [...entries, ...changes]) {
            expect(list).not.toContain(id)
            list.add(id!)
          }
        }
        return list
      }),
    )
    expect(seen.every((list) => list.size === 20)).toBe(true)
    expect((await cafe().presence()).count).toBe(20)
  })

  test('carries what JSON lacks', async () => {
    const { peer } = await startTown()
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    const input = { kind: 'cafe', params: { id: 'c' }, presence: { name: 'Ada', since: '1970-01-01T00:00:00.000Z' } }
    ada.send([17, 1, '$join', 0, input, { 'presence.since': ['Date'] }])
    const note = { 'entries.0.2.since': ['Date'] }
    expect((await ada.readKind(27)).slice(2)).toEqual([{ entries: [[ada.sessionId, 'ada', input.presence]] }, note])
    await bob.join(Bob)
    expect(bob.messages.at(-1)).toContain(JSON.stringify(note))
  })
})

describe('PR-3: what changes', () => {
  test('is told to all in order, as one text', async () => {
    const { peer, cafe } = await startTown()
    const [ada, bob, eve] = [await peer('ada'), await peer('bob'), await peer('eve')]
    await ada.join(Ada)
    await bob.join(Bob)
    expect(await ada.told()).toEqual({ changes: [[bob.sessionId, 'bob', Bob]] })
    const { join } = await eve.join({ name: 'Eve' })
    const came = { changes: [[eve.sessionId, 'eve', { name: 'Eve' }]] }
    expect([await ada.told(), await bob.told()]).toEqual([came, came])
    expect(ada.messages.at(-1)).toBe(bob.messages.at(-1))
    await eve.ask('$leave', { join })
    expect([await ada.told(), await bob.told()]).toEqual([{ changes: [eve.sessionId] }, { changes: [eve.sessionId] }])
    expect(shown(await cafe().presence())).toEqual(['ada: Ada', 'bob: Bob'])
    expect(eve.unread).toEqual([])
  })

  test('within one turn is one frame, and of what one says in it only the last', async () => {
    const { peer, server } = await startTown()
    const [ada, bob, eve] = [await peer('ada'), await peer('bob'), await peer('eve')]
    await ada.join(Ada)
    const room = server.rooms.cafe({ id: 'c' })
    const [, there, here] = [...server.sessions]
    void there!.join(room, { presence: Bob })
    void there!.join(room, { presence: { name: 'Bobby' } })
    void here!.join(room, { presence: { name: 'Eve' } })
    void here!.leave(room)
    const changes = [[bob.sessionId, 'bob', { name: 'Bobby' }], [eve.sessionId, 'eve', { name: 'Eve' }], eve.sessionId]
    expect(await ada.told()).toEqual({ changes })
  })

  test('PR-2: is told of what stands in a list already where it changes in the same turn', async () => {
    const { peer, server } = await startTown()
    const [ada, bob, eve] = [await peer('ada'), await peer('bob'), await peer('eve')]
    const sessions = [...server.sessions]
    const office = server.rooms.office()
    await sessions[0]!.join(office)
    await ada.ask('$join', { kind: 'office' })
    expect(await ada.told()).toEqual({ entries: [[ada.sessionId, 'ada']] })
    eve.send([17, 1, '$join', 0, { kind: 'office' }], [4, 0, 0])
    await eve.readKind(5) // it waits for the server
    void sessions[1]!.join(office, { presence: 'Bob' })
    void sessions[2]!.join(office)
    void sessions[1]!.join(office, { presence: 'Bobby' })
    const [came, saidMore] = ['Bob', 'Bobby'].map((name) => [bob.sessionId, 'bob', name])
    expect(await eve.told()).toEqual({ entries: [[ada.sessionId, 'ada'], came, [eve.sessionId, 'eve']] })
    expect(await eve.told()).toEqual({ changes: [saidMore] })
    expect(await ada.told()).toEqual({ changes: [came, [eve.sessionId, 'eve'], saidMore] })
  })

  test('is not told to a session that server code alone has joined: its client follows no such room', async () => {
    const { peer, server } = await startTown()
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    const [first] = [...server.sessions]
    await first!.join(server.rooms.cafe({ id: 'c' }), { presence: Ada })
    const { told } = await bob.join(Bob)
    expect(told).toEqual({
      entries: [
        [ada.sessionId, 'ada', Ada],
        [bob.sessionId, 'bob', Bob],
      ],
    })
    await quiet()
    expect(ada.unread).toEqual([[29, expect.any(Number), 'cafe', { id: 'c' }]])
  })
})

describe('presence that server code gives', () => {
  test('stays where its client joins and says nothing, and is refused where it does not match', async () => {
    const { peer, server } = await startTown()
    const ada = await peer('ada')
    const [session] = [...server.sessions]
    await session!.join(server.rooms.office(), { presence: 'the boss' })
    expect((await ada.ask('$join', { kind: 'office' }))[0]).toBe(18)
    expect(await ada.told()).toEqual({ entries: [[ada.sessionId, 'ada', 'the boss']] })
    const wrong = session!.join(server.rooms.cafe({ id: 'c' }), { presence: { name: 7 as unknown as string } })
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_OUTPUT' })
    expect(await server.rooms.cafe({ id: 'c' }).presence()).toMatchObject({ count: 0 })
  })

  test('counts no more where the session was taken out before its schema had answered', async () => {
    const { peer, server } = await startTown()
    await peer('ada')
    const [session] = [...server.sessions]
    const salon = server.rooms.salon()
    const joining = session!.join(salon, { presence: 'madame' })
    await session!.leave(salon)
    await joining
    expect(await salon.presence()).toMatchObject({ count: 0 })
  })
})

describe('PR-4: one whose connection is gone', () => {
  test.each([
    [10_000, undefined],
    [500, { authorize: () => true, presence: { graceMs: 500 } }],
  ])('is shown for its grace, %i ms, and no longer', async (graceMs, handlers) => {
    const clock = createFakeClock()
    const broker = watchedBroker(clock)
    const { peer } = await startTown({ clock, broker, ...(handlers ? { rooms: { cafe: handlers } } : {}) })
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    await ada.join(Ada)
    await bob.join(Bob)
    await ada.told()
    bob.cut()
    await eventually(() => broker.said.at(-1)?.what === 'remove', 'the server has noticed')
    expect(broker.said.at(-1)).toMatchObject({ sessionId: bob.sessionId, afterMs: graceMs })
    await clock.advance(graceMs - 8)
    await quiet()
    expect(ada.unread).toEqual([])
    await clock.advance(16)
    expect(await ada.told()).toEqual({ changes: [bob.sessionId] })
  })

  test('is gone at once where it closes, leaves, or is sent away', async () => {
    const { peer, server } = await startTown()
    const [ada, bob, eve, dan] = [await peer('ada'), await peer('bob'), await peer('eve'), await peer('dan')]
    await ada.join(Ada)
    for (const one of [bob, eve, dan]) await one.join({ name: 'x' })
    await eventually(() => ada.messages.some((text) => text.includes(dan.sessionId)), 'all are there')
    while (ada.unread.length > 0) await ada.read()
    bob.send([3, 1000, 'done', 0])
    expect(await ada.told()).toEqual({ changes: [bob.sessionId] })
    const sessions = [...server.sessions]
    sessions.find(({ id }) => id === eve.sessionId)!.close()
    expect(await ada.told()).toEqual({ changes: [eve.sessionId] })
    await sessions.find(({ id }) => id === dan.sessionId)!.leave(server.rooms.cafe({ id: 'c' }))
    expect(await ada.told()).toEqual({ changes: [dan.sessionId] })
  })

  test('is shown for its grace where its connection was closed but its client may come back', async () => {
    const clock = createFakeClock()
    const { peer, cafe } = await startTown({ clock })
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    await ada.join(Ada)
    await bob.join(Bob)
    await ada.told()
    bob.sendText('no JSON')
    expect(await bob.closed()).toMatchObject({ code: 4400 })
    expect(shown(await cafe().presence())).toEqual(['ada: Ada', 'bob: Bob'])
    await clock.advance(10_008)
    expect(await ada.told()).toEqual({ changes: [bob.sessionId] })
  })
})

describe('PR-5: $presence', () => {
  test('says something else, in the place of what was said', async () => {
    const { peer } = await startTown()
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    const { room } = await ada.join(Ada)
    await bob.join(Bob)
    await ada.told()
    expect(await ada.ask('$presence', { room, presence: { name: 'Countess' } })).toEqual([18])
    expect(await bob.told()).toEqual({ changes: [[ada.sessionId, 'ada', { name: 'Countess' }]] })
    const eve = await peer('eve')
    expect((await eve.join({ name: 'Eve' })).told).toMatchObject({
      entries: [[ada.sessionId, 'ada', { name: 'Countess' }], [bob.sessionId], [eve.sessionId]].map(
        (entry) => expect.arrayContaining(entry) as unknown,
      ),
    })
  })

  test.each([
    ['INVALID_INPUT', (room: number) => ({ room, presence: 7 })],
    ['INVALID_INPUT', (room: number) => ({ room, presence: { name: 'x'.repeat(4_097) } })],
    ['INVALID_INPUT', () => ({ presence: Ada })],
    ['FORBIDDEN', () => ({ room: 4_711, presence: Ada })],
  ])('is refused with %s, and nothing changes', async (code, input) => {
    const { peer, cafe } = await startTown()
    const ada = await peer('ada')
    const { room } = await ada.join(Ada)
    expect((await ada.ask('$presence', input(room))).slice(0, 2)).toEqual([19, code])
    expect(shown(await cafe().presence())).toEqual(['ada: Ada'])
  })

  test('is refused with NOT_FOUND where the room has no presence', async () => {
    const { peer } = await startTown()
    const ada = await peer('ada')
    const [, answer] = await ada.ask('$join', { kind: 'maze' })
    const { room } = answer as { room: number }
    expect((await ada.ask('$presence', { room, presence: Ada })).slice(0, 2)).toEqual([19, 'NOT_FOUND'])
  })

  test('is answered each time, and told 20 times a second: of more only the last', async () => {
    const clock = createFakeClock()
    const broker = watchedBroker(clock)
    const { peer } = await startTown({ clock, broker })
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    await bob.join(Bob)
    const { room } = await ada.join({ name: '0' })
    const before = broker.said.length
    for (let n = 1; n <= 100; n++) ada.send([17, 10_000 + n, '$presence', 0, { room, presence: { name: `${n}` } }])
    for (let n = 1; n <= 100; n++) await ada.readKind(18)
    expect(broker.said.length - before).toBe(1)
    await clock.advance(1_000)
    expect(broker.said.length - before).toBe(2)
    await eventually(() => bob.messages.some((text) => text.includes('"name":"100"')), 'the last has come')
    for (let n = 0; n < 100; n++) {
      ada.send([17, 20_000 + n, '$presence', 0, { room, presence: { name: `again ${n}` } }])
      await ada.readKind(18)
      await clock.advance(10)
    }
    await clock.advance(50)
    expect(broker.said.length - before).toBeLessThanOrEqual(2 + 22)
    expect(broker.said.length - before).toBeGreaterThan(10)
  })
})

describe('PR-8: the next session of a client', () => {
  test.each(['ada', null])('takes the place of the lost one at once, as identity %s', async (identity) => {
    const clock = createFakeClock()
    const broker = watchedBroker(clock)
    const { peer, cafe } = await startTown({ clock, broker })
    const bob = await peer('bob')
    const old = await peer(identity, { instance: 'tab-1' })
    await old.join(Ada)
    await bob.join(Bob)
    old.cut()
    await eventually(() => broker.said.at(-1)?.what === 'remove', 'the server has noticed')
    const next = await peer(identity, { instance: 'tab-1' })
    await next.join(Ada)
    expect((await cafe().presence()).members.flatMap(({ entries }) => entries)).toHaveLength(2)
    expect(await bob.told()).toEqual({ changes: [[next.sessionId, identity, Ada], old.sessionId] })
    await clock.advance(20_000)
    expect((await cafe().presence()).members.map(({ id }) => id)).toEqual(
      identity === null ? ['bob', next.sessionId] : ['ada', 'bob'],
    )
    expect(bob.unread).toEqual([])
  })

  test('does not take that of another client, or of another identity with the same instance', async () => {
    const { peer, cafe } = await startTown()
    for (const [identity, instance] of [
      ['ada', 'tab-1'],
      ['ada', 'tab-2'],
      ['bob', 'tab-1'],
      [null, 'tab-1'],
      [null, 'tab-2'],
    ] as const) {
      const one = await peer(identity, { instance })
      await one.join(Ada)
    }
    const { members, count } = await cafe().presence()
    expect(members.map(({ entries }) => entries.length)).toEqual([2, 1, 1, 1])
    expect(count).toBe(4)
  })

  test('keeps the instance to the server', async () => {
    const { peer } = await startTown()
    const [ada, bob] = [await peer('ada', { instance: 'hush-hush' }), await peer('bob')]
    await ada.join(Ada)
    await bob.join(Bob)
    await ada.told()
    expect([...ada.messages, ...bob.messages].join('')).not.toContain('hush-hush')
  })
})

test('PR-4, RS-8: one that comes back to its session is shown again', async () => {
  const clock = createFakeClock()
  const broker = watchedBroker(clock)
  const { peer, url } = await startTown({ clock, broker })
  const [ada, bob] = [await peer('ada'), await peer('bob')]
  await ada.join(Ada)
  await bob.join(Bob)
  await ada.told()
  bob.cut()
  await eventually(() => broker.said.at(-1)?.what === 'remove', 'the server has noticed')
  await clock.advance(30_000)
  expect(await ada.told()).toEqual({ changes: [bob.sessionId] })
  const back = await connectPeer(url, 'bob', { attempt: 2, resume: { ...bob.resume, received: countedOf(bob) } })
  expect(back.sessionId).toBe(bob.sessionId)
  expect(await ada.told()).toEqual({ changes: [[bob.sessionId, 'bob', Bob]] })
  // It hears of itself what the others heard.
  expect([await back.told(), await back.told()]).toEqual([
    { changes: [bob.sessionId] },
    { changes: [[bob.sessionId, 'bob', Bob]] },
  ])
})

describe('PR-9: identities and members that look like parts of JavaScript', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'then'])(
    '%j is a member like any other',
    async (identity) => {
      const { peer, cafe } = await startTown()
      const [one, bob] = [await peer(identity), await peer('bob')]
      const { join } = await one.join(Ada)
      const { told } = await bob.join(Bob)
      expect(told).toEqual({
        entries: [
          [one.sessionId, identity, Ada],
          [bob.sessionId, 'bob', Bob],
        ],
      })
      expect(shown(await cafe().presence())).toEqual([`${identity}: Ada`, 'bob: Bob'])
      await one.told() // that Bob has come
      await one.ask('$leave', { join })
      expect(({} as Record<string, unknown>)['entries']).toBeUndefined()
      await eventually(() => bob.unread.length > 0, 'it is told')
      expect(shown(await cafe().presence())).toEqual(['bob: Bob'])
    },
  )

  test('an identity that is the id of another session is another member', async () => {
    const { peer, cafe } = await startTown()
    const guest = await peer(null)
    await guest.join({ name: 'Guest' })
    const thief = await peer(guest.sessionId)
    await thief.join({ name: 'Thief' })
    expect(shown(await cafe().presence())).toEqual([`${guest.sessionId}: Guest`, `${guest.sessionId}: Thief`])
  })

  test('data with hostile keys, or nested deep, harms nobody', async () => {
    const { peer } = await startTown()
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    await bob.join(Bob)
    const text =
      '{"kind":"cafe","params":{"id":"c"},"presence":{"name":"Ada","__proto__":{"polluted":1},"constructor":{"x":1}}}'
    ada.sendText(`[[17,1,"$join",0,${text}]]`)
    await ada.readKind(27)
    expect(await bob.told()).toEqual({ changes: [[ada.sessionId, 'ada', Ada]] })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('data nested as deep as a message may be would nest deeper in a list: it is refused, and nobody is closed', async () => {
    const { peer, server } = await startTown()
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    await bob.ask('$join', { kind: 'attic', presence: 'Bob' })
    await bob.told()
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    const join = (id: number, depth: number) =>
      ada.sendText(`[[17,${id},"$join",0,{"kind":"attic","presence":${nested(depth)}}]]`)
    join(1, 508)
    expect((await ada.read()).slice(0, 3)).toEqual([19, 1, 'INVALID_INPUT'])
    join(2, 507)
    expect((await ada.read()).slice(0, 2)).toEqual([18, 2])
    const depth = (text: string) => {
      let [now, most] = [0, 0]
      for (const sign of text) if ('[{]}'.includes(sign)) most = Math.max(most, (now += '[{'.includes(sign) ? 1 : -1))
      return most
    }
    await bob.told()
    expect(depth(bob.messages.at(-1)!)).toBe(512)
    expect((await server.rooms.attic().presence()).count).toBe(2)
  })
})
