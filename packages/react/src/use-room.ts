import type { JoinOf, ViewedRoom } from '@typewire/client/views'
import type { AnyContract, JoinOptions } from '@typewire/core'
import { useEffect } from 'react'
import { type RoomArguments, useRoomView } from './use-subscription.ts'

/** What a room is joined with. */
export interface UseRoomOptions<Name extends keyof C['rooms'], C extends AnyContract> extends Omit<
  JoinOptions,
  'signal'
> {
  /** What this client says of itself in the room. */
  readonly presence?: C['rooms'][Name]['~present']
}

/**
 * A room, joined while the component is mounted; one membership however many components use it. The component is not rendered
 * again by what happens in the room: `useEvents`, `usePresence` and `useStore(room.status)` do that.
 */
export function useRoom<Name extends keyof C['rooms'], C extends AnyContract>(
  join: JoinOf<Name, C>,
  ...[params, options]: RoomArguments<Name, C, UseRoomOptions<Name, C>>
): ViewedRoom<Name, C> {
  const view = useRoomView(join as unknown as JoinOf<string, AnyContract>, params, options)
  useEffect(() => view.retain(), [view])
  return view.room as unknown as ViewedRoom<Name, C>
}
