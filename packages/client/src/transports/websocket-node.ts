import { ProtocolError } from '@typewire/core/internal'
import { WebSocket } from 'ws'
import { type OpenTransport, webSocketUrl } from './open-transport.ts'
import { reasonOf } from './reason-of.ts'

/** Below this, what is sent is taken soon enough; a drain is told only of what went above. */
const drainBytes = 64 * 1024
/** How long a peer may take to answer a close before the socket is destroyed. */
const closeTimeoutMs = 2_000

/** A transport over `ws`: Node 20 has no WebSocket of its own. */
export const openWebSocket: OpenTransport = (url, events, { codec }) => {
  const socket = new WebSocket(webSocketUrl(url), { perMessageDeflate: false })
  const onSent = () => events.onDrain()
  socket.on('open', () => events.onOpen())
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return events.onMessage((data as Buffer).toString('utf8'))
    const container = codec.readBinary(data as Buffer)
    if (container instanceof ProtocolError) events.onViolation(container)
    else events.onMessage(container.batch, container.parts)
  })
  let failure = ''
  socket.on('close', (code, reason) => events.onClose(code, reason.toString('utf8') || failure))
  // ECONNREFUSED, an answer other than 101, …: 'close' follows.
  socket.on('error', (error) => {
    failure = reasonOf(error)
  })
  return {
    name: 'websocket',
    isImmediate: true,
    send(batch, parts) {
      if (socket.readyState !== WebSocket.OPEN) return
      const message = parts ? codec.writeBinary(batch, parts) : batch // WR-3
      socket.send(message, socket.bufferedAmount + message.length > drainBytes ? onSent : undefined)
    },
    bufferedBytes: () => socket.bufferedAmount,
    close(code, reason) {
      socket.close(code, reason)
      const timer = setTimeout(() => socket.terminate(), closeTimeoutMs)
      timer.unref()
      socket.once('close', () => clearTimeout(timer))
    },
  }
}
