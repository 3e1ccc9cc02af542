import type { Clock } from '@typewire/core'
import { platformClock, reportToPlatform } from './platform.ts'
import type { ClientOptions, OnClientError } from './types.ts'

/** The options with their defaults. */
export interface Settings {
  /** A WebSocket URL. */
  readonly url: string
  readonly auth: () => unknown
  readonly timeoutMs: number | undefined
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly random: () => number
  readonly onError: OnClientError
  readonly clock: Clock
}

/** How long an attempt may take, from asking for credentials to the welcome. */
export const connectTimeoutMs = 10_000

/** The most that waits to be sent, or for the server to acknowledge, in UTF-16 units of JSON. */
export const maxBufferBytes = 4_194_304

/** @throws TypeError for a URL that is none; RangeError for a number out of its range. */
export function readOptions(options: ClientOptions & { readonly auth?: unknown }): Settings {
  const { auth, timeoutMs, reconnect = {}, onError = reportToPlatform, clock = platformClock } = options
  const { minDelayMs = 500, maxDelayMs = 30_000, random = Math.random } = reconnect
  if (timeoutMs !== undefined) assertPositive('timeoutMs', timeoutMs)
  assertPositive('reconnect.minDelayMs', minDelayMs)
  assertPositive('reconnect.maxDelayMs', maxDelayMs)
  return {
    url: webSocketUrl(options.url),
    auth: typeof auth === 'function' ? (auth as () => unknown) : () => auth,
    timeoutMs,
    minDelayMs,
    maxDelayMs,
    random,
    onError,
    clock,
  }
}

const schemes: Readonly<Record<string, string>> = { 'http:': 'ws:', 'https:': 'wss:', 'ws:': 'ws:', 'wss:': 'wss:' }

function webSocketUrl(given: string | URL): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const scheme = url && schemes[url.protocol]
  if (!url || !scheme) {
    throw new TypeError(`createClient({ url: '${given}' }): give an absolute URL, such as https://example.com.`)
  }
  url.protocol = scheme
  if (url.pathname === '/') url.pathname = '/typewire'
  url.hash = ''
  return url.href
}

function assertPositive(name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`createClient({ ${name}: ${value} }): give milliseconds above 0.`)
}
