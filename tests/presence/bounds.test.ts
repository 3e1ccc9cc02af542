// Large rooms: the count alone, and the bounds of lists.

import type { BrokerLink } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startTown } from './stage.ts'

failOnUnhandledRejections()

/** A town, and a node beside it of which members come and go at will. */
async function townWithCrowd() {
  const clock = createFakeClock()
  const broker = createMemoryBroker({ clock })
  const node: BrokerLink = broker.connect('crowd', { onPublication() {}, onPresence() {}, onMessage() {} })
  const started = await startTown({ clock, broker })
  const come = (channel: string, from: number, to: number, payload = ',{"name":"x"}') => {
    for (let n = from; n < to; n++) {
      void node.setPresence(channel, { sessionId: `s${n}`, identity: `u${n}`, instance: `i${n}`, attempt: 1, payload })
    }
  }
  const go = (channel: string, from: number, to: number) => {
    for (let n = from; n < to; n++) void node.removePresence(channel, `s${n}`, 0)
  }
  return { ...started, come, go }
}

const cafe = 'cafe {"id":"c"}'

describe('PR-7: a room that tells the count alone', () => {
  test('tells it at most once a second, the last one always', async () => {
    const { client, clock, come, go, server } = await townWithCrowd()
    const square = client('ada').join.square()
    await square.ready
    expect(square.presence.current).toEqual({ members: [], count: 1, isCountOnly: true })
    const counts: number[] = []
    square.presence.subscribe(() => counts.push(square.presence.current.count))
    come('square', 0, 5_000)
    await clock.advance(1_000)
    await eventually(() => counts.at(-1) === 5_001, 'they are counted')
    const told = counts.length
    for (let ms = 0; ms < 3_000; ms += 100) {
      go('square', ms / 10, ms / 10 + 10)
      await clock.advance(100)
    }
    await clock.advance(1_000)
    await eventually(() => counts.at(-1) === 4_701, 'the last count has come')
    expect(counts.length - told).toBeLessThanOrEqual(4)
    expect(await server.rooms.square().presence()).toEqual({ members: [], count: 4_701, isCountOnly: true })
  })

  test('counts sessions of one identity once, and is silent where the count stays', async () => {
    const { client, peer, clock } = await townWithCrowd()
    const square = client('ada').join.square()
    await square.ready
    let told = 0
    square.presence.subscribe(() => told++)
    await clock.advance(2_000)
    const again = await peer('ada')
    await again.ask('$join', { kind: 'square' })
    expect(await again.told()).toEqual({ count: 1 })
    await clock.advance(2_000)
    await quiet()
    expect([told, square.presence.current.count]).toEqual([0, 1])
  })
})

describe('PR-6: a list', () => {
  test('has 1,000 sessions; at 1,001 the count takes its place, and at 900 it is back', async () => {
    const { client, clock, come, go } = await townWithCrowd()
    const ada = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    come(cafe, 0, 999)
    await eventually(() => ada.presence.current.members.length === 1_000, 'all are listed')
    expect(ada.presence.current).toMatchObject({ count: 1_000, isCountOnly: false })
    come(cafe, 999, 1_000)
    await eventually(() => ada.presence.current.isCountOnly, 'the count takes its place')
    expect(ada.presence.current).toEqual({ members: [], count: 1_001, isCountOnly: true })
    const bob = client('bob').join.cafe({ id: 'c' }, { presence: { name: 'Bob' } })
    await bob.ready
    expect(bob.presence.current).toEqual({ members: [], count: 1_002, isCountOnly: true })
    go(cafe, 0, 101)
    await clock.advance(1_000)
    await eventually(() => ada.presence.current.count === 901, 'the count is told')
    expect(ada.presence.current.isCountOnly).toBe(true)
    go(cafe, 101, 102)
    await clock.advance(1_000)
    await eventually(() => !ada.presence.current.isCountOnly, 'the list is back')
    expect(ada.presence.current.members).toHaveLength(900)
    expect(bob.presence.current).toEqual(ada.presence.current)
    come(cafe, 2_000, 2_001)
    await eventually(() => bob.presence.current.members.length === 901, 'changes are told again')
    expect(bob.presence.current).toEqual(ada.presence.current)
  })

  test('holds 131,072 units of what is said; beyond them the count takes its place', async () => {
    const { client, come } = await townWithCrowd()
    const ada = client('ada').join.cafe({ id: 'c' }, { presence: { name: 'Ada' } })
    await ada.ready
    // Each is 4,000 long with its ids; Ada, too, is some 55.
    const payload = (length: number) => `,${JSON.stringify({ name: 'x'.repeat(length - 12) })}`
    come(cafe, 10, 42, payload(3_994))
    await eventually(() => ada.presence.current.count === 33, 'all are listed')
    expect(ada.presence.current.isCountOnly).toBe(false)
    come(cafe, 42, 43, payload(3_994))
    await eventually(() => ada.presence.current.isCountOnly, 'the count takes its place')
    expect(ada.presence.current.count).toBe(34)
  })

  test('of the most annotations that fit can be sent', async () => {
    const { client, come, errors } = await townWithCrowd()
    const attic = client('ada').join.attic(undefined, { presence: 'Ada' })
    await attic.ready
    const sets = Array.from({ length: 250 }, () => [])
    const notes = Object.fromEntries(sets.map((_, index) => [index, ['set']]))
    const payload = `,${JSON.stringify(sets)},${JSON.stringify(notes)}`
    come('attic', 10, 10 + Math.floor(130_000 / (payload.length + 6)), payload)
    await eventually(() => attic.presence.current.count > 1, 'they are told')
    expect(attic.presence.current.isCountOnly).toBe(false)
    expect(attic.presence.current.members[1]?.entries[0]?.data).toEqual(sets.map(() => new Set()))
    const bob = client('bob').join.attic(undefined, { presence: 'Bob' })
    await bob.ready
    await eventually(() => bob.presence.current.count === attic.presence.current.count, 'both see the same')
    expect(bob.presence.current).toEqual(attic.presence.current)
    expect(errors).toEqual([])
  })
})

test('implement refuses options of presence that cannot be', async () => {
  const { createServer } = await import('@typewire/server')
  const { town } = await import('./stage.ts')
  const implement = (rooms: object) => () =>
    createServer(town, { authenticate: () => ({ identity: null }) }).implement({ rooms })
  expect(implement({ cafe: { presence: { graceMs: -1 } } })).toThrow(/rooms.cafe.presence.graceMs is -1/)
  expect(implement({ cafe: { presence: { graceMs: 86_400_001 } } })).toThrow(RangeError)
  expect(implement({ cafe: { presence: { mode: 'all' } } })).toThrow(/mode is 'all'/)
  expect(implement({ maze: { presence: {} } })).toThrow(/the contract declares no presence/)
})
