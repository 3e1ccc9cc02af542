import type { HistoryEntry, HistoryPage, MaybePromise, Position, Publication } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'
import { lengthOfPublication } from '../delivery.ts'

interface Waiting {
  readonly publication: Publication
  /** Of a command there is none. */
  readonly position: Position | undefined
}

type Placed = Waiting & { readonly position: Position }

export interface FeedEvents {
  /** The next publication. One without a position is a command. */
  readonly onNext: (publication: Publication, position?: Position) => void
  /** One that is not passed on: members have had it, or are told that it is missed. */
  readonly onDropped: (publication: Publication) => void
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
  #waiting: Waiting[] = []
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
    this.#wait({ publication, position })
  }

  /** A command has no position, and takes effect behind what was published before it. */
  takeCommand(publication: Publication): void {
    // While it opens there are no members that could have missed anything.
    const isItsTurn = this.#state === 'opening' || (this.#state === 'live' && this.#waiting.length === 0)
    if (isItsTurn) this.#events.onNext(publication)
    else this.#wait({ publication, position: undefined })
  }

  /** Nobody is here any more to hear what waits. */
  close(): void {
    while (this.#waiting.length > 0) this.#events.onDropped(this.#takeWaiting().publication)
  }

  #wait(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#waitingLength += lengthOfPublication(waiting.publication)
    while (this.#waitingLength > this.#maxLength && this.#waiting.length > 1) this.#letGo(this.#takeWaiting())
    if (this.#state === 'live') this.#passOn()
  }

  /** Too much waits. */
  #letGo({ publication, position }: Waiting): void {
    if (!position) return this.#events.onNext(publication) // too early, but a command is in no history
    // Missing when its turn comes, and read then; unless the room begins behind it.
    this.#hasDropped = true
    if (this.#state === 'opening') this.#events.onDropped(publication)
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
      if (!position) {
        this.#takeWaiting()
        this.#events.onNext(publication)
      } else if (this.#isNext(position)) {
        this.#takeWaiting()
        this.#advance(publication, position)
      } else if (position.epoch === epoch ? position.offset <= offset : position.epoch === this.#pastEpoch) {
        this.#takeWaiting()
        this.#events.onDropped(publication)
      } else this.#read()
    }
  }

  #takeWaiting(): Waiting {
    const first = this.#waiting.shift()!
    this.#waitingLength -= lengthOfPublication(first.publication)
    return first
  }

  /** The first that has a position. */
  get #firstPlaced(): Placed | undefined {
    return this.#waiting.find((waiting): waiting is Placed => waiting.position !== undefined)
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
      for (const { publication } of page.publications) this.#events.onDropped(publication)
    }
    const first = this.#firstPlaced
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
    const first = this.#firstPlaced
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
