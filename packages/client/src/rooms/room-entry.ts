import {
  type CallOptions,
  type EmitOptions,
  type MissedEvents,
  type Position,
  type RoomStatus,
  TypewireError,
} from '@typewire/core'
import {
  type Deadline,
  frameOf,
  frames,
  isCount,
  payloadOf,
  type PositionFrame,
  type RequestOutcome,
  type RoomEventFrame,
  timedOut,
} from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import type { Connection } from '../connection/connection.ts'
import { encode, encodeText, request, sendVolatile } from '../outgoing.ts'
import type { Scope } from '../namespaces/scope.ts'
import { type QuietEvent, WaitingEvents } from '../waiting-events.ts'
import type { Handle } from './handle.ts'
import { readJoinAnswer } from './join-answer.ts'
import { RoomPresence } from './room-presence.ts'

let entries = 0

export interface EntryOptions {
  readonly connection: Connection
  /** What its kind is of. */
  readonly scope: Scope
  readonly kind: string
  readonly params: unknown
  /** How many of the room's last events to hear first. */
  readonly last: number | undefined
  /** What the client says of itself. */
  readonly present: unknown
  readonly onError: (error: unknown) => void
  /** The client is a member of the room of this number, whose params these are as the server has read them. */
  readonly onJoined: (number: number, params: unknown) => void
  /** It is not any more, by this entry. */
  readonly onNotJoined: (number: number) => void
  /** The entry is over: who joins from here on needs a new one. */
  readonly onEnd: (entry: RoomEntry) => void
}

/**
 * `asking`: a join is under way. `joined`: a member, and the room has a number in this session. `ended`: denied, or
 * given back by all.
 */
type State =
  | { readonly name: 'asking'; readonly id: number }
  | {
      readonly name: 'joined'
      readonly number: number
      readonly params: unknown
      readonly recovered: boolean | undefined
    }
  | { readonly name: 'ended' }

/**
 * A room that this client is in or wants to be in, for all the handles that hold it: one membership serves them. It ends
 * when the last of them is given back; who joins then gets an entry of its own, behind this one's leaving.
 */
export class RoomEntry {
  readonly handles = new Set<Handle>()
  readonly presence: RoomPresence
  /** What the client says of itself, and what of that the server has taken last. */
  #present: unknown
  #agreed: unknown
  readonly #options: EntryOptions
  /** Tells its keys from those of other rooms. */
  readonly #number = ++entries
  #state: State = { name: 'asking', id: notAsked }
  /** Events into the room that wait for the join. */
  readonly #waiting: WaitingEvents
  /** The last event that was had of a room with a history: this session's, or the one's before. */
  #position: Position | undefined
  /** Whether it was a member in a session that was lost. */
  #isRejoining = false

  constructor(options: EntryOptions) {
    this.#options = options
    this.#present = options.present
    this.#agreed = options.present
    this.presence = new RoomPresence(options.onError)
    const { connection, onError, scope: owner } = options
    this.#waiting = new WaitingEvents({ connection, onError, waitsFor: 'the room to be joined', owner })
  }

  /** The namespace of its kind; the root's is empty. */
  get path(): string {
    return this.#options.scope.path
  }

  /**
   * Asks the server to let this session in, where its namespace is open: else it is to be called again when that is. What
   * follows a lost session is the entry's affair.
   */
  join(): void {
    const state = this.#state
    if (state.name !== 'asking' || state.id !== notAsked) return // given back, or under way
    const { connection, scope, kind, params, last } = this.#options
    const since = this.#position
    let deadline: Deadline | undefined
    const settle = (outcome: RequestOutcome) => {
      deadline?.cancel()
      this.#onAnswer(outcome)
    }
    try {
      const wish = since ? { since } : last ? { last } : {}
      const presence = this.#present
      const said = presence === undefined ? {} : { presence }
      const input = encodeText({ kind, ...(params === undefined ? {} : { params }), ...wish, ...said }, kind)
      connection.use(`join.${kind}`)
      scope.use(`join.${kind}`)
      if (!scope.isOpen) return
      const id = connection.nextId()
      const limitMs = connection.backstopMs
      // A join without a time limit of its own waits for as long as the server is away; only silence on a connection ends it.
      const watch = () => {
        deadline = connection.deadlines.set(limitMs, () => {
          if (connection.isOpen) connection.requests.withdraw(id, timedOut(`join.${kind}`, limitMs))
          else watch()
        })
      }
      watch()
      const text = `[${frames.call.kind},${id},"$join",0${input}]`
      connection.assertSendable({ text }, kind)
      this.#enter({ name: 'asking', id })
      // In a namespace it is asked again behind the opening of that.
      connection.requests.send({ id, origin: kind, text, outlivesSession: scope.isRoot, owner: scope, settle })
    } catch (error) {
      deadline?.cancel()
      this.#refuse(asTypewireError(error, kind))
    }
  }

  /** What the client says of itself from the next join on. Returns how to take it back, unless it says something else by then. */
  present(data: unknown): () => void {
    encode(data, this.#options.kind)
    this.#present = data
    return () => {
      if (this.#present === data) this.#present = this.#agreed
    }
  }

  /** Tells the server what the client says of itself now. To be called when joined. */
  async sendPresence(options: CallOptions): Promise<void> {
    const { connection, kind, scope } = this.#options
    const origin = `${kind}.presence`
    if (this.#state.name !== 'joined') throw notAMember(origin)
    const presence = this.#present
    const payload = { room: this.#state.number, ...(presence === undefined ? {} : { presence }) }
    const asked = { kind: frames.call.kind, origin, head: '"$presence"', payload, outlivesSession: false, owner: scope }
    await request(connection, asked, options)
    this.#agreed = presence
  }

  /** Takes a handle in; it is told where the room stands. */
  add(handle: Handle): void {
    this.handles.add(handle)
    if (this.#state.name === 'joined') handle.setStatus({ state: 'joined', recovered: this.#state.recovered })
  }

  /** Whether an event was not had yet; from here on it was (HI-5). */
  isNew(options: RoomEventFrame[4]): boolean {
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
    if (isMissed) this.#tellMissed('gap')
  }

  #tellMissed(reason: MissedEvents['reason']): void {
    for (const handle of [...this.handles]) handle.onMissed({ reason })
  }

  /** A handle is given back. The last one takes the membership back, or the join that is under way. */
  remove(handle: Handle): void {
    if (!this.handles.delete(handle) || this.handles.size > 0) return
    const { connection, kind } = this.#options
    if (this.#state.name === 'joined') return this.#leave(this.#state.number)
    if (this.#state.name === 'ended') return
    const { id } = this.#state
    if (id === notAsked) return this.#end(givenBack)
    connection.requests.withdraw(id, new TypewireError('ABORTED', `join.${kind}: the room was left.`, { origin: kind }))
  }

  /** The session is lost, and the membership with it: joins again. */
  onSessionLost(): void {
    // A join that was under way is carried over, or settles by itself. One that waits for its namespace goes on to, or ends.
    if (this.#state.name !== 'joined') return this.join()
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

  /**
   * Sends an event into the room; before the join is answered it waits for it, or is dropped if it is volatile.
   * @throws TypewireError when it cannot.
   */
  emit(name: string, payload: unknown, options?: EmitOptions): void {
    const origin = `${this.#options.kind}.${name}`
    const encoded = encode(payload, origin)
    if (options?.delivery === 'volatile' && this.#state.name !== 'ended') {
      if (this.#state.name === 'asking') return
      return sendVolatile(this.#options.connection, `${this.#state.number},${JSON.stringify(name)},0`, encoded, origin)
    }
    const event = this.#waiting.make(name, origin, encoded, `${this.#number}`, options)
    if (this.#state.name === 'joined') return this.#send(event)
    if (this.#state.name === 'ended') throw notAMember(origin)
    this.#waiting.add(event)
  }

  /** To be called when joined. */
  emitWithAck(name: string, payload: unknown, options: CallOptions): Promise<unknown> {
    const { connection, kind, scope } = this.#options
    const origin = `${kind}.${name}`
    if (this.#state.name !== 'joined') return Promise.reject(notAMember(origin))
    const head = `${this.#state.number},${JSON.stringify(name)}`
    const asked = { kind: frames.roomEvent.kind, origin, head, payload, outlivesSession: false, owner: scope }
    return request(connection, asked, options)
  }

  /** Reads a page of the room's history. To be called when joined. */
  history(wish: object, options: CallOptions): Promise<unknown> {
    const { connection, kind, scope } = this.#options
    const origin = `${kind}.history`
    if (this.#state.name !== 'joined') return Promise.reject(notAMember(origin))
    const payload = { room: this.#state.number, ...wish }
    const asked = { kind: frames.call.kind, origin, head: '"$history"', payload, outlivesSession: false, owner: scope }
    return request(connection, asked, options)
  }

  #send(event: QuietEvent): void {
    if (this.#state.name !== 'joined') return
    // In the next session the room has another number, once it is joined again.
    const head = `[${frames.roomEvent.kind},0,${this.#state.number},${JSON.stringify(event.name)},0`
    this.#waiting.send(event, frameOf(head, event.encoded))
  }

  #onAnswer(outcome: RequestOutcome): void {
    const { connection, kind } = this.#options
    try {
      const { room, position, isRecovered, params } = readJoinAnswer(payloadOf(outcome, kind), this.#options)
      const recovered = this.#isRejoining ? isRecovered : undefined
      const before = this.#position
      // A node that is behind the one before it tells again what was had (HI-5).
      const isBehind = isRecovered && before && position && position.offset < before.offset
      this.#position = isBehind ? before : position
      this.#isRejoining = false
      this.#enter({ name: 'joined', number: room, params, recovered })
      this.#tell({ state: 'joined', recovered })
      if (recovered === false) this.#tellMissed(position ? 'notKept' : 'noHistory')
      this.#waiting.sendAll((event) => this.#send(event))
    } catch (error) {
      const reason = asTypewireError(error, kind)
      if (reason.code === 'SESSION_LOST' && !connection.isClosed) this.#askAgain()
      else this.#refuse(reason)
    }
  }

  /** There will be no membership: a client that is over has not been denied anything. */
  #refuse(reason: TypewireError): void {
    this.#end(this.#options.connection.isClosed ? { state: 'left', by: 'client', reason } : { state: 'denied', reason })
  }

  #leave(number: number): void {
    const { connection, kind } = this.#options
    this.#end(givenBack)
    const id = connection.nextId()
    const text = `[${frames.call.kind},${id},"$leave",0,{"room":${number}}]`
    try {
      connection.requests.send({ id, origin: kind, text, outlivesSession: false, settle: () => {} })
    } catch {
      // Too many requests wait: the membership ends with the session.
    }
  }

  /** `status`: of the handles that are left; `givenBack` where there are none. */
  #end(status: RoomStatus | typeof givenBack): void {
    this.#enter({ name: 'ended' })
    this.#waiting.drop(status !== givenBack && 'reason' in status ? status.reason : undefined)
    this.presence.clear()
    this.#options.onEnd(this)
    if (status !== givenBack) this.#tell(status)
    this.handles.clear()
  }

  #enter(state: State): void {
    const old = this.#state
    this.#state = state
    if (old.name === 'joined') this.#options.onNotJoined(old.number)
    if (state.name === 'joined') this.#options.onJoined(state.number, state.params)
  }

  #tell(status: RoomStatus): void {
    for (const handle of [...this.handles]) handle.setStatus(status)
  }
}

/** The id of a join that is about to be sent: no request has it. */
const notAsked = 0

/** Every handle was given back, and knows it. */
const givenBack = 'given back'

const notAMember = (origin: string) =>
  new TypewireError('FORBIDDEN', `${origin}: the room was left or its join denied. Join it again.`, { origin })
