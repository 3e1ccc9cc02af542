import type { Clock } from '@typewire/core'
import type { CallFrameOptions } from '@typewire/core/internal'
import type { Access } from '../access.ts'

/** The options of the frame that it runs for, which middleware reads and handlers do not. */
export const frameOptions = Symbol('typewire.frameOptions')

const access = Symbol('typewire.access')
const lifetime = Symbol('typewire.lifetime')
const timeLeft = Symbol('typewire.timeLeft')

/** What aborts the signal: the end of the answer that is owed, or of the session's access. */
interface Lifetime {
  readonly signal: AbortSignal
}

/**
 * What all handlers get. `session` and `signal` are made when they are first read: most handlers never do. They are
 * getters of the class and not of each object, which costs 0.1 µs in place of 30 (Node 20).
 */
export class HandlerArgs {
  readonly ctx: object
  readonly server: unknown
  readonly [access]: Access
  readonly [lifetime]: Lifetime

  constructor(of: Access, over: Lifetime) {
    this.ctx = of.ctx
    this.server = of.namespace.surface.reach
    this[access] = of
    this[lifetime] = over
  }

  get session() {
    return this[access].facade
  }

  get signal(): AbortSignal {
    return this[lifetime].signal
  }
}

/** With what is the handler's own (`params`, …). */
export function handlerArgs<Own extends object>(of: Access, over: Lifetime, own: Own): HandlerArgs & Own {
  return Object.assign(new HandlerArgs(of, over), own)
}

/** The same with another `ctx`. */
export function withCtx<Args extends HandlerArgs>(args: Args, ctx: object): Args {
  return Object.assign(Object.create(Object.getPrototypeOf(args) as object) as Args, args, { ctx })
}

/** What runs for a frame, and how long it may. */
export interface Running {
  readonly access: Access
  readonly reply: Lifetime
  readonly time: TimeLeft
  readonly options: CallFrameOptions | 0
}

/** What handlers get whose time is limited: when that is over, too. It may be later by when it is read. */
export class TimedArgs extends HandlerArgs {
  readonly [timeLeft]: TimeLeft
  readonly [frameOptions]: CallFrameOptions | 0

  constructor({ access: of, reply, time, options }: Running) {
    super(of, reply)
    this[timeLeft] = time
    this[frameOptions] = options
  }

  get deadlineMs(): number {
    return this[timeLeft].deadlineMs
  }
}

/** What the handlers of procedures and streams get. */
export class CallArgs extends TimedArgs {
  readonly input: unknown
  readonly errors: object
  readonly after: string | undefined

  constructor(running: Running, input: unknown, errors: object, after: unknown) {
    super(running)
    this.input = input
    this.errors = errors
    this.after = typeof after === 'string' ? after : undefined
  }
}

/** What the handlers of events get. */
export class EventArgs extends TimedArgs {
  readonly payload: unknown

  constructor(running: Running, payload: unknown) {
    super(running)
    this.payload = payload
  }
}

/** What the handlers of the events of rooms get. */
export class RoomEventArgs extends EventArgs {
  readonly params: unknown
  readonly room: unknown

  constructor(running: Running, payload: unknown, params: unknown, room: unknown) {
    super(running, payload)
    this.params = params
    this.room = room
  }
}

/** When the time of a handler is over, by the clock that its limit is kept by. */
export class TimeLeft {
  readonly #clock: Clock
  #endsAtMs: number

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock
    this.#endsAtMs = clock.now() + timeoutMs
  }

  /** It is so long from now on. */
  set(timeoutMs: number): void {
    this.#endsAtMs = this.#clock.now() + timeoutMs
  }

  /** How long until then, from now on. */
  get leftMs(): number {
    return this.#endsAtMs - this.#clock.now()
  }

  /** Milliseconds since 1970, as the platform counts them by now. */
  get deadlineMs(): number {
    return Math.floor(Date.now() + this.leftMs)
  }
}
