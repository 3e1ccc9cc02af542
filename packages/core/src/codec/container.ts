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

/** Takes the containers out of a stream of bytes, however it is cut. Keeps at most one unfinished container. */
export class ContainerReader {
  readonly #maxBytes: number
  #rest: Uint8Array = new Uint8Array(0)

  /** `maxBytes`: the largest batch. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether the stream may end here: not in the middle of a container. */
  get isAtBoundary(): boolean {
    return this.#rest.length === 0
  }

  /**
   * The batches that the bytes complete.
   * @throws ContainerError when they are none.
   */
  push(bytes: Uint8Array): string[] {
    let rest = concat(this.#rest, bytes)
    const batches: string[] = []
    while (rest.length >= headBytes) {
      const head = new DataView(rest.buffer, rest.byteOffset, headBytes)
      const length = head.getUint32(0)
      if (length > this.#maxBytes) throw new ContainerError(`a batch of ${length} bytes, above ${this.#maxBytes}`, true)
      if (head.getUint32(4) !== 0) throw new ContainerError('parts are not taken yet')
      if (rest.length < headBytes + length) break
      batches.push(decodeText(rest.subarray(headBytes, headBytes + length)))
      rest = rest.subarray(headBytes + length)
    }
    this.#rest = rest.slice() // its own bytes: the chunk that it was cut from may be large
    return batches
  }
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ContainerError('a batch that is not UTF-8')
  }
}
