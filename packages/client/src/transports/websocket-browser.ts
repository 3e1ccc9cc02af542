import { malformed } from '@typewire/core/internal'
import { type OpenTransport, webSocketUrl } from './open-transport.ts'

/** What is left in the buffer is looked at this often while there is any: browsers tell of no drain. */
const drainCheckMs = 20

/** A transport over the platform's own WebSocket. */
export const openWebSocket: OpenTransport = (url, events) => {
  const socket = new WebSocket(webSocketUrl(url))
  let drainCheck: ReturnType<typeof setInterval> | undefined
  const stopChecking = () => {
    clearInterval(drainCheck)
    drainCheck = undefined
  }
  const check = () => {
    if (socket.bufferedAmount === 0) stopChecking()
    events.onDrain()
  }
  socket.addEventListener('open', () => events.onOpen())
  socket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string') events.onMessage(data)
    else events.onViolation(malformed('WR-3', 'a binary message'))
  })
  socket.addEventListener('close', ({ code, reason }) => {
    stopChecking()
    events.onClose(code, reason)
  })
  return {
    name: 'websocket',
    send(batch) {
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send(batch)
      if (socket.bufferedAmount > 0) drainCheck ??= setInterval(check, drainCheckMs)
    },
    bufferedBytes: () => socket.bufferedAmount,
    // Codes that a page may give: 1000 and 3000–4999 (WebSockets Standard, close()).
    close: (code, reason) => socket.close(code === 1000 || code >= 3000 ? code : 4000, reason),
  }
}
