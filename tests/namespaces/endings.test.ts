import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { clientOf, readCode, stage, stateOf, untilConnected, untilState } from './stage.ts'

// What becomes of what is asked of a namespace when an opening of it ends.

failOnUnhandledRejections()

const withCode = (code: string | (() => unknown)) => ({
  namespaces: { admin: { auth: (typeof code === 'string' ? { code } : code) as { code: string } } },
})
const presence = { mood: 'fine' }

/** Credentials of the one that is given at first, then of those that the test gives. */
function laterCredentials() {
  let give: (() => void) | undefined
  let asked = 0
  const auth = () =>
    asked++ === 0 ? { code: 'root' } : new Promise((resolve) => (give = () => resolve({ code: 'root' })))
  return { auth, isAsked: () => give !== undefined, give: () => give!() }
}

describe('closed by the client', () => {
  test('while the link is down, it is closed at the server when that is back (NS-4)', async () => {
    const { url, server, seen, cut } = await stage()
    const it = clientOf(url, withCode('root'))
    const { admin } = it.client.ns
    const desk = admin.join.desk({ id: 1 }, { presence })
    await desk.ready
    cut()
    await eventually(() => stateOf(it.client) !== 'open', 'the link is lost')
    admin.emit.note({ text: 'late' })
    desk.emit.say({ text: 'late' })
    const call = settled(admin.call.ban('bob'), 'the call')
    await admin.close()
    expect(await call).toMatchObject({ reason: { code: 'CLOSED', outcome: 'not_sent' } })
    expect(it.errors).toMatchObject([
      { code: 'CLOSED', origin: 'admin/note', outcome: 'not_sent' },
      { code: 'CLOSED', origin: 'admin/desk.say', outcome: 'not_sent' },
    ])
    await untilConnected(it)
    expect(it.client.status.current).toMatchObject({ recovered: true })
    await eventually(() => [...server.ns.admin.sessions].length === 0, 'the server knows')
    expect(await server.ns.admin.rooms.desk({ id: 1 }).members()).toEqual([])
    expect(seen).toEqual(['in root', 'out root'])
  })

  test('is not opened again by credentials that come late (NS-6)', async () => {
    const { auth, isAsked, give } = laterCredentials()
    const { url, server, seen } = await stage()
    const { admin } = clientOf(url, withCode(auth)).client.ns
    await admin.open()
    const renewed = settled(admin.reauthenticate(), 'the renewal')
    await eventually(isAsked, 'auth is asked')
    await admin.close()
    expect(await renewed).toMatchObject({ reason: { code: 'CLOSED' } })
    give()
    await quiet()
    expect([stateOf(admin), [...server.ns.admin.sessions].length]).toEqual(['closed', 0])
    expect(seen).toEqual(['in root', 'out root'])
  })

  test('settles what was asked of its rooms', async () => {
    const { url } = await stage({ mayRead: () => new Promise(() => {}) })
    const { admin } = clientOf(url, withCode('root')).client.ns
    const desk = admin.join.desk({ id: 1 }, { presence })
    await desk.ready
    const page = settled(desk.history(), 'the history')
    await quiet()
    await admin.close()
    expect(await page).toMatchObject({ reason: { code: 'CLOSED', outcome: 'unknown' } })
  })

  test('hears nothing of what was on its way (NS-3)', async () => {
    const { url, server } = await stage()
    const { admin } = clientOf(url, withCode('root')).client.ns
    const heard: string[] = []
    admin.on.alert(({ text }) => (heard.push(text), ''))
    await admin.open()
    const [session] = [...server.ns.admin.sessions]
    server.ns.admin.emit.alert({ text: 'x' })
    void session!.join(server.ns.admin.rooms.vault())
    const asked = settled(session!.emitWithAck.alert({ text: 'y' }), 'the question')
    void admin.close()
    await quiet()
    expect(heard).toEqual([])
    expect(admin.rooms.vault.instances.current).toEqual([])
    expect(await asked).toMatchObject({ status: 'rejected' })
  })

  test('is closed at the server while as many calls run as may (NS-4, LM-2)', async () => {
    const { url, server, signals, seen } = await stage({ maxCalls: 64 })
    const { client } = clientOf(url, { namespaces: { admin: { auth: { code: 'root' } } } })
    const { admin, lab } = client.ns
    await Promise.all([admin.open(), lab.open()])
    const running = Array.from({ length: 64 }, (_, n) => settled(lab.call.hold(), `call ${n}`))
    await eventually(() => signals.length === 64, 'all run')
    const waits = settled(client.call.echo('x'), 'what waits')
    await admin.close()
    await eventually(() => [...server.ns.admin.sessions].length === 0, 'it is closed')
    expect(seen).toEqual(['in root', 'out root'])
    await lab.close()
    expect(await waits).toMatchObject({ value: 'x' })
    for (const call of running) expect(await call).toMatchObject({ reason: { code: 'CLOSED' } })
    await admin.open()
    expect(seen).toEqual(['in root', 'out root', 'in root'])
  })

  test('and opened again at once, is opened without a wait (NS-2)', async () => {
    const { url, clock: _, asked } = await stage()
    const { client } = clientOf(url, { ...withCode('root'), reconnect: { random: () => 0.9 } })
    const { admin } = client.ns
    await client.connect()
    const first = settled(admin.open(), 'the first')
    await eventually(() => asked.length === 1, 'authenticate is asked')
    void admin.close()
    await admin.open()
    await first
    expect(await admin.call.ban('bob')).toBe('root under ada has banned bob')
  })

  test('leaves what lies in it to be opened again with it', async () => {
    const { url } = await stage()
    const { admin } = clientOf(url, withCode('root')).client.ns
    const { audit } = admin.ns
    await audit.call.who()
    const states: string[] = []
    audit.status.subscribe(() => states.push(stateOf(audit)))
    await admin.close()
    await expect(audit.call.who()).rejects.toMatchObject({ code: 'CLOSED' })
    await admin.open()
    await untilState(audit, 'open')
    expect(states).toEqual(['closed', 'opening', 'open'])
    expect(await audit.call.who()).toBe('root')
  })
})

test('what is only listened to opens with what it lies in, when that is opened again', async () => {
  const { url, server } = await stage()
  const { admin } = clientOf(url, withCode('root')).client.ns
  await admin.open()
  await admin.close()
  const heard: string[] = []
  admin.ns.audit.on.entry(({ text }) => void heard.push(text))
  await admin.open()
  await untilState(admin.ns.audit, 'open')
  server.ns.admin.ns.audit.emit.entry({ text: 'x' })
  await eventually(() => heard.length === 1, 'it is heard')
  expect(heard).toEqual(['x'])
})

describe('closed by the server', () => {
  test('is not opened again by credentials that come late (NS-6)', async () => {
    const { auth, isAsked, give } = laterCredentials()
    const { url, server } = await stage()
    const { admin } = clientOf(url, withCode(auth)).client.ns
    await admin.open()
    const renewed = settled(admin.reauthenticate(), 'the renewal')
    await eventually(isAsked, 'auth is asked')
    ;[...server.ns.admin.sessions][0]!.close('dismissed')
    expect(await renewed).toMatchObject({ reason: { code: 'FORBIDDEN' } })
    give()
    await quiet()
    expect([stateOf(admin), [...server.ns.admin.sessions].length]).toEqual(['closed', 0])
  })

  test('to be opened again, what had not come to it is asked again, in order (NS-5)', async () => {
    const { url, server, seen, errors } = await stage()
    const { client, errors: told } = clientOf(
      url,
      withCode(() => ({ code: 'root' })),
    )
    const { admin } = client.ns
    await admin.open()
    ;[...server.ns.admin.sessions][0]!.revoke('expired')
    const call = admin.call.ban('bob')
    admin.emit.note({ text: '2' })
    const signed = admin.emitWithAck.sign({ text: '3' })
    const desk = admin.join.desk({ id: 1 }, { presence })
    expect(await call).toBe('root under ada has banned bob')
    expect(await signed).toBe('signed 3')
    await desk.ready
    expect(seen).toEqual(['in root', 'out root', 'in root', 'ban bob by root', 'admin note 2 by root'])
    expect([...errors, ...told].map(String)).toEqual(['TypewireError: event admin/note: namespace admin is not open.'])
  })

  test('to be opened again, a call that has run is not run again (NS-5, CA-6)', async () => {
    const { url, server, signals } = await stage({ maxCalls: 64 })
    const { admin } = clientOf(
      url,
      withCode(() => ({ code: 'root' })),
    ).client.ns
    await admin.open()
    const holds = Array.from({ length: 64 }, () => settled(admin.call.hold(), 'the call'))
    await eventually(() => signals.length === 64, 'they run')
    const queued = admin.call.ban('bob')
    ;[...server.ns.admin.sessions][0]!.revoke('expired')
    for (const hold of holds) expect(await hold).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'unknown' } })
    expect(await queued).toBe('root under ada has banned bob')
    expect(signals).toHaveLength(64)
  })

  test('to be opened again, a join that was under way is asked again (NS-5)', async () => {
    let asked = 0
    const { url, server } = await stage({ authorize: () => (asked++ === 0 ? new Promise<never>(() => {}) : true) })
    const { admin } = clientOf(
      url,
      withCode(() => ({ code: 'root' })),
    ).client.ns
    const desk = admin.join.desk({ id: 1 }, { presence })
    await eventually(() => asked === 1, 'it is judged')
    ;[...server.ns.admin.sessions][0]!.revoke('expired')
    await desk.ready
    expect(stateOf(desk)).toBe('joined')
  })

  test('right behind its opening, it is opened again, and what waited is not lost (NS-5)', async () => {
    let openings = 0
    const { url, seen } = await stage({
      onOpen: (session) => {
        if (openings++ === 0) session.revoke()
      },
    })
    const { admin } = clientOf(
      url,
      withCode(() => ({ code: 'root' })),
    ).client.ns
    const call = admin.call.ban('bob')
    admin.emit.note({ text: 'x' })
    const desk = admin.join.desk({ id: 1 }, { presence })
    expect(await call).toBe('root under ada has banned bob')
    await desk.ready
    expect(seen).toEqual(['in root', 'out root', 'in root', 'ban bob by root', 'admin note x by root'])
  })

  test('again and again, it is opened with growing pauses (NS-7)', async () => {
    let openings = 0
    const { url } = await stage({ onOpen: (session) => (openings++, session.revoke()) })
    const { client, clock } = clientOf(url, { ...withCode(() => ({ code: 'root' })), reconnect: { random: () => 0.5 } })
    await client.connect()
    client.ns.admin.on.alert(() => '')
    await eventually(() => openings === 2, 'it is opened again')
    await quiet(40)
    expect(openings).toBe(2)
    await clock.advance(260) // half of 500 ms, and what a time limit is kept to
    await eventually(() => openings === 3, 'and again')
  })

  test('with what it lies in, one without credentials of its own is opened again with that (NS-7)', async () => {
    const { url, server } = await stage()
    const { admin } = clientOf(
      url,
      withCode(() => ({ code: 'root' })),
    ).client.ns
    await admin.ns.audit.call.who()
    const states: string[] = []
    admin.ns.audit.status.subscribe(() => states.push(stateOf(admin.ns.audit)))
    ;[...server.ns.admin.sessions][0]!.revoke()
    await eventually(() => states.includes('open'), 'it is open again')
    expect(states).toEqual(['opening', 'open'])
    expect(await admin.ns.audit.call.who()).toBe('root')
  })

  test('and opened as another identity, what lies in it takes nothing along (NS-8)', async () => {
    const codes = ['root', 'kim']
    const { url, server } = await stage()
    const { client, errors } = clientOf(
      url,
      withCode(() => ({ code: codes.shift()! })),
    )
    const { admin } = client.ns
    await admin.ns.audit.call.who()
    ;[...server.ns.admin.sessions][0]!.revoke()
    await eventually(() => stateOf(admin) !== 'open', 'it is closed')
    const asked = settled(admin.ns.audit.call.who(), 'what one has asked')
    expect(await asked).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent' } })
    await untilState(admin.ns.audit, 'open')
    expect(await admin.ns.audit.call.who()).toBe('kim')
    expect(errors).toEqual([])
  })

  test('and opened by somebody where there was nobody, what nobody asked is not sent (NS-8)', async () => {
    const names = [null, 'kim']
    const { url, server, seen } = await stage({
      readCode: (code) => ({ identity: names.shift() ?? null, code }),
    })
    const { client, errors } = clientOf(
      url,
      withCode(() => ({ code: 'x' })),
    )
    const { admin } = client.ns
    await admin.open()
    ;[...server.ns.admin.sessions][0]!.revoke()
    await eventually(() => stateOf(admin) !== 'open', 'it is closed')
    admin.emit.note({ text: 'asked as nobody' })
    await untilState(admin, 'open')
    await quiet()
    expect(seen).toEqual(['in x', 'out x', 'in x'])
    expect(errors).toMatchObject([{ code: 'SESSION_LOST', outcome: 'not_sent' }])
  })

  test('whole, it is opened again when the client connects again', async () => {
    const { url, server } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const heard: string[] = []
    client.ns.admin.on.alert(({ text }) => (heard.push(text), ''))
    await untilState(client.ns.admin, 'open')
    ;[...server.sessions][0]!.close()
    await eventually(() => stateOf(client) === 'closed', 'the client is closed')
    expect(stateOf(client.ns.admin)).toBe('idle')
    await client.connect()
    await untilState(client.ns.admin, 'open')
    server.ns.admin.emit.alert({ text: 'x' })
    await eventually(() => heard.length === 1, 'it is heard')
  })
})

describe('what waits for a namespace', () => {
  test('is sent in the order in which it was asked', async () => {
    const { url, seen } = await stage()
    const { admin } = clientOf(url, withCode('root')).client.ns
    const first = admin.call.ban('1')
    admin.emit.note({ text: '2' })
    const third = admin.call.ban('3')
    admin.emit.note({ text: '4' })
    await Promise.all([first, third])
    await eventually(() => seen.length === 5, 'all has come')
    expect(seen.map((what) => /\d/.exec(what)?.[0]).join('')).toBe('1234')
  })

  test('is what it was when it was asked, and is refused at once where it cannot travel', async () => {
    const { url } = await stage()
    const { client } = clientOf(url, withCode('root'))
    const { admin } = client.ns
    const refused = settled(admin.call.ban((() => {}) as never), 'the call')
    expect(await refused).toMatchObject({ reason: { code: 'INVALID_INPUT', origin: 'admin/ban' } })
    expect(stateOf(client)).toBe('idle')
    const payload = { text: 'a' }
    const signed = admin.emitWithAck.sign(payload)
    payload.text = 'b'
    expect(await signed).toBe('signed a')
  })

  test('is bounded in bytes (SQ-6)', async () => {
    const { admin } = clientOf('http://127.0.0.1:9', withCode('root')).client.ns
    const large = 'x'.repeat(1_000_000)
    const calls = Array.from({ length: 4 }, () => settled(admin.call.ban(large), 'the call'))
    await expect(admin.call.ban(large)).rejects.toMatchObject({ code: 'OVERLOADED' })
    expect(() => admin.emit.note({ text: large })).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    await admin.close()
    for (const call of calls) expect(await call).toMatchObject({ reason: { code: 'CLOSED' } })
  })

  test('is bounded in bytes with all else that waits, whatever it waits for (SQ-6)', async () => {
    const { client } = clientOf('http://127.0.0.1:9', withCode('root'))
    const { admin, lab } = client.ns
    const large = 'x'.repeat(1_000_000)
    const calls = [admin.call.ban(large), lab.call.echo(large)].map((call) => settled(call, 'the call'))
    admin.join.desk({ id: 1 }, { presence }).emit.say({ text: large })
    client.emit.note({ text: large })
    const overloaded = expect.objectContaining({ code: 'OVERLOADED' })
    await expect(admin.call.ban(large)).rejects.toEqual(overloaded)
    await expect(lab.call.echo(large)).rejects.toEqual(overloaded)
    await expect(client.call.echo(large)).rejects.toEqual(overloaded)
    expect(() => admin.emit.note({ text: large })).toThrow(overloaded)
    expect(() => client.emit.note({ text: large })).toThrow(overloaded)
    expect(() => admin.join.desk({ id: 2 }, { presence }).emit.say({ text: large })).toThrow(overloaded)
    await admin.close()
    calls.push(settled(lab.call.echo(large), 'another'))
    await client.close()
    for (const call of calls) expect(await call).toMatchObject({ reason: { code: 'CLOSED' } })
  })

  test('is bounded in number with all else that is asked', async () => {
    const { client } = clientOf('http://127.0.0.1:9', withCode('root'))
    const { admin, lab } = client.ns
    const ask = [() => admin.call.ban('x'), () => lab.call.echo('x'), () => client.call.echo('x')]
    const calls = Array.from({ length: 9_999 }, (_, n) => ask[n % 3]!().catch(() => 'closed'))
    const last = settled(lab.call.echo('x'), 'the 10,000th')
    for (const askMore of ask) await expect(askMore()).rejects.toMatchObject({ code: 'OVERLOADED' })
    await client.close()
    expect(await last).toMatchObject({ reason: { code: 'CLOSED' } })
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['closed']))
  })

  test('up to its bound is sent whole when that is open', async () => {
    const { url } = await stage()
    const { client, errors } = clientOf(url, withCode('root'))
    const { admin, lab } = client.ns
    const text = 'x'.repeat(1_000)
    const desk = admin.join.desk({ id: 1 }, { presence })
    const isSaid: string[] = []
    desk.on.said(() => void isSaid.push('said'))
    const outcomes: Promise<string>[] = []
    let said = 0
    // Until no more is taken, then a little more.
    for (let n = 0; n < 5_000; n++) {
      const call = n % 2 === 0 ? lab.call.echo(text) : admin.call.ban(text)
      outcomes.push(
        call.then(
          () => 'answered',
          ({ code }) => code,
        ),
      )
      if (n % 10 > 0 || n > 3_000) continue
      desk.emit.say({ text })
      said++
    }
    const told = await Promise.all(outcomes)
    const refused = told.filter((outcome) => outcome !== 'answered')
    expect(new Set(refused)).toEqual(new Set(['OVERLOADED']))
    expect(told.indexOf('OVERLOADED')).toBe(told.length - refused.length) // those that came last, and no other
    await eventually(() => isSaid.length === said, 'all that was said is heard')
    expect(errors).toEqual([])
  })

  test('is bounded in number', async () => {
    const { admin } = clientOf('http://127.0.0.1:9', withCode('root')).client.ns
    const calls = Array.from({ length: 10_000 }, () => admin.call.ban('x').catch(() => 'closed'))
    await expect(admin.call.ban('x')).rejects.toMatchObject({ code: 'OVERLOADED' })
    await admin.close()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['closed']))
  })

  test('is told of when the client is closed', async () => {
    const { client, errors } = clientOf('http://127.0.0.1:9', withCode('root'))
    client.ns.admin.emit.note({ text: 'x' })
    client.ns.admin.emit.note({ text: 'y' })
    await client.close()
    expect(errors).toMatchObject([{ code: 'CLOSED', outcome: 'not_sent', message: expect.stringMatching(/^2 events/) }])
  })

  test('is dropped once, also where onError sends more', async () => {
    const codes = ['root', 'kim']
    const { url, server } = await stage()
    let told = 0
    const { client } = clientOf(url, {
      ...withCode(() => ({ code: codes.shift()! })),
      onError: () => {
        told++
        client.ns.admin.emit.note({ text: 'again' })
      },
    })
    const { admin } = client.ns
    await admin.open()
    ;[...server.ns.admin.sessions][0]!.revoke()
    await eventually(() => stateOf(admin) !== 'open', 'it is closed')
    admin.emit.note({ text: 'x' })
    await untilState(admin, 'open')
    expect(told).toBe(1)
  })
})

describe('new credentials', () => {
  const begin = async (options: Parameters<typeof stage>[0] = {}) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const staged = await stage(options)
    let shown = 0
    const it = clientOf(
      staged.url,
      withCode(() => ({ code: `root.${60 + shown++}` })),
    )
    await it.client.ns.admin.open()
    return { ...staged, it, code: () => [...staged.server.ns.admin.sessions][0]?.ctx.code }
  }

  test('that were due while the link was down are shown when it is back (NS-7)', async () => {
    const { it, cut, code } = await begin()
    await it.clock.advance(40_000)
    cut()
    await eventually(() => stateOf(it.client) !== 'open', 'the link is lost')
    const away = it.clock.advance(8_001)
    await away
    await untilConnected(it)
    await eventually(() => code() === 'root.61', 'they are renewed')
    expect(it.client.status.current).toMatchObject({ recovered: true })
  })

  test('that could not be judged for the moment are shown again while there is time (NS-7)', async () => {
    let asked = 0
    const { it, code } = await begin({
      readCode: (read) => {
        if (++asked === 2) throw new Error('the database is away')
        return readCode(read)
      },
    })
    await it.clock.advance(48_001)
    await eventually(() => asked === 2, 'they are shown')
    await eventually(() => it.errors.length === 1, 'it is told')
    await it.clock.advance(1_020)
    await eventually(() => code() === 'root.62', 'they are renewed')
    expect(it.errors).toMatchObject([{ code: 'INTERNAL' }])
  })

  test('are asked for once where the namespace is opened by it', async () => {
    const { url } = await stage()
    let asked = 0
    const { admin } = clientOf(
      url,
      withCode(() => (asked++, { code: 'root' })),
    ).client.ns
    await admin.reauthenticate()
    expect([stateOf(admin), asked]).toEqual(['open', 1])
    await expect(admin.reauthenticate({ timeoutMs: -1 })).rejects.toThrow(RangeError)
  })

  test('are waited for no longer than the client waits', async () => {
    const { url } = await stage()
    let asked = 0
    const auth = () => (asked++ === 0 ? { code: 'root' } : new Promise(() => {}))
    const { client, clock } = clientOf(url, { ...withCode(auth), timeoutMs: 1_000 })
    await client.ns.admin.open()
    const renewed = settled(client.ns.admin.reauthenticate(), 'the renewal')
    await eventually(() => asked === 2, 'auth is asked')
    await clock.advance(1_000)
    expect(await renewed).toMatchObject({ reason: { code: 'TIMED_OUT' } })
  })
})

test('a namespace that an older node does not have is asked for again in the next session (NS-2)', async () => {
  const { url, cut } = await stage({ windowMs: 0 })
  const it = clientOf(url)
  const { nothing } = it.client.ns as unknown as Record<string, typeof it.client.ns.lab>
  await expect(nothing!.call.echo('x')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const states: string[] = []
  nothing!.status.subscribe(() => states.push(stateOf(nothing!)))
  cut()
  await eventually(() => stateOf(it.client) !== 'open', 'the link is lost')
  await untilConnected(it)
  await untilState(nothing!, 'closed')
  expect(states).toEqual(['opening', 'closed'])
})

test('an opening that fails for long leaves no listener behind', async () => {
  const { url, asked } = await stage({
    readCode: () => {
      throw new Error('the database is away')
    },
  })
  const warnings: Error[] = []
  const onWarning = (warning: Error) => void warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const { client, clock } = clientOf(url, { ...withCode('root'), reconnect: { random: () => 0.5 } })
  client.ns.admin.on.alert(() => '')
  for (let tries = 1; tries <= 14; tries++) {
    await eventually(() => asked.length === tries, 'authenticate is asked')
    await quiet()
    await clock.advance(15_000)
  }
  expect(warnings).toEqual([])
})
