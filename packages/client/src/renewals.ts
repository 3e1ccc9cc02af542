import type { CallOptions } from '@typewire/core'
import { type Deadline, frames, isCount } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import { connectTimeoutMs, type Settings } from './options.ts'
import { encodeText, request } from './outgoing.ts'
import { within } from './within.ts'

/** Credentials that end sooner are not renewed in advance: the next hello shows new ones (AU-1). */
const minRenewalMs = 1_000

/** Renews a client's credentials on the connection that it has (AU-2). */
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
    this.#next = this.#connection.deadlines.set(delayMs, () => {
      if (this.#connection.isOpen) this.renew({ timeoutMs: connectTimeoutMs }).catch(onError)
    })
  }

  /** Asks `auth` for credentials and shows them to the server. Rejects with what `auth` throws, or a `TypewireError`. */
  async renew(options: CallOptions): Promise<void> {
    const { deadlines } = this.#connection
    const origin = 'reauthenticate'
    this.#connection.use(origin)
    const auth = Promise.resolve().then(this.#settings.auth)
    const { signal, timeoutMs = connectTimeoutMs } = options
    const payload = await within(auth, origin, deadlines, { signal, timeoutMs })
    encodeText(payload, origin) // refuses bytes
    const asked = { kind: frames.call.kind, origin, head: '"$auth"', payload, outlivesSession: true }
    const { expiresInMs } = Object(await request(this.#connection, asked, options)) as {
      readonly expiresInMs?: unknown
    }
    this.renewBefore(isCount(expiresInMs) ? expiresInMs : undefined)
  }

  stop(): void {
    this.#next?.cancel()
  }
}
