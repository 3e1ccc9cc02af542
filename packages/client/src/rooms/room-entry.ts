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
  type EncodedPayload,
  frameOf,
  frames,
  isCount,
  lengthOf,
  payloadOf,
  type PositionFrame,
  type RequestOutcome,
  type RoomEventFrame,
  timedOut,
} from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import type { Connection } from '../connection/connection.ts'
import { encode, encodeText, hold, latestKey, request, sendVolatile } from '../outgoing.ts'
import type { Handle } from './handle.ts'
import { readJoinAnswer } from './join-answer.ts'
import { RoomPresence } from './room-presence.ts'

/** The most events into one room that wait for its join. */
const maxWaiting = 1_000

/** An event into the room that nobody waits for. */
interface QuietEvent {
  readonly sinceMs: number
  readonly name: string
  /** For errors: `chat.typing`. */
  readonly origin: string
  readonly encoded: EncodedPayload
  /** In UTF-16 units of text and bytes of parts. */
  readonly length: number
  /** Of those of one key only the newest waits. */
  readonly key: string | undefined
}

let entries = 0

export interface EntryOptions {
  readonly connection: Connection
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
  readonly #waiting = new Set<QuietEvent>()
  #waitingLength = 0
  /** The last event that was had of a room with a history: this session's, or the one's before. */
  #position: Position | undefined
  /** Whether it was a member in a session that was lost. */
  #isRejoining = false

  constructor(options: EntryOptions) {
    this.#options = options
    this.#present = options.present
    this.#agreed = options.present
    this.presence = new RoomPresence(options.onError)
  }

  /** Asks the server to let this session in. To be called once; what follows a lost session is the entry's affair. */
  join(): void {
    if (this.#state.name === 'ended') return // given back before it was asked
    const { connection, kind, params, last } = this.#options
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
      connection.requests.send({ id, origin: kind, text, outlivesSession: true, settle })
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
    const { connection, kind } = this.#options
    const origin = `${kind}.presence`
    if (this.#state.name !== 'joined') throw notAMember(origin)
    const presence = this.#present
    const payload = { room: this.#state.number, ...(presence === undefined ? {} : { presence }) }
    const asked = { kind: frames.call.kind, origin, head: '"$presence"', payload, outlivesSession: false }
    await request(connection, asked, options)
    this.#agreed = presence
  }

  /** Takes a handle in; it is told where the room stands. */
  add(handle: Handle): void {
    this.handles.add(handle)
    if (this.#state.name === 'joined') handle.setJoined({ recovered: this.#state.recovered, from: this.#next })
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

  /** The offset of the next event, where the room has a history. */
  get #next(): number | undefined {
    return this.#position && this.#position.offset + 1
  }

  #tellMissed(reason: MissedEvents['reason']): void {
    const missed = { reason, before: this.#next }
    for (const handle of [...this.handles]) handle.onMissed(missed)
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
    if (this.#state.name !== 'joined') return // a join that was under way is carried over, or settles by itself
    this.#isRejoining = true
    this.#enter({ name: 'asking', id: notAsked })
    if (!this.#options.connection.isClosed) this.#tell({ state: 'rejoining' })
    this.join()
  }

  /** Ends for all that hold it, without a word to the server. */
  end({ code, message }: TypewireError): void {
    const { kind } = this.#options
    const reason = new TypewireError(code, `Room ${kind}: ${message}`, { origin: kind })
    this.#end({ state: 'left', by: 'client', reason })
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
    const { connection } = this.#options
    // Its frame will have a head besides, of a number and the name.
    const content = frameOf(name, encoded)
    const key = latestKey(`${this.#number} ${name}`, options)
    const event = { name, origin, encoded, length: lengthOf(content), key, sinceMs: connection.offlineEvents.now() }
    if (key !== undefined) connection.offlineEvents.release(key) // its age is that of the newest
    if (this.#state.name === 'joined') return this.#send(event)
    if (this.#state.name === 'ended') throw notAMember(origin)
    connection.assertSendable(content, origin, connection.requests.waitingLength + this.#waitingLength)
    if (this.#waiting.size >= maxWaiting) {
      throw new TypewireError('OVERLOADED', `${origin}: ${maxWaiting} events wait for the room to be joined.`, {
        origin,
      })
    }
    this.#wait(event)
  }

  #wait(event: QuietEvent): void {
    const { key, length, origin, sinceMs } = event
    for (const old of this.#waiting) if (key !== undefined && old.key === key) this.#stopWaiting(old)
    this.#waiting.add(event)
    this.#waitingLength += length
    this.#options.connection.offlineEvents.hold(key ?? event, origin, {
      waitsFor: 'join',
      sinceMs,
      isWaiting: () => this.#waiting.has(event),
      leave: () => this.#stopWaiting(event),
    })
  }

  #stopWaiting(event: QuietEvent): void {
    if (this.#waiting.delete(event)) this.#waitingLength -= event.length
  }

  /** What cannot be sent after all is told: its caller has gone on. */
  #sendWaiting(): void {
    for (const event of this.#waiting) {
      this.#stopWaiting(event)
      try {
        this.#send(event)
      } catch (error) {
        this.#options.onError(error)
      }
    }
  }

  /** Their callers have gone on. */
  #tellWaiting({ code, message }: TypewireError): void {
    const { onError } = this.#options
    for (const { origin } of this.#waiting) {
      onError(new TypewireError(code, `${origin}: it was not sent: ${message}`, { origin, outcome: 'not_sent' }))
    }
  }

  #forgetWaiting(): void {
    this.#waiting.clear()
    this.#waitingLength = 0
  }

  /** To be called when joined. */
  emitWithAck(name: string, payload: unknown, options: CallOptions): Promise<unknown> {
    const { connection, kind } = this.#options
    const origin = `${kind}.${name}`
    if (this.#state.name !== 'joined') return Promise.reject(notAMember(origin))
    const head = `${this.#state.number},${JSON.stringify(name)}`
    const asked = { kind: frames.roomEvent.kind, origin, head, payload, outlivesSession: false }
    return request(connection, asked, options)
  }

  /** Reads a page of the room's history. To be called when joined. */
  history(wish: object, options: CallOptions): Promise<unknown> {
    const { connection, kind } = this.#options
    const origin = `${kind}.history`
    if (this.#state.name !== 'joined') return Promise.reject(notAMember(origin))
    const payload = { room: this.#state.number, ...wish }
    const asked = { kind: frames.call.kind, origin, head: '"$history"', payload, outlivesSession: false }
    return request(connection, asked, options)
  }

  #send(event: QuietEvent): void {
    if (this.#state.name !== 'joined') return
    const { name, origin, encoded, key, sinceMs } = event
    const { connection } = this.#options
    const head = `[${frames.roomEvent.kind},0,${this.#state.number},${JSON.stringify(name)},0`
    const content = frameOf(head, encoded)
    connection.assertSendable(content, origin)
    // In the next session the room has another number, once it is joined again.
    const frame = { ...content, key, sinceMs, carry: () => this.#wait(event) }
    if (connection.isOpen) {
      connection.offlineEvents.release(key ?? event)
      connection.session.send(frame)
    } else hold(connection, connection.session, frame, origin, key ?? event)
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
      for (const handle of [...this.handles]) handle.setJoined({ recovered, from: this.#next })
      if (recovered === false) this.#tellMissed(position ? 'notKept' : 'noHistory')
      this.#sendWaiting()
    } catch (error) {
      const reason = asTypewireError(error, kind)
      if (reason.code === 'SESSION_LOST' && !connection.isClosed) this.join()
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
    if (status !== givenBack && 'reason' in status) this.#tellWaiting(status.reason)
    this.#forgetWaiting()
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
