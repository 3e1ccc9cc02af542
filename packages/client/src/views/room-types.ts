import type {
  AnyContract,
  CallOptions,
  MissedEvents,
  On,
  Position,
  Presence,
  RoomHandle,
  RoomHistory,
  RoomHistoryOptions,
  RoomStatus,
  RoomVerbs,
  Store,
  TypewireError,
} from '@typewire/core'

// Parametrised by the name of the room and the whole contract, as the client's own types are.

type RoomName<C extends AnyContract> = keyof C['rooms']
type ToClient<Name extends RoomName<C>, C extends AnyContract> = C['rooms'][Name]['events']['toClient']

/** `client.join.x`, by what it returns: the params are read from the contract. */
export type JoinOf<Name extends RoomName<C>, C extends AnyContract> = (...args: never[]) => RoomHandle<Name, C>

/** Where a view of a room stands: where its handle does, or that it was given nothing to join. */
export type RoomViewStatus = RoomStatus | { readonly state: 'skipped' }

/**
 * A room as a component has it. It stays the same while the params do, through lost sessions and whoever else uses the room,
 * and is there before the room is joined: handlers that are given then hear the first event.
 */
export interface ViewedRoom<Name extends RoomName<C>, C extends AnyContract> extends RoomVerbs<Name, C> {
  readonly status: Store<RoomViewStatus>
  /** Hears that events of the room are missed for good. */
  readonly onMissed: On<MissedEvents, unknown>
  /** Who is in the room, this client too. Empty until it is joined. */
  readonly presence: Store<Presence<C['rooms'][Name]['~seen']>>
  /** Says something else of this client, for all members to see. */
  readonly setPresence: (data: C['rooms'][Name]['~present']) => Promise<void>
  /** Reads what the room has kept, from the newest on backwards. */
  readonly history: (options?: RoomHistoryOptions) => Promise<RoomHistory<Name, C>>
}

/** What a room's events do: those of `toClient`, by name. */
export type RoomHandlers<Name extends RoomName<C>, C extends AnyContract> = {
  readonly [Event in keyof ToClient<Name, C>]?:
    | ((payload: ToClient<Name, C>[Event]['~payload']) => ToClient<Name, C>[Event]['~answer'])
    | undefined
}

/** How events become data: each gives the next state, and leaves the one before as it is. */
export type RoomReducers<Name extends RoomName<C>, C extends AnyContract, Data> = {
  readonly [Event in keyof ToClient<Name, C>]?:
    | ((data: Data, payload: ToClient<Name, C>[Event]['~payload']) => NoInfer<Data>)
    | undefined
}

/** What may be another with every render: the newest is called. */
export interface RoomReactions<Name extends RoomName<C>, C extends AnyContract, Data> {
  /** Runs for each event; what it returns is the ack, where the server asks for one. */
  readonly on?: RoomHandlers<Name, C> | undefined
  readonly reduce?: RoomReducers<Name, C, Data> | undefined
  /**
   * Events are missed for good. Where there is `last`, `data` was begun anew from the room's history when this runs, if that
   * could be read.
   */
  readonly onMissed?: ((missed: MissedEvents) => unknown) | undefined
}

/** What is read once, when the room is joined. No `signal`: who is to leave it renders no component of it, or is given `skip`. */
export interface RoomViewOptions<Name extends RoomName<C>, C extends AnyContract, Data> extends Pick<
  CallOptions,
  'timeoutMs'
> {
  /**
   * What `data` is before the first event: a value, or a function that makes it. Of an empty list say what it is of: `[] as
   * readonly Message[]`. Default `undefined`, which is then what the first reducer is given.
   */
  readonly initial?: Data | (() => Data) | undefined
  /** How many of the room's last events to hear first, where it has a history. Default 0. */
  readonly last?: number | undefined
  /** What this client says of itself in the room. */
  readonly presence?: C['rooms'][Name]['~present']
}

/** What is to be seen of a room. Replaced, never mutated. */
export interface RoomSnapshot<Data> {
  /** What `reduce` has made of the events. */
  readonly data: Data
  readonly status: RoomViewStatus['state']
  /** Why it is `denied`, or `left`. */
  readonly error: TypewireError | undefined
  /** After a lost session: whether nothing of the room is missed. */
  readonly recovered: boolean | undefined
  /**
   * What to give `room.history` for the page before all that `data` was made of; the same object until `data` is begun anew.
   * `undefined` until it is joined, and where the room keeps nothing.
   */
  readonly before: Position | undefined
}
