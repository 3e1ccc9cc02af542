import { closeCodes } from '@typewire/core'
import { type Deadlines, encodeContainer } from '@typewire/core/internal'
import { postRepeatedly, urlBelow } from './http-request.ts'

/** The link broke without a word (RFC 6455, 7.1.5). */
const linkLost = { code: 1006 } as const

/** What one request carries at most, unless one batch is larger. */
const maxBodyBytes = 256 * 1024

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
  #number = 0
  #isBusy = false

  constructor(options: UplinkOptions) {
    this.#options = options
  }

  /** Not taken by the server yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  send(batch: string): void {
    const container = encodeContainer(batch)
    this.#queue.push(container)
    this.#bufferedBytes += container.length
    if (!this.#isBusy) void this.#run()
  }

  async #run(): Promise<void> {
    const { url, token, deadlines, signal, onTaken, onFailure } = this.#options
    this.#isBusy = true
    try {
      while (this.#queue.length > 0 && !signal.aborted) {
        const body = this.#take()
        const number = ++this.#number
        const request = { url: urlBelow(url, '/up'), body, token, number, signal }
        const response = await postRepeatedly(request, deadlines, async (answer) => answer)
        if (signal.aborted) return
        if (!response.ok) {
          // Sent again it would be as large: the session is over, as with a WebSocket (RS-9).
          const { code } = response.status === 413 ? closeCodes.TOO_LARGE : linkLost
          return onFailure(code, `the server answered ${response.status}`)
        }
        this.#bufferedBytes -= body.length
        onTaken(Number(response.headers.get('typewire-sent')))
      }
    } catch (error) {
      if (!signal.aborted) onFailure(linkLost.code, String(error))
    } finally {
      this.#isBusy = false
    }
  }

  #take(): Uint8Array<ArrayBuffer> {
    let length = 0
    let count = 0
    for (const { length: more } of this.#queue) {
      if (count > 0 && length + more > maxBodyBytes) break
      length += more
      count++
    }
    const body = new Uint8Array(length)
    let at = 0
    for (const container of this.#queue.splice(0, count)) {
      body.set(container, at)
      at += container.length
    }
    return body
  }
}
