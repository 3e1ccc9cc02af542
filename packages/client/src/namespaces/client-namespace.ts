import { type CallOptions, TypewireError } from '@typewire/core'
import { frames, StoreSource } from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import { backoffMs } from '../connection/backoff.ts'
import type { Connection } from '../connection/connection.ts'
import { untilConnected } from '../connection/until-connected.ts'
import type { Settings } from '../options.ts'
import type { Rooms } from '../parts/parts.ts'
import { assertTimeLimit } from '../time-limit.ts'
import type { NamespaceStatus } from '../types.ts'
import { until } from '../until.ts'
import { within, type WithinLimits } from '../within.ts'
import { errorFor, passingCodes } from './errors.ts'
import { NamespaceCredentials } from './namespace-credentials.ts'
import { NamespaceSender } from './namespace-sender.ts'
import type { Scope } from './scope.ts'

export interface ClientNamespaceOptions {
  readonly path: string
  /** What it lies in; none where that is the root. */
  readonly parent: ClientNamespace | undefined
  readonly connection: Connection
  readonly rooms: Rooms
  readonly settings: Settings
  /** What to show the server; a function may give something else each time. */
  readonly auth: unknown
  /** Itself, and behind it all that lies in it. */
  readonly inside: () => readonly ClientNamespace[]
}

/**
 * `idle`: nothing has used it, or not since the client was closed. `opening`: the server is asked, in this session, or once
 * there is one. `open`: what is sent goes to its handlers. `closed`: refused, closed by the server, or given back, and
 * `open` tries again; or, where that is not its own, what it lies in was, and its next use tries again.
 */
type State =
  | { readonly name: 'idle' }
  | { readonly name: 'opening'; readonly over: AbortController }
  | {
      readonly name: 'open'
      readonly over: AbortController
      readonly sinceMs: number
      /** The id of the `$open` that has opened it, which takes it back (NS-4). */
      readonly id: number
    }
  | { readonly name: 'closed'; readonly error: TypewireError; readonly isOwn: boolean }

/** What the server closes sooner than that after it was opened is not opened again at once more than once. */
const stableMs = 10_000

/**
 * A namespace, at the client: opened when it is first used, and again in each session that follows a lost one, before
 * anything of it is sent. What is sent belongs to the opening that it is sent in: when that is over, what the server has not
 * had waits again, or ends with it. Here are its states and the ways between them; what is asked meanwhile waits in its
 * `NamespaceSender`, and what is shown to open it is the affair of its `NamespaceCredentials`.
 */
export class ClientNamespace implements Scope {
  readonly isRoot = false
  readonly path: string
  readonly status: StoreSource<NamespaceStatus>
  readonly #options: ClientNamespaceOptions
  readonly #credentials: NamespaceCredentials
  readonly #sender: NamespaceSender
  #state: State = { name: 'idle' }
  /** As the server's last answer has it: who we are there (NS-8). */
  #owner: { readonly identity: unknown } | undefined
  /** Rises when the server takes us for somebody else: what was asked before is not sent any more. */
  #era = 0
  /** Something has used it, and nobody has closed it since. */
  #isWanted = false
  /** How often in a row the server has closed it soon after it was opened. */
  #quickEnds = 0

  constructor(options: ClientNamespaceOptions) {
    const { path, connection, settings, auth } = options
    this.#options = options
    this.path = path
    this.status = new StoreSource<NamespaceStatus>({ state: 'idle' }, settings.onError)
    this.#sender = new NamespaceSender({ connection, settings, owner: this })
    const opening = () => (this.#state.name === 'open' ? this.#state.over.signal : undefined)
    const untilOpen = (origin: string, limits: WithinLimits) => this.#untilOpen(origin, limits)
    this.#credentials = new NamespaceCredentials({ path, connection, settings, auth, owner: this, opening, untilOpen })
  }

  readonly qualify = (name: string): string => `${this.path}/${name}`

  get isOpen(): boolean {
    return this.#state.name === 'open'
  }

  /** Refused, or ended, and not about to be opened. */
  get isClosed(): boolean {
    return this.#state.name === 'closed'
  }

  get era(): number {
    return this.#era
  }

  readonly use = (origin: string): void => {
    const state = this.#state
    const { parent, connection } = this.#options
    if (state.name === 'closed' && state.isOwn) throw errorFor(origin, state.error)
    connection.use(origin)
    if ('over' in state) return
    parent?.use(origin)
    this.#begin()
  }

  readonly useQuietly = (): void => {
    if (this.#state.name !== 'idle') return
    this.#isWanted = true
    try {
      this.use(this.path)
    } catch {
      // What it lies in is closed, or the client: there is nothing to hear before that is opened again.
    }
  }

  readonly ask: Scope['ask'] = (asked, limits, send) => this.#sender.ask(asked, limits, send)

  readonly emit: Scope['emit'] = (name, payload, options) => this.#sender.emit(name, payload, options)

  /** Opens it, also where it was refused or closed, and resolves when it is. */
  readonly open = async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> => {
    const origin = `${this.path}.open`
    if (this.#state.name === 'closed') this.#enter({ name: 'idle' }, { state: 'idle' })
    this.use(origin)
    await this.#untilOpen(origin, { signal })
  }

  /** Shows the server credentials that were asked for after this; where it is not open, with its opening. */
  readonly reauthenticate = async (options: CallOptions = {}): Promise<void> => {
    const origin = `${this.path}.reauthenticate`
    assertTimeLimit(options.timeoutMs, origin)
    this.use(origin)
    await this.#credentials.reauthenticate(origin, options)
  }

  /** Ends it, and all that waits in it. Resolves when the server knows; at once where it cannot answer now, but hears it first. */
  readonly close = async (): Promise<void> => {
    const { connection } = this.#options
    const state = this.#state
    const wasClosed = !('over' in state)
    const what = `the namespace ${this.path} was closed. open() opens it again.`
    this.end(new TypewireError('CLOSED', what, { origin: this.path }), { by: 'client', isOwn: true })
    if (wasClosed || connection.isClosed) return
    if (connection.requests.areFull) {
      // An `$open` that had no answer is cancelled by now. That may be written while a call would have to wait (LM-2).
      if (state.name === 'open') connection.session.send({ text: `[${frames.cancel.kind},${state.id}]` })
      return
    }
    const id = connection.nextId()
    const text = `[${frames.call.kind},${id},"$close",0,{"namespace":"${this.path}"}]` // names need no escapes
    await new Promise<void>((resolve) => {
      try {
        // It waits for a connection as long as the session does.
        connection.requests.send({ id, origin: this.path, text, outlivesSession: false, settle: () => resolve() })
      } catch {
        resolve() // too many requests wait: it ends with the session
      }
      if (!connection.isOpen) resolve()
    })
  }

  /** Another session has taken the place of the one that it was opened in. */
  onReplaced(): void {
    const state = this.#state
    // One that an older node does not have, the next one may.
    if (state.name === 'closed' ? state.error.code !== 'NOT_FOUND' : state.name === 'idle') return
    const { closedBy } = this.#options.connection
    this.#stop()
    if (!closedBy) return this.#begin()
    this.#enter({ name: 'idle' }, { state: 'idle' })
    this.#sender.failRequests(closedBy)
  }

  /** There is a connection, or what it lies in is open: what was in use before that was closed opens again. */
  resume(): void {
    const state = this.#state
    if (state.name === 'idle' ? this.#isWanted : state.name === 'closed' && !state.isOwn) this.#begin()
  }

  /** The server has closed `path`, which is this one or what it lies in (NS-5, NS-7). */
  onClosed(path: string, reason: string, { mayReopen, received }: ClosedBy): void {
    const state = this.#state
    if (state.name !== 'open') return
    const { auth, connection, rooms, settings } = this.#options
    const what = `the namespace ${path} was closed by the server: ${reason}.`
    if (mayReopen && (typeof auth === 'function' || auth === undefined || path !== this.path)) {
      this.#quickEnds = settings.clock.now() - state.sinceMs < stableMs ? this.#quickEnds + 1 : 0
      this.#stop()
      this.#sender.takeBack(received)
      this.#begin() // before its requests are withdrawn and its rooms lost: both ask again, and must find it opening
      const lost = new TypewireError('SESSION_LOST', what)
      connection.requests.withdrawOf(this, ({ origin }, outcome) => errorFor(origin, lost, outcome), received)
      return rooms.onLost(this.path)
    }
    const error = new TypewireError('FORBIDDEN', what, { origin: path })
    this.end(error, { by: 'server', isOwn: path === this.path, received })
  }

  /**
   * Ends it, and all that waits in it, without a word to the server. `isOwn`: not only with what it lies in. `received`: how
   * many frames the server has had, where it said so.
   */
  end(error: TypewireError, { by, isOwn, received }: EndOptions): void {
    const { connection, rooms, inside } = this.#options
    if (!isOwn && !('over' in this.#state)) return
    if (isOwn) this.#isWanted = false
    this.#owner = undefined // nothing of its own is left
    this.#era++
    this.#stop()
    this.#sender.takeBack(received)
    // The state first: whoever is told of what ends with it may use it again.
    this.#enter({ name: 'closed', error, isOwn }, { state: 'closed', reason: error.message, error })
    this.#sender.drop(error)
    connection.requests.withdrawOf(this, ({ origin }, outcome) => errorFor(origin, error, outcome), received)
    rooms.endIn(this.path, error, by)
    if (isOwn) for (const inner of inside()) inner.end(error, { by, isOwn: false, received })
  }

  /** The server takes this client for somebody else: what one has asked is nothing to another. */
  onOtherIdentity(reason: TypewireError): void {
    this.#era++
    this.#owner = undefined
    this.#sender.drop(reason)
    this.#options.rooms.endIn(this.path, reason, 'client')
  }

  #begin(): void {
    this.#isWanted = true
    const over = new AbortController()
    this.#enter({ name: 'opening', over }, { state: 'opening' })
    void this.#open(over.signal)
  }

  /** Opens it, again and again where the server cannot tell for the moment. Never rejects. */
  async #open(signal: AbortSignal): Promise<void> {
    const { parent, connection, settings } = this.#options
    const origin = `${this.path}.open`
    const onOpened = (identity: unknown, id: number) => this.#onOpened(identity, id)
    for (let failures = Math.max(0, this.#quickEnds - 1); ; failures++) {
      await this.#pause(failures, signal)
      if (signal.aborted) return
      try {
        await untilConnected(connection, origin, { signal })
        parent?.use(origin)
        if (parent) await parent.#untilOpen(origin, { signal })
        const credentials = await this.#credentials.ask().catch(settings.onError)
        if (credentials) await this.#credentials.show(credentials, origin, { signal, onOpened })
      } catch (error) {
        if (signal.aborted) return
        const reason = asTypewireError(error, origin)
        if (!passingCodes.has(reason.code)) return this.end(reason, { by: 'server', isOwn: true })
      }
      if (this.#state.name !== 'opening' || this.#state.over.signal !== signal) return
    }
  }

  #pause(failures: number, signal: AbortSignal): Promise<void> {
    if (failures <= 0) return Promise.resolve()
    const { connection, settings } = this.#options
    const limits = { signal, timeoutMs: backoffMs(failures, settings) }
    return within(new Promise<void>(() => {}), this.path, connection.deadlines, limits).catch(() => {})
  }

  #onOpened(identity: unknown, id: number): void {
    const { rooms, settings, inside } = this.#options
    if (this.#owner && this.#owner.identity !== identity) {
      const what = `the server knows this client as somebody else now, in the namespace ${this.path}.`
      const reason = new TypewireError('SESSION_LOST', what, { origin: this.path })
      for (const inner of inside()) inner.onOtherIdentity(reason)
    }
    this.#owner = { identity }
    const state: State = { name: 'open', over: new AbortController(), sinceMs: settings.clock.now(), id }
    this.#state = state
    this.#sender.sendAll() // before anybody hears that it is open: what waits was asked first
    this.status.set({ state: 'open' })
    if (this.#state !== state) return
    rooms.onOpen(this.path)
    for (const inner of inside()) inner.resume()
  }

  /** What was under way to change the state is not any more. */
  #stop(): void {
    this.#credentials.stop()
    if ('over' in this.#state) this.#state.over.abort()
  }

  #untilOpen(origin: string, limits: WithinLimits): Promise<void> {
    const isOpen = (status: NamespaceStatus) => {
      if (status.state === 'closed') throw errorFor(origin, status.error)
      if (status.state === 'idle') this.use(origin) // throws what closed the client
      return status.state === 'open'
    }
    return until(this.status, isOpen, origin, this.#options.connection.deadlines, limits)
  }

  #enter(state: State, status: NamespaceStatus): void {
    this.#state = state
    this.status.set(status)
  }
}

/** What the frame says. */
export interface ClosedBy {
  readonly mayReopen: boolean
  readonly received: number | undefined
}

export interface EndOptions {
  readonly by: 'client' | 'server'
  readonly isOwn: boolean
  readonly received?: number | undefined
}
