import { type Credit, targetLength } from '@typewire/core/internal'

/** Of all uploads of a session: so many times what is kept for its client. Enough for eight at full speed. */
export const maxUnreadBuffers = 4
/** To let less than this come ahead of its reader is not worth the place that is set aside for a large item. */
const minLength = 16_384

/**
 * What may wait to be read in all uploads of one session, and how it is shared (ST-3). An upload is promised room for what it
 * may send ahead of its reader, and for the item that goes beyond; so what clients that keep to their credit send always has
 * its place. Where there is no room left to promise, one item comes at a time, when its reader waits: it needs none.
 */
export class UploadRoom {
  readonly #bound: number
  readonly #maxItemLength: number
  #unread = 0
  #promised = 0

  constructor({
    maxBufferBytes,
    maxMessageBytes,
  }: {
    readonly maxBufferBytes: number
    readonly maxMessageBytes: number
  }) {
    this.#bound = maxUnreadBuffers * maxBufferBytes
    this.#maxItemLength = maxMessageBytes
  }

  /** What has come and was not read, in UTF-16 units of JSON and bytes of parts. */
  get unread(): number {
    return this.#unread
  }

  /** Items have come and were not read, or have been read. Says whether so much may wait. */
  onUnread(length: number): boolean {
    this.#unread += length
    return this.#unread <= this.#bound
  }

  /** One upload's part of it. */
  share(): UploadShare {
    let promised = 0
    const promise = (length: number) => {
      this.#promised += length - promised
      promised = length
    }
    return {
      take: ({ readLength, isAwaited }) => {
        // The sender may have gone as far as it was told last, but for what was read of it.
        const left = Math.max(0, promised - readLength)
        const free = this.#bound - (this.#promised - promised) - this.#maxItemLength
        // A quarter of what is free, so that those to come have some of it.
        const length = Math.min(targetLength, Math.floor(free / 4))
        const isAhead = length >= minLength
        if (!isAhead && !isAwaited) return undefined
        promise(isAhead ? Math.max(left, length + this.#maxItemLength) : left)
        return isAhead ? length : 0
      },
      leave: () => promise(0),
    }
  }
}

export interface UploadShare {
  /**
   * How long items may be together that come and wait: 0 for one at a time, to a reader that waits. `undefined`: no more than
   * it was told before.
   */
  readonly take: (credit: Pick<Credit, 'readLength' | 'isAwaited'>) => number | undefined
  /** Nothing of it waits, or will. */
  readonly leave: () => void
}
