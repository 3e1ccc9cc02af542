import {
  maxAnnotations,
  maxBigintLength,
  maxHashedNumbers,
  maxSteps,
  type RichType,
  richTypes,
  type Side,
  tooDeep,
  tooMany,
  tooManyHashed,
} from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import { AnnotationNotes, beginning, inside } from './annotation-notes.ts'
import { encodeLeaf, type GivenParts } from './encode-leaf.ts'
import { hashedNumbersIn } from './hashed-numbers.ts'
import { isoJsonOfAll, leastDates, withIsoJson } from './iso-json.ts'
import { maxPayloadNesting } from './nesting.ts'
import { isPlainJson, isPlainObject } from './plain-json.ts'
import { isPlainText, quoted } from './quoted.ts'

/**
 * Writes a value that JSON alone does not carry, as superjson does: `,json,annotations`. Bytes go to `parts`, copied:
 * whoever gave them may use them again. Those of a Blob stay unread. Without `parts` none are taken.
 * @throws PayloadError when it holds what cannot travel, or not from this side, holds itself, is nested too deep, or is past
 * a limit of PL-6.
 */
export function encodeRich(value: unknown, from: Side, parts?: GivenParts): string {
  return new Encoder(from, parts).encode(value)
}

/**
 * How many sets and maps may stand in each other: their annotations must not nest deeper than a message may. They nest by
 * two levels for each, and by two for each list of objects that are alike: of these there are 13 in each other at most,
 * as each has twice as many rich values as what stands in it.
 */
const maxTypedDepth = Math.floor(maxPayloadNesting / 2) - 16

/**
 * Writes the text of the JSON and notes the annotations in one walk. A copy for JSON.stringify would cost more
 * (bench/encode.mjs). The items of an array mostly have their rich values in the same places: as long as they have, those
 * of the first stand for all, and paths begin anew in each item. They do in sets and maps, too.
 */
class Encoder {
  readonly #from: Side
  readonly #parts: GivenParts | undefined
  /** What the value that is being written stands in, from the outside in. */
  readonly #holders: object[] = []
  #json = ','
  readonly #notes = new AnnotationNotes()
  /** Where paths have begun anew, for messages: in a set, a map, or an item of an array. */
  readonly #places: { readonly path: string; item: number | undefined }[] = []
  /** How many rich values have been written. */
  #values = 0
  /** How long the paths are together, each from the payload on. */
  #steps = 0
  /** How many sets and maps it stands in. */
  #typedDepth = 0
  /** How many numbers have been written in sets and as keys of maps. */
  #hashed = 0
  /** Whether it stands in an array that is known to hold something rich: 1, else 0. */
  #mixed = 0

  constructor(from: Side, parts: GivenParts | undefined) {
    this.#from = from
    this.#parts = parts
  }

  encode(value: unknown): string {
    this.#write(value, '', '')
    const tree = this.#notes.takeTree(0)
    return tree === '' ? this.#json : `${this.#json},${tree}`
  }

  #write(value: unknown, before: string, key: string): void {
    switch (typeof value) {
      case 'string':
        this.#json += quoted(value)
        return
      case 'boolean':
        this.#json += value ? 'true' : 'false'
        return
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) this.#json += value
        else this.#writeTyped('number', before, key, Object.is(value, -0) ? '"-0"' : `"${value}"`)
        return
      case 'undefined':
        return this.#writeTyped('undefined', before, key, 'null')
      case 'bigint':
        return this.#writeBigint(value, before, key)
      case 'object':
        if (value === null) this.#json += 'null'
        else this.#writeObject(value, before, key)
        return
      default:
        this.#refuse(before, key, `is a ${typeof value}, which cannot travel`)
    }
  }

  #writeBigint(value: bigint, before: string, key: string): void {
    const digits = `"${value}"`
    if (digits.length - 2 <= maxBigintLength) return this.#writeTyped('bigint', before, key, digits)
    this.#refuse(before, key, `has more than ${maxBigintLength} characters, which cannot travel`)
  }

  #writeObject(value: object, before: string, key: string): void {
    if (value instanceof Date) {
      const ms = value.getTime()
      if (Number.isNaN(ms)) this.#refuse(before, key, 'is an invalid Date, which cannot travel')
      this.#json = withIsoJson(this.#json, ms)
      return this.#noteType('Date', before, key)
    }
    if (Array.isArray(value) || isPlainObject(value) || value instanceof Set || value instanceof Map) {
      return this.#writeContainer(value, before, key)
    }
    const leaf = encodeLeaf(value, this.#from, this.#parts)
    if (typeof leaf === 'string') this.#refuse(before, key, leaf)
    this.#writeTyped(leaf[0], before, key, leaf[1])
  }

  #writeContainer(value: object, before: string, key: string): void {
    const holders = this.#holders
    const isTyped = value instanceof Set || value instanceof Map
    if (holders.length >= maxPayloadNesting || (isTyped && this.#typedDepth >= maxTypedDepth)) {
      const depth = isTyped ? `in ${maxTypedDepth} sets and maps` : `nested deeper than ${maxPayloadNesting}`
      const what = holders.includes(value) ? 'holds itself' : `is ${depth}`
      this.#refuse(before, key, `${what}, which cannot travel`)
    }
    holders.push(value)
    if (Array.isArray(value)) this.#writeList(value, before, key)
    else if (value instanceof Set) this.#writeTypedList('set', before, key, [...value])
    else if (value instanceof Map) this.#writeTypedList('map', before, key, [...value])
    else this.#writeMembers(value as Record<string, unknown>, before, key)
    holders.pop()
  }

  #writeMembers(value: Record<string, unknown>, before: string, key: string): void {
    const path = inside(before, key)
    let isFirst = true
    for (const name of Object.keys(value)) {
      const texts = textsOf(name)
      const member = value[name]
      if (typeof member === 'string' && isPlainText.test(member)) {
        this.#json += isFirst ? texts.firstText : texts.nextText
        this.#json += member
        this.#json += '"'
      } else {
        const noted = this.#notes.length
        this.#json += isFirst ? texts.first : texts.next
        if (typeof member === 'string') this.#json += JSON.stringify(member)
        else this.#write(member, path, texts.path)
        // Readers refuse such a path: it could lead to a prototype.
        if (texts.leadsAstray && this.#notes.length > noted)
          this.#refuse(path, name, 'has a name that no member with rich values in it may have')
      }
      isFirst = false
    }
    this.#json += isFirst ? '{}' : '}'
  }

  /** Holes are items that are undefined; what an array has beside its items stays where it is. */
  #writeList(items: readonly unknown[], before: string, key: string): void {
    if (items.length >= leastDates && areDates(items)) return this.#writeDates(items, before, key)
    if (this.#mixed > 0) return this.#writeItems(items, before, key)
    if (isPlainJson(items, this.#holders.length - 1)) {
      this.#json += JSON.stringify(items)
      return
    }
    // Looked at once: what is in it is not, or lists in lists would be looked at over and over.
    this.#mixed++
    this.#writeItems(items, before, key)
    this.#mixed--
  }

  #writeDates(dates: readonly Date[], before: string, key: string): void {
    this.#count(dates.length)
    this.#json += `[${isoJsonOfAll(dates)}]`
    this.#notes.push(before, key, `":["each",["Date"]]`)
  }

  #writeItems(items: readonly unknown[], before: string, key: string): void {
    const start = this.#notes.length
    const place = { path: before + key, item: 0 }
    this.#places.push(place)
    this.#json += '['
    let endOfFirst = start
    for (let index = 0; index < items.length; index++) {
      place.item = index
      if (index > 0) this.#json += ','
      this.#write(items[index], '', '')
      if (index === 0) endOfFirst = this.#notes.length
      else if (!this.#notes.takeRepeated(start, endOfFirst)) {
        // One that differs: all of them get paths of their own.
        this.#places.pop()
        const path = inside(before, key)
        this.#notes.giveToItems(index, path, start, endOfFirst)
        return this.#writeRest(items, index + 1, path)
      }
    }
    this.#places.pop()
    if (items.length === 1) this.#notes.giveToItems(0, inside(before, key), start, start)
    else if (endOfFirst > start) this.#notes.push(before, key, `":["each",${this.#notes.takeTree(start)}]`)
    this.#json += ']'
  }

  /** The items from one on, each with paths of its own. */
  #writeRest(items: readonly unknown[], from: number, path: string): void {
    for (let index = from; index < items.length; index++) {
      this.#json += ','
      this.#write(items[index], path, `${index}`)
    }
    this.#json += ']'
  }

  #writeTypedList(type: 'set' | 'map', before: string, key: string, items: readonly unknown[]): void {
    if ((this.#hashed += hashedNumbersIn(type, items)) > maxHashedNumbers) throw new PayloadError(tooManyHashed)
    const start = this.#notes.length
    this.#typedDepth++
    this.#places.push({ path: before + key, item: undefined })
    this.#writeList(items, '', '')
    this.#places.pop()
    const inner = this.#notes.takeTree(start)
    this.#typedDepth--
    this.#noteType(type, before, key, inner === '' ? leaves[type] : `":["${type}",${inner}]`)
  }

  #writeTyped(type: RichType, before: string, key: string, json: string): void {
    this.#json += json
    this.#noteType(type, before, key)
  }

  #noteType(type: RichType, before: string, key: string, tree = leaves[type]): void {
    this.#count(1)
    this.#notes.push(before, key, tree)
  }

  /** Rich values, in what is being written. */
  #count(values: number): void {
    if ((this.#values += values) > maxAnnotations) throw new PayloadError(tooMany)
    if ((this.#steps += values * this.#holders.length) > maxSteps) throw new PayloadError(tooDeep)
  }

  #refuse(before: string, key: string, why: string): never {
    const places = [...this.#places, { path: before + key, item: undefined }]
    const path = places.flatMap(({ path, item }) => [path.slice(beginning.length), `${item ?? ''}`]).filter(Boolean)
    throw new PayloadError(`${path.join('.').slice(0, 100) || 'the payload'} ${why}`)
  }
}

/** Valid ones, and no holes. */
function areDates(items: readonly unknown[]): items is readonly Date[] {
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (!(item instanceof Date) || Number.isNaN(item.getTime())) return false
  }
  return true
}

/** What follows a path. Put together once: it is written for each rich value. */
const leaves = Object.fromEntries(Object.keys(richTypes).map((type) => [type, `":["${type}"]`])) as Record<
  RichType,
  string
>

/** A key as it stands before the first value of an object, before a later one, and in a path. */
interface KeyTexts {
  readonly first: string
  readonly next: string
  readonly firstText: string
  readonly nextText: string
  readonly path: string
  readonly leadsAstray: boolean
}

/** What was written before: the keys of a program are few. Those that are data are not, so no more than so many are kept. */
const keyTexts = new Map<string, KeyTexts>()
const maxKeyTexts = 1_000
const maxKeptKeyLength = 64

function textsOf(key: string): KeyTexts {
  const kept = keyTexts.get(key)
  if (kept) return kept
  const json = JSON.stringify(key)
  const path = JSON.stringify(key.replaceAll('\\', '\\\\').replaceAll('.', '\\.')).slice(1, -1)
  const leadsAstray = key === '__proto__' || key === 'constructor' || key === 'prototype'
  const texts = {
    first: `{${json}:`,
    next: `,${json}:`,
    firstText: `{${json}:"`,
    nextText: `,${json}:"`,
    path,
    leadsAstray,
  }
  if (keyTexts.size >= maxKeyTexts) keyTexts.clear() // by keys that are data: those of the program come back
  if (key.length <= maxKeptKeyLength) keyTexts.set(key, texts)
  return texts
}
