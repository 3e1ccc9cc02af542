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
  decodeText: decode,
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
  assertPlain(value, [])
  return `,${JSON.stringify(value)}`
}

function decode(payload: unknown, annotations: unknown): unknown {
  if (annotations === undefined || annotations === 0) return payload
  const what = JSON.stringify(annotations).slice(0, 100)
  throw new PayloadError(`The payload is more than plain JSON: ${what}. To read it: ${remedy}.`)
}

function assertPlain(value: unknown, path: readonly (string | number)[]): void {
  const what = unplain(value, path.length)
  if (what) {
    const where = path.join('.').slice(0, 100) || 'the payload'
    throw new PayloadError(`${where} is ${what}, which plain JSON cannot say. To send what Typewire can: ${remedy}.`)
  }
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) assertPlain(value[i], [...path, i])
  else for (const [key, member] of Object.entries(value)) if (member !== undefined) assertPlain(member, [...path, key])
}

/** What it is that keeps a value from being plain, not counting what is in it. */
function unplain(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : `${value}`
    case 'object': {
      if (depth > maxPayloadNesting) return 'nested too deep, or holds itself'
      if (value === null || Array.isArray(value) || isPlainObject(value)) return undefined
      const { constructor } = value as { constructor?: { name?: unknown } }
      return `of ${typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'a class'}`
    }
    default:
      return `of the type ${typeof value}`
  }
}
