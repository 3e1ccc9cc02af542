import { closeCodes } from '@typewire/core'
import type { Settings } from '../options.ts'
import type { TransportName } from '../transports/open-transport.ts'
import type { Round } from './round.ts'
import type { TransportChoice, Transports } from './transport-choice.ts'

/** What makes a round of these transports beside the one that is open. `onFail`: none of them was welcomed. */
export type StartRoundBeside = (transports: Transports, onFail: () => void) => Round

/** Tries better transports beside the one that is open, later and later while they fail or do not last (HT-7). */
export class Upgrades {
  readonly #clock: Settings['clock']
  readonly #choice: TransportChoice
  readonly #newRound: StartRoundBeside
  #cancel = (): void => {}
  #round: Round | undefined
  /** What the round that is under way is to replace. */
  #from: TransportName | undefined
  #failures = 0
  /** The one that is open came by an upgrade. */
  #isUpgraded = false

  constructor({ clock }: Settings, choice: TransportChoice, newRound: StartRoundBeside) {
    this.#clock = clock
    this.#choice = choice
    this.#newRound = newRound
  }

  /** The round that is under way. */
  get round(): Round | undefined {
    return this.#round
  }

  /** A round was welcomed, by this transport. `canMove`: whether its session can go on over another. */
  onWelcome(round: Round, transport: TransportName, { canMove }: { readonly canMove: boolean }): void {
    const wasUpgrading = round === this.#round
    this.#isUpgraded = wasUpgrading && transport !== this.#from
    if (wasUpgrading && !this.#isUpgraded) this.#failures++ // the one of before had to come back
    if (wasUpgrading) this.#round = undefined
    this.stop()
    if (canMove) this.#tryLater()
  }

  /** The one that was open has ended, and no upgrade takes its place. */
  onEnd({ wasStable }: { readonly wasStable: boolean }): void {
    if (wasStable) this.#failures = 0
    else if (this.#isUpgraded) this.#failures++
    this.#isUpgraded = false
    this.stop()
  }

  stop(): void {
    this.#cancel()
    this.#round?.close(closeCodes.NORMAL.code, 'not needed any more')
    this.#round = undefined
  }

  #tryLater(): void {
    if (this.#choice.isBest()) return
    this.#cancel = this.#clock.after(this.#choice.upgradeDelayMs(this.#failures), () => {
      const better = this.#choice.better()
      const onFail = () => {
        this.#round = undefined
        this.#failures++
        this.#tryLater()
      }
      if (better.length === 0) return onFail() // what there is was held back lately
      this.#from = this.#choice.current()?.[0]
      this.#round = this.#newRound(better, onFail)
      this.#round.start()
    })
  }
}
