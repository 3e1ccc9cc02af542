// A cut at each frame of a stream and of an upload, one after the other, over real sockets.

import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { connect, faults } from './fault-stage.ts'
import { all } from './stage.ts'

failOnUnhandledRejections()

async function* numbers(to: number) {
  for (let n = 1; n <= to; n++) yield n
}
async function* words(count: number) {
  for (let n = 1; n <= count; n++) yield 'x'.repeat(n)
}

async function* lines(count: number, onOver = () => {}) {
  try {
    for (let n = 1; n <= count; n++) yield { n, text: 'x' }
  } finally {
    onOver()
  }
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe.each(['websocket', 'http-stream', 'http-poll'] as const)('over %s, cut at each of its frames', (transport) => {
  test.each(faults)('%s: a stream loses nothing and doubles nothing (ST-9)', { timeout: 60_000 }, async (fault) => {
    const { client, cutAt, ended } = await connect(transport)
    let cuts = 0
    for (let number = 1; number <= 30; number++) {
      const wasCut = cutAt(number, fault)
      expect(await all(client.stream.count({ to: 60 }))).toEqual(upTo(60))
      if (!wasCut()) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
    expect(ended).toEqual(Array.from({ length: cuts + 1 }, () => 'count'))
  })

  test.each(faults)('%s: an upload too, and both at once', { timeout: 60_000 }, async (fault) => {
    const { client, cutAt, ended } = await connect(transport)
    let cuts = 0
    for (let number = 1; number <= 30; number++) {
      const wasCut = cutAt(number, fault)
      expect(await client.call.sum(numbers(20))).toBe(210)
      if (!wasCut()) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
    expect(ended).toEqual(Array.from({ length: cuts + 1 }, () => 'sum'))
    for (let number = 1; number <= 12; number++) {
      cutAt(number, fault)
      expect(await all(client.stream.lengths(words(12)))).toEqual(upTo(12))
      expect((await all(client.stream.bytes())).map(([first]) => first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    }
  })

  test.each(faults)('%s: an upload with a head, read or left (ST-3, ST-5)', { timeout: 60_000 }, async (fault) => {
    const { client, cutAt, ended, source } = await connect(transport)
    let cuts = 0
    for (let number = 1; number <= 30; number++) {
      const wasCut = cutAt(number, fault)
      expect(await client.call.store({ name: 'whole', items: lines(20) })).toBe('whole: 20')
      if (!wasCut()) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
    expect(ended.splice(0)).toEqual(Array.from({ length: cuts + 1 }, () => 'whole'))
    cuts = 0
    const leaveOne = async () => {
      let letGo = () => {}
      source.isLetGo = new Promise((resolve) => (letGo = resolve))
      expect(await client.call.store({ name: 'short', items: lines(1_000_000, letGo) })).toBe('short: 3')
    }
    for (let number = 1; number <= 30; number++) {
      const wasCut = cutAt(number, fault)
      await leaveOne()
      if (!wasCut()) break
      cuts++
    }
    expect(cuts).toBeGreaterThan(2)
    expect(ended).toEqual(Array.from({ length: cuts + 1 }, () => 'short'))
    // And where the server says that it takes no more: at which number that is differs from run to run.
    const wasCut = cutAt(1, fault, ([kind, , upTo]) => kind === frames.credit.kind && upTo === 0)
    await leaveOne()
    expect(wasCut()).toBe(true)
  })
})
