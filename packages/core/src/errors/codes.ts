/** What an error code means to whoever gets it. One row per code; `docs/errors.md` is checked against it. */
export interface ErrorCodeEntry {
  readonly meaning: string
  /** Whether the same call may succeed when it is made again unchanged. */
  readonly retryable: boolean
  readonly remedy: string
  /** Whether a handler may answer with it, by throwing a `TypewireError` of this code. Others are masked as `INTERNAL`. */
  readonly mayBeThrown?: true
}

/** The closed list of Typewire's own codes. A procedure adds its own with `errors`. */
export const errorCodes = {
  INVALID_INPUT: {
    meaning: 'What was sent does not match the schema of the contract. `issues` says where. No handler ran.',
    retryable: false,
    remedy: 'Correct the value; check that both sides were built from the same contract.',
  },
  INVALID_OUTPUT: {
    meaning: 'What this side was about to emit does not match the schema of the contract. Nothing was sent.',
    retryable: false,
    remedy: 'Correct the value that is emitted; `issues` says where it is wrong.',
  },
  INVALID_ACK: {
    meaning: 'The answer to a call or an event cannot be read, or it does not match the declared ack.',
    retryable: false,
    remedy:
      'Correct what the handler of the event returns; `issues` says where it is wrong. Where it cannot be read, the message says what is missing: a lean client may lack `richTypes`.',
  },
  NOT_FOUND: {
    meaning: 'The other side knows no procedure, event, room or namespace of that name.',
    retryable: false,
    remedy: 'Check the name; deploy the side whose contract is older.',
    mayBeThrown: true,
  },
  NO_HANDLER: {
    meaning: 'An ack was asked for an event that nobody handles at the moment.',
    retryable: false,
    remedy: 'Register a handler with `on` before the event is sent.',
  },
  UNAUTHORIZED: {
    meaning: 'The server refused the credentials of this client.',
    retryable: false,
    remedy: 'Give other credentials, then call `client.connect()`, or `open()` of the namespace.',
    mayBeThrown: true,
  },
  FORBIDDEN: {
    meaning:
      'The server refused a join, ended a membership or closed a namespace, or the session is not in the room or namespace that it sent into.',
    retryable: false,
    remedy: 'Ask for the right; join the room, or open the namespace, first.',
    mayBeThrown: true,
  },
  TIMED_OUT: {
    meaning:
      'No answer came within the time limit. `outcome` says whether the handler can have run: `unknown`, or `not_sent`.',
    retryable: true,
    remedy: 'Raise `timeoutMs`, or make the handler faster. Repeat only what is safe to run twice.',
  },
  ABORTED: {
    meaning: 'The caller gave up by its `signal`.',
    retryable: true,
    remedy: 'None is needed.',
  },
  INTERNAL: {
    meaning: 'The handler failed unexpectedly. Details stay where it ran; `incident` finds them in the log there.',
    retryable: false,
    remedy: 'Look the incident up in the log of the side that handled it (`onError`).',
  },
  SESSION_LOST: {
    meaning:
      'The session ended, or the namespace was closed to be opened again, before the answer came. `outcome` says whether the other side can have seen it: `not_sent` or `unknown`.',
    retryable: true,
    remedy:
      'Repeat what was `not_sent`; repeat what is `unknown` only if it is safe to run twice. Declare such a procedure `idempotent`, and it is repeated for you.',
  },
  OVERLOADED: {
    meaning: 'A bound was reached: calls in flight, joins, or bytes that wait to be sent.',
    retryable: true,
    remedy: 'Send less at a time, wait for answers, or raise the limit that the message names.',
    mayBeThrown: true,
  },
  TOO_LARGE: {
    meaning: 'The message is larger than the other side takes. Nothing was sent.',
    retryable: false,
    remedy: 'Send it in parts, or raise `maxMessageBytes` at the receiver.',
  },
  CLOSED: {
    meaning: 'This client, or the namespace, was closed by `close()`.',
    retryable: false,
    remedy: 'Create a new client; call `open()` of the namespace.',
  },
  UNSUPPORTED: {
    meaning:
      'One side is of a version that cannot do that, or that the other cannot work with: of Typewire, or of the contract.',
    retryable: false,
    remedy: 'Use a version that does; the message says what is missing. A web page of an older contract: load it anew.',
  },
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof errorCodes

/** The codes that a call, an ack or a join may reject with; its data is `undefined`. */
export type CallErrorCode = Exclude<ErrorCode, 'INVALID_OUTPUT'>

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
