import { createClient, isErrorOf } from '@typewire/client'
import { frames } from '@typewire/core/internal'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { tapWire } from '../support/wire-tap.ts'
import { clientOf, site, type Site, stage, startServer, stateOf, untilConnected, untilState } from './stage.ts'

failOnUnhandledRejections()

const transports = ['websocket', 'http-stream', 'http-poll'] as const
const withCode = (code: string) => ({ namespaces: { admin: { auth: { code } } } })

describe.each(transports)('over %s', (transport) => {
  test('a namespace opens at its first use, and its verbs do what those of the root do (NS-2)', async () => {
    const { url, server, seen, asked } = await stage()
    const { client } = clientOf(url, { transports: [transport], ...withCode('root') })
    const { admin } = client.ns
    await client.connect()
    expect([stateOf(admin), asked.length]).toEqual(['idle', 0])
    expect(await admin.call.ban('bob')).toBe('root under ada has banned bob')
    expect(stateOf(admin)).toBe('open')
    admin.emit.note({ text: 'hello' })
    expect(await admin.emitWithAck.sign({ text: 'x' })).toBe('signed x')
    expect(await admin.try.ban('king')).toMatchObject({ ok: false, error: { code: 'KING', data: { of: 'root' } } })
    admin.on.alert(({ text }) => `heard ${text}`)
    const [session] = [...server.ns.admin.sessions]
    expect(await session!.emitWithAck.alert({ text: 'fire' })).toBe('heard fire')
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    const said: string[] = []
    desk.on.said(({ text }) => void said.push(text))
    admin.rooms.desk.on.said(({ text }, { params }) => void said.push(`${params.id}: ${text}`))
    await desk.ready
    desk.emit.say({ text: 'hi' })
    await eventually(() => said.length === 2, 'both hear it')
    expect(said).toEqual(['hi', '1: hi'])
    expect(desk.presence.current.members).toMatchObject([{ id: 'root' }])
    expect(await desk.history()).toMatchObject({ events: [{ name: 'said', payload: { text: 'hi' } }] })
    expect(await admin.ns.audit.call.who()).toBe('root')
    expect(seen).toEqual(['in root', 'ban bob by root', 'admin note hello by root'])
    expect(asked).toHaveLength(1)
  })

  test('a refused one leaves its siblings up, and says why (NS-2)', async () => {
    const { url, asked } = await stage()
    const { client, errors } = clientOf(url, { transports: [transport], ...withCode('wrong') })
    const { admin, lab } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    admin.emit.note({ text: 'lost' })
    const call = settled(admin.call.ban('bob'), 'the call')
    expect(await lab.call.echo('x')).toBe('ada: x')
    expect(await call).toMatchObject({
      reason: { code: 'UNAUTHORIZED', message: 'admin/ban: Namespace admin: the code is wrong' },
    })
    await expect(desk.ready).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(stateOf(desk)).toBe('denied')
    expect(admin.status.current).toMatchObject({ state: 'closed', error: { code: 'UNAUTHORIZED' } })
    expect(errors).toMatchObject([{ code: 'UNAUTHORIZED', outcome: 'not_sent', origin: 'admin/note' }])
    expect(() => admin.emit.note({ text: 'x' })).toThrow('admin/note: ')
    await expect(admin.ns.audit.call.who()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(await client.call.echo('x')).toBe('x')
    expect(asked).toHaveLength(1)
  })

  test('in the session behind a lost one it is opened first, and what was asked goes on (NS-6)', async () => {
    const first = startServer({ windowMs: 0 })
    const { port } = await first.listening.listen(0, { host: '127.0.0.1' })
    const { client, clock } = clientOf(`http://127.0.0.1:${port}`, { transports: [transport], ...withCode('root') })
    const { admin } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await desk.ready
    const closing = first.listening.close({ drainMs: 0 })
    await first.clock.advance(100)
    await closing
    await eventually(() => stateOf(client) === 'waiting', 'the client waits')
    expect(stateOf(admin)).toBe('opening')
    const call = admin.call.ban('bob')
    admin.emit.note({ text: 'late' })
    const second = startServer({ windowMs: 0 })
    onTestFinished(async () => {
      const closed = second.listening.close({ drainMs: 0 })
      await second.clock.advance(100)
      await closed
    })
    await second.listening.listen(port, { host: '127.0.0.1' })
    for (let tries = 0; tries < 20 && stateOf(client) !== 'open'; tries++) {
      await clock.advance(1_000)
      await quiet()
    }
    expect(await call).toBe('root under ada has banned bob')
    await eventually(() => stateOf(desk) === 'joined', 'it is joined again')
    await eventually(() => second.seen.length === 3, 'all has come')
    expect(second.seen).toEqual(['in root', 'ban bob by root', 'admin note late by root'])
  })
})

describe('a namespace', () => {
  test('that nobody uses is not opened, and reading it sends nothing', async () => {
    const tap = tapWire()
    const { url, asked } = await stage()
    const { client } = clientOf(url, withCode('root'))
    await client.connect()
    expect(client.ns.admin).toBe(client.ns.admin)
    expect(client.ns.admin.call.ban).toBe(client.ns.admin.call.ban)
    expect(Object.prototype.toString.call(client.ns.admin.call)).toBe('[object Typewire.call]')
    expect('then' in client.ns).toBe(false)
    await quiet()
    expect(asked).toEqual([])
    expect(tap.fromClient().filter(([kind]) => kind === frames.call.kind)).toEqual([])
  })

  test('opens when it is listened to', async () => {
    const { url, server } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const heard: string[] = []
    client.ns.admin.on.alert(({ text }) => (heard.push(text), ''))
    await untilState(client.ns.admin, 'open')
    server.ns.admin.emit.alert({ text: 'x' })
    await eventually(() => heard.length === 1, 'it is heard')
    expect(heard).toEqual(['x'])
  })

  test('narrows its errors by its verbs', async () => {
    const { url } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const { admin } = client.ns
    const error: unknown = await admin.call.ban('king').catch((thrown: unknown) => thrown)
    if (!isErrorOf(admin.call.ban, error) || error.code !== 'KING') throw new Error('it is not told')
    expect(error.data.of).toBe('root')
    expect(isErrorOf(client.call.echo, error)).toBe(false)
    expect(isErrorOf(client.ns.lab.call.echo, error)).toBe(false)
  })

  test('closed by the client ends what waits in it, and opens again when it is asked to (NS-4)', async () => {
    const { url, server, signals, seen } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const { admin } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await desk.ready
    await admin.ns.audit.call.who()
    const held = settled(admin.call.hold(), 'the call')
    await eventually(() => signals.length === 1, 'it runs')
    await admin.close()
    expect(await held).toMatchObject({ reason: { code: 'CLOSED', outcome: 'unknown', origin: 'admin/hold' } })
    expect(desk.status.current).toMatchObject({ state: 'left', by: 'client', reason: { code: 'CLOSED' } })
    expect(stateOf(admin.ns.audit)).toBe('closed')
    expect(signals[0]!.aborted).toBe(true)
    expect([...server.ns.admin.sessions]).toEqual([])
    await expect(admin.call.ban('bob')).rejects.toMatchObject({
      code: 'CLOSED',
      message: 'admin/ban: the namespace admin was closed. open() opens it again.',
    })
    expect(await client.call.echo('x')).toBe('x')
    await admin.open()
    expect(await admin.call.ban('bob')).toBe('root under ada has banned bob')
    expect(seen).toEqual(['in root', 'out root', 'in root', 'ban bob by root'])
  })

  test('that is closed while it is being opened is not opened (NS-4)', async () => {
    const ready: (() => void)[] = []
    const { url, server } = await stage({
      readCode: (code) => new Promise((resolve) => ready.push(() => resolve({ identity: code, code } as never))),
    })
    const { client } = clientOf(url, withCode('root'))
    const opened = settled(client.ns.admin.open(), 'the opening')
    await eventually(() => ready.length === 1, 'authenticate is asked')
    await client.ns.admin.close()
    expect(await opened).toMatchObject({ reason: { code: 'CLOSED' } })
    ready[0]!()
    await quiet()
    expect([...server.ns.admin.sessions]).toEqual([])
  })

  test('closed by the server says so, and leaves all else (NS-5)', async () => {
    const { url, server, signals } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const { admin } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await desk.ready
    const held = settled(admin.call.hold(), 'the call')
    await eventually(() => signals.length === 1, 'it runs')
    const [session] = [...server.ns.admin.sessions]
    session!.close('you were dismissed')
    expect(await held).toMatchObject({
      reason: {
        code: 'FORBIDDEN',
        outcome: 'unknown',
        message: 'admin/hold: the namespace admin was closed by the server: you were dismissed.',
      },
    })
    expect(admin.status.current).toMatchObject({
      state: 'closed',
      reason: 'the namespace admin was closed by the server: you were dismissed.',
    })
    expect(desk.status.current).toMatchObject({ state: 'left', by: 'server', reason: { code: 'FORBIDDEN' } })
    expect(stateOf(client)).toBe('open')
    expect(await client.call.echo('x')).toBe('x')
    expect(admin.rooms.desk.instances.current).toEqual([])
  })

  test('shows new credentials before they are over, and again when they are revoked (NS-6, NS-7)', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { url, server, seen } = await stage()
    let shown = 0
    const auth = () => ({ code: `root.${60 + shown++}` })
    const { client, clock } = clientOf(url, { namespaces: { admin: { auth } } })
    const { admin } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await desk.ready
    await clock.advance(48_001) // four fifths, and chance is 0
    await eventually(() => [...server.ns.admin.sessions][0]!.ctx.code === 'root.61', 'they are renewed')
    const states: string[] = []
    admin.status.subscribe(() => states.push(stateOf(admin)))
    desk.status.subscribe(() => states.push(`desk ${stateOf(desk)}`))
    ;[...server.ns.admin.sessions][0]!.revoke()
    await eventually(() => states.includes('desk joined'), 'it is joined again')
    expect(states).toEqual(['opening', 'desk rejoining', 'open', 'desk joined'])
    expect(await admin.call.ban('bob')).toBe('root under ada has banned bob')
    expect(seen).toEqual(['in root.60', 'out root.60', 'in root.62', 'ban bob by root.62'])
    await admin.reauthenticate()
    expect([...server.ns.admin.sessions][0]!.ctx.code).toBe('root.63')
  })

  test('with credentials that cannot be others is closed when they are revoked (NS-7)', async () => {
    const { url, server } = await stage()
    const { client } = clientOf(url, withCode('root'))
    await client.ns.admin.open()
    ;[...server.ns.admin.sessions][0]!.revoke('stolen')
    await untilState(client.ns.admin, 'closed')
    expect(stateOf(client)).toBe('open')
  })

  test('whose server cannot tell for the moment is opened a little later (NS-2)', async () => {
    let isBroken = true
    const { url, asked } = await stage({
      readCode: (code) => {
        if (isBroken) throw new Error('the database is away')
        return { identity: code, code }
      },
    })
    const { client, clock } = clientOf(url, { ...withCode('root'), reconnect: { random: () => 0.5 } })
    const call = client.ns.admin.call.ban('bob')
    await eventually(() => asked.length === 1, 'it was asked')
    isBroken = false
    await quiet(100)
    expect([stateOf(client.ns.admin), asked.length]).toEqual(['opening', 1])
    for (let tries = 0; tries < 20 && asked.length === 1; tries++) {
      await clock.advance(250)
      await quiet()
    }
    expect(await call).toBe('root under ada has banned bob')
  })

  test('waits no longer than its callers do', async () => {
    const { url, clock: _ } = await stage({ readCode: () => new Promise<never>(() => {}) })
    const { client, clock } = clientOf(url, withCode('root'))
    await client.connect()
    const call = settled(client.ns.admin.call.ban('bob', { timeoutMs: 1_000 }), 'the call')
    const controller = new AbortController()
    const aborted = settled(client.ns.admin.call.ban('bob', { signal: controller.signal }), 'the other')
    await quiet()
    controller.abort()
    expect(await aborted).toMatchObject({ reason: { code: 'ABORTED' } })
    await clock.advance(1_000)
    expect(await call).toMatchObject({ reason: { code: 'TIMED_OUT', origin: 'admin/ban', outcome: 'not_sent' } })
  })

  test('that cannot open ends a join without a time limit, while there is a connection', async () => {
    const { url, asked, cut } = await stage()
    const never = new Promise<{ code: string }>(() => {})
    const it = clientOf(url, { namespaces: { admin: { auth: () => never } } })
    const desk = it.client.ns.admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    const ready = settled(desk.ready, 'the join')
    await it.client.connect()
    await it.clock.advance(34_999)
    expect(stateOf(desk)).toBe('joining')
    cut()
    await eventually(() => stateOf(it.client) === 'waiting', 'the link is gone')
    await it.clock.advance(1)
    await untilConnected(it)
    expect(stateOf(desk)).toBe('joining') // without a connection it waits as long as that is away
    await it.clock.advance(35_000)
    expect(await ready).toMatchObject({
      reason: { code: 'TIMED_OUT', outcome: 'not_sent', message: expect.stringContaining('admin is not open yet') },
    })
    expect([stateOf(desk), stateOf(it.client.ns.admin), asked.length]).toEqual(['denied', 'opening', 0])
  })

  test('of another identity than before hears nothing of what the one before asked (NS-8)', async () => {
    const { url, server, seen } = await stage()
    const codes = ['root', 'kim']
    const { client } = clientOf(url, { namespaces: { admin: { auth: () => ({ code: codes.shift()! }) } } })
    const { admin } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await desk.ready
    const states: string[] = []
    desk.status.subscribe(() => states.push(stateOf(desk)))
    ;[...server.ns.admin.sessions][0]!.revoke()
    await eventually(() => states.includes('left'), 'it is left')
    await untilState(admin, 'open')
    expect(await server.ns.admin.rooms.desk({ id: 1 }).members()).toEqual([])
    expect(seen).toEqual(['in root', 'out root', 'in kim'])
  })

  test('with another identity of the whole client goes on as the new one alone (RS-10)', async () => {
    const { url, seen, server, clock: serverClock } = await stage({ windowMs: 0 })
    const names = ['ada', 'eve']
    const { client, clock } = clientOf(url, { auth: () => names.shift()!, ...withCode('root') })
    const { admin } = client.ns
    await admin.open()
    ;[...server.sessions][0]!.revoke()
    await eventually(() => stateOf(client) !== 'open', 'the link is lost')
    const asked = settled(admin.call.ban('bob'), 'the call')
    admin.emit.note({ text: 'as ada' })
    await serverClock.advance(100)
    await clock.advance(1_000)
    expect(await asked).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent' } })
    await untilState(admin, 'open')
    expect(await admin.call.ban('kim')).toBe('root under eve has banned kim')
    expect(seen.filter((what) => what.includes('note'))).toEqual([])
  })

  test('ends with the client', async () => {
    const { url } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const { admin } = client.ns
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await desk.ready
    await client.close()
    await expect(admin.call.ban('bob')).rejects.toMatchObject({ code: 'CLOSED' })
    expect(desk.status.current).toMatchObject({ state: 'left', by: 'client' })
    expect(stateOf(admin)).toBe('idle')
    await admin.close()
  })

  test('that waits ends with the client', async () => {
    const { client } = clientOf('http://127.0.0.1:9', withCode('root'))
    const { admin } = client.ns
    const call = settled(admin.call.ban('bob'), 'the call')
    const desk = admin.join.desk({ id: 1 }, { presence: { mood: 'fine' } })
    await quiet()
    await client.close()
    expect(await call).toMatchObject({ reason: { code: 'CLOSED' } })
    expect(stateOf(desk)).toBe('left')
  })

  test('is validated at the client where it has the contract', async () => {
    const { url } = await stage()
    const client = createClient<Site>({ url, contract: site, namespaces: { admin: { auth: { code: 'root' } } } })
    onTestFinished(() => client.close())
    await expect(client.ns.admin.call.ban(1 as never)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      origin: 'admin/ban',
    })
    expect(() => client.ns.admin.emit.note({ text: 1 } as never)).toThrow('admin/note: text: Invalid input')
    expect(await client.ns.admin.call.ban('bob')).toBe('root under ada has banned bob')
  })
})
