import type {
  AnyContract,
  AnyEvent,
  AnyProcedure,
  AnyRoom,
  Delivery,
  Event,
  Events,
  HistoryBounds,
  Procedure,
  Room,
  Schema,
} from '@typewire/core'
import { TypewireError } from '@typewire/core'
import { isPlainSchema } from '@typewire/core/internal'
import { type PresenceSettings, readPresenceOptions } from './rooms/presence-settings.ts'
import type { Handlers } from './types.ts'

// The contract and its handlers, looked up by name: what is decided once per name is decided here, so that nothing of
// it is decided per message. Maps, so that names such as `constructor` are just unknown.

/** A handler without its contract's types: what `implement` has checked by type, and `compile` by name. */
// oxlint-disable-next-line typescript/no-explicit-any -- the one place where the contract's types end; never exported
type AnyHandler = (args: any) => unknown

/** A value that the server sends: parsed by its schema, then encoded. */
export interface Sent {
  readonly schema: Schema
  /** Its schema lets nothing through but plain JSON, so values need no look before they are encoded. */
  readonly isPlain: boolean
}

export interface CompiledProcedure {
  readonly name: string
  readonly input: Schema
  readonly output: Sent
  readonly errors: ReadonlyMap<string, Sent>
  readonly errorMakers: object
  readonly timeoutMs: number | undefined
  readonly handle: AnyHandler
}

/** An event that clients send. */
export interface IncomingEvent {
  readonly name: string
  readonly payload: Schema
  readonly ack: Sent
  readonly handle: AnyHandler | undefined
}

/** An event that the server sends. */
export interface OutgoingEvent extends Sent {
  readonly name: string
  readonly ack: Schema
  readonly delivery: Delivery
  /** Of one that is delivered as `latest`: the key of a parsed payload. */
  readonly keyOf: ((payload: unknown) => string) | undefined
}

export interface CompiledRoomKind {
  readonly kind: string
  readonly params: Schema
  /** Of the canonical text of its params, in UTF-16 units. */
  readonly maxParamsLength: number
  readonly toClient: ReadonlyMap<string, OutgoingEvent>
  /** What members say of themselves, where the kind has it. */
  readonly presence: Sent | undefined
}

/** What the server does with a kind of room. */
export interface CompiledRoomHandlers {
  readonly authorize: AnyHandler | undefined
  readonly presence: CompiledPresence
  readonly toServer: ReadonlyMap<string, IncomingEvent>
  readonly history: CompiledHistory | undefined
}

/** How members see who is there, and who says what they see of one of them. */
export interface CompiledPresence extends PresenceSettings {
  readonly of: AnyHandler | undefined
}

/** What is kept of rooms of a kind, and who may read what was before it. */
export interface CompiledHistory extends HistoryBounds {
  readonly authorize: AnyHandler | undefined
}

export interface CompiledHandlers {
  readonly procedures: ReadonlyMap<string, CompiledProcedure>
  readonly events: ReadonlyMap<string, IncomingEvent>
  readonly rooms: ReadonlyMap<string, CompiledRoomHandlers>
  readonly session: AnyHandler | undefined
}

export function compileOutgoing(events: Events): ReadonlyMap<string, OutgoingEvent> {
  return mapOf(events, (name, event: AnyEvent) => {
    const { payload, ack, delivery, key } = event as Event<unknown, unknown>
    return { name, ...sent(payload), ack, delivery, keyOf: delivery === 'latest' ? keyOf(name, key) : undefined }
  })
}

/** Without a key of its own, an event has one for all payloads. */
function keyOf(name: string, key: ((payload: never) => unknown) | undefined): (payload: unknown) => string {
  if (!key) return () => ''
  return (payload) => {
    const value = key(payload as never)
    if (typeof value === 'string' || typeof value === 'number') return String(value)
    throw new TypeError(`emit.${name}: its key(payload) gave ${typeof value}. Give a string or a number.`)
  }
}

export const defaultMaxParamsLength = 1_024

export function compileRoomKinds(
  contract: AnyContract,
  maxParamsLength = defaultMaxParamsLength,
): ReadonlyMap<string, CompiledRoomKind> {
  return mapOf(contract.rooms, (kind, room: AnyRoom) => {
    const { params, presence } = room as Room<unknown, {}, {}, unknown, unknown>
    return {
      kind,
      params,
      maxParamsLength,
      toClient: compileOutgoing(room.events.toClient),
      presence: presence && sent(presence),
    }
  })
}

/** @throws TypeError for a handler that is missing, no function, or of no name in the contract; RangeError for a bound that is none. */
export function compileHandlers<Ctx, C extends AnyContract>(contract: C, handlers: Handlers<Ctx, C>): CompiledHandlers {
  const given = handlers as GivenHandlers
  const { procedures = {}, events = {}, rooms = {}, streams = {}, session } = given
  assertKnown(procedures, contract.procedures, 'procedures')
  assertKnown(events, contract.events.toServer, 'events')
  assertKnown(rooms, contract.rooms, 'rooms')
  assertKnown(streams, contract.streams, 'streams')
  if (session !== undefined) assertFunction(session, 'session')
  return {
    procedures: mapOf(contract.procedures, (name, procedure: AnyProcedure) =>
      compileProcedure(name, procedure as Procedure<unknown, unknown, {}>, handlerOf(procedures, name, 'procedures')),
    ),
    events: mapOf(contract.events.toServer, (name, event: AnyEvent) =>
      compileIncoming(name, event, handlerOf(events, name, 'events')),
    ),
    rooms: mapOf(contract.rooms, (kind, room: AnyRoom) => compileRoomHandlers(kind, room, rooms[kind] ?? {})),
    session,
  }
}

interface GivenHandlers {
  readonly procedures?: HandlerRecord
  readonly streams?: HandlerRecord
  readonly events?: HandlerRecord
  readonly rooms?: Readonly<Record<string, GivenRoomHandlers>>
  readonly session?: AnyHandler
}
interface GivenRoomHandlers {
  readonly authorize?: AnyHandler
  readonly events?: HandlerRecord
  readonly presence?: Partial<CompiledPresence>
  readonly history?: Partial<CompiledHistory>
}
type HandlerRecord = Readonly<Record<string, AnyHandler>>

function compileProcedure(
  name: string,
  definition: Procedure<unknown, unknown, {}>,
  handle: AnyHandler,
): CompiledProcedure {
  const { input, output, errors, timeoutMs } = definition
  const errorMakers = Object.fromEntries(
    Object.keys(errors).map((code) => [
      code,
      (data: unknown) => new TypewireError(code, `${name} answered ${code}.`, { data }),
    ]),
  )
  return {
    name,
    input,
    output: sent(output),
    errors: mapOf(errors, (_, schema) => sent(schema)),
    errorMakers,
    timeoutMs,
    handle,
  }
}

function compileRoomHandlers(kind: string, room: AnyRoom, given: GivenRoomHandlers): CompiledRoomHandlers {
  const { authorize, events = {}, presence, history } = given
  assertKnown(events, room.events.toServer, `rooms.${kind}.events`)
  if (authorize !== undefined) assertFunction(authorize, `rooms.${kind}.authorize`)
  for (const [name, handler] of Object.entries(events)) {
    if (handler !== undefined) assertFunction(handler, `rooms.${kind}.events.${name}`)
  }
  if (presence && !(room as Room<unknown, {}, {}>).presence) {
    throw new TypeError(
      `implement: rooms.${kind}.presence: the contract declares no presence. Write room({ presence }).`,
    )
  }
  return {
    authorize,
    presence: compilePresence(presence, `rooms.${kind}.presence`),
    toServer: mapOf(room.events.toServer, (name, event: AnyEvent) => compileIncoming(name, event, events[name])),
    history: history && compileHistory(history, `rooms.${kind}.history`),
  }
}

/** @throws RangeError for a time that is none; TypeError for a mode that there is not, or an `of` that cannot be. */
function compilePresence(given: Partial<CompiledPresence> | undefined, where: string): CompiledPresence {
  const of = given?.of
  const settings = readPresenceOptions(given, where)
  if (of !== undefined) assertFunction(of, `${where}.of`)
  if (of && settings.mode === 'count') {
    throw new TypeError(`implement: ${where}.of: with mode 'count' nobody sees what it gives. Take one of them out.`)
  }
  return { ...settings, of }
}

export const historyDefaults = { limit: 100, ttlMs: 3_600_000 }

/** @throws RangeError for a bound that is none; TypeError for an `authorize` that is no function. */
function compileHistory(given: Partial<CompiledHistory>, where: string): CompiledHistory {
  const { limit = historyDefaults.limit, ttlMs = historyDefaults.ttlMs, authorize } = given
  for (const [name, value] of Object.entries({ limit, ttlMs })) {
    if (Number.isSafeInteger(value) && value >= 1) continue
    throw new RangeError(`implement: ${where}.${name} is ${value}. Give a whole number of at least 1.`)
  }
  if (authorize !== undefined) assertFunction(authorize, `${where}.authorize`)
  return { limit, ttlMs, authorize }
}

function compileIncoming(name: string, event: AnyEvent, handle: AnyHandler | undefined): IncomingEvent {
  const { payload, ack } = event as Event<unknown, unknown>
  return { name, payload, ack: sent(ack), handle }
}

const sent = (schema: Schema): Sent => ({ schema, isPlain: isPlainSchema(schema) })

function handlerOf(handlers: HandlerRecord, name: string, section: string): AnyHandler {
  const handler: unknown = Object.hasOwn(handlers, name) ? handlers[name] : undefined
  if (handler === undefined) throw new TypeError(`implement: ${section}.${name} is missing.`)
  assertFunction(handler, `${section}.${name}`)
  return handler
}

function assertFunction(handler: unknown, where: string): asserts handler is AnyHandler {
  if (typeof handler !== 'function') throw new TypeError(`implement: ${where} is not a function.`)
}

function assertKnown(handlers: object, definitions: object, section: string): void {
  for (const name of Object.keys(handlers)) {
    if (Object.hasOwn(definitions, name)) continue
    throw new TypeError(
      `implement: ${section}.${name} is not in the contract. Declare it there, or take the handler out.`,
    )
  }
}

function mapOf<Definition, Compiled>(
  definitions: Readonly<Record<string, Definition>>,
  compile: (name: string, definition: Definition) => Compiled,
): ReadonlyMap<string, Compiled> {
  return new Map(Object.entries(definitions).map(([name, definition]) => [name, compile(name, definition)]))
}
