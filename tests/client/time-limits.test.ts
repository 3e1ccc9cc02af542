// Whose time limit counts: the call's, the procedure's, the client's, the server's (CA-8, CA-13).
import { createClient } from '@typewire/client'
import { defineContract, type Named, procedure } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { connectRawPeer, createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, settled } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { rawServer } from './clients.ts'

failOnUnhandledRejections()

const procedures = {
  long: procedure({ output: z.string(), timeoutMs: 60_000 }),
  short: procedure({ output: z.string(), timeoutMs: 1_000 }),
  endless: procedure({ output: z.string(), timeoutMs: Infinity }),
  plain: procedure({ output: z.string() }),
}
const contract = defineContract({ procedures, namespaces: { lab: defineContract({ procedures }) } })
interface Timed extends Named<typeof contract> {}
const timed: Timed = contract

/** A server and a client of one clock. Handlers answer when they are let, and say what they know of their time. */
async function start(timeoutMs?: number) {
  const clock = createFakeClock()
  const running: { readonly name: string; readonly limitMs: number; readonly end: () => void }[] = []
  const server = createServer(timed, { clock, heartbeat: false })
  const run =
    (name: string) =>
    ({ deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal }) => {
      const limitMs = Math.round((deadlineMs - Date.now()) / 1_000) * 1_000
      return new Promise<string>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
        running.push({ name, limitMs, end: () => resolve(name) })
      })
    }
  const handlers = { long: run('long'), short: run('short'), endless: run('endless'), plain: run('plain') }
  const { url } = await serve(
    server.implement({ procedures: handlers, namespaces: { lab: { procedures: handlers } } }),
    clock,
  )
  const client = createClient<Timed>({ url, clock, timeoutMs, transports: ['websocket'] })
  onTestFinished(() => client.close())
  const begun = async () => {
    await eventually(() => running.length > 0, 'a handler runs')
    return running.shift()!
  }
  return { clock, client, begun, url }
}

describe.each([
  ['the root', ({ call }: { call: object }) => call],
  ['a namespace', ({ ns }: { ns: { lab: { call: object } } }) => ns.lab.call],
] as const)('of a procedure of %s', (_, callsOf) => {
  type Calls = Awaited<ReturnType<typeof start>>['client']['call']
  const calls = (client: object) => callsOf(client as never) as Calls

  test('its own counts more than a shorter one of the client, also before that is connected', async () => {
    const { clock, client, begun } = await start(10_000)
    const answer = settled(calls(client).long(), 'the call')
    const { limitMs, end } = await begun()
    expect(limitMs).toBe(60_000)
    await clock.advance(30_000)
    end()
    expect(await answer).toEqual({ status: 'fulfilled', value: 'long' })
  })

  test('its own ends it, and the client waits for that', async () => {
    const { clock, client, begun } = await start(10_000)
    const answer = settled(calls(client).long(), 'the call')
    await begun()
    await clock.advance(60_008)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', message: expect.stringContaining('60000 ms') } })
  })

  test('its own counts more than a longer one of the client', async () => {
    const { clock, client, begun } = await start(10_000)
    const answer = settled(calls(client).short(), 'the call')
    await begun()
    await clock.advance(1_008)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT' } })
  })

  test('there may be none', async () => {
    const { clock, client, begun } = await start(10_000)
    const answer = settled(calls(client).endless(), 'the call')
    const { end } = await begun()
    await clock.advance(3_600_000)
    end()
    expect(await answer).toEqual({ status: 'fulfilled', value: 'endless' })
  })

  test('the call’s own beats both', async () => {
    const { clock, client, begun } = await start(10_000)
    const long = settled(calls(client).long(undefined, { timeoutMs: 5_000 }), 'the long call')
    const { limitMs } = await begun()
    expect(limitMs).toBe(5_000)
    const plain = settled(calls(client).plain(undefined, { timeoutMs: 20_000 }), 'the plain call')
    const { end } = await begun()
    await clock.advance(5_008)
    expect(await long).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    await clock.advance(10_000)
    end()
    expect(await plain).toMatchObject({ value: 'plain' })
  })

  test('the client’s counts where it has none, and the handler knows', async () => {
    const { clock, client, begun } = await start(10_000)
    const answer = settled(calls(client).plain(), 'the call')
    expect((await begun()).limitMs).toBe(10_000)
    await clock.advance(10_008)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT' } })
  })

  test('without any, the server’s counts, and the client waits as long as the slowest procedure may take', async () => {
    const { clock, client, begun } = await start()
    const answer = settled(calls(client).long(), 'the call')
    const { end } = await begun()
    await clock.advance(50_000)
    end()
    expect(await answer).toMatchObject({ value: 'long' })
  })
})

test('CA-13: they are said where the names are known: the root’s in the welcome, a namespace’s when it is opened', async () => {
  const { url } = await start()
  const peer = await connectRawPeer(`${url}/typewire`)
  onTestFinished(() => peer.cut())
  const { timeLimits } = await peer.hello()
  expect(timeLimits).toEqual({ long: 60_000, short: 1_000, endless: Number.MAX_SAFE_INTEGER })
  peer.send([frames.call.kind, 1, '$open', 0, { namespace: 'lab' }])
  expect(await peer.read()).toEqual([
    frames.result.kind,
    1,
    { timeLimits: { 'lab/long': 60_000, 'lab/short': 1_000, 'lab/endless': Number.MAX_SAFE_INTEGER } },
  ])
})

test('CA-13: a call waits to be sent no longer than the client says, whoever may have more', async () => {
  const server = await rawServer()
  const client = server.client({ timeoutMs: 10_000 })
  const answer = settled(client.call.echo('x'), 'the call')
  await server.accept()
  await client.clock.advance(10_008)
  expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
})

test.each([
  ['a count', { echo: 60_000 }, 0],
  ['no count', { echo: '60000' }, { timeoutMs: 10_000 }],
  ['another name', { work: 60_000 }, { timeoutMs: 10_000 }],
  ['nothing', undefined, { timeoutMs: 10_000 }],
])('CA-13: of what a welcome says, %s is taken as far as it is a count', async (_, timeLimits, options) => {
  const server = await rawServer()
  const client = server.client({ timeoutMs: 10_000 })
  void settled(client.call.echo('x'), 'the call')
  void settled(client.call.echo('x', { timeoutMs: 4_000 }), 'one with a limit')
  const ack = settled(client.emitWithAck.save({ n: 1 }), 'the ack')
  const peer = await server.welcome({ timeLimits: timeLimits && { ...timeLimits, save: 60_000 } })
  expect(await peer.read()).toEqual([frames.call.kind, 1, 'echo', options, 'x'])
  expect((await peer.read())[3]).toEqual({ timeoutMs: 4_000 })
  expect((await peer.read())[3]).toEqual({ timeoutMs: 10_000 }) // an event of that name is none of it
  await client.clock.advance(10_008)
  expect(await ack).toMatchObject({ reason: { code: 'TIMED_OUT' } })
})
