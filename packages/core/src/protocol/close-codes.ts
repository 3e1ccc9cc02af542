/** What a closed connection means to the client. */
export interface CloseCodeEntry {
  readonly code: number
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
  NORMAL: { code: 1000, reconnect: 'never' },
  SESSION_CLOSED: { code: 4000, reconnect: 'never' },
  BAD_FRAME: { code: 4400, reconnect: 'retry' },
  UNAUTHORIZED: { code: 4401, reconnect: 'never' },
  HELLO_TIMEOUT: { code: 4408, reconnect: 'retry' },
  STALE: {
    code: 4409,
    reconnect: 'retry',
  },
  SILENT: { code: 4410, reconnect: 'retry' },
  HELD_BACK: { code: 4412, reconnect: 'retry' },
  AUTH_EXPIRED: {
    code: 4419,
    reconnect: 'retry',
    session: 'kept',
  },
  TOO_LARGE: { code: 1009, reconnect: 'retry' },
  UNSUPPORTED_VERSION: { code: 4426, reconnect: 'never' },
  OVERFLOW: { code: 4429, reconnect: 'retry' },
  SERVER_ERROR: { code: 4500, reconnect: 'retry' },
  GOING_AWAY: { code: 4503, reconnect: 'retry' },
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

/** What each means: for documents and logs. Apart from the table, so that it lies in no bundle that does not use it. */
export const closeMeanings: Readonly<Record<CloseName, string>> = {
  NORMAL: 'The client closed, or the server answers that',
  SESSION_CLOSED: 'The server ended the session',
  BAD_FRAME: 'A peer broke a clause of the protocol',
  UNAUTHORIZED: 'authenticate refused',
  HELLO_TIMEOUT: 'No hello, or no answer of authenticate, in time',
  STALE: 'A connection with this attempt number, or a higher one, has the session',
  SILENT: 'Nothing was heard of the peer for too long',
  HELD_BACK: 'Something between holds the stream back',
  AUTH_EXPIRED: 'The credentials have expired or were revoked: come back with new ones',
  TOO_LARGE: 'A message is larger than the receiver takes',
  UNSUPPORTED_VERSION: 'No version of the protocol in common, or the contract has changed too much for the client',
  OVERFLOW: 'The peer reads too slowly: more waits for it than is kept',
  SERVER_ERROR: 'authenticate failed',
  GOING_AWAY: 'The server is closing',
}

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
