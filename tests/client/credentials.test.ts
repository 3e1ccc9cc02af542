import { createClient } from '@typewire/client'
import { closeCodes, defineContract, event, procedure } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createFakeClock, createRawServer, type RawPeer } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

// What becomes of `reauthenticate` where a connection is lost: the server must not end up with the older credentials.

failOnUnhandledRejections()

const contract = defineContract({
  auth: z.number(),
  procedures: { load: procedure({ input: z.string(), output: z.string() }) },
  events: { toServer: { note: event(z.number()) }, toClient: {} },
})

const resume = { secret: 's', windowMs: 120_000 }
const note = (n: number) => [frames.event.kind, 0, 'note', 0, n]
const noop = [frames.noop.kind]

/** A client whose tokens are 1, 2, 3, …, with the server that a test speaks for. */
async function start({ isHeld = false } = {}) {
  const server = await createRawServer()
  const clock = createFakeClock()
  let tokens = 0
  const gives: (() => void)[] = []
  const hold = (token: number) => new Promise<number>((resolve) => gives.push(() => resolve(token)))
  const client = createClient<typeof contract>({
    url: server.url,
    auth: () => (isHeld ? hold(++tokens) : ++tokens),
    clock,
    transports: ['websocket'],
    reconnect: { random: () => 0 },
    onError: () => {},
  })
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  const is = (state: string) => eventually(() => client.status.current.state === state, `the client is ${state}`)
  return {
    server,
    client,
    clock,
    gives,
    tokens: () => tokens,
    is,
    /** Opens the first connection. */
    async open(body: object = { resume }): Promise<RawPeer> {
      void client.connect()
      const peer = await server.welcome({ session: 'a', ...body })
      await is('open')
      return peer
    },
    /** The hello of the next attempt, with how to answer it. */
    async hello() {
      await is('waiting')
      await clock.advance(1)
      const peer = await server.accept()
      const [, { auth }] = (await peer.read()) as [number, { auth: number }]
      const welcome = (over: object = {}) =>
        peer.send([
          frames.welcome.kind,
          {
            version: 1,
            session: 'a',
            received: 0,
            from: 0,
            window: 1e6,
            maxCalls: 64,
            maxMessageBytes: 1e6,
            resume,
            ...over,
          },
        ])
      return { peer, auth, welcome }
    },
  }
}

describe('reauthenticate', () => {
  test('while away is done by the next welcome: its hello has new credentials anyway', async () => {
    const { client, open, hello, is, tokens } = await start()
    ;(await open()).cut()
    await is('waiting')
    const renewed = client.reauthenticate()
    client.emit.note(1)
    const { peer, auth, welcome } = await hello()
    expect(auth).toBe(2)
    welcome()
    await renewed
    expect(tokens()).toBe(2)
    expect(await peer.read()).toEqual(note(1))
  })

  test('AU-4: is done by the next welcome where the link is lost before the answer, and what was shown is taken back', async () => {
    const { client, open, hello } = await start()
    const first = await open()
    const renewed = client.reauthenticate()
    expect(await first.read()).toEqual([frames.call.kind, 1, '$auth', 0, 2])
    client.emit.note(1)
    expect(await first.read()).toEqual(note(1))
    first.cut()
    const { peer, auth, welcome } = await hello()
    expect(auth).toBe(3)
    welcome()
    await renewed
    expect([await peer.read(), await peer.read()]).toEqual([noop, note(1)])
  })

  test('AU-4: what was shown is taken back before anything is sent, also where much is asked as the client opens', async () => {
    const { client, open, hello } = await start()
    const first = await open()
    const load = () => client.call.load('x'.repeat(1_000)).catch(() => {})
    const off = client.status.subscribe(() => {
      if (client.status.current.state === 'open') for (let i = 0; i < 5; i++) void load()
    })
    onTestFinished(off)
    const renewed = client.reauthenticate()
    await first.read()
    first.cut()
    const { peer, welcome } = await hello()
    for (let i = 0; i < 5; i++) void load()
    welcome()
    await renewed
    expect(await peer.read()).toEqual(noop)
    expect(await peer.read()).toEqual([frames.call.kind, 2, 'load', 0, expect.any(String)])
  })

  test('is done by the next welcome also where the session is lost', async () => {
    const { client, open, hello } = await start()
    const first = await open({})
    const renewed = client.reauthenticate()
    await first.read()
    first.cut()
    const { auth, welcome } = await hello()
    expect(auth).toBe(3)
    welcome({ session: 'b' })
    await renewed
  })

  test('while a hello is out that has older ones shows its own behind the welcome', async () => {
    const { client, open, hello } = await start()
    ;(await open()).cut()
    const { peer, auth, welcome } = await hello()
    const renewed = client.reauthenticate()
    await quiet()
    expect(auth).toBe(2)
    welcome()
    expect(await peer.read()).toEqual([frames.call.kind, 1, '$auth', 0, 3])
    peer.send([frames.result.kind, 1, {}])
    await renewed
  })

  test('while the application is asked for the next hello gets the same credentials', async () => {
    const { server, client, gives, tokens } = await start({ isHeld: true })
    void client.connect()
    await eventually(() => gives.length === 1, 'auth was asked')
    const renewed = client.reauthenticate()
    await quiet()
    expect(tokens()).toBe(1)
    gives[0]!()
    await server.welcome({ session: 'a', resume })
    await renewed
    expect(tokens()).toBe(1)
  })

  test('rejects where the server refuses for good, and by its time limit', async () => {
    const { client, open, hello, clock, is } = await start()
    ;(await open()).cut()
    await is('waiting')
    const late = client.reauthenticate({ timeoutMs: 100 }).catch((error: unknown) => error)
    const refused = client.reauthenticate().catch((error: unknown) => error)
    const { peer } = await hello()
    await clock.advance(108)
    expect(await late).toMatchObject({ code: 'TIMED_OUT', outcome: 'not_sent' })
    peer.send([frames.close.kind, closeCodes.UNAUTHORIZED.code, 'banned', 0])
    expect(await refused).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(clock.pending).toBe(0)
  })
})
