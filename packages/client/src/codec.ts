import {
  canonicalTextBy,
  type Container,
  type Decode,
  type EncodedPayload,
  type PayloadError,
  refusalOf,
  type ProtocolError,
  type UnreadPayload,
} from '@typewire/core/internal'
import type { Departures, OutboxOptions } from './outbox.ts'

/** How a client writes and reads payloads: all that Typewire can carry (`rich-types.ts`), or plain JSON alone. */
export interface Codec {
  /** As it ends a frame. @throws PayloadError for what cannot travel. */
  readonly encode: (value: unknown) => EncodedPayload | UnreadPayload
  /** The same for what may hold no bytes. @throws PayloadError */
  readonly encodeText: (value: unknown) => string
  /** A payload and its annotations, of whichever side. @throws PayloadError for what cannot be read. */
  readonly decode: Decode
  /**
   * What is told of a room's presence (PR-2), which must have come as text alone. Of entries that cannot be read the data is
   * left out, and `onUnread` is told once. @throws PayloadError
   */
  readonly decodePresence: (payload: unknown, annotations: unknown, onUnread: (error: PayloadError) => void) => unknown
  /** A binary message: a batch with parts (WR-3). */
  readonly readBinary: (message: Uint8Array) => Container | ProtocolError
  readonly writeBinary: (batch: string, parts: readonly Uint8Array[]) => Uint8Array<ArrayBuffer>
  /** Where payloads wait whose bytes are not there yet. */
  readonly outbox: (options: OutboxOptions) => Departures
}

/** Whatever knows how payloads are written: a connection. */
export interface HasCodec {
  readonly codec: Codec
}

/** @throws TypewireError `INVALID_INPUT` for what cannot travel. */
export function encode({ codec }: HasCodec, payload: unknown, origin: string): EncodedPayload | UnreadPayload {
  return told(() => codec.encode(payload), origin)
}

/** The same for credentials, presence and the params of rooms, which hold no bytes. @throws TypewireError `INVALID_INPUT`. */
export function encodeText({ codec }: HasCodec, payload: unknown, origin: string): string {
  return told(() => codec.encodeText(payload), origin)
}

/** One text for equal values, whatever the order of their keys. @throws PayloadError for what cannot travel. */
export function canonicalText({ codec }: HasCodec, value: unknown): string {
  return canonicalTextBy(codec.encodeText, value)
}

function told<T>(encoder: () => T, origin: string): T {
  try {
    return encoder()
  } catch (error) {
    throw refusalOf(error, origin)
  }
}
