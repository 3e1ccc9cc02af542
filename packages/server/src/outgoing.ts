import {
  type EncodedPayload,
  encodePayload,
  isPromiseLike,
  PayloadError,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { CompiledStream, OutgoingEvent, Sent } from './compile.ts'
import { invalidOutput } from './errors.ts'

/**
 * What is about to be sent, parsed by its schema and encoded, once. A promise only where the schema answers with one.
 * @throws TypewireError `INVALID_OUTPUT` when the schema refuses it, or it holds what cannot travel.
 */
export function encodeSent(
  sent: Sent,
  value: unknown,
  origin: string,
  what: string,
): EncodedPayload | Promise<EncodedPayload> {
  return encoded(sent, value, { origin, what }, (payload) => payload)
}

/** An event's payload, and where of those of one key only the newest counts, its key. */
export interface EncodedEvent {
  readonly payload: EncodedPayload
  readonly key: string | undefined
}

/** The same, of an event that asks for no ack. @throws also TypeError when its key is none, and what `key` throws. */
export function encodeEvent(
  event: OutgoingEvent,
  value: unknown,
  origin: string,
): EncodedEvent | Promise<EncodedEvent> {
  return encoded(event, value, { origin, what: 'the payload' }, (payload, parsed) => ({
    payload,
    key: event.keyOf?.(parsed),
  }))
}

/** An item of a stream, and the key by which the stream may go on behind it, where it has keys. */
export function encodeItem(
  { items, keyOf }: Pick<CompiledStream, 'items' | 'keyOf'>,
  value: unknown,
  origin: string,
): EncodedEvent | Promise<EncodedEvent> {
  return encoded(items, value, { origin, what: 'an item' }, (payload, parsed) => ({
    payload,
    key: keyOf && String(keyOf(parsed as never)),
  }))
}

function encoded<T>(
  { schema, isPlain }: Sent,
  value: unknown,
  { origin, what }: { readonly origin: string; readonly what: string },
  make: (payload: EncodedPayload, parsed: unknown) => T,
): T | Promise<T> {
  const encode = (validated: Validated): T => {
    if (validated.issues) throw invalidOutput(origin, what, validated.issues)
    try {
      return make(encodePayload(validated.value, isPlain), validated.value)
    } catch (error) {
      if (!(error instanceof PayloadError)) throw error
      throw invalidOutput(origin, what, [{ message: error.message, path: [] }])
    }
  }
  const validated = validate(schema, value)
  return isPromiseLike(validated) ? validated.then(encode) : encode(validated)
}
