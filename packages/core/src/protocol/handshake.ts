import type { ProtocolError } from './protocol-error.ts'
import { malformed } from './protocol-error.ts'
import { isCount } from '../util/types.ts'

/** The versions of the protocol that this code speaks, from the oldest to the newest. */
export const protocolVersions = { oldest: 1, newest: 1 } as const

/** What a client says first (HS-1). Members that a peer does not know are ignored. */
export interface Hello {
  /** The oldest and the newest version that the client speaks. */
  readonly versions: readonly [oldest: number, newest: number]
  /** Rises with each round of attempts of a client; transports that race in one round share it. */
  readonly attempt: number
  /** Random, one per client object: tells two clients of one identity apart. */
  readonly instance: string
  /** How much of unacknowledged frames the client keeps, in UTF-16 units of JSON text. */
  readonly window: number
  /** The largest message that the client takes, in bytes. Without it: any. */
  readonly maxMessageBytes?: number
  /** The contract's `auth`, as JSON, and its annotations. */
  readonly auth?: unknown
  readonly authAnnotations?: unknown
  /** The one session that the client wants back. Without it: a new one. */
  readonly resume?: { readonly session: string; readonly secret: string; readonly received: number } | undefined
  /** The fingerprint of the contract that the client was made from (HS-9). */
  readonly contract?: string | undefined
  /** What a welcome gave the client to repeat. */
  readonly route?: string
}

/** The server's answer to a hello that attached a session (HS-6). */
export interface Welcome {
  /** The version that both speak from here on. */
  readonly version: number
  readonly session: string
  /** How many counted frames of the client this session has received. */
  readonly received: number
  /** The number of the last counted frame that the server will not send (again). */
  readonly from: number
  /** How much of unacknowledged frames the server keeps for this session, in UTF-16 units of JSON text. */
  readonly window: number
  /** The most calls of this session that may run at once. */
  readonly maxCalls: number
  /** The largest message that the server takes, in bytes. */
  readonly maxMessageBytes: number
  /** The longest that any of its handlers may take, in milliseconds: there is no use in waiting much longer. */
  readonly maxTimeoutMs?: number
  /** The time limits that procedures of the root have of their own, in milliseconds, by name (CA-13). */
  readonly timeLimits?: Readonly<Record<string, unknown>>
  /** With it the session can be resumed, for this long after its connection is lost. */
  readonly resume?: { readonly secret: string; readonly windowMs: number }
  readonly heartbeat?: { readonly intervalMs: number; readonly timeoutMs: number }
  /** How long the credentials are good for, in milliseconds. Without it: as long as the connection. */
  readonly authExpiresInMs?: number
  /** Opaque: the same for one client object as long as the server takes it for the same one (RS-10). */
  readonly identity?: string
  readonly route?: string
  /** For people: what of the server's contract breaks a client of the other one (HS-9). */
  readonly notice?: string
}

/** What a close frame may say beyond its code. */
export interface CloseOptions {
  /** How many counted frames the sender has received: what is above was never seen. */
  readonly received?: number | undefined
  /** Not to reconnect before this long. */
  readonly retryAfterMs?: number | undefined
  /** Where to connect from now on: an `http:` or `https:` URL. */
  readonly url?: string | undefined
}

/** Checks the body of a hello (HS-2). */
export function parseHello(body: Record<string, unknown>): Hello | ProtocolError {
  const { versions, attempt, instance, window, maxMessageBytes, resume, contract, route } = body
  if (!Array.isArray(versions) || !isCount(versions[0]) || !isCount(versions[1])) return wrong('versions')
  if (!isCount(attempt)) return wrong('attempt')
  if (!isToken(instance)) return wrong('instance')
  if (!isCount(window)) return wrong('window')
  if (maxMessageBytes !== undefined && !(isCount(maxMessageBytes) && maxMessageBytes >= 1_024))
    return wrong('maxMessageBytes')
  if (resume !== undefined) {
    if (!isObject(resume) || !isToken(resume['session']) || !isToken(resume['secret'])) return wrong('resume')
    if (typeof resume['received'] !== 'number') return wrong('resume') // its range is judged with the session's
  }
  if (contract !== undefined && !isToken(contract)) return wrong('contract')
  if (route !== undefined && !isToken(route)) return wrong('route')
  return body as unknown as Hello
}

/** Checks the body of a welcome (HS-6). */
export function parseWelcome(body: Record<string, unknown>): Welcome | ProtocolError {
  const isRight = (name: string) => welcomeMembers[name]!(body[name])
  const wrongMember = Object.keys(welcomeMembers).find((name) => !isRight(name))
  if (wrongMember) return malformed('HS-6', `the welcome's ${wrongMember} is missing or wrong`)
  return body as unknown as Welcome
}

type Check = (value: unknown) => boolean

const optional =
  (is: Check): Check =>
  (value) =>
    value === undefined || is(value)

const isOptionalCount = optional(isCount)
const isOptionalToken = optional(isToken)

const welcomeMembers: Readonly<Record<string, Check>> = {
  // HS-4: one that was offered.
  version: (it) => isCount(it) && it >= protocolVersions.oldest && it <= protocolVersions.newest,
  session: isToken,
  received: isCount,
  from: isCount,
  window: isCount,
  maxCalls: isCount,
  maxMessageBytes: isCount,
  maxTimeoutMs: isOptionalCount,
  timeLimits: optional(isObject),
  authExpiresInMs: isOptionalCount,
  resume: optional((it) => isObject(it) && isToken(it['secret']) && isCount(it['windowMs'])),
  heartbeat: optional((it) => isObject(it) && isCount(it['intervalMs']) && isCount(it['timeoutMs'])),
  identity: isOptionalToken,
  route: isOptionalToken,
  notice: optional((it) => typeof it === 'string'),
}

const wrong = (member: string) => malformed('HS-2', `the hello's ${member} is missing or wrong`)

/** Ids, secrets and routes: short, and safe to print. */
function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.~:/+=-]{1,256}$/.test(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
