import { useSyncExternalStore } from 'react'

/** The id of the room that the address names, so that a reload, a bookmark and the back button lead to it. */
export function useAddress(): string {
  return useSyncExternalStore(subscribe, roomOfAddress)
}

export const addressOf = (roomId: string) => `#${encodeURIComponent(roomId)}`

function subscribe(onChange: () => void) {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}

function roomOfAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1)) || 'lobby'
  } catch {
    return 'lobby' // a stray % in the address
  }
}
