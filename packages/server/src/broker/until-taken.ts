import { type MaybePromise, TypewireError } from '@typewire/core'
import { type Deadline, type Deadlines, isPromiseLike } from '@typewire/core/internal'

/** After how many milliseconds what the broker did not take is said again. */
export const sayAgainMs = 1_000
/** How much waits to be said again, at most. The oldest goes first, and is reported. */
export const maxUnsaid = 100_000

/** Something to say to a broker. */
interface Word {
  readonly what: string
  /** May be called again: says what is true by then. */
  readonly say: () => MaybePromise<void>
  isReported: boolean
}

/**
 * Says to a broker what nobody waits for, and says it again until it is taken. Of one key the last word counts: one that
 * failed is not said again once there is another.
 */
export class UntilTaken {
  readonly #deadlines: Deadlines
  readonly #report: (error: unknown, what: string) => void
  /** What is on its way, or has failed. */
  readonly #last = new Map<string, Word>()
  /** Those of them that have failed, the oldest first. */
  readonly #failed = new Map<string, Word>()
  #deadline: Deadline | undefined
  #isClosed = false

  constructor(deadlines: Deadlines, report: (error: unknown, what: string) => void) {
    this.#deadlines = deadlines
    this.#report = report
  }

  say(key: string, what: string, say: () => MaybePromise<void>): void {
    if (this.#isClosed) return
    const word = { what, say, isReported: false }
    this.#last.set(key, word)
    this.#failed.delete(key)
    this.#try(key, word)
  }

  /** From here on nothing is said any more. */
  close(): void {
    this.#isClosed = true
    this.#deadline?.cancel()
    this.#last.clear()
    this.#failed.clear()
  }

  #try(key: string, word: Word): void {
    try {
      const said = word.say()
      if (!isPromiseLike(said)) return this.#onTaken(key, word)
      Promise.resolve(said).then(
        () => this.#onTaken(key, word),
        (error: unknown) => this.#onFailed(key, word, error),
      )
    } catch (error) {
      this.#onFailed(key, word, error)
    }
  }

  #onTaken(key: string, word: Word): void {
    if (this.#last.get(key) === word) this.#last.delete(key)
  }

  #onFailed(key: string, word: Word, error: unknown): void {
    if (!word.isReported) this.#report(error, word.what)
    word.isReported = true
    if (this.#last.get(key) !== word) return
    this.#failed.set(key, word)
    if (this.#failed.size > maxUnsaid) this.#giveUpOldest()
    this.#deadline ??= this.#deadlines.set(sayAgainMs, () => this.#sayAgain())
  }

  #sayAgain(): void {
    this.#deadline = undefined
    const words = [...this.#failed]
    this.#failed.clear()
    for (const [key, word] of words) this.#try(key, word)
  }

  #giveUpOldest(): void {
    const [key, { what }] = this.#failed.entries().next().value!
    this.#failed.delete(key)
    this.#last.delete(key)
    this.#report(new TypewireError('OVERLOADED', `More than ${maxUnsaid} words wait for the broker.`), what)
  }
}
