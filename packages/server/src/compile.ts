import type {
  AnyEvent,
  AnyProcedure,
  AnyRoom,
  AnyStream,
  Delivery,
  Event,
  Events,
  HistoryBounds,
  Procedure,
  Room,
  Schema,
  StreamProcedure,
} from '@typewire/core'
import { TypewireError } from '@typewire/core'
import { isPlainSchema, isUpload, nothing } from '@typewire/core/internal'
import type { Namespace } from './namespace.ts'
import { wrapSections } from './middleware/make-middleware.ts'
import type { AnyFunction as AnyHandler } from './middleware/wrap.ts'
import { type PresenceSettings, readPresenceOptions } from './rooms/presence-settings.ts'

// The contract and its handlers, looked up by name: what is decided once per name is decided here, so that nothing of
// it is decided per message. Maps, so that names such as `constructor` are just unknown. Those of namespaces are in the
// same maps, by their names on the wire: `admin/ban`.

/** A value that the server sends: parsed by its schema, then encoded. */
export interface Sent {
  readonly schema: Schema
  /** Its schema lets nothing through but plain JSON, so values need no look before they are encoded. */
  readonly isPlain: boolean
}

export interface CompiledProcedure extends CompiledCall {
  readonly output: Sent
  /** Running it twice does what running it once does. */
  readonly isIdempotent: boolean
}

/** A stream: it answers with items. */
export interface CompiledStream extends CompiledCall {
  readonly items: Sent
  /** Of a parsed item, where the contract names them. */
  readonly keyOf: ((item: never) => string | number) | undefined
}

/** What a client calls. */
export interface CompiledCall {
  readonly name: string
  /** Of the whole input; of an upload, of its head. */
  readonly input: Schema
  /** Where the input, or its `items`, comes item by item. */
  readonly upload: CompiledUpload | undefined
  readonly errors: ReadonlyMap<string, Sent>
  readonly errorMakers: object
  readonly timeoutMs: number | undefined
  readonly handle: AnyHandler
}

export interface CompiledUpload {
  readonly items: Schema
  /** The items lie beside other members. */
  readonly hasHead: boolean
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
  /** As it is on the wire, with its namespace: `admin/desk`. */
  readonly kind: string
  readonly namespace: Namespace
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
  readonly streams: ReadonlyMap<string, CompiledStream>
  readonly events: ReadonlyMap<string, IncomingEvent>
  readonly rooms: ReadonlyMap<string, CompiledRoomHandlers>
  /** What runs when a session has opened a namespace, or the root. */
  readonly sessions: ReadonlyMap<Namespace, AnyHandler>
}

/** `qualify`: what a name is on the wire. */
export function compileOutgoing(
  events: Events,
  qualify = (name: string): string => name,
): ReadonlyMap<string, OutgoingEvent> {
  return mapOf(
    events,
    (name, event: AnyEvent) => {
      const { payload, ack, delivery, key } = event as Event<unknown, unknown>
      return {
        name: qualify(name),
        ...sent(payload),
        ack,
        delivery,
        keyOf: delivery === 'latest' ? keyOf(name, key) : undefined,
      }
    },
    qualify,
  )
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
  namespace: Namespace,
  maxParamsLength = defaultMaxParamsLength,
): ReadonlyMap<string, CompiledRoomKind> {
  const qualify = (name: string) => namespace.qualify(name)
  const compile = (name: string, room: AnyRoom) => {
    const { params, presence } = room as Room<unknown, {}, {}, unknown, unknown>
    return {
      kind: qualify(name),
      namespace,
      params,
      maxParamsLength,
      toClient: compileOutgoing(room.events.toClient),
      presence: presence && sent(presence),
    }
  }
  return mapOf(namespace.contract.rooms, compile, qualify)
}

/**
 * The handlers of a contract and of all within it, with `use`, the middleware of the server, around each.
 * @throws TypeError for a handler that is missing, no function, or of no name in the contract; RangeError for a bound that is none.
 */
export function compileHandlers(
  namespaces: Iterable<Namespace>,
  handlers: object,
  use: readonly AnyHandler[] = [],
): CompiledHandlers {
  const given = new Map<Namespace | undefined, GivenHandlers>()
  const compiled = [...namespaces].map((namespace) => {
    const { path, parent, contract } = namespace
    const name = path.slice(path.lastIndexOf('/') + 1)
    const own = parent ? (given.get(parent)?.namespaces?.[name] ?? {}) : (handlers as GivenHandlers)
    given.set(namespace, own)
    const where = path === '' ? '' : `namespaces.${path.replaceAll('/', '.namespaces.')}.`
    assertKnown(own.namespaces ?? {}, contract.namespaces, `${where}namespaces`)
    return compileSections(namespace, wrapSections(use, namespace, own), where)
  })
  return {
    procedures: new Map(compiled.flatMap(({ procedures }) => [...procedures])),
    streams: new Map(compiled.flatMap(({ streams }) => [...streams])),
    events: new Map(compiled.flatMap(({ events }) => [...events])),
    rooms: new Map(compiled.flatMap(({ rooms }) => [...rooms])),
    sessions: new Map(compiled.flatMap(({ sessions }) => [...sessions])),
  }
}

/** `where`: what the sections are called, in errors. */
function compileSections(namespace: Namespace, given: GivenHandlers, where: string): CompiledHandlers {
  const { procedures = {}, events = {}, rooms = {}, streams = {}, session } = given
  const { contract } = namespace
  const qualify = (name: string) => namespace.qualify(name)
  assertKnown(procedures, contract.procedures, `${where}procedures`)
  assertKnown(events, contract.events.toServer, `${where}events`)
  assertKnown(rooms, contract.rooms, `${where}rooms`)
  assertKnown(streams, contract.streams, `${where}streams`)
  if (session !== undefined) assertFunction(session, `${where}session`)
  const procedure = (name: string, definition: AnyProcedure) =>
    compileProcedure(
      qualify(name),
      definition as Procedure<unknown, unknown, {}>,
      handlerOf(procedures, name, `${where}procedures`),
    )
  const stream = (name: string, definition: AnyStream) =>
    compileStream(
      qualify(name),
      definition as StreamProcedure<unknown, unknown, {}>,
      handlerOf(streams, name, `${where}streams`),
    )
  const event = (name: string, definition: AnyEvent) =>
    compileIncoming(qualify(name), definition, handlerOf(events, name, `${where}events`))
  const room = (kind: string, definition: AnyRoom) =>
    compileRoomHandlers(`${where}rooms.${kind}`, definition, rooms[kind] ?? {})
  return {
    procedures: mapOf(contract.procedures, procedure, qualify),
    streams: mapOf(contract.streams, stream, qualify),
    events: mapOf(contract.events.toServer, event, qualify),
    rooms: mapOf(contract.rooms, room, qualify),
    sessions: new Map(session ? [[namespace, session]] : []),
  }
}

interface GivenHandlers {
  readonly procedures?: HandlerRecord
  readonly streams?: HandlerRecord
  readonly events?: HandlerRecord
  readonly rooms?: Readonly<Record<string, GivenRoomHandlers>>
  readonly session?: AnyHandler
  readonly namespaces?: Readonly<Record<string, GivenHandlers>>
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
  const isIdempotent = definition.idempotent === true
  return { ...compileCall(name, definition, handle), output: sent(definition.output), isIdempotent }
}

function compileStream(
  name: string,
  definition: StreamProcedure<unknown, unknown, {}>,
  handle: AnyHandler,
): CompiledStream {
  return { ...compileCall(name, definition, handle), items: sent(definition.items), keyOf: definition.key }
}

function compileCall(
  name: string,
  { input, errors, timeoutMs }: Pick<Procedure<unknown, unknown, {}>, 'input' | 'errors' | 'timeoutMs'>,
  handle: AnyHandler,
): CompiledCall {
  const errorMakers = Object.fromEntries(
    Object.keys(errors).map((code) => [
      code,
      (data: unknown) => new TypewireError(code, `${name} answered ${code}.`, { data }),
    ]),
  )
  const upload = isUpload(input) ? input : undefined
  return {
    name,
    input: upload ? (upload.head ?? nothing) : input,
    upload: upload && { items: upload.items, hasHead: upload.head !== undefined },
    errors: mapOf(errors, (_, schema) => sent(schema)),
    errorMakers,
    timeoutMs,
    handle,
  }
}

function compileRoomHandlers(where: string, room: AnyRoom, given: GivenRoomHandlers): CompiledRoomHandlers {
  const { authorize, events = {}, presence, history } = given
  assertKnown(events, room.events.toServer, `${where}.events`)
  if (authorize !== undefined) assertFunction(authorize, `${where}.authorize`)
  for (const [name, handler] of Object.entries(events)) {
    if (handler !== undefined) assertFunction(handler, `${where}.events.${name}`)
  }
  if (presence && !(room as Room<unknown, {}, {}>).presence) {
    throw new TypeError(`implement: ${where}.presence: the contract declares no presence. Write room({ presence }).`)
  }
  return {
    authorize,
    presence: compilePresence(presence, `${where}.presence`),
    toServer: mapOf(room.events.toServer, (name, event: AnyEvent) => compileIncoming(name, event, events[name])),
    history: history && compileHistory(history, `${where}.history`),
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
  qualify = (name: string): string => name,
): ReadonlyMap<string, Compiled> {
  return new Map(Object.entries(definitions).map(([name, definition]) => [qualify(name), compile(name, definition)]))
}
