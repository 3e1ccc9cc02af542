// What hooks and metrics are told of streams, uploads, acks that the server asks for, and namespaces.
import { createClient } from '@typewire/client'
import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { type AckFacts, createServer, type EndedFacts, type ServerHooks, type StreamFacts } from '@typewire/server'
import { createMetrics } from '@typewire/server/metrics'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { clientOf, stage } from '../streams/stage.ts'
import { eventually, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { parseExposition } from './exposition.ts'

failOnUnhandledRejections()

function keeping() {
  const told = { calls: [] as EndedFacts[], streams: [] as StreamFacts[], acks: [] as AckFacts[] }
  const hooks: ServerHooks = {
    onCall: (facts) => told.calls.push(facts),
    onStream: (facts) => told.streams.push(facts),
    onAck: (facts) => told.acks.push(facts),
  }
  return { told, hooks }
}
const short = ({ name, outcome, itemsSent, itemsReceived }: StreamFacts) => [name, outcome, itemsSent, itemsReceived]

async function* numbers(to: number) {
  for (let n = 1; n <= to; n++) yield n
}

describe('onStream', () => {
  test('is told of streams and uploads when they end, with the count of items both ways', async () => {
    const { told, hooks } = keeping()
    const metrics = createMetrics()
    const { url, clock, server } = await stage({ server: { hooks: [hooks, metrics] } })
    const { client } = clientOf(url)
    const count = client.stream.count({ to: 40 })
    expect((await count.next()).value).toBe(1)
    await clock.advance(50)
    while (!(await count.next()).done);
    expect(await client.call.sum(numbers(4) as never)).toBe(10)
    expect(await client.call.sum([1, 2])).toBe(3)
    const lengths = client.stream.lengths(
      (async function* () {
        yield 'a'
        yield 'bb'
      })() as never,
    )
    while (!(await lengths.next()).done);
    await client.call.echo('x')
    expect(told.streams.map(short)).toEqual([
      ['count', 'OK', 40, 0],
      ['sum', 'OK', 0, 4],
      ['sum', 'OK', 0, 0], // at once, in the payload
      ['lengths', 'OK', 2, 2],
    ])
    expect(told.streams[0]).toMatchObject({ durationMs: 50, identity: null, transport: 'websocket' })
    expect(told.calls.map(({ name }) => name)).toEqual(['echo'])
    const text = parseExposition(metrics.text(server))
    const of = (name: string) =>
      text.get(`typewire_server_${name}`)?.samples.map(({ labels, value }) => [...Object.values(labels), value])
    expect(of('streams_total')).toEqual([
      ['count', 'OK', 1],
      ['sum', 'OK', 2],
      ['lengths', 'OK', 1],
    ])
    expect(of('stream_items_total')).toEqual([
      ['count', 'sent', 40],
      ['count', 'received', 0],
      ['sum', 'sent', 0],
      ['sum', 'received', 4],
      ['lengths', 'sent', 2],
      ['lengths', 'received', 2],
    ])
  })

  test('is told how they ended: left, failed, refused', async () => {
    const { told, hooks } = keeping()
    const { url } = await stage({ server: { hooks } })
    const { client } = clientOf(url)
    for await (const item of client.stream.count({ to: 1_000 })) if (item === 2) break
    await eventually(() => told.streams.length === 1, 'it is told that it was left')
    await settled(client.stream.count({ to: -1 }).next(), 'the one that fails')
    await settled(client.stream.count({ to: 'x' } as never).next(), 'the one that is refused')
    expect(told.streams.map(({ outcome }) => outcome)).toEqual(['ABORTED', 'TIRED', 'INVALID_INPUT'])
    expect(told.streams[0]!.itemsSent).toBeGreaterThanOrEqual(2)
    expect(told.calls).toEqual([])
  })
})

describe('onAck', () => {
  test('is told of acks that a session was asked for, and how that ended', async () => {
    const { told, hooks } = keeping()
    const metrics = createMetrics()
    const lab = await startLab({ server: { hooks: [hooks, metrics] } })
    const client = lab.client()
    await client.connect()
    const session = lab.session()
    client.on.ask(({ text }) => (text === 'no ack' ? ({} as never) : { yes: true }))
    expect(await session.emitWithAck.ask({ text: 'x' })).toEqual({ yes: true })
    await settled(session.emitWithAck.notice({ text: 'x' }), 'the event that nobody hears')
    await settled(session.emitWithAck.ask({ text: 'no ack' }), 'what is no ack')
    await settled(session.emitWithAck.ask({ text: 1 } as never), 'what cannot be sent')
    const controller = new AbortController()
    const given = settled(session.emitWithAck.ask({ text: 'x' }, { signal: controller.signal }), 'the one given up')
    controller.abort()
    await given
    const common = { sessionId: session.id, identity: null, transport: 'websocket', by: 'session', durationMs: 0 }
    expect(told.acks).toEqual([
      { name: 'ask', outcome: 'OK', ...common },
      { name: 'notice', outcome: 'NO_HANDLER', ...common },
      { name: 'ask', outcome: 'INVALID_ACK', ...common },
      { name: 'ask', outcome: 'INVALID_OUTPUT', ...common },
      { name: 'ask', outcome: 'ABORTED', ...common },
    ])
    const { samples } = parseExposition(metrics.text(lab.server)).get('typewire_server_acks_total')!
    expect(samples[0]).toMatchObject({ labels: { event: 'ask', outcome: 'OK' }, value: 1 })
  })

  test('is told of each member of a room', async () => {
    const { told, hooks } = keeping()
    const lab = await startLab({ server: { hooks } })
    for (const hears of [true, false]) {
      const hall = lab.client().join.hall({ id: '1' })
      await hall.ready
      if (hears) hall.on.poll(() => ({ yes: true }))
    }
    await lab.server.rooms.hall({ id: '1' }).emitWithAck.poll({ text: 'x' })
    expect(told.acks.map(({ name, outcome, by }) => `${name} ${outcome} ${by}`).sort()).toEqual([
      'hall.poll NO_HANDLER room',
      'hall.poll OK room',
    ])
    expect(new Set(told.acks.map(({ sessionId }) => sessionId)).size).toBe(2)
  })
})

test('identity is that of the namespace, where it has one of its own', async () => {
  const admin = defineContract({
    auth: z.string(),
    procedures: { ban: procedure({}) },
    events: { toServer: { note: event(z.string(), { ack: z.string() }) }, toClient: { ask: event(z.string()) } },
    rooms: { desk: room({ events: { toServer: { say: event(z.string(), { ack: z.string() }) } } }) },
  })
  const contract = defineContract({ auth: z.string(), procedures: { echo: procedure({}) }, namespaces: { admin } })
  interface App extends Named<typeof contract> {}
  const identities: [string, string | undefined, string | null][] = []
  const tell = (hook: string) => (facts: EndedFacts) => void identities.push([hook, facts.name, facts.identity])
  const server = createServer(contract as App, {
    authenticate: ({ auth }) => ({ identity: auth }),
    namespaces: { admin: { authenticate: ({ auth }) => ({ identity: auth }) } },
    hooks: { onCall: tell('call'), onEvent: tell('event'), onJoin: tell('join'), onAck: tell('ack') },
  })
  const listening = server.implement({
    procedures: { echo: () => {} },
    namespaces: {
      admin: {
        procedures: { ban: ({ session }) => session.emitWithAck.ask('x').catch(() => {}) },
        events: { note: ({ payload }) => payload },
        rooms: { desk: { authorize: () => true, events: { say: ({ payload }) => payload } } },
      },
    },
  })
  const { url } = await serve(listening)
  const client = createClient<App>({ url, auth: 'ada', namespaces: { admin: { auth: 'boss' } } })
  onTestFinished(() => client.close())
  await client.call.echo()
  await client.ns.admin.call.ban()
  await client.ns.admin.emitWithAck.note('x')
  const desk = client.ns.admin.join.desk()
  await desk.ready
  await desk.emitWithAck.say('x')
  await server.ns.admin.caller({ identity: 'eve' }).call.ban()
  expect(identities).toEqual([
    ['call', 'echo', 'ada'],
    ['ack', 'admin/ask', 'boss'],
    ['call', 'admin/ban', 'boss'],
    ['event', 'admin/note', 'boss'],
    ['join', 'admin/desk', 'boss'],
    ['event', 'admin/desk.say', 'boss'],
    ['ack', 'admin/ask', 'eve'],
    ['call', 'admin/ban', 'eve'],
  ])
})
