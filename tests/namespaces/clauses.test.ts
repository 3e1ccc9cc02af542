import { frames } from '@typewire/core/internal'
import type { RawFrame } from '@typewire/testkit'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { ask, expectHead, open, start } from './peer.ts'
import { stage, welcomedPeer } from './stage.ts'

failOnUnhandledRejections()

const { call, result, error, event, roomEvent, closed, cancel, joined, left, presence } = frames

describe('names of namespaces', () => {
  test('carry their path, and mean nothing without it (NS-1)', async () => {
    const { peer } = await start()
    await open(peer, 1)
    expect(await ask(peer, 2, 'admin/ban', 'bob')).toEqual([result.kind, 2, 'root under ada has banned bob'])
    expectHead(await ask(peer, 3, 'ban', 'bob'), [error.kind, 3, 'NOT_FOUND'])
    expect(await ask(peer, 4, 'who')).toEqual([result.kind, 4, 'ada'])
  })

  test.each(['/ban', 'admin/', 'admin//ban', 'admin/then', 'admin/constructor', 'a/b/c/d/e/f/g', '__proto__/x', '/'])(
    '%s is unknown (NS-1, CA-3)',
    async (name) => {
      const { peer } = await start()
      await open(peer, 1)
      expect(await ask(peer, 2, name, 'bob')).toMatchObject({ 0: error.kind, 1: 2, 2: 'NOT_FOUND' })
    },
  )

  test('one of the same name in the root and in two namespaces are three (NS-1)', async () => {
    const { peer, server } = await start()
    await open(peer, 1)
    expect(await ask(peer, 2, '$open', { namespace: 'lab' })).toEqual([result.kind, 2, {}])
    expect(await ask(peer, 3, 'echo', 'x')).toEqual([result.kind, 3, 'x'])
    expect(await ask(peer, 4, 'lab/echo', 'x')).toEqual([result.kind, 4, 'ada: x'])
    server.emit.alert({ text: '1' })
    server.ns.admin.emit.alert({ text: '2' })
    server.ns.lab.emit.alert({ text: '3' })
    expect(await peer.read()).toEqual([event.kind, 0, 'alert', 0, { text: '1' }])
    expect(await peer.read()).toEqual([event.kind, 0, 'admin/alert', 0, { text: '2' }])
    expect(await peer.read()).toEqual([event.kind, 0, 'lab/alert', 0, { text: '3' }])
    peer.send([event.kind, 0, 'note', 0, { text: 'a' }], [event.kind, 0, 'admin/note', 0, { text: 'b' }])
  })
})

describe('$open', () => {
  test('lets in by credentials of its own, rich values included (NS-2)', async () => {
    const { peer, asked, seen } = await start()
    const input = { namespace: 'admin', auth: { code: 'root', at: '1970-01-01T00:00:00.000Z' } }
    const answer = await ask(peer, 1, '$open', input, { 'auth.at': ['Date'] })
    expect(answer).toEqual([result.kind, 1, { identity: expect.stringMatching(/^[\w-]{22}$/) as string }])
    expect(asked).toEqual([new Date(0)])
    expect(seen).toEqual(['in root'])
  })

  test.each([
    ['one that the contract does not have', { namespace: 'users' }, 'NOT_FOUND'],
    ['the root', { namespace: '' }, 'NOT_FOUND'],
    ['a name of all objects', { namespace: 'constructor' }, 'NOT_FOUND'],
    ['no name', { auth: { code: 'root' } }, 'INVALID_INPUT'],
    ['nothing', undefined, 'INVALID_INPUT'],
    ['one within one that is not open', { namespace: 'admin/audit' }, 'FORBIDDEN'],
  ])('refuses %s before anybody is asked (NS-2)', async (_, input, code) => {
    const { peer, asked } = await start()
    expectHead(await ask(peer, 1, '$open', ...(input ? [input] : [])), [error.kind, 1, code])
    expect(asked).toEqual([])
  })

  test.each([
    ['refused credentials', { code: 'wrong' }, 'UNAUTHORIZED', 'Namespace admin: the code is wrong'],
    ['credentials that do not match', { token: 1 }, 'UNAUTHORIZED', /^Namespace admin: auth: code: Invalid input/],
    ['none', undefined, 'UNAUTHORIZED', /^Namespace admin: auth: /],
    ['a failure', { code: 'broken' }, 'INTERNAL', /authenticate failed; try again later$/],
  ])('answers %s, and nothing else of the session changes (NS-2)', async (_, auth, code, message) => {
    const { peer } = await start()
    const answer = await ask(peer, 1, '$open', { namespace: 'admin', auth })
    expectHead(answer, [error.kind, 1, code, expect.stringMatching(message) as string])
    expectHead(await ask(peer, 2, 'admin/ban', 'bob'), [error.kind, 2, 'FORBIDDEN'])
    expect(await ask(peer, 3, 'echo', 'x')).toEqual([result.kind, 3, 'x'])
    expectHead(await open(peer, 4), [result.kind, 4])
  })

  test('is asked once at a time, and within its time limit (NS-2)', async () => {
    const signals: AbortSignal[] = []
    const { peer, clock } = await start({
      readCode: (_, __, signal) => {
        signals.push(signal)
        return new Promise<never>(() => {})
      },
    })
    const input = { namespace: 'admin', auth: { code: 'root' } }
    peer.send([call.kind, 1, '$open', 0, input], [call.kind, 2, '$open', 0, input])
    expectHead(await peer.read(), [error.kind, 2, 'OVERLOADED'])
    await eventually(() => signals.length === 1, 'authenticate is asked')
    await clock.advance(9_999)
    expect(signals[0]!.aborted).toBe(false)
    await clock.advance(1)
    expectHead(await peer.read(), [error.kind, 1, 'TIMED_OUT'])
    expect(signals[0]!.aborted).toBe(true)
    peer.send([call.kind, 3, '$open', 0, input])
    await eventually(() => signals.length === 2, 'it may be asked again')
  })

  test('opens nothing once it was withdrawn (NS-2, CA-5)', async () => {
    const ready: (() => void)[] = []
    const { peer, seen } = await start({
      readCode: (code) => new Promise((resolve) => ready.push(() => resolve({ identity: code, code } as never))),
    })
    peer.send([call.kind, 1, '$open', 0, { namespace: 'admin', auth: { code: 'root' } }])
    await eventually(() => ready.length === 1, 'authenticate is asked')
    peer.send([cancel.kind, 1])
    await quiet()
    ready[0]!()
    expectHead(await ask(peer, 2, 'admin/ban', 'bob'), [error.kind, 2, 'FORBIDDEN'])
    expect(seen).toEqual([])
  })

  test('one without credentials of its own has what it lies in (NS-2)', async () => {
    const { peer } = await start()
    await open(peer, 1)
    expect(await ask(peer, 2, '$open', { namespace: 'admin/audit' })).toEqual([result.kind, 2, {}])
    expect(await ask(peer, 3, 'admin/audit/who')).toEqual([result.kind, 3, 'root'])
  })
})

describe('a namespace that is not open', () => {
  test('handles nothing (NS-3)', async () => {
    const { peer, server, seen, errors } = await start()
    expectHead(await ask(peer, 1, 'admin/ban', 'bob'), [
      error.kind,
      1,
      'FORBIDDEN',
      'procedure admin/ban: namespace admin is not open.',
    ])
    peer.send([event.kind, 2, 'admin/sign', 0, { text: 'x' }], [event.kind, 0, 'admin/note', 0, { text: 'x' }])
    expectHead(await peer.read(), [error.kind, 2, 'FORBIDDEN'])
    expectHead(await ask(peer, 3, '$join', { kind: 'admin/desk', params: { id: 1 } }), [
      error.kind,
      3,
      'FORBIDDEN',
      'Room admin/desk: namespace admin is not open.',
    ])
    server.ns.admin.emit.alert({ text: 'x' })
    server.ns.admin.to(server.sessions).emit.alert({ text: 'x' })
    server.emit.alert({ text: 'to all' })
    expect(await peer.read()).toEqual([event.kind, 0, 'alert', 0, { text: 'to all' }])
    expect(seen).toEqual([])
    expect(errors).toMatchObject([{ code: 'FORBIDDEN', message: 'event admin/note: namespace admin is not open.' }])
    expect([...server.ns.admin.sessions]).toEqual([])
  })

  test('has no members: server code joins nobody to its rooms (NS-3)', async () => {
    const { server } = await start()
    const [session] = [...server.sessions]
    const { admin } = server.ns
    await expect(session!.join(admin.rooms.vault())).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'session.join admin/vault: the session has not opened admin.',
    })
  })
})

describe('$close', () => {
  test('ends what runs, memberships and what lies in it, without a word of them (NS-4)', async () => {
    const { peer, server, signals, seen } = await start()
    await open(peer, 1)
    await ask(peer, 2, '$open', { namespace: 'admin/audit' })
    await ask(peer, 3, '$join', { kind: 'admin/desk', params: { id: 1 }, presence: { mood: 'fine' } })
    peer.send([call.kind, 4, 'admin/hold', 0])
    await eventually(() => signals.length === 1, 'the call runs')
    const [session] = [...server.ns.admin.sessions]
    const alerted = session!.emitWithAck.alert({ text: 'x' })
    expectHead(await peer.readKind(event.kind), [event.kind, 1, 'admin/alert'])
    const lost = settled(alerted, 'the question')
    expect(await ask(peer, 5, '$close', { namespace: 'admin' })).toEqual([result.kind, 5])
    expect(await lost).toMatchObject({ reason: { code: 'SESSION_LOST' } })
    expect(signals[0]!.aborted).toBe(true)
    expect(seen).toEqual(['in root', 'out root'])
    expect(await server.ns.admin.rooms.desk({ id: 1 }).members()).toEqual([])
    expectHead(await ask(peer, 6, 'admin/audit/who'), [error.kind, 6, 'FORBIDDEN'])
    expect(await ask(peer, 7, '$close', { namespace: 'admin' })).toEqual([result.kind, 7])
    expect(await ask(peer, 8, 'echo', 'x')).toEqual([result.kind, 8, 'x'])
    const kinds = peer.messages.flatMap((text) => (JSON.parse(text) as RawFrame[]).map(([kind]) => kind))
    expect(kinds).not.toContain(left.kind)
    expect(kinds).not.toContain(closed.kind)
    const answers = peer.messages.flatMap((text) => JSON.parse(text) as RawFrame[]).filter(([, id]) => id === 4)
    expect(answers).toEqual([])
  })
})

describe('cancel of an $open that was answered', () => {
  test('closes what that has opened (NS-4)', async () => {
    const { peer, server, seen } = await start()
    await open(peer, 1)
    await ask(peer, 2, '$open', { namespace: 'admin/audit' })
    peer.send([cancel.kind, 1])
    expectHead(await ask(peer, 3, 'admin/ban', 'bob'), [error.kind, 3, 'FORBIDDEN'])
    expectHead(await ask(peer, 4, 'admin/audit/who'), [error.kind, 4, 'FORBIDDEN'])
    expect(seen).toEqual(['in root', 'out root'])
    expect([...server.ns.admin.sessions]).toEqual([])
  })

  test('leaves alone what was opened since, and what it has only renewed (NS-4)', async () => {
    const { peer, seen } = await start()
    await open(peer, 1)
    await ask(peer, 2, '$close', { namespace: 'admin' })
    await open(peer, 3)
    await ask(peer, 4, '$open', { namespace: 'admin', auth: { code: 'root' }, renew: true })
    peer.send([cancel.kind, 1], [cancel.kind, 4])
    expectHead(await ask(peer, 5, 'admin/ban', 'bob'), [result.kind, 5])
    expect(seen).toEqual(['in root', 'out root', 'in root', 'ban bob by root'])
  })
})

test('what is closed before it is open is not opened (NS-4)', async () => {
  const ready: (() => void)[] = []
  const { peer, server } = await start({
    readCode: (code) => new Promise((resolve) => ready.push(() => resolve({ identity: code, code } as never))),
  })
  peer.send([call.kind, 1, '$open', 0, { namespace: 'admin', auth: { code: 'root' } }])
  await eventually(() => ready.length === 1, 'authenticate is asked')
  expectHead(await ask(peer, 2, '$close', { namespace: 'admin' }), [result.kind, 2])
  ready[0]!()
  await quiet()
  expect(peer.unread).toEqual([])
  expect([...server.ns.admin.sessions]).toEqual([])
})

describe('closed', () => {
  test('tells what the server has closed, and how far it had heard the client by then (NS-5)', async () => {
    const { peer, server, signals, seen } = await start()
    await open(peer, 1)
    await ask(peer, 2, '$open', { namespace: 'admin/audit' })
    await ask(peer, 3, '$join', { kind: 'admin/desk', params: { id: 1 } })
    peer.send([call.kind, 4, 'admin/hold', 0])
    await eventually(() => signals.length === 1, 'the call runs')
    const [session] = [...server.ns.admin.sessions]
    session!.close('dismissed')
    expect(await peer.readKind(closed.kind)).toEqual([closed.kind, 'admin', 'dismissed', { received: 4 }])
    expect(signals[0]!.aborted).toBe(true)
    expect(seen).toEqual(['in root', 'out root'])
    server.ns.admin.emit.alert({ text: 'x' })
    server.ns.admin.rooms.desk({ id: 1 }).emit.said({ text: 'x' })
    server.ns.admin.ns.audit.emit.entry({ text: 'x' })
    expect(await ask(peer, 5, 'echo', 'x')).toEqual([result.kind, 5, 'x'])
    expect(peer.unread).toEqual([])
    expectHead(await open(peer, 6), [result.kind, 6])
    expectHead(await ask(peer, 7, 'admin/audit/who'), [error.kind, 7, 'FORBIDDEN'])
  })

  test('ends a join that is under way without an answer (NS-5)', async () => {
    const { peer, server } = await start()
    await open(peer, 1)
    peer.send([call.kind, 2, '$join', 0, { kind: 'admin/vault' }])
    await quiet()
    const [session] = [...server.ns.admin.sessions]
    session!.close('dismissed')
    expect(await peer.read()).toEqual([closed.kind, 'admin', 'dismissed', { received: 2 }])
    await quiet()
    expect(peer.unread).toEqual([])
  })
})

describe('an open namespace', () => {
  test('goes on when the session does (NS-6)', async () => {
    const { url, server } = await stage()
    const first = await welcomedPeer(url, { instance: 'i' })
    const { session, resume } = JSON.parse(first.messages[0]!)[0][1] as {
      session: string
      resume: { secret: string }
    }
    await open(first, 1)
    first.cut()
    const second = await welcomedPeer(url, {
      instance: 'i',
      attempt: 2,
      resume: { session, secret: resume.secret, received: 1 },
    })
    expect(await ask(second, 2, 'admin/ban', 'bob')).toEqual([result.kind, 2, 'root under ada has banned bob'])
    expect([...server.ns.admin.sessions]).toHaveLength(1)
  })

  test('takes new credentials of the same identity alone (NS-6)', async () => {
    const { peer, seen } = await start()
    await open(peer, 1, 'root.60')
    expectHead(await open(peer, 2, 'mallory'), [error.kind, 2, 'UNAUTHORIZED'])
    expectHead(await open(peer, 3, 'wrong'), [error.kind, 3, 'UNAUTHORIZED'])
    await ask(peer, 4, 'admin/ban', 'bob')
    expectHead(await open(peer, 5, 'root'), [result.kind, 5])
    await ask(peer, 6, 'admin/ban', 'eve')
    expect(seen).toEqual(['in root.60', 'ban bob by root.60', 'ban eve by root'])
  })

  test('is closed when its credentials are over, and may be opened again (NS-7)', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { peer, clock, server } = await start()
    expectHead(await open(peer, 1, 'root.60'), [result.kind, 1, { identity: expect.any(String), expiresInMs: 60_000 }])
    await ask(peer, 2, '$join', { kind: 'admin/desk', params: { id: 1 }, presence: { mood: 'fine' } })
    await clock.advance(60_000)
    expect(await peer.readKind(closed.kind)).toEqual([
      closed.kind,
      'admin',
      'the credentials have expired',
      { received: 2, reopen: true },
    ])
    const desk = server.ns.admin.rooms.desk({ id: 1 })
    expect(await desk.members()).toEqual([])
    expect(await desk.presence()).toMatchObject({ count: 1 })
    expectHead(await open(peer, 3, 'root'), [result.kind, 3])
    await clock.advance(10_000)
    expect(await desk.presence()).toMatchObject({ count: 0 })
  })

  test('is closed when they are revoked, and what was being judged then counts no more (NS-7)', async () => {
    const ready: (() => void)[] = []
    const { peer, server } = await start({
      readCode: (code) => new Promise((resolve) => ready.push(() => resolve({ identity: code, code } as never))),
    })
    peer.send([call.kind, 1, '$open', 0, { namespace: 'admin', auth: { code: 'root' } }])
    await eventually(() => ready.length === 1, 'authenticate is asked')
    ready[0]!()
    await peer.readKind(result.kind)
    peer.send([call.kind, 2, '$open', 0, { namespace: 'admin', auth: { code: 'root' } }])
    await eventually(() => ready.length === 2, 'authenticate is asked again')
    const [session] = [...server.ns.admin.sessions]
    session!.revoke('the key was lost')
    const options = { received: 2, reopen: true }
    expect(await peer.readKind(closed.kind)).toEqual([closed.kind, 'admin', 'the key was lost', options])
    ready[1]!()
    await quiet()
    expect(peer.unread).toEqual([])
    expect([...server.ns.admin.sessions]).toEqual([])
  })

  test('knows its client by another identity than the root (NS-8)', async () => {
    const { peer, server } = await start()
    await open(peer, 1)
    const desk = server.ns.admin.rooms.desk({ id: 1 })
    await ask(peer, 2, '$join', { kind: 'admin/desk', params: { id: 1 }, presence: { mood: 'fine' } })
    const [, , told] = await peer.readKind(presence.kind)
    expect(told).toMatchObject({ entries: [[expect.any(String), 'root', { mood: 'fine' }]] })
    expect(await desk.members()).toMatchObject([{ identity: 'root' }])
    const [session] = [...server.ns.admin.sessions]
    expect(session).toMatchObject({ identity: 'root', id: [...server.sessions][0]!.id })
    await desk.evict({ identity: 'ada' })
    expect(await desk.members()).toHaveLength(1)
    await desk.evict({ identity: 'root' }, 'enough')
    expectHead(await peer.readKind(left.kind), [left.kind, expect.any(Number), 'enough'])
  })

  test('has the same identity for the same client alone (NS-8)', async () => {
    const { url } = await stage()
    const identityOf = async (instance: string, code: string) => {
      const peer = await welcomedPeer(url, { instance })
      const [, , told] = await open(peer, 1, code)
      return (told as { identity: string }).identity
    }
    const once = await identityOf('i', 'root')
    expect(await identityOf('i', 'root')).toBe(once)
    expect(await identityOf('i', 'kim')).not.toBe(once)
    expect(await identityOf('j', 'root')).not.toBe(once)
  })

  test('has rooms that server code joins it to (RM-10)', async () => {
    const { peer, server } = await start()
    await open(peer, 1)
    const [session] = [...server.ns.admin.sessions]
    await session!.join(server.ns.admin.rooms.vault())
    expectHead(await peer.readKind(joined.kind), [joined.kind, expect.any(Number), 'admin/vault'])
    server.ns.admin.rooms.vault().emit.opened({ text: 'x' })
    expectHead(await peer.read(), [roomEvent.kind, 0, expect.any(Number), 'opened'])
  })
})
