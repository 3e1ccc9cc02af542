import { type CallOptions, type EmitOptions, isTypewireError, TypewireError } from '@typewire/core'
import {
  type Deadline,
  type EncodedPayload,
  frameOf,
  frames,
  isCount,
  lengthOf,
  StoreSource,
  timedOut,
} from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import { backoffMs } from '../connection/backoff.ts'
import type { Connection } from '../connection/connection.ts'
import { type Credentials, CredentialSource } from '../credentials.ts'
import type { Settings } from '../options.ts'
import { encode, encodeText } from '../encode.ts'
import { type EmittedEvent, emittedNow, nextOrder } from '../emitted-event.ts'
import { type Asked, backstopOf, request, sendVolatile } from '../outgoing.ts'
import { renewalDelayMs } from '../renewals.ts'
import type { ClientRooms } from '../rooms/client-rooms.ts'
import { assertTimeLimit } from '../time-limit.ts'
import type { ClientStatus, NamespaceStatus } from '../types.ts'
import { until } from '../until.ts'
import { type QuietEvent, WaitingEvents } from '../waiting-events.ts'
import { within, type WithinLimits } from '../within.ts'
import { RequestQueue } from './request-queue.ts'
import type { Scope } from './scope.ts'

/** What is asked, as it stands in a frame. */
type Ready = Asked & { readonly encoded: EncodedPayload }
/** When and as whom it is asked, and how it is sent. */
interface Asking {
  readonly sinceMs: number
  readonly era: number
  readonly order: number
  readonly send: (asked: Asked, limits: CallOptions) => Promise<unknown>
}

export interface ClientNamespaceOptions {
  readonly path: string
  /** What it lies in; none where that is the root. */
  readonly parent: ClientNamespace | undefined
  readonly connection: Connection
  readonly rooms: ClientRooms
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
  | { readonly name: 'open'; readonly over: AbortController; readonly sinceMs: number }
  | { readonly name: 'closed'; readonly error: TypewireError; readonly isOwn: boolean }

/** What may pass: the server could not tell, or was not asked. */
const passing: ReadonlySet<string> = new Set(['INTERNAL', 'TIMED_OUT', 'OVERLOADED', 'FORBIDDEN'])

/** What the server closes sooner than that after it was opened is not opened again at once more than once. */
const stableMs = 10_000
/** How long after a failed renewal the next one comes at least. */
const renewalPauseMs = 1_000

/**
 * A namespace, at the client: opened when it is first used, and again in each session that follows a lost one, before
 * anything of it is sent. What is asked meanwhile waits, encoded and in order, each within its own time limit. What is sent
 * belongs to the opening that it is sent in: when that is over, what the server has not had waits again, or ends with it.
 * Longer than our files are: the ways between its states read best beside each other.
 */
export class ClientNamespace implements Scope {
  readonly isRoot = false
  readonly path: string
  readonly status: StoreSource<NamespaceStatus>
  readonly #options: ClientNamespaceOptions
  readonly #credentials: CredentialSource
  readonly #events: WaitingEvents
  readonly #requests: RequestQueue
  #state: State = { name: 'idle' }
  /** As the server's last answer has it: who we are there (NS-8). */
  #owner: { readonly identity: unknown } | undefined
  /** Rises when the server takes us for somebody else: what was asked before is not sent any more. */
  #era = 0
  /** Something has used it, and nobody has closed it since. */
  #isWanted = false
  /** The number of the credentials that the server has taken last. */
  #shown = 0
  #renewal: Deadline | undefined
  /** How often in a row the server has closed it soon after it was opened. */
  #quickEnds = 0

  constructor(options: ClientNamespaceOptions) {
    const { path, connection, settings, auth } = options
    const { onError } = settings
    this.#options = options
    this.path = path
    this.status = new StoreSource<NamespaceStatus>({ state: 'idle' }, onError)
    this.#credentials = new CredentialSource(typeof auth === 'function' ? (auth as () => unknown) : () => auth)
    this.#events = new WaitingEvents({ connection, onError, waitsFor: `the namespace ${path} to be open`, owner: this })
    this.#requests = new RequestQueue(connection)
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
    const { parent, connection } = this.#options
    if (state.name === 'closed' && state.isOwn) throw of(state.error, origin)
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

  readonly ask = async (
    asked: Asked,
    { signal, timeoutMs }: CallOptions,
    send: (asked: Asked, limits: CallOptions) => Promise<unknown>,
  ): Promise<unknown> => {
    const { connection } = this.#options
    const { origin } = asked
    const payload = encode(asked.payload, origin)
    const asking = { sinceMs: asked.sinceMs ?? connection.now(), era: this.#era, order: nextOrder(), send }
    const limits = { signal, timeoutMs }
    if (connection.outbox.passes(payload)) return this.#ask({ ...asked, encoded: payload }, limits, asking)
    this.use(origin)
    return new Promise((resolve, reject) => {
      const ask = (encoded: EncodedPayload) => resolve(this.#ask({ ...asked, encoded }, limits, asking))
      const limitMs = timeoutMs ?? backstopOf(connection, asked) ?? connection.backstopMs
      connection.outbox.send({ origin, payload, send: ask, fail: reject, timeoutMs: limitMs, signal, owner: this })
    })
  }

  async #ask(asked: Ready, { signal, timeoutMs }: CallOptions, asking: Asking): Promise<unknown> {
    const { sinceMs, era, order, send } = asking
    const { connection, settings } = this.#options
    const { origin, head, encoded } = asked
    const content = frameOf(head, encoded)
    const leftOf = (limitMs: number) => Math.max(1, limitMs - (settings.clock.now() - sinceMs))
    const limitMs = timeoutMs ?? backstopOf(connection, asked) ?? connection.backstopMs
    /** The id under which it was first sent, once the server may have seen it. */
    let again: number | undefined
    let isInDoubt = false
    const onUnknown = (first: number) => {
      again = first
      isInDoubt = true
    }
    const outcome = (): 'not_sent' | 'unknown' => (again === undefined ? 'not_sent' : 'unknown')
    const whyNotSent = () => (connection.isOpen ? `${this.path} is not open yet` : connection.whyNotSent())
    const expired = () => timedOut(origin, limitMs, outcome(), whyNotSent())
    const sendNow = () => send({ ...asked, sinceMs, again, onUnknown }, { signal, timeoutMs })
    for (;;) {
      this.use(origin)
      try {
        if (this.isOpen) return await sendNow()
        const length = this.#events.length + this.#requests.length
        if (again === undefined) connection.assertSendable(content, origin, length)
        const limits = { signal, timeoutMs: leftOf(limitMs), expired }
        const queued = { order, origin, length: lengthOf(content), outcome: outcome() }
        return await this.#requests.add(queued, limits, sendNow)
      } catch (error) {
        // Its opening was over: behind the next one it is sent again, or, where the server may have seen it, offered.
        const goesOn = isInDoubt ? !connection.isClosed && this.#state.name !== 'closed' : wasNotSent(error)
        isInDoubt = false
        if (!goesOn || era !== this.#era) throw error
      }
    }
  }

  readonly emit = (name: string, payload: unknown, options?: EmitOptions): void => {
    const { connection } = this.#options
    const encoded = encode(payload, name)
    this.use(name)
    const event = emittedNow(connection, name, name)
    const send = (ready: EncodedPayload) => this.#emit({ ...event, encoded: ready }, options)
    connection.outbox.send({ origin: name, payload: encoded, send, owner: this })
  }

  #emit(emitted: EmittedEvent, options: EmitOptions | undefined): void {
    const { name, head, encoded } = emitted
    if (options?.delivery === 'volatile') {
      if (this.isOpen) sendVolatile(this.#options.connection, `0,${head}`, encoded, name)
      return
    }
    const event = this.#events.make(emitted, 'namespace', options)
    if (this.isOpen) this.#send(event)
    else this.#events.add(event, this.#requests.length)
  }

  #send(event: QuietEvent): void {
    this.#events.send(event, frameOf(`[${frames.event.kind},0,${event.head}`, event.encoded))
  }

  /** Opens it, also where it was refused or closed, and resolves when it is. */
  readonly open = async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> => {
    const origin = `${this.path}.open`
    if (this.#state.name === 'closed') this.#enter({ name: 'idle' }, { state: 'idle' })
    this.use(origin)
    await this.#untilOpen(origin, { signal })
  }

  /** Shows the server credentials that were asked for after this; where it is not open, with its opening. */
  readonly reauthenticate = async (options: CallOptions = {}): Promise<void> => {
    const { connection, settings } = this.#options
    const origin = `${this.path}.reauthenticate`
    assertTimeLimit(options.timeoutMs, origin)
    this.use(origin)
    const over = new AbortController()
    const limits = { ...options, timeoutMs: options.timeoutMs ?? settings.timeoutMs }
    try {
      await within(this.#renew(origin, over.signal), origin, connection.deadlines, limits)
    } finally {
      over.abort()
    }
  }

  async #renew(origin: string, signal?: AbortSignal): Promise<void> {
    const wanted = this.#credentials.next
    while (this.#shown < wanted) {
      const state = this.#state
      if (state.name === 'open') {
        const { deadlines } = this.#options.connection
        try {
          // An end of the opening is an end of what was to be shown in it.
          const credentials = await within(this.#credentials.ask(), origin, deadlines, { signal: state.over.signal })
          if (signal?.aborted) return
          if (this.#state === state) await this.#show(credentials, origin, { signal, renew: true })
        } catch (error) {
          if (this.#state === state) throw error
        }
      } else await this.#untilOpen(origin, { signal })
    }
  }

  /** Ends it, and all that waits in it. Resolves when the server knows, and without a connection at once. */
  readonly close = async (): Promise<void> => {
    const { connection } = this.#options
    const wasClosed = !('over' in this.#state)
    const what = `the namespace ${this.path} was closed. open() opens it again.`
    this.end(new TypewireError('CLOSED', what, { origin: this.path }), { by: 'client', isOwn: true })
    if (wasClosed || connection.isClosed) return
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
    this.#stop()
    if (!this.#options.connection.isClosed) return this.#begin()
    this.#enter({ name: 'idle' }, { state: 'idle' })
    this.#requests.fail((origin, outcome) => of(notSent, origin, outcome)) // asked again, it is told what has closed the client
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
      this.#takeBack(received)
      this.#begin()
      const lost = new TypewireError('SESSION_LOST', what)
      connection.requests.withdrawOf(this, ({ origin }, outcome) => of(lost, origin, outcome), received)
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
    this.#takeBack(received)
    this.#enter({ name: 'closed', error, isOwn }, { state: 'closed', reason: error.message, error })
    this.#drop(error)
    connection.requests.withdrawOf(this, ({ origin }, outcome) => of(error, origin, outcome), received)
    rooms.endIn(this.path, error, by)
    if (isOwn) for (const inner of inside()) inner.end(error, { by, isOwn: false, received })
  }

  /** The server takes this client for somebody else: what one has asked is nothing to another. */
  onOtherIdentity(reason: TypewireError): void {
    this.#era++
    this.#owner = undefined
    this.#drop(reason)
    this.#options.rooms.endIn(this.path, reason, 'client')
  }

  /** Nothing of what waits is sent. */
  #drop(reason: TypewireError): void {
    this.#events.drop(reason)
    this.#options.connection.outbox.drop(reason, this)
    this.#requests.fail((origin, outcome) => of(reason, origin, outcome))
  }

  #begin(): void {
    this.#isWanted = true
    const over = new AbortController()
    this.#enter({ name: 'opening', over }, { state: 'opening' })
    void this.#open(over.signal)
  }

  /** Opens it, again and again where the server cannot tell for the moment. Never rejects. */
  async #open(signal: AbortSignal): Promise<void> {
    const { parent, settings } = this.#options
    const origin = `${this.path}.open`
    for (let failures = Math.max(0, this.#quickEnds - 1); ; failures++) {
      await this.#pause(failures, signal)
      if (signal.aborted) return
      try {
        await this.#untilConnected(origin, { signal })
        parent?.use(origin)
        if (parent) await parent.#untilOpen(origin, { signal })
        const credentials = await this.#credentials.ask().catch(settings.onError)
        if (credentials) await this.#show(credentials, origin, { signal })
      } catch (error) {
        if (signal.aborted) return
        const reason = asTypewireError(error, origin)
        if (!passing.has(reason.code)) return this.end(reason, { by: 'server', isOwn: true })
      }
      if (this.#state.name !== 'opening' || this.#state.over.signal !== signal) return
    }
  }

  async #show({ number, value: auth }: Credentials, origin: string, { signal, renew }: ShowOptions): Promise<void> {
    const payload = { namespace: this.path, ...(auth === undefined ? {} : { auth }), ...(renew ? { renew } : {}) }
    encodeText(payload, origin) // refuses bytes
    const asked = {
      kind: frames.call.kind,
      origin,
      head: '"$open"',
      payload,
      outlivesSession: false,
      owner: this,
      isUrgent: true,
    }
    // At once: what the server has sent behind its answer is of this opening.
    const onAnswer = (answer: unknown) => {
      const { identity, expiresInMs, timeLimits } = Object(answer) as Partial<Record<string, unknown>>
      this.#options.connection.timeLimits.learn(this.path, timeLimits)
      this.#shown = number
      if (!renew) this.#onOpened(identity)
      if (this.isOpen) this.#renewBefore(isCount(expiresInMs) ? expiresInMs : undefined)
    }
    await request(this.#options.connection, asked, { signal, onAnswer })
  }

  #pause(failures: number, signal: AbortSignal): Promise<void> {
    if (failures <= 0) return Promise.resolve()
    const { connection, settings } = this.#options
    const limits = { signal, timeoutMs: backoffMs(failures, settings) }
    return within(new Promise<void>(() => {}), this.path, connection.deadlines, limits).catch(() => {})
  }

  #onOpened(identity: unknown): void {
    const { rooms, settings, inside } = this.#options
    if (this.#owner && this.#owner.identity !== identity) {
      const what = `the server knows this client as somebody else now, in the namespace ${this.path}.`
      const reason = new TypewireError('SESSION_LOST', what, { origin: this.path })
      for (const inner of inside()) inner.onOtherIdentity(reason)
    }
    this.#owner = { identity }
    const state: State = { name: 'open', over: new AbortController(), sinceMs: settings.clock.now() }
    this.#state = state
    // Before anybody hears that it is open: what waits was asked first.
    const due = [...this.#requests.due, ...this.#events.due((event) => this.#send(event))]
    for (const { send } of due.sort((a, b) => a.order - b.order)) send()
    this.status.set({ state: 'open' })
    if (this.#state !== state) return
    rooms.onOpen(this.path)
    for (const inner of inside()) inner.resume()
  }

  /** Before the credentials are over, new ones are shown, where `auth` may give others. */
  #renewBefore(expiresInMs: number | undefined): void {
    this.#renewal?.cancel()
    const { auth, settings } = this.#options
    const delayMs = typeof auth === 'function' ? renewalDelayMs(expiresInMs, settings.random) : undefined
    if (delayMs !== undefined) this.#renewAfter(delayMs)
  }

  /** Where that fails for the moment it is tried again, until the server closes the namespace: then the old ones are over. */
  #renewAfter(delayMs: number, failures = 1): void {
    const { connection, settings } = this.#options
    const origin = `${this.path}.reauthenticate`
    const renew = async () => {
      const state = this.#state
      try {
        await this.#untilConnected(origin, {})
        if (this.#state === state) await this.#renew(origin)
      } catch (error) {
        if (this.#state !== state) return
        settings.onError(error)
        if (passing.has(asTypewireError(error, origin).code))
          this.#renewAfter(renewalPauseMs + backoffMs(failures, settings), failures + 1)
      }
    }
    this.#renewal = connection.deadlines.set(delayMs, () => void renew())
  }

  /** What was under way to change the state is not any more. */
  #stop(): void {
    this.#renewal?.cancel()
    if ('over' in this.#state) this.#state.over.abort()
  }

  /** Events that the server has not had wait again, those into its rooms too. */
  #takeBack(received: number | undefined): void {
    const { session } = this.#options.connection
    for (const frame of session.takeBack(({ owner }) => owner === this, received)) frame.carry?.(session)
  }

  #untilConnected(origin: string, limits: WithinLimits): Promise<void> {
    const { connection } = this.#options
    const isOpen = ({ state }: ClientStatus) => {
      if (state === 'closed') connection.use(origin) // throws what closed it
      return state === 'open'
    }
    return until(connection.status, isOpen, origin, connection.deadlines, limits)
  }

  #untilOpen(origin: string, limits: WithinLimits): Promise<void> {
    const isOpen = (status: NamespaceStatus) => {
      if (status.state === 'closed') throw of(status.error, origin)
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

interface ShowOptions {
  readonly signal?: AbortSignal | undefined
  /** Only where it is open. */
  readonly renew?: boolean
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

/** An error of the namespace, for who asked something of it. */
function of({ code, message }: TypewireError, origin: string, outcome?: 'not_sent' | 'unknown'): TypewireError {
  return new TypewireError(code as 'CLOSED', `${origin}: ${message}`, { origin, outcome })
}

const notSent = new TypewireError('SESSION_LOST', 'it was not sent.')

const wasNotSent = (error: unknown) =>
  isTypewireError(error) && error.code === 'SESSION_LOST' && error.outcome === 'not_sent'
