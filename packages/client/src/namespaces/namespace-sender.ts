import { type CallOptions, type EmitOptions, isTypewireError, type TypewireError } from '@typewire/core'
import { type EncodedPayload, frameOf, frames, lengthOf, timedOut } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { type EmittedEvent, emittedNow, nextOrder } from '../emitted-event.ts'
import { encode } from '../encode.ts'
import type { Settings } from '../options.ts'
import { type Asked, sendVolatile } from '../outgoing.ts'
import { optionsText } from '../time-limit.ts'
import { type QuietEvent, WaitingEvents } from '../waiting-events.ts'
import { errorFor } from './errors.ts'
import { RequestQueue } from './request-queue.ts'
import type { Scope } from './scope.ts'

/** What is asked, as it stands in a frame. */
type Ready = Asked & { readonly encoded: EncodedPayload }
/** When and as whom it is asked, and how it is sent. */
interface Asking {
  readonly sinceMs: number
  readonly era: number
  readonly order: number
  readonly send: (asked: Asked, limits: CallOptions) => Promise<unknown>
}

export interface NamespaceSenderOptions {
  readonly connection: Connection
  readonly settings: Settings
  /** The namespace that it sends for: what is sent belongs to that. */
  readonly owner: Pick<Scope, 'path' | 'isOpen' | 'era' | 'use'> & { readonly isClosed: boolean }
}

/**
 * Sends what is asked of a namespace, and emitted into it: at once where it is open, else when it is. What waits is encoded,
 * in one order, and bounded; each waits within its own time limit. What an opening leaves unsent waits for the next one.
 */
export class NamespaceSender {
  readonly #options: NamespaceSenderOptions
  readonly #events: WaitingEvents
  readonly #requests: RequestQueue

  constructor(options: NamespaceSenderOptions) {
    const { connection, settings, owner } = options
    const waitsFor = `the namespace ${owner.path} to be open`
    this.#options = options
    this.#events = new WaitingEvents({ connection, onError: settings.onError, waitsFor, owner })
    this.#requests = new RequestQueue(connection)
  }

  async ask(asked: Asked, limits: CallOptions, send: Asking['send']): Promise<unknown> {
    const { connection, owner } = this.#options
    const { origin } = asked
    const { signal, timeoutMs } = limits
    const payload = encode(asked.payload, origin)
    const asking = { sinceMs: connection.now(), era: owner.era, order: nextOrder(), send }
    if (connection.outbox.passes(payload)) return this.#ask({ ...asked, encoded: payload }, limits, asking)
    owner.use(origin)
    return new Promise((resolve, reject) => {
      const askReady = (encoded: EncodedPayload) => resolve(this.#ask({ ...asked, encoded }, limits, asking))
      const limitMs = timeoutMs ?? connection.backstopMs
      connection.outbox.send({ origin, payload, send: askReady, fail: reject, timeoutMs: limitMs, signal, owner })
    })
  }

  async #ask(asked: Ready, { signal, timeoutMs }: CallOptions, asking: Asking): Promise<unknown> {
    const { sinceMs, era, order, send } = asking
    const { connection, settings, owner } = this.#options
    const { origin, head, encoded } = asked
    const limitMs = timeoutMs ?? connection.backstopMs
    const leftMs = () => Math.max(1, limitMs - (settings.clock.now() - sinceMs))
    /** The id under which it was first sent, once the server may have seen it. */
    let again: number | undefined
    let isInDoubt = false
    /** From when it was once let wait, or sent: whatever becomes of it then, it has had its place. */
    let hasPlace = false
    let leave = () => {}
    const wait = () => {
      leave()
      leave = connection.waiting.enter(longestLengthOf(asked, limitMs), { isRequest: true })
    }
    const offerElsewhere = (first: number) => {
      again = first
      isInDoubt = true
      wait() // at once: the room that there is for it is nobody else's
    }
    const outcome = (): 'not_sent' | 'unknown' => (again === undefined ? 'not_sent' : 'unknown')
    const whyNotSent = () => (connection.isOpen ? `${owner.path} is not open yet` : connection.whyNotSent())
    const expired = () => timedOut(origin, limitMs, outcome(), whyNotSent())
    const sendNow = () => {
      leave()
      hasPlace = true
      // Offered again, it has what is left of its time also where the caller has set none: else it might be so for ever.
      const left = (timeoutMs ?? again) === undefined ? undefined : leftMs()
      return send({ ...asked, again, offerElsewhere }, { signal, timeoutMs: left })
    }
    try {
      for (;;) {
        owner.use(origin)
        try {
          if (owner.isOpen) return await sendNow()
          if (!hasPlace) {
            connection.assertFits(frameOf(head, encoded), origin)
            connection.assertRoomFor(longestLengthOf(asked, limitMs), origin)
            connection.assertMayAsk(origin)
          }
          hasPlace = true
          wait()
          const limits = { signal, timeoutMs: leftMs(), expired }
          return await this.#requests.add({ order, origin, outcome: outcome(), leave }, limits, sendNow)
        } catch (error) {
          // Its opening was over: behind the next one it is sent again, or, where the server may have seen it, offered.
          const goesOn = isInDoubt ? !owner.isClosed : wasNotSent(error)
          isInDoubt = false
          if (!goesOn || era !== owner.era) throw error
          if (connection.closedBy) throw errorFor(origin, connection.closedBy, outcome())
        }
      }
    } finally {
      leave()
    }
  }

  emit(name: string, payload: unknown, options?: EmitOptions): void {
    const { connection, owner } = this.#options
    const encoded = encode(payload, name)
    owner.use(name)
    const event = emittedNow(connection, name, name)
    const send = (ready: EncodedPayload) => this.#emit({ ...event, encoded: ready }, options)
    connection.outbox.send({ origin: name, payload: encoded, send, owner })
  }

  #emit(emitted: EmittedEvent, options: EmitOptions | undefined): void {
    const { connection, owner } = this.#options
    const { name, head, encoded } = emitted
    if (options?.delivery === 'volatile') {
      if (owner.isOpen) sendVolatile(connection, `0,${head}`, encoded, name)
      return
    }
    const event = this.#events.make(emitted, 'namespace', options)
    if (owner.isOpen) this.#sendEvent(event)
    else this.#events.add(event)
  }

  #sendEvent(event: QuietEvent): void {
    this.#events.send(event, frameOf(`[${frames.event.kind},0,${event.head}`, event.encoded))
  }

  /** The namespace is open: what waits is sent, in the order in which it was asked and emitted. */
  sendAll(): void {
    const due = [...this.#requests.due, ...this.#events.due((event) => this.#sendEvent(event))]
    for (const { send } of due.sort((a, b) => a.order - b.order)) send()
  }

  /** Events that the server has not had wait again, those into the namespace's rooms too. */
  takeBack(received: number | undefined): void {
    const { connection, owner } = this.#options
    const { session } = connection
    for (const frame of session.takeBack((sent) => sent.owner === owner, received)) frame.carry?.(session)
  }

  /** Nothing of what waits is sent. */
  drop(reason: TypewireError): void {
    const { connection, owner } = this.#options
    this.#events.drop(reason)
    connection.outbox.drop(reason, owner)
    this.failRequests(reason)
  }

  /** The same of requests alone: of events somebody else tells. */
  failRequests(reason: TypewireError): void {
    this.#requests.fail((origin, outcome) => errorFor(origin, reason, outcome))
  }
}

/** The longest that its frame may be, whenever it is sent: so what waits takes no more room then than was counted. */
function longestLengthOf({ kind, head, trace, options, encoded }: Ready, limitMs: number): number {
  const largest = Number.MAX_SAFE_INTEGER
  const optionsOf = optionsText(limitMs, trace, { ...options, again: largest })
  return lengthOf(frameOf(`[${kind},${largest},${head},${optionsOf}`, encoded))
}

const wasNotSent = (error: unknown) =>
  isTypewireError(error) && error.code === 'SESSION_LOST' && error.outcome === 'not_sent'
