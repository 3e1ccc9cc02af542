import { type ItemFrame } from '../protocol/frames.ts'
import { malformed, type ProtocolError } from '../protocol/protocol-error.ts'

export interface InletOptions {
  /** How many items the peer may send at first. */
  readonly credit: number
  /** Tells the peer up to which item it may send. `false`: nobody can be told at the moment. */
  readonly grant: (upTo: number) => boolean
  /** Reads an item, when it is its turn. What it throws ends the iteration. */
  readonly read: (frame: ItemFrame) => unknown
  /** How long an item is, or is likely to be: so many are let come. */
  readonly lengthOf: (frame: ItemFrame) => number
  /** So much more has come and was not read, or less. */
  readonly onUnread?: (length: number) => void
  /** Nobody reads any more, before the end. */
  readonly onLeave: () => void
}

/** As much as one reader keeps of what it has not read, in UTF-16 units of text and bytes of parts, where items are small. */
const targetLength = 1_048_576
const minWindow = 2
const maxWindow = 256

type Waiter = { readonly resolve: (step: IteratorResult<unknown>) => void; readonly reject: (error: unknown) => void }

/**
 * The items of one call, as they come: an iterator that gives each when it is asked for. What has come and was not read is
 * bounded by what the peer may send, which is told anew when half of it was read (ST-2): many small items, or few large
 * ones.
 */
export class Inlet implements AsyncIterator<unknown, undefined> {
  readonly #options: InletOptions
  #granted: number
  #window: number
  #received = 0
  #read = 0
  /** How many of what waits came of a call before this one: nobody counts them any more. */
  #stale = 0
  /** The longest that has come. */
  #longest = 0
  #items: { readonly frame: ItemFrame; readonly length: number }[] = []
  readonly #waiters: Waiter[] = []
  #end: { readonly error?: unknown } | undefined
  #isLeft = false

  constructor(options: InletOptions) {
    this.#options = options
    this.#granted = this.#window = options.credit
  }

  /** How many have come, of the call as it was last made. */
  get received(): number {
    return this.#received
  }

  /** How many have come and were not read. */
  get waiting(): number {
    return this.#items.length
  }

  /** An item has come. */
  push(frame: ItemFrame): ProtocolError | undefined {
    if (++this.#received > this.#granted)
      return malformed('ST-2', `item ${this.#received}, of ${this.#granted} allowed`)
    if (this.#end || this.#isLeft) return undefined
    const length = this.#options.lengthOf(frame)
    this.#longest = Math.max(this.#longest, length)
    const waiter = this.#waiters.shift()
    if (waiter) {
      this.#give(frame, waiter)
      return undefined
    }
    this.#items.push({ frame, length })
    this.#options.onUnread?.(length)
    return undefined
  }

  /** The call is made again: items are counted anew. Gives how many may come at first. */
  restart(): number {
    this.#window = Math.max(minWindow, this.#options.credit)
    this.#received = this.#read = 0
    this.#stale = this.#items.length
    return (this.#granted = Math.max(1, this.#window - this.#stale)) // so much less may come
  }

  /** No more will come: what has come is read first. */
  end(): void {
    this.#endWith({})
  }

  /** The same, for a reason that the reader is told. */
  fail(error: unknown): void {
    this.#endWith({ error })
  }

  /** Ends at once: what has come is not read any more. */
  abort(error: unknown): void {
    this.#forgetUnread()
    this.#endWith({ error })
  }

  #forgetUnread(): void {
    for (const { length } of this.#items) this.#options.onUnread?.(-length)
    this.#items = []
    this.#stale = 0
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject } as Waiter
      const item = this.#items.shift()
      if (item) {
        this.#options.onUnread?.(-item.length)
        return this.#give(item.frame, waiter)
      }
      if (this.#end || this.#isLeft) return this.#tellEnd(waiter)
      this.#waiters.push(waiter)
      this.#grantMore() // whoever waits has read all that there is
    })
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.#leave()
    return { done: true, value: undefined }
  }

  #give(frame: ItemFrame, { resolve, reject }: Waiter): void {
    if (this.#stale > 0) this.#stale--
    else this.#read++
    this.#grantMore()
    try {
      const value = this.#options.read(frame)
      if (value instanceof Promise)
        value.then(
          (read) => resolve({ done: false, value: read }),
          (error: unknown) => this.#stopAt(error, reject),
        )
      else resolve({ done: false, value })
    } catch (error) {
      this.#stopAt(error, reject)
    }
  }

  /** An item cannot be read: nothing behind it is. */
  #stopAt(error: unknown, reject: (error: unknown) => void): void {
    reject(error)
    this.#leave()
  }

  #leave(): void {
    if (this.#isLeft) return
    this.#isLeft = true
    const isOver = this.#end !== undefined
    this.#forgetUnread()
    this.#end ??= {}
    for (const waiter of this.#waiters.splice(0)) this.#tellEnd(waiter)
    if (!isOver) this.#options.onLeave()
  }

  #endWith(end: { readonly error?: unknown }): void {
    if (this.#end) return
    this.#end = end
    for (const waiter of this.#waiters.splice(0)) this.#tellEnd(waiter)
  }

  /** An error is told once; then it is over. */
  #tellEnd({ resolve, reject }: Waiter): void {
    const end = this.#end
    if (end && 'error' in end && !this.#isLeft) {
      this.#end = {}
      return reject(end.error)
    }
    resolve({ done: true, value: undefined })
  }

  #grantMore(): void {
    if (this.#end || this.#isLeft || this.#granted - this.#read > this.#window / 2) return
    // Nothing has come of what the call itself allowed: it may not have been sent yet, and credit must not go before it.
    if (this.#received === 0 && this.#granted > 0) return
    const fitting = Math.floor(targetLength / Math.max(1, this.#longest))
    const window = Math.max(minWindow, Math.min(fitting, this.#window * 2, maxWindow))
    const upTo = this.#read + window
    if (upTo <= this.#granted || !this.#options.grant(upTo)) return
    this.#window = window
    this.#granted = upTo
  }
}
