/** What a closed connection means to the client. */
export interface CloseCodeEntry {
  readonly code: number
  readonly meaning: string
  /** After the welcome: whether the session ends with the connection (RS-9). */
  readonly session?: 'kept'
  /** `retry`: reconnect, after a while. `never`: not by itself; the same would happen again. */
  readonly reconnect: 'retry' | 'never'
}

/**
 * The one table of close codes, on every transport. 1000 and 1009 are WebSocket's own (RFC 6455, 7.4.1), 4000–4999 its
 * range for applications (7.4.2); their last three digits are those of the HTTP status that says the same.
 */
export const closeCodes = {
  NORMAL: { code: 1000, meaning: 'The client closed, or the server answers that', reconnect: 'never' },
  SESSION_CLOSED: { code: 4000, meaning: 'The server ended the session', reconnect: 'never' },
  BAD_FRAME: { code: 4400, meaning: 'A peer broke a clause of the protocol', reconnect: 'retry' },
  UNAUTHORIZED: { code: 4401, meaning: 'authenticate refused', reconnect: 'never' },
  HELLO_TIMEOUT: { code: 4408, meaning: 'No hello, or no answer of authenticate, in time', reconnect: 'retry' },
  STALE: {
    code: 4409,
    meaning: 'A connection with this attempt number, or a higher one, has the session',
    reconnect: 'retry',
  },
  SILENT: { code: 4410, meaning: 'Nothing was heard of the peer for too long', reconnect: 'retry' },
  HELD_BACK: { code: 4412, meaning: 'Something between holds the stream back', reconnect: 'retry' },
  AUTH_EXPIRED: {
    code: 4419,
    meaning: 'The credentials have expired or were revoked: come back with new ones',
    reconnect: 'retry',
    session: 'kept',
  },
  TOO_LARGE: { code: 1009, meaning: 'A message is larger than the receiver takes', reconnect: 'retry' },
  UNSUPPORTED_VERSION: { code: 4426, meaning: 'No version of the protocol in common', reconnect: 'never' },
  OVERFLOW: { code: 4429, meaning: 'The peer reads too slowly: more waits for it than is kept', reconnect: 'retry' },
  SERVER_ERROR: { code: 4500, meaning: 'authenticate failed', reconnect: 'retry' },
  GOING_AWAY: { code: 4503, meaning: 'The server is closing', reconnect: 'retry' },
} as const satisfies Record<string, CloseCodeEntry>

/** What WebSocket itself says of an end (RFC 6455, 7.4.1), on every transport. */
export const webSocketCodes = {
  /** The peer broke a rule of the transport. */
  PROTOCOL_ERROR: 1002,
  /** A close that gave no code, as of a proxy that has waited long enough. */
  NO_STATUS: 1005,
  /** The link broke without a word. */
  LINK_LOST: 1006,
} as const

export type CloseName = keyof typeof closeCodes

const byCode: ReadonlyMap<number, CloseCodeEntry> = new Map(
  Object.values(closeCodes).map((entry: CloseCodeEntry) => [entry.code, entry]),
)

/** Whether to reconnect after a close. A code that is not ours (1006: the link broke) says nothing against it. */
export function mayReconnect(code: number): boolean {
  return byCode.get(code)?.reconnect !== 'never'
}

/** Whether the session waits for its client, although the server has closed the connection in order (RS-9). */
export function keepsSession(code: number): boolean {
  return byCode.get(code)?.session === 'kept'
}

/** The name of a close code, for messages. */
export function closeName(code: number): string {
  for (const [name, entry] of Object.entries(closeCodes)) if (entry.code === code) return name
  return 'LINK_LOST'
}
