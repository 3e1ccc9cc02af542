import type { ErrorCode } from '@typewire/core'
import {
  type CallFrame,
  type CountedFrame,
  type EventFrame,
  frames,
  isQualifiedName,
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
import { handlerArgs } from './handler-args.ts'
import { Joins } from './joins.ts'
import { Openings } from './openings.ts'
import { Renewals } from './renewals.ts'
import { runHandler, type Task } from './run-handler.ts'

const noErrors: ReadonlyMap<string, Sent> = new Map()

/** Takes the counted frames of clients to their handlers. */
export class Dispatcher {
  readonly #node: ServerNode
  /** By kind, as it is on the wire. */
  readonly #roomRefs: ReadonlyMap<string, RoomRefs>
  readonly #joins: Joins
  readonly #renewals: Renewals
  readonly #openings: Openings

  constructor(node: ServerNode, authenticate: Authenticate, roomRefs: ReadonlyMap<string, RoomRefs>) {
    this.#node = node
    this.#roomRefs = roomRefs
    this.#joins = new Joins(node)
    this.#renewals = new Renewals(node, authenticate)
    this.#openings = new Openings(node)
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
      case frames.cancel.kind:
        session.replies.cancel(frame[1], new DOMException('The caller gave up.', 'AbortError'))
        session.memberships.takeBack(frame[1]) // a join that was answered already
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
    const [, id, name, options, payload, annotations] = frame
    const reply = session.replies.begin(id)
    if (reply instanceof ProtocolError) return reply
    if (this.#refusesMore(session, reply)) return undefined
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
    const where = `procedure ${shown(name)}`
    const access = this.#accessFor(session, reply, where, name)
    if (!access) return undefined
    const procedure = this.#node.handlers.procedures.get(name)
    if (!procedure) return this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    const { input, output, errors, errorMakers, timeoutMs = this.#node.settings.timeoutMs } = procedure
    const handle = (value: unknown, limitMs: number) =>
      procedure.handle(
        handlerArgs(access, reply, {
          input: value,
          errors: errorMakers,
          deadlineMs: Date.now() + limitMs,
        }),
      )
    const task = { session, reply, where, input, payload, annotations, output, errors, options, timeoutMs, handle }
    void runHandler(this.#node, task)
    return undefined
  }

  #ackedEvent(session: PeerSession, frame: EventFrame | RoomEventFrame): ProtocolError | undefined {
    const reply = session.replies.begin(frame[1])
    if (reply instanceof ProtocolError) return reply
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
      this.#event(session, session.replies.beginSilent(), frame)
    }
    return session.backlog.add({ run, frame })
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
    const [, , name, options, payload, annotations] = frame
    const where = `event ${shown(name)}`
    const access = this.#accessFor(session, reply, where, name)
    if (!access) return undefined
    const event = this.#node.handlers.events.get(name)
    if (!event) return this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    this.#runEvent(event, { session, reply, where, payload, annotations, options }, (payload) =>
      handlerArgs(access, reply, { payload }),
    )
  }

  /** What the session has opened that a name is of, which what runs for it is part of; else the sender is told (NS-3). */
  #accessFor(session: PeerSession, reply: Reply, where: string, name: string): Access | undefined {
    const { accesses } = session
    const end = name.lastIndexOf('/')
    if (end === -1) return accesses.root
    const namespace = this.#node.namespaces.get(name.slice(0, end))
    if (!namespace) return this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    const access = accesses.get(namespace)
    if (!access) return this.#unheard(session, reply, where, 'FORBIDDEN', `namespace ${namespace.path} is not open.`)
    reply.owner = access
    return access
  }

  #roomEvent(session: PeerSession, reply: Reply, frame: RoomEventFrame): undefined {
    const [, , number, name, options, payload, annotations] = frame
    const room = session.memberships.byNumber(number)
    if (!room) return this.#unheard(session, reply, `event ${shown(name)} of a room`, 'FORBIDDEN', notAMember) // RM-6
    const { kind, params, key } = room
    const where = `event ${shown(name)} of room ${kind.kind}`
    const access = session.accesses.get(kind.namespace)! // else it would be no member
    if (access !== session.accesses.root) reply.owner = access
    const event = this.#node.handlersOf(kind).toServer.get(name)
    if (!event) return this.#unheard(session, reply, where, 'NOT_FOUND', unknownName)
    const ref = this.#roomRefs.get(kind.kind)!.of({ kind, params, key })
    this.#runEvent(event, { session, reply, where, payload, annotations, options }, (payload) =>
      handlerArgs(access, reply, { payload, params, room: ref }),
    )
  }

  #runEvent(event: IncomingEvent, what: EventTask, args: (value: unknown) => unknown): void {
    const { handle, payload: input, ack: output } = event
    if (!handle)
      return this.#unheard(what.session, what.reply, what.where, 'NO_HANDLER', 'The server does not handle it.')
    const { timeoutMs } = this.#node.settings
    void runHandler(this.#node, {
      ...what,
      input,
      output,
      errors: noErrors,
      timeoutMs,
      // Without a declared ack a handler may return what it likes; the receipt carries nothing (EV-2).
      handle:
        output.schema === nothing ? async (value) => void (await handle(args(value))) : (value) => handle(args(value)),
    })
  }

  /** The bound of what runs at once for one session (LM-2). Events that nobody waits for take no call's place. */
  #refusesMore({ replies }: PeerSession, reply: Reply): boolean {
    const { maxCalls } = this.#node.settings
    if (replies.size - replies.silentSize <= maxCalls) return false
    reply.error('OVERLOADED', `More than ${maxCalls} calls of this session run at once.`)
    return true
  }

  /** A frame that no handler gets: the sender is told, or, where it does not wait, the server's log (CA-3, EV-5). */
  #unheard(session: PeerSession, reply: Reply, where: string, code: ErrorCode, what: string): undefined {
    const message = `${where}: ${what}`
    if (reply.isSilent) session.faults.note(code, where, message)
    reply.error(code, message)
  }
}

/** What need not wait behind credentials: the end of what runs already, in either direction. */
function passes({ replies }: PeerSession, [kind, id]: CountedFrame): boolean {
  if (kind === frames.cancel.kind) return replies.isRunning(id)
  return kind === frames.result.kind || kind === frames.error.kind
}

type EventTask = Pick<Task, 'session' | 'reply' | 'where' | 'payload' | 'annotations' | 'options'>

const unknownName = "the server's contract has no such name."
const notAMember = 'the session is not a member of the room. Join it first.'

/** A name that a client gave, as a log may show it: no line breaks, no escapes, and not long. */
function shown(name: string): string {
  return isQualifiedName(name) ? name : JSON.stringify(name.slice(0, 64)).replace(/[^\x20-\x7e]/g, '?')
}
