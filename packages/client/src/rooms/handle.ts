import type {
  AnyContract,
  CallOptions,
  EmitOptions,
  JoinOptions,
  MissedEvents,
  OnOptions,
  Position,
  RoomHandle,
  RoomHistory,
  RoomHistoryOptions,
  RoomJoined,
  RoomStatus,
  Store,
  TypewireError,
} from '@typewire/core'
import { type Deadline, isPosition, nobodyPresent, StoreSource, timedOut } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { EventHandlers } from '../event-handlers.ts'
import type { Validation } from '../parts/parts.ts'
import { until } from '../until.ts'
import { verbGroup } from '../verbs.ts'
import { assertCount } from './assert-count.ts'
import { notAMember, wasLeft } from './errors.ts'
import { readHistoryPage } from './join-answer.ts'
import type { RoomEntry } from './room-entry.ts'

export interface HandleOptions {
  readonly kind: string
  readonly connection: Connection
  readonly validation: Validation
  readonly onError: (error: unknown) => void
  readonly timeoutMs: number | undefined
  /** What the handle holds; none where the join was refused before it was sent. */
  readonly entry: RoomEntry | undefined
}

/** The public `RoomHandle`, of any contract. */
export type AnyRoomHandle = RoomHandle<string, AnyContract>

/** For errors, of `onMissed`. */
export const missedName = 'missed'

/** Options of a join, of any contract. */
export interface JoinOptionsOfAny extends JoinOptions {
  readonly presence?: unknown
}

/** One caller's hold on a room. */
export class Handle {
  readonly events: EventHandlers
  readonly #missed: EventHandlers
  readonly status: StoreSource<RoomStatus>
  readonly #options: HandleOptions
  #deadline: Deadline | undefined
  /** What its status was when it was joined last: what `ready` resolves to. */
  #joined: RoomJoined = { state: 'joined' }

  constructor(options: HandleOptions) {
    this.#options = options
    this.events = new EventHandlers(options.onError)
    this.#missed = new EventHandlers(options.onError)
    this.status = new StoreSource<RoomStatus>({ state: 'joining' }, options.onError)
    this.#limitJoin()
  }

  setStatus(status: RoomStatus): void {
    this.#deadline?.cancel()
    // First: whoever is told of the status may ask again.
    if (isOver(status)) this.#options.entry?.sender.failRequests(this, (origin) => overBy(status, origin))
    this.status.set(status)
  }

  /** `missed`: what was missed of the room by those who were in it. `from`: the position that what comes now begins with. */
  onJoined(missed: MissedEvents | undefined, from: Position | undefined): void {
    if (this.#isOver) return // left by who was told before it
    const wasMember = this.status.current.state === 'rejoining'
    const before = wasMember && !missed ? (this.#joined.before ?? from) : from
    this.#joined = { state: 'joined', recovered: wasMember ? !missed : undefined, before }
    this.setStatus(this.#joined)
    if (wasMember && missed) this.onMissed(missed)
  }

  onMissed(missed: MissedEvents): void {
    this.#joined = { ...this.#joined, before: missed.before }
    this.#missed.tell(missedName, missed)
  }

  leave(): void {
    if (this.#isOver) return
    this.setStatus({ state: 'left', by: 'handle', reason: wasLeft(`join.${this.#options.kind}`) })
    this.#options.entry?.remove(this)
  }

  get #isOver(): boolean {
    return isOver(this.status.current)
  }

  /** Why it asks nothing of the room any more, once that is so. */
  overBy(origin: string): TypewireError | undefined {
    const { current } = this.status
    return isOver(current) ? overBy(current, origin) : undefined
  }

  /** Its own time limit, until it is first joined; other handles of the room wait by theirs. */
  #limitJoin(): void {
    const { timeoutMs, connection, kind, entry } = this.#options
    if (timeoutMs === undefined) return
    this.#deadline = connection.deadlines.set(timeoutMs, () => {
      this.setStatus({ state: 'denied', reason: timedOut(`join.${kind}`, timeoutMs) })
      entry?.remove(this)
    })
  }

  emit(name: string, payload: unknown, options?: EmitOptions): void {
    this.#options.validation.roomEvent(this.#options.kind, name, payload)
    this.#entry(name).sender.emit(name, payload, options)
  }

  async emitWithAck(name: string, payload: unknown, options: CallOptions = {}): Promise<unknown> {
    const { validation, kind, timeoutMs } = this.#options
    validation.roomEvent(kind, name, payload)
    const limits = { ...options, timeoutMs: options.timeoutMs ?? timeoutMs }
    return this.#asked(name).sender.emitWithAck(this, name, payload, limits)
  }

  async history(options: RoomHistoryOptions = {}): Promise<RoomHistory<string, AnyContract>> {
    const { kind, timeoutMs: defaultMs } = this.#options
    const { limit, before, signal, timeoutMs = defaultMs } = options
    assertCount(limit, `${kind}.history({ limit })`, 1)
    if (before !== undefined && !isPosition(before)) {
      throw new TypeError(`${kind}.history({ before }): this is no \`before\` of a page.`)
    }
    const wish = { ...(limit === undefined ? {} : { limit }), ...(before === undefined ? {} : { before }) }
    // Its events are of the contract, as everything that the server sends.
    const page = await this.#asked('history').sender.history(this, wish, { signal, timeoutMs })
    return readHistoryPage(page, this.#options)
  }

  /** Each call says what it was given, in order. One whose session is lost meanwhile says it again in the next. */
  async setPresence(data: unknown): Promise<void> {
    const { validation, kind, timeoutMs } = this.#options
    validation.presence(kind, data)
    const entry = this.#entry('presence')
    await entry.setPresence(this, data, { timeoutMs })
  }

  /** The public face of the handle. */
  face(): AnyRoomHandle {
    const ready = this.#untilJoined(`join.${this.#options.kind}`, {}).then(() => this.#joined)
    ready.catch(() => {}) // whoever does not wait for it sees `status`
    const leave = () => this.leave()
    const face = {
      status: this.status as Store<RoomStatus>,
      ready,
      presence: this.#options.entry?.presence.store ?? new StoreSource(nobodyPresent, this.#options.onError),
      setPresence: (data: unknown) => this.setPresence(data),
      leave,
      on: verbGroup(
        'on',
        (name) => (handler: (payload: unknown) => unknown, options?: OnOptions) =>
          this.events.on(name, handler, options),
      ),
      emit: verbGroup('emit', (name) => (payload: unknown, options?: EmitOptions) => this.emit(name, payload, options)),
      emitWithAck: verbGroup(
        'emitWithAck',
        (name) => (payload: unknown, options?: CallOptions) => this.emitWithAck(name, payload, options),
      ),
      onMissed: (handler: (missed: MissedEvents) => unknown, options?: OnOptions) =>
        this.#missed.on(missedName, handler as (payload: unknown) => unknown, options),
      history: (options?: RoomHistoryOptions) => this.history(options),
      [Symbol.dispose ?? Symbol.for('Symbol.dispose')]: leave,
    }
    return face
  }

  #entry(name: string): RoomEntry {
    const { entry, kind } = this.#options
    const over = this.overBy(`${kind}.${name}`)
    if (entry && !over) return entry
    // To join again helps, but where nothing does.
    throw over?.code === 'CLOSED' ? over : notAMember(`${kind}.${name}`)
  }

  /** The same, for who waits for an answer: is told what has ended it. */
  #asked(name: string): RoomEntry {
    const over = this.overBy(`${this.#options.kind}.${name}`)
    if (over) throw over
    return this.#entry(name)
  }

  #untilJoined(origin: string, options: CallOptions): Promise<void> {
    const isJoined = (status: RoomStatus) => {
      if (isOver(status)) throw overBy(status, origin)
      return status.state === 'joined'
    }
    return until(this.status, isJoined, origin, this.#options.connection.deadlines, options)
  }
}

type Over = RoomStatus & { readonly state: 'left' | 'denied' }

const isOver = (status: RoomStatus): status is Over => status.state === 'left' || status.state === 'denied'

/** What is told to who has asked something of the room. */
const overBy = (status: Over, origin: string): TypewireError =>
  status.state === 'left' && status.by === 'handle' ? wasLeft(origin) : status.reason
