import type { CallOptions, EmitOptions, TypewireError } from '@typewire/core'
import { type EncodedPayload, frameOf, frames } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { type EmittedEvent, emittedNow, nextOrder } from '../emitted-event.ts'
import { encode } from '../codec.ts'
import type { Settings } from '../options.ts'
import { type Asked, backstopOf, longestEventLength, longestLength, sendVolatile } from '../outgoing.ts'
import { RequestQueue } from '../request-queue.ts'
import { type QuietEvent, WaitingEvents } from '../waiting-events.ts'
import { errorFor } from './errors.ts'
import { NamespaceRequest, type NamespaceRequestOptions, type SenderOf } from './namespace-request.ts'

export interface NamespaceSenderOptions {
  readonly connection: Connection
  readonly settings: Settings
  /** The namespace that it sends for: what is sent belongs to that. */
  readonly owner: SenderOf
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

  async ask(asked: Asked, limits: CallOptions, send: NamespaceRequestOptions['send']): Promise<unknown> {
    const { connection, owner } = this.#options
    const { origin } = asked
    const { signal, timeoutMs = backstopOf(connection, asked) ?? connection.backstopMs } = limits
    const payload = encode(connection, asked.payload, origin)
    const asking = { limits, send, sinceMs: asked.sinceMs ?? connection.now(), era: owner.era, order: nextOrder() }
    const askReady = (encoded: EncodedPayload) => {
      const queue = this.#requests
      return new NamespaceRequest({ ...asking, connection, owner, queue, asked: { ...asked, encoded } }).run()
    }
    if (connection.outbox.passes(payload)) return askReady(payload)
    owner.use(origin)
    return new Promise((resolve, fail) => {
      const sendReady = (encoded: EncodedPayload) => resolve(askReady(encoded))
      const length = () => longestLength(asked, payload)
      const waits = { fail, timeoutMs, signal, owner, isRequest: true }
      connection.outbox.send({ origin, payload, length, send: sendReady, ...waits })
    })
  }

  emit(name: string, payload: unknown, options?: EmitOptions): void {
    const { connection, owner } = this.#options
    const encoded = encode(connection, payload, name)
    owner.use(name)
    const event = emittedNow(connection, name, name)
    const send = (ready: EncodedPayload) => {
      event.encoded = ready
      this.#emit(event, options)
    }
    const length = () => longestEventLength(event.head, encoded)
    connection.outbox.send({ origin: name, payload: encoded, length, send, owner })
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
