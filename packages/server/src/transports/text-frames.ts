/** The first byte of a message of text that is one frame (RFC 6455, 5.2). */
const finalText = 0x81

/** Text as a WebSocket frame of a server: unmasked, the header and the text in one buffer. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = finalText
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header)
  return frame
}

/**
 * Makes the frames of messages, and keeps the last: a room's event is the same message for all of its members, one behind the
 * other, and its bytes are made once. What is kept is no longer than the longest message.
 */
export class TextFrames {
  #text: string | undefined
  #frame: Buffer | undefined

  of(text: string): Buffer {
    if (this.#frame && text === this.#text) return this.#frame
    this.#text = text
    return (this.#frame = textFrame(text))
  }
}
