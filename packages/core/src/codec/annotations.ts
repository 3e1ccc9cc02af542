// superjson's `meta.values`: a tree that says, per path, which type a JSON value stands for. A leaf is `[type]`, a
// node with children `[type, children]`, and children (as the tree itself, where the root is plain) are
// `{ 'path.to': tree }`, with '.' and '\' escaped by '\'. https://github.com/flightcontrolhq/superjson
// Ours is `['each', tree]`, one tree for all items of an array (docs/adr/0028). What is made of bytes is ours, too: the value
// is or begins with the index of a part, which travels beside the text (parts.ts).

import { maxNesting } from './nesting.ts'
import { PayloadError } from './payload-error.ts'

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

/** In place of a type: that what follows is said of each item of an array. */
const each = 'each'

export function maySend(side: Side, type: RichType): boolean {
  return richTypes[type] === 'both' || richTypes[type] === side
}

/** The most annotations in one payload. 10,000: a list of 1,000 rows with ten rich columns. */
export const maxAnnotations = 10_000

/**
 * How many steps all annotations of one payload take together, along their paths and from item to item. 250,000: the most
 * annotations, 25 levels deep; a server reads them in some 10 ms, of dates (Node 20).
 */
export const maxSteps = 250_000

/**
 * How long the paths in the annotations of one payload are together, in UTF-16 units. 4 Mi: as much as a
 * server keeps for a client by default. A long key above many rich values would make a huge text of a small payload.
 */
export const maxPathsLength = 4_194_304

/**
 * The most numbers and bigints in sets and as keys of maps, in one payload. 10,000: platforms find them by a hash that a
 * sender can foresee, and 10,000 that all have the same take 0.1 s (Node 20), 90,000 take 8.
 */
export const maxHashedNumbers = 10_000

/** The longest bigint, in characters: BigInt() takes time that grows with the square of them. 4,096: 13,600 bits. */
export const maxBigintLength = 4_096

/** What a tree says of one value: of its members, of its items, and last of itself. */
export interface Annotation {
  readonly type: RichType | undefined
  /** Of each item of an array. */
  readonly each: Annotation | undefined
  readonly members: readonly { readonly path: readonly string[]; readonly annotation: Annotation }[]
  readonly place: Place
}

/** Where in a payload, from the inside out: paths would be copied for each child. */
export interface Place {
  readonly within: Place | undefined
  readonly path: readonly string[]
  readonly depth: number
}

export const wholePayload: Place = { within: undefined, path: [], depth: 0 }

export const tooMany = `More than ${maxAnnotations} rich values in one payload`
export const tooManyHashed = `More than ${maxHashedNumbers} numbers in sets and keys of maps in one payload`
export const tooDeep = `Too many rich values too deep in one payload: their paths have more than ${maxSteps} steps in all`

/**
 * The annotations of a payload as a tree of what to do.
 * @throws PayloadError for anything that is not such a tree, for a type that does not travel, or not from this side, and past
 * the limits: what a tree names is there, or it is refused anyway.
 */
export function readAnnotations(tree: unknown, from: Side): Annotation {
  return new TreeReader(from).annotationOf(tree, wholePayload)
}

class TreeReader {
  readonly #from: Side
  #types = 0
  #steps = 0

  constructor(from: Side) {
    this.#from = from
  }

  annotationOf(tree: unknown, place: Place): Annotation {
    if (place.depth > maxNesting)
      throw new PayloadError(`A type annotation has a path of more than ${maxNesting} steps`)
    const plain = { type: undefined, each: undefined, members: [], place }
    if (!Array.isArray(tree)) return { ...plain, members: this.#membersOf(tree, place) }
    const [type, inner] = tree as readonly unknown[]
    if (type === each) return { ...plain, each: this.#inside(inner, place, ['*']) }
    if (!isRichType(type))
      throw new PayloadError(`${at(place)} has the type ${describeType(type)}, which does not travel`)
    if (!maySend(this.#from, type))
      throw new PayloadError(`${at(place)} has the type ${type}, which a client may not send`)
    if (++this.#types > maxAnnotations) throw new PayloadError(tooMany)
    if (inner === undefined) return { ...plain, type }
    if (!Array.isArray(inner)) return { ...plain, type, members: this.#membersOf(inner, place, true) }
    if (inner[0] !== each) throw malformed(place)
    return { ...plain, type, each: this.#inside(inner[1], place, ['*']) }
  }

  #inside(tree: unknown, within: Place, path: readonly string[]): Annotation {
    if ((this.#steps += path.length) > maxSteps) throw new PayloadError(tooDeep)
    return this.annotationOf(tree, { within, path, depth: within.depth + path.length })
  }

  #membersOf(children: unknown, place: Place, isTyped = false): Annotation['members'] {
    if (typeof children !== 'object' || children === null || Array.isArray(children)) throw malformed(place)
    const keys = Object.keys(children)
    // Counted by its leaves, and each is a type: a tree of nothing would cost what nobody counts (PL-6).
    if (keys.length === 0 && (isTyped || place.depth > 0))
      throw new PayloadError(`The type annotations at ${at(place)} name no type`)
    return keys.map((key) => {
      const path = parsePath(key)
      return { path, annotation: this.#inside((children as Record<string, unknown>)[key], place, path) }
    })
  }
}

const malformed = (place: Place) => new PayloadError(`The type annotations at ${at(place)} are malformed`)

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
export function at(place: Place): string {
  const path: string[] = []
  for (let here: Place | undefined = place; here; here = here.within) path.unshift(...here.path.slice(0, 100))
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
