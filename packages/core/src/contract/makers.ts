import type { Delivery, Event, Events, Procedure, Room, StreamProcedure, Told } from './definitions.ts'
import { assertSchema } from './assert-schema.ts'
import { nothing } from './nothing.ts'
import type { Given, Got, Nothing, Schema } from './schema.ts'
import { uploadSchema } from './upload.ts'
import type { RoomEmitOptions, UnkeptEmitOptions } from './verbs.ts'

type Schemas = Readonly<Record<string, Schema>>

export interface ProcedureOptions extends Told {
  /**
   * How long the handler may take, in milliseconds, before the caller gets `TIMED_OUT` and the handler's `signal`
   * aborts. A caller that gives a shorter limit of its own has that; what a client gives for all calls does not count here.
   * Default: `timeoutMs` of the server, 30,000.
   */
  readonly timeoutMs?: number | undefined
}

export interface RepetitionOptions {
  /**
   * Whether running it twice with one input does what running it once does: reading, setting, deleting. Then a call that
   * was in flight when its session was lost is answered all the same: by the result that was kept of it, or by running it
   * again. Default false, as only who wrote the handler can know: such a call rejects `SESSION_LOST`, and its outcome is
   * `unknown`.
   */
  readonly idempotent?: boolean | undefined
}

/**
 * Declares a procedure: what a caller sends, what it gets, and the errors it may meet.
 * @throws TypeError when a part is not a Standard Schema; RangeError when `timeoutMs` is not a positive number.
 */
export function procedure<I extends Schema = Nothing, O extends Schema = Nothing, E extends Schemas = {}>(
  definition: { readonly input?: I; readonly output?: O; readonly errors?: E } & ProcedureOptions & RepetitionOptions,
): Procedure<
  Given<I>,
  Got<O>,
  { [Code in keyof E]: Got<E[Code]> },
  Got<I>,
  Given<O>,
  { [Code in keyof E]: Given<E[Code]> }
> {
  const { input = nothing, output = nothing, errors = {}, timeoutMs, idempotent = false } = definition
  assertSchema(input, 'procedure({ input })')
  assertSchema(output, 'procedure({ output })')
  return typeOnly({
    kind: 'procedure',
    input,
    output,
    ...answering('procedure', errors, timeoutMs),
    idempotent,
    ...told(definition),
  })
}

export interface StreamOptions<Item> extends Told {
  /**
   * How long the whole stream may take, in milliseconds, before the caller gets `TIMED_OUT`. Default: as long as it likes,
   * since many streams have no end.
   */
  readonly timeoutMs?: number | undefined
  /**
   * Names an item, so that the stream can go on where it was when a session is lost: the client calls it again, and the
   * handler gets the key of the last item that arrived as `after`. Without it a lost session ends the stream.
   */
  readonly key?: ((item: Item) => string | number) | undefined
}

/**
 * Declares a stream: a procedure that answers with many items.
 * @throws TypeError when a part is not a Standard Schema, or `key` no function; RangeError when `timeoutMs` is not a
 * positive number.
 */
export function stream<T extends Schema, I extends Schema = Nothing, E extends Schemas = {}>(
  definition: { readonly input?: I; readonly items: T; readonly errors?: E } & StreamOptions<Got<T>>,
): StreamProcedure<
  Given<I>,
  Got<T>,
  { [Code in keyof E]: Got<E[Code]> },
  Got<I>,
  Given<T>,
  { [Code in keyof E]: Given<E[Code]> }
> {
  const { input = nothing, items, errors = {}, timeoutMs, key } = definition
  assertSchema(input, 'stream({ input })')
  assertSchema(items, 'stream({ items })')
  if (key !== undefined && typeof key !== 'function')
    throw new TypeError('stream({ key }): a key is a function of an item.')
  return typeOnly({ kind: 'stream', input, items, key, ...answering('stream', errors, timeoutMs), ...told(definition) })
}

/**
 * What gives items one by one: an async iterable, a generator or another iterator, a stream of the platform; or all at once:
 * an array, a set. Of other iterables (bytes, a string, a `Map`) give the iterator: `map.values()`.
 */
export type ItemsToUpload<Item> =
  | AsyncIterable<Item>
  | IterableIterator<Item>
  | ReadableStream<Item>
  | readonly Item[]
  | ReadonlySet<Item>

/** An input of many items: the caller gives an iterable, the handler reads an async one. */
export function upload<T extends Schema>(items: T): Schema<ItemsToUpload<Given<T>>, AsyncIterable<Got<T>>>
/** The same with a head: the caller gives `{ ...head, items }`. */
export function upload<T extends Schema, H extends Schema>(
  items: T,
  head: H,
): Schema<Given<H> & { readonly items: ItemsToUpload<Given<T>> }, Got<H> & { readonly items: AsyncIterable<Got<T>> }>
export function upload(items: Schema, head?: Schema): Schema {
  assertSchema(items, 'upload(items)')
  if (head !== undefined) assertSchema(head, 'upload(items, head)')
  return uploadSchema(items, head)
}

export type EventOptions<P extends Schema, A extends Schema, D extends Delivery = Delivery> = {
  /** What the handler of an `emitWithAck` answers. Without it the ack is a bare receipt. */
  readonly ack?: A
  readonly delivery?: D | undefined
} & Told &
  DeliveryOptions<Got<P>>

/** How an event to clients is delivered. With an ack it is `reliable`, whatever is declared. */
export type DeliveryOptions<Payload> =
  | {
      /**
       * What becomes of it at a client that lags behind. `reliable`, the default: it waits for the client, and the session
       * ends where more waits than `maxBufferBytes` of the server. `volatile`: it is dropped.
       */
      readonly delivery?: 'reliable' | 'volatile' | undefined
      readonly key?: undefined
    }
  | {
      /** Of those that wait for a client, only the newest of each key is kept, in the place of the one before. */
      readonly delivery: 'latest'
      /** Which of them are about the same, of one room or of one session: `(price) => price.symbol`. Default: all are. */
      readonly key?: ((payload: Payload) => string | number) | undefined
    }

/**
 * Declares an event: a one-way message, with an ack where one is asked for.
 * @throws TypeError when the payload or the ack is not a Standard Schema, for a `delivery` that there is not, and for a
 * `key` where it is not `latest`.
 */
export function event<P extends Schema = Nothing, A extends Schema = Nothing, D extends Delivery = 'reliable'>(
  payload?: P,
  options: EventOptions<P, A, D> = {},
): Event<Given<P>, Got<P>, Given<A>, Got<A>, D extends 'reliable' ? RoomEmitOptions : UnkeptEmitOptions> {
  const { ack = nothing, delivery = 'reliable', key } = options
  if (payload !== undefined) assertSchema(payload, 'event(payload)')
  assertSchema(ack, 'event(payload, { ack })')
  if (!deliveries.includes(delivery)) {
    throw new TypeError(`event(payload, { delivery: '${delivery}' }): give one of ${deliveries.join(', ')}.`)
  }
  if (key !== undefined && (delivery !== 'latest' || typeof key !== 'function')) {
    throw new TypeError("event(payload, { key }): a key is a function, and of { delivery: 'latest' } alone.")
  }
  return typeOnly({ kind: 'event', payload: payload ?? nothing, ack, delivery, key, ...told(options) })
}

const deliveries: readonly Delivery[] = ['reliable', 'volatile', 'latest']

export interface EventsDefinition<Up, Down> {
  /** What clients send. */
  readonly toServer?: Up
  /** What the server sends. */
  readonly toClient?: Down
}

/**
 * Declares a kind of room. Its `params` say which instance; without them there is one.
 * @throws TypeError when `params` or `presence` is not a Standard Schema.
 */
export function room<
  P extends Schema = Nothing,
  Up extends Events = {},
  Down extends Events = {},
  Presence extends Schema = Schema<undefined, undefined>,
>(
  definition: {
    readonly params?: P
    readonly events?: EventsDefinition<Up, Down>
    /** What members say of themselves, for all members to see. Without it nobody is told who is there. */
    readonly presence?: Presence
  } & Told,
): Room<Given<P>, NoInfer<Up>, NoInfer<Down>, Got<P>, Given<Presence>, Got<Presence>> {
  const { params = nothing, events, presence } = definition
  assertSchema(params, 'room({ params })')
  if (presence !== undefined) assertSchema(presence, 'room({ presence })')
  return typeOnly({
    kind: 'room',
    params,
    presence,
    events: { toServer: events?.toServer ?? {}, toClient: events?.toClient ?? {} },
    ...told(definition),
  })
}

function answering(maker: string, errors: Schemas, timeoutMs: number | undefined) {
  for (const [code, schema] of Object.entries(errors)) assertSchema(schema, `${maker}({ errors: { ${code} } })`)
  if (timeoutMs !== undefined && !(typeof timeoutMs === 'number' && timeoutMs > 0)) {
    const shown = typeof timeoutMs === 'string' ? JSON.stringify(timeoutMs) : String(timeoutMs)
    throw new RangeError(`${maker}({ timeoutMs: ${shown} }): give milliseconds above 0, or leave it out.`)
  }
  return { errors, timeoutMs }
}

function told({ description, deprecated }: Told): Told {
  return { ...(description !== undefined && { description }), ...(deprecated && { deprecated }) }
}

/** The members in '~' exist in types only; this is the one place that says so. */
function typeOnly<Definition>(definition: object): Definition {
  return Object.freeze(definition) as Definition
}
