import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Connections } from './connections.ts'
import type { ServerNode } from './node.ts'
import type { HttpServer } from './transports/http-server.ts'
import { HttpLinks } from './transports/http-links.ts'
import { isOurPath, route } from './transports/http-routes.ts'
import { takeRequests } from './transports/http-requests.ts'
import { flatHeaders, nodeExchange } from './transports/node-exchange.ts'
import { listenForUpgrades, refuse } from './transports/upgrades.ts'
import { WebSockets } from './transports/websocket.ts'
import type { CloseServerOptions, Listening, ListenOptions } from './types.ts'

/** How long calls in flight may take to finish when the server closes: below the 10 s that most orchestrators give. */
const defaultDrainMs = 5_000

/** The public end of a server that listens: where connections come in, and how all of it ends. */
export function listening({ settings, deadlines }: ServerNode, connections: Connections): Listening {
  const { clock, maxMessageBytes, helloTimeoutMs: bodyTimeoutMs } = settings
  const links = new HttpLinks({
    clock,
    deadlines,
    maxMessageBytes,
    bodyTimeoutMs,
    accept: ({ headers, remoteAddress }, open) => connections.accept({ headers, remoteAddress }, open),
  })
  const webSockets = new WebSockets(settings.maxMessageBytes)
  /** Undoes each `attach`. */
  const detachers: (() => void)[] = []
  /** Close what `listen` opened. */
  const closers: (() => HttpEnd)[] = []
  let closing: Promise<void> | undefined

  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (connections.isClosing) return refuse(socket, '503 Service Unavailable', 'The server is closing.')
    const facts = { headers: flatHeaders(request), remoteAddress: request.socket.remoteAddress }
    webSockets.upgrade(request, socket, head, (open) => connections.accept(facts, open))
  }

  const serve = (request: IncomingMessage, response: ServerResponse) =>
    void route(nodeExchange(request, response), settings, links, connections.isClosing)

  const attach = (httpServer: HttpServer) => {
    if (closing) throw new TypeError('attach: this server was closed. Create a new one.')
    if (!('listening' in httpServer)) {
      throw new TypeError('attach: give the http.Server, which createServer(app) or app.listen() returns, not the app.')
    }
    detachers.push(listenForUpgrades(httpServer, settings, accept))
    detachers.push(takeRequests(httpServer, (path) => isOurPath(path, settings), serve))
  }

  const listen = async (port: number, { host }: ListenOptions = {}) => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new RangeError(`listen(${port}): give a port from 1 to 65535, or 0 for any that is free.`)
    }
    const httpServer = createHttpServer((_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end(`Typewire is at ${settings.path}.\n`)
    })
    attach(httpServer)
    await new Promise<void>((resolve, reject) => {
      httpServer.once('error', reject)
      httpServer.listen(port, host, resolve)
    })
    const end = (): HttpEnd => {
      const closed = new Promise<void>((resolve) => httpServer.close(() => resolve()))
      return { closed, cut: () => httpServer.closeAllConnections() }
    }
    if (closing) {
      await end().closed
      throw new Error('listen: the server was closed before it listened.')
    }
    closers.push(end)
    return { port: (httpServer.address() as AddressInfo).port }
  }

  const close = async ({ drainMs = defaultDrainMs }: CloseServerOptions = {}): Promise<void> => {
    if (typeof drainMs !== 'number' || !(drainMs >= 0)) {
      throw new RangeError(`close({ drainMs: ${JSON.stringify(drainMs)} }): give milliseconds of at least 0.`)
    }
    await (closing ??= (async () => {
      const drained = connections.close(drainMs) // from here on upgrades are answered 503
      const ends = closers.map((end) => end())
      await drained
      for (const { cut } of ends) cut() // what is no client of ours is not waited for
      await Promise.all(ends.map(({ closed }) => closed))
      for (const detach of detachers) detach()
    })())
  }

  return { listen, attach, close, [Symbol.asyncDispose]: () => close() }
}

/** An http server of our own that takes no more connections. */
interface HttpEnd {
  /** When its last socket has ended. */
  readonly closed: Promise<void>
  /** Ends the sockets that are left, but for upgraded ones. */
  readonly cut: () => void
}
