import type { ClientStatus } from '@typewire/client'
import { useEffect, useState } from 'react'
import type { TickerClient } from '../app.tsx'

const words: Record<ClientStatus['state'], string> = {
  idle: 'Connecting',
  connecting: 'Connecting',
  open: 'Connected',
  waiting: 'Not connected',
  closed: 'Closed',
}

const transports: Readonly<Record<string, string>> = {
  websocket: 'WebSocket',
  'http-stream': 'HTTP stream',
  'http-poll': 'Long-polling',
}

/** What the connection does, in a word, and what carries it. */
export function ConnectionState({ status }: { readonly status: ClientStatus }) {
  return (
    <p className="status">
      <span role="status">{words[status.state]}</span>
      {status.state === 'open' && <span className="transport">{transports[status.transport] ?? status.transport}</span>}
    </p>
  )
}

export interface ConnectionBannerProps {
  readonly client: TickerClient
  readonly status: ClientStatus
  /** Whether there are prices on the page, which are old now. */
  readonly hasPrices: boolean
}

/** That what is seen is old, and what happens next; and a way not to wait for it. */
export function ConnectionBanner({ client, status, hasPrices }: ConnectionBannerProps) {
  const isTrying = status.state === 'connecting' && (hasPrices || status.attempt > 1)
  if (status.state !== 'waiting' && !isTrying) return null
  return (
    <div className="banner">
      <p>
        {hasPrices ? 'No connection: these prices are old. ' : 'No connection. '}
        {status.state === 'waiting' ? <Countdown key={status.retryAtMs} untilMs={status.retryAtMs} /> : 'Trying now …'}
      </p>
      {status.state === 'waiting' && (
        // Its failing shows here.
        <button type="button" onClick={() => void client.connect().catch(() => {})}>
          Try now
        </button>
      )}
    </div>
  )
}

/** It changes each second, so it is kept from being read out. */
function Countdown({ untilMs }: { readonly untilMs: number }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250)
    return () => clearInterval(timer)
  }, [])
  // At least 1: `in 0 s` would be a lie.
  const seconds = Math.max(1, Math.ceil((untilMs - now) / 1_000))
  return (
    <span className="countdown" aria-hidden="true">
      Trying again in {seconds} s.
    </span>
  )
}
