import type { Client, ClientStatus } from '@typewire/client'
import { useState } from 'react'
import type { Chat } from '../contract.ts'
import { secondsUntil } from './format.ts'
import { useNow } from './use-now.ts'

const transports: Readonly<Record<string, string>> = {
  websocket: 'WebSocket',
  'http-stream': 'HTTP stream',
  'http-poll': 'Long-polling',
}

/** Where the connection stands, in a word, and what carries it. */
export function ConnectionState({ connection }: { connection: ClientStatus }) {
  return (
    <p id="status" className="status">
      <span role="status">{wordOf(connection)}</span>
      {connection.state === 'open' && (
        <span className="transport">{transports[connection.transport] ?? connection.transport}</span>
      )}
    </p>
  )
}

function wordOf({ state }: ClientStatus): string {
  switch (state) {
    case 'open':
      return 'Connected'
    case 'waiting':
      return 'Not connected'
    case 'closed':
      return 'Closed'
    default:
      return 'Connecting'
  }
}

/** What happens next, while there is no connection; and a way not to wait for it. */
export function ConnectionBanner({ client, connection }: { client: Client<Chat>; connection: ClientStatus }) {
  if (connection.state !== 'waiting' && !isTryingAgain(connection)) return null
  return <Banner key={keyOf(connection)} client={client} connection={connection} />
}

function Banner({ client, connection }: { client: Client<Chat>; connection: ClientStatus }) {
  const [isWorthwhile] = useState(() => !isShortWait(connection))
  if (!isWorthwhile) return null
  return (
    <div className="banner">
      <p>
        <ConnectionNews connection={connection} />
      </p>
      {connection.state === 'waiting' && (
        // Its failing shows here.
        <button type="button" onClick={() => void client.connect().catch(() => {})}>
          Try now
        </button>
      )}
    </div>
  )
}

/** The same in words, and nothing while all is well. */
export function ConnectionNews({ connection }: { connection: ClientStatus }) {
  if (connection.state === 'waiting') {
    return <Countdown key={connection.retryAtMs} untilMs={connection.retryAtMs} />
  }
  return isTryingAgain(connection) ? <>No connection. Trying now …</> : null
}

/** It changes each second, so it is kept from being read out. */
function Countdown({ untilMs }: { untilMs: number }) {
  const now = useNow(true)
  return (
    <>
      No connection.{' '}
      <span className="countdown" aria-hidden="true">
        Trying again in {secondsUntil(untilMs, now)} s.
      </span>
    </>
  )
}

const isTryingAgain = (connection: ClientStatus) => connection.state === 'connecting' && connection.attempt > 1

const keyOf = (connection: ClientStatus) => (connection.state === 'waiting' ? connection.retryAtMs : connection.state)

/** A first break that is likely over in a moment moves nothing on the page. */
const isShortWait = (connection: ClientStatus) =>
  connection.state === 'waiting' && connection.attempt === 1 && connection.retryAtMs - Date.now() < 1_000

/** Why the server would not have us, in its words: `UNAUTHORIZED: That name is taken.` without the code. */
export function reasonOf({ reason }: Extract<ClientStatus, { state: 'closed' }>): string {
  return reason.replace(/^[A-Z_]+: /, '')
}
