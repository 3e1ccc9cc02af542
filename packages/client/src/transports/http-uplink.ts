import { closeCodes } from '@typewire/core'
import { type Deadlines, encodeContainer, frames, type Part, webSocketCodes } from '@typewire/core/internal'
import { postRepeatedly, urlBelow } from './http-request.ts'
import { reasonOf } from './reason-of.ts'

/** How long a request may go without an answer, in milliseconds, and one more for each byte of it: a slow link has its time. */
const answerTimeoutMs = 20_000

/** What one request carries at most, unless one batch is larger or something between takes less. */
const maxBodyBytes = 256 * 1024

/** What is said last may outlive its page up to this length; browsers take a little more, of all that do. */
const maxFarewellBytes = 32 * 1024

/** How often one message is sent that takes longer than the server waits, before it is given up. */
const maxSlowTries = 3
/** A message of this length at most is not what makes a link slow: it is lost, and the session may go on over another. */
const slowBytes = 64 * 1024

export interface UplinkOptions {
  readonly url: string
  readonly token: string
  readonly deadlines: Deadlines
  readonly signal: AbortSignal
  /** The server has taken a request, and had sent so many batches by then. */
  readonly onTaken: (sentBatches: number) => void
  readonly onFailure: (code: number, reason: string) => void
}

/** Sends batches by numbered requests, one at a time; the next carries what gathered meanwhile (HT-4). */
export class HttpUplink {
  readonly #options: UplinkOptions
  #queue: Uint8Array<ArrayBuffer>[] = []
  #bufferedBytes = 0
  #maxBodyBytes = maxBodyBytes
  #number = 0
  #isBusy = false
  /** A close frame is among what waits: perhaps the page is left. */
  #isLeaving = false

  constructor(options: UplinkOptions) {
    this.#options = options
  }

  /** Not taken by the server yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  send(batch: string, parts?: readonly Part[]): void {
    const container = encodeContainer(batch, parts)
    this.#queue.push(container)
    this.#bufferedBytes += container.length
    this.#isLeaving ||= batch.startsWith(`[[${frames.close.kind},`)
    if (!this.#isBusy) void this.#run()
  }

  async #run(): Promise<void> {
    const { url, token, deadlines, signal, onTaken, onFailure } = this.#options
    this.#isBusy = true
    let tries = 0
    try {
      while (this.#queue.length > 0 && !signal.aborted) {
        const { body, count } = this.#gather()
        const keepalive = this.#isLeaving && body.length <= maxFarewellBytes
        const request = { url: urlBelow(url, '/up'), body, token, number: this.#number + 1, signal, keepalive }
        // Polls and pings may still come through, so nobody else would notice (HT-4).
        const late = () => onFailure(webSocketCodes.LINK_LOST, 'no answer to a request')
        const deadline = deadlines.set(answerTimeoutMs + body.length, late)
        const response = await postRepeatedly(request, deadlines, async (answer) => {
          if (answer.ok) await answer.arrayBuffer() // nothing, but its connection is taken until it is read
          return answer
        }).finally(() => deadline.cancel())
        if (signal.aborted) return
        const refusal = refusalOf(response.status)
        if (refusal && count > 1) {
          this.#maxBodyBytes = Math.floor(body.length / 2) // the server has not taken it, so the number is free
          continue
        }
        if (refusal === 'too slow' && ++tries < maxSlowTries) continue // the link may only have stood for a while
        if (refusal && (refusal === 'too large' || body.length > slowBytes)) {
          // Sent again it would be as large: the session is over, as with a WebSocket (RS-9).
          return onFailure(closeCodes.TOO_LARGE.code, describe(refusal, request.url, body.length))
        }
        tries = 0
        if (!response.ok) return onFailure(webSocketCodes.LINK_LOST, `the server answered ${response.status}`)
        this.#number++
        this.#queue.splice(0, count)
        this.#bufferedBytes -= body.length
        onTaken(Number(response.headers.get('typewire-sent')))
      }
    } catch (error) {
      if (!signal.aborted) onFailure(webSocketCodes.LINK_LOST, reasonOf(error))
    } finally {
      this.#isBusy = false
    }
  }

  /** The body of the next request, and how many batches are in it. */
  #gather(): { readonly body: Uint8Array<ArrayBuffer>; readonly count: number } {
    let length = 0
    let count = 0
    for (const { length: more } of this.#queue) {
      if (count > 0 && length + more > this.#maxBodyBytes) break
      length += more
      count++
    }
    const body = new Uint8Array(length)
    let at = 0
    for (const container of this.#queue.slice(0, count)) {
      body.set(container, at)
      at += container.length
    }
    return { body, count }
  }
}

type Refusal = 'too large' | 'too slow'

/** Whether a body was refused for what it is, so that less of it may be taken (HT-3). */
function refusalOf(status: number): Refusal | undefined {
  if (status === 408) return 'too slow'
  return status === 413 ? 'too large' : undefined
}

/** The server says in its welcome what it takes, and is sent no more: it is something between that takes less. */
function describe(refusal: Refusal, url: string, bytes: number): string {
  const [status, remedy] = {
    'too large': [
      413,
      'Let the proxies there take larger requests (nginx: client_max_body_size), or send smaller messages',
    ],
    'too slow': [
      408,
      'The link is too slow for so much at once: send smaller messages, or set bodyTimeoutMs of the server',
    ],
  }[refusal]
  return `a request of ${bytes} bytes to ${url} was answered ${status}. ${remedy}`
}
