// What the server makes of what members say of themselves.

import { TypewireError } from '@typewire/core'
import { createServer, type PresenceArgs } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { shown, startTown, type Town, town, type TownHandlers, type TownOptions, untilShown } from './stage.ts'
import { watchedBroker } from './watched-broker.ts'

failOnUnhandledRejections()

interface Ctx {
  readonly identity: string | null
}
type Args = PresenceArgs<'cafe', Ctx, Town>
type Of = NonNullable<NonNullable<NonNullable<TownHandlers['rooms']>['cafe']>['presence']>['of']

/** A town whose cafe shows what `of` makes of what members say. */
const startCafe = (of: Of, options: TownOptions = {}) =>
  startTown({ ...options, rooms: { cafe: { authorize: () => true, presence: { of } }, ...options.rooms } })

/** `of` that answers when it is told to; `asked` in the order in which it was called. */
function heldBack() {
  const asked: { readonly args: Args; readonly answer: (name: string) => void }[] = []
  const of = (args: Args) =>
    new Promise<{ name: string }>((resolve) => asked.push({ args, answer: (name) => resolve({ name }) }))
  const untilAsked = (times: number) => eventually(() => asked.length === times, `it is asked ${times} times`)
  return { of, asked, untilAsked }
}

const throwing = (error: Error): never => {
  throw error
}
const refusedOf = (answer: readonly unknown[]) => answer.slice(0, 2)
const Liar = { name: 'Liar' }

describe('PR-10: what the server makes of what a session says', () => {
  test('is what members see, at the join and whenever it says something else; nothing else leaves the node', async () => {
    const clock = createFakeClock()
    const broker = watchedBroker(clock)
    const { peer, cafe } = await startCafe(
      ({ ctx: { identity }, said: { name } }) => ({ name: `${identity} (${name.length})` }),
      { clock, broker },
    )
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    const { room } = await ada.join({ name: 'Liar' })
    expect((await bob.join({ name: 'Bob' })).told).toEqual({
      entries: [
        [ada.sessionId, 'ada', { name: 'ada (4)' }],
        [bob.sessionId, 'bob', { name: 'bob (3)' }],
      ],
    })
    await ada.told()
    expect(await ada.ask('$presence', { room, presence: { name: 'Bob' } })).toEqual([18])
    expect(await bob.told()).toEqual({ changes: [[ada.sessionId, 'ada', { name: 'ada (3)' }]] })
    expect(shown(await cafe().presence())).toEqual(['ada: ada (3)', 'bob: bob (3)'])
    expect(broker.said.map(({ payload }) => payload)).toEqual([
      ',{"name":"ada (4)"}',
      ',{"name":"bob (3)"}',
      ',{"name":"ada (3)"}',
    ])
  })

  test('is made of what the contract has read, and of what handlers know', async () => {
    const seen: Args[] = []
    const { peer, server } = await startCafe((args) => {
      seen.push(args)
      return args.said
    })
    const ada = await peer('ada')
    await ada.join({ name: 'Ada', more: 'what the contract drops' })
    const [{ said, params, ctx, session, server: reach, signal }] = seen as [Args]
    expect([said, params, ctx]).toEqual([{ name: 'Ada' }, { id: 'c' }, { identity: 'ada' }])
    expect(session.id).toBe(ada.sessionId)
    expect(reach.rooms.cafe({ id: 'c' }).key).toBe(server.rooms.cafe({ id: 'c' }).key)
    expect(signal.aborted).toBe(false)
  })

  test('is read by the contract as well, at once or later', async () => {
    const { peer, server } = await startTown({
      rooms: {
        salon: { authorize: () => true, presence: { of: async ({ said }) => `${said.toLowerCase()} of town` } },
      },
    })
    const ada = await peer('ada')
    await ada.ask('$join', { kind: 'salon', presence: 'madame' })
    expect(await ada.told()).toEqual({ entries: [[ada.sessionId, 'ada', 'MADAME OF TOWN']] })
    await ada.ask('$presence', { room: 1, presence: 'mademoiselle' })
    const { members } = await server.rooms.salon().presence()
    expect(members[0]?.entries[0]?.data).toBe('MADEMOISELLE OF TOWN')
  })

  test('may be made of nothing, and may be nothing', async () => {
    const seen: unknown[] = []
    const of = ({ said }: { readonly said: unknown }) => {
      seen.push(said)
      return seen.length === 1 ? 'made up' : undefined
    }
    const { peer } = await startTown({ rooms: { attic: { authorize: () => true, presence: { of } } } })
    const ada = await peer('ada')
    expect((await ada.ask('$join', { kind: 'attic' }))[0]).toBe(18)
    expect(await ada.told()).toEqual({ entries: [[ada.sessionId, 'ada', 'made up']] })
    expect(await ada.ask('$presence', { room: 1, presence: 'Ada' })).toEqual([18])
    expect(await ada.told()).toEqual({ changes: [[ada.sessionId, 'ada']] })
    expect(seen).toEqual([undefined, 'Ada'])
  })

  test('is not asked for of who says what does not match, or is not let in', async () => {
    let asked = 0
    const { peer, cafe } = await startTown({
      rooms: {
        cafe: {
          authorize: ({ params }) => params.id !== 'private',
          presence: {
            of: ({ said }) => {
              asked++
              return said
            },
          },
        },
      },
    })
    const ada = await peer('ada')
    const join = (id: string, presence: unknown) => ada.ask('$join', { kind: 'cafe', params: { id }, presence })
    expect(refusedOf(await join('c', { name: 7 }))).toEqual([19, 'INVALID_INPUT'])
    expect(refusedOf(await join('c', { name: 'x'.repeat(4_097) }))).toEqual([19, 'INVALID_INPUT'])
    expect(refusedOf(await join('private', Liar))).toEqual([19, 'FORBIDDEN'])
    expect(asked).toBe(0)
    expect(await cafe().presence()).toMatchObject({ count: 0 })
  })

  const away = () => new Error('the database is away')
  const refusal = () => new TypewireError('FORBIDDEN', 'No names today.')
  const failures: readonly (readonly [what: string, fail: () => unknown, code: string, message: string])[] = [
    ['throws', () => throwing(away()), 'INTERNAL', 'the database is away'],
    ['rejects', () => Promise.reject(away()), 'INTERNAL', 'the database is away'],
    ['throws what handlers may', () => throwing(refusal()), 'FORBIDDEN', 'No names today.'],
    ['returns what the contract does not take', () => ({ name: 7 }), 'INTERNAL', 'expected string, received number'],
    ['returns what cannot be shown', () => ({ name: 'x'.repeat(4_096) }), 'INTERNAL', '4108 bytes, where 4096'],
  ]
  test.each(failures)(
    'fails where the hook %s: nobody is let in, and what was said before stays',
    async (_, fail, code, message) => {
      let fails = true
      const of = (args: Args) => (fails ? (fail() as Args['said']) : args.said)
      const { peer, cafe, server, errors } = await startCafe(of)
      const ada = await peer('ada')
      const join = { kind: 'cafe', params: { id: 'c' }, presence: Liar }
      expect(refusedOf(await ada.ask('$join', join))).toEqual([19, code])
      expect(await cafe().members()).toEqual([])
      expect(await cafe().presence()).toMatchObject({ count: 0 })
      const [session] = server.sessions
      await expect(session!.join(cafe(), { presence: Liar })).rejects.toThrow(message)
      expect(await cafe().members()).toEqual([])
      fails = false
      const { room } = await ada.join({ name: 'Ada' })
      fails = true
      expect(refusedOf(await ada.ask('$presence', { room, presence: Liar }))).toEqual([19, code])
      expect(shown(await cafe().presence())).toEqual(['ada: Ada'])
      expect(errors).toHaveLength(code === 'INTERNAL' ? 2 : 0)
    },
  )

  test('PR-6: has 4,096 bytes at most', async () => {
    const { peer, cafe } = await startCafe(({ said: { name } }) => ({ name: 'x'.repeat(Number(name)) }))
    const ada = await peer('ada')
    const most = 4_096 - ',{"name":""}'.length
    const { room } = await ada.join({ name: String(most) })
    expect(refusedOf(await ada.ask('$presence', { room, presence: { name: String(most + 1) } }))).toEqual([
      19,
      'INTERNAL',
    ])
    expect(shown(await cafe().presence())).toEqual([`ada: ${'x'.repeat(most)}`])
  })

  test('is what counts by when it was said, not by how long it took', async () => {
    const { of, asked, untilAsked } = heldBack()
    const { peer, cafe, clock } = await startCafe(of)
    const ada = await peer('ada')
    ada.send([17, 50_001, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: Liar }])
    await untilAsked(1)
    asked[0]!.answer('at first')
    const [, , answer] = await ada.readKind(18)
    const { room } = answer as { readonly room: number }
    for (const id of [50_002, 50_003]) ada.send([17, id, '$presence', 0, { room, presence: Liar }])
    await untilAsked(3)
    asked[2]!.answer('at last')
    expect(await ada.readKind(18)).toEqual([18, 50_003])
    asked[1]!.answer('in between')
    expect(await ada.readKind(18)).toEqual([18, 50_002])
    await clock.advance(1_000)
    expect(shown(await cafe().presence())).toEqual(['ada: at last'])
  })

  test('is not shown where the session has left meanwhile, though it is there again', async () => {
    const { of, asked, untilAsked } = heldBack()
    const { peer, cafe, server } = await startCafe(of)
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    const join = { kind: 'cafe', params: { id: 'c' }, presence: Liar }
    for (const [index, one] of [ada, bob].entries()) {
      one.send([17, 60_001, '$join', 0, join])
      await untilAsked(index + 1)
      asked[index]!.answer('here')
      await one.readKind(18)
    }
    ada.send([17, 60_002, '$presence', 0, { room: 1, presence: Liar }], [17, 60_003, '$leave', 0, { join: 60_001 }])
    await untilAsked(3)
    expect(await ada.readKind(18)).toEqual([18, 60_003])
    await [...server.sessions][0]!.join(cafe())
    asked[2]!.answer('late')
    expect((await ada.readKind(19)).slice(0, 3)).toEqual([19, 60_002, 'FORBIDDEN'])
    expect(shown(await cafe().presence())).toEqual(['bob: here'])
  })

  test('is not shown where the server has refused the join meanwhile, or nobody waits for it', async () => {
    const { of, asked, untilAsked } = heldBack()
    const { peer, cafe, server, clock } = await startCafe(of, { server: { timeoutMs: 5_000 } })
    const ada = await peer('ada')
    const join = (id: number) => ada.send([17, id, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: Liar }])
    join(70_001)
    await untilAsked(1)
    await [...server.sessions][0]!.leave(cafe())
    expect((await ada.readKind(19)).slice(0, 3)).toEqual([19, 70_001, 'FORBIDDEN'])
    join(70_002)
    await untilAsked(2)
    ada.send([23, 70_002])
    join(70_003)
    await untilAsked(3)
    await clock.advance(5_000)
    expect((await ada.readKind(19)).slice(0, 3)).toEqual([19, 70_003, 'TIMED_OUT'])
    for (const { args, answer } of asked) {
      expect(args.signal.aborted).toBe(true)
      answer('late')
    }
    await quiet()
    expect(await cafe().members()).toEqual([])
    expect(await cafe().presence()).toMatchObject({ count: 0 })
  })

  test('CA-5: is not shown where the client has given it up, which takes it for not said', async () => {
    const { of, asked, untilAsked } = heldBack()
    const { peer, cafe, clock } = await startCafe(of)
    const ada = await peer('ada')
    ada.send([17, 75_001, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: { name: 'Ada' } }])
    await untilAsked(1)
    asked[0]!.answer('Ada')
    await ada.readKind(18)
    ada.send([17, 75_002, '$presence', 0, { room: 1, presence: Liar }], [23, 75_002])
    await untilAsked(2)
    await eventually(() => asked[1]!.args.signal.aborted, 'it is given up')
    asked[1]!.answer('late')
    await clock.advance(1_000)
    expect(shown(await cafe().presence())).toEqual(['ada: Ada'])
  })

  test('RM-12: is made anew where the credentials have become others during the join', async () => {
    const { of, asked, untilAsked } = heldBack()
    let answers = 0
    const { peer, cafe } = await startCafe(of, {
      server: { authenticate: ({ auth }) => ({ identity: auth ?? null, answer: ++answers }) },
    })
    const ada = await peer('ada')
    ada.send([17, 80_001, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: Liar }])
    await untilAsked(1)
    ada.send([17, 80_002, '$auth', 0, 'ada'])
    await ada.readKind(18)
    asked[0]!.answer('by the old ones')
    await untilAsked(2)
    expect(asked.map(({ args }) => args.ctx)).toEqual([
      { identity: 'ada', answer: 1 },
      { identity: 'ada', answer: 2 },
    ])
    asked[1]!.answer('by the new ones')
    await ada.readKind(18)
    expect(shown(await cafe().presence())).toEqual(['ada: by the new ones'])
  })

  describe('is made anew when the credentials have become others', () => {
    /** The identity is what is shown first; what is shown last is in `ctx`. */
    const server: TownOptions['server'] = {
      authenticate: ({ auth }) => ({ identity: auth?.split(' ')[0] ?? null, shown: auth }),
    }
    const shownOf = ({ ctx }: Args) => String((ctx as Ctx & { readonly shown?: string }).shown)

    test('by $auth, of what was said last, by client and server, and members see it', async () => {
      const made = await startCafe((args) => ({ name: `${args.said.name} of ${shownOf(args)}` }), { server })
      const { peer, client, cafe, clock } = made
      const eve = client('eve').join.cafe({ id: 'c' }, { presence: { name: 'e' } })
      await eve.ready
      const [ada, bob] = [await peer('ada'), await peer('bob')]
      const { room } = await ada.join({ name: 'a' })
      await ada.ask('$presence', { room, presence: { name: 'b' } })
      await [...made.server.sessions].at(-1)!.join(cafe(), { presence: { name: 'c' } })
      await untilShown(eve, ['eve: e of eve', 'ada: b of ada', 'bob: c of bob'])
      await clock.advance(50) // what is said sooner is told later (PR-5)
      ada.send([17, 80_001, '$auth', 0, 'ada 2'])
      bob.send([17, 80_001, '$auth', 0, 'bob 2'])
      const both = ['eve: e of eve', 'ada: b of ada 2', 'bob: c of bob 2']
      await untilShown(eve, both)
      expect(shown(await cafe().presence())).toEqual(both)
    })

    test('what was being made of the old ones does not count, and what is said later does', async () => {
      const { of, asked, untilAsked } = heldBack()
      const { peer, cafe } = await startCafe(of, { server })
      const ada = await peer('ada')
      ada.send([17, 80_001, '$join', 0, { kind: 'cafe', params: { id: 'c' }, presence: { name: 'a' } }])
      await untilAsked(1)
      asked[0]!.answer('a of ada')
      const [, , { room }] = (await ada.readKind(18)) as [number, number, { room: number }]
      ada.send([17, 80_002, '$presence', 0, { room, presence: { name: 'b' } }])
      await untilAsked(2)
      ada.send([17, 80_003, '$auth', 0, 'ada 2'])
      await untilAsked(3)
      expect(asked.map(({ args }) => `${args.said.name} of ${shownOf(args)}`)).toEqual([
        'a of ada',
        'b of ada',
        'a of ada 2',
      ])
      asked[1]!.answer('b of ada')
      await untilAsked(4)
      expect(`${asked[3]!.args.said.name} of ${shownOf(asked[3]!.args)}`).toBe('b of ada 2')
      asked[3]!.answer('b of ada 2')
      await ada.told()
      expect(await ada.told()).toEqual({ changes: [[ada.sessionId, 'ada', { name: 'b of ada 2' }]] })
      asked[2]!.answer('a of ada 2')
      await quiet()
      expect(shown(await cafe().presence())).toEqual(['ada: b of ada 2'])
    })

    test('and what cannot be made leaves what is shown, and is told to the server', async () => {
      const { peer, cafe, errors } = await startCafe(
        (args) => (shownOf(args) === 'ada' ? args.said : throwing(new Error('the names are gone'))),
        { server },
      )
      const ada = await peer('ada')
      await ada.join({ name: 'a' })
      await ada.ask('$auth', 'ada 2')
      await eventually(() => errors.length === 1, 'it is told')
      expect(errors).toMatchObject([{ message: 'the names are gone' }])
      expect(shown(await cafe().presence())).toEqual(['ada: a'])
    })
  })

  test('RM-8: is made when server code has joined the session, where it alone does', async () => {
    const seen: unknown[] = []
    const { peer, server } = await startTown({
      rooms: {
        office: {
          presence: {
            of: async ({ said, ctx: { identity } }) => {
              seen.push(said)
              return `${said ?? 'nobody'}, as ${identity} says`
            },
          },
        },
      },
    })
    const [ada, bob] = [await peer('ada'), await peer('bob')]
    ada.send([17, 90_001, '$join', 0, { kind: 'office', presence: 'the boss' }], [4, 0, 0])
    await ada.readKind(5) // it waits for the server
    expect(seen).toEqual([])
    const office = server.rooms.office()
    for (const session of server.sessions) await session.join(office)
    await ada.readKind(18)
    expect(await ada.told()).toEqual({ entries: [[ada.sessionId, 'ada', 'the boss, as ada says']] })
    await [...server.sessions][1]!.join(office, { presence: 'a visitor' })
    expect(await ada.told()).toEqual({ changes: [[bob.sessionId, 'bob', 'a visitor, as bob says']] })
    // What server code has said counts for more than that the client says nothing.
    expect((await bob.ask('$join', { kind: 'office' }))[0]).toBe(18)
    expect(seen).toEqual(['the boss', 'a visitor', undefined])
    expect(await bob.told()).toMatchObject({
      entries: [[ada.sessionId], [bob.sessionId]].map((of) => expect.arrayContaining(of) as unknown),
    })
    expect((await office.presence()).members[1]?.entries[0]?.data).toBe('a visitor, as bob says')
  })

  test('of what server code says has the time limit of handlers, and ends with the session', async () => {
    const { of, asked, untilAsked } = heldBack()
    const { peer, cafe, server, clock } = await startCafe(of, { server: { timeoutMs: 5_000 } })
    await peer('ada')
    const [session] = server.sessions
    const late = settled(session!.join(cafe(), { presence: Liar }), 'the join')
    await untilAsked(1)
    await clock.advance(5_000)
    expect(await late).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    const over = session!.join(cafe(), { presence: Liar })
    await untilAsked(2)
    session!.close()
    await eventually(() => [...server.sessions].length === 0, 'the session ends')
    for (const { args, answer } of asked) {
      expect(args.signal.aborted).toBe(true)
      answer('late')
    }
    expect(await settled(over, 'the join')).toMatchObject({ status: 'fulfilled' })
    expect(await cafe().members()).toEqual([])
  })

  test('is what a client sees of itself, also in the session that follows a lost one', async () => {
    const clock = createFakeClock()
    const { client, server } = await startCafe(({ ctx }) => ({ name: `the ${ctx.identity}` }), {
      clock,
      server: { resume: { windowMs: 0 } },
    })
    const eve = client('eve').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    const ada = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Eve' } })
    await untilShown(eve, ['eve: the eve', 'ada: the ada'])
    const states: string[] = []
    ada.status.subscribe(() => states.push(ada.status.current.state))
    ;[...server.sessions].find(({ identity }) => identity === 'ada')!.revoke()
    await eventually(() => states.includes('rejoining'), 'the session is lost')
    await clock.advance(1)
    await eventually(() => states.at(-1) === 'joined', 'it has joined again')
    await untilShown(ada, ['eve: the eve', 'ada: the ada'])
    await untilShown(eve, ['eve: the eve', 'ada: the ada'])
    expect(states).toEqual(['rejoining', 'joined'])
  })
})

test('implement refuses an `of` that cannot be', () => {
  const implement = (rooms: object) => () =>
    createServer(town, { authenticate: () => ({ identity: null }) }).implement({ rooms })
  expect(implement({ cafe: { presence: { of: 'name' } } })).toThrow(/rooms.cafe.presence.of is not a function/)
  expect(implement({ square: { presence: { of: () => '', mode: 'count' } } })).toThrow(
    /rooms.square.presence.of: with mode 'count' nobody sees/,
  )
})
