import { type ReactNode, useEffect, useState } from 'react'
import type { Message, Person } from '../contract.ts'
import { limits } from '../limits.ts'
import { formatDay } from './format.ts'
import { type Attempt, MessageRow } from './message-row.tsx'
import type { useEarlier } from './use-earlier.ts'
import { useLogScroll } from './use-log-scroll.ts'
import type { News } from './use-news.ts'

interface LogProps {
  readonly messages: readonly Message[]
  /** What was written here and is not among the messages yet. */
  readonly outgoing: readonly { readonly id: string; readonly attempt: Attempt }[]
  readonly earlier: ReturnType<typeof useEarlier>
  readonly news: News | undefined
  readonly you: Person | undefined
  /** Something that was said before these messages is not to be had any more, or not at once. */
  readonly isMissing: boolean
  readonly isConnected: boolean
  readonly isOpening: boolean
  /** A button is gone by its own press, and the focus with it. */
  readonly onHandled: () => void
  /** What is said where there are no messages. */
  readonly children: ReactNode
}

/** Below this, a further message of the same author goes on without its name. */
const sameBreathMs = 5 * 60_000

/** What was said in a room, from the oldest to the newest. */
export function Log(props: LogProps) {
  const { messages, outgoing, earlier, isMissing, isOpening, children } = props
  const last = outgoing.at(-1)
  const { attach, remember, toEnd, focus, isNewBelow } = useLogScroll(
    last?.id ?? messages.at(-1)?.id,
    last !== undefined,
  )
  const isBusy = useSettling(isOpening) || earlier.isLoading
  return (
    <div className="log-frame">
      <div
        ref={attach}
        id="log"
        className="log"
        role="log"
        aria-label="Messages"
        aria-busy={isBusy}
        tabIndex={0}
        onScroll={remember}
      >
        <div className="wire">
          <ol className="messages">
            {earlier.hasMore && messages.length >= limits.messagesAtOnce && (
              <li className="earlier">
                <button
                  type="button"
                  className="link"
                  disabled={earlier.isLoading}
                  onClick={() => {
                    focus() // the button goes when there are no more
                    void earlier.load()
                  }}
                >
                  {earlier.isLoading ? 'Earlier messages …' : 'Earlier messages'}
                </button>
                <span className="error">{earlier.failure}</span>
              </li>
            )}
            {isMissing && (
              <li className="missing">
                <strong>Messages are missing here. </strong>
                After the connection was lost the server could not go on from there: below is what it still has.
              </li>
            )}
            {rowsOf(props)}
          </ol>
          {children}
        </div>
      </div>
      {isNewBelow && (
        <button
          type="button"
          className="to-end"
          onClick={() => {
            toEnd()
            focus()
          }}
        >
          New messages below
        </button>
      )}
    </div>
  )
}

function rowsOf({ messages, outgoing, news, you, isConnected, onHandled }: LogProps): ReactNode[] {
  const rows: ReactNode[] = []
  let previous: Message | undefined
  for (const message of messages) {
    const { id, author, sentAt } = message
    const isNewDay = previous?.sentAt.toDateString() !== sentAt.toDateString()
    if (isNewDay) {
      const day = sentAt.toDateString()
      rows.push(
        <li key={day} className="day">
          {formatDay(sentAt)}
        </li>,
      )
    }
    const isFirstNew = news?.firstId === id
    if (isFirstNew) {
      rows.push(
        <li key="news" className="news">
          {news.count === 1 ? '1 new message' : `${news.count} new messages`}
        </li>,
      )
    }
    const isSoon = previous !== undefined && sentAt.getTime() - previous.sentAt.getTime() < sameBreathMs
    const isContinued = !isNewDay && !isFirstNew && isSoon && previous?.author.id === author.id
    rows.push(<MessageRow key={id} {...message} isYou={author.id === you?.id} isContinued={isContinued} />)
    previous = message
  }
  let isContinued = previous !== undefined && previous.author.id === you?.id
  for (const { id, attempt } of outgoing) {
    const row = { author: you ?? { id: '', name: '…' }, text: attempt.input.text, attempt, isContinued }
    rows.push(<MessageRow key={id} {...row} isYou isConnected={isConnected} onHandled={onHandled} />)
    isContinued = true
  }
  return rows
}

/** A whole room that appears is no news: only what comes from then on is read out. */
function useSettling(isOpening: boolean): boolean {
  const [isSettling, setSettling] = useState(true)
  if (isOpening && !isSettling) setSettling(true)
  useEffect(() => {
    if (isOpening) return
    const frame = requestAnimationFrame(() => setSettling(false))
    return () => cancelAnimationFrame(frame)
  }, [isOpening])
  return isSettling
}
