import { at, maxBigintLength, type Place, type RichType } from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import { hasLongHost, isUrlText } from './long-host.ts'
import type { ReceivedParts } from './parts.ts'
import { isPlainObject } from './plain-json.ts'
import { numbersOf } from './typed-arrays.ts'

/**
 * Builds the rich value that a JSON value stands for; bytes are taken from the parts of the message.
 * @throws PayloadError when the JSON value is not what is written for the type.
 */
export function revive(type: RichType, json: unknown, place: Place, parts?: ReceivedParts): unknown {
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
      if (typeof json === 'string' && isUrlText(json) && !hasLongHost(json) && URL.canParse(json)) return new URL(json)
      break
    case 'set':
      if (Array.isArray(json)) return new Set(json)
      break
    case 'map':
      if (Array.isArray(json) && json.every((entry) => Array.isArray(entry) && entry.length === 2)) {
        return new Map(json as [unknown, unknown][])
      }
      break
    case 'Error': {
      const error = errorOf(json)
      if (error) return error
      break
    }
    case 'regexp': {
      const regexp = typeof json === 'string' ? regexpOf(json) : undefined
      if (regexp) return regexp
      break
    }
    case 'bytes':
    case 'buffer': {
      const part = parts?.take(json)
      if (part) return type === 'bytes' ? part : part.buffer
      break
    }
    case 'Blob':
    case 'File': {
      const blob = blobOf(type, json, parts)
      if (blob) return blob
      break
    }
    default: {
      const part = parts?.take(json)
      const numbers = part && numbersOf(part, type)
      if (numbers) return numbers
    }
  }
  throw new PayloadError(`${at(place)} is not what a ${type} is written as`)
}

/** An Error and nothing more, whatever its name says. Where it was made nobody tells, and where it was read is of no use. */
function errorOf(json: unknown): Error | undefined {
  const { name, message } = Object(json) as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || typeof message !== 'string' || !isPlainObject(json as object)) return undefined
  const error = withoutStack(message)
  if (name !== error.name) error.name = name
  error.stack = String(error)
  return error
}

/** To write down where it is takes a platform ten times as long as all the rest. */
function withoutStack(message: string): Error {
  const platform = Error as ErrorConstructor & { stackTraceLimit?: number } // of V8 alone
  const { stackTraceLimit } = platform
  if (typeof stackTraceLimit !== 'number') return new Error(message)
  platform.stackTraceLimit = 0
  try {
    return new Error(message)
  } finally {
    platform.stackTraceLimit = stackTraceLimit
  }
}

function regexpOf(text: string): RegExp | undefined {
  const [, source, flags] = /^\/(.+)\/(\w*)$/s.exec(text) ?? []
  try {
    return source === undefined ? undefined : new RegExp(source, flags)
  } catch {
    return undefined
  }
}

function blobOf(kind: 'Blob' | 'File', json: unknown, parts: ReceivedParts | undefined): Blob | undefined {
  if (!Array.isArray(json)) return undefined
  const [index, type, name, lastModified] = json as readonly unknown[]
  const part = parts?.take(index)
  if (!part || typeof type !== 'string') return undefined
  if (kind === 'Blob') return new Blob([part], { type })
  if (typeof name !== 'string' || !Number.isSafeInteger(lastModified)) return undefined
  return new File([part], name, { type, lastModified: lastModified as number })
}
