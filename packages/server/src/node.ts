import { Deadlines } from '@typewire/core/internal'
import type { CompiledHandlers, CompiledRoomKind, OutgoingEvent } from './compile.ts'
import { Incidents } from './errors.ts'
import { Heartbeats } from './heartbeats.ts'
import type { Settings } from './options.ts'
import { Rooms } from './rooms/rooms.ts'
import { Sessions } from './sessions.ts'

/** What the parts of one server share. */
export class ServerNode {
  readonly settings: Settings
  readonly deadlines: Deadlines
  readonly incidents: Incidents
  readonly rooms: Rooms
  readonly sessions: Sessions
  readonly heartbeats: Heartbeats
  readonly events: ReadonlyMap<string, OutgoingEvent>
  readonly roomKinds: ReadonlyMap<string, CompiledRoomKind>
  #handlers: CompiledHandlers | undefined
  #lastRequestId = 0

  constructor(
    settings: Settings,
    events: ReadonlyMap<string, OutgoingEvent>,
    roomKinds: ReadonlyMap<string, CompiledRoomKind>,
  ) {
    this.settings = settings
    this.deadlines = new Deadlines(settings.clock)
    this.incidents = new Incidents(settings.onError)
    this.rooms = new Rooms((error, key) => this.incidents.report(error, `room ${key} emit`))
    this.sessions = new Sessions(this)
    this.heartbeats = new Heartbeats(settings.clock, settings.heartbeat)
    this.events = events
    this.roomKinds = roomKinds
  }

  /** There before anything can connect: only what `implement` returns can listen. */
  get handlers(): CompiledHandlers {
    return this.#handlers!
  }

  setHandlers(handlers: CompiledHandlers): void {
    if (this.#handlers) throw new TypeError('implement was called twice. A server takes its handlers once.')
    this.#handlers = handlers
  }

  /** One counter for all sessions, so that a room's event is the same text for every member although it asks for acks. */
  nextRequestId(): number {
    return ++this.#lastRequestId
  }
}
