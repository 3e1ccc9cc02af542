import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, type TransportName } from '@typewire/client'
import { createServer } from '@typewire/server'
import { onTestFinished } from 'vitest'
import { type ProxyKind, startProxy } from '../../packages/testkit/src/proxies.ts'
import type { TransportContract, TransportSetup } from '../../packages/testkit/src/suites/transport-suite.ts'
import { answer } from './fetch-platform.ts'

export const allTransports: readonly TransportName[] = ['websocket', 'http-stream', 'http-poll']

const connectBy = (transports: readonly TransportName[] | undefined, upgradeDelayMs?: number) =>
  ((options) =>
    createClient<TransportContract>({
      ...options,
      transports,
      reconnect: { ...options.reconnect, upgradeDelayMs },
    })) satisfies TransportSetup['connect']

/** A server that listens for itself. */
export function overDirect(transport: TransportName): TransportSetup {
  return {
    transport,
    async listen(contract, options, handlers) {
      const server = createServer(contract, options)
      const { port } = await server.implement(handlers).listen(0, { host: '127.0.0.1' })
      return { server, port }
    },
    connect: connectBy([transport]),
  }
}

/** A server that answers Requests, behind a platform that makes them of Node's: as Hono, Bun or Deno do. */
export function overFetch(transport: TransportName): TransportSetup {
  return {
    transport,
    async listen(contract, options, handlers) {
      const server = createServer(contract, { addressOf: () => 'one', ...options }) // a Request does not say
      const { fetch } = server.implement(handlers)
      const httpServer = createHttpServer((request, response) => void answer(fetch, request, response))
      await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
      onTestFinished(() => httpServer.close().closeAllConnections())
      return { server, port: (httpServer.address() as AddressInfo).port }
    },
    connect: connectBy([transport]),
  }
}

/** An http server that the servers of one test after the other attach to, and what stands before it. */
export interface Front extends AsyncDisposable {
  readonly httpServer: HttpServer
  readonly port: number
}

export async function openFront<Proxy extends AsyncDisposable & { readonly port: number }>(
  openProxy: (port: number) => Promise<Proxy>,
) {
  const httpServer = createHttpServer()
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  const proxy = await openProxy((httpServer.address() as AddressInfo).port)
  return {
    httpServer,
    proxy,
    port: proxy.port,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      httpServer.closeAllConnections()
      await new Promise((resolve) => httpServer.close(resolve))
    },
  }
}

export const openReverseProxy = (kind: ProxyKind) => openFront((port) => startProxy(kind, port))

/** Servers that attach to the http server behind a front. */
export function over(front: () => Front): Pick<TransportSetup, 'listen'> {
  return {
    async listen(contract, options, handlers) {
      const { httpServer, port } = front()
      const server = createServer(contract, options)
      server.implement(handlers).attach(httpServer)
      return { server, port }
    },
  }
}

/** A client that has one transport alone. */
export function overProxy(transport: TransportName, front: () => Front): TransportSetup {
  return { transport, ...over(front), connect: connectBy([transport]) }
}

/** A client that chooses for itself, and tries better transports again soon. */
export function ofItself(front: () => Front, upgradeDelayMs = 50): TransportSetup {
  return { transport: 'any', ...over(front), connect: connectBy(undefined, upgradeDelayMs) }
}
