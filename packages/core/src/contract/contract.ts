import { isErrorCode } from '../errors/codes.ts'
import type {
  AnyEvent,
  AnyProcedure,
  AnyRoom,
  AnyStream,
  Event,
  EventMap,
  Events,
  Procedures,
  Rooms,
  Streams,
} from './definitions.ts'
import type { EventsDefinition } from './makers.ts'
import { assertSchema } from './assert-schema.ts'
import { assertName } from './names.ts'
import { nothing } from './nothing.ts'
import type { Given, Got, Nothing, Schema } from './schema.ts'
import { isUpload } from './upload.ts'

/** The least that is known of any contract. */
export interface AnyContract {
  readonly auth: Schema
  readonly procedures: Procedures
  readonly streams: Streams
  readonly events: EventMap<Events, Events>
  readonly rooms: Rooms
  readonly namespaces: Namespaces
}

/** Contracts within a contract, by name. */
export type Namespaces = Readonly<Record<string, AnyContract>>

export interface ContractTypes {
  auth: Schema
  procedures: unknown
  streams: unknown
  events: { toServer: unknown; toClient: unknown }
  rooms: unknown
  namespaces: unknown
}

export interface Contract<T extends ContractTypes> {
  readonly auth: T['auth']
  readonly procedures: T['procedures']
  readonly streams: T['streams']
  readonly events: EventMap<T['events']['toServer'], T['events']['toClient']>
  readonly rooms: T['rooms']
  readonly namespaces: T['namespaces']
}

/** Names a contract: `interface Chat extends Named<typeof contract> {}`. Then hovers and errors say `Chat`. */
export type Named<C extends AnyContract> = C

/** How deep contracts may lie within a contract. A name with those of its namespaces must fit a text of the wire (FR-4). */
const maxNamespaceDepth = 4

/**
 * Declares what a server and its clients say to each other: procedures, streams, events, rooms, and what a client
 * shows to be let in (`auth`). Both sides import it; a client needs its type alone. `namespaces` holds other contracts, each
 * with its own `auth`, for parts of an application that not every client may use: `client.ns.admin.call.ban(…)`.
 * @throws TypeError for a name that is reserved or malformed, an error code that Typewire uses itself, a
 * definition in the wrong section, and contracts that lie more than four deep.
 */
export function defineContract<
  A extends Schema = Nothing,
  P extends Procedures = {},
  S extends Streams = {},
  Up extends Events = {},
  Down extends Events = {},
  R extends Rooms = {},
  N extends Namespaces = {},
>(contract: {
  readonly auth?: A
  readonly procedures?: P
  readonly streams?: S
  readonly events?: EventsDefinition<Up, Down>
  readonly rooms?: R
  readonly namespaces?: N
}): Contract<{
  auth: Schema<Given<A>, Got<A>>
  procedures: NoInfer<P>
  streams: NoInfer<S>
  events: { toServer: NoInfer<Up>; toClient: NoInfer<Down> }
  rooms: NoInfer<R>
  namespaces: NoInfer<N>
}> {
  const defined = {
    auth: contract.auth ?? nothing,
    procedures: contract.procedures ?? {},
    streams: contract.streams ?? {},
    events: { toServer: contract.events?.toServer ?? {}, toClient: contract.events?.toClient ?? {} },
    rooms: contract.rooms ?? {},
    namespaces: contract.namespaces ?? {},
  } as Contract<{
    auth: Schema<Given<A>, Got<A>>
    procedures: P
    streams: S
    events: { toServer: Up; toClient: Down }
    rooms: R
    namespaces: N
  }>
  assertContract(defined)
  return Object.freeze(defined)
}

type Definition = AnyProcedure | AnyStream | AnyEvent | AnyRoom

function assertContract(contract: AnyContract): void {
  assertSchema(contract.auth, 'defineContract({ auth })')
  for (const [name, definition] of section(contract.procedures, 'procedures', 'procedure')) {
    assertErrors(definition as unknown as Answering, `procedures.${name}`)
  }
  for (const [name, definition] of section(contract.streams, 'streams', 'stream')) {
    if (Object.hasOwn(contract.procedures, name)) {
      throw new TypeError(
        `defineContract: ${name} is a procedure and a stream. Calls are told apart by name: rename one.`,
      )
    }
    assertErrors(definition as unknown as Answering, `streams.${name}`)
  }
  assertEvents(contract.events, 'events')
  for (const [name, definition] of section(contract.rooms, 'rooms', 'room')) {
    assertEvents((definition as AnyRoom).events, `rooms.${name}.events`)
  }
  assertNamespaces(contract.namespaces)
}

/** What each of them holds was checked when it was defined. */
function assertNamespaces(namespaces: Namespaces): void {
  for (const [name, contract] of Object.entries(namespaces)) {
    assertName(name, 'namespaces')
    if (!isContract(contract)) {
      throw new TypeError(`defineContract: namespaces.${name} is no contract. Write ${name}: defineContract({ … }).`)
    }
    if (depthOf(contract) >= maxNamespaceDepth) {
      throw new TypeError(
        `defineContract: namespaces.${name} lies too deep: ${maxNamespaceDepth} are possible, one in another.`,
      )
    }
  }
}

/** By its shape, so that it may have been made by another copy of this package. */
function isContract(contract: unknown): boolean {
  return typeof contract === 'object' && contract !== null && 'namespaces' in contract && 'procedures' in contract
}

function depthOf({ namespaces }: AnyContract): number {
  return Math.max(0, ...Object.values(namespaces).map((contract) => 1 + depthOf(contract)))
}

function assertEvents(events: EventMap<Events, Events>, where: string): void {
  for (const [name, definition] of section(events.toServer, `${where}.toServer`, 'event')) {
    // A client does not know the contract: it would send the event as any other, and nobody would notice.
    if ((definition as Event<unknown, unknown>).delivery === 'reliable') continue
    throw new TypeError(
      `defineContract: ${where}.toServer.${name} declares its delivery. Of events to the server that is an option of the call: client.emit.${name}(payload, { delivery }).`,
    )
  }
  section(events.toClient, `${where}.toClient`, 'event')
}

/** The entries of a section, once each name and kind was checked. */
function section(definitions: Readonly<Record<string, Definition>>, where: string, kind: Definition['kind']) {
  const entries = Object.entries(definitions)
  for (const [name, definition] of entries) {
    assertName(name, where)
    if (definition?.kind !== kind) {
      throw new TypeError(`defineContract: ${where}.${name} is not made by ${kind}(). Write ${name}: ${kind}(…).`)
    }
  }
  return entries
}

interface Answering {
  readonly input: Schema
  readonly errors: Readonly<Record<string, Schema>>
}

function assertErrors(definition: Answering, where: string): void {
  for (const code of Object.keys(definition.errors)) {
    assertName(code, `${where}.errors`)
    if (isErrorCode(code)) {
      throw new TypeError(
        `defineContract: ${where} declares the error ${code}, which Typewire uses itself. Choose another code.`,
      )
    }
  }
}

/** Whether a procedure or stream takes an upload. */
export function takesUpload(definition: { readonly input: Schema }): boolean {
  return isUpload(definition.input)
}
