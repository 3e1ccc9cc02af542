import { maySend, type RichType, type Side } from './annotations.ts'
import { hasLongHost } from './long-host.ts'
import { maxParts, type Part, type UnreadPart } from './parts.ts'
import { quoted } from './quoted.ts'
import { inOrderOfWire, isTypedArrayName } from './typed-arrays.ts'

/** The parts of a payload that is being written, in which bytes find their place. */
export type GivenParts = (Part | UnreadPart)[]

/** The type and the JSON of a value, or what is wrong with it: `is a RegExp, which …`. */
export type Leaf = readonly [type: RichType, json: string] | string

/** Writes an object that holds no other values. Its bytes go to `parts`, copied, or those of a Blob unread. */
export function encodeLeaf(value: object, from: Side, parts: GivenParts | undefined): Leaf {
  if (value instanceof URL) {
    return hasLongHost(value.href)
      ? 'is a URL with a longer host than any, which cannot travel'
      : ['URL', quoted(value.href)]
  }
  // Never its stack, which tells of the place where it was made, nor its cause.
  if (value instanceof Error) return ['Error', `{"name":${textOf(value.name)},"message":${textOf(value.message)}}`]
  if (value instanceof RegExp)
    return maySend(from, 'regexp') ? ['regexp', textOf(value)] : 'is a RegExp, which a client may not send'
  const isBytes = value instanceof ArrayBuffer || ArrayBuffer.isView(value)
  if (!isBytes && !(value instanceof Blob)) return isInstance(value)
  if (!parts) return 'is bytes, which neither credentials nor params nor presence of a room may hold'
  if (parts.length >= maxParts) return `is one of more than ${maxParts} values of bytes`
  return isBytes ? encodeBytes(value, parts) : encodeBlob(value, parts)
}

/** The index of a part stands for them. */
function encodeBytes(value: ArrayBuffer | ArrayBufferView, parts: GivenParts): Leaf {
  // By what it is, whatever class it may be made of.
  const kind = Object.prototype.toString.call(value).slice('[object '.length, -1)
  const type = value instanceof ArrayBuffer ? 'buffer' : value instanceof Uint8Array ? 'bytes' : kind
  if (type !== 'buffer' && type !== 'bytes' && !isTypedArrayName(type)) return isInstance(value)
  try {
    const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(value) ? value : new Uint8Array(value)
    const copy = new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength))
    return [type, `${parts.push(isTypedArrayName(type) ? inOrderOfWire(copy, type) : copy) - 1}`]
  } catch {
    return 'is bytes that were transferred, which cannot travel' // a detached buffer
  }
}

/** PL-12 */
function encodeBlob(blob: Blob, parts: GivenParts): Leaf {
  const head = `[${parts.length},${textOf(blob.type)}`
  const isFile = blob instanceof File
  const lastModified = isFile ? Math.trunc(blob.lastModified) : 0
  if (!Number.isSafeInteger(lastModified)) return 'is a File that was changed at no time, which cannot travel'
  parts.push({ blob, length: blob.size })
  return isFile ? ['File', `${head},${textOf(blob.name)},${lastModified}]`] : ['Blob', `${head}]`]
}

const textOf = (value: unknown) => quoted(String(value))

function isInstance(value: object): string {
  const { constructor } = value as { constructor?: { name?: unknown } }
  const name = typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'a class'
  return `is an instance of ${name}, which cannot travel`
}
