import { type Client, createClient } from '@typewire/client'
import { useConnection, useEvent } from '@typewire/react'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Chat, Person, Room } from '../contract.ts'
import { ChatScreen } from './chat-screen.tsx'
import { reasonOf } from './connection.tsx'
import { type Credentials, forgetCredentials, keepCredentials, makeKey, readCredentials } from './credentials.ts'
import { SignIn } from './sign-in.tsx'

/** From signing in until one leaves, or the server says otherwise. */
interface Visit {
  readonly client: Client<Chat>
  readonly credentials: Credentials
  /** After a reload the server is expected to know us: no first screen flashes up. */
  readonly isKnown: boolean
}

function begin(credentials: Credentials, isKnown: boolean): Visit {
  return { credentials, isKnown, client: createClient<Chat>({ url: location.origin, auth: { ...credentials } }) }
}

export function App() {
  const [visit, setVisit] = useState(() => {
    const kept = readCredentials()
    return kept && begin(kept, true)
  })
  const [last, setLast] = useState({ name: '', why: '' })
  if (!visit) {
    return <SignIn {...last} onName={(name) => setVisit(begin({ name, key: makeKey() }, false))} />
  }
  const end = (why = '') => {
    forgetCredentials()
    setLast({ name: visit.credentials.name, why })
    setVisit(undefined)
    void visit.client.close()
  }
  return <Visiting visit={visit} onEnd={end} />
}

function Visiting({ visit, onEnd }: { visit: Visit; onEnd: (why?: string) => void }) {
  const { client, credentials, isKnown } = visit
  const connection = useConnection(client)
  const [welcome, setWelcome] = useState<{ readonly you: Person; readonly rooms: readonly Room[] }>()
  useEvent(client.on.welcome, (news) => {
    setWelcome(news)
    keepCredentials(credentials)
  })
  useEvent(client.on.rooms, (rooms) => setWelcome((before) => before && { ...before, rooms }))
  // Its failing shows in the status.
  useEffect(() => void client.connect().catch(() => {}), [client])

  const refusal = connection.state === 'closed' ? reasonOf(connection) : undefined
  const onRefusal = useEffectEvent(onEnd)
  useEffect(() => {
    if (refusal !== undefined) onRefusal(refusal)
  }, [refusal])

  // Who signs in waits for the server's word at the first screen.
  if (!welcome && !isKnown) return <SignIn name={credentials.name} why="" connection={connection} />
  const { you, rooms = [] } = welcome ?? {}
  return <ChatScreen client={client} connection={connection} you={you} rooms={rooms} onLeave={() => onEnd()} />
}
