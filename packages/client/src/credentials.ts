/** What the application has given to show the server. */
export interface Credentials {
  /** Above that of all that were asked for before. */
  readonly number: number
  readonly value: unknown
}

/**
 * Asks the application for credentials. Its answer may be a dialog, so it is never asked while an answer is pending:
 * whoever needs credentials meanwhile gets the same ones.
 */
export class CredentialSource {
  readonly #auth: () => unknown
  #number = 0
  #pending: Promise<Credentials> | undefined

  constructor(auth: () => unknown) {
    this.#auth = auth
  }

  /** The number of those that `ask` would give now. */
  get next(): number {
    return this.#pending ? this.#number : this.#number + 1
  }

  /** Rejects with what `auth` throws. */
  ask(): Promise<Credentials> {
    return (this.#pending ??= this.#ask(++this.#number))
  }

  async #ask(number: number): Promise<Credentials> {
    try {
      // Behind a promise also where `auth` throws at once: it is pending first.
      return { number, value: await Promise.resolve().then(this.#auth) }
    } finally {
      this.#pending = undefined
    }
  }
}
