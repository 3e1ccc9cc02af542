import type { Market, Price } from '../../contract.ts'
import { limits } from '../../limits.ts'

const keptMs = limits.historySeconds * 1_000

/** For how long no price of any symbol has come, in milliseconds, when that is a gap and no rest. */
const gapMs = 2_500

/** The times, in seconds since 1970, and the prices at those; `null` where there is a gap, which no line crosses. */
export type Series = readonly [seconds: readonly number[], prices: readonly (number | null)[]]

const nothing: Series = [[], []]

/**
 * Every price of the last minute, for the chart: too many to be copied with each that comes, so this is mutated, and read when
 * something is drawn.
 */
export class Tape {
  readonly #series = new Map<string, [seconds: number[], prices: (number | null)[]]>()
  #newestAt = 0
  /** Until when there were prices, before the last gap. */
  #gapFrom = 0

  /** When the newest price of all was made. */
  get newestAt(): number {
    return this.#newestAt
  }

  add({ symbol, price, at }: Price): void {
    let series = this.#series.get(symbol)
    if (!series) this.#series.set(symbol, (series = [[], []]))
    const [seconds, prices] = series
    if (this.#newestAt > 0 && at - this.#newestAt > gapMs) this.#gapFrom = this.#newestAt
    const last = seconds.at(-1)
    if (last !== undefined && last <= this.#gapFrom / 1_000) {
      seconds.push((last + at / 1_000) / 2)
      prices.push(null)
    }
    seconds.push(at / 1_000)
    prices.push(price)
    this.#newestAt = Math.max(this.#newestAt, at)
    // Not at each price: the beginning of an array is dear to take away.
    if (seconds[0]! < (at - 1.5 * keptMs) / 1_000) {
      const surplus = seconds.findIndex((second) => second >= (at - keptMs) / 1_000)
      seconds.splice(0, surplus)
      prices.splice(0, surplus)
    }
  }

  /** What the server tells of the past goes before what has come since. */
  load({ listings, historyEndsAt }: Market): void {
    for (const { symbol, history } of listings) {
      const [seconds, prices] = this.#series.get(symbol) ?? nothing
      const first = seconds.findIndex((second) => second > historyEndsAt / 1_000)
      const since = first === -1 ? seconds.length : first
      const past = history.map((_, index) => historyEndsAt / 1_000 - (history.length - 1 - index))
      this.#series.set(symbol, [
        [...past, ...seconds.slice(since)],
        [...history, ...prices.slice(since)],
      ])
    }
    this.#newestAt = Math.max(this.#newestAt, historyEndsAt)
  }

  series(symbol: string): Series {
    return this.#series.get(symbol) ?? nothing
  }
}
