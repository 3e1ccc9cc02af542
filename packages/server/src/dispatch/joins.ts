import type { AnyContract, Issue, MaybePromise, Schema } from '@typewire/core'
import { type CallFrame, encodeWithoutBytes, isPromiseLike, nothing, type Reply } from '@typewire/core/internal'
import type { Sent } from '../compile.ts'
import { keysOf } from '../delivery.ts'
import { invalidInput } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { readPresence } from '../rooms/read-presence.ts'
import type { Room } from '../rooms/room.ts'
import { identify, isCanonical, type RoomIdentity } from '../rooms/rooms.ts'
import { TokenBucket } from '../rooms/token-bucket.ts'
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
  /** How often each session may still ask. */
  readonly #rates = new WeakMap<PeerSession, TokenBucket>()

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
    const authorize = this.#node.handlers.rooms.get(name)?.authorize
    if (authorize && !this.#rateOf(session).take()) {
      const what = `more joins than ${this.#node.settings.maxJoinsPerSecond} per second. Wait a little.`
      return reply.error('OVERLOADED', `Room ${name}: ${what}`) // LM-6
    }
    const identity = identify(kind, params)
    if (!('kind' in identity)) {
      const { code, message, options } = invalidInput(`room ${name}`, identity)
      return reply.error(code, message, options)
    }
    const join: Join = { session, reply, identity, isAsGiven: isCanonical(params, identity), presence }
    return authorize ? this.#enter(join) : this.#attach(join)
  }

  #rateOf(session: PeerSession): TokenBucket {
    let rate = this.#rates.get(session)
    if (!rate) {
      const { clock, maxJoinsPerSecond: perSecond, maxRooms } = this.#node.settings
      const most = 2 * perSecond
      this.#rates.set(session, (rate = new TokenBucket({ clock, perSecond, most, initial: maxRooms + most })))
    }
    return rate
  }

  /**
   * Lets the session in where `authorize` does, unless the join was cancelled, has timed out, or server code has refused it
   * meanwhile. The room is entered before `authorize` is asked: what other nodes do to its members from then on comes here,
   * so whoever changes a right and then evicts misses no join that has found the old one.
   */
  async #enter(join: Join): Promise<void> {
    const { session, reply, identity } = join
    const { settings, rooms } = this.#node
    const room = rooms.enter(identity)
    const end = session.memberships.beginJoin(room, (reason) => {
      const message = `Room ${identity.key}: ${reason}.`
      reply.expire('FORBIDDEN', message, new DOMException(message, 'AbortError'))
    })
    try {
      if (room.opened) await this.#untilOver(session, reply, room.opened)
      let present = presenceFor(join)
      if (isPromiseLike(present)) present = await this.#untilOver(session, reply, present)
      if (present === null || reply.isSettled) return
      if (!(await this.#isLetIn(session, reply, room))) {
        return reply.error('FORBIDDEN', `Room ${identity.key} refused the join: authorize did not return true.`)
      }
      const { maxRooms } = settings
      if (session.memberships.joins >= maxRooms) {
        const what = `the session holds ${maxRooms} joins already. Leave some.`
        return reply.error('OVERLOADED', `Room ${identity.key}: ${what}`) // LM-4
      }
      session.memberships.joinByClient(room, reply.id)
      welcome(join, room, present)
    } finally {
      end()
      rooms.exit(room)
    }
  }

  /** What was true of other credentials, or before server code asked to judge anew, does not count: it is asked again. */
  async #isLetIn(session: PeerSession, reply: Reply, room: Room): Promise<boolean> {
    const authorize = this.#node.handlers.rooms.get(room.kind.kind)!.authorize!
    for (;;) {
      const { ctx } = session
      const { reviews } = room
      const answer = authorize(handlerArgs(this.#reach, session, reply, { params: room.params }))
      const isLetIn = isPromiseLike(answer) ? await this.#untilOver(session, reply, answer) : answer
      if (isLetIn !== true || reply.isSettled) return false
      if (session.ctx === ctx && room.reviews === reviews) return true
    }
  }

  /** What a promise gives, or `undefined` when nobody waits for the answer any more: it may never settle. */
  #untilOver<T>(session: PeerSession, reply: Reply, promise: PromiseLike<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const over = () => resolve(undefined)
      reply.signal.addEventListener('abort', over, { once: true })
      if (reply.isSettled) over()
      promise.then(resolve, (error: unknown) => {
        reject(error)
        // Too late for the client; one that stops because nobody waits is no news.
        if (reply.isSettled && error !== reply.abortReason) this.#node.incidents.report(error, '$join', session.id)
      })
    })
  }

  /** Server code alone joins sessions to this room: the answer waits until it has. */
  async #attach(join: Join): Promise<void> {
    const { session, reply, identity } = join
    let present = presenceFor(join)
    if (isPromiseLike(present)) present = await present
    if (present === null) return
    const said = present
    return new Promise((resolve) => {
      const stop = session.memberships.whenJoinedByServer(identity, (room) => {
        welcome(join, room, said)
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

/** A join that is asked for, of a room that there may be. */
interface Join {
  readonly session: PeerSession
  readonly reply: Reply
  readonly identity: RoomIdentity
  /** The contract has read the params as what was given. */
  readonly isAsGiven: boolean
  /** What the client says of itself, as it was given. */
  readonly presence: unknown
}

/** What the client says of itself; `null`: it does not match, and is answered so. */
function presenceFor({ reply, identity: { kind }, presence }: Join): MaybePromise<string | undefined | null> {
  const check = (read: string | readonly Issue[] | undefined) => {
    if (typeof read !== 'object') return read
    const { code, message, options } = invalidInput(`presence in room ${kind.kind}`, read)
    reply.error(code, message, options)
    return null
  }
  const read = readPresence(kind, presence)
  return isPromiseLike(read) ? Promise.resolve(read).then(check) : check(read)
}

/** Answers a member's join, in one step with all that it must know to follow the room from there on (RM-3, PR-2). */
function welcome({ session, reply, isAsGiven }: Join, room: Room, present: string | undefined): void {
  const { number, params } = room
  const { presence } = session.memberships
  // What server code has said of it counts for more than that it says nothing.
  if (present !== undefined && (present !== '' || !presence.has(room))) presence.enter(room, present)
  session.wire.settleKeys(keysOf(number)) // server code may have joined it before: what it is sent from here on is behind this
  // The params go along where the contract has read them as something else than what was given (RM-11).
  reply.result(isAsGiven ? `,{"room":${number}}` : encodeWithoutBytes({ room: number, params }))
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
