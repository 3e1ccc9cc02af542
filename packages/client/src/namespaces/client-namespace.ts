import { type CallOptions, type EmitOptions, isTypewireError, TypewireError } from '@typewire/core'
import { type Deadline, frameOf, frames, isCount, StoreSource, timedOut } from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import { backoffMs } from '../connection/backoff.ts'
import type { Connection } from '../connection/connection.ts'
import { CredentialSource } from '../credentials.ts'
import type { Settings } from '../options.ts'
import { type Asked, encode, encodeText, quietHead, request, sendVolatile } from '../outgoing.ts'
import { renewalDelayMs } from '../renewals.ts'
import type { ClientRooms } from '../rooms/client-rooms.ts'
import type { ClientStatus, NamespaceStatus } from '../types.ts'
import { until } from '../until.ts'
import { type QuietEvent, WaitingEvents } from '../waiting-events.ts'
import { within, type WithinLimits } from '../within.ts'
import type { Scope } from './scope.ts'

export interface ClientNamespaceOptions {
  readonly path: string
  /** What it lies in; none where that is the root. */
  readonly parent: ClientNamespace | undefined
  readonly connection: Connection
  readonly rooms: ClientRooms
  readonly settings: Settings
  /** What to show the server; a function may give something else each time. */
  readonly auth: unknown
}

/**
 * `idle`: nothing has used it, or not since the client was closed. `opening`: the server is asked, in this session, or once
 * there is one. `open`: what is sent goes to its handlers. `closed`: refused, closed by the server, or given back; `open`
 * tries again.
 */
type State =
  | { readonly name: 'idle' }
  | { readonly name: 'opening'; readonly over: AbortController }
  | { readonly name: 'open'; readonly renewal: Deadline | undefined }
  | { readonly name: 'closed'; readonly error: TypewireError }

/** What may pass: the server could not tell, or was not asked. */
const passing: ReadonlySet<string> = new Set(['INTERNAL', 'TIMED_OUT', 'OVERLOADED', 'FORBIDDEN', 'SESSION_LOST'])

/**
 * A namespace, at the client: opened when it is first used, and again in each session that follows a lost one, before
 * anything of it is sent. What is asked meanwhile waits, each within its own time limit.
 */
export class ClientNamespace implements Scope {
  readonly isRoot = false
  readonly path: string
  readonly status: StoreSource<NamespaceStatus>
  readonly #options: ClientNamespaceOptions
  readonly #credentials: CredentialSource
  readonly #waiting: WaitingEvents
  #state: State = { name: 'idle' }
  /** As the server's last answer has it: who we are there (NS-8). */
  #identity: unknown
  /** Rises when the server takes us for somebody else: what was asked before is not sent any more. */
  #era = 0

  constructor(options: ClientNamespaceOptions) {
    const { path, connection, settings, auth } = options
    const { onError } = settings
    this.#options = options
    this.path = path
    this.status = new StoreSource<NamespaceStatus>({ state: 'idle' }, onError)
    this.#credentials = new CredentialSource(typeof auth === 'function' ? (auth as () => unknown) : () => auth)
    this.#waiting = new WaitingEvents({ connection, onError, waitsFor: `the namespace ${path} to be open` })
  }

  readonly qualify = (name: string): string => `${this.path}/${name}`

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  get era(): number {
    return this.#era
  }

  readonly use = (origin: string): void => {
    const state = this.#state
    if (state.name === 'closed') {
      const { code, message } = state.error
      throw new TypewireError(code, `${origin}: ${message}`, { origin })
    }
    this.#options.connection.use(origin)
    if (state.name === 'idle') this.#begin()
  }

  readonly useQuietly = (): void => {
    this.#options.connection.useQuietly()
    if (this.#state.name === 'idle' && !this.#options.connection.isClosed) this.#begin()
  }

  readonly ask = async (
    origin: string,
    { signal, timeoutMs }: CallOptions,
    send: (limits: CallOptions, offer: Pick<Asked, 'again' | 'onUnknown'>) => Promise<unknown>,
  ): Promise<unknown> => {
    const { connection, settings } = this.#options
    const sinceMs = settings.clock.now()
    const leftOf = (limitMs: number) => Math.max(1, limitMs - (settings.clock.now() - sinceMs))
    const limitMs = timeoutMs ?? connection.backstopMs
    /** The id under which it was first sent, once the server may have seen it. */
    let again: number | undefined
    const outcome = () => (again === undefined ? 'not_sent' : 'unknown')
    const expired = () => timedOut(origin, limitMs, outcome(), this.#whyNotSent())
    const era = this.#era
    this.use(origin)
    for (;;) {
      if (!this.isOpen) await this.#untilOpen(origin, { signal, timeoutMs: leftOf(limitMs), expired })
      if (era !== this.#era) throw askedByAnother(origin, outcome())
      let isUnknown = false
      const onUnknown = (first: number) => {
        again = first
        isUnknown = true
      }
      // Offered again, it has what is left of its time also where the caller has set none: else it might be so for ever.
      const left = { signal, timeoutMs: (timeoutMs ?? again) === undefined ? undefined : leftOf(limitMs) }
      try {
        return await send(left, { again, onUnknown })
      } catch (error) {
        // Its session was lost: behind the next opening it is sent again, or, where the server may have seen it, offered.
        const goesOn = isUnknown || wasNotSent(error)
        if (!goesOn || connection.isClosed || this.#state.name === 'closed') throw error
      }
    }
  }

  readonly emit = (name: string, payload: unknown, options?: EmitOptions): void => {
    const encoded = encode(payload, name)
    this.use(name)
    if (options?.delivery === 'volatile') {
      const { connection } = this.#options
      if (this.isOpen) sendVolatile(connection, `0,${quietHead(connection, name, name)}`, encoded, name)
      return
    }
    const event = this.#waiting.make(name, name, encoded, 'namespace', options)
    if (this.isOpen) this.#send(event)
    else this.#waiting.add(event)
  }

  #send(event: QuietEvent): void {
    this.#waiting.send(event, frameOf(`[${frames.event.kind},0,${event.head}`, event.encoded))
  }

  /** Opens it, also where it was refused or closed, and resolves when it is. */
  readonly open = async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> => {
    const origin = `${this.path}.open`
    if (this.#state.name === 'closed') this.#enter({ name: 'idle' }, { state: 'idle' })
    this.use(origin)
    await this.#untilOpen(origin, { signal })
  }

  /** Shows the server new credentials; where it is not open, with its opening. */
  readonly reauthenticate = async (options: CallOptions = {}): Promise<void> => {
    const origin = `${this.path}.reauthenticate`
    await this.ask(origin, options, async (limits) => {
      const { value } = await within(this.#credentials.ask(), origin, this.#options.connection.deadlines, limits)
      const { expiresInMs } = await this.#show(value, origin, limits)
      if (this.isOpen) this.#enterOpen(expiresInMs)
    })
  }

  /** Ends it, and all that waits in it. Resolves when the server knows. */
  readonly close = async (): Promise<void> => {
    const { connection } = this.#options
    const { name } = this.#state
    const what = `the namespace ${this.path} was closed. open() opens it again.`
    this.end(new TypewireError('CLOSED', what, { origin: this.path }), 'client')
    if ((name !== 'open' && name !== 'opening') || !connection.isOpen) return // with the session it is closed as well
    const payload = { namespace: this.path }
    const asked = { kind: frames.call.kind, origin: this.path, head: '"$close"', payload, outlivesSession: false }
    await request(connection, asked).catch(() => {}) // the session was lost
  }

  /** Another session has taken the place of the one that it was opened in. */
  onReplaced(): void {
    const { name } = this.#state
    if (name === 'idle' || name === 'closed') return
    this.#stop()
    if (this.#options.connection.isClosed) {
      this.#waiting.drop()
      return this.#enter({ name: 'idle' }, { state: 'idle' })
    }
    this.#begin()
  }

  /** The server has closed it, or what it lies in (NS-5, NS-7). */
  onClosed(reason: string, mayReopen: boolean): void {
    if (this.#state.name !== 'open') return
    if (mayReopen && typeof this.#options.auth === 'function') {
      this.#stop()
      this.#begin()
      return this.#options.rooms.onLost(this.path)
    }
    const what = `the namespace ${this.path} was closed by the server: ${reason}.`
    this.end(new TypewireError('FORBIDDEN', what, { origin: this.path }), 'server')
  }

  /** Ends it, and all that waits in it, without a word to the server. */
  end(error: TypewireError, by: 'client' | 'server'): void {
    const { connection, rooms } = this.#options
    this.#stop()
    this.#enter({ name: 'closed', error }, { state: 'closed', reason: error.message, error })
    this.#waiting.drop(error)
    connection.requests.withdrawOf(this, ({ origin }) => {
      const { code, message } = error as TypewireError<'CLOSED' | 'FORBIDDEN'>
      return new TypewireError(code, `${origin}: ${message}`, { origin, outcome: 'unknown' })
    })
    rooms.endIn(this.path, error, by)
  }

  /** The server takes this client for somebody else: what one has asked is nothing to another. */
  onOtherIdentity(reason: TypewireError): void {
    this.#era++
    this.#identity = undefined
    this.#waiting.drop(reason)
  }

  #begin(): void {
    const over = new AbortController()
    this.#enter({ name: 'opening', over }, { state: 'opening' })
    void this.#open(over.signal)
  }

  /** Opens it, again and again where the server cannot tell for the moment. Never rejects. */
  async #open(signal: AbortSignal): Promise<void> {
    const { connection, settings, parent } = this.#options
    const { onError } = settings
    const origin = `${this.path}.open`
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await until(connection.status, isOpenOr(connection, origin), origin, connection.deadlines, { signal })
        parent?.use(origin)
        if (parent) await parent.#untilOpen(origin, { signal })
        const shown = await this.#ask(signal, onError)
        const answer = shown && (await this.#show(shown.value, origin, { signal }))
        if (signal.aborted) return
        if (answer) return this.#onOpened(answer)
      } catch (error) {
        if (signal.aborted) return
        const reason = asTypewireError(error, origin)
        if (connection.isClosed || !passing.has(reason.code) || isClosedParent(parent))
          return this.end(reason, 'server')
        if (reason.code === 'SESSION_LOST') failures = 0
      }
      await this.#pause(failures, signal)
    }
  }

  /** What the application shows; `undefined` where it has failed to give anything, which is told. */
  async #ask(signal: AbortSignal, onError: (error: unknown) => void): Promise<{ readonly value: unknown } | undefined> {
    const { deadlines } = this.#options.connection
    try {
      return await within(this.#credentials.ask(), this.path, deadlines, { signal })
    } catch (error) {
      if (!signal.aborted) onError(error)
      return undefined
    }
  }

  async #show(auth: unknown, origin: string, limits: CallOptions): Promise<Answer> {
    const payload = { namespace: this.path, ...(auth === undefined ? {} : { auth }) }
    encodeText(payload, origin) // refuses bytes
    const asked = { kind: frames.call.kind, origin, head: '"$open"', payload, outlivesSession: false }
    const { identity, expiresInMs } = Object(await request(this.#options.connection, asked, limits)) as Answer
    return { identity, expiresInMs: isCount(expiresInMs) ? expiresInMs : undefined }
  }

  #pause(failures: number, signal: AbortSignal): Promise<void> {
    if (failures === 0 || signal.aborted) return Promise.resolve()
    const { connection, settings } = this.#options
    return new Promise((resolve) => {
      const deadline = connection.deadlines.set(backoffMs(failures, settings), resolve)
      const stop = () => {
        deadline.cancel()
        resolve()
      }
      signal.addEventListener('abort', stop, { once: true })
    })
  }

  #onOpened({ identity, expiresInMs }: Answer): void {
    const { rooms } = this.#options
    if (this.#identity !== undefined && this.#identity !== identity) {
      const what = `the server knows this client as somebody else now, in the namespace ${this.path}.`
      const reason = new TypewireError('SESSION_LOST', what, { origin: this.path })
      this.onOtherIdentity(reason)
      rooms.endIn(this.path, reason, 'client')
    }
    this.#identity = identity
    this.#enterOpen(expiresInMs)
    this.#waiting.sendAll((event) => this.#send(event))
    rooms.onOpen(this.path)
  }

  /** Before the credentials are over, new ones are shown, where `auth` may give others. */
  #enterOpen(expiresInMs: number | undefined): void {
    this.#stop()
    const { auth, connection, settings } = this.#options
    const delayMs = typeof auth === 'function' ? renewalDelayMs(expiresInMs, settings.random) : undefined
    const renew = () => {
      if (connection.isOpen) this.reauthenticate().catch((error: unknown) => this.isOpen && settings.onError(error))
    }
    const renewal = delayMs === undefined ? undefined : connection.deadlines.set(delayMs, renew)
    this.#enter({ name: 'open', renewal }, { state: 'open' })
  }

  /** What was under way to change the state is not any more. */
  #stop(): void {
    if (this.#state.name === 'opening') this.#state.over.abort()
    if (this.#state.name === 'open') this.#state.renewal?.cancel()
  }

  #untilOpen(origin: string, limits: WithinLimits): Promise<void> {
    const isOpen = ({ state }: NamespaceStatus) => {
      if (state === 'closed' || state === 'idle') this.use(origin) // throws what closed it, or the client
      return state === 'open'
    }
    return until(this.status, isOpen, origin, this.#options.connection.deadlines, limits)
  }

  #whyNotSent(): string {
    const { connection } = this.#options
    return connection.isOpen ? `the namespace ${this.path} is not open yet` : connection.whyNotSent()
  }

  #enter(state: State, status: NamespaceStatus): void {
    this.#state = state
    this.status.set(status)
  }
}

interface Answer {
  readonly identity?: unknown
  readonly expiresInMs: number | undefined
}

const wasNotSent = (error: unknown) =>
  isTypewireError(error) && error.code === 'SESSION_LOST' && error.outcome === 'not_sent'

const askedByAnother = (origin: string, outcome: 'not_sent' | 'unknown') =>
  new TypewireError('SESSION_LOST', `${origin}: the server knows this client as somebody else now.`, {
    origin,
    outcome,
  })

const isClosedParent = (parent: ClientNamespace | undefined) => parent?.status.current.state === 'closed'

const isOpenOr = (connection: Connection, origin: string) => {
  return ({ state }: ClientStatus) => {
    if (state === 'closed') connection.use(origin) // throws what closed it
    return state === 'open'
  }
}
