import { type CallOptions, TypewireError } from '@typewire/core'
import {
  aborted,
  type Content,
  type EncodedPayload,
  encodePayload,
  isMessageLarger,
  PayloadError,
  parseBatch,
  ProtocolError,
  refusalOf,
  type Sized,
  timedOut,
  type UnreadPayload,
} from '@typewire/core/internal'
import type { ServerNode } from '../node.ts'
import { withinLimit } from '../within-limit.ts'

/** As a client would have sent it: text, and bytes. @throws TypewireError `INVALID_INPUT` for what cannot travel. */
export function encode(value: unknown, origin: string): EncodedPayload | UnreadPayload {
  return told(origin, () => encodePayload(value))
}

/** @throws TypewireError `TOO_LARGE` when so long a frame is more than the server takes of a client. */
export function assertFits({ settings: { maxMessageBytes } }: ServerNode, frame: Sized, origin: string): void {
  if (!isMessageLarger(frame, maxMessageBytes)) return
  const what = `the message is larger than the ${maxMessageBytes} bytes that the server takes.`
  throw new TypewireError('TOO_LARGE', `${origin}: ${what}`, { origin })
}

/** The payload with its blobs, as long as the call may take. */
export async function readInTime(
  { deadlines, settings }: ServerNode,
  payload: UnreadPayload,
  origin: string,
  { timeoutMs = settings.timeoutMs, signal }: CallOptions,
): Promise<EncodedPayload> {
  const over = new AbortController()
  const gaveUp = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(aborted(origin, signal)), { signal: over.signal })
  })
  try {
    const read = Promise.race([payload.read(), gaveUp])
    return await withinLimit(read, deadlines, timeoutMs, () => timedOut(origin, timeoutMs, 'not_sent', 'a Blob waits'))
  } catch (error) {
    throw refusalOf(error, origin)
  } finally {
    over.abort()
  }
}

/** What the other side reads of a frame. @throws TypewireError `INVALID_INPUT` for what is nested too deep. */
export function sent<Frame>(content: Content, origin: string): Frame {
  return told(origin, () => read(content) as Frame)
}

/** @throws PayloadError for what is nested too deep. */
export function read({ text, parts }: Content): unknown {
  const batch = parseBatch(`[${text}]`, parts)
  if (batch instanceof ProtocolError) throw new PayloadError(batch.reason)
  return batch[0]
}

function told<T>(origin: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw refusalOf(error, origin)
  }
}
