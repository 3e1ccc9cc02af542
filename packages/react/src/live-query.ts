// What keeps a query fresh by the events of a room: one for all components that show it.

import { type JoinOf, reportToPlatform, RoomView } from '@typewire/client/views'
import type { AnyContract } from '@typewire/core'

type Join = JoinOf<string, AnyContract>

/** Gives the data after an event, or `undefined` where the server has to be asked. */
type Reduce = (data: unknown, payload: unknown) => unknown

/** Who shows a live query, with the reducers of its last render. */
export interface LiveUser {
  reducers: Readonly<Record<string, Reduce | undefined>>
}

/** A query in a cache, as much as is needed of it. */
export interface CachedQuery {
  /** `undefined` until there was an answer. */
  readonly data: unknown
  readonly isAsking: boolean
  /** Whether anybody shows it who lets it ask. */
  readonly isActive: boolean
  /** Changes the data, and leaves it to be asked again where it was, and failed where it has. */
  readonly write: (data: unknown) => void
  /** Asks again, where it is active; what was asked before is given up, if there is data already. */
  readonly invalidate: () => void
  /** Hears all that happens to it. */
  readonly subscribe: (listener: () => void) => () => void
}

/** What a live query is of. */
export interface LiveQueryOptions {
  readonly query: CachedQuery
  readonly join: Join
  readonly params: unknown
  readonly presence: unknown
  /** Where it is found while it is in use, and by what. */
  readonly queries: LiveQueries
  readonly key: string
}

/** More events than that while the server is asked, and it is asked again. */
const maxHeld = 1_000

/**
 * A room, joined while anybody shows the query, whose events are reduced into the query once, in the order in which they came.
 * What comes while the server is asked is held, and runs behind the answer.
 */
export class LiveQuery extends RoomView {
  readonly #options: LiveQueryOptions
  /** Those that show it, the newest last. */
  readonly #users = new Set<LiveUser>()
  /** The last one, when it has gone: its reducers run until the room is left, or somebody else has come. */
  #gone: LiveUser | undefined
  readonly #on: Record<string, (payload: unknown) => void> = {}
  #held: { readonly name: string; readonly payload: unknown }[] = []
  /** What the server is being asked was asked too early, or too much was missed meanwhile: it is asked once more. */
  #isAskedAgain = false
  #isJoined = false

  constructor(options: LiveQueryOptions) {
    super(options.join, options.params, { presence: options.presence })
    this.#options = options
  }

  /** From now on its reducers run before those of others. */
  use(user: LiveUser): void {
    if (this.#gone) this.#users.delete(this.#gone)
    this.#gone = undefined
    this.#users.delete(user)
    this.#users.add(user)
    for (const name of Object.keys(user.reducers)) this.#on[name] ??= (payload) => this.#hear(name, payload)
    this.react({ on: this.#on, onMissed: () => this.#ask() })
  }

  /** It is shown there no more. */
  forget(user: LiveUser): void {
    if (this.#users.size === 1 && this.#users.has(user)) this.#gone = user
    else this.#users.delete(user)
  }

  protected override begin(): () => void {
    const { query, queries, key } = this.#options
    const { status } = this.room
    const leave = super.begin() // first: it may throw
    queries.set(key, this)
    const stops = [
      // Not by rendering: a component may not be told of the answer, or be hidden by then.
      query.subscribe(() => this.#flush()),
      status.subscribe(() => this.#setJoined(status.current.state)),
    ]
    this.#setJoined(status.current.state)
    return () => {
      for (const stop of stops) stop()
      leave()
      if (queries.get(key) === this) queries.delete(key)
      this.#held = []
      this.#isAskedAgain = this.#isJoined = false
    }
  }

  /** Joined again with nothing missed it goes on; after a denial it begins anew, as `retry` begins all of it. */
  #setJoined(state: string): void {
    if (state !== 'joined' || this.#isJoined) return
    this.#isJoined = true
    this.#ask()
  }

  /** What is answered is asked from now on, not before. */
  #ask(): void {
    const { query } = this.#options
    // A first question is not taken back, nor one of which nobody is shown the answer yet: another follows it.
    if (query.isAsking && (query.data === undefined || !query.isActive)) this.#isAskedAgain = true
    else query.invalidate()
  }

  #hear(name: string, payload: unknown): void {
    if (!this.#options.query.isAsking && this.#held.length === 0) return this.#apply(name, payload)
    if (this.#held.push({ name, payload }) <= maxHeld) return
    this.#held = []
    this.#isAskedAgain = true
  }

  #flush(): void {
    const { query } = this.#options
    if (query.isAsking) return
    if (this.#isAskedAgain) {
      this.#isAskedAgain = false
      const held = this.#held
      this.#held = [] // the cache tells of what is invalid before it is asked
      query.invalidate()
      this.#held = held
      if (query.isAsking) return
    }
    for (const { name, payload } of this.#held.splice(0)) this.#apply(name, payload)
  }

  #apply(name: string, payload: unknown): void {
    const { query } = this.#options
    const { data } = query
    const reduce = [...this.#users].reverse().find(({ reducers }) => reducers[name])?.reducers[name]
    if (data === undefined || !reduce) return
    let next: unknown
    try {
      next = reduce(data, payload)
    } catch (error) {
      reportToPlatform(error)
    }
    if (next === undefined) query.invalidate()
    else if (!Object.is(next, data)) query.write(next)
  }
}

/** The live queries that are in use, by their query and params. None is kept by rendering alone. */
export type LiveQueries = Map<string, LiveQuery>

const all = new WeakMap<object, WeakMap<Join, LiveQueries>>()

/** Those of a cache and a kind of room: the same object each time. */
export function liveQueriesOf(cache: object, join: Join): LiveQueries {
  let byJoin = all.get(cache)
  if (!byJoin) all.set(cache, (byJoin = new WeakMap()))
  let queries = byJoin.get(join)
  if (!queries) byJoin.set(join, (queries = new Map()))
  return queries
}
