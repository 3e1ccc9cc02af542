import { readAnnotations, type Side } from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import type { GivenParts } from './encode-leaf.ts'
import { encodeRich } from './encode-rich.ts'
import { type EncodedPayload, type Part, ReceivedParts, UnreadPayload } from './parts.ts'
import { isPlainJson } from './plain-json.ts'
import { Reviver } from './reviver.ts'

export interface EncodeOptions {
  /** Whose payload it is. Default: a client's, of which less is taken. */
  readonly from?: Side
  /** Skips the look at the value: its schema lets nothing but plain JSON through. */
  readonly isKnownPlain?: boolean
}

/**
 * A payload as it ends a frame's JSON text: nothing for `undefined`, else `,json`, and `,json,annotations` where JSON
 * alone does not carry it; with parts where it holds bytes, and unread where it holds blobs.
 * @throws PayloadError when it holds what cannot travel: itself, a function, an instance of a class, …
 */
export function encodePayload(
  value: unknown,
  { from = 'client', isKnownPlain = false }: EncodeOptions = {},
): EncodedPayload | UnreadPayload {
  if (value === undefined) return '' // PL-1
  if (isKnownPlain || isPlainJson(value)) return `,${JSON.stringify(value)}`
  const parts: GivenParts = []
  const text = encodeRich(value, from, parts)
  if (parts.length === 0) return text
  return areRead(parts) ? { text, parts } : new UnreadPayload(text, parts)
}

const areRead = (parts: Readonly<GivenParts>): parts is readonly Part[] =>
  parts.every((part) => part instanceof Uint8Array)

/**
 * The same, for what must be text alone, and what a client could send as well.
 * @throws PayloadError also when it holds bytes.
 */
export function encodeWithoutBytes(value: unknown): string {
  if (value === undefined) return '' // PL-1
  return isPlainJson(value) ? `,${JSON.stringify(value)}` : encodeRich(value, 'client')
}

/**
 * The value of a frame's payload and annotations (`undefined` or 0: none), with the parts that the parser has put there.
 * The payload is changed in place, and parts can be had once: decode it once. `from`: whose payload it is.
 * @throws PayloadError for annotations that are malformed, too many, not allowed, or do not fit the payload or the parts.
 */
export function decodePayload(json: unknown, annotations: unknown, from: Side = 'client'): unknown {
  if (!(annotations instanceof ReceivedParts)) return reviveAll(json, annotations, from)
  const value = reviveAll(json, annotations.annotations, from, annotations)
  if (annotations.left > 0) throw new PayloadError(`${annotations.left} parts of bytes stand nowhere in the payload`)
  return value
}

/**
 * The same, for what must have come as text alone.
 * @throws PayloadError also when parts came with it.
 */
export function decodeWithoutBytes(json: unknown, annotations: unknown): unknown {
  if (annotations instanceof ReceivedParts) throw new PayloadError('The payload holds bytes, which it may not')
  return decodePayload(json, annotations)
}

function reviveAll(json: unknown, annotations: unknown, from: Side, parts?: ReceivedParts): unknown {
  if (annotations === undefined || annotations === 0) return json
  return new Reviver(parts).revived(json, readAnnotations(annotations, from))
}
