import { type EmitOptions, TypewireError } from '@typewire/core'
import { type Content, type EncodedPayload, frameOf, lengthOf } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import { hold, latestKey } from './outgoing.ts'
import type { OnClientError } from './types.ts'

/** The most events that wait for one room or namespace. */
const maxWaiting = 1_000

/** An event that nobody waits for, into a room or a namespace. */
export interface EmittedEvent {
  /** When it was emitted. */
  readonly sinceMs: number
  readonly name: string
  /** Its name as it is on the wire, and its options, as JSON text. */
  readonly head: string
  /** For errors: `chat.typing`. */
  readonly origin: string
  readonly encoded: EncodedPayload
}

/** The same, as it waits. */
export interface QuietEvent extends EmittedEvent {
  /** In UTF-16 units of text and bytes of parts. */
  readonly length: number
  /** Of those of one key only the newest waits. */
  readonly key: string | undefined
}

export interface WaitingEventsOptions {
  readonly connection: Connection
  readonly onError: OnClientError
  /** For errors: `the room to be joined`. */
  readonly waitsFor: string
}

/**
 * Events that nobody waits for, while what they are sent into is not there yet, or not any more: a join that is not
 * answered, a namespace that is not open. Bounded in number, by the client's bound of bytes, and in time (`OfflineEvents`).
 */
export class WaitingEvents {
  readonly #options: WaitingEventsOptions
  readonly #waiting = new Set<QuietEvent>()
  #length = 0

  constructor(options: WaitingEventsOptions) {
    this.#options = options
  }

  /** An event whose turn has come. `about`: what tells its key from those of other rooms or namespaces. */
  make(event: EmittedEvent, about: string, options?: EmitOptions): QuietEvent {
    const { name, head, encoded } = event
    const key = latestKey(`${about} ${name}`, options)
    if (key !== undefined) this.#options.connection.offlineEvents.release(key) // its age is that of the newest
    // Its frame will have a kind and a number besides.
    return { ...event, length: lengthOf(frameOf(head, encoded)), key }
  }

  /** Keeps one that was emitted now. @throws TypewireError `OVERLOADED`, `TOO_LARGE`. */
  add(event: QuietEvent): void {
    const { connection, waitsFor } = this.#options
    const { origin } = event
    const content = frameOf(event.head, event.encoded)
    connection.assertSendable(content, origin, this.#length)
    if (this.#waiting.size >= maxWaiting) {
      throw new TypewireError('OVERLOADED', `${origin}: ${maxWaiting} events wait for ${waitsFor}.`, { origin })
    }
    this.keep(event)
  }

  /** Keeps one, again maybe, whatever waits already: it was promised to be sent. */
  keep(event: QuietEvent): void {
    const { key, length, origin, sinceMs } = event
    for (const old of this.#waiting) if (key !== undefined && old.key === key) this.#forget(old)
    this.#waiting.add(event)
    this.#length += length
    this.#options.connection.offlineEvents.hold(key ?? event, origin, {
      waitsFor: 'join',
      sinceMs,
      isWaiting: () => this.#waiting.has(event),
      leave: () => this.#forget(event),
    })
  }

  /** What cannot be sent after all is told: its caller has gone on. */
  sendAll(send: (event: QuietEvent) => void): void {
    for (const event of this.#waiting) {
      this.#forget(event)
      try {
        send(event)
      } catch (error) {
        this.#options.onError(error)
      }
    }
  }

  /** Sends one in this session; where that is lost before the server can have seen it, it waits again. */
  send(event: QuietEvent, content: Content): void {
    const { connection } = this.#options
    const { origin, key, sinceMs } = event
    connection.assertSendable(content, origin)
    const frame = { ...content, key, sinceMs, carry: () => this.keep(event) }
    if (connection.isOpen) {
      connection.offlineEvents.release(key ?? event)
      connection.session.send(frame)
    } else hold(connection, connection.session, frame, origin, key ?? event)
  }

  /** None of them is sent; where there is a reason, their callers are told, who have gone on. */
  drop(reason?: TypewireError): void {
    for (const { origin } of reason ? this.#waiting : []) {
      const what = `${origin}: it was not sent: ${reason!.message}`
      const { code } = reason as TypewireError<'SESSION_LOST'>
      this.#options.onError(new TypewireError(code, what, { origin, outcome: 'not_sent' }))
    }
    this.#waiting.clear()
    this.#length = 0
  }

  #forget(event: QuietEvent): void {
    if (this.#waiting.delete(event)) this.#length -= event.length
  }
}
