import { defineContract, room } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import type { RawPeer } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { ask, expectHead, open, start } from './peer.ts'
import { type AdminSession, clientOf, type Ctx, readCode, stage, untilState } from './stage.ts'

failOnUnhandledRejections()

const { call, result, error, event, cancel, closed } = frames
const desk = { kind: 'admin/desk', params: { id: 1 }, presence: { mood: 'fine' } }

/** A promise that the test settles. */
function gate<T>() {
  let give!: (value: T) => void
  const promise = new Promise<T>((resolve) => (give = resolve))
  return { promise, give }
}

describe('a namespace that was closed', () => {
  test('gives nothing of its rooms away that is read meanwhile (NS-4, NS-5)', async () => {
    const verdict = gate<boolean>()
    let isAsked = false
    const { peer, server } = await start({ mayRead: () => ((isAsked = true), verdict.promise) })
    await open(peer, 1)
    const [, , joined] = await ask(peer, 2, '$join', desk)
    server.ns.admin.rooms.desk({ id: 1 }).emit.said({ text: 'secret' })
    peer.send([call.kind, 3, '$history', 0, { room: (joined as { room: number }).room }])
    await eventually(() => isAsked, 'it is judged')
    ;[...server.ns.admin.sessions][0]!.close('dismissed')
    await peer.readKind(closed.kind)
    verdict.give(true)
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('answers no join that was under way when its client closed it (NS-4)', async () => {
    let asked = 0
    const { peer } = await start({ authorize: () => (asked++, new Promise<never>(() => {})) })
    await open(peer, 1)
    peer.send([call.kind, 2, '$join', 0, desk])
    await eventually(() => asked === 1, 'it is judged')
    expect(await ask(peer, 3, '$close', { namespace: 'admin' })).toEqual([result.kind, 3])
    expect(peer.messages.join('')).not.toContain('FORBIDDEN')
  })

  test('lets an event that waits not run as who has opened it since (NS-4, LM-3)', async () => {
    const holds: (() => void)[] = []
    const onNote = () => new Promise<void>((resolve) => holds.push(resolve))
    const { peer, seen, errors } = await start({ maxCalls: 64, onNote })
    await open(peer, 1)
    peer.send(...Array.from({ length: 65 }, (_, i) => [event.kind, 0, 'admin/note', 0, { text: `${i}` }] as const))
    await eventually(() => holds.length === 64, 'as many run as may')
    peer.send([call.kind, 2, '$close', 0, { namespace: 'admin' }])
    expectHead(await open(peer, 3, 'kim'), [result.kind, 3])
    for (const end of holds) end()
    await quiet()
    expect(seen.filter((what) => what.endsWith('by kim'))).toEqual([])
    expect(errors).toMatchObject([{ code: 'FORBIDDEN' }])
  })

  test('has no word in what was opened since, at who has kept its session', async () => {
    const sessions: AdminSession[] = []
    const { peer, server } = await start({ onOpen: (session) => void sessions.push(session) })
    await open(peer, 1)
    await ask(peer, 2, '$close', { namespace: 'admin' })
    await open(peer, 3, 'kim')
    const [stale] = sessions
    stale!.close()
    stale!.revoke()
    const { vault } = server.ns.admin.rooms
    await expect(stale!.join(vault())).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await sessions[1]!.join(vault())
    await stale!.leave(vault())
    expect(await vault().members()).toMatchObject([{ identity: 'kim' }])
    expect([...server.ns.admin.sessions].map(({ identity }) => identity)).toEqual(['kim'])
  })

  test('tells server code what became of what it has asked', async () => {
    const { peer, server } = await start()
    await open(peer, 1)
    const [session] = [...server.ns.admin.sessions]
    const asked = settled(session!.emitWithAck.alert({ text: 'x' }), 'the question')
    await peer.readKind(event.kind)
    await ask(peer, 2, '$close', { namespace: 'admin' })
    expect(await asked).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'unknown' } })
    await expect(session!.emitWithAck.alert({ text: 'x' })).rejects.toMatchObject({
      code: 'SESSION_LOST',
      outcome: 'not_sent',
      message: 'admin/alert: the namespace was closed.',
    })
  })
})

test('the names of a namespace that is not open are not told (NS-3)', async () => {
  const { peer } = await start()
  const known = await ask(peer, 1, '$join', desk)
  const unknown = await ask(peer, 2, '$join', { kind: 'admin/nothing' })
  expect(known[2]).toBe('FORBIDDEN')
  expect(unknown[2]).toBe('FORBIDDEN')
  await open(peer, 3)
  expectHead(await ask(peer, 4, '$join', { kind: 'admin/nothing' }), [error.kind, 4, 'NOT_FOUND'])
})

describe('$open', () => {
  const input = { namespace: 'admin', auth: { code: 'root' } }

  test.each([
    ['$close', [call.kind, 2, '$close', 0, { namespace: 'admin' }]],
    ['a cancel', [cancel.kind, 1]],
  ] as const)('may come right behind %s (NS-2, NS-4)', async (_, frame) => {
    let asked = 0
    const { peer } = await start({
      readCode: (code) => (asked++ === 0 ? new Promise<never>(() => {}) : readCode(code)),
    })
    peer.send([call.kind, 1, '$open', 0, input])
    await eventually(() => asked === 1, 'authenticate is asked')
    peer.send([...frame], [call.kind, 3, '$open', 0, input])
    let answer = await peer.read()
    while (answer[1] !== 3) answer = await peer.read()
    expect(answer[0]).toBe(result.kind)
  })

  test('that only renews opens nothing (NS-6)', async () => {
    const { peer, asked } = await start()
    const renewal = { ...input, renew: true }
    expectHead(await ask(peer, 1, '$open', renewal), [error.kind, 1, 'FORBIDDEN'])
    expect(asked).toEqual([])
    await open(peer, 2)
    expectHead(await ask(peer, 3, '$open', renewal), [result.kind, 3])
  })

  test('asks authenticate so often and no more (LM-8)', async () => {
    const { peer, clock, asked } = await start()
    for (let id = 1; id <= 20; id++) await open(peer, id, 'wrong')
    expectHead(await open(peer, 21), [error.kind, 21, 'OVERLOADED'])
    expectHead(await ask(peer, 22, '$open', { namespace: 'lab' }), [result.kind, 22])
    expect(asked).toHaveLength(20)
    await clock.advance(200)
    expectHead(await open(peer, 23), [result.kind, 23])
    expectHead(await open(peer, 24), [error.kind, 24, 'OVERLOADED'])
  })

  test('asks so many times at once and no more, whoever waits for the answers (LM-8)', async () => {
    let asked = 0
    const { peer, clock } = await start({ readCode: () => (asked++, new Promise<never>(() => {})) })
    for (let id = 1; id <= 32; id++) {
      peer.send([call.kind, id, '$open', 0, input])
      await eventually(() => asked === id, 'authenticate is asked')
      peer.send([cancel.kind, id])
      await clock.advance(200)
    }
    const [, , code] = await open(peer, 33)
    expect(code).toBe('OVERLOADED')
  })

  test('is judged by the ctx above that is in force when it is answered (NS-2)', async () => {
    let name = 'ada'
    const gates = [gate<void>(), gate<void>()]
    const under: string[] = []
    const { peer } = await start({
      admit: (): Ctx => ({ identity: 'ada', name }),
      readCode: async (code, ctx) => {
        await gates[under.push(ctx.name) - 1]!.promise
        return { identity: code, code } as never
      },
    })
    peer.send([call.kind, 1, '$open', 0, input])
    await eventually(() => under.length === 1, 'authenticate is asked')
    name = 'eve'
    await ask(peer, 2, '$auth')
    gates[0]!.give()
    await eventually(() => under.length === 2, 'it is asked again')
    gates[1]!.give()
    expectHead(await peer.read(), [result.kind, 1])
    expect(under).toEqual(['ada', 'eve'])
    expect(await ask(peer, 3, 'admin/ban', 'bob')).toEqual([result.kind, 3, 'root under eve has banned bob'])
  })

  test('of new credentials has the rooms of that namespace alone judged again (RM-12)', async () => {
    let judged = 0
    const count = () => (judged++, true)
    const { peer } = await start({ authorize: count, authorizeAtRoot: count })
    await open(peer, 1)
    await ask(peer, 2, '$join', desk)
    await ask(peer, 3, '$join', { kind: 'desk', params: { id: 1 } })
    judged = 0
    await open(peer, 4)
    await eventually(() => judged > 0, 'it is judged')
    await quiet()
    expect(judged).toBe(1)
  })
})

describe('other credentials of what it lies in', () => {
  const admit = (name: string) => ({ identity: 'ada', name })
  const auth = (peer: RawPeer, id: number, name: string) => peer.send([call.kind, id, '$auth', 0, name])

  test('close a namespace that they speak against, and no other (NS-7)', async () => {
    const reviewed: unknown[] = []
    const { peer, seen } = await start({
      admit,
      review: (ctx, identity, signal) => {
        reviewed.push([ctx.name, identity, signal.aborted])
        return ctx.name !== 'demoted'
      },
    })
    await open(peer, 1)
    await ask(peer, 2, '$open', { namespace: 'lab' })
    await ask(peer, 3, '$auth', 'promoted')
    expectHead(await ask(peer, 4, 'admin/ban', 'bob'), [result.kind, 4])
    auth(peer, 5, 'demoted')
    expectHead(await peer.readKind(closed.kind), [closed.kind, 'admin'])
    expect(reviewed).toEqual([
      ['promoted', 'root', false],
      ['demoted', 'root', false],
    ])
    expectHead(await ask(peer, 6, 'admin/ban', 'bob'), [error.kind, 6, 'FORBIDDEN'])
    expect(await ask(peer, 7, 'lab/echo', 'x')).toEqual([result.kind, 7, 'demoted: x'])
    expect(seen).toEqual(['in root', 'ban bob by root', 'out root'])
  })

  test('leave it open where that cannot be told, and tell the server', async () => {
    const { peer, errors } = await start({
      admit,
      review: (ctx) => (ctx.name === 'ada' ? true : Promise.reject(new Error('the database is away'))),
    })
    await open(peer, 1)
    await ask(peer, 2, '$auth', 'another')
    await eventually(() => errors.length === 1, 'it is told')
    expect(errors).toMatchObject([{ message: 'the database is away' }])
    expectHead(await ask(peer, 3, 'admin/ban', 'bob'), [result.kind, 3])
  })

  test('count by what they are when it is told: of older ones nothing does', async () => {
    const verdicts: ((isLetIn: boolean) => void)[] = []
    const review = () => new Promise<boolean>((resolve) => verdicts.push(resolve))
    const { peer } = await start({ admit, review })
    await open(peer, 1)
    await ask(peer, 2, '$auth', 'demoted')
    await ask(peer, 3, '$auth', 'promoted')
    verdicts[0]!(false)
    await eventually(() => verdicts.length === 2, 'it is asked again')
    verdicts[1]!(true)
    expect(verdicts).toHaveLength(2)
    expectHead(await ask(peer, 4, 'admin/ban', 'bob'), [result.kind, 4])
  })

  test('are judged at once, although older ones hang', async () => {
    const signals: AbortSignal[] = []
    const { peer, errors } = await start({
      admit,
      review: (ctx, _, signal) => {
        signals.push(signal)
        return ctx.name === 'slow' ? new Promise(() => {}) : ctx.name !== 'demoted'
      },
    })
    await open(peer, 1)
    await ask(peer, 2, '$auth', 'slow')
    expectHead(await ask(peer, 3, 'admin/ban', 'bob'), [result.kind, 3])
    auth(peer, 4, 'demoted')
    expectHead(await peer.readKind(closed.kind), [closed.kind, 'admin'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expectHead(await ask(peer, 5, 'admin/ban', 'bob'), [error.kind, 5, 'FORBIDDEN'])
    expect(errors).toEqual([])
  })

  test('that cannot be judged in time leave it open, and the server is told', async () => {
    const { peer, clock, errors } = await start({ admit, review: () => new Promise(() => {}) })
    await open(peer, 1)
    await ask(peer, 2, '$auth', 'slow')
    await clock.advance(30_008)
    await eventually(() => errors.length === 1, 'it is told')
    expect(errors).toMatchObject([{ code: 'TIMED_OUT', message: expect.stringContaining('review of admin') }])
    expectHead(await ask(peer, 3, 'admin/ban', 'bob'), [result.kind, 3])
  })

  test('have a client open it again, as who it is now', async () => {
    const { url } = await stage({
      admit,
      review: (ctx) => ctx.name !== 'demoted',
      readCode: (code, ctx) => readCode(ctx.name === 'demoted' ? 'wrong' : code),
    })
    const names = ['ada', 'demoted']
    const { client } = clientOf(url, {
      auth: () => names.shift()!,
      namespaces: { admin: { auth: () => ({ code: 'root' }) } },
    })
    const { admin } = client.ns
    await admin.open()
    await client.reauthenticate()
    await untilState(admin, 'closed')
    expect(admin.status.current).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
  })
})

test('with nothing to implement it need not be implemented', () => {
  const hall = defineContract({ rooms: { desk: room({}) } })
  const site = defineContract({ namespaces: { hall } })
  expect(() => createServer(site).implement({})).not.toThrow()
})

test('with a review that is no function it is refused at once', () => {
  const site = defineContract({ namespaces: { hall: defineContract({ auth: z.string() }) } })
  const hall = { authenticate: () => ({ identity: null }), review: true as never }
  expect(() => createServer(site, { namespaces: { hall } })).toThrow(
    new TypeError("createServer({ namespaces }): review of 'hall' is not a function."),
  )
})
