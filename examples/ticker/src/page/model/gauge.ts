import type { Figures, Price } from '../../contract.ts'

/** Over how long rates are taken, in milliseconds: long enough to be calm, also for a page that reads once a second. */
const windowMs = 3_000

/** Of how long the freshest draw is told, in milliseconds. */
const drawsMs = 1_500

/** What the page shows of how it keeps up. `undefined`: not known yet. */
export interface GaugeReading {
  /** When the server told its part of it. */
  readonly at: number
  /** Prices per second that are asked of the market. */
  readonly rate: number
  readonly madePerSecond: number | undefined
  readonly receivedPerSecond: number | undefined
  readonly conflatedPerSecond: number | undefined
  readonly rendersPerSecond: number | undefined
  /** How old the newest price was when it was drawn, in milliseconds: the freshest of the last draws. */
  readonly ageMs: number | undefined
  /** How many prices newer ones have replaced since the session began. */
  readonly conflated: number
}

interface Mark extends Figures {
  readonly hereMs: number
  readonly received: number
  readonly renders: number
}

/** Counts what comes and what is drawn, and makes rates of it whenever the server tells its own counts. */
export class Gauge {
  readonly #now: () => number
  #marks: Mark[] = []
  #received = 0
  #renders = 0
  #newestAt = 0
  #draws: { readonly hereMs: number; readonly ageMs: number }[] = []
  /** How far the server's clock is ahead of ours, and how long the question took by which that is known. */
  #ahead: { readonly ms: number; readonly tookMs: number } | undefined

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number = () => performance.timeOrigin + performance.now()) {
    this.#now = now
  }

  now(): number {
    return this.#now()
  }

  /** The server has told what its clock shows. Of several times the one that is known best counts: the quickest answer. */
  setClock(serverMs: number, askedAtMs: number): void {
    const now = this.#now()
    const tookMs = now - askedAtMs
    if (this.#ahead && this.#ahead.tookMs <= tookMs) return
    this.#ahead = { ms: serverMs - (askedAtMs + now) / 2, tookMs }
  }

  came({ at }: Price): void {
    this.#received++
    if (at > this.#newestAt) this.#newestAt = at
  }

  drew(): void {
    this.#renders++
    if (!this.#ahead || this.#newestAt === 0) return
    const hereMs = this.#now()
    this.#draws.push({ hereMs, ageMs: Math.max(0, hereMs + this.#ahead.ms - this.#newestAt) })
  }

  /** The connection is lost: rates begin anew. */
  forget(): void {
    this.#marks = []
    this.#draws = []
  }

  read(figures: Figures): GaugeReading {
    const mark = { ...figures, hereMs: this.#now(), received: this.#received, renders: this.#renders }
    // Nothing comes before it was sent: that much its clock is ahead at least.
    if (this.#ahead) this.#ahead = { ...this.#ahead, ms: Math.max(this.#ahead.ms, figures.at - mark.hereMs) }
    const last = this.#marks.at(-1)
    // Another session, or another server: it counts from its own beginning.
    if (last && (figures.made < last.made || figures.conflated < last.conflated)) this.#marks = []
    this.#marks.push(mark)
    while (this.#marks.length > 2 && this.#marks[1]!.at <= mark.at - windowMs) this.#marks.shift()
    const first = this.#marks[0]!
    // A page that stands still for most of a second draws what has piled up first, and then what is new.
    this.#draws = this.#draws.filter(({ hereMs }) => hereMs > mark.hereMs - drawsMs)
    const ages = this.#draws.map(({ ageMs }) => ageMs)
    const perSecond = (count: number, ms: number) => (ms > 0 ? Math.max(0, (count * 1_000) / ms) : undefined)
    return {
      at: figures.at,
      rate: figures.rate,
      madePerSecond: perSecond(mark.made - first.made, mark.at - first.at),
      receivedPerSecond: perSecond(mark.received - first.received, mark.hereMs - first.hereMs),
      conflatedPerSecond: perSecond(mark.conflated - first.conflated, mark.at - first.at),
      rendersPerSecond: perSecond(mark.renders - first.renders, mark.hereMs - first.hereMs),
      ageMs: ages.length > 0 ? Math.min(...ages) : undefined,
      conflated: figures.conflated,
    }
  }
}
