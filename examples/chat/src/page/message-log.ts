import { isTypewireError } from '@typewire/client'
import type { Position, RoomHandle } from '@typewire/core'
import type { Chat, Message } from '../contract.ts'
import { limits } from '../limits.ts'

type Handle = RoomHandle<'chat', Chat>

/** Where what nobody has seen yet began, and how much it was. */
export interface News {
  readonly firstId: string
  readonly count: number
}

export interface MessageLogEvents {
  readonly onChange: () => void
  readonly isYours: (message: Message) => boolean
}

/** What was said in a room, as far as this page has it, the oldest first; and what of that is new to who looks. */
export class MessageLog {
  messages: readonly Message[] = []
  unread = 0
  /** Stays when it is read, so that one finds where to read on: until one says something, or goes. */
  news: News | undefined
  /** Something that was said before these messages is not to be had any more, or not at once. */
  isMissing = false
  /** Older ones are on their way. */
  isLoading = false
  /** Why they did not come. */
  failure = ''
  readonly #events: MessageLogEvents
  /** Where what is here begins: what is read goes before it. Another object when all that is here is. */
  #start: { readonly before?: Position | undefined } = {}
  #hasMore = true

  constructor(events: MessageLogEvents) {
    this.#events = events
  }

  /** Whether the room may have older ones. Who comes in has the last ones only. */
  get hasEarlier(): boolean {
    return this.#hasMore && this.messages.length >= limits.messagesAtOnce
  }

  hear(message: Message, isSeen: boolean): void {
    this.messages = [...this.messages, message].slice(-limits.messagesPerRoom)
    if (this.#events.isYours(message)) this.news = undefined
    else if (!isSeen) this.#count(message)
    this.#events.onChange()
  }

  #count({ id }: Message): void {
    if (this.unread === 0) this.news = undefined // what was marked before is read
    this.unread++
    this.news = { firstId: this.news?.firstId ?? id, count: (this.news?.count ?? 0) + 1 }
  }

  /** Nothing is here but what is heard from now on, which begins in the room's history behind `before`. */
  begin(before?: Position): void {
    this.messages = []
    this.news = undefined
    this.unread = 0
    this.isMissing = false
    this.#start = { before }
    this.#hasMore = true
  }

  /** Reads what came before the messages that are here. */
  async loadEarlier(handle: Handle): Promise<void> {
    if (this.isLoading) return
    this.#setLoading(true, '')
    try {
      await this.#read(handle)
      this.#setLoading(false, '')
    } catch (error) {
      this.#setLoading(false, messageOf(error))
    }
  }

  /** Once something is missed: what is here goes, and the last messages come before what is heard from now on. */
  async loadAnew(handle: Handle, before?: Position): Promise<void> {
    const known = new Set(this.messages.map(({ id }) => id))
    this.begin(before)
    this.isMissing = true
    this.#events.onChange()
    const read = await this.#read(handle)
    for (const message of read) if (!known.has(message.id) && !this.#events.isYours(message)) this.#count(message)
    this.#events.onChange()
  }

  /** Reads a page before what is here. A session that is lost meanwhile is no failure: the next one is asked. */
  async #read(handle: Handle): Promise<readonly Message[]> {
    const start = this.#start
    for (;;) {
      try {
        const { events, before, hasMore } = await handle.history({ ...start, limit: limits.messagesAtOnce })
        if (this.#start !== start) return [] // what is here is other by now
        this.#start = { before }
        this.#hasMore = hasMore
        // Of the room's events its history keeps the messages alone.
        const read = events.flatMap((event) => (event.name === 'message' ? [event.payload] : []))
        this.messages = [...read, ...this.messages]
        return read
      } catch (error) {
        if (this.#start !== start) return []
        if (!isTypewireError(error) || error.code !== 'SESSION_LOST') throw error
      }
    }
  }

  #setLoading(isLoading: boolean, failure: string): void {
    this.isLoading = isLoading
    this.failure = failure
    this.#events.onChange()
  }
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
