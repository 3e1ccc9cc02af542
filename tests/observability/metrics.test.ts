import { createMetrics, type Metrics } from '@typewire/server/metrics'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { parseExposition } from './exposition.ts'

const facts = { durationMs: 1, sessionId: '', identity: null, transport: 'websocket' }
const idle = {
  load: { sessions: 0, detachedSessions: 0, connections: {}, queuedBytes: 0 },
  delivery: { dropped: 0, conflated: 0 },
}
/** The samples of one metric, as `name{labels} value`. */
function samplesOf(metrics: Metrics, server: Parameters<Metrics['text']>[0], name: string): unknown {
  const found = parseExposition(metrics.text(server)).get(name)
  return found?.samples.map(({ labels, value }) => [...Object.values(labels), value])
}

test('of a server are what its clients did', async () => {
  const metrics = createMetrics()
  const lab = await startLab({
    server: { hooks: metrics, resume: { windowMs: 1_000 } },
    handlers: { rooms: { hall: { authorize: ({ params }) => params.id === '1' } } },
  })
  const client = lab.client()
  await client.call.echo('x')
  await client.call.echo('x')
  await client.try.work({ n: 'x' } as never)
  await client.emitWithAck.note({ n: 1 })
  await client.join.hall({ id: '1' }).ready
  await expect(client.join.hall({ id: '2' }).ready).rejects.toThrow(/refused the join/)
  const polling = lab.client({ transports: ['http-poll'] })
  await polling.call.echo('x')
  const of = (name: string) => samplesOf(metrics, lab.server, `typewire_server_${name}`)
  expect(of('calls_total')).toEqual([
    ['echo', 'OK', 3],
    ['work', 'INVALID_INPUT', 1],
  ])
  expect(of('events_total')).toEqual([['note', 'OK', 1]])
  expect(of('joins_total')).toEqual([
    ['hall', 'OK', 1],
    ['hall', 'FORBIDDEN', 1],
  ])
  expect(of('connections')).toEqual([
    ['http-poll', 1],
    ['websocket', 1],
  ])
  expect(of('connections_total')).toEqual(of('connections'))
  expect(of('sessions_total')).toEqual([[2]])
  expect(of('sessions')).toEqual([
    ['attached', 2],
    ['detached', 0],
  ])
  expect(of('dropped_events_total')).toEqual([[0]])
  expect(of('conflated_events_total')).toEqual([[0]])

  await polling.close()
  await eventually(() => [...lab.server.sessions].length === 1, 'one client is gone')
  await client.close() // in order, so that it does not come back
  await eventually(() => lab.server.load.sessions === 0, 'the other one, too')
  expect(of('sessions_total')).toEqual([[2]])
  await eventually(() => Object.keys(lab.server.load.connections).length === 0, 'no connection is left')
  expect(of('connections')).toEqual([
    ['http-poll', 0],
    ['websocket', 0],
  ])
  expect(of('connections_total')).toEqual([
    ['http-poll', 1],
    ['websocket', 1],
  ])
})

test('tell how much waits, and for whom', async () => {
  const metrics = createMetrics()
  const lab = await startLab({ server: { hooks: metrics, resume: { windowMs: 1_000 } } })
  const peer = await lab.peer()
  await peer.hello()
  peer.cut()
  await eventually(() => lab.server.load.detachedSessions === 1, 'the client is away')
  lab.server.emit.notice({ text: 'x'.repeat(100) })
  expect(lab.server.load).toEqual({
    sessions: 1,
    detachedSessions: 1,
    connections: {},
    queuedBytes: expect.any(Number),
  })
  const [[queued]] = samplesOf(metrics, lab.server, 'typewire_server_queued_bytes') as [[number]]
  expect(queued).toBeGreaterThan(100)
  expect(samplesOf(metrics, lab.server, 'typewire_server_sessions')).toEqual([
    ['attached', 0],
    ['detached', 1],
  ])
})

describe('the text', () => {
  test('is Prometheus’ format, with conventional names', () => {
    const metrics = createMetrics()
    metrics.onCall?.({ name: 'send', outcome: 'OK', ...facts })
    metrics.onConnection?.({ transport: 'websocket', remoteAddress: '', durationMs: 1, sessionId: '', code: 1000 })
    const all = parseExposition(metrics.text(idle))
    expect(Object.fromEntries(Array.from(all, ([name, { type }]) => [name, type]))).toEqual({
      typewire_server_calls_total: 'counter',
      typewire_server_call_duration_seconds: 'histogram',
      typewire_server_connections_total: 'counter',
      typewire_server_connections: 'gauge',
      typewire_server_sessions_total: 'counter',
      typewire_server_sessions: 'gauge',
      typewire_server_dropped_events_total: 'counter',
      typewire_server_conflated_events_total: 'counter',
      typewire_server_queued_bytes: 'gauge',
    })
    for (const [name, { type }] of all) expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('puts each duration into its bucket, the bound included', () => {
    const metrics = createMetrics()
    for (const durationMs of [0, 1, 1.5, 30_000, 30_001]) {
      metrics.onCall?.({ ...facts, name: 'send', outcome: 'OK', durationMs })
    }
    const { samples } = parseExposition(metrics.text(idle)).get('typewire_server_call_duration_seconds')!
    const bucketed = samples
      .filter(({ name }) => name.endsWith('_bucket'))
      .map(({ labels, value }) => [labels['le'], value])
    expect(Object.fromEntries(bucketed)).toMatchObject({ 0.001: 2, 0.0025: 3, 10: 3, 30: 4, '+Inf': 5 })
    const rest = samples.filter(({ name }) => !name.endsWith('_bucket'))
    expect(rest.map(({ name, value }) => [name.replace(/.*_/, ''), value])).toEqual([
      ['sum', 60.0035],
      ['count', 5],
    ])
  })

  test('has one label for all names that no contract has', () => {
    const metrics = createMetrics()
    for (let i = 0; i < 100; i++) metrics.onCall?.({ name: undefined, outcome: 'NOT_FOUND', ...facts })
    expect(samplesOf(metrics, idle, 'typewire_server_calls_total')).toEqual([['(unknown)', 'NOT_FOUND', 100]])
  })

  test('escapes labels', () => {
    const metrics = createMetrics()
    const transport = 'a"b\\c\nd'
    metrics.onConnection?.({ transport, remoteAddress: '', durationMs: 1, sessionId: '', code: 1000 })
    expect(metrics.text(idle)).toContain('{transport="a\\"b\\\\c\\nd"}')
    expect(samplesOf(metrics, idle, 'typewire_server_connections_total')).toEqual([[transport, 1]])
  })
})
