import { type Connected, type ConnectionSnapshot, connectionViewOf } from '@typewire/client/views'
import { useEffect, useSyncExternalStore } from 'react'

const idle: ConnectionSnapshot = { state: 'idle', latencyMs: undefined }

/**
 * Where the client stands: its state, the transport it has, when it tries again, how long its server takes to answer. It
 * connects nothing. While a page is hydrated it is `idle`, as on the server.
 */
export function useConnection(client: Connected): ConnectionSnapshot {
  const view = connectionViewOf(client)
  useEffect(() => view.retain(), [view])
  return useSyncExternalStore(
    view.subscribe,
    () => view.current,
    () => idle,
  )
}
