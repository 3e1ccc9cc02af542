import { afterAll, expect, test } from 'vitest'
import { fromSource } from '../../bench/loading.mjs'
import { peers } from '../../bench/peers/index.mjs'
import { pictureOf } from '../../bench/picture.mjs'
import { resultOf, tableOf } from '../../bench/report.mjs'
import { Labs, measureAlone, measureInRounds, takingPart } from '../../bench/rounds.mjs'
import { scale } from '../../bench/scenarios/scale.mjs'
import { loneScenarios, peerScenarios } from '../../bench/scenarios/index.mjs'

// That the benchmark measures what it says, with counts as small as they can be; what it takes is nobody's business here.
// Each scenario throws where it is not answered, or does not hear, what was sent.

const labs = new Labs(fromSource)
afterAll(() => labs.endAll())
const options = { size: 'smoke', say: () => {} } as const

test.each(peers)('$label does what each scenario asks of it', { timeout: 60_000 }, async (peer) => {
  for (const scenario of peerScenarios) {
    if (takingPart(scenario, [peer]).length === 0) continue
    const { rounds, failures } = await measureInRounds(scenario, { ...options, peers: [peer], labs })
    expect({ [scenario.name]: failures }).toEqual({ [scenario.name]: new Map() })
    const [values = {}] = rounds.get(peer.name) ?? []
    expect(Object.keys(values)).not.toEqual([])
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
    { ...options, peers: peers.filter(({ name }) => name === 'ws'), labs },
  )
  expect(failures).toEqual(new Map())
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
