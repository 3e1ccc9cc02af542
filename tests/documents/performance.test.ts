import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aimRows, behindRows, medianRows, sizesOf } from '../../bench/aims.mjs'
import type { Measured } from '../../bench/report.mjs'
import { root, table, updated } from './documents.ts'

// docs/performance.md says of the kept run what docs/bench/results.json does.
const results: Measured[] = JSON.parse(readFileSync(join(root, 'docs/bench/results.json'), 'utf8'))

const parts = {
  'bench-run': sizesOf(results),
  'bench-aims': table(['', 'Aim', 'Reached', '', 'Why not more'], aimRows(results)),
  'bench-behind': table(['What', 'Better, as times Typewire’s'], behindRows(results)),
  'bench-events': table(
    ['Events from a client', 'events/s', 'server CPU per event, µs'],
    medianRows(results, 'events', ['rate', 'cpu']),
  ),
  'bench-latency': table(
    ['Latency of a delivery, µs', 'room of 10, p50', 'p99', 'of 500, p50', 'p99', 'of 5,000, p50', 'p99'],
    medianRows(results, 'fan-out', ['p50-10', 'p99-10', 'p50-500', 'p99-500', 'p50-5000', 'p99-5000']),
  ),
}

test.each(Object.entries(parts))('docs/performance.md shows %s as it was kept', (name, text) => {
  expect(updated('docs/performance.md', name, text)).toBe(text)
})
