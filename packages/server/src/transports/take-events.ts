import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpServer } from './http-server.ts'

/** What an http server emits that can be taken from it. */
interface Takeable {
  readonly request: [request: IncomingMessage, response: ServerResponse]
  readonly upgrade: [request: IncomingMessage, socket: Duplex, head: Buffer]
}

/**
 * Takes events from a server before its listeners, whether they were added before or are added later: an application
 * that answers 404 to the requests that it does not know would answer ours as well, and one that ends the upgrades that
 * it does not know would end ours. `take` says whether an event is taken. Returns how to stop.
 */
export function takeEvents<Name extends keyof Takeable>(
  httpServer: HttpServer,
  name: Name,
  take: (...args: Takeable[Name]) => boolean,
): () => void {
  const { emit } = httpServer
  let isStopped = false
  const taking: HttpServer['emit'] = function (this: HttpServer, event, ...args) {
    if (!isStopped && event === name && take(...(args as Takeable[Name]))) return true
    return emit.call(this, event, ...args)
  }
  httpServer.emit = taking
  return () => {
    isStopped = true // another's may lie over ours
    if (httpServer.emit === taking) httpServer.emit = emit
  }
}
