import { type AnyContract, type MaybePromise, TypewireError } from '@typewire/core'
import { Deadlines, type LeftOut, type SessionOptions } from '@typewire/core/internal'
import {
  type CompiledHandlers,
  type CompiledHistory,
  type CompiledRoomHandlers,
  type CompiledRoomKind,
  compileOutgoing,
  compileRoomKinds,
  type OutgoingEvent,
} from './compile.ts'
import { ClientContracts } from './client-contracts.ts'
import { Bus, sessionsChannel } from './broker/bus.ts'
import { Questions } from './broker/questions.ts'
import { Incidents } from './errors.ts'
import { Heartbeats } from './heartbeats.ts'
import { InOrder } from './in-order.ts'
import { type Namespace, namespacesOf } from './namespace.ts'
import { Watch } from './observability/watch.ts'
import type { Settings } from './options.ts'
import { Orders } from './orders.ts'
import type { SendingOf } from './outgoing.ts'
import { Copies } from './rooms/copies.ts'
import { Reviews } from './rooms/reviews.ts'
import { Rooms } from './rooms/rooms.ts'
import { closeRoom, openRoom } from './rooms/open-room.ts'
import { deliverToSessions } from './reach.ts'
import { Sessions } from './sessions.ts'
import { BatchTexts } from './transports/batch-texts.ts'
import { withinLimit } from './within-limit.ts'

/** What the parts of one server share. */
export class ServerNode {
  readonly settings: Settings
  readonly deadlines: Deadlines
  readonly incidents: Incidents
  /** Where there are hooks. */
  readonly watch: Watch | undefined
  readonly bus: Bus
  readonly questions: Questions
  /** Keeps what is published on each channel in order. */
  readonly orders: Orders
  readonly rooms: Rooms
  readonly copies: Copies
  readonly reviews: Reviews
  readonly sessions: Sessions
  /** Resolves when what goes to all sessions comes here: before that none is welcomed. */
  readonly hearing: MaybePromise<void>
  readonly heartbeats: Heartbeats | undefined
  readonly clientContracts: ClientContracts | undefined
  /** What all sessions together were not sent. */
  readonly leftOut: LeftOut = { dropped: 0, conflated: 0 }
  /** What all sessions are made with. */
  readonly wireOptions: SessionOptions
  /** The contract and all within it, by path. */
  readonly namespaces: ReadonlyMap<string, Namespace>
  readonly root: Namespace
  /** Whose each is, and what it is: by their names on the wire. */
  readonly events: ReadonlyMap<string, { readonly namespace: Namespace; readonly event: OutgoingEvent }>
  readonly roomKinds: ReadonlyMap<string, CompiledRoomKind>
  #handlers: CompiledHandlers | undefined
  #maxTimeoutMs = 0
  /** By the namespace's path. */
  readonly #timeLimits = new Map<string, Record<string, number>>()
  #lastRequestId = 0

  constructor(settings: Settings, contract: AnyContract) {
    this.settings = settings
    const { clock, maxBufferBytes } = settings
    this.wireOptions = { clock, maxBufferBytes, leftOutOfAll: this.leftOut, batchText: new BatchTexts().of }
    this.namespaces = namespacesOf(contract)
    this.root = this.namespaces.get('')!
    const all = [...this.namespaces.values()]
    this.events = new Map(
      all.flatMap((namespace) => {
        const events = compileOutgoing(namespace.contract.events.toClient, (name) => namespace.qualify(name))
        return Array.from(events, ([name, event]) => [name, { namespace, event }] as const)
      }),
    )
    this.roomKinds = new Map(all.flatMap((namespace) => [...compileRoomKinds(namespace, settings.maxParamsLength)]))
    this.deadlines = new Deadlines(settings.clock)
    this.incidents = new Incidents(settings.onError)
    const { hooks, broker } = settings
    this.watch = hooks.length > 0 ? new Watch(hooks, clock, this.incidents) : undefined
    this.bus = new Bus({
      broker,
      clock,
      deadlines: this.deadlines,
      report: (error, what) => this.incidents.report(error, `broker: ${what}`),
    })
    this.questions = new Questions(this.bus, this.deadlines)
    this.orders = new Orders((channel, onIdle) =>
      this.newOrder((error) => this.incidents.report(error, `emit to ${channel}`), onIdle),
    )
    this.rooms = new Rooms({
      begin: (room) => openRoom(this, room),
      end: (room) => closeRoom(this, room),
    })
    this.copies = new Copies((key) => this.rooms.find(key) !== undefined, this.deadlines)
    this.reviews = new Reviews(this)
    this.sessions = new Sessions(this)
    this.hearing = this.bus.listen(sessionsChannel, (publication) => deliverToSessions(this, publication))
    this.clientContracts = settings.clientContracts && new ClientContracts(contract, settings.clientContracts)
    this.heartbeats = settings.heartbeat && new Heartbeats(settings.clock, settings.heartbeat)
  }

  /** What is said of a value that is about to be sent, and what is read of it. */
  sendingOf(origin: string, what: string): SendingOf {
    return { origin, what, maxBytes: this.settings.maxBufferBytes }
  }

  /** Keeps in order what one target is sent; a schema or a Blob that never answers is given up at the time limit. */
  newOrder(onError: (error: unknown) => void, onIdle?: () => void): InOrder {
    const { timeoutMs } = this.settings
    const what = `A schema or a Blob has not answered within ${timeoutMs} ms. What it was asked for is not sent.`
    const late = () => new TypewireError('TIMED_OUT', what)
    return new InOrder(onError, (promise) => withinLimit(promise, this.deadlines, timeoutMs, late), onIdle)
  }

  /** There before anything can connect: only what `implement` returns can listen. */
  get handlers(): CompiledHandlers {
    return this.#handlers!
  }

  /** Whether it has its handlers. */
  get isImplemented(): boolean {
    return this.#handlers !== undefined
  }

  /** What the server does with rooms of a kind. There before anything can connect. */
  handlersOf({ kind }: CompiledRoomKind): CompiledRoomHandlers {
    return this.#handlers!.rooms.get(kind)!
  }

  /** What is kept of rooms of a kind, by its name on the wire; `undefined`: nothing. */
  historyOf(kind: string): CompiledHistory | undefined {
    return this.#handlers?.rooms.get(kind)?.history
  }

  /** The time limits that procedures of a namespace have of their own, by name; `undefined`: none has (CA-13). */
  timeLimitsOf({ path }: Namespace): Readonly<Record<string, number>> | undefined {
    return this.#timeLimits.get(path)
  }

  /** The longest that any handler may take. */
  get maxTimeoutMs(): number {
    return this.#maxTimeoutMs
  }

  setHandlers(handlers: CompiledHandlers): void {
    if (this.#handlers) throw new TypeError('implement was called twice. A server takes its handlers once.')
    this.#handlers = handlers
    this.#maxTimeoutMs = asCount(this.settings.timeoutMs)
    for (const [name, { timeoutMs }] of handlers.procedures) {
      if (timeoutMs === undefined) continue
      this.#maxTimeoutMs = Math.max(this.#maxTimeoutMs, asCount(timeoutMs))
      const path = name.slice(0, Math.max(0, name.lastIndexOf('/')))
      const limits = this.#timeLimits.get(path) ?? {}
      limits[name] = asCount(timeoutMs)
      this.#timeLimits.set(path, limits)
    }
  }

  /** One counter for all sessions, so that a room's event is the same text for every member although it asks for acks. */
  nextRequestId(): number {
    return ++this.#lastRequestId
  }
}

/** A procedure may have none: Infinity. */
const asCount = (ms: number) => Math.min(Math.ceil(ms), Number.MAX_SAFE_INTEGER)
