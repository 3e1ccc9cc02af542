import { bytesBesideText } from '../codec/container.ts'
import type { Sized } from '../codec/parts.ts'

/**
 * Whether the message of one frame is larger than so many bytes (WR-6): the frame in UTF-8 and two brackets, and where
 * it has parts, all of its container. A UTF-16 unit is at most three bytes, so most need not be encoded to know.
 */
export function isMessageLarger({ text, parts }: Sized, maxBytes: number): boolean {
  const maxTextBytes = maxBytes - 2 - (parts ? bytesBesideText(parts) : 0)
  return text.length * 3 > maxTextBytes && new TextEncoder().encode(text).length > maxTextBytes
}
