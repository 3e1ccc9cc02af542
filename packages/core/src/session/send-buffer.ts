import { type Content, lengthOf, type Part } from '../codec/parts.ts'
import { frames } from '../protocol/frames.ts'
import type { OutgoingFrame } from './session.ts'

const noop: Content = { text: `[${frames.noop.kind}]` }

/** A frame without a number, and the number of the counted frame that it comes behind. */
interface Passing {
  readonly frame: Content
  readonly after: number
}

/**
 * The counted frames of one direction, from the first that is not acknowledged: written ones, then those that wait.
 * A frame's number is its place since the session began, the first being 1. Between those that wait, for no longer than
 * the turn, stand volatile frames, which have none.
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
  /** What the connection of now was given of it. */
  #inFlight = 0
  readonly #maxInFlight: number
  /** The numbers of the frames with a key that were never written. Made for the first. */
  #byKey: Map<string, number> | undefined
  #passing: Passing[] = []
  #passingLength = 0

  /** `maxInFlight`: with so much given to the connection and not acknowledged, frames with a key wait (DL-5). */
  constructor(maxInFlight: number = Number.POSITIVE_INFINITY) {
    this.#maxInFlight = maxInFlight
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  get written(): number {
    return this.#written
  }

  /** The number of the last frame. */
  get last(): number {
    return this.#acknowledged + this.#frames.length
  }

  /** What is kept, in UTF-16 units of text and bytes of parts. */
  get length(): number {
    return this.#length
  }

  /** How many frames are kept. */
  get size(): number {
    return this.#frames.length
  }

  /** How many frames with a number the connection of now was not given. */
  get unwritten(): number {
    return this.last - this.#position
  }

  /** Whether anything waits, with a number or without one. */
  get hasUnwritten(): boolean {
    return this.unwritten > 0 || this.#passing.length > 0
  }

  /** Whether a frame with a key waits that was never written. */
  get hasKeys(): boolean {
    return (this.#byKey?.size ?? 0) > 0
  }

  /** Queues a frame and returns its number: a new one, or that of the waiting frame of the same key, whose place it takes. */
  push(frame: OutgoingFrame): number {
    const { key } = frame
    const waiting = key === undefined ? undefined : this.#byKey?.get(key)
    if (waiting !== undefined) {
      this.#replace(waiting, frame)
      return waiting
    }
    this.#length += lengthOf(frame)
    this.#frames.push(frame)
    if (key !== undefined) (this.#byKey ??= new Map()).set(key, this.last)
    return this.last
  }

  /** Queues a frame without a number behind all that is there, unless more than `maxLength` of such would wait. */
  pass(frame: Content, maxLength: number): boolean {
    const length = this.#passingLength + lengthOf(frame)
    if (this.#passing.length > 0 && length > maxLength) return false
    this.#passingLength = length
    this.#passing.push({ frame, after: this.last })
    return true
  }

  /** Forgets the frames without a number, and tells how many there were. */
  dropPassing(): number {
    const { length } = this.#passing
    if (length > 0) this.#passing = []
    this.#passingLength = 0
    return length
  }

  /**
   * Moves the texts that the connection is to be given next behind those in `texts`, for a message of up to `length` in
   * all, but one at least. One with parts is moved where it is alone: gives its parts (WR-9).
   */
  take(texts: string[], length: number): readonly Part[] | undefined {
    // A frame and what parts it from the next; one more for the message, which has brackets around and no last comma.
    let taken = 1
    for (const { length: before } of texts) taken += before + 1
    for (let next = this.#next(); next; next = this.#next()) {
      const { text, textNow, parts } = next
      taken += text.length + 1 // at most
      if ((parts || taken > length) && texts.length > 0) break
      texts.push(textNow ? textNow() : text)
      this.#advance(next)
      if (parts) return parts
    }
    return undefined
  }

  /**
   * What the connection is given next, if anything may be. The peer may acknowledge here what it received on the one
   * before, after it had said where this one begins: then the frame is let go, but its number must be taken (SQ-5).
   */
  #next(): OutgoingFrame | undefined {
    const [passing] = this.#passing
    if (passing && passing.after <= this.#position) return passing.frame
    const index = this.#position - this.#acknowledged
    if (index < 0) return noop
    const frame = this.#frames[index]
    return frame?.key !== undefined && this.#inFlight >= this.#maxInFlight ? undefined : frame
  }

  #advance(given: OutgoingFrame): void {
    if (this.#passing[0]?.frame === given) {
      this.#passing.shift()
      this.#passingLength -= lengthOf(given)
      return
    }
    if (++this.#position > this.#acknowledged) this.#inFlight += lengthOf(given)
    if (this.#position <= this.#written) return
    this.#written = this.#position
    this.#forgetKey(given, this.#position) // from here on it is as reliable as any
  }

  /** Lets go of the frames up to this number. A number that was acknowledged before is no news. */
  acknowledge(number: number): void {
    if (number <= this.#acknowledged) return
    for (const [index, frame] of this.#frames.splice(0, number - this.#acknowledged).entries()) {
      this.#length -= lengthOf(frame)
      if (this.#acknowledged + index < this.#position) this.#inFlight -= lengthOf(frame)
    }
    this.#acknowledged = number
  }

  /** A new connection begins after what the peer has received, of what was written. */
  rewind(received: number): void {
    this.acknowledge(Math.min(received, this.#written))
    this.#position = this.#acknowledged
    this.#inFlight = 0
  }

  /** Puts a no-op in the place of a frame that is kept, under the same number. */
  withdraw(number: number): void {
    this.#replace(number, noop)
  }

  #replace(number: number, frame: OutgoingFrame): void {
    const index = number - this.#acknowledged - 1
    const old = this.#frames[index]
    if (!old) return
    const longer = lengthOf(frame) - lengthOf(old)
    this.#length += longer
    if (number <= this.#position) this.#inFlight += longer
    this.#frames[index] = frame
    if (frame.key !== old.key) this.#forgetKey(old, number)
  }

  #forgetKey({ key }: OutgoingFrame, number: number): void {
    if (key !== undefined && this.#byKey?.get(key) === number) this.#byKey.delete(key)
  }

  isWaiting(key: string): boolean {
    return this.#byKey?.has(key) ?? false
  }

  /** Frames that wait with keys of this beginning keep their places: the next of the same key is another. */
  settleKeys(beginning: string): void {
    for (const key of this.#byKey?.keys() ?? []) if (key.startsWith(beginning)) this.#byKey!.delete(key)
  }

  /** The frames with a number above this one. */
  after(number: number): readonly OutgoingFrame[] {
    return this.#frames.slice(Math.max(0, number - this.#acknowledged))
  }
}
