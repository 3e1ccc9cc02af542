import type { Part } from './codec/parts.ts'
import type { ProtocolError } from './protocol/protocol-error.ts'

/**
 * One live way to move batches to the peer and back. The whole of what sessions know of networks.
 * Whoever makes a transport calls the events that it was given, never before the maker returns.
 */
export interface Transport {
  /** `websocket`, …: for status and logs; nothing above the transports branches on it. */
  readonly name: string
  /** What is sent is on its way at once. Else the end of a turn is waited for: what it has sent by then may go together. */
  readonly isImmediate?: boolean
  /** Sends one batch, and the parts of its frame. After `close` or the end of the link it does nothing. */
  readonly send: (batch: string, parts?: readonly Part[]) => void
  /** Bytes that were given to `send` and not taken by the network yet. */
  readonly bufferedBytes: () => number
  /** Ends the link, orderly where it can. `onClose` follows, once. */
  readonly close: (code: number, reason: string) => void
}

export interface TransportEvents {
  readonly onMessage: (batch: string, parts?: readonly Part[]) => void
  /** A message that the transport itself can tell to break a clause. Nothing that follows it is delivered. */
  readonly onViolation: (error: ProtocolError) => void
  /** Something that was buffered has been taken by the network. */
  readonly onDrain: () => void
  /** Once, whoever ended it. 1006 where the link broke without a word (RFC 6455, 7.1.5). */
  readonly onClose: (code: number, reason: string) => void
}
