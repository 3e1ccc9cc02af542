import type { Transport, TransportEvents } from '@typewire/core'
import { encodeContainer } from '@typewire/core/internal'
import type { HttpExchange, HttpHeaders } from './http-exchange.ts'
import type { HttpDownlink } from './http-links.ts'

/** Sends in the answer to the hello, which does not end before the connection does. */
export class HttpStream implements HttpDownlink {
  readonly transport: Transport
  #sent = 0

  constructor(exchange: HttpExchange, headers: HttpHeaders, events: TransportEvents) {
    let isClosed = false
    const sink = exchange.stream(200, headers, {
      onDrain: () => events.onDrain(),
      onClose: () => {
        isClosed = true
        events.onClose(1006, '')
      },
    })
    this.transport = {
      name: 'http-stream',
      send: (batch) => {
        if (isClosed) return
        this.#sent++
        sink.write(encodeContainer(batch))
      },
      bufferedBytes: () => sink.bufferedBytes(),
      close: () => sink.end(),
    }
  }

  readonly sentBatches = (): number => this.#sent
}
