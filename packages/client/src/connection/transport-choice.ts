import { closeCodes } from '@typewire/core'
import type { Settings } from '../options.ts'
import type { OpenTransport, TransportName } from '../transports/open-transport.ts'
import type { Ending } from './attempt.ts'

/** Transports with their openers, the best first. */
export type Transports = readonly (readonly [name: TransportName, open: OpenTransport])[]

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

  /** What is better than the one that is open. */
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
    if (code === closeCodes.HELD_BACK.code) this.#heldBackAtMs = this.#settings.clock.now()
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
