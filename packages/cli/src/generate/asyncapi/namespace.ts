import type {
  EventsSnapshot,
  JsonSchema,
  NamespaceSnapshot,
  ProcedureSnapshot,
  StreamSnapshot,
} from '@typewire/core/snapshot'
import type { DocumentWriter, MessageParts } from './document-writer.ts'
import { type At, describeEvents, toldOf } from './events.ts'
import { addRoom } from './room.ts'

/** All of a namespace, and of what lies in it: a channel for each call and room, and one for its events. */
export function addNamespace(writer: DocumentWriter, namespace: NamespaceSnapshot, at: At): void {
  if (at.path === '') addConnection(writer, namespace.auth)
  else addOpening(writer, namespace.auth, at)
  for (const [name, procedure] of Object.entries(namespace.procedures ?? {}))
    addCall(writer, procedure, `${at.place}procedures.${name}`, at.path + name)
  for (const [name, stream] of Object.entries(namespace.streams ?? {}))
    addCall(writer, stream, `${at.place}streams.${name}`, at.path + name)
  if (namespace.events) addEvents(writer, namespace.events, at)
  for (const [name, room] of Object.entries(namespace.rooms ?? {})) addRoom(writer, room, name, at)
  for (const [name, inner] of Object.entries(namespace.namespaces ?? {}))
    addNamespace(writer, inner, { place: `${at.place}namespaces.${name}.`, path: `${at.path}${name}/` })
}

/** Credentials are part of the first frame, and no header of HTTP: so they are a message, and no security scheme. */
function addConnection(writer: DocumentWriter, auth: JsonSchema | undefined): void {
  const count = { type: 'integer', minimum: 0 }
  writer.channel(
    'connection',
    { address: null, title: 'The connection', description: 'How a connection begins: the first frame of each side.' },
    {
      hello: {
        title: 'hello',
        description: 'The first frame of a client. PROTOCOL.md (HS) says what else may be in it.',
        headers: { frame: 'hello' },
        ownPayload: {
          type: 'object',
          properties: {
            versions: { type: 'array', items: count, minItems: 2, maxItems: 2 },
            attempt: { type: 'integer', minimum: 1 },
            instance: { type: 'string' },
            window: count,
            ...(auth !== undefined && { auth: writer.schema(auth) }),
          },
          required: [
            'versions',
            'attempt',
            'instance',
            'window',
            ...(auth !== undefined && !isOptional(auth) ? ['auth'] : []),
          ],
        },
      },
      welcome: {
        title: 'welcome',
        description: 'The client is let in: there is a session.',
        headers: { frame: 'welcome' },
        ownPayload: {
          type: 'object',
          properties: { version: count, session: { type: 'string' }, identity: { type: 'string' } },
          required: ['version', 'session'],
        },
      },
      close: {
        title: 'close',
        description: 'The client is not let in, or the connection ends: why, and what to do next.',
        headers: { frame: 'close', code: count, reason: { type: 'string' } },
      },
    },
    [],
  )
  writer.operation('connect', {
    action: 'receive',
    title: 'Connect',
    description: auth === undefined ? 'The contract asks for no credentials.' : 'The credentials are `auth`.',
    channel: 'connection',
    messages: ['hello'],
    replies: ['welcome', 'close'],
  })
}

function addOpening(writer: DocumentWriter, auth: JsonSchema | undefined, at: At): void {
  const namespace = at.path.slice(0, -1)
  const id = at.place.slice(0, -1)
  writer.channel(
    id,
    { address: '$open', title: `Namespace ${namespace}` },
    {
      open: {
        title: `open ${namespace}`,
        headers: { frame: 'call', name: '$open' },
        isCorrelated: true,
        ownPayload: {
          type: 'object',
          properties: { namespace: { const: namespace }, ...(auth !== undefined && { auth: writer.schema(auth) }) },
          required: ['namespace', ...(auth !== undefined && !isOptional(auth) ? ['auth'] : [])],
        },
      },
      opened: {
        title: `${namespace} is open`,
        headers: { frame: 'result' },
        isCorrelated: true,
        ownPayload: {
          type: 'object',
          properties: { identity: { type: 'string' }, expiresInMs: { type: 'integer', minimum: 0 } },
        },
      },
      closed: {
        title: `${namespace} was closed`,
        headers: { frame: 'closed', namespace, reason: { type: 'string' } },
      },
    },
    ['failed'],
  )
  writer.operation(`${id}.open`, {
    action: 'receive',
    title: `Open ${namespace}`,
    description: `Comes before all else of the namespace. ${auth === undefined ? 'It asks for no credentials.' : 'The credentials are `auth`.'}`,
    channel: id,
    messages: ['open'],
    replies: ['opened', 'failed'],
  })
  writer.operation(`${id}.closed`, {
    action: 'send',
    title: `${namespace} was closed`,
    description: 'The server has closed the namespace, and what lies in it.',
    channel: id,
    messages: ['closed'],
  })
}

const isOptional = (schema: JsonSchema) => typeof schema === 'object' && schema['x-typewire-optional'] === true

function addCall(
  writer: DocumentWriter,
  call: ProcedureSnapshot & Partial<StreamSnapshot>,
  id: string,
  name: string,
): void {
  const { items, upload, errors = {} } = call
  const isStream = items !== undefined
  const messages: Record<string, MessageParts> = {
    call: {
      title: `call ${name}`,
      headers: { frame: 'call', name },
      isCorrelated: true,
      payload: upload ? upload.head : call.input,
      ...toldOf(call),
      ...(upload && { extensions: { 'x-typewire-upload': true } }),
    },
    ...(upload && {
      given: { title: `an item for ${name}`, headers: { frame: 'item' }, isCorrelated: true, payload: upload.items },
      givenAll: { title: `the last item for ${name} was sent`, headers: { frame: 'end' }, isCorrelated: true },
    }),
    ...(isStream && {
      item: { title: `an item of ${name}`, headers: { frame: 'item' }, isCorrelated: true, payload: items },
    }),
    result: {
      title: isStream ? `the end of ${name}` : `the result of ${name}`,
      headers: { frame: 'result' },
      isCorrelated: true,
      payload: call.output,
    },
  }
  const failures = Object.entries(errors).map(([code, data]) => {
    const failure = `error.${code}`
    messages[failure] = {
      title: code,
      headers: { frame: 'error', code, message: { type: 'string' } },
      isCorrelated: true,
      ...(data !== null && { payload: data }),
    }
    return failure
  })
  writer.channel(id, { address: name, title: name }, messages, ['failed'])
  writer.operation(id, {
    action: 'receive',
    title: name,
    ...toldOf(call),
    channel: id,
    messages: ['call', ...(upload ? ['given', 'givenAll'] : [])],
    replies: [...(isStream ? ['item'] : []), 'result', ...failures, 'failed'],
    extensions: {
      'x-typewire-kind': isStream ? 'stream' : 'procedure',
      ...(call.idempotent && { 'x-typewire-idempotent': true }),
      ...(call.keyed && { 'x-typewire-keyed': true }),
      ...(call.timeoutMs !== undefined && { 'x-typewire-timeout-ms': call.timeoutMs }),
    },
  })
}

/** Those of a namespace share a channel. */
function addEvents(writer: DocumentWriter, events: EventsSnapshot, at: At): void {
  const id = `${at.place}events`
  const title = at.path === '' ? 'Events' : `Events of ${at.path.slice(0, -1)}`
  const { messages, operations } = describeEvents(events, (name) => at.path + name, 'event', {})
  writer.channel(id, { address: null, title }, messages, ['failed'])
  for (const operation of operations)
    writer.operation(`${id}.${operation.direction}.${operation.name}`, { ...operation.parts, channel: id })
}
