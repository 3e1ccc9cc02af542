import type { CancelTimer, Clock } from '@typewire/core'
import type { Market as MarketNow, Price } from '../contract.ts'
import { limits } from '../limits.ts'
import { companies, type Company } from './companies.ts'
import { seededRandom } from './random.ts'

/** How often prices are made, in milliseconds: oftener than a screen could show them, seldom enough to share a message. */
const tickMs = 10

/** How far one price lies from the one before, in parts of it, as a standard deviation. */
const stepSize = 0.0004

export interface MarketOptions {
  /** The same seed makes the same prices. */
  readonly seed: number
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** What the time of day is now, in milliseconds since 1970; from here on `clock` counts. */
  readonly startedAtMs: number
  readonly onPrice: (price: Price) => void
}

interface Quote {
  readonly company: Company
  /** How much oftener than others its price changes. */
  readonly activity: number
  cents: number
  at: number
  /** Which tick it has its price of. */
  tick: number
  readonly history: number[]
}

/** A market whose prices walk at random, so many per second in all. It has a past when it begins. */
export class Market {
  readonly #clock: MarketOptions['clock']
  readonly #onPrice: MarketOptions['onPrice']
  readonly #random: () => number
  readonly #quotes: readonly Quote[]
  readonly #activity: number
  /** What `clock` showed at midnight of 1 January 1970, so to speak. */
  readonly #epochMs: number
  #rate: number = limits.defaultRate
  #made = 0
  #ticks = 0
  /** From when on, by the clock, and from which price on the rate is held. */
  #since: { readonly ms: number; readonly made: number }
  #nextTickMs: number
  #historyEndsMs: number
  #cancel: CancelTimer | undefined

  constructor({ seed, clock, startedAtMs, onPrice }: MarketOptions) {
    this.#clock = clock
    this.#onPrice = onPrice
    this.#random = seededRandom(seed)
    const now = clock.now()
    this.#epochMs = now - startedAtMs
    this.#quotes = companies.map((company) => ({
      company,
      activity: 1 + 4 * this.#random(),
      cents: company.openCents,
      at: startedAtMs,
      tick: 0,
      history: [],
    }))
    this.#activity = this.#quotes.reduce((sum, { activity }) => sum + activity, 0)
    this.#since = { ms: now, made: 0 }
    this.#nextTickMs = now + tickMs
    this.#historyEndsMs = now
    this.#makePast()
  }

  /** How many prices were made since it started. */
  get made(): number {
    return this.#made
  }

  /** Prices per second. */
  get rate(): number {
    return this.#rate
  }

  set rate(rate: number) {
    this.#rate = rate
    this.#since = { ms: this.#clock.now(), made: this.#made }
  }

  start(): void {
    this.#since = { ms: this.#clock.now(), made: this.#made }
    this.#nextTickMs = this.#since.ms + tickMs
    this.#setTimer()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** What the time of day is, by the market's clock. */
  nowMs(): number {
    return Math.round(this.#clock.now() - this.#epochMs)
  }

  now(): MarketNow {
    return {
      nowMs: this.nowMs(),
      historyEndsAt: Math.round(this.#historyEndsMs - this.#epochMs),
      listings: this.#quotes.map(({ company: { symbol, name, openCents }, cents, at, history }) => ({
        symbol,
        name,
        open: openCents / 100,
        price: cents / 100,
        at,
        history: history.map((past) => past / 100),
      })),
    }
  }

  /** Ticks have fixed places in time: that one comes late makes none of the later ones late. */
  #setTimer(): void {
    this.#cancel = this.#clock.after(this.#nextTickMs - this.#clock.now(), () => {
      this.#tick()
      this.#setTimer()
    })
  }

  #tick(): void {
    const now = this.#clock.now()
    this.#nextTickMs += tickMs * (Math.floor((now - this.#nextTickMs) / tickMs) + 1)
    // A process that stood still for long does not make up for it.
    if ((now - this.#since.ms) * this.#rate - (this.#made - this.#since.made) * 1_000 > this.#rate * 1_000) {
      this.#since = { ms: now - tickMs, made: this.#made }
    }
    const due = this.#since.made + Math.floor(((now - this.#since.ms) * this.#rate) / 1_000)
    const at = Math.round(now - this.#epochMs)
    this.#ticks++
    while (this.#made < due) {
      this.#made++
      const quote = this.#step()
      quote.at = at
      this.#onPrice({ symbol: quote.company.symbol, price: quote.cents / 100, at })
    }
    while (now - this.#historyEndsMs >= 1_000) {
      this.#historyEndsMs += 1_000
      this.#remember()
    }
  }

  /** Another price of one symbol: a step that neither leads far from where it opened nor to nothing. */
  #step(): Quote {
    const quote = this.#choose()
    const { openCents } = quote.company
    const homeward = ((openCents - quote.cents) / openCents) * 0.0005
    const next = quote.cents * (1 + homeward + stepSize * this.#gaussian())
    // No price that is no change.
    const change = Math.round(next) - quote.cents || (this.#random() < 0.5 ? -1 : 1)
    quote.cents = Math.max(100, quote.cents + change)
    return quote
  }

  /** Any that has no price of this tick yet: of two prices in one turn the newer would be all that is sent, to everybody. */
  #choose(): Quote {
    let left = this.#random() * this.#activity
    const first = Math.max(
      0,
      this.#quotes.findIndex(({ activity }) => (left -= activity) < 0),
    )
    let chosen = this.#quotes[first]!
    for (let next = 1; chosen.tick === this.#ticks && next < this.#quotes.length; next++) {
      chosen = this.#quotes[(first + next) % this.#quotes.length]!
    }
    chosen.tick = this.#ticks
    return chosen
  }

  /** Box and Muller's. */
  #gaussian(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random())
  }

  #remember(): void {
    for (const { cents, history } of this.#quotes) {
      history.push(cents)
      if (history.length > limits.historySeconds) history.shift()
    }
  }

  #makePast(): void {
    for (let second = 0; second < limits.historySeconds; second++) {
      for (let count = 0; count < this.#rate; count++) {
        this.#ticks++
        this.#step()
      }
      this.#remember()
    }
  }
}
