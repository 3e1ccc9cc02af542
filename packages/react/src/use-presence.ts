import type { Presence, Store } from '@typewire/core'
import { useStore } from './use-store.ts'

/**
 * Who is in a room of `useRoom` or `useSubscription`, or of a handle: this client too, nobody until it is joined. The
 * component is rendered again when somebody comes, goes, or says something else of themselves.
 */
export function usePresence<Seen>(room: { readonly presence: Store<Presence<Seen>> }): Presence<Seen> {
  return useStore(room.presence)
}
