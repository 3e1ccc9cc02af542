import { type Content, type EncodedPayload, type ErrorFrameOptions, lengthOf } from '@typewire/core/internal'

/** What a call is answered: a result, or an error with its code. */
export interface Outcome {
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** Of errors that are not kept. */
  readonly options?: ErrorFrameOptions | 0
  readonly payload: EncodedPayload
}

/** The longest text that is kept of one outcome, in UTF-16 units: a broker is no file store, and a longer one runs again. */
export const maxKeptLength = 262_144

/** An outcome as brokers keep it: JSON, with its parts in base64. `undefined` where it is too long to be kept. */
export function packOutcome({ code, message, payload }: Outcome): string | undefined {
  const { text, parts = [] }: Content = typeof payload === 'string' ? { text: payload } : payload
  if (lengthOf({ text, parts }) > maxKeptLength) return undefined // before bytes are turned into text for nothing
  const encoded = parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.length).toString('base64'))
  const packed = JSON.stringify({ code, message, text, parts: encoded })
  return packed.length > maxKeptLength ? undefined : packed
}

/** What another node, or this one, has packed. */
export function unpackOutcome(packed: string): Outcome {
  const { code, message, text, parts } = JSON.parse(packed) as Packed
  if (parts.length === 0) return { code, message, payload: text }
  return { code, message, payload: { text, parts: parts.map((part) => new Uint8Array(Buffer.from(part, 'base64'))) } }
}

interface Packed {
  readonly code?: string
  readonly message?: string
  readonly text: string
  readonly parts: readonly string[]
}
