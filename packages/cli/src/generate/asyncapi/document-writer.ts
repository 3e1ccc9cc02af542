import { type Described, type JsonSchema, keywords } from '@typewire/core/snapshot'
import { definitionOf } from '../definition-of.ts'
import { toDraft07 } from './draft-07.ts'

export type Json = { readonly [key: string]: unknown }

/** What a message says; each has a name of its own within its channel. */
export interface MessageParts extends Described {
  readonly title: string
  /** `undefined`: it has none. */
  readonly payload?: JsonSchema | undefined
  /** The other elements of the frame, by name: what is constant, or a schema. */
  readonly headers: Json
  /** It is answered, or an answer. */
  readonly isCorrelated?: boolean
  /** Has a payload of what is described here, and not of the contract. */
  readonly ownPayload?: Json
  readonly extensions?: Json
}

export interface OperationParts extends Described {
  readonly action: 'send' | 'receive'
  readonly title: string
  readonly channel: string
  /** Names of messages of the channel. */
  readonly messages: readonly string[]
  readonly replies?: readonly string[]
  readonly extensions?: Json
}

/** Gathers channels, operations and components, and knows how they refer to each other. */
export class DocumentWriter {
  readonly channels: Record<string, Json> = {}
  readonly operations: Record<string, Json> = {}
  readonly components: Json
  readonly #names: ReadonlyMap<string, string>

  constructor(definitions: Readonly<Record<string, JsonSchema>>) {
    this.#names = componentNames(Object.keys(definitions))
    const schemas = Object.entries(definitions).map(([name, schema]) => [this.#names.get(name)!, this.schema(schema)])
    this.components = {
      ...(schemas.length > 0 && { schemas: Object.fromEntries(schemas) }),
      messages: sharedMessages,
      correlationIds: {
        request: { description: 'The id of the request: its answers have the same.', location: '$message.header#/id' },
      },
    }
  }

  /** One of the contract, as it is said here. */
  schema(schema: JsonSchema): JsonSchema {
    return toDraft07(schema, (ref) => {
      const name = definitionOf(ref, (name) => this.#names.has(name))
      return `#/components/schemas/${this.#names.get(name) ?? name}`
    })
  }

  /** @param shared names of messages that all channels may have */
  channel(id: string, parts: Json, messages: Readonly<Record<string, MessageParts>>, shared: readonly string[]): void {
    this.channels[id] = {
      ...parts,
      messages: {
        ...Object.fromEntries(Object.entries(messages).map(([name, message]) => [name, this.#message(message)])),
        ...Object.fromEntries(shared.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    }
  }

  operation(id: string, parts: OperationParts): void {
    const channel = { $ref: `#/channels/${parts.channel}` }
    const refer = (name: string) => ({ $ref: `#/channels/${parts.channel}/messages/${name}` })
    this.operations[id] = {
      action: parts.action,
      title: parts.title,
      ...descriptionOf(parts),
      channel,
      messages: parts.messages.map(refer),
      ...(parts.replies && { reply: { channel, messages: parts.replies.map(refer) } }),
      ...(parts.deprecated !== undefined && { 'x-typewire-deprecated': parts.deprecated }),
      ...parts.extensions,
    }
  }

  #message(message: MessageParts): Json {
    const { title, payload, headers, isCorrelated, ownPayload, extensions } = message
    const { isOptional, schema } = withoutOptional(payload)
    return {
      title,
      ...descriptionOf(message),
      ...(message.deprecated && { deprecated: true }),
      headers: headersOf(headers, isCorrelated),
      ...(isCorrelated && { correlationId: { $ref: '#/components/correlationIds/request' } }),
      ...(schema !== undefined && { payload: this.schema(schema) }),
      ...(ownPayload && { payload: ownPayload }),
      ...(isOptional && { [keywords.optional]: true }),
      ...extensions,
    }
  }
}

function headersOf(headers: Json, isCorrelated = false): Json {
  const all: Json = isCorrelated ? { ...headers, id: { type: 'integer', minimum: 1 } } : headers
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(all).map(([name, is]) => [name, typeof is === 'object' ? is : { const: is }]),
    ),
    required: Object.keys(all),
  }
}

/** What any request may be answered with, besides what the contract says. */
const sharedMessages = {
  failed: {
    title: 'An error of Typewire',
    description:
      'Any request may fail so. INVALID_INPUT says in `options.issues` what does not match; INTERNAL has an `incident`, which finds the details in the log.',
    headers: headersOf(
      {
        frame: 'error',
        code: {
          enum: [
            'FORBIDDEN',
            'INTERNAL',
            'INVALID_INPUT',
            'NOT_FOUND',
            'NO_HANDLER',
            'OVERLOADED',
            'SESSION_LOST',
            'TIMED_OUT',
            'UNAUTHORIZED',
          ],
        },
        message: { type: 'string' },
      },
      true,
    ),
    correlationId: { $ref: '#/components/correlationIds/request' },
  },
} as const

/** That there may be no payload is said of the message. */
function withoutOptional(payload: JsonSchema | undefined): { isOptional: boolean; schema: JsonSchema | undefined } {
  if (typeof payload !== 'object') return { isOptional: false, schema: payload }
  const { [keywords.optional]: isOptional, ...schema } = payload
  return { isOptional: isOptional === true, schema }
}

function descriptionOf({ description, deprecated }: Described): Json {
  const warning = typeof deprecated === 'string' ? `**Deprecated.** ${deprecated}` : deprecated && '**Deprecated.**'
  const text = [warning, description].filter(Boolean).join('\n\n')
  return text === '' ? {} : { description: text }
}

/** The keys of components are letters, digits, `.`, `-` and `_` (AsyncAPI 3.1, Components Object). */
function componentNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(names.filter(isKey))
  return new Map(
    names.map((name) => {
      if (isKey(name)) return [name, name]
      const plain = name.replaceAll(/[^\w.-]+/g, '_')
      let free = plain
      for (let count = 2; taken.has(free); count++) free = `${plain}_${count}`
      taken.add(free)
      return [name, free]
    }),
  )
}

const isKey = (name: string) => /^[\w.-]+$/.test(name)
