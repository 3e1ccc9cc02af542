import { type Content, type EncodedPayload, frameOf, lengthOf } from '../codec/parts.ts'
import { type CreditFrame, frames, type ItemFrameOptions } from '../protocol/frames.ts'
import { callLength } from './inlet.ts'
import type { Session } from './session.ts'

/** Where items go: a session. */
type ItemSink = Pick<Session, 'send' | 'hasMuchRoom' | 'whenMuchRoom'>

/** The most items that are out and were not read: as each has its length kept. More than any reader lets come. */
export const maxUnreadItems = 4_096

/** The items of one call, as they are sent: no faster than the peer takes them, and than the network does (ST-2, ST-6). */
export class Outlet {
  readonly #id: number
  readonly #session: () => ItemSink
  #credit: number
  /** How long those may be together that the peer has not read. */
  #length = callLength
  #sent = 0
  /** How long each is that was sent and that the peer has not said that it has read, and all of them. */
  readonly #unread: number[] = []
  #unreadLength = 0
  #isStopped = false
  /** Why it was stopped, where there is a reason. */
  stopReason: unknown
  /** Whoever waits until one more may be sent. */
  #wake: (() => void) | undefined
  /** Runs when nothing more is to be sent, although there may be more. */
  onStop: () => void = () => {}

  /** `credit`: how many the peer takes at first. `session`: that of now. */
  constructor(id: number, session: () => ItemSink, credit: number) {
    this.#id = id
    this.#session = session
    this.#credit = credit
  }

  /** How many were sent. */
  get sent(): number {
    return this.#sent
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** The peer says how far it takes items. A lower number than before is no news. */
  grant([, , upTo, read, length]: CreditFrame): void {
    this.#credit = Math.max(this.#credit, upTo)
    const newlyRead = Math.max(0, read - this.#sent + this.#unread.length)
    for (const one of this.#unread.splice(0, newlyRead)) this.#unreadLength -= one
    this.#length = length
    this.#wakeUp()
  }

  /** Nobody takes more. */
  stop(reason?: unknown): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.stopReason = reason
    this.#wakeUp()
    this.onStop()
  }

  /** Whether one more may be sent: `true` at once, or a promise of when; `false` once it is stopped. */
  ready(): true | Promise<boolean> {
    return this.#mayGoOn ? true : this.#untilReady()
  }

  get #mayGoOn(): boolean {
    const mayBeSent =
      this.#sent < this.#credit && this.#unreadLength <= this.#length && this.#unread.length < maxUnreadItems
    return !this.#isStopped && mayBeSent && this.#session().hasMuchRoom
  }

  async #untilReady(): Promise<boolean> {
    while (!this.#isStopped && !this.#mayGoOn) {
      await new Promise<void>((resolve) => {
        const stop = this.#session().whenMuchRoom(() => this.#wakeUp())
        this.#wake = () => {
          stop()
          resolve()
        }
      })
    }
    return !this.#isStopped
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  /** The frame of an item. */
  frameOf(payload: EncodedPayload, options?: ItemFrameOptions): Content {
    return frameOf(`[${frames.item.kind},${this.#id},${options ? JSON.stringify(options) : '0'}`, payload)
  }

  /** To be called when it is ready. */
  send(frame: Content): void {
    const length = lengthOf(frame)
    this.#sent++
    this.#unread.push(length)
    this.#unreadLength += length
    this.#session().send(frame)
  }
}

/** What `pump` reads: items that come at once or later. */
export type ItemSource = AsyncIterable<unknown> | Iterable<unknown> | ReadableStream<unknown>

/** By its type alone: a page may have one of another frame. */
export const isReadableStream = (source: object): source is ReadableStream<unknown> => 'getReader' in source

export const isItemSource = (value: unknown): value is ItemSource =>
  typeof value === 'object' &&
  value !== null &&
  (Symbol.asyncIterator in value || Symbol.iterator in value || isReadableStream(value))

/**
 * The reader of a stream is asked for, as its own iterator would be cancelled only when it has given what was asked for.
 * `reasonOf`: why it is left, where it is.
 */
export function iteratorOf(items: ItemSource, reasonOf: () => unknown): AsyncIterator<unknown> | Iterator<unknown> {
  if (isReadableStream(items)) {
    const reader = items.getReader()
    return {
      next: () => reader.read() as Promise<IteratorResult<unknown>>,
      return: () => reader.cancel(reasonOf()) as Promise<never>,
    }
  }
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
}

/**
 * Sends all items of a source, each when it may be sent (`prepare` makes what sends it), and asks for no more before that: so a peer that does not read
 * stops the source. Where it is stopped, or an item fails, the source is told to end, so that its `finally` runs; that is
 * not waited for, and what it throws then goes to `onLateError`.
 * Resolves to whether it has come to its end.
 * @throws what the source, `prepare` or what it makes throws.
 */
export async function pump(
  items: ItemSource,
  outlet: Outlet,
  prepare: (item: unknown) => (() => void) | Promise<() => void>,
  onLateError: (error: unknown) => void,
): Promise<boolean> {
  const iterator = iteratorOf(items, () => outlet.stopReason)
  let isOver = false
  const end = () => {
    if (isOver) return
    isOver = true
    Promise.resolve()
      .then(() => iterator.return?.())
      .catch(onLateError)
  }
  outlet.onStop = end // it may be waiting for something that never comes
  try {
    for (;;) {
      let ready: true | Promise<boolean>
      while ((ready = outlet.ready()) !== true) if (!(await ready)) return false
      let step: IteratorResult<unknown>
      try {
        step = await iterator.next()
      } catch (error) {
        isOver = true // it has ended by itself
        throw error
      }
      if (step.done) {
        isOver = true
        return !outlet.isStopped
      }
      if (outlet.isStopped) return false
      const prepared = prepare(step.value)
      const send = typeof prepared === 'function' ? prepared : await prepared
      // Others may have used the room meanwhile. Between looking and sending nothing else runs.
      while ((ready = outlet.ready()) !== true) if (!(await ready)) return false
      send()
    }
  } finally {
    end()
  }
}
