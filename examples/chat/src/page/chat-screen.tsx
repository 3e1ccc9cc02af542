import type { Client, ClientStatus } from '@typewire/client'
import { type MouseEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { Chat, Person, Room } from '../contract.ts'
import { OpenRoom } from './open-room.tsx'
import { Sidebar } from './sidebar.tsx'
import { useAddress } from './use-address.ts'
import { useAttention } from './use-attention.ts'

export interface ChatScreenProps {
  readonly client: Client<Chat>
  readonly connection: ClientStatus
  /** `undefined` until the server has welcomed us. */
  readonly you: Person | undefined
  readonly rooms: readonly Room[]
  readonly onLeave: () => void
}

/** The page once one has a name: the rooms beside the one of the address. */
export function ChatScreen({ client, connection, you, rooms, onLeave }: ChatScreenProps) {
  const currentId = useAddress()
  // Rooms stay joined once they were opened: their news are counted while others are shown.
  const [opened, setOpened] = useState<readonly string[]>([])
  if (!opened.includes(currentId)) setOpened([...opened, currentId])
  const [unread, setUnread] = useState<Readonly<Record<string, number>>>({})
  const isAttentive = useAttention(you !== undefined && connection.state !== 'open')
  const [people, setPeople] = useState<HTMLElement | null>(null)
  const sidebar = useRef<HTMLDivElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const drawer = useDrawer(currentId, sidebar, opener)

  const describe = (id: string): Room => rooms.find((room) => room.id === id) ?? { id, name: id, topic: '' }
  const unreadOfAll = Object.values(unread).reduce((sum, count) => sum + count, 0)
  const { name } = describe(currentId)
  useEffect(() => {
    document.title = `${unreadOfAll > 0 ? `(${unreadOfAll}) ` : ''}${name} · Typewire chat`
  }, [unreadOfAll, name])

  return (
    <div className="chat" data-connection={connection.state} onClick={drawer.onClick}>
      {!drawer.isOpen && <SkipLink />}
      <Sidebar
        {...{ client, rooms, currentId, unread, you, drawer, onLeave }}
        sidebarRef={sidebar}
        peopleRef={setPeople}
      />
      {opened.map((id) => (
        <OpenRoom
          key={id}
          {...{ client, connection, you, people, drawer, isAttentive }}
          described={describe(id)}
          exists={rooms.some((room) => room.id === id)}
          isShown={id === currentId}
          openerRef={opener}
          unreadOfAll={unreadOfAll}
          onUnread={(count) => setUnread((before) => (before[id] === count ? before : { ...before, [id]: count }))}
        />
      ))}
    </div>
  )
}

/** By keyboard, past the rooms. Not by the address, which is the room's. */
function SkipLink() {
  return (
    <a
      className="skip"
      href="#log"
      onClick={(event) => {
        event.preventDefault()
        document.getElementById('log')?.focus()
      }}
    >
      Skip to the messages
    </a>
  )
}

export type Drawer = ReturnType<typeof useDrawer>

/** On a narrow screen the sidebar is a drawer over the room; on a wide one it is always there. */
function useDrawer(currentId: string, sidebar: RefObject<HTMLElement | null>, opener: RefObject<HTMLElement | null>) {
  const [isOpen, setOpen] = useState(false)
  const [shownId, setShownId] = useState(currentId)
  if (shownId !== currentId) {
    setShownId(currentId)
    setOpen(false)
  }
  const wasOpen = useRef(false)
  useEffect(() => {
    if (isOpen) firstIn(sidebar.current)?.focus({ preventScroll: true })
    else if (wasOpen.current) opener.current?.focus()
    wasOpen.current = isOpen
  }, [isOpen, sidebar, opener])
  useEffect(() => {
    if (!isOpen) return
    // Of the document: a press beside all that can be chosen leaves the focus nowhere.
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === 'Escape') setOpen(false)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [isOpen])
  useEffect(() => {
    const wide = matchMedia('(width >= 48rem)')
    const close = () => setOpen(false)
    wide.addEventListener('change', close)
    return () => wide.removeEventListener('change', close)
  }, [])
  return {
    isOpen,
    open: () => setOpen(true),
    close: () => setOpen(false),
    // What is under the open drawer is inert: a press there closes it.
    onClick: ({ target }: MouseEvent) => {
      if (isOpen && target instanceof Node && !sidebar.current?.contains(target)) setOpen(false)
    },
  }
}

/** What takes the focus: the room that is shown, or where there is none such, what closes the drawer. */
const firstIn = (sidebar: HTMLElement | null) =>
  sidebar?.querySelector<HTMLElement>('[aria-current]') ?? sidebar?.querySelector('button')
