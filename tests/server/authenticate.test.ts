import { createClient } from '@typewire/client'
import { defineContract, event, procedure, TypewireError } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { type AuthenticateArgs, createServer, type ErrorInfo, type Identified } from '@typewire/server'
import { connectRawPeer, createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const contract = defineContract({
  auth: z.object({ token: z.string().trim(), since: z.date().optional() }),
  procedures: { whoAmI: procedure({ output: z.string().nullable() }) },
  events: { toClient: { hello: event() } },
})
type Guarded = typeof contract
interface Ctx extends Identified {
  readonly level?: number
}
type Authenticate = (args: AuthenticateArgs<Guarded>) => Ctx | Promise<Ctx>

async function guardedServer(authenticate: Authenticate, helloTimeoutMs = 10_000) {
  const clock = createFakeClock()
  const errors: { error: unknown; info: ErrorInfo }[] = []
  const server = createServer(contract, {
    authenticate,
    helloTimeoutMs,
    clock,
    onError: (error, info) => void errors.push({ error, info }),
  })
  const sessions: string[] = []
  const listening = server.implement({
    procedures: { whoAmI: ({ ctx }) => ctx.identity },
    session: ({ session }) => void sessions.push(session.id),
  })
  const { url } = await serve(listening, clock)
  const peer = async () => {
    const raw = await connectRawPeer(`${url}/typewire`, { headers: { 'x-tenant': 'acme', cookie: 'a=1' } })
    onTestFinished(() => raw.cut())
    return raw
  }
  const client = (auth: unknown = { token: 'ada' }) => {
    const clientClock = createFakeClock()
    const made = createClient<Guarded>({
      url,
      auth: auth as { token: string },
      clock: clientClock,
      reconnect: { random: () => 0.5 },
    })
    onTestFinished(() => made.close())
    return Object.assign(made, { clock: clientClock })
  }
  return { server, url, clock, errors, sessions, peer, client }
}

const hello = (auth?: unknown) => [
  frames.hello.kind,
  { versions: [1, 1], attempt: 1, instance: 'raw', window: 1_000_000, ...(auth === undefined ? {} : { auth }) },
]

describe('authenticate', () => {
  test('gets the credentials as the contract reads them, headers, address and a signal; what it gives is ctx', async () => {
    const seen: AuthenticateArgs<Guarded>[] = []
    const { peer } = await guardedServer((args) => (seen.push(args), { identity: args.auth.token }))
    const raw = await peer()
    await raw.hello({
      auth: { token: ' ada ', since: '2020-01-01T00:00:00.000Z', more: 1 },
      authAnnotations: { since: ['Date'] },
    })
    const [{ auth, headers, remoteAddress, signal }] = seen as [AuthenticateArgs<Guarded>]
    expect(auth).toEqual({ token: 'ada', since: new Date('2020-01-01') })
    expect(headers).toMatchObject({ 'x-tenant': 'acme', cookie: 'a=1' })
    expect(remoteAddress).toContain('127.0.0.1')
    expect(signal.aborted).toBe(false)
    raw.send([frames.call.kind, 1, 'whoAmI', 0])
    expect(await raw.read()).toEqual([frames.result.kind, 1, 'ada'])
  })

  test('gets the address that `addressOf` gives; where that throws, none', async () => {
    const seen: (string | undefined)[] = []
    const errors: unknown[][] = []
    const server = createServer(contract, {
      addressOf: ({ headers, remoteAddress }) => {
        if (!headers['x-forwarded-for']) throw new Error(`no header, by ${remoteAddress}`)
        return headers['x-forwarded-for'].split(',').at(-1)?.trim()
      },
      authenticate: ({ remoteAddress }) => (seen.push(remoteAddress), { identity: 'ada' }),
      onError: (error, { where }) => void errors.push([where, String(error)]),
    })
    const { url } = await serve(server.implement({ procedures: { whoAmI: ({ ctx }) => ctx.identity } }))
    for (const headers of [{ 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }, {}]) {
      const raw = await connectRawPeer(`${url}/typewire`, { headers })
      onTestFinished(() => raw.cut())
      await raw.hello({ auth: { token: 'ada' } })
    }
    expect(seen).toEqual(['198.51.100.7', undefined])
    expect(errors).toEqual([['addressOf', 'Error: no header, by 127.0.0.1']])
  })

  test('is asked anew at each hello, with what `auth` of the client gives then', async () => {
    const tokens: string[] = []
    let next = 0
    const { server, client } = await guardedServer(({ auth }) => (tokens.push(auth.token), { identity: auth.token }))
    const ada = client(() => Promise.resolve({ token: `token ${++next}` }))
    expect(await ada.call.whoAmI()).toBe('token 1')
    const before = [...server.sessions][0]!.id
    for (const session of server.sessions) session.close('again, please')
    await eventually(() => ada.status.current.state === 'closed', 'the client is closed')
    await ada.connect()
    expect(await ada.call.whoAmI()).toBe('token 2')
    expect([...server.sessions][0]!.id).not.toBe(before)
    expect(tokens).toEqual(['token 1', 'token 2'])
  })

  test('HS-5: refuses by UNAUTHORIZED: 4401, the client hears why, does not come back by itself, and comes when told', async () => {
    let isKnown = false
    let asked = 0
    const { client, errors } = await guardedServer(() => {
      asked++
      if (!isKnown) throw new TypewireError('UNAUTHORIZED', 'Ada is not known here.')
      return { identity: 'ada' }
    })
    const ada = client()
    await expect(ada.call.whoAmI()).rejects.toMatchObject({ code: 'UNAUTHORIZED', origin: 'whoAmI' })
    await expect(ada.call.whoAmI()).rejects.toThrow('Ada is not known here.')
    await expect(ada.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(ada.status.current).toMatchObject({ state: 'closed', error: { code: 'UNAUTHORIZED' } })
    const before = asked
    await ada.clock.advance(3_600_000)
    expect(asked).toBe(before)
    expect(errors).toEqual([])
    isKnown = true
    await ada.connect()
    expect(await ada.call.whoAmI()).toBe('ada')
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['no token', {}],
    ['a token that is none', { token: 1 }],
  ])('HS-5: is not asked about credentials that do not match the contract: %s', async (_, auth) => {
    let asked = 0
    const { peer, errors } = await guardedServer(() => ({ identity: `${asked++}` }))
    const raw = await peer()
    raw.send(hello(auth))
    expect(await raw.closed()).toEqual({ code: 4401, reason: expect.stringMatching(/^auth: /) })
    expect(asked).toBe(0)
    expect(errors).toEqual([])
  })

  test('HS-5: fails by any other error: 4500, nothing of it is told, and the client tries again', async () => {
    let isDown = true
    const { client, errors, peer } = await guardedServer(() => {
      if (isDown) throw new Error('database password is xyzzy')
      return { identity: 'ada' }
    })
    const raw = await peer()
    raw.send(hello({ token: 'x' }))
    expect(await raw.closed()).toMatchObject({ code: 4500 })
    expect(raw.messages.join()).not.toContain('xyzzy')

    const ada = client()
    const call = ada.call.whoAmI()
    await eventually(() => ada.status.current.state === 'waiting', 'the client waits')
    expect(ada.status.current).toMatchObject({ state: 'waiting', attempt: 1 })
    expect(errors.map(({ info }) => info.where)).toEqual(['authenticate', 'authenticate'])
    isDown = false
    await ada.clock.advance(250)
    expect(await call).toBe('ada')
  })

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['no identity', { user: 'ada' }],
    ['an identity that is undefined', { identity: undefined }],
    ['an identity that is a number', { identity: 7 }],
    ['a text', 'ada'],
  ])('must give an identity, and gives %s: a fault of the server, which is told', async (_, ctx) => {
    const { peer, errors } = await guardedServer(() => ctx as unknown as Ctx)
    const raw = await peer()
    raw.send(hello({ token: 'x' }))
    expect(await raw.closed()).toMatchObject({ code: 4500 })
    expect(errors).toEqual([{ error: expect.any(TypeError), info: expect.objectContaining({ where: 'authenticate' }) }])
  })

  test('may give null: nobody in particular', async () => {
    const { client } = await guardedServer(() => ({ identity: null }))
    expect(await client().call.whoAmI()).toBe(null)
  })

  test('HS-5: that never ends is given up at the time limit, and its signal aborts', async () => {
    const signals: AbortSignal[] = []
    const { peer, clock, errors, sessions } = await guardedServer(({ signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    }, 2_000)
    const raw = await peer()
    await clock.advance(1_500)
    raw.send(hello({ token: 'x' }))
    await eventually(() => signals.length === 1, 'authenticate runs')
    await clock.advance(400)
    expect(signals[0]!.aborted).toBe(false)
    await clock.advance(110)
    expect(signals[0]!.aborted).toBe(true)
    expect(await raw.closed()).toMatchObject({ code: 4408, reason: expect.stringMatching(/^HS-5: /) })
    expect([clock.pending, errors, sessions]).toEqual([0, [], []])
  })

  test('that ends after the time limit lets nobody in', async () => {
    let admit = (_: Ctx) => {}
    const { server, peer, clock, sessions } = await guardedServer(() => new Promise((resolve) => (admit = resolve)))
    const raw = await peer()
    raw.send(hello({ token: 'x' }))
    await quiet()
    await clock.advance(10_010)
    await raw.closed()
    admit({ identity: 'ada' })
    await quiet()
    expect([...server.sessions]).toEqual([])
    expect(sessions).toEqual([])
    expect(raw.messages.join()).not.toContain('"session"')
  })

  test('that fails after the client went away is no news', async () => {
    let fail = (_: Error) => {}
    let asked = 0
    const { peer, errors } = await guardedServer(() => {
      asked++
      return new Promise((_, reject) => (fail = reject))
    })
    const raw = await peer()
    raw.send(hello({ token: 'x' }))
    await eventually(() => asked === 1, 'authenticate runs')
    raw.cut()
    await quiet()
    fail(new Error('too late'))
    await quiet()
    expect(errors).toEqual([])
  })

  test('is what a contract with auth needs: createServer refuses to do without', () => {
    expect(() => createServer(contract, {})).toThrow(TypeError)
  })
})
