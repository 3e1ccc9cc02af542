import { ProtocolError } from '@typewire/core/internal'
import { type OpenTransport, webSocketUrl } from './open-transport.ts'

/**
 * Below this, what is sent is taken soon enough; a drain is told only of what went above. It must be: a drain is a sign
 * of life (HB-3), and a ping to a dead link is taken too, by the system's own buffer.
 */
const drainBytes = 64 * 1024
/** What is left in the buffer is looked at this often while there is so much: browsers tell of no drain. */
const drainCheckMs = 20

/** A transport over the platform's own WebSocket. */
export const openWebSocket: OpenTransport = (url, events, { codec }) => {
  const socket = new WebSocket(webSocketUrl(url))
  socket.binaryType = 'arraybuffer'
  let drainCheck: ReturnType<typeof setInterval> | undefined
  const stopChecking = () => {
    clearInterval(drainCheck)
    drainCheck = undefined
  }
  let lastAmount = 0
  const check = () => {
    const { bufferedAmount } = socket
    const hasMoved = bufferedAmount < lastAmount
    lastAmount = bufferedAmount
    if (bufferedAmount === 0) stopChecking()
    if (hasMoved) events.onDrain()
  }
  socket.addEventListener('open', () => events.onOpen())
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') return events.onMessage(data)
    const container = codec.readBinary(new Uint8Array(data as ArrayBuffer))
    if (container instanceof ProtocolError) events.onViolation(container)
    else events.onMessage(container.batch, container.parts)
  })
  socket.addEventListener('close', ({ code, reason }) => {
    stopChecking()
    events.onClose(code, reason)
  })
  return {
    name: 'websocket',
    isImmediate: true,
    send(batch, parts) {
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send(parts ? codec.writeBinary(batch, parts) : batch) // WR-3
      lastAmount = socket.bufferedAmount
      if (lastAmount > drainBytes) drainCheck ??= setInterval(check, drainCheckMs)
    },
    bufferedBytes: () => socket.bufferedAmount,
    // Codes that a page may give: 1000 and 3000–4999 (WebSockets Standard, close()).
    close: (code, reason) => socket.close(code === 1000 || code >= 3000 ? code : 4000, reason),
  }
}
