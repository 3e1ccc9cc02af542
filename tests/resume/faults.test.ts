// Resume over every real transport, under seeded faults between a real client and a real server: nothing is lost, doubled
// or out of order, no call is left unsettled, no handler runs twice, and at rest nothing is left.
//
// Of the invariants of a session these are the ones that show from outside: what was dispatched is what was numbered, in
// order and once; the session outlives every fault; handlers run once; nothing remains. `model.test.ts` asserts those on
// counters, connections and identities, where it can see them, and `bounds.test.ts` and the hostile tests those on bytes.
//
// TYPEWIRE_SEED runs the faults of one seed again: each thing that comes by has its own, by its kind and its number.
// What sockets do between them is not the seed's: how bytes are cut into messages, which of two requests comes first. So
// a seed that fails is run a few times.

import type { TransportName } from '@typewire/client'
import { describe, expect, test } from 'vitest'
import { type FaultyTally, faultyRun } from './faulty-run.ts'

const { TYPEWIRE_SEED: only } = process.env
const seed = only ? Number(only) : Math.floor(Math.random() * 2 ** 31)

const settings: readonly (readonly [name: string, transports: readonly TransportName[] | undefined])[] = [
  ['websocket', ['websocket']],
  ['http-stream', ['http-stream']],
  ['http-poll', ['http-poll']],
  ['all transports, with switches in the middle of bursts', undefined],
]

describe(`seeded faults, TYPEWIRE_SEED=${seed}`, () => {
  const tallies: FaultyTally[] = []
  const sum = (name: keyof FaultyTally) => tallies.reduce((total, tally) => total + tally[name], 0)

  test.each(settings)('%s', { timeout: 60_000 }, async (_, transports) => {
    const tally = await faultyRun({ seed, transports, resumes: 255, frames: 5_100 })
    expect(tally.resumed).toBeGreaterThanOrEqual(255)
    tallies.push(tally)
  })

  test('the faults were many', () => {
    console.info(`TYPEWIRE_SEED=${seed}: ${sum('faults')} faults, ${sum('resumed')} resumes, ${sum('moved')} moves`)
    expect(sum('resumed')).toBeGreaterThanOrEqual(1_000)
    expect(sum('up')).toBeGreaterThanOrEqual(20_000)
    expect(sum('down')).toBeGreaterThanOrEqual(20_000)
    expect(sum('moved')).toBeGreaterThanOrEqual(20)
  })
})
