import { TypewireError } from '@typewire/core'
import {
  type EncodedPayload,
  encodePayload,
  encodeWithoutBytes,
  PayloadError,
  type UnreadPayload,
} from '@typewire/core/internal'

/** @throws TypewireError `INVALID_INPUT` for what cannot travel. */
export function encode(payload: unknown, origin: string): EncodedPayload | UnreadPayload {
  return told(() => encodePayload(payload), origin)
}

/** The same for credentials, presence and the params of rooms, which hold no bytes. @throws TypewireError `INVALID_INPUT`. */
export function encodeText(payload: unknown, origin: string): string {
  return told(() => encodeWithoutBytes(payload), origin)
}

function told<T>(encoder: () => T, origin: string): T {
  try {
    return encoder()
  } catch (error) {
    throw refusalOf(error, origin)
  }
}

/** What the caller is told of a payload that cannot travel, or be read. */
export function refusalOf(error: unknown, origin: string): unknown {
  if (!(error instanceof PayloadError)) return error
  const issues = [{ message: error.message, path: [] }]
  return new TypewireError('INVALID_INPUT', `${origin}: ${error.message}`, { origin, issues })
}
