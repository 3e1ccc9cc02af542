import type { Client } from '@typewire/client'
import type { Subscription } from '@typewire/react'
import { useState } from 'react'
import type { Chat, Message } from '../contract.ts'
import { useOpenRoom } from './use-open-room.ts'

interface RoomNoticeProps {
  readonly client: Client<Chat>
  readonly name: string
  readonly room: Subscription<'chat', Chat, readonly Message[]>
  /** Whether there is nothing else to be shown. */
  readonly isEmpty: boolean
  readonly onRetry: () => void
}

/** Whether the server has no such room (any more). */
export const isGone = ({ status, error }: RoomNoticeProps['room']) =>
  status === 'left' || (status === 'denied' && error?.code === 'FORBIDDEN')

/** What is said where there are no messages, and where there is no room. */
export function RoomNotice({ client, name, room, isEmpty, onRetry }: RoomNoticeProps) {
  if (isGone(room)) return <Gone client={client} name={name} />
  if (room.status === 'denied') {
    return (
      <div className="empty">
        <h2>This room could not be opened</h2>
        <p className="error">{room.error?.message}</p>
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      </div>
    )
  }
  if (!isEmpty) return null
  return (
    <div className="empty">
      {room.status === 'joining' ? (
        <p className="hint">Opening …</p>
      ) : (
        <>
          <h2>Nothing has been said here yet</h2>
          <p className="hint">The first word is yours.</p>
        </>
      )}
    </div>
  )
}

function Gone({ client, name }: { client: Client<Chat>; name: string }) {
  const [error, setError] = useState('')
  const openRoom = useOpenRoom(client)
  return (
    <div className="empty">
      <h2>
        There is no room <bdi>{name}</bdi>
      </h2>
      <p className="hint">It was never opened, or the server has been restarted and has forgotten it.</p>
      <button type="button" className="primary" onClick={() => void openRoom(name).then(setError)}>
        Open it
      </button>
      <p className="error" role="alert">
        {error}
      </p>
    </div>
  )
}
