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
  /** Where the history was read up to. */
  #before: Position | undefined
  #hasMore = true

  constructor(events: MessageLogEvents) {
    this.#events = events
  }

  /** Whether the room may have older ones. Who comes in has the last ones only. */
  get hasEarlier(): boolean {
    return this.#hasMore && this.messages.length >= limits.messagesAtOnce
  }

  hear(message: Message, isSeen: boolean): void {
    this.messages = union(this.messages, [message]).slice(-limits.messagesPerRoom)
    if (this.#events.isYours(message)) this.news = undefined
    else if (!isSeen) this.#count(message)
    this.#events.onChange()
  }

  #count({ id }: Message): void {
    if (this.unread === 0) this.news = undefined // what was marked before is read
    this.unread++
    this.news = { firstId: this.news?.firstId ?? id, count: (this.news?.count ?? 0) + 1 }
  }

  clear(): void {
    this.messages = []
    this.news = undefined
    this.unread = 0
    this.isMissing = false
    this.#before = undefined
    this.#hasMore = true
  }

  /** Reads what came before the messages that are here. */
  async loadEarlier(handle: Handle): Promise<void> {
    if (this.isLoading) return
    this.#setLoading(true, '')
    const { length } = this.messages
    try {
      // Its newest pages may be what is here already.
      do {
        const page = await handle.history({ limit: limits.messagesAtOnce, before: this.#before })
        this.#before = page.before
        this.#hasMore = page.hasMore
        this.messages = union(messagesOf(page), this.messages)
      } while (this.#hasMore && this.messages.length === length)
      this.#setLoading(false, '')
    } catch (error) {
      this.#setLoading(false, messageOf(error))
    }
  }

  /** Once something is missed: what is here goes, and the last messages come, with what is said meanwhile behind them. */
  async loadAnew(handle: Handle): Promise<void> {
    const known = new Set(this.messages.map(({ id }) => id))
    this.clear()
    this.isMissing = true
    this.#events.onChange()
    const page = await readLast(handle)
    this.#before = page.before
    this.#hasMore = page.hasMore
    const read = messagesOf(page)
    for (const message of read) if (!known.has(message.id) && !this.#events.isYours(message)) this.#count(message)
    this.messages = union(read, this.messages)
    this.#events.onChange()
  }

  #setLoading(isLoading: boolean, failure: string): void {
    this.isLoading = isLoading
    this.failure = failure
    this.#events.onChange()
  }
}

/** A session that is lost meanwhile is no failure: the next one can be asked once the room is joined again. */
async function readLast(handle: Handle) {
  for (;;) {
    try {
      return await handle.history({ limit: limits.messagesAtOnce })
    } catch (error) {
      if (!isTypewireError(error) || error.code !== 'SESSION_LOST') throw error
    }
  }
}

/** Of the room's events its history keeps the messages alone. */
function messagesOf({ events }: Awaited<ReturnType<Handle['history']>>): readonly Message[] {
  return events.flatMap((event) => (event.name === 'message' ? [event.payload] : []))
}

function union(messages: readonly Message[], others: readonly Message[]): readonly Message[] {
  const ids = new Set(messages.map(({ id }) => id))
  return [...messages, ...others.filter(({ id }) => !ids.has(id))]
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
