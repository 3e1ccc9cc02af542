import { createFakeClock, type FakeClock } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import type { Price } from '../contract.ts'
import { limits } from '../limits.ts'
import { companies } from './companies.ts'
import { Market } from './market.ts'

const startedAtMs = Date.UTC(2026, 0, 1)

interface Given {
  readonly seed?: number
  readonly clock?: Pick<FakeClock, 'now' | 'after'>
}

function open({ seed = 1, clock = createFakeClock() }: Given = {}) {
  const prices: Price[] = []
  const market = new Market({ seed, clock, startedAtMs, onPrice: (price) => prices.push(price) })
  return { market, prices }
}

/** A clock whose timers run when the test says so, and as late as it says. */
function lateClock() {
  let now = 0
  let due: (() => void) | undefined
  let dueMs = 0
  return {
    now: () => now,
    after: (ms: number, run: () => void) => {
      due = run
      dueMs = now + ms
      return () => (due = undefined)
    },
    /** Runs the timer that is set, so many milliseconds after its time. */
    runLate: (lateMs: number) => {
      now = dueMs + lateMs
      due?.()
    },
  }
}

describe('Market', () => {
  test('makes the same prices of the same seed, and others of another', () => {
    const [one, same, other] = [open({ seed: 7 }), open({ seed: 7 }), open({ seed: 8 })]
    expect(one.market.now()).toEqual(same.market.now())
    expect(one.market.now()).not.toEqual(other.market.now())
  })

  test('makes a thousand prices in each second, and says when each was made', async () => {
    const clock = createFakeClock()
    const { market, prices } = open({ clock })
    market.start()
    for (let second = 1; second <= 10; second++) {
      await clock.advance(1_000)
      expect(market.made).toBe(second * 1_000)
    }
    expect(prices).toHaveLength(10_000)
    expect(prices[0]).toMatchObject({ at: startedAtMs + 10 })
    expect(prices.at(-1)).toMatchObject({ at: startedAtMs + 10_000 })
    expect(new Set(prices.map(({ symbol }) => symbol)).size).toBe(companies.length)
    market.stop()
    expect(clock.pending).toBe(0)
  })

  test('holds another rate from when it is set, to a price', async () => {
    const clock = createFakeClock()
    const { market } = open({ clock })
    market.start()
    await clock.advance(1_500)
    market.rate = 100
    await clock.advance(2_000)
    expect(market.made).toBe(1_700)
    market.rate = 4_000
    await clock.advance(1_000)
    expect(market.made).toBe(5_700)
  })

  test('does not fall behind by timers that are late', () => {
    const clock = lateClock()
    const { market } = open({ clock })
    market.start()
    while (clock.now() < 9_900) clock.runLate(13)
    expect(market.made).toBe(clock.now())
  })

  test('does not make up for more than a second in which the process stood still', () => {
    const clock = lateClock()
    const { market } = open({ clock })
    market.start()
    clock.runLate(990) // a second behind its start: all of it
    expect(market.made).toBe(1_000)
    clock.runLate(60_000)
    expect(market.made).toBe(1_010)
    clock.runLate(0)
    expect(market.made).toBe(1_020)
  })

  test('tells a minute of the past, and goes on with it', async () => {
    const clock = createFakeClock()
    const { market, prices } = open({ clock })
    const before = market.now()
    expect(before).toMatchObject({ nowMs: startedAtMs, historyEndsAt: startedAtMs })
    market.start()
    await clock.advance(2_500)
    const { listings, historyEndsAt, nowMs } = market.now()
    expect([historyEndsAt, nowMs]).toEqual([startedAtMs + 2_000, startedAtMs + 2_500])
    for (const [index, { symbol, history, price, at }] of listings.entries()) {
      const own = prices.filter((one) => one.symbol === symbol)
      expect({ symbol, price, at }).toEqual(own.at(-1))
      expect(history).toHaveLength(60)
      expect(history.slice(0, 58)).toEqual(before.listings[index]!.history.slice(2))
      expect(history[59]).toBe(own.filter((one) => one.at <= historyEndsAt).at(-1)!.price)
    }
  })

  test('changes no symbol twice in one tick, at the highest rate either', async () => {
    const clock = createFakeClock()
    const { market, prices } = open({ clock })
    market.rate = limits.maxRate
    market.start()
    await clock.advance(1_000)
    expect(prices).toHaveLength(limits.maxRate)
    expect(new Set(prices.map(({ symbol, at }) => `${symbol} ${at}`)).size).toBe(limits.maxRate)
  })

  test('has no price that is no change, and none that runs away', async () => {
    const clock = createFakeClock()
    const { market, prices } = open({ clock })
    const last = new Map(market.now().listings.map(({ symbol, price }) => [symbol, price]))
    market.start()
    await clock.advance(60_000)
    for (const { symbol, price } of prices) {
      expect(price).not.toBe(last.get(symbol))
      last.set(symbol, price)
    }
    for (const { open: opened, price } of market.now().listings) {
      expect(price / opened).toBeGreaterThan(0.5)
      expect(price / opened).toBeLessThan(2)
    }
  })
})
