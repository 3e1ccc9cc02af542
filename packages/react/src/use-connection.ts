import type { ClientStatus } from '@typewire/client'
import type { Store } from '@typewire/core'
import { useSyncExternalStore } from 'react'

const idle: ClientStatus = { state: 'idle' }

/**
 * Where the client stands: its state, the transport it has, when it tries again. It connects nothing. While a page is
 * hydrated it is `idle`, as on the server.
 */
export function useConnection(client: { readonly status: Store<ClientStatus> }): ClientStatus {
  return useSyncExternalStore(
    client.status.subscribe,
    () => client.status.current,
    () => idle,
  )
}
