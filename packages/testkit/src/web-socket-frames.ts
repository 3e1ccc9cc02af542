/** One frame of WebSocket (RFC 6455, 5.2), as it travels and as it reads. */
export interface WebSocketFrame {
  /** All of it, to be passed on as it is. */
  readonly bytes: Buffer
  /** The batch in it, where it is a whole message; `undefined` for all else: pings, a close, fragments. */
  readonly text: string | undefined
}

const textOpcode = 1
const binaryOpcode = 2
/** Of a container, before the text of its batch: the text's length is the first number (WR-8). */
const containerHeadBytes = 8
const finBit = 0x80
const maskBit = 0x80
const maskBytes = 4

/** Takes the frames out of a stream of bytes, however it is cut. */
export class WebSocketFrames {
  #rest = Buffer.alloc(0)

  /** The frames that the bytes complete. */
  push(bytes: Buffer): WebSocketFrame[] {
    this.#rest = Buffer.concat([this.#rest, bytes])
    const frames: WebSocketFrame[] = []
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame)
    return frames
  }

  #next(): WebSocketFrame | undefined {
    const rest = this.#rest
    if (rest.length < 2) return undefined
    const [first, second] = rest as unknown as readonly [number, number]
    // 126 and 127 say that the length follows, in 2 or 8 bytes.
    const short = second & ~maskBit
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
    if (rest.length < 2 + lengthBytes) return undefined
    const length =
      lengthBytes === 8 ? Number(rest.readBigUInt64BE(2)) : lengthBytes === 2 ? rest.readUInt16BE(2) : short
    const maskAt = 2 + lengthBytes
    const isMasked = (second & maskBit) !== 0
    const dataAt = maskAt + (isMasked ? maskBytes : 0)
    if (rest.length < dataAt + length) return undefined
    const bytes = rest.subarray(0, dataAt + length)
    this.#rest = rest.subarray(dataAt + length)
    const isBinary = first === (finBit | binaryOpcode)
    if (!isBinary && first !== (finBit | textOpcode)) return { bytes, text: undefined }
    const data = Buffer.from(bytes.subarray(dataAt)) // a copy: what is passed on stays masked
    if (isMasked) for (let i = 0; i < length; i++) data[i]! ^= bytes[maskAt + (i % maskBytes)]!
    const batch = isBinary ? data.subarray(containerHeadBytes, containerHeadBytes + data.readUInt32BE(0)) : data
    return { bytes, text: batch.toString('utf8') }
  }
}
