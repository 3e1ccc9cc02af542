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

/** Lets a page of another origin read the answer, with its credentials. The origin must have been allowed before. */
export function corsHeaders(origin: string | undefined): HttpHeaders {
  if (origin === undefined) return {}
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'typewire-connection, typewire-sent',
    vary: 'Origin',
  }
}

/** What a page of another origin may ask for, kept by browsers for two hours. */
export const preflightHeaders: HttpHeaders = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type, typewire-connection, typewire-request',
  'access-control-max-age': '7200',
}
