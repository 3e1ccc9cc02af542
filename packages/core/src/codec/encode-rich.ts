import { at, maxAnnotations, PayloadError, type RichType } from './annotations.ts'
import { maxPayloadNesting } from './nesting.ts'
import { maxParts, type Part } from './parts.ts'
import { isPlainObject } from './plain-json.ts'

/** A value as JSON, with the tree of annotations that says what stands for what (see annotations.ts). */
export interface Encoded {
  readonly json: unknown
  readonly annotations: Tree | undefined
}

interface EncodedMembers extends Encoded {
  readonly annotations: Children | undefined
}

/** superjson's `meta.values`. */
type Tree = readonly [RichType, Children?] | Children
interface Children {
  [path: string]: Tree
}

/**
 * Writes a value that JSON alone does not carry, as superjson does. Bytes go to `parts`, copied: whoever gave them may
 * use them again. Without `parts` none are taken.
 * @throws PayloadError when it holds what cannot travel, holds itself, is nested too deep, or has too many rich values.
 */
export function encodeRich(value: unknown, parts?: Part[]): Encoded {
  return new Encoder(parts).encode(value)
}

/** How many sets and maps may stand in each other: their annotations must not nest deeper than a message may. */
const maxTypedDepth = Math.floor(maxPayloadNesting / 2) - 1

class Encoder {
  readonly #parts: Part[] | undefined
  readonly #path: string[] = []
  readonly #containers = new Set<object>()
  #count = 0
  #typedDepth = 0

  constructor(parts: Part[] | undefined) {
    this.#parts = parts
  }

  encode(value: unknown): Encoded {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return { json: value, annotations: undefined }
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return { json: value, annotations: undefined }
        return this.#leaf('number', Object.is(value, -0) ? '-0' : String(value))
      case 'undefined':
        return this.#leaf('undefined', null)
      case 'bigint':
        return this.#leaf('bigint', value.toString())
      case 'object':
        return value === null ? { json: null, annotations: undefined } : this.#object(value)
      default:
        return this.#refuse(`is a ${typeof value}`)
    }
  }

  #object(value: object): Encoded {
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) return this.#refuse('is an invalid Date')
      return this.#leaf('Date', value.toISOString())
    }
    if (value instanceof URL) return this.#leaf('URL', value.href)
    if (value instanceof Uint8Array) return this.#bytes('bytes', value)
    if (value instanceof ArrayBuffer) return this.#bytes('buffer', value)
    if (this.#containers.has(value)) return this.#refuse('holds itself')
    if (this.#path.length >= maxPayloadNesting) return this.#refuse(`is nested deeper than ${maxPayloadNesting}`)
    this.#containers.add(value)
    const encoded = this.#container(value)
    this.#containers.delete(value)
    return encoded
  }

  #container(value: object): Encoded {
    if (Array.isArray(value)) return this.#list(value)
    if (value instanceof Set) return this.#typedList('set', [...value])
    if (value instanceof Map) return this.#typedList('map', [...value])
    if (!isPlainObject(value)) return this.#refuse(`is an instance of ${nameOfClass(value)}`)
    const json: Record<string, unknown> = {}
    const children: Children = {}
    for (const key of Object.keys(value)) {
      // superjson's readers refuse them: a path through them could reach a prototype.
      if (isPrototypeKey(key)) return this.#refuse(`has a member named ${key} beside rich values`)
      json[key] = this.#member(key, value[key], children)
    }
    return { json, annotations: orNone(children) }
  }

  /** Its annotations stand in each other, by two levels for each. */
  #typedList(type: 'set' | 'map', items: readonly unknown[]): Encoded {
    if (++this.#typedDepth > maxTypedDepth) return this.#refuse(`is a ${type} in ${maxTypedDepth} others`)
    const encoded = this.#typed(type, this.#list(items))
    this.#typedDepth--
    return encoded
  }

  /** Holes are items that are undefined; what an array has beside its items stays where it is. */
  #list(items: readonly unknown[]): EncodedMembers {
    const children: Children = {}
    const json = Array.from(items, (item, index) => this.#member(String(index), item, children))
    return { json, annotations: orNone(children) }
  }

  /** The JSON of a member; its annotations go to `children`, under its key. */
  #member(key: string, value: unknown, children: Children): unknown {
    this.#path.push(key)
    const { json, annotations } = this.encode(value)
    this.#path.pop()
    const path = escapeKey(key)
    if (Array.isArray(annotations)) children[path] = annotations as Tree
    else for (const [rest, tree] of Object.entries(annotations ?? {})) children[`${path}.${rest}`] = tree as Tree
    return json
  }

  /** The index of a part stands for them. */
  #bytes(type: RichType, value: Uint8Array | ArrayBuffer): Encoded {
    const parts = this.#parts
    if (!parts) return this.#refuse('is bytes', 'neither credentials nor the params of a room may hold')
    if (parts.length >= maxParts) throw new PayloadError(`More than ${maxParts} values of bytes in one payload`)
    const index = parts.push(this.#copy(value)) - 1
    return this.#leaf(type, index)
  }

  #copy(value: Uint8Array | ArrayBuffer): Part {
    try {
      return new Uint8Array(value instanceof ArrayBuffer ? value.slice(0) : value)
    } catch {
      return this.#refuse('is bytes that were transferred') // a detached buffer
    }
  }

  #leaf(type: RichType, json: unknown): Encoded {
    return this.#typed(type, { json, annotations: undefined })
  }

  #typed(type: RichType, { json, annotations }: EncodedMembers): Encoded {
    if (++this.#count > maxAnnotations) throw new PayloadError(`More than ${maxAnnotations} rich values in one payload`)
    return { json, annotations: annotations ? [type, annotations] : [type] }
  }

  #refuse(what: string, whichMust = 'cannot travel'): never {
    throw new PayloadError(`${at(this.#path)} ${what}, which ${whichMust}`)
  }
}

const orNone = (children: Children) => (Object.keys(children).length > 0 ? children : undefined)

const isPrototypeKey = (key: string) => key === '__proto__' || key === 'constructor' || key === 'prototype'

const escapeKey = (key: string) => key.replaceAll('\\', '\\\\').replaceAll('.', '\\.')

function nameOfClass(value: object): string {
  const { constructor } = value as { constructor?: { name?: unknown } }
  return typeof constructor?.name === 'string' && constructor.name !== '' ? constructor.name : 'a class'
}
