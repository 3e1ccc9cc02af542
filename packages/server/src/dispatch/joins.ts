import type { HistoryEntry, Issue, MaybePromise } from '@typewire/core'
import { type CallFrame, encodeWithoutBytes, isPromiseLike, nothing, type Reply } from '@typewire/core/internal'
import type { Access } from '../access.ts'
import type { Sent } from '../compile.ts'
import { keysOf, lengthOfPublication } from '../delivery.ts'
import { invalidInput } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { arrivalOf, arrivalUnread, asksForEvents, type HistoryWish, queryFor } from '../rooms/arrival.ts'
import { historyPage } from '../rooms/history-pages.ts'
import { readHistory } from '../rooms/open-room.ts'
import { readPresence, type Said, type ShownPresence, shownPresence } from '../rooms/read-presence.ts'
import type { Room } from '../rooms/room.ts'
import { identify, isCanonical, type RoomIdentity, shownRoom } from '../rooms/rooms.ts'
import { TokenBucket } from '../rooms/token-bucket.ts'
import { frameOptions, handlerArgs } from './handler-args.ts'
import { type HistoryInput, historyInput, type JoinInput, joinInput, leaveInput, presenceInput } from './join-input.ts'
import { type PresenceInput, setPresence } from './presence-calls.ts'
import { runHandler } from './run-handler.ts'

/** What a client asks for with its join, and what members are to be shown of it. */
interface Wish extends HistoryWish {
  readonly shown: Shown | undefined
}

interface Shown extends ShownPresence {
  /** By which it counts among what is said of the session (PR-10). */
  readonly word: number
}

/** Handles calls to reserved names: `$join` (RM-3), `$leave` (RM-4), `$history` (HI-9) and `$presence` (PR-5). */
export class Joins {
  readonly #node: ServerNode
  /** How often each session may still ask. */
  readonly #rates = new WeakMap<PeerSession, TokenBucket>()

  constructor(node: ServerNode) {
    this.#node = node
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
        this.#node.watch?.onBegun('onJoin', { session, reply }, this.#kindOf(payload))
        return void runHandler(this.#node, {
          ...common,
          input: joinInput,
          handle: (input) => this.#join({ session, reply, options }, input as JoinInput),
          timedOut: (limitMs) => this.#tellWhyJoinTimedOut(payload, limitMs),
        })
      case '$leave':
        return void runHandler(this.#node, {
          ...common,
          input: leaveInput,
          handle: (input) => session.memberships.takeBack((input as { join: number }).join),
        })
      case '$history':
        return void runHandler(this.#node, {
          ...common,
          input: historyInput,
          handle: (input) => this.#history({ session, reply, options }, input as HistoryInput),
        })
      case '$presence':
        return void runHandler(this.#node, {
          ...common,
          input: presenceInput,
          handle: (input) => setPresence(this.#node, { session, reply }, input as PresenceInput),
        })
      default:
        return reply.error('NOT_FOUND', `${name}: the server has no such reserved name.`)
    }
  }

  /** Gives its answer itself, in the step in which the session becomes a member: no event can slip between (RM-3). */
  async #join(asking: Asking, { kind: name, params, presence, ...asked }: JoinInput): Promise<void> {
    const { session, reply } = asking
    // Of a namespace that is not open not even the names are told.
    const namespace = this.#node.namespaces.get(name.slice(0, Math.max(0, name.lastIndexOf('/'))))
    const access = namespace && session.accesses.get(namespace)
    if (namespace && !access) return reply.error('FORBIDDEN', `Room ${name}: namespace ${namespace.path} is not open.`)
    const kind = this.#node.roomKinds.get(name)
    if (!kind || !access) return reply.error('NOT_FOUND', `The server's contract has no room ${name}.`)
    if (access !== session.accesses.root) reply.owner = access
    if (!this.#rateOf(session).take()) {
      const what = `more joins than ${this.#node.settings.maxJoinsPerSecond} per second. Wait a little.`
      return reply.error('OVERLOADED', `Room ${name}: ${what}`) // LM-6
    }
    const identity = identify(kind, params)
    if (!('kind' in identity)) {
      const { code, message, options } = invalidInput(`room ${name}`, identity)
      return reply.error(code, message, options)
    }
    const join: Join = { ...asking, access, identity, isAsGiven: isCanonical(params, identity), presence, asked }
    return this.#node.handlersOf(kind).authorize ? this.#enter(join) : this.#attach(join)
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
      const message = refusal(identity, reason)
      reply.expire('FORBIDDEN', message, new DOMException(message, 'AbortError'))
    })
    try {
      if (room.opened) await this.#untilOver(session, reply, room.opened)
      let said = saidBy(join)
      if (isPromiseLike(said)) said = await this.#untilOver(session, reply, said)
      if (said === null || reply.isSettled) return
      let isOutdated: boolean
      do {
        isOutdated = false
        const verdict = await this.#judge(join, room)
        if (!verdict.isLetIn) {
          return reply.error('FORBIDDEN', refusal(identity, 'authorize did not return true'))
        }
        let shown = said && this.#shown(join, said)
        if (isPromiseLike(shown)) shown = await this.#untilOver(session, reply, shown)
        await this.#admit(join, room, { ...join.asked, shown }, () => {
          // What was true of other credentials, or before server code asked to judge anew, does not count.
          isOutdated = join.access.ctx !== verdict.ctx || room.reviews !== verdict.reviews
          if (isOutdated) return false
          const { maxRooms } = settings
          if (session.memberships.joins < maxRooms) {
            session.memberships.joinByClient(room, reply.id)
            return true
          }
          const what = `the session holds ${maxRooms} joins already. Leave some.`
          reply.error('OVERLOADED', `Room ${shownRoom(identity)}: ${what}`) // LM-4
          return false
        })
      } while (isOutdated)
    } finally {
      end()
      rooms.exit(room)
    }
  }

  /** Whether `authorize` lets the session in, and what it was asked about. */
  async #judge({ session, access, reply, options }: Join, room: Room) {
    const authorize = this.#node.handlersOf(room.kind).authorize!
    const { ctx } = access
    const { reviews } = room
    const answer = authorize(handlerArgs(access, reply, { params: room.params, [frameOptions]: options }))
    const isTrue = (isPromiseLike(answer) ? await this.#untilOver(session, reply, answer) : answer) === true
    return { isLetIn: isTrue && !reply.isSettled, ctx, reviews }
  }

  /** What members are to be shown of a session that is let in. */
  #shown({ session, access, reply, identity: room }: Join, said: Said): MaybePromise<Shown> {
    const word = session.memberships.presence.nextWord()
    const shown = shownPresence(this.#node, { access, room, said, lifetime: reply })
    return isPromiseLike(shown) ? Promise.resolve(shown).then((made) => ({ ...made, word })) : { ...shown, word }
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

  /**
   * Reads what the client wishes to hear first, then lets it in and answers, in one step. What comes to the room between
   * the two is kept (HI-3). `enter` says whether it is a member now.
   */
  async #admit(join: Join, room: Room, wish: Wish, enter: () => boolean): Promise<void> {
    const { session, reply } = join
    const { feed } = room
    if (!feed) {
      if (!reply.isSettled && enter()) welcome(join, room, wish)
      return
    }
    const stopKeeping = feed.keep()
    try {
      const mayRead =
        !asksForEvents(wish, feed) ||
        (await this.#untilOver(session, reply, this.#mayReadHistory(join, join.access, room)))
      const query = mayRead ? queryFor(wish, feed) : undefined
      const reading = query && readHistory(this.#node, room, query)
      const page = isPromiseLike(reading) ? await reading : reading
      if (reply.isSettled || !enter()) return
      const arrival = mayRead ? arrivalOf(wish, feed, page, fits(session)) : arrivalUnread(wish, feed)
      const { position, entries, recovered } = arrival
      welcome(join, room, wish, { ...position, recovered })
      // Behind all of that: what it hears first (HI-2).
      for (const entry of entries) session.wire.send(room.replay(entry, position.epoch, session))
    } finally {
      stopKeeping()
    }
  }

  async #mayReadHistory({ reply, options }: Asking, access: Access, { kind, params }: Room): Promise<boolean> {
    const authorize = this.#node.historyOf(kind.kind)?.authorize
    return !authorize || (await authorize(handlerArgs(access, reply, { params, [frameOptions]: options }))) === true
  }

  /** Server code alone joins sessions to this room: the answer waits until it has. */
  async #attach(join: Join): Promise<void> {
    let said = saidBy(join)
    if (isPromiseLike(said)) said = await said
    if (said !== null) await this.#attachWith(join, said)
  }

  #attachWith(join: Join, said: Said | undefined): Promise<void> {
    const { session, reply, identity } = join
    const { memberships } = session
    return new Promise((resolve, reject) => {
      const stop = memberships.whenJoinedByServer(identity, (room) => {
        const isMember = () => memberships.byNumber(room.number) === room
        const admit = async () => {
          let shown = said && this.#shown(join, said)
          if (isPromiseLike(shown)) shown = await this.#untilOver(session, reply, shown)
          await this.#admit(join, room, { ...join.asked, shown }, isMember)
          // It may have been taken out again while the hook or the history was asked.
          if (!reply.isSettled) await this.#attachWith(join, said)
        }
        admit().then(resolve, reject)
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
  async #history(asking: Asking, { room: number, ...wish }: HistoryInput): Promise<void> {
    const { session, reply } = asking
    const { memberships, accesses } = session
    const room = memberships.byNumber(number)
    const notHere = '$history: not a room with a history that the session is in.'
    if (!room?.feed) return reply.error('FORBIDDEN', notHere)
    const access = accesses.get(room.kind.namespace)! // else it would be no member
    if (access !== accesses.root) reply.owner = access
    if (!(await this.#mayReadHistory(asking, access, room))) {
      return reply.error('FORBIDDEN', `Room ${shownRoom(room)}: history.authorize did not return true.`)
    }
    const page = await historyPage(this.#node, room, session, wish)
    // It may have left, or been taken out, meanwhile.
    if (memberships.byNumber(number) === room) reply.result(page)
    else reply.error('FORBIDDEN', notHere)
  }

  /** Of a join that nobody has read yet: its kind, where the contract has it. */
  #kindOf(payload: unknown): string | undefined {
    const { kind } = Object(payload) as Partial<JoinInput>
    return this.#node.roomKinds.get(kind!)?.kind
  }

  #tellWhyJoinTimedOut(payload: unknown, limitMs: number) {
    const { kind } = payload as JoinInput
    if (this.#node.handlers.rooms.get(kind)?.authorize) return undefined
    const message = `Room ${kind} is joined by the server alone, and it has not joined this session within ${limitMs} ms.`
    return { code: 'FORBIDDEN', message } as const
  }
}

/** A call to a reserved name. */
interface Asking {
  readonly session: PeerSession
  readonly reply: Reply
  /** Of its frame. */
  readonly options: CallFrame[3]
}

/** A join that is asked for, of a room that there may be. */
interface Join extends Asking {
  /** What it has opened that the room is of. */
  readonly access: Access
  readonly identity: RoomIdentity
  /** The contract has read the params as what was given. */
  readonly isAsGiven: boolean
  /** What the client says of itself, as it was given. */
  readonly presence: unknown
  /** What it asks to hear first. */
  readonly asked: HistoryWish
}

/** What the client says of itself; `null`: it does not match, and is answered so. */
function saidBy({ reply, identity: { kind }, presence }: Join): MaybePromise<Said | undefined | null> {
  const check = (read: Said | readonly Issue[] | undefined) => {
    if (!read || 'text' in read) return read
    const { code, message, options } = invalidInput(`presence in room ${kind.kind}`, read)
    reply.error(code, message, options)
    return null
  }
  const read = readPresence(kind, presence)
  return isPromiseLike(read) ? Promise.resolve(read).then(check) : check(read)
}

/** Answers a member's join, in one step with all that it must know to follow the room from there on (RM-3, PR-2). */
function welcome(
  { session, reply, isAsGiven, presence: given }: Join,
  room: Room,
  { shown }: Wish,
  position: object = {},
): void {
  const { number, params } = room
  const { presence } = session.memberships
  // What server code has said of it counts for more than that it says nothing.
  if (shown && (given !== undefined || !presence.has(room))) presence.enter(room, shown, shown.word)
  session.wire.settleKeys(keysOf(number)) // server code may have joined it before: what it is sent from here on is behind this
  const head = JSON.stringify({ room: number, ...position })
  // The params go along where the contract has read them as something else than what was given (RM-11).
  reply.result(isAsGiven ? `,${head}` : encodeWithoutBytes({ ...(JSON.parse(head) as object), params }))
  room.presence?.welcome(session)
}

/** Half of what may be queued at most: what follows needs room too. A frame's head is short. */
const fits = (session: PeerSession) => (entries: readonly HistoryEntry[]) => {
  const length = entries.reduce((sum, { publication }) => sum + lengthOfPublication(publication) + frameHeadLength, 0)
  return length === 0 || session.wire.hasRoomFor(2 * length)
}
const frameHeadLength = 64

/** `why` may be an application's own words, with a full stop or without. */
const refusal = (room: RoomIdentity, why: string) =>
  `Room ${shownRoom(room)} refused the join: ${why}${/[.!?…]$/.test(why) ? '' : '.'}`

const noErrors: ReadonlyMap<string, Sent> = new Map()
const empty: Sent = { schema: nothing, isPlain: true }
