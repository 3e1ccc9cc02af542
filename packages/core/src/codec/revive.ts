import { at, maxBigintLength, PayloadError, type RichType } from './annotations.ts'
import type { ReceivedParts } from './parts.ts'

/**
 * Builds the rich value that a JSON value stands for; bytes are taken from the parts of the message.
 * @throws PayloadError when the JSON value is not what is written for the type.
 */
export function revive(type: RichType, json: unknown, path: readonly string[], parts?: ReceivedParts): unknown {
  switch (type) {
    case 'undefined':
      if (json === null) return undefined
      break
    case 'Date': {
      const date = new Date(typeof json === 'string' ? json : Number.NaN)
      if (!Number.isNaN(date.getTime())) return date
      break
    }
    case 'bigint':
      if (typeof json === 'string' && json.length <= maxBigintLength && /^-?\d+$/.test(json)) return BigInt(json)
      break
    case 'number':
      if (json === 'NaN' || json === 'Infinity' || json === '-Infinity' || json === '-0') return Number(json)
      break
    case 'URL':
      if (typeof json === 'string' && URL.canParse(json)) return new URL(json)
      break
    case 'set':
      if (Array.isArray(json)) return new Set(json)
      break
    case 'map':
      if (Array.isArray(json) && json.every((entry) => Array.isArray(entry) && entry.length === 2)) {
        return new Map(json as [unknown, unknown][])
      }
      break
    case 'bytes':
    case 'buffer': {
      const part = parts?.take(json)
      if (part) return type === 'bytes' ? part : part.buffer
    }
  }
  throw new PayloadError(`${at(path)} is not what a ${type} is written as`)
}
