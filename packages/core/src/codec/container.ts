// A container carries one batch and its parts as bytes: the length of the batch's UTF-8 text and the number of parts, then
// the text, then the length of each part, then the parts. Numbers have 32 bits, the highest byte first (WR-8).

import { bytesOf, maxParts, type Part } from './parts.ts'

const headBytes = 8
const lengthBytes = 4

/** A batch, and the parts of its one frame, where it has any. */
export interface Container {
  readonly batch: string
  readonly parts?: readonly Part[] | undefined
}

/** What a container has beside the text of its batch. */
export function bytesBesideText(parts: readonly { readonly length: number }[]): number {
  return headBytes + lengthBytes * parts.length + bytesOf(parts)
}

/** One batch as a container. */
export function encodeContainer(batch: string, parts: readonly Uint8Array[] = []): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(batch)
  const container = new Uint8Array(text.length + bytesBesideText(parts))
  const numbers = new DataView(container.buffer)
  numbers.setUint32(0, text.length)
  numbers.setUint32(4, parts.length)
  container.set(text, headBytes)
  let at = headBytes + text.length
  for (const { length } of parts) {
    numbers.setUint32(at, length)
    at += lengthBytes
  }
  for (const part of parts) {
    container.set(part, at)
    at += part.length
  }
  return container
}

/**
 * The container that these bytes are, all of them.
 * @throws ContainerError when they are not one.
 */
export function decodeContainer(bytes: Uint8Array): Container {
  const reader = new ContainerReader(bytes.length)
  const [container, ...more] = reader.push(bytes)
  if (!container || more.length > 0 || !reader.isAtBoundary) throw new ContainerError('not one container')
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

/** Reads what has come whole. Gives the container that ends with it, if one does. */
type Read = (bytes: Uint8Array) => Container | undefined

/**
 * Takes the containers out of a stream of bytes, however it is cut. Keeps at most one unfinished container, in the
 * pieces that it came in: joined once, at the end, so that a byte costs the same in many pieces as in few.
 */
export class ContainerReader {
  readonly #maxBytes: number
  #pieces: Uint8Array[] = []
  #keptBytes = 0
  /** How many bytes make what is read next, and how it is read. */
  #expectedBytes = headBytes
  #read: Read = (head) => this.#readHead(head)
  #isInside = false

  /** `maxBytes`: the largest text of a batch, or container with parts (WR-6). */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether the stream may end here: not in the middle of a container. */
  get isAtBoundary(): boolean {
    return this.#keptBytes === 0 && !this.#isInside
  }

  /**
   * The containers that the bytes complete.
   * @throws ContainerError when they are none.
   */
  push(bytes: Uint8Array): Container[] {
    const containers: Container[] = []
    let rest = bytes
    for (;;) {
      const missing = this.#expectedBytes - this.#keptBytes
      if (rest.length < missing) break
      const whole = this.#join(rest.subarray(0, missing))
      rest = rest.subarray(missing)
      const container = this.#read(whole)
      if (container) containers.push(container)
    }
    if (rest.length > 0) this.#keep(rest)
    return containers
  }

  /** Its own bytes: what it was cut from may be large, or be used again. */
  #keep(rest: Uint8Array): void {
    this.#pieces.push(copyOf(rest))
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

  #expect(bytes: number, read: Read, isInside = true): void {
    this.#expectedBytes = bytes
    this.#read = read
    this.#isInside = isInside
  }

  #finish(container: Container): Container {
    this.#expect(headBytes, (head) => this.#readHead(head), false)
    return container
  }

  #readHead(head: Uint8Array): undefined {
    const [textBytes, count] = numbersIn(head) as [number, number]
    if (count > maxParts) throw new ContainerError(`${count} parts, above ${maxParts}`)
    const knownBytes = textBytes + (count === 0 ? 0 : headBytes + lengthBytes * count)
    this.#assertTaken(knownBytes)
    this.#expect(textBytes + lengthBytes * count, (body) => {
      const batch = decodeText(body.subarray(0, textBytes))
      if (count === 0) return this.#finish({ batch })
      const lengths = numbersIn(body.subarray(textBytes))
      const partsBytes = lengths.reduce((sum, length) => sum + length, 0)
      this.#assertTaken(knownBytes + partsBytes)
      this.#expect(partsBytes, (bytes) => this.#finish({ batch, parts: cut(bytes, lengths) }))
      return undefined
    })
  }

  #assertTaken(bytes: number): void {
    if (bytes > this.#maxBytes) throw new ContainerError(`a batch of ${bytes} bytes, above ${this.#maxBytes}`, true)
  }
}

function numbersIn(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.length / lengthBytes }, (_, index) => view.getUint32(index * lengthBytes))
}

/**
 * Copies, not views: a part that somebody keeps must not keep the whole chunk of the network that it came in, and its
 * `buffer`, which a handler may pass on, must not show what else was in there.
 */
function cut(bytes: Uint8Array, lengths: readonly number[]): Part[] {
  let at = 0
  return lengths.map((length) => copyOf(bytes.subarray(at, (at += length))))
}

/** Not slice(), which of a Buffer copies nothing. */
function copyOf(bytes: Uint8Array): Part {
  const copy = new Uint8Array(bytes.length)
  copy.set(bytes)
  return copy
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new ContainerError('a batch that is not UTF-8')
  }
}
