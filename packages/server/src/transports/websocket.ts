import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { closeCodes, type Transport, type TransportEvents } from '@typewire/core'
import { encodeContainer, type Part, parseBinaryMessage, ProtocolError, webSocketCodes } from '@typewire/core/internal'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import { TextFrames } from './text-frames.ts'

/** Below this, what is sent is taken soon enough; a drain is told only of what went above. */
const drainBytes = 64 * 1024
/** How long a peer may take to answer a close before its socket is destroyed. */
const closeTimeoutMs = 2_000

/** Upgrades HTTP requests to WebSocket, and makes a transport of each. */
export class WebSockets {
  readonly #server: WebSocketServer
  readonly #frames = new TextFrames()

  /** Compression stays off: it costs more memory and time per connection than small messages save (ws, README). */
  constructor(maxMessageBytes: number) {
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
    })
  }

  upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    onOpen: (open: (events: TransportEvents) => Transport) => void,
  ): void {
    this.#server.handleUpgrade(request, socket, head, (ws) =>
      onOpen((events) => new WebSocketTransport({ ws, socket, frames: this.#frames, events })),
    )
  }
}

interface Upgraded {
  readonly ws: WebSocket
  /** That of `ws`. Text goes there past it, as one buffer: ws writes a header and a copy of its own for each member of a room. */
  readonly socket: Duplex
  readonly frames: TextFrames
  readonly events: TransportEvents
}

/** A class, as what each connection has of its own is held for as long as it idles: closures would be 200 bytes more. */
class WebSocketTransport implements Transport {
  readonly name = 'websocket'
  readonly isImmediate = true
  readonly #ws: WebSocket
  readonly #socket: Duplex
  readonly #frames: TextFrames
  readonly #events: TransportEvents

  constructor({ ws, socket, frames, events }: Upgraded) {
    this.#ws = ws
    this.#socket = socket
    this.#frames = frames
    this.#events = events
    ws.on('message', (data: RawData, isBinary: boolean) => this.#onMessage(data as Buffer, isBinary))
    // A message over maxPayload, or one that is no UTF-8: ws closes with 1009 or 1007 by itself, and 'close' follows, with
    // what the peer made of it.
    let failure: number | undefined
    ws.on('error', (error: Error & { code?: string }) => {
      const isTooLarge = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
      failure = isTooLarge
        ? closeCodes.TOO_LARGE.code
        : error.code?.startsWith('WS_ERR_')
          ? webSocketCodes.PROTOCOL_ERROR
          : undefined
    })
    ws.on('close', (code, reason) => events.onClose(failure ?? code, reason.toString('utf8')))
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (!isBinary) return this.#events.onMessage(data.toString('utf8'))
    const container = parseBinaryMessage(data)
    if (container instanceof ProtocolError) this.#events.onViolation(container)
    else this.#events.onMessage(container.batch, container.parts)
  }

  send(batch: string, parts?: readonly Part[]): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    const message = parts ? encodeContainer(batch, parts) : this.#frames.of(batch) // WR-3
    const isMuch = this.#socket.writableLength + message.length > drainBytes
    const onTaken = isMuch ? () => this.#events.onDrain() : undefined
    if (parts) this.#ws.send(message, onTaken)
    else this.#socket.write(message, onTaken)
  }

  bufferedBytes(): number {
    return this.#socket.writableLength
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
    const timer = setTimeout(() => this.#ws.terminate(), closeTimeoutMs)
    timer.unref()
    this.#ws.once('close', () => clearTimeout(timer))
  }
}
