import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { closeCodes, type Transport, type TransportEvents } from '@typewire/core'
import { encodeContainer, parseBinaryMessage, ProtocolError, webSocketCodes } from '@typewire/core/internal'
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
      onOpen((events) => webSocketTransport({ ws, socket, frames: this.#frames, events })),
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

function webSocketTransport({ ws, socket, frames, events }: Upgraded): Transport {
  const onSent = () => events.onDrain()
  ws.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary) return events.onMessage((data as Buffer).toString('utf8'))
    const container = parseBinaryMessage(data as Buffer)
    if (container instanceof ProtocolError) events.onViolation(container)
    else events.onMessage(container.batch, container.parts)
  })
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
  return {
    name: 'websocket',
    send(batch, parts) {
      if (ws.readyState !== ws.OPEN) return
      const message = parts ? encodeContainer(batch, parts) : frames.of(batch) // WR-3
      const onTaken = socket.writableLength + message.length > drainBytes ? onSent : undefined
      if (parts) ws.send(message, onTaken)
      else socket.write(message, onTaken)
    },
    bufferedBytes: () => socket.writableLength,
    close(code, reason) {
      ws.close(code, reason)
      const timer = setTimeout(() => ws.terminate(), closeTimeoutMs)
      timer.unref()
      ws.once('close', () => clearTimeout(timer))
    },
  }
}
