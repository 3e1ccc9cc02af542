import type { Duplex } from 'node:stream'
import type { HttpServer, UpgradeListener } from './http-server.ts'
import { pathOf } from './node-exchange.ts'
import type { Origins } from './origins.ts'
import { takeEvents } from './take-events.ts'

/** The listeners of Typewire servers, which leave what is not theirs alone. */
const modest = new WeakSet<object>()

/** Takes the upgrades to our path, answers those that nobody can have been meant for, and leaves the rest alone. */
export function listenForUpgrades(
  httpServer: HttpServer,
  { path, origins }: { readonly path: string; readonly origins: Origins },
  accept: UpgradeListener,
): () => void {
  const stop = takeEvents(httpServer, 'upgrade', (request, socket, head) => {
    if (pathOf(request) !== path) return false
    const { origin, host } = request.headers
    const refusal = origins.refuse({ origin, host })
    if (refusal === undefined) accept(request, socket, head)
    else refuse(socket, '403 Forbidden', refusal)
    return true
  })
  // There must be a listener, else Node takes an upgrade for an ordinary request. Where the application has one too,
  // the upgrade is that one's; where there are only ours, nobody would ever answer, so the first of them does.
  const onUpgrade: UpgradeListener = (_, socket) => {
    const listeners = httpServer.listeners('upgrade')
    if (listeners[0] !== onUpgrade || !listeners.every((each) => modest.has(each))) return
    refuse(socket, '404 Not Found', `Typewire is at ${path}.`)
  }
  modest.add(onUpgrade)
  httpServer.on('upgrade', onUpgrade)
  return () => {
    stop()
    httpServer.off('upgrade', onUpgrade)
  }
}

/** Answers an upgrade with a plain HTTP response, and ends its socket. */
export function refuse(socket: Duplex, status: string, message: string): void {
  socket.on('error', () => {}) // the peer may be gone already
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}
