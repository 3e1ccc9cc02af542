import { afterAll, expect, test } from 'vitest'
import { knownFailure } from '../../bench/known-failures.mjs'
import { createLab } from '../../bench/lab.mjs'
import { fromSource } from '../../bench/loading.mjs'
import { peers } from '../../bench/peers/index.mjs'
import { pictureOf } from '../../bench/picture.mjs'
import { resultOf, tableOf } from '../../bench/report.mjs'
import { Labs, measureAlone, measureInRounds, takingPart } from '../../bench/rounds.mjs'
import { scale } from '../../bench/scenarios/scale.mjs'
import { loneScenarios, peerScenarios } from '../../bench/scenarios/index.mjs'
import type { PeerScenario } from '../../bench/types.ts'

// That the benchmark measures what it says, with counts as small as they can be; what it takes is nobody's business here.
// Each scenario throws where it is not answered, or does not hear, what was sent.

const labs = new Labs(fromSource)
afterAll(() => labs.endAll())
const onlyWs = peers.filter(({ name }) => name === 'ws')
const options = { size: 'smoke', say: () => {} } as const

test.each(peers)('$label does what each scenario asks of it', { timeout: 60_000 }, async (peer) => {
  for (const scenario of peerScenarios) {
    if (takingPart(scenario, [peer]).length === 0) continue
    const { rounds, failures } = await measureInRounds(scenario, { ...options, peers: [peer], labs })
    expect({ [scenario.name]: failures }).toEqual({ [scenario.name]: new Map() })
    const [values = {}] = rounds.get(peer.name) ?? []
    expect(Object.keys(values)).not.toEqual([])
    // What is measured with closing included has seen the last of it.
    const lab = await labs.of(peer)
    const left = scenario.name === 'connects' ? await lab.server.run('connections') : 0
    expect(left).toBe(0)
    expect(Object.entries(values).filter(([, value]) => Number.isNaN(value))).toEqual([])
  }
  await labs.end(peer)
})

test.each(loneScenarios)('$title', { timeout: 60_000 }, async (scenario) => {
  const { rounds } = await measureAlone(scenario, { ...options, peers, loading: fromSource })
  expect(rounds.size).toBeGreaterThan(0)
  for (const [values = {}] of rounds.values()) expect(Object.values(values)).not.toContain(Number.NaN)
})

test('sends to rooms of all clients alike, however many rooms there are', { timeout: 60_000 }, async () => {
  const size = { rounds: 1, clients: 10, rooms: [10, 10_000], connections: [], times: 1_500 }
  const { failures } = await measureInRounds(
    { ...scale, sizes: { ...scale.sizes, smoke: size } },
    { ...options, peers: onlyWs, labs },
  )
  expect(failures).toEqual(new Map())
})

test('says which of both processes has died, and what it said last, wherever the other is waited for', async () => {
  const [ws] = onlyWs
  if (!ws) throw new TypeError('There is no ws.')
  const broken = "process.on('SIGUSR2', () => { throw new Error('It broke.') })"
  const lab = await createLab(ws, ['--import', `data:text/javascript,${encodeURIComponent(broken)}`])
  try {
    const hears = lab.client.run('heard', { messages: 1 })
    process.kill(lab.server.pid, 'SIGUSR2')
    await expect(hears).rejects.toThrow(/^server\.mjs ws ended: 1: [^]*Error: It broke\./)
    await expect(lab.client.run('close')).rejects.toThrow('server.mjs ws ended')
  } finally {
    await lab.end()
  }
})

test('keeps what was measured before a process died, and goes on with what does not kill it', async () => {
  const size = { rounds: 2, lasts: false }
  const scenario: PeerScenario<{ lasts: boolean }> = {
    name: 'dies',
    title: 'Dies',
    needs: [],
    metrics: {},
    sizes: { full: size, quick: size, smoke: size },
    afterFailure: (size) => ({ ...size, lasts: true }),
    async measure({ server, client }, { lasts }, keep) {
      keep({ before: 1 })
      if (!lasts) process.kill(server.pid, 'SIGKILL')
      await (lasts ? client.run('close') : client.run('heard', { messages: 1 }))
    },
  }
  const { rounds, failures } = await measureInRounds(scenario, { ...options, peers: onlyWs, labs })
  expect(rounds).toEqual(new Map([['ws', [{ before: 1 }, { before: 1 }]]]))
  expect(failures).toEqual(new Map([['ws', 'server.mjs ws ended: SIGKILL']]))
})

test('takes a failure for known that comes where and with what it is known to', () => {
  const memory = 'server.mjs trpc ended: SIGABRT: FATAL ERROR: Allocation failed - JavaScript heap out of memory'
  const before = { rooms100: { median: 1, min: 1, max: 1 } }
  const row = { name: 'trpc', label: 'tRPC', figures: before, failure: memory }
  expect(knownFailure('scale', row)?.because).toContain('out of memory')
  expect(knownFailure('scale', { ...row, name: 'orpc' })).toBeUndefined()
  expect(knownFailure('scale', { ...row, figures: {} })).toBeUndefined()
  expect(knownFailure('scale', { ...row, failure: 'client.mjs trpc: join takes too long.' })).toBeUndefined()
  expect(knownFailure('fan-out', row)).toBeUndefined()
})

test('shows medians, what lies around them, and what each is of its own in the same round', () => {
  const scenario = {
    name: 'calls',
    title: 'Calls',
    metrics: { cpu64: { title: 'CPU', unit: 'µs', best: 'least' as const } },
  }
  const rounds = new Map([
    ['typewire', [{ cpu64: 1 }, { cpu64: 2 }, { cpu64: 4 }]],
    ['ws', [{ cpu64: 3 }, { cpu64: 8 }, { cpu64: 40 }]],
  ])
  const rows = [
    { name: 'ws', label: 'ws' },
    { name: 'trpc', label: 'tRPC' },
    { name: 'typewire', label: 'Typewire' },
  ]
  const result = resultOf(scenario, rows, rounds, new Map())
  expect(result.rows[0]?.figures).toEqual({ cpu64: { median: 8, min: 3, max: 40, timesTypewire: 4 } })
  expect(tableOf(result)).toContain('tRPC      –')
  expect(pictureOf([{ ...result, size: 'smoke', on: 'a machine', day: '2026-11-29' }])).toContain('less is better')
})

test('says in the picture which of its figures are of a quick run', () => {
  const metrics = { cpu64: { title: 'CPU', unit: 'µs', best: 'least' as const } }
  const of = (name: string, title: string, size: string) => {
    return { name, title, metrics, rows: [], size, on: 'a machine', day: '2026-11-29' }
  }
  const pictured = (...results: ReturnType<typeof of>[]) => pictureOf(results)
  const calls = of('calls', 'Calls', 'full')
  expect(pictured(calls, of('scale', 'Scale', 'quick'))).toContain('Medians of full runs. 2026-11-29, a machine')
  expect(pictured(calls, of('memory', 'Memory', 'quick'))).toContain('of full runs, but quick ones of: Memory. 2026')
  expect(pictured(of('memory', 'Memory', 'quick'))).toContain('Medians of quick runs. ')
})

test('compares with the first row of Typewire where it goes by something else', () => {
  const rows = ['socket.io-polling', 'typewire-stream', 'typewire-poll'].map((name) => ({ name, label: name }))
  const rounds = new Map(rows.map(({ name }, index) => [name, [{ rate: 6 }, { rate: index + 1 }, { rate: index + 2 }]]))
  const metrics = { rate: { title: 'all in all', unit: '1/s', best: 'most' as const } }
  const result = resultOf({ name: 'fallback', title: 'Fallback', metrics }, rows, rounds, new Map())
  expect(result.rows.map(({ figures }) => figures['rate']?.timesTypewire)).toEqual([2 / 3, undefined, 4 / 3])
  expect(tableOf(result)).toContain('× of typewire-stream')
})
