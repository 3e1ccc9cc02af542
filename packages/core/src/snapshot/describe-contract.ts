import type { AnyContract } from '../contract/contract.ts'
import type {
  AnyEvent,
  AnyProcedure,
  AnyRoom,
  AnyStream,
  Event,
  EventMap,
  Events,
  Procedure,
  Room,
  StreamProcedure,
  Told,
} from '../contract/definitions.ts'
import { nothing } from '../contract/nothing.ts'
import type { Schema } from '../contract/schema.ts'
import { isUpload } from '../contract/upload.ts'
import { fingerprintOf } from './fingerprint.ts'
import { sorted } from './stable-text.ts'
import { type Direction, SchemaWriter } from './schema-writer.ts'
import type {
  ContractSnapshot,
  Described,
  ErrorSnapshots,
  EventSnapshot,
  EventsSnapshot,
  JsonSchema,
  NamespaceSnapshot,
  ProcedureSnapshot,
  RoomSnapshot,
  StreamSnapshot,
} from './types.ts'

export interface DescribeOptions {
  /** What the contract is called in what is generated. */
  readonly name?: string | undefined
  /** What schemas are called in what is generated, by schema: `new Map([[Message, 'Message']])`. One with an `id` in its `meta` has that. */
  readonly schemaNames?: ReadonlyMap<unknown, string> | undefined
}

/**
 * Says as data what a contract declares. Its schemas are asked for their JSON Schema (https://standardschema.dev/json-schema).
 * @throws SnapshotError for schemas that cannot be told, with the place of each.
 */
export async function describeContract(
  contract: AnyContract,
  options: DescribeOptions = {},
): Promise<ContractSnapshot> {
  const writer = new SchemaWriter(options.schemaNames ?? new Map())
  // What clients get is written first, so that it has the plain names where one schema has two forms.
  describeNamespace(contract, '', (...asked) => (asked[1] === 'toClient' ? writer.payload(...asked) : true))
  const described = describeNamespace(contract, '', (...asked) => writer.payload(...asked))
  if (writer.problems.size > 0) throw new SnapshotError([...writer.problems])

  const { name } = options
  const snapshot = {
    typewire: 1 as const,
    ...(name !== undefined && { name }),
    ...described,
    ...(writer.definitions.size > 0 && { $defs: Object.fromEntries(writer.definitions) }),
  }
  return sorted({ ...snapshot, fingerprint: await fingerprintOf(snapshot) }) as ContractSnapshot
}

/** A contract cannot be told as data. `problems` says where, why, and what to do. */
export class SnapshotError extends TypeError {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(
      `The contract has ${problems.length === 1 ? 'a schema' : 'schemas'} that cannot be described:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    )
    this.name = 'SnapshotError'
    this.problems = problems
  }
}

type Write = (schema: Schema, direction: Direction, where: string) => JsonSchema

function describeNamespace(contract: AnyContract, at: string, write: Write): NamespaceSnapshot {
  const auth = declared(contract.auth)
  const procedures = section(contract.procedures, `${at}procedures`, (definition, where) =>
    describeProcedure(definition, where, write),
  )
  const streams = section(contract.streams, `${at}streams`, (definition, where) =>
    describeStream(definition, where, write),
  )
  const events = describeEvents(contract.events, `${at}events`, write)
  const rooms = section(contract.rooms, `${at}rooms`, (definition, where) => describeRoom(definition, where, write))
  const namespaces = section(contract.namespaces, `${at}namespaces`, (namespace, where) =>
    describeNamespace(namespace, `${where}.`, write),
  )
  return {
    ...(auth && { auth: write(auth, 'toServer', `${at}auth`) }),
    ...(procedures && { procedures }),
    ...(streams && { streams }),
    ...(events && { events }),
    ...(rooms && { rooms }),
    ...(namespaces && { namespaces }),
  }
}

/** `undefined` where there are none: a section without members is left out. */
function section<Definition, Described>(
  definitions: Readonly<Record<string, Definition>>,
  where: string,
  describe: (definition: Definition, where: string) => Described,
): Readonly<Record<string, Described>> | undefined {
  const entries = Object.entries(definitions)
  if (entries.length === 0) return undefined
  return Object.fromEntries(entries.map(([name, definition]) => [name, describe(definition, `${where}.${name}`)]))
}

function describeProcedure(definition: AnyProcedure, where: string, write: Write): ProcedureSnapshot {
  const { input, output, errors, idempotent, timeoutMs, ...told } = definition as Procedure<unknown, unknown, unknown>
  const out = declared(output)
  return {
    ...described(told),
    ...describeInput(input, where, write),
    ...(out && { output: write(out, 'toClient', `${where}.output`) }),
    ...describeErrors(errors, where, write),
    ...(idempotent && { idempotent }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

function describeStream(definition: AnyStream, where: string, write: Write): StreamSnapshot {
  const { input, items, errors, key, timeoutMs, ...told } = definition as StreamProcedure<unknown, unknown, unknown>
  return {
    ...described(told),
    ...describeInput(input, where, write),
    items: write(items, 'toClient', `${where}.items`),
    ...describeErrors(errors, where, write),
    ...(key && { keyed: true }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

function describeInput(input: Schema, where: string, write: Write): Pick<ProcedureSnapshot, 'input' | 'upload'> {
  if (isUpload(input)) {
    const items = write(input.items, 'toServer', `${where}.upload.items`)
    return { upload: { items, ...(input.head && { head: write(input.head, 'toServer', `${where}.upload.head`) }) } }
  }
  const given = declared(input)
  return given ? { input: write(given, 'toServer', `${where}.input`) } : {}
}

function describeErrors(
  errors: Readonly<Record<string, Schema>>,
  where: string,
  write: Write,
): { readonly errors?: ErrorSnapshots } {
  const described = section(errors, `${where}.errors`, (schema, place) => {
    const data = declared(schema)
    return data ? write(data, 'toClient', place) : null
  })
  return described ? { errors: described } : {}
}

function describeEvents(events: EventMap<Events, Events>, where: string, write: Write): EventsSnapshot | undefined {
  const toServer = section(events.toServer, `${where}.toServer`, (event, place) =>
    describeEvent(event, 'toServer', place, write),
  )
  const toClient = section(events.toClient, `${where}.toClient`, (event, place) =>
    describeEvent(event, 'toClient', place, write),
  )
  if (!toServer && !toClient) return undefined
  return { ...(toServer && { toServer }), ...(toClient && { toClient }) }
}

function describeEvent(definition: AnyEvent, direction: Direction, where: string, write: Write): EventSnapshot {
  const { payload, ack, delivery, key, ...told } = definition as Event<unknown, unknown>
  const sent = declared(payload)
  const answered = declared(ack)
  return {
    ...described(told),
    ...(sent && { payload: write(sent, direction, `${where}.payload`) }),
    ...(answered && { ack: write(answered, direction === 'toServer' ? 'toClient' : 'toServer', `${where}.ack`) }),
    ...(delivery !== 'reliable' && { delivery }),
    ...(key && { keyed: true }),
  }
}

function describeRoom(definition: AnyRoom, where: string, write: Write): RoomSnapshot {
  const { params, presence, events, ...told } = definition as Room<unknown, Events, Events>
  const given = declared(params)
  const heard = describeEvents(events, `${where}.events`, write)
  return {
    ...described(told),
    ...(given && { params: write(given, 'toServer', `${where}.params`) }),
    ...(heard && { events: heard }),
    ...(presence && {
      presence: {
        given: write(presence, 'toServer', `${where}.presence`),
        seen: write(presence, 'toClient', `${where}.presence`),
      },
    }),
  }
}

/** `undefined` where nobody declared anything. By vendor, as the contract may be another copy's. */
function declared(schema: Schema): Schema | undefined {
  return schema === nothing || schema['~standard'].vendor === 'typewire' ? undefined : schema
}

function described({ description, deprecated }: Told): Described {
  return { ...(description !== undefined && { description }), ...(deprecated && { deprecated }) }
}
