import { type Clock, closeCodes, type Transport, type TransportEvents } from '@typewire/core'
import { type Deadline, type Deadlines, encodeContainer, type Part, webSocketCodes } from '@typewire/core/internal'
import type { HttpExchange, HttpHeaders } from './http-exchange.ts'
import type { HttpDownlink } from './http-links.ts'

/** How long a poll may wait for something to send: below the 30 s after which some proxies give up. */
export const pollTimeoutMs = 25_000
/**
 * What one answer carries at most, unless one batch is larger. That it has arrived is known by the next poll, which is the
 * client's sign of life (HB-3): a slow link must come to it within a heartbeat's time.
 */
const maxAnswerBytes = 128 * 1024
/** How long a close waits for the next poll: a client makes it at once, or soon after one that failed. */
const betweenPollsMs = 1_000

/**
 * Sends in answers to polls. Polls are numbered from 1 (the hello is 0): one with the number of the last was not
 * answered as far as the client knows, and gets the same answer again (HT-5).
 */
export class HttpPoll implements HttpDownlink {
  readonly transport: Transport
  readonly #headers: HttpHeaders
  readonly #events: TransportEvents
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  /** Batches that wait for a poll, encoded. */
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #sent = 0
  #number = 0
  /** The poll that is not answered yet. */
  #waiting: { readonly exchange: HttpExchange; readonly deadline: Deadline } | undefined
  /** What the last poll was answered, until the next one says that it has arrived. */
  #lastAnswer: Uint8Array | undefined
  #answerIsDue = false
  /** When the last poll was answered, or was given up by its client. */
  #lastPollMs = 0
  #isClosing = false
  #linger: Deadline | undefined
  #isGone = false

  constructor(
    exchange: HttpExchange,
    headers: HttpHeaders,
    events: TransportEvents,
    clock: Clock,
    deadlines: Deadlines,
  ) {
    this.#headers = headers
    this.#events = events
    this.#clock = clock
    this.#deadlines = deadlines
    this.transport = {
      name: 'http-poll',
      send: (batch, parts) => this.#send(batch, parts),
      bufferedBytes: () => this.#queuedBytes,
      close: (code) => this.#close(code),
    }
    this.#wait(exchange)
  }

  readonly sentBatches = (): number => this.#sent

  readonly poll = (number: number, exchange: HttpExchange): void => {
    if (!this.#isClosing) this.#events.onDrain() // the client lives, and what it was answered before has arrived
    if (number === this.#number && this.#lastAnswer) return this.#respond(exchange, this.#lastAnswer)
    if (number !== this.#number + 1 && number !== this.#number) {
      return exchange.respond(409, this.#headers, `HT-5: expected poll ${this.#number + 1}.\n`)
    }
    this.#number = number
    this.#lastAnswer = undefined
    this.#wait(exchange)
    if (this.#queue.length > 0) this.#answer()
  }

  #send(batch: string, parts?: readonly Part[]): void {
    if (this.#isGone || this.#isClosing) return
    const container = encodeContainer(batch, parts)
    this.#queue.push(container)
    this.#queuedBytes += container.length
    this.#answerSoon()
  }

  /** Batches of one turn leave in one answer. */
  #answerSoon(): void {
    if (this.#answerIsDue || !this.#waiting) return
    this.#answerIsDue = true
    this.#clock.endOfTurn(() => {
      this.#answerIsDue = false
      if (this.#queue.length > 0) this.#answer()
    })
  }

  /** A poll waits. One that came before and still does was repeated by its client, which reads the new one. */
  #wait(exchange: HttpExchange): void {
    this.#waiting?.deadline.cancel()
    this.#waiting?.exchange.respond(409, this.#headers, 'HT-5: this poll was repeated.\n')
    const waiting = { exchange, deadline: this.#deadlines.set(pollTimeoutMs, () => this.#answer()) }
    this.#waiting = waiting
    exchange.onAbort(() => {
      if (this.#waiting !== waiting) return
      waiting.deadline.cancel()
      this.#leave()
    })
  }

  #answer(): void {
    const waiting = this.#waiting
    if (!waiting) return
    this.#leave()
    waiting.deadline.cancel()
    const body = this.#take()
    this.#lastAnswer = body
    this.#respond(waiting.exchange, body)
    if (this.#isClosing) this.#lingerOn()
  }

  #leave(): void {
    this.#waiting = undefined
    this.#lastPollMs = this.#clock.now()
  }

  #take(): Uint8Array {
    const taken: Uint8Array[] = []
    let bytes = 0
    while (this.#queue.length > 0 && (bytes === 0 || bytes + this.#queue[0]!.length <= maxAnswerBytes)) {
      const container = this.#queue.shift()!
      taken.push(container)
      bytes += container.length
    }
    this.#queuedBytes -= bytes
    this.#sent += taken.length
    return Buffer.concat(taken)
  }

  #respond(exchange: HttpExchange, body: Uint8Array): void {
    exchange.respond(body.length > 0 ? 200 : 204, this.#headers, body)
  }

  /** What is queued, the reason among it, waits a little for a poll that takes it. */
  #close(code: number): void {
    if (this.#isGone || this.#isClosing) return
    this.#isClosing = true
    if (this.#waiting && this.#queue.length > 0) return this.#answer()
    if (code === closeCodes.NORMAL.code) return this.#end() // the client has closed, and polls no more
    this.#lingerOn()
  }

  /** A client that has not polled for too long is gone. */
  #lingerOn(): void {
    this.#linger?.cancel()
    const leftMs = this.#lastPollMs + betweenPollsMs - this.#clock.now()
    if (this.#queue.length === 0 || leftMs <= 0) return this.#end()
    this.#linger = this.#deadlines.set(leftMs, () => this.#end())
  }

  #end(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#linger?.cancel()
    this.#waiting?.deadline.cancel()
    this.#waiting?.exchange.respond(410, this.#headers, 'HT-2: this connection is over.\n')
    this.#waiting = undefined
    this.#events.onClose(webSocketCodes.LINK_LOST, '')
  }
}
