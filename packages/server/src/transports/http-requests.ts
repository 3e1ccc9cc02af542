import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpServer } from './http-server.ts'
import { pathOf } from './node-exchange.ts'

/**
 * Takes the requests to our paths from a server that has listeners of its own, whether they were added before or are
 * added later: an application that answers 404 to what it does not know would answer ours as well. Returns how to stop.
 */
export function takeRequests(
  httpServer: HttpServer,
  isOurs: (path: string) => boolean,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): () => void {
  const { emit } = httpServer
  let isStopped = false
  const taking: HttpServer['emit'] = function (this: HttpServer, event, ...args) {
    const [request, response] = args
    if (isStopped || event !== 'request' || !isOurs(pathOf(request as IncomingMessage)))
      return emit.call(this, event, ...args)
    serve(request as IncomingMessage, response as ServerResponse)
    return true
  }
  httpServer.emit = taking
  return () => {
    isStopped = true // another server's may lie over ours
    if (httpServer.emit === taking) httpServer.emit = emit
  }
}
