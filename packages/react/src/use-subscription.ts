import {
  type JoinOf,
  type RoomReactions,
  type RoomSnapshot,
  RoomView,
  type RoomViewOptions,
  type Skip,
  type ViewedRoom,
  viewKey,
} from '@typewire/client/views'
import type { AnyContract } from '@typewire/core'
import { useInsertionEffect, useMemo } from 'react'
import { useMade } from './use-made.ts'
import { useView } from './use-view.ts'

type RoomName<C extends AnyContract> = keyof C['rooms']

export interface SubscriptionOptions<Name extends RoomName<C>, C extends AnyContract, Data>
  extends RoomViewOptions<Name, C, Data>, RoomReactions<Name, C, Data> {}

/** Where the contract asks for `presence`. */
interface Presents<Name extends RoomName<C>, C extends AnyContract> {
  readonly presence: C['rooms'][Name]['~present']
}

/** Params, where the room has any, and options, where there are any that it needs. */
export type RoomArguments<
  Name extends RoomName<C>,
  C extends AnyContract,
  Options,
> = undefined extends C['rooms'][Name]['~present']
  ? undefined extends C['rooms'][Name]['~given']
    ? [params?: C['rooms'][Name]['~given'] | Skip, options?: Options]
    : [params: C['rooms'][Name]['~given'] | Skip, options?: Options]
  : [params: C['rooms'][Name]['~given'] | Skip, options: Options & Presents<Name, C>]

/** A room, and what was made of its events. */
export interface Subscription<Name extends RoomName<C>, C extends AnyContract, Data> extends RoomSnapshot<Data> {
  /** To send into it, and for `useEvent`, `useEvents` and `usePresence`. The same object while the params are equal. */
  readonly room: ViewedRoom<Name, C>
  /** Asks again for a room that it is not in: after a denial, or when it was evicted. */
  readonly retry: () => void
}

/**
 * Joins a room while the component is mounted, and collects its events. Components of equal params share one membership;
 * other params are another room, which begins with `initial` and hears nothing of the one before.
 *
 * Handlers and reducers may be others with each render: the newest run. `initial`, `last` and `presence` are read when the
 * room is joined; to say something else later there is `room.setPresence`.
 */
export function useSubscription<Name extends RoomName<C>, C extends AnyContract, Data = undefined>(
  join: JoinOf<Name, C>,
  ...[params, options]: RoomArguments<Name, C, SubscriptionOptions<Name, C, Data>>
): Subscription<Name, C, Data> {
  const view = useRoomView(join as unknown as JoinOf<string, AnyContract>, params, options)
  const { on, reduce, onMissed } = (options ?? {}) as RoomReactions<string, AnyContract, unknown>
  // Before the effect that joins: the first event finds its handler.
  useInsertionEffect(() => view.react({ on, reduce, onMissed }))
  const snapshot = useView(view)
  const { room, retry } = view
  return useMemo(() => ({ ...snapshot, room, retry }), [snapshot, room, retry]) as unknown as Subscription<
    Name,
    C,
    Data
  >
}

/** A view of a room, the same while the params are equal. */
export function useRoomView(join: JoinOf<string, AnyContract>, params: unknown, options: object | undefined): RoomView {
  return useMade(join, viewKey(params), () => new RoomView(join, params, options))
}
