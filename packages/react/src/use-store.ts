import type { Store } from '@typewire/core'
import { useState, useSyncExternalStore } from 'react'

/**
 * The value of a store of the client, kept up to date: `useStore(room.status)`, `useStore(client.ns.admin.status)`. While a
 * page is hydrated it is what it is on a server.
 */
export function useStore<T>(store: Store<T>): T {
  const [first] = useState(store.current)
  return useSyncExternalStore(
    store.subscribe,
    () => store.current,
    () => ('initial' in store ? store.initial : first),
  )
}
