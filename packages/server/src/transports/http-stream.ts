import type { Transport, TransportEvents } from '@typewire/core'
import { type Deadline, type Deadlines, encodeContainer, webSocketCodes } from '@typewire/core/internal'
import type { HttpExchange, HttpHeaders } from './http-exchange.ts'
import type { HttpDownlink } from './http-links.ts'

/** How long a peer may take to read what was sent before a close. */
const lingerMs = 2_000

/** Sends in the answer to the hello, which does not end before the connection does. */
export class HttpStream implements HttpDownlink {
  readonly transport: Transport
  #sent = 0

  constructor(exchange: HttpExchange, headers: HttpHeaders, events: TransportEvents, deadlines: Deadlines) {
    let isClosed = false
    let linger: Deadline | undefined
    const sink = exchange.stream(200, headers, {
      onDrain: () => events.onDrain(),
      onClose: () => {
        isClosed = true
        linger?.cancel()
        events.onClose(webSocketCodes.LINK_LOST, '')
      },
    })
    this.transport = {
      name: 'http-stream',
      send: (batch, parts) => {
        if (isClosed || linger) return
        this.#sent++
        sink.write(encodeContainer(batch, parts))
      },
      bufferedBytes: () => sink.bufferedBytes(),
      close: () => {
        if (isClosed || linger) return
        linger = deadlines.set(lingerMs, () => sink.destroy())
        sink.end()
      },
    }
  }

  readonly sentBatches = (): number => this.#sent
}
