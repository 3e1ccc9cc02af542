import {
  type Annotation,
  at,
  maxAnnotations,
  maxSteps,
  type Place,
  tooDeep,
  tooMany,
  maxHashedNumbers,
  tooManyHashed,
} from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import { hashedNumbersIn } from './hashed-numbers.ts'
import type { ReceivedParts } from './parts.ts'
import { isPlainObject } from './plain-json.ts'
import { revive } from './revive.ts'

/** Puts the rich values of one payload in their places, and counts what that takes (PL-6). */
export class Reviver {
  readonly #parts: ReceivedParts | undefined
  #count = 0
  #steps = 0
  #hashed = 0

  constructor(parts?: ReceivedParts) {
    this.#parts = parts
  }

  /**
   * The value that is annotated. Arrays and objects are changed in place: their members first, then they themselves.
   * @throws PayloadError where the JSON has no such place, or another value in it, and past the limits.
   */
  revived(json: unknown, { members, each, type, place }: Annotation): unknown {
    for (const { path, annotation } of members) {
      this.#walk(path.length)
      const holder = holderOf(json, path, annotation.place)
      const key = path.at(-1)!
      holder[key] = this.revived(holder[key], annotation)
    }
    if (each) this.#reviveItems(json, each)
    if (type === undefined) return json
    if (++this.#count > maxAnnotations) throw new PayloadError(tooMany)
    if (type === 'set' || type === 'map') this.#countHashed(type, json)
    return revive(type, json, place, this.#parts)
  }

  #countHashed(type: 'set' | 'map', items: unknown): void {
    if ((this.#hashed += hashedNumbersIn(type, items)) > maxHashedNumbers) throw new PayloadError(tooManyHashed)
  }

  #reviveItems(json: unknown, each: Annotation): void {
    if (!Array.isArray(json)) throw new PayloadError(`The type annotation of ${at(each.place)} points to nothing`)
    this.#walk(json.length)
    for (let index = 0; index < json.length; index++) json[index] = this.revived(json[index], each)
  }

  #walk(steps: number): void {
    if ((this.#steps += steps) > maxSteps) throw new PayloadError(tooDeep)
  }
}

/** The object or array that holds the last step of a path. Only own members are stepped into: no prototype is reached. */
function holderOf(root: unknown, path: readonly string[], place: Place): Record<string, unknown> {
  let value = root
  for (const key of path.slice(0, -1)) value = own(value, key, place)[key]
  return own(value, path.at(-1)!, place)
}

function own(value: unknown, key: string, place: Place): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && key !== '__proto__' && Object.hasOwn(value, key)) {
    if (isPlainObject(value)) return value
    if (Array.isArray(value) && key !== 'length') return value as unknown as Record<string, unknown>
  }
  throw new PayloadError(`The type annotation of ${at(place)} points to nothing`)
}
