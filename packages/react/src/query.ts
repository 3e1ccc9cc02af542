// Procedures as queries and mutations of TanStack Query 5, and queries that a room's events keep fresh.

import { type JoinOf, type RoomSnapshot, skip, type Skip, viewKey } from '@typewire/client/views'
import type { AnyContract, Call, CallErrorCode, ErrorsOf } from '@typewire/core'
import {
  type DataTag,
  type QueryClient,
  type QueryKey,
  type UseMutationOptions,
  useQuery,
  useQueryClient,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query'
import { useInsertionEffect, useSyncExternalStore } from 'react'
import { type CachedQuery, liveQueriesOf, LiveQuery, type LiveQueryOptions, type LiveUser } from './live-query.ts'
import { useMade } from './use-made.ts'

/** What all queries of a client's procedure begin with, and those of one input. */
type KeyOf = readonly ['typewire', procedure: string, client: number, input?: string]

type Procedure = (...args: never[]) => Promise<unknown>

/** A function of another client is another, of the same name: what one client was answered is not for the other. */
const numbers = new WeakMap<Procedure, number>()
const counts = new Map<string, number>()

/** In order of first use, so that it is 1 on a server and in a browser where each has one client. */
function numberOf(call: Procedure): number {
  let number = numbers.get(call)
  if (number === undefined) {
    number = (counts.get(call.name) ?? 0) + 1
    counts.set(call.name, number)
    numbers.set(call, number)
  }
  return number
}

/**
 * The key of a procedure's queries, or of the one for an input: `queryClient.invalidateQueries({ queryKey: queryKey(client.call.list) })`.
 * Those of another client have other keys.
 */
export function queryKey(call: Procedure, ...input: readonly [input?: unknown]): KeyOf {
  const key = ['typewire', call.name, numberOf(call)] as const
  return input.length === 0 ? key : [...key, viewKey(input[0])]
}

type InputOf<In> = undefined extends In ? [input?: In] : [input: In]

/** What a cache keeps of an answer: `undefined` means to it that there is none, so that `null` stands for it. */
export type Cached<Out> = undefined extends Out ? Exclude<Out, undefined | void> | null : Out

/** A procedure as a query, for `useQuery`, `useSuspenseQuery`, `prefetchQuery`, …; spread it to say more. */
export interface CallQueryOptions<Out, Failure> {
  readonly queryKey: DataTag<KeyOf, Out, Failure>
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Out>
  /** Three times what may be over soon: `TIMED_OUT`, `SESSION_LOST`, `OVERLOADED`. Else the answer would be the same. */
  readonly retry: (failures: number, error: Failure) => boolean
}

/**
 * A procedure as a query: `useQuery(queryOptions(client.call.list, { roomId }))`. Its errors are those of the contract. The
 * call is aborted when nobody waits for it any more. Where there is no output, or it is `undefined`, the data is `null`.
 */
export function queryOptions<In, Out, Errors>(
  call: Call<In, Out, Errors>,
  ...[input]: InputOf<NoInfer<In>>
): CallQueryOptions<Cached<Out>, ErrorsOf<Errors>> {
  return {
    queryKey: queryKey(call, input) as DataTag<KeyOf, Cached<Out>, ErrorsOf<Errors>>,
    queryFn: async ({ signal }) => ((await call(input as In, { signal })) ?? null) as Cached<Out>,
    retry: (failures, { code }) => failures < 3 && passing.has(code),
  }
}

const passing: ReadonlySet<string> = new Set<CallErrorCode>(['TIMED_OUT', 'SESSION_LOST', 'OVERLOADED'])

/** A procedure as a mutation: `useMutation(mutationOptions(client.call.send))`. */
export function mutationOptions<In, Out, Errors>(
  call: Call<In, Out, Errors>,
): Pick<UseMutationOptions<Out, ErrorsOf<Errors>, In>, 'mutationFn' | 'retry'> & { readonly mutationKey: QueryKey } {
  return { mutationKey: ['typewire', call.name], mutationFn: (input) => call(input) }
}

/**
 * How events change the data of a query: each gives what it is then, or `undefined` where it has to be asked for again. What
 * comes while the server is asked runs behind its answer, in which it may be already: change by an id, do not add twice.
 */
export type LiveReducers<Name extends keyof C['rooms'], C extends AnyContract, Data> = {
  readonly [Event in keyof C['rooms'][Name]['events']['toClient']]?:
    | ((data: Data, payload: C['rooms'][Name]['events']['toClient'][Event]['~payload']) => NoInfer<Data> | undefined)
    | undefined
}

/** How a query is kept fresh, and what the room is joined with. */
export type LiveOptions<Name extends keyof C['rooms'], C extends AnyContract, Data> = {
  readonly reduce: LiveReducers<Name, C, Data>
} & (undefined extends C['rooms'][Name]['~present']
  ? { readonly presence?: C['rooms'][Name]['~present'] }
  : { readonly presence: C['rooms'][Name]['~present'] })

/** The room's params, where it has any, and how its events change the data. */
export type LiveArguments<Name extends keyof C['rooms'], C extends AnyContract, Data> =
  | [params: C['rooms'][Name]['~given'] | Skip, options: LiveOptions<Name, C, Data>]
  | (undefined extends C['rooms'][Name]['~given'] ? [options: LiveOptions<Name, C, Data>] : never)

/** The room that keeps a query fresh. */
export interface LiveRoom extends Pick<RoomSnapshot<unknown>, 'status' | 'error'> {
  /** Asks again for a room that it is not in: after a denial, or when it was evicted. */
  readonly retry: () => void
}

/** A query, and where the room stands that keeps it fresh: not `joined`, and the data grows old. */
export type LiveQueryResult<Data, Failure> = UseQueryResult<Data, Failure> & { readonly room: LiveRoom }

/**
 * A query that a room's events keep fresh. What it shows was asked after the room was joined, so that nothing falls between,
 * and is asked again when events are missed for good. Where the room is denied it is a query like any other, and `room` says
 * so. `skip` in place of params waits.
 *
 * Components of equal keys and params share it: each event is reduced once, by the reducers of the component that was rendered
 * last. A reducer that throws is reported (`reportError`), and the server is asked again. An event leaves an `error` of the
 * query as it is, until the server is asked again. With `select`, reducers are given all of the data.
 */
export function useLiveQuery<
  Data,
  Failure,
  Key extends QueryKey,
  Name extends keyof C['rooms'],
  C extends AnyContract,
  Selected = Data,
>(
  options: UseQueryOptions<Data, Failure, Selected, Key> & { readonly queryKey: Key },
  join: JoinOf<Name, C>,
  ...live: LiveArguments<Name, C, Data>
): LiveQueryResult<Selected, Failure> {
  const { reduce: reducers, presence } = live[live.length - 1] as LiveOptions<Name, C, Data>
  const params: unknown = live.length > 1 ? live[0] : undefined
  const queryClient = useQueryClient()
  const anyJoin = join as unknown as JoinOf<string, AnyContract>
  const queries = liveQueriesOf(queryClient, anyJoin)
  const { queryHash, enabled = true } = queryClient.defaultQueryOptions(options)
  const key = `${viewKey(params)} ${queryHash}`
  const use = useMade(queries, key, () => {
    const query = cachedQuery(queryClient, options.queryKey, queryHash)
    return new LiveQueryUse({ query, join: anyJoin, params, presence, queries, key })
  })
  // Before the effect that joins: the first event finds its reducer.
  useInsertionEffect(() => use.reduce(reducers as LiveUser['reducers']))
  const { status, error } = useSyncExternalStore(use.subscribe, use.read, use.readFirst)
  const isSettled = status !== 'joining' && status !== 'skipped'
  const query = useQuery({ ...options, enabled: isSettled && enabled } as typeof options)
  return withRoom(query, { status, error, retry: use.retry })
}

type LiveSnapshot = Pick<RoomSnapshot<unknown>, 'status' | 'error'>
const joining: LiveSnapshot = { status: 'joining', error: undefined }
const skipped: LiveSnapshot = { status: 'skipped', error: undefined }

/** What one component has of a live query, which is made when the first of them is mounted. */
class LiveQueryUse {
  readonly #options: LiveQueryOptions
  readonly #user: LiveUser = { reducers: {} }
  #query: LiveQuery | undefined

  constructor(options: LiveQueryOptions) {
    this.#options = options
  }

  reduce(reducers: LiveUser['reducers']): void {
    this.#user.reducers = reducers
    this.#query?.use(this.#user)
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    const { params, queries, key } = this.#options
    if (params === skip) return () => {}
    const query = (this.#query = queries.get(key) ?? new LiveQuery(this.#options))
    query.use(this.#user)
    const stops = [query.retain(), query.subscribe(listener), () => query.forget(this.#user)]
    return () => {
      this.#query = undefined
      for (const stop of stops) stop()
    }
  }

  readonly read = (): LiveSnapshot => this.#options.queries.get(this.#options.key)?.current ?? this.readFirst()

  /** On a server, and while a page is hydrated: what is shown before it is joined. */
  readonly readFirst = (): LiveSnapshot => (this.#options.params === skip ? skipped : joining)

  readonly retry = (): void => this.#query?.retry()
}

function cachedQuery(queryClient: QueryClient, queryKey: QueryKey, queryHash: string): CachedQuery {
  const cache = queryClient.getQueryCache()
  const find = () => cache.get(queryHash)
  return {
    get data() {
      return find()?.state.data
    },
    get isAsking() {
      return find()?.state.fetchStatus === 'fetching'
    },
    get isActive() {
      return find()?.isActive() ?? false
    },
    write(data) {
      const query = find()
      if (!query) return
      const { isInvalidated, status, error } = query.state
      query.setData(data, { manual: true })
      // An event makes nothing fresh that was not, and no question answered that has failed.
      if (isInvalidated || error) query.setState({ isInvalidated, status, error })
    },
    invalidate: () => void queryClient.invalidateQueries({ queryKey, exact: true }, { cancelRefetch: true }),
    subscribe: (listener) =>
      cache.subscribe(({ query }) => {
        if (query.queryHash === queryHash) listener()
      }),
  }
}

/** A query tells what is read of it, by which it knows when to render: so it is read when its reader reads. */
function withRoom<Data, Failure>(query: UseQueryResult<Data, Failure>, room: LiveRoom): LiveQueryResult<Data, Failure> {
  const result = { room }
  for (const key of Object.keys(query) as (keyof typeof query)[]) {
    Object.defineProperty(result, key, { enumerable: true, get: () => query[key] })
  }
  return result as LiveQueryResult<Data, Failure>
}
