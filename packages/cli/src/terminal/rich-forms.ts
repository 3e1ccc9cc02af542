// How values that JSON cannot say are written and read at a terminal. A Date is an ISO string, a bigint its digits, a set an
// array, a map an array of pairs (or an object, where its keys are texts), and bytes are base64.

/** Reads one. `undefined`: it is not written like that. */
type Read = (json: unknown) => { readonly value: unknown } | undefined

interface Form {
  readonly read: Read
  /** For people: how to write it. */
  readonly advice: string
}

const typedArrayNames = [
  'Int8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const

const base64Advice = 'in base64, such as "aGVsbG8="'

/** Of what holds no other values. Sets and maps are apart: what is in them has a schema. */
export const leafForms: Readonly<Record<string, Form>> = {
  undefined: { read: (json) => (json === null ? { value: undefined } : undefined), advice: 'as null, or leave it out' },
  Date: { read: readDate, advice: 'as ISO 8601, such as "2026-11-29T08:30:00Z"' },
  bigint: { read: readBigint, advice: 'as its digits in quotes, such as "9007199254740993"' },
  number: { read: readNumber, advice: 'as "NaN", "Infinity", "-Infinity" or "-0"' },
  URL: {
    read: (json) => (typeof json === 'string' && URL.canParse(json) ? { value: new URL(json) } : undefined),
    advice: 'as a whole, such as "https://example.com/"',
  },
  Error: { read: readError, advice: 'as { "name": "Error", "message": "…" }' },
  regexp: { read: () => undefined, advice: 'not at all: a client may not send one' },
  bytes: { read: readBytes, advice: base64Advice },
  buffer: {
    read: (json) => map(readBytes(json), (bytes) => bytes.buffer),
    advice: base64Advice,
  },
  Blob: {
    read: (json) => map(readFileOf(json), ({ bytes, type }) => new Blob([bytes], { type })),
    advice: `${base64Advice}, or as { "type": "image/png", "base64": "…" }`,
  },
  File: {
    read: (json) =>
      map(readFileOf(json), ({ bytes, name, type, lastModified }) => new File([bytes], name, { type, lastModified })),
    advice: 'as { "name": "a.png", "type": "image/png", "base64": "…" }',
  },
  ...Object.fromEntries(
    typedArrayNames.map((name): [string, Form] => [
      name,
      { read: (json) => readTypedArray(json, name), advice: 'as an array of numbers' },
    ]),
  ),
}

function map<From>(read: { readonly value: From } | undefined, to: (value: From) => unknown) {
  return read && { value: to(read.value) }
}

const isoDate = /^[+-]?\d{4,6}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i

function readDate(json: unknown) {
  if (typeof json !== 'string' || !isoDate.test(json)) return undefined
  const value = new Date(json)
  return Number.isNaN(value.getTime()) ? undefined : { value }
}

/** A number only where JSON has not rounded it. */
function readBigint(json: unknown) {
  if (typeof json === 'number') return Number.isSafeInteger(json) ? { value: BigInt(json) } : undefined
  return typeof json === 'string' && /^-?\d+$/.test(json) ? { value: BigInt(json) } : undefined
}

const specialNumbers = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

function readNumber(json: unknown) {
  if (typeof json === 'number') return { value: json }
  return typeof json === 'string' && specialNumbers.has(json) ? { value: specialNumbers.get(json) } : undefined
}

function readError(json: unknown) {
  const { name = 'Error', message } = Object(json) as { name?: unknown; message?: unknown }
  if (typeof name !== 'string' || typeof message !== 'string') return undefined
  const value = new Error(message)
  return { value: name === value.name ? value : Object.assign(value, { name }) }
}

function readBytes(json: unknown): { readonly value: Uint8Array<ArrayBuffer> } | undefined {
  if (typeof json !== 'string' || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(json)) return undefined
  return { value: new Uint8Array(Buffer.from(json, 'base64')) }
}

function readFileOf(json: unknown) {
  const given: Readonly<Record<string, unknown>> = typeof json === 'string' ? { base64: json } : Object(json)
  const { base64, name = 'file', type = '', lastModified = 0 } = given
  if (typeof name !== 'string' || typeof type !== 'string' || typeof lastModified !== 'number') return undefined
  return map(readBytes(base64), (bytes) => ({ bytes, name, type, lastModified })) as
    | { value: { bytes: Uint8Array<ArrayBuffer>; name: string; type: string; lastModified: number } }
    | undefined
}

function readTypedArray(json: unknown, name: (typeof typedArrayNames)[number]) {
  if (!Array.isArray(json)) return undefined
  const read = name.startsWith('Big') ? readBigint : readNumber
  const items = json.map((item) => read(item)?.value)
  if (items.includes(undefined)) return undefined
  return { value: (globalThis[name] as { from: (items: unknown) => object }).from(items) }
}

/**
 * A value as JSON that a terminal can show: what JSON says stays, the others in the forms that are read above. Bytes of a
 * Blob are read, so it takes a moment.
 */
export async function printable(value: unknown): Promise<unknown> {
  switch (typeof value) {
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'undefined':
      return null
    case 'object':
      return value === null ? null : printableObject(value)
    default:
      return value
  }
}

async function printableObject(value: object): Promise<unknown> {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Map || value instanceof Set || Array.isArray(value)) return printables([...value])
  if (value instanceof URL || value instanceof RegExp) return String(value)
  if (value instanceof Error) return { name: value.name, message: value.message }
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString('base64')
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return printables([...(value as Int8Array)])
  if (value instanceof Blob) return printableBlob(value)
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    await Promise.all(entries.map(async ([name, member]) => [name, await printable(member)] as const)),
  )
}

const printables = (values: readonly unknown[]) => Promise.all(values.map(printable))

async function printableBlob(blob: Blob): Promise<unknown> {
  const base64 = Buffer.from(await blob.arrayBuffer()).toString('base64')
  const { type } = blob
  return blob instanceof File ? { name: blob.name, type, lastModified: blob.lastModified, base64 } : { type, base64 }
}
