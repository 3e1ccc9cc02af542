// What holds for every payload, whatever is in it: generated values, and annotations that nobody's encoder would write.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withBlobsRead } from '../protocol/golden.ts'
import { maxNesting, parseBatch } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { richTypes, type Side } from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import { decodeContainer, encodeContainer } from './container.ts'
import { type EncodedPayload, frameOf, type Part, ReceivedParts, UnreadPayload } from './parts.ts'
import { decodePayload, encodePayload } from './payload.ts'
import { typedArrays } from './typed-arrays.ts'

const sides: readonly Side[] = ['client', 'server']

/** Keys that paths must escape, that look like paths, that arrays have, and that lead to prototypes. */
const keys = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.constantFrom(
    ...['', '.', '\\', 'a.b', '\\.', '..', 'a\\', '.a', '0', '1.0', 'length', 'toString', 'toJSON', 'then', '"'],
  ),
  fc.constantFrom('__proto__', 'constructor', 'prototype'),
)
const prototypeKeys = new Set(['__proto__', 'constructor', 'prototype'])

const dates = fc.date({ noInvalidDate: true })
const media = fc.constantFrom('', 'text/plain', 'image/png; a="b"')
const bytes = fc.uint8Array({ maxLength: 24 })

/** One of each type that travels, and of what JSON has. */
const leaves: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  json: fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.double({ noNaN: true, noDefaultInfinity: true })),
  undefined: fc.constant(undefined),
  bigint: fc.bigInt(),
  Date: dates,
  number: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0),
  URL: fc.webUrl().map((url) => new URL(url)),
  Error: fc.tuple(fc.string(), fc.string()).map(([name, message]) => Object.assign(new Error(message), { name })),
  bytes,
  buffer: bytes.map(({ buffer }) => buffer),
  Blob: fc.tuple(bytes, media).map(([part, type]) => new Blob([part], { type })),
  File: fc
    .tuple(bytes, fc.string(), media, dates)
    .map(([part, name, type, date]) => new File([part], name, { type, lastModified: date.getTime() })),
  ...Object.fromEntries(
    Object.entries(typedArrays).map(([name, TypedArray]) => [
      name,
      bytes.map(({ buffer }) => new TypedArray(buffer.slice(0, buffer.byteLength - (buffer.byteLength % 8)))),
    ]),
  ),
}
const regexps = fc.constantFrom(/x/, /a\/[/"\\]\n/giu, new RegExp(''), /^\/$/)

/** Whatever a side may send, in whatever holds it. */
const valuesOf = (from: Side): fc.Arbitrary<unknown> =>
  fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(...Object.values(leaves), ...(from === 'server' ? [regexps] : [])),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.array(fc.tuple(keys, tie('value')), { maxLength: 4 }).map(Object.fromEntries),
      // Items that are alike in where they are rich.
      fc.tuple(keys, fc.array(dates, { maxLength: 20 })).map(([key, all]) => all.map((at) => ({ [key]: at, n: 1 }))),
      fc.array(dates, { maxLength: 20 }),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  })).value

/** A payload as its reader has it: of a frame, in a message. */
function received(payload: EncodedPayload): [json: unknown, annotations: unknown] {
  const { text, parts } = frameOf('[18,1', payload)
  const container = decodeContainer(encodeContainer(`[${text}]`, parts))
  const frames = parseBatch(container.batch, container.parts)
  if (frames instanceof ProtocolError) throw new Error(frames.reason)
  const [, , json, annotations] = frames[0]!
  return [json, annotations]
}

const read = (payload: EncodedPayload | UnreadPayload) =>
  payload instanceof UnreadPayload ? payload.read() : Promise.resolve(payload)

function errorOf(run: () => unknown): unknown {
  try {
    run()
    return undefined
  } catch (error) {
    return error
  }
}

/** A picture of a value that is equal for equal values alone: types, order, and the sign of zero. Blobs were read. */
function pictureOf(value: unknown): unknown {
  if (typeof value === 'number') return Object.is(value, -0) ? 'number -0' : `number ${value}`
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`
  // Not its own member of that name, which may be anything.
  const { name } = (Object.getPrototypeOf(value) as object).constructor as { readonly name: string }
  if (value instanceof Date) return `Date ${value.getTime()}`
  if (value instanceof URL || value instanceof RegExp) return `${name} ${String(value)}`
  if (value instanceof Error) return `${name} ${value.name}: ${value.message}`
  if (value instanceof ArrayBuffer) return `${name} ${String(new Uint8Array(value))}`
  if (ArrayBuffer.isView(value)) {
    return `${name} ${String(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))}`
  }
  if (value instanceof Set || value instanceof Map || Array.isArray(value)) {
    return { [name]: Array.from(value as Iterable<unknown>, pictureOf) }
  }
  return { object: Object.entries(value).map(([key, member]) => [key, pictureOf(member)]) }
}

function hasPrototypeKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return false
  if (value instanceof Set || value instanceof Map || Array.isArray(value)) return [...value].some(hasPrototypeKey)
  return Object.keys(value).some((key) => prototypeKeys.has(key)) || Object.values(value).some(hasPrototypeKey)
}

describe.each(sides)('whatever a %s sends', (from) => {
  it('arrives as it was, or is refused for a name that leads to a prototype', async () => {
    const arrives = async (value: unknown) => {
      const refusal = errorOf(() => encodePayload(value, { from }))
      if (refusal instanceof PayloadError && hasPrototypeKey(value) && refusal.message.includes('has a name')) return
      const decoded = decodePayload(...received(await read(encodePayload(value, { from }))), from)
      expect(pictureOf(await withBlobsRead(decoded))).toEqual(pictureOf(await withBlobsRead(value)))
    }
    await fc.assert(fc.asyncProperty(valuesOf(from), arrives), { numRuns: 1_000 })
  })

  it('is written with annotations only where JSON does not carry it', async () => {
    const isMinimal = async (value: unknown) => {
      const payload = await read(encodePayload(value, { from }))
      const [json, annotations] = received(payload)
      const isJson = errorOf(() => expect(pictureOf(json)).toEqual(pictureOf(value))) === undefined
      expect([isJson, annotations === undefined]).toEqual([isJson, isJson])
    }
    await fc.assert(
      fc.asyncProperty(
        valuesOf(from).filter((value) => !hasPrototypeKey(value)),
        isMinimal,
      ),
    )
  })
})

const hostileKeys = fc.constantFrom(
  ...['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'length', 'a', 'b', '0', '1', '2', '', 'a.b'],
)

const hostileTypes = fc.constantFrom<unknown>(
  ...Object.keys(richTypes),
  ...['__proto__', 'constructor', 'symbol', 'function', 'Function', 'Promise'],
  ...[
    ['class', 'x'],
    ['custom', 'x'],
    ['symbol', 'x'],
    ['typed-array', 'Int8Array'],
  ],
  { toString: 1, valueOf: null },
)

/** What rich values are written as, or nearly. */
const hostileTexts = [
  null,
  true,
  0,
  1,
  2,
  -5,
  '',
  '7',
  'NaN',
  'x',
  '1970-01-01T00:00:00.000Z',
  'https://example.com/',
  '/x/g',
]

/** Made by JSON.parse, as what comes by wire is: `__proto__` is an own member. */
const hostileJson: fc.Arbitrary<unknown> = fc
  .letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(...hostileTexts),
      fc.constantFrom([0, 'a/b'], [1, '', 'name', 5], { name: 'Error', message: 'x' }, [['k', 0]]),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(hostileKeys, tie('value'), { maxKeys: 4 }),
    ),
  }))
  .value.map((value): unknown => JSON.parse(JSON.stringify(value)))

const paths = fc.array(hostileKeys, { minLength: 1, maxLength: 3 }).map((path) => path.join('.'))

const hostileTrees: fc.Arbitrary<unknown> = fc
  .letrec<{ tree: unknown; children: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'medium' },
      fc.tuple(hostileTypes),
      fc.tuple(hostileTypes, tie('children')),
      fc.tuple(fc.constant('each'), tie('tree')),
      fc.tuple(hostileTypes, fc.tuple(fc.constant('each'), tie('tree'))),
      tie('children'),
    ),
    children: fc.dictionary(paths, tie('tree'), { maxKeys: 3 }),
  }))
  .tree.map((tree): unknown => JSON.parse(JSON.stringify(tree)))

/** All that a payload may be built of. */
const allowed: Readonly<Record<Side, ReadonlySet<unknown>>> = (() => {
  const fromClients = [
    ...[Object, Array, Date, Set, Map, URL, Error, Uint8Array, ArrayBuffer, Blob, File],
    ...Object.values(typedArrays),
  ].map(({ prototype }) => prototype as unknown)
  return { client: new Set(fromClients), server: new Set([...fromClients, RegExp.prototype]) }
})()

/** What a value is built of beside that. */
function strangersIn(value: unknown, from: Side, depth = 0): unknown[] {
  if (typeof value === 'function' || typeof value === 'symbol' || depth > maxNesting) return [value]
  if (typeof value !== 'object' || value === null) return []
  if (!allowed[from].has(Object.getPrototypeOf(value))) return [value]
  const members: unknown[] = value instanceof Set || value instanceof Map ? [...value] : []
  // What is made of bytes has members of its own, none of which are values.
  if (!ArrayBuffer.isView(value) && !(value instanceof Blob))
    members.push(...Reflect.ownKeys(value).map((key) => Reflect.get(value, key) as unknown))
  return members.flatMap((member) => strangersIn(member, from, depth + 1))
}

const prototypes = [Object, Array, Function, String, Error, Date, Map, Set, Blob, File, Uint8Array, RegExp, URL]
const membersOfPrototypes = () => prototypes.map(({ prototype }) => Reflect.ownKeys(prototype).map(String).join())

describe.each(sides)('annotations of a %s, whatever they are,', (from) => {
  /** What is wrong with what comes of them: it may be refused by a PayloadError, or built of what is allowed. */
  function harmOf(json: unknown, annotations: unknown): unknown[] {
    const before = membersOfPrototypes()
    let decoded: unknown
    const error = errorOf(() => (decoded = decodePayload(json, annotations, from)))
    const harm = strangersIn(decoded, from)
    if (error !== undefined && !(error instanceof PayloadError)) harm.push(error)
    if (membersOfPrototypes().some((members, index) => members !== before[index])) harm.push('a prototype is another')
    return harm
  }

  const parts = () => [new Uint8Array(8), new Uint8Array([1]), new Uint8Array()] satisfies Part[]

  it('build nothing but what is on the list, and change no prototype', () => {
    const isHarmless = (json: unknown, annotations: unknown, hasParts: boolean) => {
      expect(harmOf(json, hasParts ? new ReceivedParts(parts(), annotations) : annotations)).toEqual([])
    }
    fc.assert(fc.property(hostileJson, fc.oneof(hostileJson, hostileTrees), fc.boolean(), isHarmless), {
      numRuns: 2_000,
    })
  })

  // The others are mostly refused at once. Here most of it is right.
  it('nor where something that was right has been changed', async () => {
    const change = fc.record({
      at: fc.nat(),
      type: hostileTypes,
      path: paths,
      how: fc.constantFrom('type', 'below', 'add'),
    })
    const isHarmless = async (
      value: unknown,
      changes: readonly { at: number; type: unknown; path: string; how: string }[],
    ) => {
      const [json, written] = received(await read(encodePayload(value, { from: 'server' })))
      const annotations = written instanceof ReceivedParts ? written.annotations : written
      const tree = new Map(flattened(annotations))
      for (const { at, type, path, how } of changes) {
        const known = [...tree.keys()][at % Math.max(1, tree.size)] ?? ''
        tree.set(how === 'type' ? known : how === 'below' ? `${known}.${path}` : path, [type])
      }
      const changed: unknown = JSON.parse(JSON.stringify(Object.fromEntries(tree)))
      const count = written instanceof ReceivedParts ? written.left : 0
      const given = Array.from({ length: count }, (_, index) => new Uint8Array(index % 3 ? 8 : 3))
      expect(harmOf(json, count > 0 ? new ReceivedParts(given, changed) : changed)).toEqual([])
    }
    const values = valuesOf('server').filter((value) => !hasPrototypeKey(value))
    await fc.assert(fc.asyncProperty(values, fc.array(change, { maxLength: 3 }), isHarmless), { numRuns: 1_000 })
  })
})

/** A tree of annotations as one list, children first: each with all of its path. */
function flattened(tree: unknown, before = ''): [path: string, leaf: unknown][] {
  const [type, children] = Array.isArray(tree) ? (tree as readonly unknown[]) : [undefined, tree]
  if (type === 'each' || Array.isArray(children)) return [[before, tree]]
  const inner = Object.entries(Object(children) as Record<string, unknown>)
  const below = inner.flatMap(([path, child]) => flattened(child, before === '' ? path : `${before}.${path}`))
  return type === undefined ? below : [...below, [before, [type]]]
}
