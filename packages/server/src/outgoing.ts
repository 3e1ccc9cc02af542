import {
  type EncodedPayload,
  encodePayload,
  isPromiseLike,
  PayloadError,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { Sent } from './compile.ts'
import { invalidOutput } from './errors.ts'

/**
 * What is about to be sent, parsed by its schema and encoded, once. A promise only where the schema answers with one.
 * @throws TypewireError `INVALID_OUTPUT` when the schema refuses it, or it holds what cannot travel.
 */
export function encodeSent(
  { schema, isPlain }: Sent,
  value: unknown,
  origin: string,
  what: string,
): EncodedPayload | Promise<EncodedPayload> {
  const encode = (validated: Validated): EncodedPayload => {
    if (validated.issues) throw invalidOutput(origin, what, validated.issues)
    try {
      return encodePayload(validated.value, isPlain)
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error
      throw invalidOutput(origin, what, [{ message: error.message, path: [] }])
    }
  }
  const validated = validate(schema, value)
  return isPromiseLike(validated) ? validated.then(encode) : encode(validated)
}
