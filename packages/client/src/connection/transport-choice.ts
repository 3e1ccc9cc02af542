import { closeCodes } from '@typewire/core'
import type { Settings } from '../options.ts'
import type { TransportName } from '../transports/open-transport.ts'
import type { Ending } from './ending.ts'
import type { NamedTransport } from './round.ts'

/** Transports with their openers, the best first. */
export type Transports = readonly NamedTransport[]

/** How long it is remembered which transport worked, and which was held back, in milliseconds. */
const memoryMs = 600_000
/** The longest until a better transport is tried again, in milliseconds. */
const maxUpgradeDelayMs = 300_000

/** What to connect by, from what was set and what has worked. */
export class TransportChoice {
  readonly #settings: Settings
  readonly #transports: Transports
  #worked: { readonly name: TransportName; readonly atMs: number } | undefined
  #heldBackAtMs = Number.NEGATIVE_INFINITY

  constructor(settings: Settings, transports: Transports) {
    this.#settings = settings
    this.#transports = transports
  }

  /** For a new round: what worked lately first, then the others in their order. */
  best(): Transports {
    const usable = this.#usable()
    const worked = this.#remembers(this.#worked?.atMs) ? this.#worked?.name : undefined
    return [...usable.filter(([name]) => name === worked), ...usable.filter(([name]) => name !== worked)]
  }

  /** The one that is open, or was open last. */
  current(): NamedTransport | undefined {
    return this.#transports.find(([name]) => name === this.#worked?.name)
  }

  /** Whether no transport is better than the one that is open. */
  isBest(): boolean {
    return this.#transports[0]?.[0] === this.#worked?.name
  }

  /** What is better than the one that is open, but for what was held back lately. */
  better(): Transports {
    const now = this.#worked?.name
    const usable = this.#usable()
    return usable.slice(
      0,
      Math.max(
        0,
        usable.findIndex(([name]) => name === now),
      ),
    )
  }

  /** Between half and the whole of a time that doubles with each failure: never at once, never in step. */
  upgradeDelayMs(failures: number): number {
    const bound = Math.min(maxUpgradeDelayMs, this.#settings.upgradeDelayMs * 2 ** failures)
    return bound / 2 + this.#settings.random() * (bound / 2)
  }

  onWelcome(name: TransportName): void {
    this.#worked = { name, atMs: this.#settings.clock.now() }
  }

  onEnd({ code }: Ending): void {
    if (code === closeCodes.HELD_BACK.code) this.#onHeldBack()
  }

  /** One was welcomed before others that had begun earlier. A stream that polls overtake is as good as held back. */
  onOvertaken(winner: TransportName, others: ReadonlySet<TransportName>): void {
    if (winner === 'http-poll' && others.has('http-stream')) this.#onHeldBack()
  }

  #onHeldBack(): void {
    this.#heldBackAtMs = this.#settings.clock.now()
  }

  #usable(): Transports {
    const isHeldBack = this.#remembers(this.#heldBackAtMs)
    const usable = this.#transports.filter(([name]) => !(isHeldBack && name === 'http-stream'))
    return usable.length > 0 ? usable : this.#transports // where it is the only one, it may come through again
  }

  #remembers(atMs: number | undefined): boolean {
    return atMs !== undefined && this.#settings.clock.now() - atMs < memoryMs
  }
}
