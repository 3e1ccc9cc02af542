import {
  maxAnnotations,
  maxBigintLength,
  maxSteps,
  PayloadError,
  type RichType,
  richTypes,
  type Side,
  tooDeep,
} from './annotations.ts'
import { encodeLeaf, type GivenParts } from './encode-leaf.ts'
import { isoJson } from './iso-json.ts'
import { maxPayloadNesting } from './nesting.ts'
import { isPlainObject } from './plain-json.ts'
import { quoted } from './quoted.ts'

/**
 * Writes a value that JSON alone does not carry, as superjson does: `,json,annotations`. Bytes go to `parts`, copied:
 * whoever gave them may use them again. Those of a Blob stay unread. Without `parts` none are taken.
 * @throws PayloadError when it holds what cannot travel, or not from this side, holds itself, is nested too deep, or has too many rich values.
 */
export function encodeRich(value: unknown, from: Side, parts?: GivenParts): string {
  return new Encoder(from, parts).encode(value)
}

/** How many sets and maps may stand in each other: their annotations must not nest deeper than a message may. */
const maxTypedDepth = Math.floor(maxPayloadNesting / 2) - 1

/** What all paths begin with but that of the payload itself, which is empty. In sets and maps they begin anew. */
const beginning = ',"'

/**
 * Writes the text of the JSON and that of the annotations in one walk. A tree of annotations, or a copy for
 * JSON.stringify, would cost more than all the rest (bench/encode.mjs). So does a path for each value: it is put together
 * of `before`, what it has in common with those beside it, and `key` where it is needed.
 */
class Encoder {
  readonly #from: Side
  readonly #parts: GivenParts | undefined
  /** What the value that is being written stands in, from the outside in. */
  readonly #holders: object[] = []
  /** The annotations of the payload, or of the innermost set or map, each with a comma before it. */
  #annotations = ''
  #count = 0
  /** How long the paths are together, each from the payload on. */
  #steps = 0
  #typedDepth = 0

  constructor(from: Side, parts: GivenParts | undefined) {
    this.#from = from
    this.#parts = parts
  }

  encode(value: unknown): string {
    const json = this.#json(value, '', '')
    const annotations = this.#annotations
    if (annotations === '') return `,${json}`
    // What stands at the root has no path, only a type.
    return annotations.startsWith(beginning) ? `,${json},{${annotations.slice(1)}}` : `,${json},${annotations.slice(2)}`
  }

  #json(value: unknown, before: string, key: string): string {
    switch (typeof value) {
      case 'string':
        return quoted(value)
      case 'boolean':
        return value ? 'true' : 'false'
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return `${value}`
        return this.#typed('number', before, key, Object.is(value, -0) ? '"-0"' : `"${value}"`)
      case 'undefined':
        return this.#typed('undefined', before, key, 'null')
      case 'bigint':
        return this.#bigint(value, before, key)
      case 'object':
        return value === null ? 'null' : this.#object(value, before, key)
      default:
        return this.#refuse(before, key, `is a ${typeof value}, which cannot travel`)
    }
  }

  #bigint(value: bigint, before: string, key: string): string {
    const digits = `"${value}"`
    if (digits.length - 2 <= maxBigintLength) return this.#typed('bigint', before, key, digits)
    return this.#refuse(before, key, `has more than ${maxBigintLength} characters, which cannot travel`)
  }

  #object(value: object, before: string, key: string): string {
    if (value instanceof Date) {
      if (Number.isNaN(value.getTime())) return this.#refuse(before, key, 'is an invalid Date, which cannot travel')
      return this.#typed('Date', before, key, isoJson(value))
    }
    if (Array.isArray(value) || isPlainObject(value) || value instanceof Set || value instanceof Map) {
      return this.#container(value, before, key)
    }
    const leaf = encodeLeaf(value, this.#from, this.#parts)
    return typeof leaf === 'string' ? this.#refuse(before, key, leaf) : this.#typed(leaf[0], before, key, leaf[1])
  }

  #container(value: object, before: string, key: string): string {
    const holders = this.#holders
    if (holders.length >= maxPayloadNesting) {
      const what = holders.includes(value) ? 'holds itself' : `is nested deeper than ${maxPayloadNesting}`
      return this.#refuse(before, key, `${what}, which cannot travel`)
    }
    holders.push(value)
    const json = this.#contained(value, before, key)
    holders.pop()
    return json
  }

  #contained(value: object, before: string, key: string): string {
    if (Array.isArray(value)) return this.#list(value, inside(before, key))
    if (value instanceof Set) return this.#typedList('set', before, key, [...value])
    if (value instanceof Map) return this.#typedList('map', before, key, [...value])
    return this.#members(value as Record<string, unknown>, inside(before, key))
  }

  #members(value: Record<string, unknown>, before: string): string {
    let json = ''
    for (const key of Object.keys(value)) {
      const texts = textsOf(key)
      // superjson's readers refuse them: a path through them could reach a prototype.
      if (!texts) return this.#refuse(before, key, 'has a name that no member may have beside rich values')
      json += json === '' ? texts.first : texts.next
      json += this.#json(value[key], before, texts.path)
    }
    return json === '' ? '{}' : `${json}}`
  }

  /** Holes are items that are undefined; what an array has beside its items stays where it is. */
  #list(items: readonly unknown[], before: string): string {
    let json = '['
    for (let index = 0; index < items.length; index++) {
      if (index > 0) json += ','
      json += this.#json(items[index], before, `${index}`)
    }
    return `${json}]`
  }

  /** Its annotations stand in each other, by two levels for each. */
  #typedList(type: 'set' | 'map', before: string, key: string, items: readonly unknown[]): string {
    if (++this.#typedDepth > maxTypedDepth)
      return this.#refuse(before, key, `is a ${type} in ${maxTypedDepth} others, which cannot travel`)
    const outer = this.#annotations
    this.#annotations = ''
    const json = this.#list(items, beginning)
    const inner = this.#annotations
    this.#annotations = outer
    this.#typedDepth--
    return this.#typed(type, before, key, json, inner)
  }

  /** The JSON of a rich value, whose type is noted. `inner`: the annotations of what it holds. */
  #typed(type: RichType, before: string, key: string, json: string, inner = ''): string {
    if (++this.#count > maxAnnotations) throw new PayloadError(`More than ${maxAnnotations} rich values in one payload`)
    if ((this.#steps += this.#holders.length) > maxSteps) throw new PayloadError(tooDeep)
    this.#annotations += before
    this.#annotations += key + (inner === '' ? leaves[type] : `":["${type}",{${inner.slice(1)}}]`)
    return json
  }

  #refuse(before: string, key: string, why: string): never {
    throw new PayloadError(`${(before + key).slice(beginning.length, 100) || 'the payload'} ${why}`)
  }
}

/** What follows a path. Put together once: it is written for each rich value. */
const leaves = Object.fromEntries(Object.keys(richTypes).map((type) => [type, `":["${type}"]`])) as Record<
  RichType,
  string
>

/** What the paths of all members of a value begin with. */
const inside = (before: string, key: string) => (before === '' ? beginning : `${before}${key}.`)

/** A key as it stands before the first value of an object, before a later one, and in a path. */
interface KeyTexts {
  readonly first: string
  readonly next: string
  readonly path: string
}

/** What was written before: the keys of a program are few. Those that are data are not, so no more than so many are kept. */
const keyTexts = new Map<string, KeyTexts>()
const maxKeyTexts = 1_000
const maxKeptKeyLength = 64

/** Of no key that an object has by its prototype. */
function textsOf(key: string): KeyTexts | undefined {
  const kept = keyTexts.get(key)
  if (kept) return kept
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') return undefined
  const json = JSON.stringify(key)
  const path = JSON.stringify(key.replaceAll('\\', '\\\\').replaceAll('.', '\\.')).slice(1, -1)
  const texts = { first: `{${json}:`, next: `,${json}:`, path }
  if (keyTexts.size < maxKeyTexts && key.length <= maxKeptKeyLength) keyTexts.set(key, texts)
  return texts
}
