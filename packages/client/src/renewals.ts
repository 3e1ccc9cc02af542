import { type CallOptions, isTypewireError } from '@typewire/core'
import { type Deadline, frames, isCount, timedOut } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import type { Settings } from './options.ts'
import { encodeText, request } from './outgoing.ts'
import type { ClientStatus } from './types.ts'
import { until } from './until.ts'
import { within } from './within.ts'

/** Credentials that end sooner are not renewed in advance: the next hello shows new ones (AU-1). */
const minRenewalMs = 1_000

const origin = 'reauthenticate'

/** Shows the server new credentials: on the connection that there is (AU-2), or with the hello of the next one. */
export class Renewals {
  readonly #settings: Settings
  readonly #connection: Connection
  #next: Deadline | undefined

  constructor(settings: Settings, connection: Connection) {
    this.#settings = settings
    this.#connection = connection
  }

  /**
   * When what is left of their time is between a fifth and a tenth, new ones are shown: by chance, so that clients that
   * came together do not ask together.
   */
  renewBefore(expiresInMs: number | undefined): void {
    this.stop()
    const { canRenewAuth, random, onError } = this.#settings
    if (expiresInMs === undefined || !canRenewAuth) return
    const delayMs = expiresInMs * (0.8 + random() * 0.1)
    if (expiresInMs - delayMs < minRenewalMs / 10 || delayMs < minRenewalMs) return
    const onFailure = (error: unknown) => {
      if (!this.#connection.isClosed) onError(error) // else the status tells
    }
    this.#next = this.#connection.deadlines.set(delayMs, () => {
      if (this.#connection.isOpen) this.renew().catch(onFailure)
    })
  }

  stop(): void {
    this.#next?.cancel()
  }

  /** Resolves when the server has taken credentials that `auth` gave after this. Rejects with what `auth` throws, or a `TypewireError`. */
  async renew({ signal, timeoutMs }: CallOptions = {}): Promise<void> {
    const { deadlines } = this.#connection
    this.#connection.use(origin)
    const renewal = new Renewal(this.#connection)
    const expired = () => timedOut(origin, timeoutMs!, renewal.isSent ? 'unknown' : 'not_sent', renewal.whyNotSent())
    try {
      const expiresInMs = await within(renewal.run(), origin, deadlines, { signal, timeoutMs, expired })
      if (expiresInMs !== undefined) this.renewBefore(expiresInMs)
    } finally {
      renewal.end()
    }
  }
}

/**
 * One renewal. What is shown on a connection may be overtaken by the hello of the next one, which has newer credentials:
 * then these must not come behind it, and are not needed either.
 */
class Renewal {
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
    const isOpen = ({ state }: ClientStatus) => {
      if (state === 'closed') this.#connection.use(origin) // throws what closed it
      return state === 'open'
    }
    try {
      // Again for each session that is lost, or link that is, before they were shown.
      for (;;) {
        await until(status, isOpen, origin, deadlines, { signal })
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
    encodeText(payload, origin) // refuses bytes
    this.isSent = true
    const asked = { kind: frames.call.kind, origin, head: '"$auth"', payload, outlivesSession: false }
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
