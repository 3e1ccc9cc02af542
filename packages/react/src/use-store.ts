import type { Store } from '@typewire/core'
import { useState, useSyncExternalStore } from 'react'

/**
 * The value of a store of the client, kept up to date: `useStore(room.status)`, `useStore(client.ns.admin.status)`. While a
 * page is hydrated it is what it was when the component was first rendered.
 */
export function useStore<T>(store: Store<T>): T {
  const [first] = useState(store.current)
  return useSyncExternalStore(
    store.subscribe,
    () => store.current,
    () => first,
  )
}
