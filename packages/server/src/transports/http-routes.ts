import type { Settings } from '../options.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpLinks } from './http-links.ts'
import { corsHeaders, isAllowedOrigin, preflightHeaders, refusalOf, varyHeaders } from './origins.ts'

/** Whether a path is one of ours: the path that was set, and what is below it. */
export function isOurPath(path: string, { path: ours }: Settings): boolean {
  return path === ours || path.startsWith(`${ours}/`)
}

/** Answers a request to one of our paths (HT-1). */
export async function route(
  exchange: HttpExchange,
  settings: Settings,
  links: HttpLinks,
  isClosing: boolean,
): Promise<void> {
  const origin = exchange.header('origin')
  const host = exchange.header('host')
  if (!isAllowedOrigin(origin, host, settings.origins)) {
    return exchange.respond(403, { ...varyHeaders, ...plain }, refusalOf(origin, host, settings.origins))
  }
  const cors = corsHeaders(origin)
  if (exchange.method === 'OPTIONS') return exchange.respond(204, { ...cors, ...preflightHeaders })
  if (exchange.method !== 'POST') {
    return exchange.respond(405, { ...cors, ...plain, allow: 'POST' }, 'Typewire is here: by WebSocket, or by POST.\n')
  }
  switch (exchange.path.slice(settings.path.length)) {
    case '/up':
      return links.up(exchange, cors)
    case '/stream':
      if (isClosing) break
      return links.open(exchange, 'stream', cors)
    case '/poll':
      if (exchange.header('typewire-connection') !== undefined) return links.poll(exchange, cors)
      if (isClosing) break
      return links.open(exchange, 'poll', cors)
    default:
      return exchange.respond(404, { ...cors, ...plain }, 'Typewire takes POSTs to /stream, /poll and /up here.\n')
  }
  exchange.respond(503, { ...cors, ...plain }, 'The server is closing.\n')
}

const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
