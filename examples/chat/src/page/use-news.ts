import { useState } from 'react'
import type { Message } from '../contract.ts'

/** Where what nobody has seen yet began, and how much it was. */
export interface News {
  readonly firstId: string
  readonly count: number
}

export interface NewsOptions {
  readonly messages: readonly Message[]
  readonly youId: string | undefined
  /** Whether the room is on the screen. */
  readonly isShown: boolean
  /** Whether somebody looks at it, too. */
  readonly isSeen: boolean
}

/** What of the messages is new to who looks: how many, and from where on. */
export function useNews({ messages, youId, isShown, isSeen }: NewsOptions) {
  const [readUntilMs, setReadUntil] = useState(0)
  const [wasSeen, setWasSeen] = useState(isSeen)
  const [marked, mark] = useState<News>()
  const unread = messages.filter(({ author, sentAt }) => sentAt.getTime() > readUntilMs && author.id !== youId)
  const news = unread[0] && { firstId: unread[0].id, count: unread.length }
  if (isSeen !== wasSeen) {
    setWasSeen(isSeen)
    // The mark stays when it is read, so that one finds where to read on: until one says something, or goes.
    if (isSeen && news) mark(news)
  }
  const lastMs = messages.at(-1)?.sentAt.getTime() ?? 0
  if (isSeen && lastMs > readUntilMs) setReadUntil(lastMs)
  if (!isShown && marked) mark(undefined)
  return { unread: unread.length, news: news ?? marked, forgetMark: () => mark(undefined) }
}
