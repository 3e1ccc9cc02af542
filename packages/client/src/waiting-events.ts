import { type EmitOptions, TypewireError } from '@typewire/core'
import { type Content, frameOf } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import type { EmittedEvent } from './emitted-event.ts'
import { hold, latestKey, longestEventLength } from './outgoing.ts'
import type { OnClientError } from './types.ts'

/** The most events that wait for one room or namespace. */
const maxWaiting = 1_000

/** What waits its turn among others. */
export interface Due {
  /** Above that of all that was asked before. */
  readonly order: number
  readonly send: () => void
}

/** An event that nobody waits for, into a room or a namespace, as it waits. */
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
  /** The namespace that they are of, or whose room they go into. */
  readonly owner: object
}

/**
 * Events that nobody waits for, while what they are sent into is not there yet, or not any more: a join that is not
 * answered, a namespace that is not open. Bounded in number, by the client's bound of bytes, and in time (`OfflineEvents`).
 */
export class WaitingEvents {
  readonly #options: WaitingEventsOptions
  /** With how each stops counting among all that waits. */
  readonly #waiting = new Map<QuietEvent, () => void>()

  constructor(options: WaitingEventsOptions) {
    this.#options = options
  }

  /** An event whose bytes are there. `about`: what tells its key from those of other rooms or namespaces. */
  make(event: EmittedEvent, about: string, options?: EmitOptions): QuietEvent {
    const { order, sinceMs, name, head, origin, encoded } = event
    const key = latestKey(`${about} ${name}`, options)
    return { order, sinceMs, name, head, origin, encoded, length: longestEventLength(head, encoded), key }
  }

  /** Keeps one that was emitted now. @throws TypewireError `OVERLOADED`, `TOO_LARGE`. */
  add(event: QuietEvent): void {
    const { connection, waitsFor } = this.#options
    const { origin, length, key } = event
    connection.assertFits(frameOf(event.head, event.encoded), origin)
    // The one whose place it takes counts no more then, and waits on where this one is refused.
    const old = this.#sameAs(event)
    connection.assertRoomFor(length - (old?.length ?? 0), origin)
    if (!old && this.#waiting.size >= maxWaiting) {
      throw new TypewireError('OVERLOADED', `${origin}: ${maxWaiting} events wait for ${waitsFor}.`, { origin })
    }
    if (key !== undefined) connection.offlineEvents.release(key) // its age is that of the newest
    this.keep(event)
  }

  /** Keeps one, again maybe, whatever waits already: it was promised to be sent. */
  keep(event: QuietEvent): void {
    const { key, length, origin, sinceMs } = event
    const old = this.#sameAs(event)
    if (old) this.#forget(old)
    this.#waiting.set(event, this.#options.connection.waiting.enter(length, { isRequest: false }))
    this.#options.connection.offlineEvents.hold(key ?? event, origin, {
      waitsFor: 'join',
      sinceMs,
      isWaiting: () => this.#waiting.has(event),
      leave: () => this.#forget(event),
    })
  }

  /** All that wait, to be sent in their order. What cannot be sent after all is told: its caller has gone on. */
  due(send: (event: QuietEvent) => void): readonly Due[] {
    const sendOne = (event: QuietEvent) => {
      if (!this.#forget(event)) return
      try {
        send(event)
      } catch (error) {
        this.#options.onError(error)
      }
    }
    return [...this.#waiting.keys()].map((event) => ({ order: event.order, send: () => sendOne(event) }))
  }

  sendAll(send: (event: QuietEvent) => void): void {
    for (const due of this.due(send)) due.send()
  }

  /** Sends one in this session; where that is lost before the server can have seen it, it waits again. */
  send(event: QuietEvent, content: Content): void {
    const { connection, owner } = this.#options
    const { origin, key, sinceMs } = event
    connection.assertSendable(content, origin)
    connection.offlineEvents.release(key ?? event) // the one before waits no more, and its age is that of the newest
    const carry = () => this.keep(event)
    const frame = { text: content.text, parts: content.parts, key, sinceMs, owner, carry }
    if (connection.isOpen) connection.session.send(frame)
    else hold(connection, connection.session, frame, origin, key ?? event)
  }

  /** None of them is sent; where there is a reason, their callers are told, who have gone on. */
  drop(reason?: TypewireError): void {
    const dropped = [...this.#waiting]
    this.#waiting.clear() // first: whoever is told may emit again
    for (const [, leave] of dropped) leave()
    for (const [{ origin }] of reason ? dropped : []) {
      const what = `${origin}: it was not sent: ${reason!.message}`
      const { code } = reason as TypewireError<'SESSION_LOST'>
      this.#options.onError(new TypewireError(code, what, { origin, outcome: 'not_sent' }))
    }
  }

  /** What waits of the same key: there is one at most. */
  #sameAs({ key }: QuietEvent): QuietEvent | undefined {
    if (key === undefined) return undefined
    for (const waiting of this.#waiting.keys()) if (waiting.key === key) return waiting
    return undefined
  }

  /** Gives whether it has waited. */
  #forget(event: QuietEvent): boolean {
    this.#waiting.get(event)?.()
    return this.#waiting.delete(event)
  }
}
