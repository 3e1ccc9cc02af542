import type {
  ContractSnapshot,
  EventSnapshot,
  EventsSnapshot,
  JsonSchema,
  NamespaceSnapshot,
  ProcedureSnapshot,
  StreamSnapshot,
} from '@typewire/core/snapshot'
import type { Generator, Made } from './generator.ts'

/** All payloads of a contract as one document of JSON Schema, by place: `…#/$defs/procedures.send.input`. */
export const jsonSchema: Generator = {
  name: 'json-schema',
  summary: 'all payloads as one document of JSON Schema 2020-12',
  description:
    'All payloads of a contract as one document of JSON Schema 2020-12: each is a definition by its place (procedures.send.input). ' +
    'Values that JSON cannot say are described as they are written, with their type in x-typewire-type.',
  out: 'contract.schema.json',
  generate: (snapshot, made) => ({ [made.out]: `${JSON.stringify(documentOf(snapshot, made), null, 2)}\n` }),
}

function documentOf(snapshot: ContractSnapshot, made: Made): object {
  const places = Object.fromEntries([...placesOf(snapshot, '')].sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    $comment: made.header.join(' '),
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: snapshot.name ?? 'contract',
    $defs: { ...snapshot.$defs, ...places },
  }
}

/** Each payload with its place. A name of a definition has no dot, so the two cannot meet. */
function* placesOf(namespace: NamespaceSnapshot, at: string): Iterable<readonly [string, JsonSchema]> {
  if (namespace.auth !== undefined) yield [`${at}auth`, namespace.auth]
  for (const section of ['procedures', 'streams'] as const) {
    for (const [name, definition] of Object.entries(namespace[section] ?? {}))
      yield* ofCall(definition, `${at}${section}.${name}`)
  }
  yield* ofEvents(namespace.events, `${at}events`)
  for (const [name, room] of Object.entries(namespace.rooms ?? {})) {
    const where = `${at}rooms.${name}`
    if (room.params !== undefined) yield [`${where}.params`, room.params]
    if (room.presence)
      yield* [
        [`${where}.presence.given`, room.presence.given] as const,
        [`${where}.presence.seen`, room.presence.seen] as const,
      ]
    yield* ofEvents(room.events, `${where}.events`)
  }
  for (const [name, inner] of Object.entries(namespace.namespaces ?? {}))
    yield* placesOf(inner, `${at}namespaces.${name}.`)
}

function* ofCall(
  call: ProcedureSnapshot & Partial<StreamSnapshot>,
  where: string,
): Iterable<readonly [string, JsonSchema]> {
  if (call.input !== undefined) yield [`${where}.input`, call.input]
  if (call.upload) {
    yield [`${where}.upload.items`, call.upload.items]
    if (call.upload.head !== undefined) yield [`${where}.upload.head`, call.upload.head]
  }
  if (call.output !== undefined) yield [`${where}.output`, call.output]
  if (call.items !== undefined) yield [`${where}.items`, call.items]
  for (const [code, data] of Object.entries(call.errors ?? {}))
    if (data !== null) yield [`${where}.errors.${code}`, data]
}

function* ofEvents(events: EventsSnapshot | undefined, where: string): Iterable<readonly [string, JsonSchema]> {
  for (const direction of ['toServer', 'toClient'] as const) {
    for (const [name, event] of Object.entries(events?.[direction] ?? {}))
      yield* ofEvent(event, `${where}.${direction}.${name}`)
  }
}

function* ofEvent(event: EventSnapshot, where: string): Iterable<readonly [string, JsonSchema]> {
  if (event.payload !== undefined) yield [`${where}.payload`, event.payload]
  if (event.ack !== undefined) yield [`${where}.ack`, event.ack]
}
