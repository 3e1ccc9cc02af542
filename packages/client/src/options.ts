import type { Clock } from '@typewire/core'
import { platformClock, reportToPlatform } from './platform.ts'
import type { TransportName } from './transports/open-transport.ts'
import type { ClientOptions, ClientTracer, OnClientError } from './types.ts'

/** The options with their defaults. */
export interface Settings {
  /** Where Typewire is, by http or https. */
  readonly url: string
  readonly auth: () => unknown
  /** Whether `auth` may give other credentials when it is asked again. */
  readonly canRenewAuth: boolean
  readonly timeoutMs: number | undefined
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly random: () => number
  readonly transports: readonly TransportName[] | undefined
  readonly trace: ClientTracer | undefined
  readonly fingerprint: string | undefined
  readonly upgradeDelayMs: number
  readonly offlineMaxAgeMs: number
  readonly onError: OnClientError
  readonly clock: Clock
}

/** How long an attempt may take, from having credentials to the welcome. */
export const connectTimeoutMs = 10_000

/** The most that waits to be sent, or for the server to acknowledge, in UTF-16 units of JSON. */
export const maxBufferBytes = 4_194_304

/** @throws TypeError for a URL that is none; RangeError for a number out of its range. */
export function readOptions(options: ClientOptions & { readonly auth?: unknown }): Settings {
  const {
    auth,
    timeoutMs,
    transports,
    trace,
    fingerprint,
    reconnect = {},
    offline = {},
    onError = reportToPlatform,
    clock = platformClock,
  } = options
  const { minDelayMs = 500, maxDelayMs = 30_000, upgradeDelayMs = 30_000, random = Math.random } = reconnect
  const { maxAgeMs: offlineMaxAgeMs = 120_000 } = offline
  if (timeoutMs !== undefined) assertPositive('timeoutMs', timeoutMs)
  assertPositive('reconnect.minDelayMs', minDelayMs)
  assertPositive('reconnect.maxDelayMs', maxDelayMs)
  assertPositive('reconnect.upgradeDelayMs', upgradeDelayMs)
  assertPositive('offline.maxAgeMs', offlineMaxAgeMs)
  return {
    url: httpUrl(options.url),
    auth: typeof auth === 'function' ? (auth as () => unknown) : () => auth,
    canRenewAuth: typeof auth === 'function',
    timeoutMs,
    minDelayMs,
    maxDelayMs,
    random,
    transports,
    trace,
    fingerprint,
    upgradeDelayMs,
    offlineMaxAgeMs,
    onError,
    clock,
  }
}

const schemes: Readonly<Record<string, string>> = {
  'http:': 'http:',
  'https:': 'https:',
  'ws:': 'http:',
  'wss:': 'https:',
}

/** Where the server says to connect from now on; `undefined` where that is no URL, or gives up TLS (CL-7). */
export function urlGiven(given: unknown, now: string): string | undefined {
  if (typeof given !== 'string' || !/^https?:\/\//.test(given) || !URL.canParse(given)) return undefined
  return now.startsWith('https:') && !given.startsWith('https:') ? undefined : httpUrl(given)
}

function httpUrl(given: string | URL): string {
  let url = URL.canParse(given) ? new URL(given) : undefined
  const scheme = url && schemes[url.protocol]
  if (!url || !scheme) {
    throw new TypeError(`createClient({ url: '${given}' }): give an absolute URL, such as https://example.com.`)
  }
  // URL does not let ws: become http:, so the text is changed.
  url = new URL(url.href.replace(url.protocol, scheme))
  url.pathname = url.pathname.replace(/\/$/, '') || '/typewire' // the server's paths have no slash at the end
  url.hash = ''
  return url.href
}

function assertPositive(name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`createClient({ ${name}: ${value} }): give milliseconds above 0.`)
}
