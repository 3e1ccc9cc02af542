import type { Client, ClientStatus } from '@typewire/client'
import { useCall, useSubscription } from '@typewire/react'
import { type Ref, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import type { Chat, Message, Person, Room } from '../contract.ts'
import { limits } from '../limits.ts'
import { messageId } from '../message-id.ts'
import type { Drawer } from './chat-screen.tsx'
import { Composer, focusComposer } from './composer.tsx'
import { ConnectionBanner, ConnectionState } from './connection.tsx'
import { makeKey } from './credentials.ts'
import { Log } from './log.tsx'
import { People } from './people.tsx'
import { isGone, RoomNotice } from './room-notice.tsx'
import { TypingLine } from './typing-line.tsx'
import { useVisibility } from './use-attention.ts'
import { useEarlier } from './use-earlier.ts'
import { useNews } from './use-news.ts'
import { OwnTyping, useTyping } from './use-typing.ts'

interface OpenRoomProps {
  readonly client: Client<Chat>
  readonly connection: ClientStatus
  readonly you: Person | undefined
  readonly described: Room
  /** Whether the server has told of it. */
  readonly exists: boolean
  /** Whether it is on the screen. */
  readonly isShown: boolean
  readonly isAttentive: boolean
  /** Where who is here is shown: in the sidebar. */
  readonly people: HTMLElement | null
  readonly drawer: Drawer
  readonly openerRef: Ref<HTMLButtonElement>
  readonly unreadOfAll: number
  readonly onUnread: (count: number) => void
}

/** How long a message waits for a connection before it counts as not sent. */
const patienceMs = 10 * 60_000

/** A room that this page has joined. It stays so, with what is on its way, while another one is on the screen. */
export function OpenRoom(props: OpenRoomProps) {
  const { client, connection, you, described, exists, isShown, isAttentive, people, drawer, onUnread } = props
  const isConnected = connection.state === 'open'
  const isAway = !useVisibility() || !isShown
  const [isMissing, setMissing] = useState(false)
  const subscription = useSubscription(
    client.join.chat,
    { roomId: described.id },
    {
      initial: [] as readonly Message[],
      reduce: { message: (before, message) => [...before, message].slice(-limits.messagesPerRoom) },
      onMissed: () => setMissing(true),
      last: limits.messagesAtOnce,
      presence: { isAway },
    },
  )
  const { room, data, status, before } = subscription
  if (status === 'joining' && isMissing) setMissing(false) // it begins anew
  const earlier = useEarlier(room, before)
  const messages = useMemo(
    () => [...earlier.messages, ...data].slice(-limits.messagesPerRoom),
    [earlier.messages, data],
  )
  const { unread, news, forgetMark } = useNews({ messages, youId: you?.id, isShown, isSeen: isShown && isAttentive })
  const typing = useTyping(room)
  const [ownTyping] = useState(() => new OwnTyping(room))
  const [draft, setDraft] = useState('')

  // A message is shown as soon as it is written, until the server's own is here: the same one, by its id.
  const send = useCall(client.call.send)
  const outgoing = send.attempts
    .map((attempt) => ({ id: messageId(you?.id ?? '', attempt.input.id), attempt }))
    .filter(({ id }) => !messages.some((message) => message.id === id))
  const say = (text: string) => {
    forgetMark()
    void send.run({ roomId: described.id, id: makeKey(), text }, { timeoutMs: patienceMs })
  }

  const tellUnread = useEffectEvent(onUnread)
  useEffect(() => tellUnread(unread), [unread])
  const saidAway = useRef(isAway)
  useEffect(() => {
    if (saidAway.current === isAway) return
    saidAway.current = isAway
    room.setPresence({ isAway }).catch(() => {}) // what is wrong with the room, its status says
  }, [room, isAway])

  const joinAgain = useEffectEvent(subscription.retry)
  useEffect(() => {
    if (exists) joinAgain() // it was made since
  }, [exists])
  useEffect(() => {
    if (!isShown) return
    joinAgain()
    focusComposer()
  }, [isShown])

  if (!isShown) return null
  const isEmpty = messages.length === 0 && outgoing.length === 0 && !isMissing
  return (
    <main id="room" className="room" inert={drawer.isOpen}>
      {people && createPortal(<People room={room} youId={you?.id} isConnected={isConnected} />, people)}
      <RoomHeader {...props} />
      <ConnectionBanner client={client} connection={connection} />
      <Log
        {...{ messages, outgoing, earlier, news, you, isMissing, isConnected }}
        isOpening={status === 'joining'}
        onHandled={focusComposer}
      >
        <RoomNotice
          client={client}
          name={described.name}
          room={subscription}
          isEmpty={isEmpty}
          onRetry={subscription.retry}
        />
      </Log>
      <TypingLine names={status === 'joined' ? typing : []} />
      {!isGone(subscription) && (
        <Composer name={described.name} text={draft} typing={ownTyping} onText={setDraft} onSend={say} />
      )}
    </main>
  )
}

function RoomHeader({ connection, described: { name, topic }, drawer, openerRef, unreadOfAll }: OpenRoomProps) {
  return (
    <header className="room-header">
      <button
        ref={openerRef}
        type="button"
        className="open-sidebar"
        aria-expanded={drawer.isOpen}
        aria-controls="sidebar"
        onClick={drawer.open}
      >
        Rooms{unreadOfAll > 0 && <span className="count">{unreadOfAll}</span>}
      </button>
      <div className="room-title">
        <h1>{name}</h1>
        <p>{topic}</p>
      </div>
      <ConnectionState connection={connection} />
    </header>
  )
}
