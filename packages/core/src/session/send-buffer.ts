import { frames } from '../protocol/frames.ts'
import type { OutgoingFrame } from './session.ts'

/** The text of a frame that only takes a number. */
export const noop = `[${frames.noop.kind}]`

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

  /** What is kept, in UTF-16 units of text. */
  get length(): number {
    return this.#length
  }

  get hasUnwritten(): boolean {
    return this.#position < this.#acknowledged + this.#frames.length
  }

  push(frame: OutgoingFrame): number {
    this.#length += frame.text.length
    return this.#acknowledged + this.#frames.push(frame)
  }

  /** Moves the texts that the connection is to be given next behind those in `texts`, up to `length` in all, but one at least. */
  take(texts: string[], length: number): void {
    const { length: before } = texts
    let taken = texts.reduce((sum, text) => sum + text.length + 1, 0)
    // Below 0: acknowledged before this connection was given it, by what the peer had of the one before. Numbers are
    // implicit, so something must take the place.
    for (let i = this.#position - this.#acknowledged; i < this.#frames.length; i++) {
      const text = i < 0 ? noop : this.#frames[i]!.text
      taken += text.length + 1
      if (taken > length && texts.length > 0) break
      texts.push(text)
    }
    this.#position += texts.length - before
    this.#written = Math.max(this.#written, this.#position)
  }

  /** Lets go of the frames up to this number. A number that was acknowledged before is no news. */
  acknowledge(number: number): void {
    if (number <= this.#acknowledged) return
    for (const { text } of this.#frames.splice(0, number - this.#acknowledged)) this.#length -= text.length
    this.#acknowledged = number
  }

  /** A new connection begins after what the peer has received. */
  rewind(received: number): void {
    this.acknowledge(received)
    this.#position = this.#acknowledged
  }

  /** Puts another frame in the place of one that is kept, under the same number. */
  replace(number: number, frame: OutgoingFrame): void {
    const index = number - this.#acknowledged - 1
    const old = this.#frames[index]
    if (!old) return
    this.#length += frame.text.length - old.text.length
    this.#frames[index] = frame
  }

  /** The frames with a number above this one. */
  after(number: number): readonly OutgoingFrame[] {
    return this.#frames.slice(Math.max(0, number - this.#acknowledged))
  }
}
