import { randomBytes } from 'node:crypto'
import { type Clock, closeCodes, type Transport, type TransportEvents } from '@typewire/core'
import {
  type Container,
  ContainerError,
  ContainerReader,
  type Deadline,
  type Deadlines,
  frames,
  webSocketCodes,
} from '@typewire/core/internal'
import type { HttpExchange, HttpHeaders } from './http-exchange.ts'
import { HttpPoll } from './http-poll.ts'
import { HttpStream } from './http-stream.ts'

/** What gathers while a request is under way comes in one body: so much is taken whatever a message may be at most (HT-3). */
export const minBodyBytes = 512 * 1024

/** How the server sends to a client that came by HTTP: in the answer to its hello, or in answers to its polls. */
export interface HttpDownlink {
  readonly transport: Transport
  /** How many batches have been sent: the client sees by it whether something between holds the stream back (HT-6). */
  readonly sentBatches: () => number
  /** Takes a request that waits for what there is to send; only where the client polls. */
  readonly poll?: (number: number, exchange: HttpExchange) => void
}

/** A client that came by HTTP: what it sends by requests, and what it is sent. */
interface HttpLink {
  readonly events: TransportEvents
  readonly downlink: HttpDownlink
  readonly reader: ContainerReader
  /** The number of the last request with frames that was taken (HT-4). */
  lastUp: number
}

export interface HttpLinksOptions {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly maxMessageBytes: number
  /** How long a hello may take to come. */
  readonly helloTimeoutMs: number
  /** How long what follows may take to come, and a millisecond more for each byte of it that has come. */
  readonly bodyTimeoutMs: number
  readonly accept: (exchange: HttpExchange, open: (events: TransportEvents) => Transport) => void
}

/** The clients that came by HTTP, by the random token of each (HT-2). */
export class HttpLinks {
  readonly #options: HttpLinksOptions
  readonly #links = new Map<string, HttpLink>()

  constructor(options: HttpLinksOptions) {
    this.#options = options
  }

  /** A POST with a hello: the answer carries the token, and then what the server sends (HT-1, HT-5). */
  async open(exchange: HttpExchange, kind: 'stream' | 'poll', cors: HttpHeaders): Promise<void> {
    const { maxMessageBytes, clock, deadlines, helloTimeoutMs } = this.#options
    const body = await this.#readBody(exchange, () => helloTimeoutMs) // who is not let in yet is given no more (HS-5)
    if (!(body instanceof Uint8Array)) return exchange.respond(body, cors, `${reasons[body]}.\n`)
    const reader = new ContainerReader(maxMessageBytes)
    const hello = read(reader, body)
    if (!Array.isArray(hello)) return exchange.respond(hello, cors, `${reasons[hello]}.\n`)
    if (hello.length === 0) return exchange.respond(400, cors, 'HT-1: a connection begins with a hello.\n')
    const token = randomBytes(24).toString('base64url')
    const headers = { ...cors, ...bodyHeaders, 'typewire-connection': token }
    this.#options.accept(exchange, (events) => {
      const heard: TransportEvents = {
        onMessage: (batch, parts) => events.onMessage(batch, parts),
        onViolation: (error) => events.onViolation(error),
        onDrain: () => events.onDrain(),
        onClose: (code, reason) => {
          if (!this.#links.delete(token)) return
          events.onClose(code, reason)
        },
      }
      const downlink =
        kind === 'stream'
          ? new HttpStream(exchange, headers, heard, deadlines)
          : new HttpPoll(exchange, headers, heard, clock, deadlines)
      this.#links.set(token, { events: heard, downlink, reader, lastUp: 0 })
      return downlink.transport
    })
    for (const { batch, parts } of hello) this.#links.get(token)?.events.onMessage(batch, parts)
  }

  /** A POST with frames of the client. A number that was taken before is answered and not taken again (HT-4). */
  async up(exchange: HttpExchange, cors: HttpHeaders): Promise<void> {
    const link = this.#find(exchange)
    if (!link) return exchange.respond(410, cors, 'HT-2: this connection is over.\n')
    const number = Number(exchange.header('typewire-request'))
    const body = await this.#readBody(exchange, (bytes) => this.#options.bodyTimeoutMs + bytes)
    if (!(body instanceof Uint8Array)) return exchange.respond(body, cors, `${reasons[body]}.\n`)
    if (number === link.lastUp + 1) {
      link.lastUp = number
      const containers = read(link.reader, body)
      if (!Array.isArray(containers)) {
        exchange.respond(containers, cors, `${reasons[containers]}.\n`)
        return end(link, containers)
      }
      for (const { batch, parts } of containers) link.events.onMessage(batch, parts)
    } else if (number !== link.lastUp) {
      return exchange.respond(409, cors, `HT-4: expected request ${link.lastUp + 1}.\n`)
    }
    exchange.respond(204, { ...cors, 'typewire-sent': String(link.downlink.sentBatches()) })
  }

  /** A POST that waits for what there is to send (HT-5). */
  poll(exchange: HttpExchange, cors: HttpHeaders): void {
    const poll = this.#find(exchange)?.downlink.poll
    if (!poll) return exchange.respond(410, cors, 'HT-2: this connection is over.\n')
    poll(Number(exchange.header('typewire-request')), exchange)
  }

  #find(exchange: HttpExchange): HttpLink | undefined {
    return this.#links.get(exchange.header('typewire-connection') ?? '')
  }

  /** The body, or the status that says why there is none. `limitMs`: how long it may take once so much of it has come. */
  async #readBody(exchange: HttpExchange, limitMs: (bytes: number) => number): Promise<Uint8Array | 408 | 413> {
    const { clock, deadlines, maxMessageBytes } = this.#options
    const beganMs = clock.now()
    let bytes = 0
    return new Promise((resolve) => {
      let deadline: Deadline
      const wait = () => {
        const leftMs = beganMs + limitMs(bytes) - clock.now()
        if (leftMs <= 0) resolve(408)
        else deadline = deadlines.set(leftMs, wait)
      }
      wait()
      // Several batches may come in one body; each is bounded by its container.
      void exchange
        .readBody(Math.max(minBodyBytes, maxMessageBytes * 2), (come) => (bytes = come))
        .then((body) => {
          deadline.cancel()
          resolve(body ?? 413)
        })
    })
  }
}

/** The containers of a body, or the status that says what is wrong with it. A body ends where a container does. */
function read(reader: ContainerReader, body: Uint8Array): Container[] | 400 | 413 {
  try {
    const containers = reader.push(body)
    return reader.isAtBoundary ? containers : 400
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error
    return error.isTooLarge ? 413 : 400
  }
}

/** Ends a link and its session, as a WebSocket ends by such a message: sent again it would be the same (RS-9). */
function end({ events, downlink }: HttpLink, status: 400 | 413): void {
  const { code } = status === 413 ? closeCodes.TOO_LARGE : closeCodes.BAD_FRAME
  downlink.transport.send(JSON.stringify([[frames.close.kind, code, reasons[status], 0]])) // CL-1
  downlink.transport.close(code, reasons[status])
  events.onClose(status === 413 ? code : webSocketCodes.PROTOCOL_ERROR, reasons[status])
}

const reasons = {
  400: 'HT-3: the body is not a sequence of containers',
  408: 'HT-3: the body took too long',
  413: 'HT-3: the body, or a message in it, is too large',
} as const

const bodyHeaders: HttpHeaders = {
  'content-type': 'application/octet-stream',
  'cache-control': 'no-store, no-transform',
  'x-content-type-options': 'nosniff',
  'x-accel-buffering': 'no', // asks nginx not to hold the stream back
}
