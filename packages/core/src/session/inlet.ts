import { receivedLength } from '../codec/parts.ts'
import { type ItemFrame } from '../protocol/frames.ts'
import { malformed, type ProtocolError } from '../protocol/protocol-error.ts'

/** How far the peer may go, as the reader would have it. */
export interface Credit {
  /** Up to which item. */
  readonly upTo: number
  /** How many were read. */
  readonly read: number
  /** How long those are together that were read since it was last told. */
  readonly readLength: number
  /** Whether a reader waits, who gets the next item at once: it does not wait to be read. */
  readonly isAwaited: boolean
}

export interface InletOptions {
  /** How many items the peer may send at first. */
  readonly credit: number
  /**
   * Tells the peer how far it may go, and gives how long those that were not read may be together. `undefined`: it was not
   * told, as nobody can be at the moment, or nothing more may come.
   */
  readonly grant: (credit: Credit) => number | undefined
  /** Reads an item, when it is its turn. What it throws ends the iteration. */
  readonly read: (frame: ItemFrame) => unknown
  /** So much more has come and was not read, or less: a length. */
  readonly onUnread?: (length: number) => void
  /** Nobody reads any more, before the end. */
  readonly onLeave: () => void
  /** Nothing is kept any more, nor will be. May be told more than once. */
  readonly onForgotten?: () => void
}

/** What a call lets come by its option `credit`: so many items as it says, so long together (ST-1). */
export const callLength = 262_144
/**
 * As much as one reader lets wait and be on its way, in UTF-16 units of text and bytes of parts; the last item may be longer.
 * 1 Mi: as much as the sender keeps for its peer before it waits (ST-6).
 */
export const targetLength = 1_048_576
/** While items of an upload are read, the client hears of it at least so often, in milliseconds (ST-7). */
export const creditEveryMs = 1_000
const minWindow = 2
const maxWindow = 256

type Item = { readonly frame: ItemFrame; readonly length: number }
type Waiter = { readonly resolve: (step: IteratorResult<unknown>) => void; readonly reject: (error: unknown) => void }

/**
 * The items of one call, as they come: an iterator that gives each when it is asked for. What has come and was not read is
 * bounded by what the peer may send, in items and in length, which is told anew when half of it was read (ST-2).
 */
export class Inlet implements AsyncIterator<unknown, undefined> {
  readonly #options: InletOptions
  #granted: number
  #window: number
  #received = 0
  #read = 0
  /** What was told last: how many were read, and how long those behind may be. */
  #told = 0
  #length = callLength
  /** How long those are that were read since. */
  #readLength = 0
  /** How many of what waits came of a call before this one: nobody counts them any more. */
  #stale = 0
  #items: Item[] = []
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
    const length = receivedLength(frame)
    const waiter = this.#waiters.shift()
    if (waiter) {
      this.#give({ frame, length }, waiter)
      return undefined
    }
    this.#items.push({ frame, length })
    this.#options.onUnread?.(length)
    return undefined
  }

  /** The call is made again: items are counted anew. Gives how many may come at first. */
  restart(): number {
    this.#window = Math.max(minWindow, this.#options.credit)
    this.#received = this.#read = this.#told = this.#readLength = 0
    this.#length = callLength
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
    this.#options.onForgotten?.()
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject } as Waiter
      const item = this.#items.shift()
      if (item) {
        this.#options.onUnread?.(-item.length)
        return this.#give(item, waiter)
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

  #give({ frame, length }: Item, { resolve, reject }: Waiter): void {
    if (this.#stale > 0) this.#stale--
    else {
      this.#read++
      this.#readLength += length
    }
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
    this.#options.onForgotten?.() // all that came was read
    const end = this.#end
    if (end && 'error' in end && !this.#isLeft) {
      this.#end = {}
      return reject(end.error)
    }
    resolve({ done: true, value: undefined })
  }

  /**
   * Whether the peer is to be told: half was read, of the items or of the length; or whoever waits has had some of the
   * length, as the peer may measure more.
   */
  get #isDue(): boolean {
    // Of what the call itself allowed nothing was read: it may not have been sent yet, and credit must not go before it.
    if (this.#read === this.#told && this.#granted > 0) return false
    const share = this.#waiters.length > 0 ? 16 : 2
    return this.#granted - this.#read <= this.#window / 2 || this.#readLength * share >= this.#length
  }

  #grantMore(): void {
    if (this.#end || this.#isLeft || !this.#isDue) return
    const window = Math.max(minWindow, Math.min(this.#window * 2, maxWindow))
    const [read, readLength] = [this.#read, this.#readLength]
    const upTo = Math.max(this.#granted, read + window)
    const length = this.#options.grant({ upTo, read, readLength, isAwaited: this.#waiters.length > 0 })
    if (length === undefined) return
    this.#window = window
    this.#granted = upTo
    this.#told = read
    this.#length = length
    this.#readLength = 0
  }
}
