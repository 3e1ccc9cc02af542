// superjson's `meta.values`: a tree that says, per path, which type a JSON value stands for. A leaf is `[type]`, a
// node with children `[type, children]`, and children (as the tree itself, where the root is plain) are
// `{ 'path.to': tree }`, with '.' and '\' escaped by '\'. https://github.com/flightcontrolhq/superjson
// `bytes` and `buffer` are ours: the value is the index of a part, which travels beside the text (parts.ts).

import { maxNesting } from './nesting.ts'

/** A type annotation with the path that it applies to, from the outside in. */
export interface Annotation {
  readonly type: RichType
  readonly path: readonly string[]
}

/** The rich types that travel. Nothing here can build a class, a function or a regular expression. */
export const richTypes = ['undefined', 'bigint', 'Date', 'number', 'set', 'map', 'URL', 'bytes', 'buffer'] as const
export type RichType = (typeof richTypes)[number]

/** The most annotations in one payload. 10,000: a list of 1,000 rows with ten rich columns. */
export const maxAnnotations = 10_000

/** The longest bigint, in characters: BigInt() takes time that grows with the square of them. 4,096: 13,600 bits. */
export const maxBigintLength = 4_096

/** A payload that cannot be encoded or decoded; the message says what and where. */
export class PayloadError extends Error {}

/**
 * The annotations of a tree in the order in which they must be applied: children before their container.
 * @throws PayloadError for anything that is not such a tree, a type that does not travel, and too many of them.
 */
export function readAnnotations(tree: unknown): Annotation[] {
  const found: Annotation[] = []
  collect(tree, [], found)
  return found
}

function collect(tree: unknown, path: readonly string[], found: Annotation[]): void {
  // Each child repeats the path to it: unbounded, a message of 1 MB could become gigabytes of paths.
  if (path.length > maxNesting) throw new PayloadError(`A type annotation has a path of more than ${maxNesting} steps`)
  if (!Array.isArray(tree)) return collectChildren(tree, path, found)
  const [type, children] = tree as readonly unknown[]
  if (!isRichType(type)) throw new PayloadError(`${at(path)} has the type ${describeType(type)}, which does not travel`)
  if (children !== undefined) collectChildren(children, path, found)
  if (found.push({ type, path }) > maxAnnotations) {
    throw new PayloadError(`More than ${maxAnnotations} rich values in one payload`)
  }
}

function collectChildren(children: unknown, path: readonly string[], found: Annotation[]): void {
  if (typeof children !== 'object' || children === null || Array.isArray(children)) {
    throw new PayloadError(`The type annotations at ${at(path)} are malformed`)
  }
  for (const key of Object.keys(children)) {
    collect((children as Record<string, unknown>)[key], [...path, ...parsePath(key)], found)
  }
}

function isRichType(type: unknown): type is RichType {
  return (richTypes as readonly unknown[]).includes(type)
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
