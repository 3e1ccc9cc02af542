import type { CloseName } from './close-codes.ts'

/** A peer broke a clause. It becomes the reason of a close, never an exception in anybody's handler. */
export class ProtocolError {
  readonly close: CloseName
  /** The clause of PROTOCOL.md. */
  readonly clause: string
  readonly reason: string

  constructor(close: CloseName, clause: string, reason: string) {
    this.close = close
    this.clause = clause
    // A close reason may be 123 bytes of UTF-8 (RFC 6455, 5.5); ours are ASCII.
    this.reason = `${clause}: ${reason}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 123)
  }
}

export const malformed = (clause: string, reason: string) => new ProtocolError('BAD_FRAME', clause, reason)
