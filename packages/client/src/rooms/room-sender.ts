import type { CallOptions, EmitOptions, TypewireError } from '@typewire/core'
import { type EncodedPayload, frameOf, frames, type UnreadPayload } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { type EmittedEvent, emittedNow, nextOrder } from '../emitted-event.ts'
import { encode, encodeText } from '../codec.ts'
import { longestEventLength, lostBefore, sendVolatile, traced } from '../outgoing.ts'
import { RequestQueue } from '../request-queue.ts'
import { assertTimeLimit } from '../time-limit.ts'
import { type QuietEvent, WaitingEvents } from '../waiting-events.ts'
import { notAMember } from './errors.ts'
import { type Holder, longestInRoom, type Membership, type RoomAsked, RoomRequest } from './room-request.ts'

/**
 * Where a room stands for what is sent into it: `asking`, it waits; `joined`, it is sent under the room's number; `ended`,
 * it is refused.
 */
export type RoomStanding = { readonly name: 'asking' | 'ended' } | (Membership & { readonly name: 'joined' })

export interface RoomSenderOptions {
  readonly connection: Connection
  /** What its kind is of. */
  readonly owner: object
  readonly kind: string
  readonly onError: (error: unknown) => void
  readonly standing: () => RoomStanding
}

/** A request, and how it is encoded. */
type Unasked = RoomAsked & { readonly encode: () => EncodedPayload | UnreadPayload }

let lastNumber = 0

/**
 * Sends what is asked of a room, and emitted into it: at once where it is joined, else when it is. What waits is encoded, in
 * one order, and bounded.
 */
export class RoomSender {
  readonly #options: RoomSenderOptions
  /** Tells the keys of its events from those of other rooms. */
  readonly #number = ++lastNumber
  readonly #events: WaitingEvents
  readonly #requests: RequestQueue

  constructor(options: RoomSenderOptions) {
    const { connection, onError, owner } = options
    this.#options = options
    this.#events = new WaitingEvents({ connection, onError, waitsFor: 'the room to be joined', owner })
    this.#requests = new RequestQueue(connection)
  }

  /**
   * Sends an event into the room; before the join is answered it waits for it, or is dropped if it is volatile.
   * @throws TypewireError when it cannot.
   */
  emit(name: string, payload: unknown, options?: EmitOptions): void {
    const { connection, kind, owner } = this.#options
    const origin = `${kind}.${name}`
    const ready = encode(connection, payload, origin)
    const event = emittedNow(connection, name, origin)
    const send = (encoded: EncodedPayload) => {
      event.encoded = encoded
      this.#emit(event, options)
    }
    const length = () => longestEventLength(event.head, ready)
    connection.outbox.send({ origin, payload: ready, length, send, owner })
  }

  #emit(given: EmittedEvent, options: EmitOptions | undefined): void {
    const { connection, standing } = this.#options
    const { head, origin, encoded } = given
    const now = standing()
    if (options?.delivery === 'volatile' && now.name !== 'ended') {
      if (now.name === 'joined') sendVolatile(connection, `${now.number},${head}`, encoded, origin)
      return
    }
    const event = this.#events.make(given, `${this.#number}`, options)
    if (now.name === 'joined') return this.#sendEvent(event, now)
    if (now.name === 'ended') throw notAMember(origin)
    this.#events.add(event)
  }

  /** In the next session the room has another number, once it is joined again. */
  #sendEvent(event: QuietEvent, { number }: Membership): void {
    this.#events.send(event, frameOf(`[${frames.roomEvent.kind},0,${number},${event.head}`, event.encoded))
  }

  emitWithAck(by: Holder, name: string, payload: unknown, limits: CallOptions): Promise<unknown> {
    const { connection, kind } = this.#options
    const origin = `${kind}.${name}`
    const inRoom = (room: number, encoded: EncodedPayload) => ({ head: `${room},${JSON.stringify(name)}`, encoded })
    const asked = { kind: frames.roomEvent.kind, origin, inRoom, encode: () => encode(connection, payload, origin) }
    return traced(connection, asked, (told: Unasked) => this.#ask(by, told, limits))
  }

  /** Reads a page of the room's history. */
  history(by: Holder, wish: object, limits: CallOptions): Promise<unknown> {
    return this.#ask(by, this.#call('history', wish), limits)
  }

  /** Tells the server what the client says of itself. */
  setPresence(by: Holder, said: object, limits: CallOptions): Promise<unknown> {
    return this.#ask(by, { ...this.#call('presence', said), isRepeated: true }, limits)
  }

  /** Calls a reserved name of this room. */
  #call(name: 'presence' | 'history', input: object): Unasked {
    const { connection, kind } = this.#options
    const origin = `${kind}.${name}`
    const inRoom = (room: number, encoded: EncodedPayload) => ({
      head: `"$${name}"`,
      encoded: withRoom(room, encoded as string), // of `encodeText`
    })
    return { kind: frames.call.kind, origin, inRoom, encode: () => encodeText(connection, input, origin) }
  }

  async #ask(by: Holder, asked: Unasked, limits: CallOptions): Promise<unknown> {
    const { connection, owner } = this.#options
    const { origin } = asked
    assertTimeLimit(limits.timeoutMs, origin)
    const ready = asked.encode()
    connection.use(origin)
    const about = { connection, owner, by, asked, limits, queue: this.#requests, membership: this.#membership }
    const asking = { ...about, sinceMs: connection.now(), order: nextOrder() }
    if (connection.outbox.passes(ready)) return new RoomRequest({ ...asking, payload: ready }).run()
    const joined = this.#membership(origin, by)
    return new Promise((resolve, fail) => {
      const send = (payload: EncodedPayload) => {
        // It belongs to the membership that it was asked in.
        if (joined && !asked.isRepeated && this.#membership(origin, by) !== joined) throw lostBefore(origin)
        resolve(new RoomRequest({ ...asking, payload }).run())
      }
      const { signal, timeoutMs = connection.backstopMs } = limits
      const length = () => longestInRoom(asked, ready)
      const waits = { fail, timeoutMs, signal, owner, isRequest: true }
      connection.outbox.send({ origin, payload: ready, length, send, ...waits })
    })
  }

  readonly #membership = (origin: string, by: Holder): Membership | undefined => {
    const now = this.#options.standing()
    if (now.name === 'joined') return now
    const over = by.overBy(origin) ?? (now.name === 'ended' ? notAMember(origin) : undefined)
    if (over) throw over
    return undefined
  }

  /** The room is joined: what waits is sent, in the order in which it was asked and emitted. */
  sendAll(): void {
    const { standing } = this.#options
    const joined = standing()
    if (joined.name !== 'joined') return
    const due = [...this.#requests.due, ...this.#events.due((event) => this.#sendEvent(event, joined))]
    for (const { send } of due.sort((a, b) => a.order - b.order)) {
      if (standing() !== joined) return // what was sent has cost the session: the rest waits on
      send()
    }
  }

  /** No event that waits is sent. */
  drop(reason?: TypewireError): void {
    this.#events.drop(reason)
  }

  /** None of the requests of one that wait is sent. */
  failRequests(by: Holder, toError: (origin: string) => TypewireError): void {
    this.#requests.fail(toError, by)
  }
}

/** The payload that an object is, `,{…}` and its annotations, with the number of its room. */
function withRoom(room: number, payload: string): string {
  const rest = payload.slice(2)
  return `,{"room":${room}${rest.startsWith('}') ? '' : ','}${rest}`
}
