import { type Content, lengthOf, type Part } from '../codec/parts.ts'
import { frames } from '../protocol/frames.ts'
import type { OutgoingFrame } from './session.ts'

const noop: Content = { text: `[${frames.noop.kind}]` }

/**
 * The counted frames of one direction, from the first that is not acknowledged: written ones, then those that wait.
 * A frame's number is its place since the session began, the first being 1.
 */
export class SendBuffer {
  #frames: OutgoingFrame[] = []
  /** The number of the frame before the first in `#frames`. */
  #acknowledged = 0
  /** The number of the last frame that was ever written. */
  #written = 0
  /** The number of the last frame that the connection of now was given. */
  #position = 0
  #length = 0

  get acknowledged(): number {
    return this.#acknowledged
  }

  get written(): number {
    return this.#written
  }

  /** What is kept, in UTF-16 units of text and bytes of parts. */
  get length(): number {
    return this.#length
  }

  get hasUnwritten(): boolean {
    return this.#position < this.#acknowledged + this.#frames.length
  }

  push(frame: OutgoingFrame): number {
    this.#length += lengthOf(frame)
    return this.#acknowledged + this.#frames.push(frame)
  }

  /**
   * Moves the texts that the connection is to be given next behind those in `texts`, for a message of up to `length` in
   * all, but one at least. One with parts is moved where it is alone: gives its parts (WR-9).
   */
  take(texts: string[], length: number): readonly Part[] | undefined {
    // A frame and what parts it from the next; one more for the message, which has brackets around and no last comma.
    let taken = texts.reduce((sum, text) => sum + text.length + 1, 1)
    while (this.hasUnwritten) {
      const { text, parts } = this.#next()
      taken += text.length + 1
      if ((parts || taken > length) && texts.length > 0) break
      texts.push(text)
      this.#written = Math.max(this.#written, ++this.#position)
      if (parts) return parts
    }
    return undefined
  }

  /**
   * What takes the next number on this connection. The peer may acknowledge here what it received on the one before,
   * after it had said where this one begins: then the frame is let go, but its number must be taken (SQ-5).
   */
  #next(): Content {
    const index = this.#position - this.#acknowledged
    return index < 0 ? noop : this.#frames[index]!
  }

  /** Lets go of the frames up to this number. A number that was acknowledged before is no news. */
  acknowledge(number: number): void {
    if (number <= this.#acknowledged) return
    for (const frame of this.#frames.splice(0, number - this.#acknowledged)) this.#length -= lengthOf(frame)
    this.#acknowledged = number
  }

  /** A new connection begins after what the peer has received, of what was written. */
  rewind(received: number): void {
    this.acknowledge(Math.min(received, this.#written))
    this.#position = this.#acknowledged
  }

  /** Puts a no-op in the place of a frame that is kept, under the same number. */
  withdraw(number: number): void {
    const index = number - this.#acknowledged - 1
    const old = this.#frames[index]
    if (!old) return
    this.#length += lengthOf(noop) - lengthOf(old)
    this.#frames[index] = noop
  }

  /** The frames with a number above this one. */
  after(number: number): readonly OutgoingFrame[] {
    return this.#frames.slice(Math.max(0, number - this.#acknowledged))
  }
}
