import type { AnyContract, Issue, MaybePromise, Schema } from '@typewire/core'
import { type CallFrame, isPromiseLike, nothing, type Reply } from '@typewire/core/internal'
import type { CompiledRoomKind, Sent } from '../compile.ts'
import { keysOf } from '../delivery.ts'
import { invalidInput } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { readPresence } from '../rooms/read-presence.ts'
import type { Room } from '../rooms/room.ts'
import { identify, type RoomIdentity } from '../rooms/rooms.ts'
import type { Reach } from '../types.ts'
import { handlerArgs } from './handler-args.ts'
import { type PresenceInput, setPresence } from './presence-calls.ts'
import { runHandler } from './run-handler.ts'

interface JoinInput {
  readonly kind: string
  readonly params?: unknown
  readonly presence?: unknown
}

/** Handles calls to reserved names: `$join` (RM-3), `$leave` (RM-4) and `$presence` (PR-5). */
export class Joins {
  readonly #node: ServerNode
  readonly #reach: Reach<AnyContract>

  constructor(node: ServerNode, reach: Reach<AnyContract>) {
    this.#node = node
    this.#reach = reach
  }

  call(session: PeerSession, reply: Reply, [, , name, options, payload, annotations]: CallFrame): void {
    const { timeoutMs } = this.#node.settings
    const common = {
      session,
      reply,
      where: name,
      payload,
      annotations,
      output: empty,
      errors: noErrors,
      options,
      timeoutMs,
    }
    switch (name) {
      case '$join':
        return void runHandler(this.#node, {
          ...common,
          input: joinInput,
          handle: (input) => this.#join(session, reply, input as JoinInput),
          timedOut: (limitMs) => this.#tellWhyJoinTimedOut(payload, limitMs),
        })
      case '$leave':
        return void runHandler(this.#node, {
          ...common,
          input: leaveInput,
          handle: (input) => session.memberships.leaveByClient((input as { room: number }).room),
        })
      case '$presence':
        return void runHandler(this.#node, {
          ...common,
          input: leaveInput,
          handle: (input) => setPresence(session, reply, input as PresenceInput),
        })
      default:
        return reply.error('NOT_FOUND', `${name}: the server has no such reserved name.`)
    }
  }

  /** Gives its answer itself, in the step in which the session becomes a member: no event can slip between (RM-3). */
  async #join(session: PeerSession, reply: Reply, { kind: name, params, presence }: JoinInput): Promise<void> {
    const kind = this.#node.roomKinds.get(name)
    if (!kind) return reply.error('NOT_FOUND', `The server's contract has no room ${name}.`)
    const identity = identify(kind, params)
    if (!('kind' in identity)) {
      const { code, message, options } = invalidInput(`room ${name}`, identity)
      return reply.error(code, message, options)
    }
    const authorize = this.#node.handlers.rooms.get(name)?.authorize
    if (!authorize) {
      let present = presenceFor(reply, kind, presence)
      if (isPromiseLike(present)) present = await present
      return present === null ? undefined : this.#attach(session, reply, identity, present)
    }
    const refuse = (reason: string) => reply.error('FORBIDDEN', `Room ${identity.key}: ${reason}.`)
    const end = session.memberships.beginJoin(identity, refuse)
    try {
      let present = presenceFor(reply, kind, presence)
      if (isPromiseLike(present)) present = await present
      if (present === null) return
      if ((await authorize(handlerArgs(this.#reach, session, reply, { params: identity.params }))) !== true) {
        return reply.error('FORBIDDEN', `Room ${identity.key} refused the join: authorize did not return true.`)
      }
      if (!reply.isSettled) await this.#enter(session, reply, identity, present)
    } finally {
      end()
    }
  }

  /** Lets the session in, unless the join was cancelled, has timed out or the session is over: then it is no member. */
  async #enter(session: PeerSession, reply: Reply, identity: RoomIdentity, present: string | undefined): Promise<void> {
    const { settings, rooms } = this.#node
    const room = rooms.enter(identity)
    try {
      if (room.opened) await room.opened
      if (reply.isSettled) return
      const { maxRooms } = settings
      if (session.memberships.joins >= maxRooms) {
        const what = `the session holds ${maxRooms} joins already. Leave some.`
        return reply.error('OVERLOADED', `Room ${identity.key}: ${what}`) // LM-4
      }
      session.memberships.joinByClient(room, reply.id)
      welcome(session, reply, room, present)
    } finally {
      rooms.exit(room)
    }
  }

  /** Server code alone joins sessions to this room: the answer waits until it has. */
  #attach(session: PeerSession, reply: Reply, identity: RoomIdentity, present: string | undefined): Promise<void> {
    return new Promise((resolve) => {
      const stop = session.memberships.whenJoinedByServer(identity, (room) => {
        welcome(session, reply, room, present)
        resolve()
      })
      if (reply.isSettled) return
      const end = () => {
        stop()
        resolve()
      }
      reply.signal.addEventListener('abort', end, { once: true })
    })
  }

  #tellWhyJoinTimedOut(payload: unknown, limitMs: number) {
    const { kind } = payload as JoinInput
    if (this.#node.handlers.rooms.get(kind)?.authorize) return undefined
    const message = `Room ${kind} is joined by the server alone, and it has not joined this session within ${limitMs} ms.`
    return { code: 'FORBIDDEN', message } as const
  }
}

/** What the client says of itself; `null`: it does not match, and is answered so. */
function presenceFor(reply: Reply, kind: CompiledRoomKind, given: unknown): MaybePromise<string | undefined | null> {
  const check = (read: string | readonly Issue[] | undefined) => {
    if (typeof read !== 'object') return read
    const { code, message, options } = invalidInput(`presence in room ${kind.kind}`, read)
    reply.error(code, message, options)
    return null
  }
  const read = readPresence(kind, given)
  return isPromiseLike(read) ? Promise.resolve(read).then(check) : check(read)
}

/** Answers a member's join, in one step with all that it must know to follow the room from there on (RM-3, PR-2). */
function welcome(session: PeerSession, reply: Reply, room: Room, present: string | undefined): void {
  const { presence } = session.memberships
  // What server code has said of it counts for more than that it says nothing.
  if (present !== undefined && (present !== '' || !presence.has(room))) presence.enter(room, present)
  session.wire.settleKeys(keysOf(room.number)) // server code may have joined it before: what it is sent from here on is behind this
  reply.result(`,{"room":${room.number}}`)
  room.presence?.welcome(session)
}

const noErrors: ReadonlyMap<string, Sent> = new Map()
const empty: Sent = { schema: nothing, isPlain: true }

const joinInput = reservedInput('kind: a string, params', ({ kind }) => typeof kind === 'string')
const leaveInput = reservedInput('room: a number', ({ room }) => typeof room === 'number')

/** The input of a reserved name: an object whose members are as they must be. */
function reservedInput(shape: string, fits: (input: Record<string, unknown>) => boolean): Schema {
  const validate = (value: unknown) =>
    typeof value === 'object' && value !== null && fits(value as Record<string, unknown>)
      ? { value }
      : { issues: [{ message: `Expected { ${shape} }` }] }
  return { '~standard': { version: 1, vendor: 'typewire', validate } }
}
