import type { Duplex } from 'node:stream'
import type { Settings } from '../options.ts'
import type { HttpServer, UpgradeListener } from './http-server.ts'
import { pathOf } from './node-exchange.ts'
import { isAllowedOrigin } from './origins.ts'

/**
 * Listens for upgrades on a server that may have others: takes those to our path, answers those that nobody else can
 * have been meant for, and leaves the rest alone.
 */
export function listenForUpgrades(
  httpServer: HttpServer,
  { path, origins }: Settings,
  accept: UpgradeListener,
): () => void {
  const onUpgrade: UpgradeListener = (request, socket, head) => {
    if (pathOf(request) !== path) {
      // With another listener it is that one's; alone, nobody would ever answer.
      if (httpServer.listenerCount('upgrade') === 1) refuse(socket, '404 Not Found', `Typewire is at ${path}.`)
      return
    }
    if (!isAllowedOrigin(request.headers.origin, request.headers.host, origins)) {
      return refuse(socket, '403 Forbidden', 'This origin is not allowed. Add it to `origins` of createServer.')
    }
    accept(request, socket, head)
  }
  httpServer.on('upgrade', onUpgrade)
  return () => httpServer.off('upgrade', onUpgrade)
}

/** Answers an upgrade with a plain HTTP response, and ends its socket. */
export function refuse(socket: Duplex, status: string, message: string): void {
  socket.on('error', () => {}) // the peer may be gone already
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`,
  )
}
