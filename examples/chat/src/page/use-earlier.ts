import { isTypewireError, type Position } from '@typewire/client'
import type { ViewedRoom } from '@typewire/react'
import { useState } from 'react'
import type { Chat, Message } from '../contract.ts'
import { limits } from '../limits.ts'

type ChatRoom = ViewedRoom<'chat', Chat>

interface Pages {
  readonly start: Position | undefined
  readonly before: Position | undefined
  readonly messages: readonly Message[]
  readonly hasMore: boolean
  readonly isLoading: boolean
  /** Why they did not come. */
  readonly failure: string
}

const none = (start: Position | undefined): Pages => ({
  start,
  before: start,
  messages: [],
  hasMore: start !== undefined,
  isLoading: false,
  failure: '',
})

/** What was said before the messages that one has on coming in, which begin at `start`: read page by page, when asked for. */
export function useEarlier(room: ChatRoom, start: Position | undefined) {
  const [kept, setPages] = useState(() => none(start))
  // What one has was begun anew: these come before something that is not there any more.
  const pages = kept.start === start ? kept : none(start)
  if (pages !== kept) setPages(pages)

  const load = async () => {
    if (pages.isLoading) return
    const set = (change: (now: Pages) => Partial<Pages>) =>
      setPages((now) => (now.start === start ? { ...now, ...change(now) } : now))
    set(() => ({ isLoading: true, failure: '' }))
    try {
      const { events, before, hasMore } = await readPage(room, pages.before)
      // Of the room's events its history keeps the messages alone.
      const read = events.flatMap((event) => (event.name === 'message' ? [event.payload] : []))
      set(({ messages }) => ({ messages: [...read, ...messages], before, hasMore, isLoading: false }))
    } catch (error) {
      set(() => ({ isLoading: false, failure: error instanceof Error ? error.message : String(error) }))
    }
  }
  return { ...pages, load }
}

/** A session that is lost meanwhile is no failure: the next one is asked. */
async function readPage(room: ChatRoom, before: Position | undefined) {
  for (;;) {
    try {
      return await room.history({ before, limit: limits.messagesAtOnce })
    } catch (error) {
      if (!isTypewireError(error) || error.code !== 'SESSION_LOST') throw error
    }
  }
}
