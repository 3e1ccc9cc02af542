import { type JsonSchema, keywords, type RoomSnapshot } from '@typewire/core/snapshot'
import type { DocumentWriter, Json, MessageParts } from './document-writer.ts'
import { type At, describeEvents, toldOf } from './events.ts'

/** A kind of room: its joins, its events, who is in it. */
export function addRoom(writer: DocumentWriter, room: RoomSnapshot, name: string, at: At): void {
  const id = `${at.place}rooms.${name}`
  const kind = at.path + name
  const events = describeEvents(room.events ?? {}, (event) => event, 'roomEvent', { room: roomNumber })
  const messages = { ...joining(writer, room, kind), ...presenceOf(writer, room), ...events.messages }
  writer.channel(
    id,
    { address: kind, title: `Room ${kind}`, ...toldOf({ description: room.description ?? aboutRooms }) },
    messages,
    ['failed'],
  )

  const isToldOf = { ...toldOf(room), description: [room.description, aboutJoins].filter(Boolean).join('\n\n') }
  const extensions = { 'x-typewire-kind': 'room' }
  const receive = { action: 'receive', channel: id, extensions } as const
  const send = { action: 'send', channel: id, extensions } as const
  writer.operation(`${id}.join`, {
    ...receive,
    title: `join ${kind}`,
    ...isToldOf,
    messages: ['join'],
    replies: ['joined', 'failed'],
  })
  writer.operation(`${id}.leave`, {
    ...receive,
    title: `leave ${kind}`,
    messages: ['leave'],
    replies: ['done', 'failed'],
  })
  writer.operation(`${id}.history`, {
    ...receive,
    title: `read the history of ${kind}`,
    description: 'Where the server keeps one.',
    messages: ['history'],
    replies: ['events', 'failed'],
  })
  writer.operation(`${id}.left`, {
    ...send,
    title: `the server ends the membership of ${kind}`,
    messages: ['left'],
  })
  if (room.presence) {
    writer.operation(`${id}.presence.given`, {
      ...receive,
      title: `say something else of oneself in ${kind}`,
      messages: ['presence.given'],
      replies: ['done', 'failed'],
    })
    writer.operation(`${id}.presence.seen`, {
      ...send,
      title: `who is in ${kind}`,
      description: 'Behind each join all who are there, then what changes.',
      messages: ['presence.seen'],
    })
  }
  for (const { direction, name: event, parts } of events.operations)
    writer.operation(`${id}.events.${direction}.${event}`, { ...parts, channel: id })
}

const aboutRooms = 'A kind of room. A kind and params are one room, of which a client is a member once it has joined.'
const aboutJoins =
  'The result has the number of the room, which its events carry. Where the server keeps a history, the result also has the ' +
  'position (`epoch`, `offset`) behind which the events go on, the last ones that were asked for (`last`), or all that were ' +
  'missed (`since`), follow it in order, and each event has its `offset`.'

const count = { type: 'integer', minimum: 0 } as const
const roomNumber = { type: 'integer', minimum: 1 } as const
const position = {
  type: 'object',
  properties: { epoch: { type: 'string' }, offset: count },
  required: ['epoch', 'offset'],
} as const

function joining(writer: DocumentWriter, room: RoomSnapshot, kind: string): Record<string, MessageParts> {
  const { params, presence } = room
  const call = (name: string, ownPayload: Json) => ({
    title: `${name.slice(1)} ${kind}`,
    headers: { frame: 'call', name },
    isCorrelated: true,
    ownPayload,
  })
  const paramsSchema = params === undefined ? {} : { params: writer.schema(params) }
  return {
    join: call('$join', {
      type: 'object',
      properties: {
        kind: { const: kind },
        ...paramsSchema,
        ...(presence && { presence: writer.schema(presence.given) }),
        last: roomNumber,
        since: position,
      },
      required: ['kind', ...(params === undefined || isOptional(params) ? [] : ['params'])],
    }),
    joined: {
      title: `${kind} is joined`,
      headers: { frame: 'result' },
      isCorrelated: true,
      ownPayload: {
        type: 'object',
        properties: {
          room: roomNumber,
          ...paramsSchema,
          ...position.properties,
          recovered: { type: 'boolean' },
        },
        required: ['room'],
      },
    },
    leave: call('$leave', { type: 'object', properties: { join: roomNumber }, required: ['join'] }),
    done: { title: 'done', headers: { frame: 'result' }, isCorrelated: true },
    left: { title: `left ${kind}`, headers: { frame: 'left', room: roomNumber, reason: { type: 'string' } } },
    history: call('$history', {
      type: 'object',
      properties: { room: roomNumber, limit: roomNumber, before: position },
      required: ['room'],
    }),
    events: {
      title: `events of ${kind} that are kept`,
      description: 'Each is `[offset, name, payload, annotations]`, the oldest first.',
      headers: { frame: 'result' },
      isCorrelated: true,
      ownPayload: {
        type: 'object',
        properties: {
          events: { type: 'array', items: { type: 'array' } },
          before: position,
          hasMore: { type: 'boolean' },
        },
        required: ['events', 'hasMore'],
      },
    },
  }
}

function presenceOf(writer: DocumentWriter, { presence }: RoomSnapshot): Record<string, MessageParts> {
  if (!presence) return {}
  const entry = {
    type: 'array',
    description: 'The id of a session, its identity, and what it says of itself.',
    items: [{ type: 'string' }, { type: ['string', 'null'] }, writer.schema(presence.seen)],
    minItems: 2,
  }
  const change = { anyOf: [entry, { type: 'string', description: 'The id of a session that is gone.' }] }
  return {
    'presence.given': {
      title: 'what a member says of itself',
      headers: { frame: 'call', name: '$presence' },
      isCorrelated: true,
      ownPayload: {
        type: 'object',
        properties: { room: roomNumber, presence: writer.schema(presence.given) },
        required: ['room'],
      },
    },
    'presence.seen': {
      title: 'who is there',
      headers: { frame: 'presence', room: roomNumber },
      ownPayload: {
        oneOf: [
          { type: 'object', properties: { entries: { type: 'array', items: entry } }, required: ['entries'] },
          { type: 'object', properties: { changes: { type: 'array', items: change } }, required: ['changes'] },
          { type: 'object', properties: { count }, required: ['count'] },
        ],
      },
    },
  }
}

const isOptional = (schema: JsonSchema) => typeof schema === 'object' && schema[keywords.optional] === true
