import type { AnyContract, HistoryEntry, Issue, MaybePromise } from '@typewire/core'
import { type CallFrame, isPromiseLike, nothing, type Reply } from '@typewire/core/internal'
import type { CompiledRoomKind, Sent } from '../compile.ts'
import { keysOf, lengthOfPublication } from '../delivery.ts'
import { invalidInput } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { arrivalOf, type HistoryWish, queryFor } from '../rooms/arrival.ts'
import { historyPage } from '../rooms/history-pages.ts'
import { readHistory } from '../rooms/open-room.ts'
import { readPresence } from '../rooms/read-presence.ts'
import type { Room } from '../rooms/room.ts'
import { identify, type RoomIdentity } from '../rooms/rooms.ts'
import type { Reach } from '../types.ts'
import { handlerArgs } from './handler-args.ts'
import { type HistoryInput, historyInput, type JoinInput, joinInput, leaveInput } from './join-input.ts'
import { type PresenceInput, setPresence } from './presence-calls.ts'
import { runHandler } from './run-handler.ts'

/** What a client asks for with its join, and what it says of itself, read by the contract. */
interface Wish extends HistoryWish {
  readonly present: string | undefined
}

/** Handles calls to reserved names: `$join` (RM-3), `$leave` (RM-4), `$history` (HI-9) and `$presence` (PR-5). */
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
      case '$history':
        return void runHandler(this.#node, {
          ...common,
          input: historyInput,
          handle: (input) => this.#history(session, reply, input as HistoryInput),
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
  async #join(
    session: PeerSession,
    reply: Reply,
    { kind: name, params, presence, ...asked }: JoinInput,
  ): Promise<void> {
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
      return present === null ? undefined : this.#attach(session, reply, identity, { ...asked, present })
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
      if (!reply.isSettled) await this.#enter(session, reply, identity, { ...asked, present })
    } finally {
      end()
    }
  }

  /** Lets the session in, unless the join was cancelled, has timed out or the session is over: then it is no member. */
  async #enter(session: PeerSession, reply: Reply, identity: RoomIdentity, wish: Wish): Promise<void> {
    const { settings, rooms } = this.#node
    const room = rooms.enter(identity)
    try {
      if (room.opened) await room.opened
      await this.#admit(session, reply, room, wish, () => {
        const { maxRooms } = settings
        if (session.memberships.joins < maxRooms) {
          session.memberships.joinByClient(room, reply.id)
          return true
        }
        const what = `the session holds ${maxRooms} joins already. Leave some.`
        reply.error('OVERLOADED', `Room ${identity.key}: ${what}`) // LM-4
        return false
      })
    } finally {
      rooms.exit(room)
    }
  }

  /**
   * Reads what the client wishes to hear first, then lets it in and answers, in one step. What comes to the room between
   * the two is kept (HI-3). `enter` says whether it is a member now.
   */
  async #admit(session: PeerSession, reply: Reply, room: Room, wish: Wish, enter: () => boolean): Promise<void> {
    const { feed } = room
    if (!feed) {
      if (!reply.isSettled && enter()) welcome(session, reply, room, wish)
      return
    }
    const stopKeeping = feed.keep()
    try {
      const mayRead = wish.since || !wish.last || (await this.#mayReadHistory(session, reply, room))
      const allowed = mayRead ? wish : {}
      const query = queryFor(allowed, feed)
      const reading = query && readHistory(this.#node, room, query)
      const page = isPromiseLike(reading) ? await reading : reading
      if (reply.isSettled || !enter()) return
      const { position, entries, recovered } = arrivalOf(allowed, feed, page, fits(session))
      welcome(session, reply, room, wish, { ...position, recovered })
      // Behind all of that: what it hears first (HI-2).
      for (const entry of entries) session.wire.send(room.replay(entry, position.epoch, session))
    } finally {
      stopKeeping()
    }
  }

  async #mayReadHistory(session: PeerSession, lifetime: Lifetime, { kind, params }: Room): Promise<boolean> {
    const authorize = this.#node.historyOf(kind.kind)?.authorize
    return !authorize || (await authorize(handlerArgs(this.#reach, session, lifetime, { params }))) === true
  }

  /** Server code alone joins sessions to this room: the answer waits until it has. */
  #attach(session: PeerSession, reply: Reply, identity: RoomIdentity, wish: Wish): Promise<void> {
    const { memberships } = session
    return new Promise((resolve, reject) => {
      const stop = memberships.whenJoinedByServer(identity, (room) => {
        const isMember = () => memberships.byNumber(room.number) === room
        // It may have been taken out again while the history was read.
        const again = () => (reply.isSettled ? undefined : this.#attach(session, reply, identity, wish))
        this.#admit(session, reply, room, wish, isMember).then(again).then(resolve, reject)
      })
      if (reply.isSettled) return
      const end = () => {
        stop()
        resolve()
      }
      reply.signal.addEventListener('abort', end, { once: true })
    })
  }

  /** Answers with a page of what a room has kept, to a member who may read it (HI-9). */
  async #history(session: PeerSession, reply: Reply, { room: number, ...wish }: HistoryInput): Promise<void> {
    const room = session.memberships.byNumber(number)
    if (!room?.feed) return reply.error('FORBIDDEN', '$history: not a room with a history that the session is in.')
    if (!(await this.#mayReadHistory(session, reply, room))) {
      return reply.error('FORBIDDEN', `Room ${room.key}: history.authorize did not return true.`)
    }
    reply.result(await historyPage(this.#node, room, session, wish))
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
function welcome(session: PeerSession, reply: Reply, room: Room, { present }: Wish, position: object = {}): void {
  const { presence } = session.memberships
  // What server code has said of it counts for more than that it says nothing.
  if (present !== undefined && (present !== '' || !presence.has(room))) presence.enter(room, present)
  session.wire.settleKeys(keysOf(room.number)) // server code may have joined it before: what it is sent from here on is behind this
  reply.result(`,${JSON.stringify({ room: room.number, ...position })}`)
  room.presence?.welcome(session)
}

/** Half of what may be queued at most: what follows needs room too. A frame's head is short. */
const fits = (session: PeerSession) => (entries: readonly HistoryEntry[]) => {
  const length = entries.reduce((sum, { publication }) => sum + lengthOfPublication(publication) + frameHeadLength, 0)
  return length === 0 || session.wire.hasRoomFor(2 * length)
}
const frameHeadLength = 64

/** Whose end aborts what runs for it. */
interface Lifetime {
  readonly signal: AbortSignal
}

const noErrors: ReadonlyMap<string, Sent> = new Map()
const empty: Sent = { schema: nothing, isPlain: true }
