import type { HistoryEntry, HistoryPage, MaybePromise, Position, Publication } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import { lengthOfPublication } from '../delivery.ts'

interface Placed {
  readonly publication: Publication
  readonly position: Position
}

export interface FeedEvents {
  /** The next publication. */
  readonly onNext: (publication: Publication, position: Position) => void
  /** Some were missed for good: what follows goes on from this position. */
  readonly onMissed: (position: Position) => void
  /** Reads all that there is behind a position. */
  readonly readSince: (position: Position) => MaybePromise<HistoryPage>
  /** Gets what a read failed with. */
  readonly onError: (error: unknown) => void
}

/**
 * A room's publications as the broker tells them, made whole: each once, in order, and what the broker has not told is
 * read from the history.
 *
 * `opening`: the position is not known, publications wait. `live`: each is passed on as it comes. `reading`: one was
 * missed; those that come wait until what lies between has been read.
 */
export class Feed {
  readonly #events: FeedEvents
  readonly #maxLength: number
  #state: 'opening' | 'live' | 'reading' = 'opening'
  #position: Position = { epoch: '', offset: 0 }
  /** An epoch of which the history has said that it is over: what still comes of it, members were told that it is missed. */
  #pastEpoch: string | undefined
  #waiting: Placed[] = []
  #waitingLength = 0
  /** Something that waited was dropped since the last read began. */
  #hasDropped = false
  /** What was passed on lately, while somebody reads the history to join behind it. */
  #kept: HistoryEntry[] = []
  #keptLength = 0
  #keepers = 0

  /** `maxLength`: the bound of what waits, and of what is kept, in UTF-16 units. */
  constructor(maxLength: number, events: FeedEvents) {
    this.#maxLength = maxLength
    this.#events = events
  }

  /** Where the room stands at its members here. To be asked for once it has opened. */
  get position(): Position {
    return this.#position
  }

  /** What was passed on since the first of those who `keep` has begun to, without a hole, up to the position. */
  get kept(): readonly HistoryEntry[] {
    return this.#kept
  }

  /** From here on what is passed on is kept too, until the function that it returns is called. */
  keep(): () => void {
    this.#keepers++
    return () => {
      if (--this.#keepers === 0) this.#forgetKept()
    }
  }

  /** The broker tells publications from here on: begins behind what it had before. */
  open({ epoch, offset }: Position): void {
    this.#position = { epoch, offset }
    this.#state = 'live'
    this.#passOn()
  }

  take(publication: Publication, position: Position): void {
    if (this.#state === 'live' && this.#isNext(position)) return this.#advance(publication, position)
    this.#waiting.push({ publication, position })
    this.#waitingLength += lengthOfPublication(publication)
    // What is dropped here is missing when its turn comes, and is read then.
    while (this.#waitingLength > this.#maxLength && this.#waiting.length > 1) {
      this.#takeWaiting()
      this.#hasDropped = true
    }
    if (this.#state === 'live') this.#passOn()
  }

  #isNext({ epoch, offset }: Position): boolean {
    return epoch === this.#position.epoch && offset === this.#position.offset + 1
  }

  #advance(publication: Publication, position: Position): void {
    this.#position = position
    if (this.#keepers > 0) this.#keep({ offset: position.offset, publication })
    this.#events.onNext(publication, position)
  }

  #passOn(): void {
    while (this.#state === 'live' && this.#waiting.length > 0) {
      const { position, publication } = this.#waiting[0]!
      const { epoch, offset } = this.#position
      if (this.#isNext(position)) {
        this.#takeWaiting()
        this.#advance(publication, position)
      } else if (position.epoch === epoch ? position.offset <= offset : position.epoch === this.#pastEpoch) {
        this.#takeWaiting()
      } else this.#read()
    }
  }

  #takeWaiting(): void {
    this.#waitingLength -= lengthOfPublication(this.#waiting.shift()!.publication)
  }

  #read(): void {
    this.#state = 'reading'
    this.#hasDropped = false
    try {
      const page = this.#events.readSince(this.#position)
      if (!isPromiseLike(page)) return this.#catchUp(page)
      Promise.resolve(page)
        .then((read) => this.#catchUp(read))
        .catch((error: unknown) => this.#giveUp(error))
        .finally(() => this.#passOn())
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #catchUp(page: HistoryPage): void {
    this.#state = 'live'
    if (isWhole(page, this.#position)) {
      for (const { offset, publication } of page.publications) {
        this.#advance(publication, { epoch: page.epoch, offset })
      }
    } else {
      if (page.epoch !== this.#position.epoch) this.#pastEpoch = this.#position.epoch
      this.#miss({ epoch: page.epoch, offset: page.offset })
    }
    const [first] = this.#waiting
    if (!first || this.#hasDropped) return
    const { epoch, offset } = first.position
    // It was there before the history was read, which would be of its epoch if that were not over.
    if (epoch !== page.epoch) this.#pastEpoch = epoch
    // The history knows less than was told already: that may not hold up what comes.
    else if (offset > this.#position.offset + 1) this.#missUpTo(first)
  }

  #giveUp(error: unknown): void {
    this.#state = 'live'
    this.#events.onError(error)
    const [first] = this.#waiting
    if (first) this.#missUpTo(first)
  }

  #missUpTo({ position: { epoch, offset } }: Placed): void {
    this.#miss({ epoch, offset: offset - 1 })
  }

  #miss(position: Position): void {
    this.#position = position
    this.#forgetKept()
    this.#events.onMissed(position)
  }

  #keep(entry: HistoryEntry): void {
    this.#kept.push(entry)
    this.#keptLength += lengthOfPublication(entry.publication)
    if (this.#keptLength > this.#maxLength) this.#forgetKept()
  }

  #forgetKept(): void {
    this.#kept = []
    this.#keptLength = 0
  }
}

/** Whether a page holds all that came behind a position. */
export function isWhole({ epoch, offset, publications }: HistoryPage, since: Position): boolean {
  if (epoch !== since.epoch || offset < since.offset || publications.length !== offset - since.offset) return false
  return publications.every((entry, index) => entry.offset === since.offset + 1 + index)
}
