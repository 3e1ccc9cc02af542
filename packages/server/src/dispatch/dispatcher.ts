import type { ErrorCode } from '@typewire/core'
import {
  type CallFrame,
  type CountedFrame,
  type CreditFrame,
  type EndFrame,
  type EventFrame,
  frames,
  isPromiseLike,
  type ItemFrame,
  malformed,
  nothing,
  ProtocolError,
  type Reply,
  type RoomEventFrame,
} from '@typewire/core/internal'
import type { Access } from '../access.ts'
import type { Authenticate } from '../authenticate.ts'
import type { IncomingEvent, Sent } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import type { RoomRefs } from '../rooms/room-refs.ts'
import { Backlog } from './backlog.ts'
import { EventArgs, RoomEventArgs, type TimeLeft } from './handler-args.ts'
import { againOf, IdempotentCalls } from './idempotent-calls.ts'
import { Joins } from './joins.ts'
import { Openings } from './openings.ts'
import { Renewals } from './renewals.ts'
import { type CallRunner, maxStreams, runCall, whereOf } from './run-call.ts'
import { runHandler, type Task } from './run-handler.ts'
import { shown } from './shown.ts'

const noErrors: ReadonlyMap<string, Sent> = new Map()

/** Takes the counted frames of clients to their handlers. */
export class Dispatcher {
  readonly #node: ServerNode
  /** By kind, as it is on the wire. */
  readonly #roomRefs: ReadonlyMap<string, RoomRefs>
  readonly #joins: Joins
  readonly #renewals: Renewals
  readonly #openings: Openings
  readonly #runner: CallRunner

  constructor(node: ServerNode, authenticate: Authenticate, roomRefs: ReadonlyMap<string, RoomRefs>) {
    this.#node = node
    this.#roomRefs = roomRefs
    this.#joins = new Joins(node)
    this.#renewals = new Renewals(node, authenticate)
    this.#openings = new Openings(node)
    this.#runner = { node, idempotent: new IdempotentCalls(node) }
  }

  /** Dispatches one frame, now or behind credentials that are being judged, or says which clause it breaks. */
  dispatch(session: PeerSession, frame: CountedFrame): ProtocolError | undefined {
    if (!session.barrier || passes(session, frame)) return this.#dispatch(session, frame)
    const run = () => {
      if (session.isEnded) return
      const error = this.#dispatch(session, frame)
      if (error) session.close(error.close, error.reason)
    }
    return session.barrier.add({ frame, run })
  }

  #dispatch(session: PeerSession, frame: CountedFrame): ProtocolError | undefined {
    switch (frame[0]) {
      case frames.call.kind:
        return this.#call(session, frame)
      case frames.event.kind:
      case frames.roomEvent.kind:
        return frame[1] === 0 ? this.#silentEvent(session, frame) : this.#ackedEvent(session, frame)
      case frames.result.kind:
      case frames.error.kind:
        return session.requests.answer(frame)
      case frames.item.kind:
      case frames.end.kind:
      case frames.credit.kind:
        return itemOf(session, frame)
      case frames.cancel.kind:
        session.replies.cancel(frame[1], new DOMException('The caller gave up.', 'AbortError'))
        session.memberships.takeBack(frame[1]) // a join that was answered already
        session.accesses.takeBack(frame[1]) // or an opening
        return undefined
      default:
        return malformed('FR-5', `a client does not send frames of kind ${frame[0]}`)
    }
  }

  /** The session has opened the root, or a namespace. */
  onOpened(access: Access): void {
    this.#openings.onOpened(access)
  }

  /** New credentials of the session count: what was held for them may run. */
  onRenewed(session: PeerSession): void {
    session.barrier?.run()
    this.onSettled(session)
  }

  /** A handler of the session has ended: one that waits may run. */
  onSettled(session: PeerSession): void {
    session.backlog?.run()
  }

  #call(session: PeerSession, frame: CallFrame): ProtocolError | undefined {
    const [, id, name, options] = frame
    const reply = session.replies.begin(id)
    if (reply instanceof ProtocolError) return reply
    if (!name.startsWith('$')) this.#node.watch?.onCall({ session, reply }, this.#node.handlers, name)
    if (againOf(options) !== undefined && !this.#node.handlers.procedures.get(name)?.isIdempotent) {
      reply.error('SESSION_LOST', `${name}: ${mayHaveRun}`) // CA-11
      return undefined
    }
    const isStreaming = options !== 0 && (options.credit !== undefined || options.upload === true)
    if (isStreaming ? this.#refusesStream(session, reply) : this.#refusesMore(session, reply)) return undefined
    if (name === '$auth') {
      this.#renewals.call(session, reply, frame)
      return undefined
    }
    if (name === '$open' || name === '$close') {
      this.#openings.call(session, reply, frame)
      return undefined
    }
    if (name.startsWith('$')) {
      this.#joins.call(session, reply, frame)
      return undefined
    }
    const access = this.#accessFor(session, reply, frame)
    if (access) this.runCall(access, reply, frame)
    return undefined
  }

  /** Runs a procedure, or a stream, of what a session has opened. */
  runCall(access: Access, reply: Reply, frame: CallFrame): void {
    runCall(this.#runner, access, reply, frame)
  }

  #ackedEvent(session: PeerSession, frame: EventFrame | RoomEventFrame): ProtocolError | undefined {
    const reply = session.replies.begin(frame[1])
    if (reply instanceof ProtocolError) return reply
    this.#watchEvent(session, reply, frame)
    if (this.#refusesMore(session, reply)) return undefined
    return this.#event(session, reply, frame)
  }

  /** Nobody would hear that it is too much: it waits its turn (LM-3). */
  #silentEvent(session: PeerSession, frame: EventFrame | RoomEventFrame): ProtocolError | undefined {
    const { maxCalls, maxBufferBytes } = this.#node.settings
    const { replies, credentials } = session
    session.backlog ??= new Backlog(() => replies.silentSize < maxCalls && credentials.areGood, maxBufferBytes)
    const access = this.#openedFor(session, frame)
    const run = () => {
      if (session.isEnded) return
      // Not as who has opened the namespace since.
      if (access?.isEnded) return session.faults.note('FORBIDDEN', 'event', `${access.namespace.path} was closed.`)
      const reply = session.replies.beginSilent()
      this.#watchEvent(session, reply, frame)
      this.#event(session, reply, frame)
    }
    return session.backlog.add({ run, frame })
  }

  #watchEvent(session: PeerSession, reply: Reply, frame: EventFrame | RoomEventFrame): void {
    const { watch, handlers } = this.#node
    if (!watch) return
    if (frame[0] === frames.event.kind) {
      return watch.onBegun('onEvent', { session, reply }, handlers.events.get(frame[2])?.name)
    }
    const kind = session.memberships.byNumber(frame[2])?.kind
    const name = kind && handlers.rooms.get(kind.kind)?.toServer.get(frame[3])?.name
    watch.onBegun('onEvent', { session, reply }, name && `${kind.kind}.${name}`)
  }

  /** What an event belongs to when it comes, if it is of a namespace. */
  #openedFor({ accesses, memberships }: PeerSession, frame: EventFrame | RoomEventFrame): Access | undefined {
    if (frame[0] === frames.roomEvent.kind) {
      const room = memberships.byNumber(frame[2])
      return room && accesses.get(room.kind.namespace)
    }
    const [, , name] = frame
    const end = name.lastIndexOf('/')
    const namespace = end === -1 ? undefined : this.#node.namespaces.get(name.slice(0, end))
    return namespace && accesses.get(namespace)
  }

  #event(session: PeerSession, reply: Reply, frame: EventFrame | RoomEventFrame): undefined {
    if (frame[0] === frames.roomEvent.kind) return this.#roomEvent(session, reply, frame)
    const access = this.#accessFor(session, reply, frame)
    if (access) this.runEvent(access, reply, frame)
    return undefined
  }

  /** Runs the handler of an event of what a session has opened. */
  runEvent(access: Access, reply: Reply, [, , name, options, payload, annotations]: EventFrame): void {
    const where = `event ${shown(name, this.#node.handlers.events)}`
    const { session } = access
    const event = this.#node.handlers.events.get(name)
    if (!event) return this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    this.#runEvent(
      event,
      { session, reply, where, payload, annotations, options },
      (payload, time) => new EventArgs({ access, reply, time, options }, payload),
    )
  }

  /** What the session has opened that a name is of, which what runs for it is part of; else the sender is told (NS-3). */
  #accessFor(session: PeerSession, reply: Reply, [kind, , name]: CallFrame | EventFrame): Access | undefined {
    const { accesses } = session
    const end = name.lastIndexOf('/')
    if (end === -1) return accesses.root
    const { handlers, namespaces } = this.#node
    const namespace = namespaces.get(name.slice(0, end))
    const access = namespace && accesses.get(namespace)
    if (!access) {
      const where = kind === frames.call.kind ? whereOf(handlers, name) : `event ${shown(name, handlers.events)}`
      return namespace
        ? this.#unheard(session, reply, where, 'FORBIDDEN', `namespace ${namespace.path} is not open.`)
        : this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    }
    reply.owner = access
    return access
  }

  #roomEvent(session: PeerSession, reply: Reply, frame: RoomEventFrame): undefined {
    const [, , number, name, options, payload, annotations] = frame
    const room = session.memberships.byNumber(number)
    if (!room) return this.#unheard(session, reply, `event ${shown(name)} of a room`, 'FORBIDDEN', notAMember) // RM-6
    const { kind, params, key } = room
    const { toServer } = this.#node.handlersOf(kind)
    const where = `event ${shown(name, toServer)} of room ${kind.kind}`
    const access = session.accesses.get(kind.namespace)! // else it would be no member
    if (access !== session.accesses.root) reply.owner = access
    const event = toServer.get(name)
    if (!event) return this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    const ref = this.#roomRefs.get(kind.kind)!.of({ kind, params, key })
    this.#runEvent(
      event,
      { session, reply, where, payload, annotations, options },
      (payload, time) => new RoomEventArgs({ access, reply, time, options }, payload, params, ref),
    )
  }

  #runEvent(event: IncomingEvent, what: EventTask, args: (value: unknown, time: TimeLeft) => unknown): void {
    const { handle, payload: input, ack: output } = event
    if (!handle)
      return this.#unheard(what.session, what.reply, what.where, 'NO_HANDLER', 'The server does not handle it.')
    const { timeoutMs } = this.#node.settings
    const { session, reply, where, payload: given, annotations, options } = what
    void runHandler(this.#node, {
      session,
      reply,
      where,
      payload: given,
      annotations,
      options,
      input,
      output,
      errors: noErrors,
      timeoutMs,
      // Without a declared ack a handler may return what it likes; the receipt carries nothing (EV-2).
      handle:
        output.schema === nothing
          ? (value, time) => withoutValue(handle(args(value, time)))
          : (value, time) => handle(args(value, time)),
    })
  }

  /** The bound of what runs at once for one session (LM-2). Events that nobody waits for take no call's place, nor do streams. */
  #refusesMore({ replies }: PeerSession, reply: Reply): boolean {
    const { maxCalls } = this.#node.settings
    if (replies.size - replies.silentSize - replies.streamingSize <= maxCalls) return false
    reply.error('OVERLOADED', `More than ${maxCalls} calls of this session run at once.`)
    return true
  }

  /** Streams and uploads may go on for long, and have a bound of their own (ST-8). */
  #refusesStream({ replies }: PeerSession, reply: Reply): boolean {
    replies.markStreaming(reply)
    if (replies.streamingSize <= maxStreams) return false
    reply.error('OVERLOADED', `More than ${maxStreams} streams of this session run at once. Leave some.`)
    return true
  }

  /** A frame that no handler gets: the sender is told, or, where it does not wait, the server's log (CA-3, EV-5). */
  #unheard(session: PeerSession, reply: Reply, where: string, code: ErrorCode, what: string): undefined {
    const message = `${where}: ${what}`
    if (reply.isSilent) session.faults.note(code, where, message)
    reply.error(code, message)
  }
}

/** What belongs to a call that runs; what comes behind its end is ignored (ST-5). */
function itemOf({ replies }: PeerSession, frame: ItemFrame | EndFrame | CreditFrame): ProtocolError | undefined {
  const reply = replies.find(frame[1])
  if (!reply || reply instanceof ProtocolError) return reply
  if (frame[0] === frames.credit.kind) reply.outlet?.grant(frame)
  else if (!reply.inlet) return malformed('ST-3', `${frame[1]} is not an upload`)
  else if (frame[0] === frames.item.kind) return reply.inlet.push(frame)
  else reply.inlet.end()
  return undefined
}

/** What need not wait behind credentials: what runs already, in either direction. */
function passes({ replies }: PeerSession, frame: CountedFrame): boolean {
  switch (frame[0]) {
    case frames.cancel.kind:
    case frames.item.kind:
    case frames.end.kind:
    case frames.credit.kind:
      return replies.isRunning(frame[1])
    default:
      return frame[0] === frames.result.kind || frame[0] === frames.error.kind
  }
}

type EventTask = Pick<Task, 'session' | 'reply' | 'where' | 'payload' | 'annotations' | 'options'>

const mayHaveRun = 'it was sent before, and may have run. Only a procedure that is declared idempotent runs again.'
const unknownName = "the server's contract has no such name."
const notAMember = 'the session is not a member of the room. Join it first.'

/** Nothing, when it is done. */
const withoutValue = (returned: unknown) => (isPromiseLike(returned) ? returned.then(() => undefined) : undefined)
