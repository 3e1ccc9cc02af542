import { usePresence, type ViewedRoom } from '@typewire/react'
import type { Chat, Person } from '../contract.ts'
import { initials } from './format.ts'
import { tintOf } from './tints.ts'

interface PeopleProps {
  readonly room: ViewedRoom<'chat', Chat>
  readonly youId: string | undefined
  readonly isConnected: boolean
}

/** Who is in the room, in the order in which they came. Of a person in several tabs each has its entry. */
export function People({ room, youId, isConnected }: PeopleProps) {
  const { members } = usePresence(room)
  const isAlone = isConnected && members.length === 1 && members[0]!.id === youId
  return (
    <>
      <h2 id="people-title">
        {isConnected ? 'Here now' : 'Here before'} ({members.length})
      </h2>
      <ul className="people">
        {members.map(({ id, entries }) => {
          const { name } = entries[0]!.data
          const isYou = id === youId
          const isAway = entries.every(({ data }) => data.isAway)
          return (
            <li key={id} className={isAway ? 'away' : undefined}>
              <Disc person={{ id, name }} isYou={isYou} />
              <bdi>{name}</bdi>
              <span className="hint">{isYou ? 'you' : isAway ? 'away' : ''}</span>
            </li>
          )
        })}
      </ul>
      {isAlone && <p className="hint alone">Nobody else is here yet. Open a second tab to have company.</p>}
    </>
  )
}

/** A person's initials, on a tint of their own by which two people of one name are told apart; one's own are hollow. */
export function Disc({ person: { id, name }, isYou }: { person: Person; isYou: boolean }) {
  // Hidden: the name stands beside it.
  return (
    <span className={`disc ${isYou ? 'disc-you' : `tint-${tintOf(id)}`}`} aria-hidden="true">
      {initials(name)}
    </span>
  )
}
