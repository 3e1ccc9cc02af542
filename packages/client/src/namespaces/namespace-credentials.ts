import { type CallOptions, TypewireError } from '@typewire/core'
import { type Deadline, frames, isCount } from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import { backoffMs } from '../connection/backoff.ts'
import type { Connection } from '../connection/connection.ts'
import { untilConnected } from '../connection/until-connected.ts'
import { type Credentials, CredentialSource } from '../credentials.ts'
import { encodeText } from '../codec.ts'
import type { Settings } from '../options.ts'
import { request } from '../outgoing.ts'
import { renewalDelayMs } from '../renewals.ts'
import { within, type WithinLimits } from '../within.ts'
import { passingCodes } from './errors.ts'

/** How long after a failed renewal the next one comes at least. */
const renewalPauseMs = 1_000

export interface NamespaceCredentialsOptions {
  readonly path: string
  readonly connection: Connection
  readonly settings: Settings
  /** What to show the server; a function may give something else each time. */
  readonly auth: unknown
  /** The namespace: what is shown belongs to its opening. */
  readonly owner: object
  /** Of the opening that there is: aborts when that is over. `undefined` while it is not open. */
  readonly opening: () => AbortSignal | undefined
  readonly untilOpen: (origin: string, limits: WithinLimits) => Promise<void>
}

export interface ShowOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * The server has let it in, as whom the answer says, to the `$open` of this id: called while that is dispatched. Without it:
   * only where it is open.
   */
  readonly onOpened?: (identity: unknown, id: number) => void
}

/** What a client shows of who it is in a namespace: to open it, and again before that is over (NS-2, NS-6, NS-7). */
export class NamespaceCredentials {
  readonly #options: NamespaceCredentialsOptions
  readonly #source: CredentialSource
  /** The number of the credentials that the server has taken last. */
  #shown = 0
  #renewal: Deadline | undefined

  constructor(options: NamespaceCredentialsOptions) {
    const { auth } = options
    this.#options = options
    this.#source = new CredentialSource(typeof auth === 'function' ? (auth as () => unknown) : () => auth)
  }

  /** Asks the application. Rejects with what `auth` throws. */
  ask(): Promise<Credentials> {
    return this.#source.ask()
  }

  /** Shows them by `$open`. Rejects with a `TypewireError`. */
  async show({ number, value: auth }: Credentials, origin: string, { signal, onOpened }: ShowOptions): Promise<void> {
    const { path, connection, owner, opening } = this.#options
    const renew = onOpened ? {} : { renew: true }
    const payload = { namespace: path, ...(auth === undefined ? {} : { auth }), ...renew }
    encodeText(connection, payload, origin) // refuses bytes
    const asked = {
      kind: frames.call.kind,
      origin,
      head: '"$open"',
      payload,
      outlivesSession: false,
      owner,
      isUrgent: true,
    }
    // At once: what the server has sent behind its answer is of this opening.
    const onAnswer = (answer: unknown, id: number) => {
      const { identity, expiresInMs, timeLimits, notice } = Object(answer) as Partial<Record<string, unknown>>
      connection.timeLimits.learn(path, timeLimits)
      if (typeof notice === 'string') this.#options.settings.onError(new TypewireError('UNSUPPORTED', notice)) // HS-9
      this.#shown = number
      onOpened?.(identity, id)
      if (opening()) this.#renewBefore(isCount(expiresInMs) ? expiresInMs : undefined)
    }
    await request(connection, asked, { signal, onAnswer })
  }

  /** Resolves when the server has taken credentials that were asked for after this; the next opening may show them too. */
  async reauthenticate(origin: string, options: CallOptions): Promise<void> {
    const { connection, settings } = this.#options
    const over = new AbortController()
    const limits = { ...options, timeoutMs: options.timeoutMs ?? settings.timeoutMs }
    try {
      await within(this.#renew(origin, over.signal), origin, connection.deadlines, limits)
    } finally {
      over.abort()
    }
  }

  /** The opening is over, and with it what was to be renewed. */
  stop(): void {
    this.#renewal?.cancel()
  }

  async #renew(origin: string, signal?: AbortSignal): Promise<void> {
    const { connection, opening, untilOpen } = this.#options
    const wanted = this.#source.next
    while (this.#shown < wanted) {
      const present = opening()
      if (!present) {
        await untilOpen(origin, { signal })
        continue
      }
      try {
        // An end of the opening is an end of what was to be shown in it.
        const credentials = await within(this.#source.ask(), origin, connection.deadlines, { signal: present })
        if (signal?.aborted) return
        if (opening() === present) await this.show(credentials, origin, { signal })
      } catch (error) {
        if (opening() === present) throw error
      }
    }
  }

  /** Before the credentials are over, new ones are shown, where `auth` may give others. */
  #renewBefore(expiresInMs: number | undefined): void {
    this.stop()
    const { auth, settings } = this.#options
    const delayMs = typeof auth === 'function' ? renewalDelayMs(expiresInMs, settings.random) : undefined
    if (delayMs !== undefined) this.#renewAfter(delayMs)
  }

  /** Where that fails for the moment it is tried again, until the server closes the namespace: then the old ones are over. */
  #renewAfter(delayMs: number, failures = 1): void {
    const { path, connection, settings, opening } = this.#options
    const origin = `${path}.reauthenticate`
    const renew = async () => {
      const present = opening()
      try {
        await untilConnected(connection, origin, {})
        if (opening() === present) await this.#renew(origin)
      } catch (error) {
        if (opening() !== present) return
        settings.onError(error)
        if (passingCodes.has(asTypewireError(error, origin).code))
          this.#renewAfter(renewalPauseMs + backoffMs(failures, settings), failures + 1)
      }
    }
    this.#renewal = connection.deadlines.set(delayMs, () => void renew())
  }
}
