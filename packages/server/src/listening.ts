import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as NodeHttpServer,
  type ServerResponse,
} from 'node:http'
import type { CloseOptions } from '@typewire/core/internal'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Connections } from './connections.ts'
import type { ServerNode } from './node.ts'
import { fetchExchange } from './transports/fetch-exchange.ts'
import type { HttpServer } from './transports/http-server.ts'
import { HttpLinks } from './transports/http-links.ts'
import { isOurPath, route } from './transports/http-routes.ts'
import { flatHeaders, nodeExchange, pathOf } from './transports/node-exchange.ts'
import { Origins } from './transports/origins.ts'
import { takeEvents } from './transports/take-events.ts'
import { listenForUpgrades, refuse } from './transports/upgrades.ts'
import { WebSockets } from './transports/websocket.ts'
import type { CloseServerOptions, Listening, ListenOptions } from './types.ts'

/** How long calls in flight may take to finish when the server closes: below the 10 s that most orchestrators give. */
const defaultDrainMs = 5_000

/** How often connections are looked at that clients keep alive: they would be waited for, for seconds. */
const idleCheckMs = 50
/** How long any other connection is waited for. */
const idleLimitMs = 500

function closeServer(httpServer: NodeHttpServer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => httpServer.closeIdleConnections(), idleCheckMs)
    // What has said nothing, or has not finished its request, is no client of ours.
    const limit = setTimeout(() => httpServer.closeAllConnections(), idleLimitMs)
    httpServer.close(() => {
      clearInterval(timer)
      clearTimeout(limit)
      resolve()
    })
  })
}

/** What clients are told of where and when to connect again (CL-6, CL-7). @throws RangeError or TypeError. */
function readFarewell({ retryAfterMs, reconnectTo }: CloseServerOptions): CloseOptions {
  if (retryAfterMs !== undefined) assertMilliseconds('retryAfterMs', retryAfterMs)
  const url = reconnectTo === undefined ? undefined : readHttpUrl(String(reconnectTo))
  return {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(retryAfterMs) }),
    ...(url === undefined ? {} : { url }),
  }
}

function assertMilliseconds(name: string, value: unknown): void {
  if (typeof value === 'number' && value >= 0) return
  throw new RangeError(`close({ ${name}: ${JSON.stringify(value)} }): give milliseconds of at least 0.`)
}

function readHttpUrl(given: string): string {
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given
  throw new TypeError(`close({ reconnectTo: '${given}' }): give an absolute URL, such as https://example.com.`)
}

/** The public end of a server that listens: where connections come in, and how all of it ends. */
export function listening(
  { settings, deadlines, bus, questions, incidents, clientContracts }: ServerNode,
  connections: Connections,
): Listening {
  const { clock, maxMessageBytes, helloTimeoutMs, bodyTimeoutMs } = settings
  const links = new HttpLinks({
    clock,
    deadlines,
    maxMessageBytes,
    helloTimeoutMs,
    bodyTimeoutMs,
    accept: ({ headers, remoteAddress }, open) => connections.accept({ headers, remoteAddress }, open),
  })
  const { path } = settings
  const origins = new Origins(settings.origins, incidents)
  const routed = { path, origins, links, isRefusing: () => connections.isRefusing }
  const webSockets = new WebSockets(settings.maxMessageBytes)
  /** Undoes each `attach`. */
  const detachers: (() => void)[] = []
  /** Close what `listen` opened. */
  const closers: (() => Promise<void>)[] = []
  let closing: Promise<void> | undefined

  const accept = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (connections.isRefusing) return refuse(socket, '503 Service Unavailable', 'The server is closing.')
    const facts = { headers: flatHeaders(request), remoteAddress: request.socket.remoteAddress }
    webSockets.upgrade(request, socket, head, (open) => connections.accept(facts, open))
  }

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    if (!isOurPath(pathOf(request), path)) return false
    void route(nodeExchange(request, response), routed)
    return true
  }

  const fetch = async (request: Request): Promise<Response> => {
    const { exchange, response } = fetchExchange(request)
    if (isOurPath(exchange.path, path)) void route(exchange, routed)
    else exchange.respond(404, {}, `Typewire is at ${path}.\n`)
    return response
  }

  const attach = (httpServer: HttpServer) => {
    if (closing) throw new TypeError('attach: this server was closed. Create a new one.')
    if (!('listening' in httpServer)) {
      throw new TypeError('attach: give the http.Server, which createServer(app) or app.listen() returns, not the app.')
    }
    if ('updateSettings' in httpServer) {
      throw new TypeError(
        'attach: this is an HTTP/2 server. Give an http.Server or https.Server; where browsers shall speak HTTP/2, put a proxy in front.',
      )
    }
    detachers.push(listenForUpgrades(httpServer, { path, origins }, accept))
    detachers.push(takeEvents(httpServer, 'request', serve))
  }

  const listen = async (port: number, { host }: ListenOptions = {}) => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new RangeError(`listen(${port}): give a port from 1 to 65535, or 0 for any that is free.`)
    }
    await clientContracts?.ready()
    const httpServer = createHttpServer((_, response) => {
      response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end(`Typewire is at ${path}.\n`)
    })
    attach(httpServer)
    await new Promise<void>((resolve, reject) => {
      httpServer.once('error', reject)
      httpServer.listen(port, host, resolve)
    })
    const end = () => closeServer(httpServer)
    if (closing) {
      await end()
      throw new Error('listen: the server was closed before it listened.')
    }
    closers.push(end)
    return { port: (httpServer.address() as AddressInfo).port }
  }

  const close = async (options: CloseServerOptions = {}): Promise<void> => {
    const { drainMs = defaultDrainMs } = options
    assertMilliseconds('drainMs', drainMs)
    const said = readFarewell(options)
    await (closing ??= (async () => {
      // Those that came by HTTP still need connections for what they finish, and one whose link breaks may come back.
      await connections.close(drainMs, said)
      await Promise.all(closers.map((end) => end()))
      for (const detach of detachers) detach()
      questions.close()
      await bus.close()
    })())
  }

  return { listen, attach, fetch, close, [Symbol.asyncDispose]: () => close() }
}
