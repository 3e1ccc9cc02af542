import type { ErrorMakers, TypewireError } from '../errors/typewire-error.ts'
import type { MaybePromise } from '../util/types.ts'
import type { Schema } from './schema.ts'
import type {
  Answer,
  Call,
  CallNoInput,
  Emit,
  EmitNoPayload,
  EmitToRoom,
  EmitToRoomNoPayload,
  EmitWithAck,
  EmitWithAckNoPayload,
  On,
  RoomEmitOptions,
  Send,
  SendNoPayload,
  Stream,
  StreamNoInput,
  Try,
  TryNoInput,
  UnkeptEmitOptions,
} from './verbs.ts'

// What a contract is made of. Members in '~' exist in types only; each is computed when someone asks for that name,
// so a contract of thousands costs what is used of it. Type parameters: first what callers see (In, Out, Errors),
// then what the handler sees.

/** What a definition says of itself, for people: documents and what is generated repeat it. It does not travel. */
export interface Told {
  readonly description?: string | undefined
  /** `true`, or what to use in its place. */
  readonly deprecated?: boolean | string | undefined
}

export interface Procedure<In, Out, Errors, HandlerIn = In, HandlerOut = Out, HandlerErrors = Errors> extends Told {
  readonly kind: 'procedure'
  readonly input: Schema<In, HandlerIn>
  readonly output: Schema<HandlerOut, Out>
  readonly errors: Readonly<Record<string, Schema>>
  readonly timeoutMs: number | undefined
  /** Running it twice does what running it once does. */
  readonly idempotent: boolean
  readonly '~verb': undefined extends In ? CallNoInput<In, Out, Errors> : Call<In, Out, Errors>
  readonly '~try': undefined extends In ? TryNoInput<In, Out, Errors> : Try<In, Out, Errors>
  readonly '~input': HandlerIn
  readonly '~answer': MaybePromise<HandlerOut>
  readonly '~errors': ErrorMakers<HandlerErrors>
}

export interface StreamProcedure<
  In,
  Item,
  Errors,
  HandlerIn = In,
  HandlerItem = Item,
  HandlerErrors = Errors,
> extends Told {
  readonly kind: 'stream'
  readonly input: Schema<In, HandlerIn>
  readonly items: Schema<HandlerItem, Item>
  readonly key: ((item: never) => string | number) | undefined
  readonly errors: Readonly<Record<string, Schema>>
  readonly timeoutMs: number | undefined
  readonly '~verb': undefined extends In ? StreamNoInput<In, Item, Errors> : Stream<In, Item, Errors>
  readonly '~input': HandlerIn
  readonly '~answer': AsyncIterable<HandlerItem>
  readonly '~errors': ErrorMakers<HandlerErrors>
}

/**
 * What becomes of an event at a client that lags behind. `reliable`: it waits, within the session's bound. `volatile`: it
 * is dropped. `latest`: of those of one key only the newest waits.
 */
export type Delivery = 'reliable' | 'volatile' | 'latest'

export interface Event<In, Out, AckIn = void, AckOut = AckIn, ToRoom = RoomEmitOptions> extends Told {
  readonly kind: 'event'
  readonly payload: Schema<In, Out>
  readonly ack: Schema<AckIn, AckOut>
  readonly delivery: Delivery
  /** Of what is delivered as `latest`: which of them are about the same. Without it, all are. */
  readonly key: ((payload: never) => string | number) | undefined
  readonly '~emit': undefined extends In ? EmitNoPayload<In> : Emit<In>
  readonly '~send': undefined extends In ? SendNoPayload<In> : Send<In>
  readonly '~emitWithAck': undefined extends In ? EmitWithAckNoPayload<In, AckOut> : EmitWithAck<In, AckOut>
  readonly '~emitToRoom': undefined extends In ? EmitToRoomNoPayload<In, ToRoom> : EmitToRoom<In, ToRoom>
  readonly '~emitVolatile': undefined extends In
    ? EmitToRoomNoPayload<In, UnkeptEmitOptions>
    : EmitToRoom<In, UnkeptEmitOptions>
  readonly '~emitToMembers': undefined extends In
    ? EmitWithAckNoPayload<In, readonly MemberAck<AckOut>[]>
    : EmitWithAck<In, readonly MemberAck<AckOut>[]>
  readonly '~on': On<Out, Answer<AckIn>>
  readonly '~payload': Out
  readonly '~answer': Answer<AckIn>
}

/** What became of an event with an ack at one member of a room. */
export type MemberAck<Ack> = { readonly sessionId: string } & (
  | { readonly status: 'acked'; readonly data: Ack }
  | { readonly status: 'failed'; readonly error: TypewireError }
  | { readonly status: 'timedOut' | 'left' }
)

export interface Room<
  Params,
  ToServer extends Events,
  ToClient extends Events,
  HandlerParams = Params,
  Present = undefined,
  Seen = Present,
> extends Told {
  readonly kind: 'room'
  readonly params: Schema<Params, HandlerParams>
  readonly events: EventMap<ToServer, ToClient>
  /** What members say of themselves; `undefined`: nobody is told who is there. */
  readonly presence: Schema<Present, Seen> | undefined
  readonly '~given': Params
  readonly '~params': HandlerParams
  readonly '~present': Present
  readonly '~seen': Seen
}

export interface EventMap<ToServer, ToClient> {
  readonly toServer: ToServer
  readonly toClient: ToClient
}

// The least that a name must be. Type-only members are optional here, so that an error speaks of `kind` alone.
export interface AnyProcedure {
  readonly kind: 'procedure'
  readonly '~verb'?: unknown
  readonly '~try'?: unknown
  readonly '~input'?: unknown
  readonly '~answer'?: unknown
  readonly '~errors'?: unknown
}
export interface AnyStream {
  readonly kind: 'stream'
  readonly '~verb'?: unknown
  readonly '~input'?: unknown
  readonly '~answer'?: unknown
  readonly '~errors'?: unknown
}
export interface AnyEvent {
  readonly kind: 'event'
  readonly '~emit'?: unknown
  readonly '~send'?: unknown
  readonly '~emitWithAck'?: unknown
  readonly '~emitToRoom'?: unknown
  readonly '~emitVolatile'?: unknown
  readonly '~emitToMembers'?: unknown
  readonly '~on'?: unknown
  readonly '~payload'?: unknown
  readonly '~answer'?: unknown
}
export interface AnyRoom {
  readonly kind: 'room'
  readonly events: EventMap<Events, Events>
  readonly '~given'?: unknown
  readonly '~params'?: unknown
  readonly '~present'?: unknown
  readonly '~seen'?: unknown
}

export type Procedures = Readonly<Record<string, AnyProcedure>>
export type Streams = Readonly<Record<string, AnyStream>>
export type Events = Readonly<Record<string, AnyEvent>>
export type Rooms = Readonly<Record<string, AnyRoom>>
