import { TypewireError } from '@typewire/core'
import type { Incidents } from '../errors.ts'
import type { Settings } from '../options.ts'
import type { HttpHeaders } from './http-exchange.ts'

/** Of so many origins the operator is told; whoever makes up more of them fills no log. */
const maxOriginsTold = 100
/** So much of a header is repeated. */
const maxLengthTold = 200

/** What a request says of where its page came from, and where it went. */
export interface OriginAndHost {
  readonly origin: string | undefined
  readonly host: string | undefined
}

/**
 * Which pages may connect. A page that may not cannot read why, by WebSocket or by HTTP: the operator is told, once for
 * each origin.
 */
export class Origins {
  readonly #allowed: Settings['origins']
  readonly #incidents: Incidents
  readonly #told = new Set<string>()

  constructor(allowed: Settings['origins'], incidents: Incidents) {
    this.#allowed = allowed
    this.#incidents = incidents
  }

  /** Why a request is refused, for its answer; `undefined` where it is allowed. */
  refuse({ origin, host }: OriginAndHost): string | undefined {
    if (origin === undefined || isAllowedOrigin(origin, host, this.#allowed)) return undefined
    const why = refusalOf(origin, host, this.#allowed)
    const name = origin.slice(0, maxLengthTold)
    if (this.#told.size < maxOriginsTold && !this.#told.has(name)) {
      this.#told.add(name)
      this.#incidents.report(new TypewireError('FORBIDDEN', why), 'origins')
    }
    return `${why}\n`
  }
}

/**
 * A page may connect to the host that served it, or from where `origins` allows. Without this, any page that a user
 * visits could connect with the user's cookies (CWE-1385). What has no Origin comes from no browser.
 */
function isAllowedOrigin(origin: string, host: string | undefined, origins: Settings['origins']): boolean {
  if (origins === '*') return true
  if (origins) return origins.includes(origin)
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()
}

/** What a page is told that may not connect, for whoever looks at the answer. Names what was compared. */
function refusalOf(origin: string, host: string | undefined, origins: Settings['origins']): string {
  const page = `The origin ${origin.slice(0, maxLengthTold)}`
  if (origins) return `${page} is not in \`origins\` of createServer. Add it there.`
  const remedy = 'Add it to `origins` of createServer, or let the proxy between pass on the Host that it was asked for.'
  return `${page} is not that of the host ${host?.slice(0, maxLengthTold)}. ${remedy}`
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
