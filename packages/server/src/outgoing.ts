import { type MaybePromise, TypewireError } from '@typewire/core'
import {
  bytesOf,
  type EncodedPayload,
  encodePayload,
  isPromiseLike,
  PayloadError,
  UnreadPayload,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { CompiledStream, OutgoingEvent, Sent } from './compile.ts'
import { invalidOutput } from './errors.ts'

/** What is said of a value that cannot be sent, and what can. */
export interface SendingOf {
  /** For errors: `procedure send`. */
  readonly origin: string
  /** For errors: `what the handler returned`. */
  readonly what: string
  /** The most that is read of its blobs, in bytes: as much as is kept for a client, since more reaches none. */
  readonly maxBytes: number
}

/**
 * What is about to be sent, parsed by its schema and encoded, once. A promise only where the schema answers with one, or
 * a Blob is to be read.
 * @throws TypewireError `INVALID_OUTPUT` when the schema refuses it, or it holds what cannot travel; `TOO_LARGE` for blobs.
 */
export function encodeSent(sent: Sent, value: unknown, of: SendingOf): MaybePromise<EncodedPayload> {
  return encoded(sent, value, of, payloadAlone)
}

/** An event's payload, and where of those of one key only the newest counts, its key. */
export interface EncodedEvent {
  readonly payload: EncodedPayload
  readonly key: string | undefined
}

/** The same, of an event that asks for no ack. @throws also TypeError when its key is none, and what `key` throws. */
export function encodeEvent(event: OutgoingEvent, value: unknown, of: SendingOf): MaybePromise<EncodedEvent> {
  return encoded(event, value, of, (payload, parsed) => ({ payload, key: event.keyOf?.(parsed) }))
}

/** An item of a stream, and the key by which the stream may go on behind it, where it has keys. */
export function encodeItem(
  { items, keyOf }: Pick<CompiledStream, 'items' | 'keyOf'>,
  value: unknown,
  of: SendingOf,
): MaybePromise<EncodedEvent> {
  return encoded(items, value, of, (payload, parsed) => ({
    payload,
    key: keyOf && String(keyOf(parsed as never)),
  }))
}

type Make<T> = (payload: EncodedPayload, parsed: unknown) => T

const payloadAlone: Make<EncodedPayload> = (payload) => payload

function encoded<T>(sent: Sent, value: unknown, of: SendingOf, make: Make<T>): MaybePromise<T> {
  const validated = validate(sent.schema, value)
  return isPromiseLike(validated)
    ? validated.then((later) => encodeValidated(sent, later, of, make))
    : encodeValidated(sent, validated, of, make)
}

function encodeValidated<T>({ isPlain }: Sent, validated: Validated, of: SendingOf, make: Make<T>): MaybePromise<T> {
  if (validated.issues) throw invalidOutput(of, validated.issues)
  const { value: parsed } = validated
  try {
    const payload = encodePayload(parsed, isPlain ? plainOfServer : ofServer)
    if (!(payload instanceof UnreadPayload)) return make(payload, parsed)
    return read(payload, of).then((ready) => make(ready, parsed))
  } catch (error) {
    throw refusal(of, error)
  }
}

const ofServer = { from: 'server', isKnownPlain: false } as const
const plainOfServer = { from: 'server', isKnownPlain: true } as const

async function read(payload: UnreadPayload, of: SendingOf): Promise<EncodedPayload> {
  const { origin, what, maxBytes } = of
  const bytes = bytesOf(payload.parts)
  if (bytes > maxBytes) {
    const why = `${what} holds ${bytes} bytes, more than the ${maxBytes} that are kept for a client.`
    throw new TypewireError('TOO_LARGE', `${origin}: ${why}`, { origin })
  }
  try {
    return await payload.read()
  } catch (error) {
    throw refusal(of, error)
  }
}

function refusal(of: SendingOf, error: unknown): unknown {
  return error instanceof PayloadError ? invalidOutput(of, [{ message: error.message, path: [] }]) : error
}
