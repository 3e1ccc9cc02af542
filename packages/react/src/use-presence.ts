import { type JoinOf, RoomView, viewKey } from '@typewire/client/views'
import type { AnyContract, Presence, Store } from '@typewire/core'
import { useEffect } from 'react'
import { useMade } from './use-made.ts'
import type { UseRoomOptions } from './use-room.ts'
import { useStore } from './use-store.ts'
import type { RoomArguments } from './use-subscription.ts'

/** A room of `useRoom` or `useSubscription`, or a handle. */
interface Present<Seen> {
  readonly presence: Store<Presence<Seen>>
}

/**
 * Who is in a room of `useRoom` or `useSubscription`, or of a handle: this client too, nobody until it is joined. The
 * component is rendered again when somebody comes, goes, or says something else of themselves.
 *
 * Given `client.join.x` and params it joins the room as `useRoom` does, while the component is mounted.
 */
export function usePresence<Seen>(room: Present<Seen>): Presence<Seen>
export function usePresence<Name extends keyof C['rooms'], C extends AnyContract>(
  join: JoinOf<Name, C>,
  ...[params, options]: RoomArguments<Name, C, UseRoomOptions<Name, C>>
): Presence<C['rooms'][Name]['~seen']>
export function usePresence(
  source: Present<unknown> | JoinOf<string, AnyContract>,
  params?: unknown,
  options?: object,
): Presence<unknown> {
  const view = useMade(source, viewKey(params), () =>
    typeof source === 'function' ? new RoomView(source, params, options) : undefined,
  )
  useEffect(() => view?.retain(), [view])
  return useStore(view ? view.room.presence : (source as Present<unknown>).presence)
}
