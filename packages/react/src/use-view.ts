import type { View } from '@typewire/client/views'
import { useEffect, useSyncExternalStore } from 'react'

/**
 * What a view shows, kept in use while the component is mounted. On a server, and while a page is hydrated, it shows what it
 * does before it begins: that is the same on both sides.
 */
export function useView<Snapshot>(view: View<Snapshot>): Snapshot {
  useEffect(() => view.retain(), [view])
  const read = () => view.current
  return useSyncExternalStore(view.subscribe, read, read)
}
