import { isTypewireError } from '@typewire/core'
import { frames, isCount } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import { untilConnected } from './connection/until-connected.ts'
import { encodeText } from './codec.ts'
import { request } from './outgoing.ts'
import { within } from './within.ts'

/** For errors. */
export const origin = 'reauthenticate'

/**
 * One renewal. What is shown on a connection may be overtaken by the hello of the next one, which has newer credentials:
 * then these must not come behind it, and are not needed either.
 */
export class Renewal {
  readonly #connection: Connection
  /** Credentials with this number or a higher one were asked for after the renewal. */
  readonly #wanted: number
  readonly #over = new AbortController()
  isSent = false

  constructor(connection: Connection) {
    this.#connection = connection
    this.#wanted = connection.credentials.next
  }

  get #isShown(): boolean {
    return this.#connection.isOpen && this.#connection.shownNumber >= this.#wanted
  }

  whyNotSent(): string {
    return this.#connection.isOpen ? '`auth` has not answered' : this.#connection.whyNotSent()
  }

  /** Takes back what is not done. */
  end(): void {
    this.#over.abort()
  }

  /** Resolves to how long the credentials are good, if it was told here and not by a welcome. */
  async run(): Promise<number | undefined> {
    const { status, deadlines } = this.#connection
    const { signal } = this.#over
    // At once, before the session goes on over the new connection: what waits there is taken back.
    const off = status.subscribe(() => {
      if (this.#isShown || this.#connection.isClosed) this.end()
    })
    try {
      // Again for each session that is lost, or link that is, before they were shown.
      for (;;) {
        await untilConnected(this.#connection, origin, { signal })
        if (this.#isShown) return undefined
        const { value } = await within(this.#connection.credentials.ask(), origin, deadlines, { signal })
        if (this.#connection.isOpen && !this.#isShown) {
          const answer = await this.#showInBand(value)
          if (answer) return answer.expiresInMs
        }
      }
    } catch (error) {
      if (this.#isShown) return undefined
      this.#connection.use(origin)
      throw error
    } finally {
      off()
    }
  }

  /** Resolves to `undefined` where the session was lost. */
  async #showInBand(payload: unknown): Promise<{ readonly expiresInMs: number | undefined } | undefined> {
    encodeText(this.#connection, payload, origin) // refuses bytes
    this.isSent = true
    const asked = { kind: frames.call.kind, origin, head: '"$auth"', payload, outlivesSession: false, isUrgent: true }
    try {
      const answer = await request(this.#connection, asked, { signal: this.#over.signal })
      const { expiresInMs } = Object(answer) as { readonly expiresInMs?: unknown }
      return { expiresInMs: isCount(expiresInMs) ? expiresInMs : undefined }
    } catch (error) {
      if (isTypewireError(error) && error.code === 'SESSION_LOST' && !this.#connection.isClosed) return undefined
      throw error
    }
  }
}
