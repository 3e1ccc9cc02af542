import type { Settings } from '../options.ts'
import type { HttpHeaders } from './http-exchange.ts'

/**
 * A page may connect to the host that served it, or from where `origins` allows. Without this, any page that a user
 * visits could connect with the user's cookies (CWE-1385). What has no Origin comes from no browser.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  origins: Settings['origins'],
): boolean {
  if (origin === undefined || origins === '*') return true
  if (origins) return origins.includes(origin)
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

/** What a page is told that may not connect, for whoever looks at the answer. Names what was compared. */
export function refusalOf(origin: string | undefined, host: string | undefined, origins: Settings['origins']): string {
  const page = `The origin ${origin?.slice(0, 200)}`
  if (origins) return `${page} is not in \`origins\` of createServer. Add it there.\n`
  const remedy = 'Add it to `origins` of createServer, or let the proxy between pass on the Host that it was asked for.'
  return `${page} is not that of the host ${host?.slice(0, 200)}. ${remedy}\n`
}

/** Answers differ by it: whoever keeps them must know, also of those to requests that have none. */
export const varyHeaders: HttpHeaders = { vary: 'Origin' }

/** Lets a page of another origin read the answer, with its credentials. The origin must have been allowed before. */
export function corsHeaders(origin: string | undefined): HttpHeaders {
  if (origin === undefined) return varyHeaders
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'typewire-connection, typewire-sent',
    ...varyHeaders,
  }
}

/** What a page of another origin may ask for, kept by browsers for two hours. */
export const preflightHeaders: HttpHeaders = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type, typewire-connection, typewire-request',
  'access-control-max-age': '7200',
}
