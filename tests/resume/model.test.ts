// The invariants 1 to 7 under seeded faults, against the real client and the real server. A failure names its seed;
// TYPEWIRE_SEED runs that one alone.

import { expect, test } from 'vitest'
import { type Tally, World, type WorldOptions } from './model.ts'

const { TYPEWIRE_SEED: only, TYPEWIRE_WORLDS: worlds = '40' } = process.env
const seeds = only ? [Number(only)] : Array.from({ length: Number(worlds) }, (_, i) => i + 1)
const sum: Tally = { resumed: 0, lost: 0, up: 0, down: 0, stale: 0 }

const settings: readonly (readonly [name: string, setting: Omit<WorldOptions, 'seed' | 'steps'>])[] = [
  ['one server', { nodes: 1, restarts: false }],
  ['one server that restarts', { nodes: 1, restarts: true }],
  ['two servers', { nodes: 2, restarts: false }],
  ['two servers that restart', { nodes: 2, restarts: true }],
  ['one server that keeps little', { nodes: 1, restarts: false, isHarsh: true }],
  ['two servers that restart and keep little', { nodes: 2, restarts: true, isHarsh: true }],
]

test.each(settings)('%s', { timeout: 120_000 }, async (_, setting) => {
  for (const seed of seeds) {
    const tally = await new World({ seed, steps: 1_500, ...setting }).run()
    for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += tally[name]
    expect(tally.up + tally.down).toBeGreaterThan(0)
  }
})

test.skipIf(only !== undefined || worlds !== '40')('the faults were many', () => {
  expect(sum.resumed).toBeGreaterThanOrEqual(1_000)
  expect(sum.up).toBeGreaterThanOrEqual(20_000)
  expect(sum.down).toBeGreaterThanOrEqual(20_000)
  expect(sum.stale).toBeGreaterThan(10)
  expect(sum.lost).toBeGreaterThan(10)
})

test('a seed runs the same twice', { timeout: 60_000 }, async () => {
  const run = () => new World({ seed: 7, nodes: 2, restarts: true, steps: 1_000 }).run()
  expect(await run()).toEqual(await run())
})
