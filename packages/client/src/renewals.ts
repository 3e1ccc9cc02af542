import type { CallOptions } from '@typewire/core'
import { type Deadline, timedOut } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import type { Settings } from './options.ts'
import { origin, Renewal } from './renewal.ts'
import { within } from './within.ts'

/** Credentials that end sooner are not renewed in advance: the next hello shows new ones (AU-1). */
const minRenewalMs = 1_000

/**
 * How long until new ones are shown: when what is left of their time is between a fifth and a tenth, by chance, so that
 * clients that came together do not ask together. `undefined`: not in advance.
 */
export function renewalDelayMs(expiresInMs: number | undefined, random: () => number): number | undefined {
  if (expiresInMs === undefined) return undefined
  const delayMs = expiresInMs * (0.8 + random() * 0.1)
  return expiresInMs - delayMs < minRenewalMs / 10 || delayMs < minRenewalMs ? undefined : delayMs
}

/** Shows the server new credentials: on the connection that there is (AU-2), or with the hello of the next one. */
export class Renewals {
  readonly #settings: Settings
  readonly #connection: Connection
  #next: Deadline | undefined

  constructor(settings: Settings, connection: Connection) {
    this.#settings = settings
    this.#connection = connection
  }

  renewBefore(expiresInMs: number | undefined): void {
    this.stop()
    const { canRenewAuth, random, onError } = this.#settings
    const delayMs = canRenewAuth ? renewalDelayMs(expiresInMs, random) : undefined
    if (delayMs === undefined) return
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
