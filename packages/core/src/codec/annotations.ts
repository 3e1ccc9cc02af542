// superjson's `meta.values`: a tree that says, per path, which type a JSON value stands for. A leaf is `[type]`, a
// node with children `[type, children]`, and children (as the tree itself, where the root is plain) are
// `{ 'path.to': tree }`, with '.' and '\' escaped by '\'. https://github.com/flightcontrolhq/superjson
// What is made of bytes is ours: the value is or begins with the index of a part, which travels beside the text (parts.ts).

import { maxNesting } from './nesting.ts'

/** A type annotation with the path that it applies to, from the outside in. */
export interface Annotation {
  readonly type: RichType
  readonly path: readonly string[]
}

/** Whose payload it is. */
export type Side = 'client' | 'server'

/**
 * The rich types that travel, and who may send each: the one list of what a payload can make its reader build. Nothing on
 * it is a class of the application, a symbol or a function; and what a client sends builds no regular expression, which
 * could be made to run for ever. Why each is as it is: docs/adr/0024.
 */
export const richTypes = {
  undefined: 'both',
  bigint: 'both',
  Date: 'both',
  number: 'both',
  set: 'both',
  map: 'both',
  URL: 'both',
  Error: 'both',
  regexp: 'server',
  bytes: 'both',
  buffer: 'both',
  Blob: 'both',
  File: 'both',
  Int8Array: 'both',
  Uint8ClampedArray: 'both',
  Int16Array: 'both',
  Uint16Array: 'both',
  Int32Array: 'both',
  Uint32Array: 'both',
  Float32Array: 'both',
  Float64Array: 'both',
  BigInt64Array: 'both',
  BigUint64Array: 'both',
} as const satisfies Record<string, Side | 'both'>
export type RichType = keyof typeof richTypes

export function maySend(side: Side, type: RichType): boolean {
  return richTypes[type] === 'both' || richTypes[type] === side
}

/** The most annotations in one payload. 10,000: a list of 1,000 rows with ten rich columns. */
export const maxAnnotations = 10_000

/**
 * How long all paths of one payload are together, in steps: each is walked from the payload on. 250,000: the most
 * annotations, 25 levels deep; a server reads them in some 10 ms (Node 20).
 */
export const maxSteps = 250_000

/** The longest bigint, in characters: BigInt() takes time that grows with the square of them. 4,096: 13,600 bits. */
export const maxBigintLength = 4_096

/** A payload that cannot be encoded or decoded; the message says what and where. */
export class PayloadError extends Error {}

/**
 * The annotations of a tree in the order in which they must be applied: children before their container.
 * @throws PayloadError for anything that is not such a tree, a type that does not travel, or not from this side, and too
 * many of them.
 */
export function readAnnotations(tree: unknown, from: Side): Annotation[] {
  const found: Annotation[] = []
  collect(tree, [], { from, found, steps: 0 })
  return found
}

interface Collection {
  readonly from: Side
  readonly found: Annotation[]
  /** How long the paths are together. */
  steps: number
}

export const tooDeep = `Too many rich values too deep in one payload: their paths have more than ${maxSteps} steps in all`

function collect(tree: unknown, path: readonly string[], into: Collection): void {
  // Each child repeats the path to it: unbounded, a message of 1 MB could become gigabytes of paths.
  if (path.length > maxNesting) throw new PayloadError(`A type annotation has a path of more than ${maxNesting} steps`)
  if ((into.steps += path.length) > maxSteps) throw new PayloadError(tooDeep)
  if (!Array.isArray(tree)) return collectChildren(tree, path, into)
  const [type, children] = tree as readonly unknown[]
  if (!isRichType(type)) throw new PayloadError(`${at(path)} has the type ${describeType(type)}, which does not travel`)
  if (!maySend(into.from, type)) throw new PayloadError(`${at(path)} has the type ${type}, which a client may not send`)
  if (children !== undefined) collectChildren(children, path, into)
  if (into.found.push({ type, path }) > maxAnnotations) {
    throw new PayloadError(`More than ${maxAnnotations} rich values in one payload`)
  }
}

function collectChildren(children: unknown, path: readonly string[], into: Collection): void {
  if (typeof children !== 'object' || children === null || Array.isArray(children)) {
    throw new PayloadError(`The type annotations at ${at(path)} are malformed`)
  }
  const keys = Object.keys(children)
  // Counted by its leaves, and each is a type: a tree of nothing would cost what nobody counts (PL-6).
  if (keys.length === 0 && path.length > 0) throw new PayloadError(`The type annotations at ${at(path)} name no type`)
  for (const key of keys) {
    collect((children as Record<string, unknown>)[key], [...path, ...parsePath(key)], into)
  }
}

function isRichType(type: unknown): type is RichType {
  return typeof type === 'string' && Object.hasOwn(richTypes, type)
}

/** superjson names a typed array ['typed-array', 'Uint8Array']. What is neither is no type at all. */
function describeType(type: unknown): string {
  const parts: readonly unknown[] = Array.isArray(type) ? type : [type]
  const text = parts.filter((part) => typeof part === 'string').join(' ')
  return text === '' ? typeof type : text.slice(0, 40)
}

/** For messages: where in a payload. */
export function at(path: readonly string[]): string {
  return path.length ? path.join('.').slice(0, 100) : 'the payload'
}

function parsePath(text: string): string[] {
  const path: string[] = []
  let key = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i]
    if (char === '\\') key += text[++i] ?? ''
    else if (char === '.') {
      path.push(key)
      key = ''
    } else key += char
  }
  path.push(key)
  return path
}
