// Procedures as queries and mutations of TanStack Query 5, and queries that a room's events keep fresh.

import type { JoinOf } from '@typewire/client/views'
import { viewKey } from '@typewire/client/views'
import type { AnyContract, Call, CallErrorCode, ErrorsOf } from '@typewire/core'
import {
  type DataTag,
  type QueryKey,
  type UseMutationOptions,
  useQuery,
  useQueryClient,
  type UseQueryOptions,
  type UseQueryResult,
} from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { type RoomArguments, useSubscription } from './use-subscription.ts'

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

/** A procedure as a query, for `useQuery`, `useSuspenseQuery`, `prefetchQuery`, …; spread it to say more. */
export interface CallQueryOptions<Out, Failure> {
  readonly queryKey: DataTag<KeyOf, Out, Failure>
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Out>
  /** Three times what may be over soon: `TIMED_OUT`, `SESSION_LOST`, `OVERLOADED`. Else the answer would be the same. */
  readonly retry: (failures: number, error: Failure) => boolean
}

/**
 * A procedure as a query: `useQuery(queryOptions(client.call.list, { roomId }))`. Its errors are those of the contract. The
 * call is aborted when nobody waits for it any more.
 */
export function queryOptions<In, Out, Errors>(
  call: Call<In, Out, Errors>,
  ...[input]: InputOf<NoInfer<In>>
): CallQueryOptions<Out, ErrorsOf<Errors>> {
  return {
    queryKey: queryKey(call, input) as DataTag<KeyOf, Out, ErrorsOf<Errors>>,
    queryFn: ({ signal }) => call(input as In, { signal }),
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

/** More events than that while the server is asked, and it is asked again. */
const maxHeld = 1_000

/**
 * A query that a room's events keep fresh. It is asked when the room is joined, so that nothing falls between, and again when
 * events are missed for good. Where the room is denied it is a query like any other.
 */
export function useLiveQuery<Data, Failure, Key extends QueryKey, Name extends keyof C['rooms'], C extends AnyContract>(
  options: UseQueryOptions<Data, Failure, Data, Key> & { readonly queryKey: Key },
  join: JoinOf<Name, C>,
  params: C['rooms'][Name]['~given'],
  { reduce: reducers, presence }: LiveOptions<Name, C, Data>,
): UseQueryResult<Data, Failure> {
  const queryClient = useQueryClient()
  const { queryKey: key } = options
  const held = useRef<{ readonly name: string; readonly payload: unknown }[]>([])
  const invalidate = () => void queryClient.invalidateQueries({ queryKey: key, exact: true })
  const apply = (name: string, payload: unknown) => {
    const data = queryClient.getQueryData<Data>(key)
    if (data === undefined) return
    const reduce = reducers[name as keyof typeof reducers] as (data: Data, payload: unknown) => Data | undefined
    const next = reduce(data, payload)
    if (next === undefined) invalidate()
    else queryClient.setQueryData<Data>(key, () => next)
  }
  const hear = (name: string) => (payload: unknown) => {
    const isAsked = queryClient.getQueryState(key)?.fetchStatus === 'fetching'
    if (!isAsked && held.current.length === 0) apply(name, payload)
    else if (held.current.length <= maxHeld) held.current.push({ name, payload })
  }
  const on = Object.fromEntries(Object.keys(reducers).map((name) => [name, hear(name)]))
  const args = [params, { on, onMissed: invalidate, presence }] as unknown as RoomArguments<Name, C, {}>
  const { status } = useSubscription<Name, C>(join, ...args)
  const isSettled = status !== 'joining' && status !== 'skipped'
  const query = useQuery({ ...options, enabled: isSettled && (options.enabled ?? true) } as typeof options)
  const { isFetching, dataUpdatedAt } = query
  const flush = useRef(() => {})
  useEffect(() => {
    flush.current = () => {
      const events = held.current.splice(0)
      if (events.length > maxHeld) invalidate()
      else for (const { name, payload } of events) apply(name, payload)
    }
  })
  useEffect(() => {
    if (!isFetching) flush.current()
  }, [isFetching, dataUpdatedAt])
  return query
}
