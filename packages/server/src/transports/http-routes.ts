import type { HttpExchange } from './http-exchange.ts'
import type { HttpLinks } from './http-links.ts'
import { corsHeaders, type Origins, preflightHeaders, varyHeaders } from './origins.ts'

/** Where clients come by HTTP, below the path that was set (HT-1). */
const subPaths: ReadonlySet<string> = new Set(['/up', '/stream', '/poll'])

/** Whether a path is one of ours. What else is below them is not: another server may be there. */
export function isOurPath(path: string, ours: string): boolean {
  return path === ours || (path.startsWith(ours) && subPaths.has(path.slice(ours.length)))
}

export interface Routed {
  readonly path: string
  readonly origins: Origins
  readonly links: HttpLinks
  /** Whether nobody is let in any more. */
  readonly isRefusing: () => boolean
}

/** Answers a request to one of our paths (HT-1). */
export async function route(exchange: HttpExchange, { path, origins, links, isRefusing }: Routed): Promise<void> {
  const origin = exchange.header('origin')
  const refusal = origins.refuse({ origin, host: exchange.header('host') })
  // Without CORS headers: a browser asks by OPTIONS first, and tells the page nothing of an answer that is no 2xx.
  if (refusal !== undefined) return exchange.respond(403, { ...varyHeaders, ...plain }, refusal)
  const cors = corsHeaders(origin)
  if (exchange.method === 'OPTIONS') return exchange.respond(204, { ...cors, ...preflightHeaders })
  if (exchange.method !== 'POST') {
    return exchange.respond(405, { ...cors, ...plain, allow: 'POST' }, 'Typewire is here: by WebSocket, or by POST.\n')
  }
  switch (exchange.path.slice(path.length)) {
    case '/up':
      return links.up(exchange, cors)
    case '/stream':
      if (isRefusing()) break
      return links.open(exchange, 'stream', cors)
    case '/poll':
      if (exchange.header('typewire-connection') !== undefined) return links.poll(exchange, cors)
      if (isRefusing()) break
      return links.open(exchange, 'poll', cors)
    default:
      return exchange.respond(404, { ...cors, ...plain }, 'Typewire takes POSTs to /stream, /poll and /up here.\n')
  }
  exchange.respond(503, { ...cors, ...plain }, 'The server is closing.\n')
}

const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
