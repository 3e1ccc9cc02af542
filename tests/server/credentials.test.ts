import { createClient } from '@typewire/client'
import { defineContract, event, procedure, TypewireError } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer, type Identified } from '@typewire/server'
import { connectRawPeer, createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const contract = defineContract({
  auth: z.object({ token: z.string() }),
  procedures: { token: procedure({ output: z.string() }) },
  events: { toServer: { note: event(z.string()) }, toClient: { news: event(z.string()) } },
})
type Guarded = typeof contract
interface Ctx extends Identified {
  readonly token: string
}

/** Tokens are `name.version.seconds`: who, which one, and for how long it is good. */
function readToken(token: string): Ctx {
  const [identity = '', , seconds] = token.split('.')
  if (identity === 'mallory') throw new TypewireError('UNAUTHORIZED', 'mallory is banned')
  return { identity, token, ...(seconds ? { expiresAtMs: Date.now() + Number(seconds) * 1_000 } : {}) }
}

type Authenticate = (token: string) => Ctx | Promise<Ctx>

/** A server with time that stands still. `expiresAtMs` is of the real clock, of which a test takes no noticeable time. */
async function start(authenticate: Authenticate = readToken) {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const clock = createFakeClock()
  const notes: string[] = []
  let held: Promise<void> | undefined
  let letGo = () => {}
  /** Whether what is noted from now on runs until it is let go. */
  const hold = (isHeld: boolean) => {
    letGo()
    held = isHeld ? new Promise((resolve) => (letGo = resolve)) : undefined
  }
  const asked: string[] = []
  const server = createServer(contract, {
    authenticate: ({ auth }) => {
      asked.push(auth.token)
      return authenticate(auth.token)
    },
    heartbeat: false,
    maxCalls: 64,
    clock,
    onError: () => {},
  })
  const listening = server.implement({
    procedures: { token: ({ ctx }) => ctx.token },
    events: {
      note: ({ ctx, payload }) => {
        notes.push(`${ctx.token}: ${payload}`)
        return held
      },
    },
  })
  const { url } = await serve(listening, clock)
  const client = (auth: () => { token: string } | Promise<{ token: string }>) => {
    const clientClock = createFakeClock()
    const errors: unknown[] = []
    const made = createClient<Guarded>({
      url,
      auth,
      clock: clientClock,
      transports: ['websocket'],
      reconnect: { random: () => 0 },
      onError: (error) => void errors.push(error),
    })
    onTestFinished(() => made.close())
    return { ...made, clock: clientClock, errors }
  }
  const peer = async (token: string) => {
    const raw = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => raw.cut())
    const welcome = await raw.hello({ auth: { token } })
    return { ...raw, welcome }
  }
  const session = () => [...server.sessions][0]!
  /** Both sides' time, and that of the calendar, go on. */
  const pass = async (ms: number, ...clocks: { readonly advance: (ms: number) => Promise<void> }[]) => {
    vi.setSystemTime(Date.now() + ms)
    for (const each of [clock, ...clocks]) await each.advance(ms)
  }
  return { url, clock, notes, asked, client, peer, session, pass, hold }
}

/** Gives the next token each time it is asked; the last one from then on. */
function tokens(...given: string[]) {
  return () => ({ token: given.length > 1 ? given.shift()! : given[0]! })
}

const auth = (id: number, token: string) => [frames.call.kind, id, '$auth', 0, { token }]

describe('AU-1: credentials that expire', () => {
  test('the welcome says for how long they are good', async () => {
    const { peer } = await start()
    expect((await peer('ada.1.60')).welcome['authExpiresInMs']).toBe(60_000)
    expect((await peer('ada.1')).welcome['authExpiresInMs']).toBeUndefined()
  })

  test('the connection is closed when they are over, and the client comes back with new ones to the same session', async () => {
    const { client, session, pass, asked } = await start()
    const ada = client(() => ({ token: 'ada.1.1' })) // too short to be renewed in advance
    await ada.connect()
    const { id } = session()
    await pass(1_010)
    session().emit.news('kept for her')
    await eventually(() => ada.status.current.state === 'waiting', 'the client has been told')
    expect(ada.status.current).toMatchObject({ reason: 'AUTH_EXPIRED: the credentials have expired' })
    const heard = new Promise((resolve) => ada.on.news(resolve))
    await ada.clock.advance(1)
    await ada.connect()
    expect(ada.status.current).toMatchObject({ state: 'open', sessionId: id, recovered: true })
    expect(await heard).toBe('kept for her')
    expect(asked).toHaveLength(2)
  })

  test('a client whose auth is a function renews them in time, and stays connected', async () => {
    const { client, session, pass, asked } = await start()
    const ada = client(tokens('ada.1.60', 'ada.2.60', 'ada.3.60'))
    await ada.connect()
    for (const version of [2, 3]) {
      await pass(48_100, ada.clock)
      await eventually(() => asked.length === version, 'new credentials were shown')
      await eventually(() => session().ctx.token === `ada.${version}.60`, 'they count')
    }
    await pass(20_000) // past the time of the first and the second
    await quiet()
    expect(ada.status.current).toMatchObject({ state: 'open' })
    expect(await ada.call.token()).toBe('ada.3.60')
  })

  test('what is expired when it is shown is refused', async () => {
    const { client } = await start((token) => ({ identity: 'ada', token, expiresAtMs: Date.now() - 1 }))
    const ada = client(() => ({ token: 'old' }))
    await expect(ada.connect()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('the credentials have expired') as string,
    })
  })

  test('an expiresAtMs that is no number is the server’s fault, not the client’s', async () => {
    const { client } = await start((token) => ({ identity: 'ada', token, expiresAtMs: Number.NaN }))
    const ada = client(() => ({ token: 'ada' }))
    void ada.call.token().catch(() => {})
    await eventually(() => ada.status.current.state === 'waiting', 'the client waits')
    expect(ada.status.current).toMatchObject({ reason: expect.stringContaining('SERVER_ERROR') as string })
  })
})

describe('AU-2: new credentials in band', () => {
  test('reauthenticate asks auth again, and handlers get what authenticate made of it', async () => {
    const { client, session, asked } = await start()
    const ada = client(tokens('ada.1', 'ada.2'))
    await ada.connect()
    const { id } = session()
    await ada.reauthenticate()
    expect(asked).toEqual(['ada.1', 'ada.2'])
    expect(await ada.call.token()).toBe('ada.2')
    expect(session()).toMatchObject({ id, ctx: { token: 'ada.2' } })
  })

  test('what was sent before is handled with the old ones, what is sent behind with the new ones, in order', async () => {
    const release: (() => void)[] = []
    const { peer, notes } = await start(async (token) => {
      if (!token.startsWith('ada.1')) await new Promise<void>((resolve) => release.push(resolve))
      return readToken(token)
    })
    const raw = await peer('ada.1')
    const note = (text: string) => [frames.event.kind, 0, 'note', 0, text]
    raw.send(note('a'), auth(1, 'ada.2'), note('b'), auth(2, 'ada.3'), note('c'))
    await eventually(() => release.length === 1, 'authenticate was asked')
    raw.send([frames.call.kind, 3, 'token', 0], [frames.ping.kind, 0, 0])
    expect(await raw.readKind(frames.pong.kind)).toEqual([frames.pong.kind, 0, 6]) // reading goes on
    expect(notes).toEqual(['ada.1: a'])
    release[0]!()
    expect(await raw.read()).toEqual([frames.result.kind, 1, {}])
    await eventually(() => release.length === 2, 'authenticate was asked again')
    expect(notes).toEqual(['ada.1: a', 'ada.2: b'])
    release[1]!()
    expect(await raw.read()).toEqual([frames.result.kind, 2, {}])
    expect(await raw.read()).toEqual([frames.result.kind, 3, 'ada.3'])
    expect(notes).toEqual(['ada.1: a', 'ada.2: b', 'ada.3: c'])
  })

  test.each([
    ['refused ones', 'mallory.1', 'mallory is banned'],
    ['those of another identity', 'bob.1', 'another identity'],
  ])('%s are answered UNAUTHORIZED, and the old ones stay', async (_, token, message) => {
    const { client } = await start()
    const ada = client(tokens('ada.1', token))
    await ada.connect()
    await expect(ada.reauthenticate()).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining(message) as string,
    })
    expect(await ada.call.token()).toBe('ada.1')
    expect(ada.status.current).toMatchObject({ state: 'open' })
  })

  test('an authenticate that never answers holds nothing longer than its time limit', async () => {
    const { peer, clock } = await start((token) => (token === 'ada.1' ? readToken(token) : new Promise(() => {})))
    const raw = await peer('ada.1')
    raw.send(auth(1, 'ada.2'), [frames.call.kind, 2, 'token', 0])
    await quiet()
    await clock.advance(10_000)
    expect(await raw.read()).toMatchObject([
      frames.error.kind,
      1,
      'TIMED_OUT',
      expect.stringContaining('authenticate') as string,
      0,
    ])
    expect(await raw.read()).toEqual([frames.result.kind, 2, 'ada.1'])
  })

  test('what waits behind them is bounded (LM-3)', async () => {
    const { peer } = await start((token) => (token === 'ada.1' ? readToken(token) : new Promise(() => {})))
    const raw = await peer('ada.1')
    raw.send(auth(1, 'ada.2'))
    const note = [frames.event.kind, 0, 'note', 0, 'x']
    for (let batch = 0; batch < 11; batch++) raw.send(...Array.from({ length: 1_000 }, () => note))
    expect(await raw.closed()).toMatchObject({ code: 4429, reason: expect.stringContaining('LM-3') as string })
  })

  test('what broke a clause while it waited closes the connection', async () => {
    const release: (() => void)[] = []
    const { peer } = await start(async (token) => {
      if (token !== 'ada.1') await new Promise<void>((resolve) => release.push(resolve))
      return readToken(token)
    })
    const raw = await peer('ada.1')
    raw.send(auth(5, 'ada.2'), [frames.call.kind, 4, 'token', 0])
    await eventually(() => release.length === 1, 'authenticate was asked')
    release[0]!()
    expect(await raw.closed()).toMatchObject({ code: 4400, reason: expect.stringContaining('CA-1') as string })
  })

  test('what ends something that runs does not wait: an answer, and a cancel', async () => {
    const { peer, session, notes } = await start((token) =>
      token === 'ada.1' ? readToken(token) : new Promise(() => {}),
    )
    const raw = await peer('ada.1')
    raw.send(auth(1, 'ada.2'), [frames.event.kind, 0, 'note', 0, 'held'])
    await quiet()
    const asked = session().emitWithAck.news('?')
    const [, id] = await raw.readKind(frames.event.kind)
    raw.send([frames.result.kind, id])
    await asked
    expect(notes).toEqual([])
    raw.send([frames.cancel.kind, 1])
    await eventually(() => notes.length === 1, 'the barrier is down')
    expect(notes).toEqual(['ada.1: held'])
  })

  test('rejects with what auth throws, by its signal, and on a closed client', async () => {
    const { client } = await start()
    let next: () => { token: string } | Promise<{ token: string }> = () => ({ token: 'ada.1' })
    const ada = client(() => next())
    await ada.connect()
    const failure = new Error('the vault is shut')
    next = () => {
      throw failure
    }
    await expect(ada.reauthenticate()).rejects.toBe(failure)
    next = () => new Promise(() => {})
    await expect(ada.reauthenticate({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
    const late = ada.reauthenticate({ timeoutMs: 10_000 }).catch((error: unknown) => error)
    await quiet()
    await ada.clock.advance(10_010)
    expect(await late).toMatchObject({ code: 'TIMED_OUT', outcome: 'not_sent' })
    await ada.close()
    await expect(ada.reauthenticate()).rejects.toMatchObject({ code: 'CLOSED' })
  })

  test('a renewal that is refused is told to onError, once, and the client goes on until they expire', async () => {
    const { client, pass } = await start()
    const ada = client(tokens('ada.1.60', 'mallory.1'))
    await ada.connect()
    await pass(48_100, ada.clock)
    await eventually(() => ada.errors.length === 1, 'onError was called')
    expect(ada.errors).toMatchObject([{ code: 'UNAUTHORIZED' }])
    expect(ada.status.current).toMatchObject({ state: 'open' })
    await pass(12_000)
    await eventually(() => ada.status.current.state === 'waiting', 'the client was closed')
    await ada.clock.advance(1)
    await eventually(() => ada.status.current.state === 'closed', 'the server has refused')
    expect(ada.status.current).toMatchObject({ error: { code: 'UNAUTHORIZED' } })
  })
})

describe('AU-3: credentials that are revoked', () => {
  /** A peer whose credentials of the first version are judged at once, later ones when the test says so. */
  async function slow() {
    const release: (() => void)[] = []
    const setUp = await start(async (token) => {
      if (!token.startsWith('ada.1')) await new Promise<void>((resolve) => release.push(resolve))
      return readToken(token)
    })
    const { url, peer } = setUp
    const first = await peer('ada.1.5')
    const { session: id, resume } = first.welcome as { session: string; resume: { secret: string } }
    /** Comes back with a token, having received so many frames. */
    const comeBack = async (token: string) => {
      const raw = await connectRawPeer(`${url}/typewire`)
      onTestFinished(() => raw.cut())
      const asked = { session: id, secret: resume.secret, received: 0 }
      const body = { versions: [1, 1], attempt: 2, instance: 'raw', window: 1_000_000, auth: { token } }
      raw.send([frames.hello.kind, { ...body, resume: asked }])
      return raw
    }
    return { ...setUp, release, first, comeBack }
  }

  test.each(['revoked', 'expired'])(
    'what was held behind others is not handled while they are %s, but with the next that count',
    async (how) => {
      const { first, release, session, notes, pass, comeBack } = await slow()
      first.send(auth(1, 'ada.2'), [frames.call.kind, 2, 'token', 0], [frames.event.kind, 0, 'note', 0, 'held'])
      await eventually(() => release.length === 1, 'authenticate was asked')
      if (how === 'revoked') session().revoke()
      else await pass(5_010)
      expect(await first.closed()).toMatchObject({ code: 4419 })
      if (how === 'revoked') release[0]!()
      await quiet()
      expect(notes).toEqual([])
      const second = await comeBack('ada.3')
      await eventually(() => release.length === 2, 'authenticate was asked for the hello')
      await quiet()
      expect(notes).toEqual([])
      release[1]!()
      await second.readKind(frames.welcome.kind)
      release[0]!()
      expect(await second.readKind(frames.result.kind)).toBeDefined()
      await eventually(() => notes.length === 1, 'the event was handled')
      expect(notes).toEqual(['ada.3: held'])
      expect(session().ctx.token).toBe('ada.3') // and not what was asked about before, and answered later
    },
  )

  test('events that wait for a handler wait for credentials, too', async () => {
    const { first, release, session, notes, comeBack, hold } = await slow()
    hold(true)
    const note = (n: number) => [frames.event.kind, 0, 'note', 0, `${n}`]
    first.send(...Array.from({ length: 70 }, (_, n) => note(n)))
    await eventually(() => notes.length === 64, 'as many run as may')
    session().revoke()
    hold(false)
    await first.closed()
    await quiet()
    expect(notes).toHaveLength(64)
    const second = await comeBack('ada.3')
    await eventually(() => release.length === 1, 'authenticate was asked for the hello')
    release[0]!()
    await second.readKind(frames.welcome.kind)
    await eventually(() => notes.length === 70, 'the others were handled')
    expect(notes.slice(64)).toEqual([64, 65, 66, 67, 68, 69].map((n) => `ada.3: ${n}`))
  })

  test('the client must show new ones, and authenticate decides', async () => {
    const { client, session } = await start()
    const ada = client(tokens('ada.1', 'ada.2'))
    await ada.connect()
    const { id } = session()
    session().revoke('her role has changed')
    await eventually(() => ada.status.current.state === 'waiting', 'the client has been told')
    expect(ada.status.current).toMatchObject({ reason: 'AUTH_EXPIRED: her role has changed' })
    await ada.clock.advance(1)
    expect(await ada.call.token()).toBe('ada.2')
    expect(ada.status.current).toMatchObject({ sessionId: id, recovered: true })
  })

  test('one who is refused then is out for good', async () => {
    const { client, session } = await start()
    const ada = client(tokens('ada.1', 'mallory.1'))
    await ada.connect()
    const pending = settled(
      new Promise((resolve, reject) => {
        ada.status.subscribe(() => {
          if (ada.status.current.state === 'waiting') ada.call.token().then(resolve, reject)
        })
      }),
      'a call',
    )
    session().revoke()
    await eventually(() => ada.status.current.state === 'waiting', 'the client has been told')
    await ada.clock.advance(1)
    expect(await pending).toMatchObject({ status: 'rejected', reason: { code: 'UNAUTHORIZED', outcome: 'not_sent' } })
  })

  test('what was being judged meanwhile does not count: a hello, and an $auth', async () => {
    const release: (() => void)[] = []
    const { peer, session, url } = await start(async (token) => {
      if (token !== 'ada.1') await new Promise<void>((resolve) => release.push(resolve))
      return readToken(token)
    })
    const first = await peer('ada.1')
    first.send(auth(1, 'ada.2'))
    await eventually(() => release.length === 1, 'authenticate was asked')
    const { session: id, resume } = first.welcome as { session: string; resume: { secret: string } }
    const second = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => second.cut())
    const asked = { session: id, secret: resume.secret, received: 0 }
    const hello = { versions: [1, 1], attempt: 2, instance: 'raw', window: 1_000_000, auth: { token: 'ada.3' } }
    second.send([frames.hello.kind, { ...hello, resume: asked }])
    await eventually(() => release.length === 2, 'authenticate was asked for the hello')
    session().revoke()
    expect(await first.closed()).toMatchObject({ code: 4419 })
    for (const run of release) run()
    expect(await second.closed()).toMatchObject({ code: 4419, reason: expect.stringContaining('AU-3') as string })
    expect(session().ctx.token).toBe('ada.1')
  })
})
