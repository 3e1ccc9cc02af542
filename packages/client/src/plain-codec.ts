import {
  type EncodedPayload,
  isPlainObject,
  malformed,
  maxPayloadNesting,
  type Part,
  PayloadError,
  type UnreadPayload,
} from '@typewire/core/internal'
import type { Codec } from './codec.ts'

/**
 * Plain JSON alone, in place of the part `richTypes`: what it cannot say is refused, and what it cannot read is never taken
 * for what it looks like. As JSON does, it leaves members out that are undefined, and writes -0 as 0.
 */
export const plainCodec: Codec = {
  encode,
  encodeText: encode,
  decode,
  decodePresence,
  readBinary(message) {
    // The text tells what it is of, and the rest counts among what has come (SQ-4). Nobody reads it.
    const { buffer, byteOffset, length } = message
    const end = length < headBytes ? Infinity : headBytes + new DataView(buffer, byteOffset).getUint32(0)
    if (end > length) return malformed('WR-3', 'a binary message that is not one container')
    const batch = new TextDecoder().decode(message.subarray(headBytes, end))
    return { batch, parts: [message.subarray(end) as Part] }
  },
  writeBinary: (batch) => new TextEncoder().encode(batch), // never, as there are no parts
  outbox: () => ({
    passes: isReady,
    send: ({ send, payload }) => send(payload as string),
    drop: () => {},
  }),
}

const isReady = (payload: EncodedPayload | UnreadPayload): payload is EncodedPayload => typeof payload === 'string'

/** Of a container (WR-8). */
const headBytes = 8

const remedy = "createClient({ use: [richTypes] }), with richTypes of '@typewire/client/lean'"

function encode(value: unknown): string {
  if (value === undefined) return '' // PL-1
  const refused = refusedIn(value)
  if (refused) {
    const where = refused.path.join('.').slice(0, 100) || 'the payload'
    const what = `${where} is ${refused.what}, which plain JSON cannot say`
    throw new PayloadError(`${what}. To send what Typewire can: ${remedy}.`)
  }
  return `,${JSON.stringify(value)}`
}

function decode(payload: unknown, annotations: unknown): unknown {
  if (!annotations) return payload
  throw unreadable('The payload', annotations)
}

/** Members are there, whatever one of them says: of an entry `[id, identity, data]` the data is left out. */
function decodePresence(told: unknown, annotations: unknown, onUnread: (error: PayloadError) => void): unknown {
  if (!annotations) return told
  const lists = told as Record<string, unknown[][]>
  for (const path in annotations) {
    const [list = '', at] = path.split('.') // all of the list, where one annotation is for each
    lists[list]?.forEach((entry, i) => {
      if (at === undefined || at === String(i)) entry.length = 2
    })
  }
  onUnread(unreadable('Presence: data left out', annotations))
  return told
}

const unreadable = (what: string, annotations: unknown) =>
  new PayloadError(
    `${what} is more than plain JSON: ${JSON.stringify(annotations).slice(0, 100)}. To read it: ${remedy}.`,
  )

/** A value that plain JSON cannot say: what it is, and where. */
interface Refused {
  readonly what: string
  /** Made on the way out of the walk: most payloads are plain, and need none. */
  readonly path: (string | number)[]
}

/** The first such value in a payload. */
function refusedIn(value: unknown, depth = 0): Refused | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : { what: `${value}`, path: [] }
    case 'object':
      return value === null ? undefined : refusedInside(value, depth)
    default:
      return { what: `of the type ${typeof value}`, path: [] }
  }
}

function refusedInside(value: object, depth: number): Refused | undefined {
  if (depth > maxPayloadNesting) return { what: 'nested too deep, or holds itself', path: [] }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const refused = refusedIn(value[i], depth + 1)
      if (refused) return within(i, refused)
    }
  } else if (isPlainObject(value)) {
    for (const key in value) {
      const refused = value[key] === undefined ? undefined : refusedIn(value[key], depth + 1)
      if (refused) return within(key, refused)
    }
  } else {
    const { constructor } = value as { constructor?: { name?: unknown } }
    const name = constructor?.name
    return { what: `of ${typeof name === 'string' && name !== '' ? name : 'a class'}`, path: [] }
  }
  return undefined
}

function within(key: string | number, refused: Refused): Refused {
  refused.path.unshift(key)
  return refused
}
