/**
 * Whether the message of one frame is larger than so many bytes of UTF-8 (WR-6): the frame and two brackets. A UTF-16
 * unit is at most three bytes, so most need not be encoded to know.
 */
export function isMessageLarger(text: string, maxBytes: number): boolean {
  return text.length * 3 + 2 > maxBytes && new TextEncoder().encode(text).length + 2 > maxBytes
}
