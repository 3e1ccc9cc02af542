import type { Client } from '@typewire/client'
import { type Ref, type SubmitEvent, useRef, useState } from 'react'
import type { Chat, Person, Room } from '../contract.ts'
import { limits } from '../limits.ts'
import { Brand } from './brand.tsx'
import type { Drawer } from './chat-screen.tsx'
import { addressOf } from './use-address.ts'
import { useOpenRoom } from './use-open-room.ts'

interface SidebarProps {
  readonly client: Client<Chat>
  readonly rooms: readonly Room[]
  readonly currentId: string
  readonly unread: Readonly<Record<string, number>>
  readonly you: Person | undefined
  readonly drawer: Drawer
  readonly sidebarRef: Ref<HTMLDivElement>
  /** Where the room that is shown puts who is in it. */
  readonly peopleRef: Ref<HTMLElement>
  readonly onLeave: () => void
}

/** The rooms, who is here, and who one is. */
export function Sidebar(props: SidebarProps) {
  const { client, rooms, currentId, unread, you, drawer, sidebarRef, peopleRef, onLeave } = props
  return (
    <div
      ref={sidebarRef}
      id="sidebar"
      className={drawer.isOpen ? 'sidebar is-open' : 'sidebar'}
      role={drawer.isOpen ? 'dialog' : 'complementary'}
      aria-modal={drawer.isOpen || undefined}
      aria-label="Rooms and people"
    >
      <div className="sidebar-top">
        <Brand />
        <button type="button" className="close-sidebar" onClick={drawer.close}>
          Close
        </button>
      </div>
      <nav aria-labelledby="rooms-title">
        <h2 id="rooms-title">Rooms</h2>
        <ul className="rooms" onClick={drawer.close}>
          {rooms.map(({ id, name }) => (
            <li key={id}>
              <a href={addressOf(id)} aria-current={id === currentId ? 'page' : undefined}>
                <bdi>{name}</bdi> <Unread count={unread[id] ?? 0} />
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <NewRoom client={client} onOpened={drawer.close} />
      <section ref={peopleRef} aria-labelledby="people-title" />
      <div className="me">
        <p>
          <span className="hint">You are</span> <bdi id="my-name">{you?.name ?? '…'}</bdi>
        </p>
        <button type="button" id="sign-out" onClick={onLeave}>
          Leave
        </button>
      </div>
    </div>
  )
}

function Unread({ count }: { count: number }) {
  if (count === 0) return null
  return (
    // A name needs a role to be read.
    <span className="count" role="img" aria-label={`${count} unread`}>
      {count}
    </span>
  )
}

/** Opens a room by its name. */
function NewRoom({ client, onOpened }: { client: Client<Chat>; onOpened: () => void }) {
  const [error, setError] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const openRoom = useOpenRoom(client)

  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const field = input.current!
    const name = field.value.trim()
    const wrong = whatIsWrong(name) || (await openRoom(name))
    setError(wrong)
    if (wrong) return field.focus()
    field.value = ''
    onOpened()
  }

  return (
    <form className="new-room" noValidate onSubmit={(event) => void submit(event)}>
      <label htmlFor="new-room-name">Another room</label>
      <div className="field-row">
        <input
          ref={input}
          id="new-room-name"
          placeholder="Its name"
          autoComplete="off"
          aria-invalid={error !== ''}
          aria-describedby="new-room-error"
        />
        <button type="submit">Open</button>
      </div>
      <p id="new-room-error" className="error" role="alert">
        {error}
      </p>
    </form>
  )
}

function whatIsWrong(name: string): string {
  if (name === '') return 'Give the room a name.'
  const over = name.length - limits.roomName
  return over > 0 ? `At most ${limits.roomName} characters: these are ${over} too many.` : ''
}
