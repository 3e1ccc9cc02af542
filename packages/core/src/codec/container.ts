// A container carries one batch over a stream of bytes: the length of the batch's UTF-8 text and the number of its parts,
// as two 32-bit numbers, highest byte first, then the text. Parts are bytes that belong to payloads; this version
// sends none and takes none (HT-3).

const headBytes = 8

/** One batch as a container. */
export function encodeContainer(batch: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(batch)
  const container = new Uint8Array(headBytes + text.length)
  new DataView(container.buffer).setUint32(0, text.length)
  container.set(text, headBytes)
  return container
}

/** Bytes that are no container, or one that is too large. */
export class ContainerError extends Error {
  /** Whether it is the size that is wrong. */
  readonly isTooLarge: boolean

  constructor(message: string, isTooLarge = false) {
    super(message)
    this.isTooLarge = isTooLarge
  }
}

/**
 * Takes the containers out of a stream of bytes, however it is cut. Keeps at most one unfinished container, in the
 * pieces that it came in: joined once, at its end, so that a byte costs the same in many pieces as in few.
 */
export class ContainerReader {
  readonly #maxBytes: number
  #pieces: Uint8Array[] = []
  #keptBytes = 0
  /** How long the text is, once its head has come. */
  #textBytes: number | undefined

  /** `maxBytes`: the largest batch. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether the stream may end here: not in the middle of a container. */
  get isAtBoundary(): boolean {
    return this.#keptBytes === 0 && this.#textBytes === undefined
  }

  /**
   * The batches that the bytes complete.
   * @throws ContainerError when they are none.
   */
  push(bytes: Uint8Array): string[] {
    const batches: string[] = []
    let rest = bytes
    for (;;) {
      const missing = (this.#textBytes ?? headBytes) - this.#keptBytes
      if (rest.length < missing) break
      const whole = this.#join(rest.subarray(0, missing))
      rest = rest.subarray(missing)
      if (this.#textBytes === undefined) this.#textBytes = this.#readHead(whole)
      else {
        this.#textBytes = undefined
        batches.push(decodeText(whole))
      }
    }
    if (rest.length > 0) this.#keep(rest)
    return batches
  }

  /** Its own bytes: what it was cut from may be large, or be used again. */
  #keep(rest: Uint8Array): void {
    const piece = new Uint8Array(rest.length)
    piece.set(rest) // not slice(), which of a Buffer copies nothing
    this.#pieces.push(piece)
    this.#keptBytes += rest.length
  }

  /** What was kept, and the last of it. */
  #join(last: Uint8Array): Uint8Array {
    if (this.#keptBytes === 0) return last
    const whole = new Uint8Array(this.#keptBytes + last.length)
    let at = 0
    for (const piece of [...this.#pieces, last]) {
      whole.set(piece, at)
      at += piece.length
    }
    this.#pieces = []
    this.#keptBytes = 0
    return whole
  }

  #readHead(head: Uint8Array): number {
    const numbers = new DataView(head.buffer, head.byteOffset, headBytes)
    const length = numbers.getUint32(0)
    if (length > this.#maxBytes) throw new ContainerError(`a batch of ${length} bytes, above ${this.#maxBytes}`, true)
    if (numbers.getUint32(4) !== 0) throw new ContainerError('parts are not taken yet')
    return length
  }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ContainerError('a batch that is not UTF-8')
  }
}
