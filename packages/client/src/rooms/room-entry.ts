import { type CallOptions, type MissedEvents, type Position, type RoomStatus, TypewireError } from '@typewire/core'
import {
  type Deadline,
  frames,
  isCount,
  payloadOf,
  type PositionFrame,
  type RequestOutcome,
  type RoomEventFrame,
  timedOut,
} from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import { canonicalText } from '../codec.ts'
import { type Backoff, backoffMs } from '../connection/backoff.ts'
import type { Connection } from '../connection/connection.ts'
import type { Scope } from '../namespaces/scope.ts'
import type { Handle } from './handle.ts'
import { readJoinAnswer } from './join-answer.ts'
import { callJoin, limitSilence } from './join-call.ts'
import { RoomPresence } from './room-presence.ts'
import { RoomSender } from './room-sender.ts'

/** What the client says of itself in a room, as the server has taken it last: the join of each session says it. */
export interface Said {
  data: unknown
  /** What each handle has said last, in the order in which it was said: the newest word counts, and goes with its handle. */
  readonly words: Map<Handle, unknown>
}

export interface EntryOptions {
  readonly connection: Connection
  /** What its kind is of. */
  readonly scope: Scope
  readonly kind: string
  readonly params: unknown
  /** How many of the room's last events to hear first. */
  readonly last: number | undefined
  readonly said: Said
  readonly onError: (error: unknown) => void
  /** How long to wait before it asks again. */
  readonly backoff: Backoff
  /** The client is a member of the room of this number, whose params these are as the server has read them. */
  readonly onJoined: (number: number, params: unknown) => void
  /** Events of the room were missed while the session was lost. */
  readonly onMissed: (number: number, missed: MissedEvents) => void
  /** It is not any more, by this entry. */
  readonly onNotJoined: (number: number) => void
  /** The entry is over: who joins from here on needs a new one. */
  readonly onEnd: (entry: RoomEntry) => void
}

/** The id of a join that is not sent: no request has it. */
const notAsked = 0

/** Every handle was given back, and knows it. */
const givenBack = 'given back'

/** What may pass: the server could not tell. */
const passing: ReadonlySet<string> = new Set(['INTERNAL', 'TIMED_OUT', 'OVERLOADED'])

/**
 * `asking`: a join is under way; or, where its id is `notAsked`, it is to be sent: when its namespace is open, or after a pause.
 * `joined`: a member, and the room has a number in this session. `ended`: denied, ended by the server, or given back by all.
 */
type State =
  | {
      readonly name: 'asking'
      /** Of the `$join`. */
      readonly id: number
      /** When it asks again, where the server could not tell. */
      readonly again?: Deadline
    }
  | {
      readonly name: 'joined'
      /** The id of the join, which takes it back (RM-4). */
      readonly join: number
      readonly number: number
      readonly params: unknown
    }
  | { readonly name: 'ended' }

/**
 * A join of a room that this client is in or wants to be in, for all the handles that hold it. It ends when the last of
 * them is given back; who joins then gets an entry of its own, behind this one's leaving. So does a handle that wants to
 * hear of the last events what those before it had: the server brings them with its join.
 */
export class RoomEntry {
  readonly handles = new Set<Handle>()
  readonly presence: RoomPresence
  /** Sends into the room. */
  readonly sender: RoomSender
  readonly #options: EntryOptions
  #state: State = { name: 'asking', id: notAsked }
  /** The last event that was had of a room with a history: this session's, or the one's before. */
  #position: Position | undefined
  /** Whether it was a member in a session that was lost. */
  #isRejoining = false
  /** Ends a first join whose namespace does not open. */
  #unopened: Deadline | undefined
  /** How often in a row the server could not tell. */
  #failures = 0

  constructor(options: EntryOptions) {
    this.#options = options
    this.presence = new RoomPresence(options.onError)
    const { connection, onError, scope: owner, kind } = options
    this.sender = new RoomSender({ connection, onError, owner, kind, standing: () => this.#state })
  }

  /** The namespace of its kind; the root's is empty. */
  get path(): string {
    return this.#options.scope.path
  }

  get said(): Said {
    return this.#options.said
  }

  /** Whether a handle that is taken in now hears so many of the last events first. */
  brings(last = 0): boolean {
    const isFirst = this.#state.name === 'asking' && !this.#isRejoining
    return last === 0 || (isFirst && last === this.#options.last)
  }

  /**
   * Asks the server to let this session in, where its namespace is open: else it is to be called again when that is. What
   * follows a lost session is the entry's affair.
   */
  join(): void {
    const state = this.#state
    if (state.name !== 'asking' || state.id !== notAsked) return // given back, or under way
    state.again?.cancel()
    const { connection, scope, kind, params, last, said } = this.#options
    const since = this.#position
    const input = { kind, params, since, last: since ? undefined : last || undefined, presence: said.data }
    try {
      callJoin({
        connection,
        scope,
        kind,
        input,
        onSend: (id) => this.#enter({ name: 'asking', id }),
        settle: (id, outcome) => this.#onAnswer(id, outcome),
      })
      if (!scope.isOpen) this.#limitOpening()
    } catch (error) {
      this.#onFailure(asTypewireError(error, kind))
    }
  }

  /** Who was a member waits for its namespace as long as that takes: nobody is there to join the room anew. */
  #limitOpening(): void {
    if (this.#isRejoining || this.#unopened || this.#state.name === 'ended') return
    const { connection, scope, kind } = this.#options
    this.#unopened = limitSilence(connection, (limitMs) =>
      this.#onFailure(timedOut(`join.${kind}`, limitMs, 'not_sent', `${scope.path} is not open yet`)),
    )
  }

  /** Tells the server what the client says of itself now, and in the sessions to come. */
  async setPresence(by: Handle, presence: unknown, options: CallOptions): Promise<void> {
    const { said } = this.#options
    said.words.delete(by)
    said.words.set(by, presence)
    await this.sender.setPresence(by, presence === undefined ? {} : { presence }, options)
    said.data = presence
  }

  /** Takes a handle in; it is told where the room stands. */
  add(handle: Handle): void {
    this.handles.add(handle)
    if (this.#state.name === 'joined') handle.onJoined(undefined, this.#next)
  }

  /** Notes an event of the room. Gives whether it had not been had yet (HI-5). */
  noteEvent(options: RoomEventFrame[4]): boolean {
    const offset = options === 0 ? undefined : options.offset
    if (!this.#position || !isCount(offset)) return true
    if (offset <= this.#position.offset) return false
    this.#position = { ...this.#position, offset }
    return true
  }

  onPosition([, , epoch, offset, options]: PositionFrame): void {
    const isMissed = options !== 0 && options.missed === true
    if (isMissed || this.#position?.epoch !== epoch || offset > this.#position.offset)
      this.#position = { epoch, offset }
    if (!isMissed) return
    const missed = { reason: 'gap', before: this.#next } as const
    for (const handle of [...this.handles]) handle.onMissed(missed)
  }

  /** Where the next event will stand, where the room has a history. */
  get #next(): Position | undefined {
    return this.#position && { ...this.#position, offset: this.#position.offset + 1 }
  }

  /** A handle is given back. The last one takes the membership back, or the join that is under way. */
  remove(handle: Handle): void {
    this.#takeBack(handle).catch(() => {}) // that the room is left by then, its status says
    if (!this.handles.delete(handle) || this.handles.size > 0) return
    const { connection, kind } = this.#options
    if (this.#state.name === 'joined') return this.#leaveInTurn()
    if (this.#state.name === 'ended') return
    const { id } = this.#state
    if (id === notAsked) return this.#end(givenBack)
    connection.requests.withdraw(id, new TypewireError('ABORTED', `join.${kind}: the room was left.`, { origin: kind }))
  }

  /** The word before that of a handle which is given back counts again. */
  async #takeBack(handle: Handle): Promise<void> {
    const { connection, said } = this.#options
    const { words } = said
    const newest = [...words.keys()].pop()
    const word = words.get(handle)
    words.delete(handle)
    const before = newest === handle && [...words.keys()].pop()
    if (!before) return
    if (canonicalText(connection, words.get(before)) === canonicalText(connection, word)) return
    await before.setPresence(words.get(before))
  }

  /** The session is lost, and the membership with it: joins again. */
  onSessionLost(): void {
    // A join that was under way is carried over, or settles by itself. One that is not sent yet is sent, if it can be.
    if (this.#state.name !== 'joined') return this.join()
    if (this.handles.size === 0) return this.#end(givenBack) // it was about to leave
    this.#isRejoining = true
    this.#enter({ name: 'asking', id: notAsked })
    if (!this.#options.connection.isClosed) this.#tell({ state: 'rejoining' })
    this.join()
  }

  #askAgain(): void {
    if (this.#state.name === 'ended') return
    this.#enter({ name: 'asking', id: notAsked })
    this.join()
  }

  /** Ends for all that hold it, without a word to the server. */
  end({ code, message }: TypewireError, by: 'client' | 'server' = 'client'): void {
    const { kind } = this.#options
    const reason = new TypewireError(code, `Room ${kind}: ${message}`, { origin: kind })
    const { name } = this.#state
    this.#end(name === 'asking' && by === 'server' ? { state: 'denied', reason } : { state: 'left', by, reason })
  }

  /** Server code has ended the membership (RM-7). */
  onLeft(reason: string): void {
    const { kind } = this.#options
    const error = new TypewireError('FORBIDDEN', `Room ${kind}: ${reason}.`, { origin: kind })
    this.#end({ state: 'left', by: 'server', reason: error })
  }

  #onAnswer(join: number, outcome: RequestOutcome): void {
    const { connection, kind } = this.#options
    try {
      const { room, position, isRecovered, params } = readJoinAnswer(
        payloadOf(outcome, kind, { decode: connection.codec.decode, from: 'server' }),
        this.#options,
      )
      const before = this.#position
      // A node that is behind the one before it tells again what was had (HI-5).
      const isBehind = isRecovered && before && position && position.offset < before.offset
      this.#position = isBehind ? before : position
      const wasMember = this.#isRejoining
      this.#isRejoining = false
      this.#failures = 0
      const joined: State = { name: 'joined', join, number: room, params }
      this.#enter(joined)
      if (this.#state !== joined) return // who was told of what could not be sent has left it
      const reason = position ? 'notKept' : 'noHistory'
      const missed = isRecovered ? undefined : ({ reason, before: this.#next } as const)
      if (wasMember && missed) this.#options.onMissed(room, missed)
      for (const handle of [...this.handles]) handle.onJoined(missed, this.#next)
    } catch (error) {
      const reason = asTypewireError(error, kind)
      if (reason.code === 'SESSION_LOST' && !connection.isClosed) this.#askAgain()
      else this.#onFailure(reason)
    }
  }

  /** Who was a member asks again where the server could not tell (RM-3): nobody is there to join the room anew. */
  #onFailure(reason: TypewireError): void {
    const { connection, backoff } = this.#options
    if (!this.#isRejoining || connection.isClosed || !passing.has(reason.code)) return this.#refuse(reason)
    const again = connection.deadlines.set(backoffMs(++this.#failures, backoff), () => this.join())
    this.#enter({ name: 'asking', id: notAsked, again })
  }

  /** There will be no membership: a client that is over has not been denied anything. */
  #refuse(reason: TypewireError): void {
    this.#end(this.#options.connection.isClosed ? { state: 'left', by: 'client', reason } : { state: 'denied', reason })
  }

  /** Behind what was emitted before. The room may have been taken up again by then, or be lost. */
  #leaveInTurn(): void {
    const leave = () => {
      if (this.#state.name === 'joined' && this.handles.size === 0) this.#leave(this.#state.join)
    }
    const { connection, kind } = this.#options
    try {
      connection.outbox.send({
        origin: kind,
        payload: '',
        length: () => 0,
        send: leave,
        fail: () => {},
        timeoutMs: Infinity,
      })
    } catch {
      leave() // nothing more may wait
    }
  }

  #leave(join: number): void {
    const { connection, kind } = this.#options
    this.#end(givenBack)
    const id = connection.nextId()
    const text = `[${frames.call.kind},${id},"$leave",0,{"join":${join}}]`
    try {
      connection.requests.send({ id, origin: kind, text, outlivesSession: false, settle: () => {} })
    } catch {
      // Too many requests wait: the membership ends with the session.
    }
  }

  /** `status`: of the handles that are left; `givenBack` where there are none. */
  #end(status: RoomStatus | typeof givenBack): void {
    this.#enter({ name: 'ended' })
    this.sender.drop(status !== givenBack && 'reason' in status ? status.reason : undefined)
    this.presence.clear()
    this.#options.onEnd(this)
    if (status !== givenBack) this.#tell(status)
    for (const handle of this.handles) this.#options.said.words.delete(handle)
    this.handles.clear()
  }

  #enter(state: State): void {
    const old = this.#state
    this.#state = state
    if (old.name === 'asking') old.again?.cancel()
    if (state.name !== 'asking' || state.id !== notAsked) {
      this.#unopened?.cancel()
      this.#unopened = undefined
    }
    if (old.name === 'joined') this.#options.onNotJoined(old.number)
    if (state.name !== 'joined') return
    this.sender.sendAll() // before anybody hears that it is joined: what waits was asked first
    if (this.#state === state) this.#options.onJoined(state.number, state.params)
  }

  #tell(status: RoomStatus): void {
    for (const handle of [...this.handles]) handle.setStatus(status)
  }
}
