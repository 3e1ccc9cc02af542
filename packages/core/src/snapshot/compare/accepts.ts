import { wireValue } from './read-words.ts'
import { isAnyWire } from './merge-words.ts'
import { schemaText } from './schema-text.ts'
import { noWords, type Opaque, type Shape, type Words } from './shape.ts'

/** Whether it is certain that a value of a shape's is taken by another. */
export function accepts(taking: Shape, given: Shape, value: unknown): boolean {
  if (isAnyWire(taking, given)) return isUnrestricted(taking)
  if (taking.type !== given.type || taking.wire !== given.wire) return false
  if (!taking.opaque.every((one) => given.opaque.some((other) => isSameWord(one, other)))) return false
  if (taking.values) return includes(taking.values, value) && takes(taking, value)
  return takes(taking, value)
}

/** What nothing is known of but that both say it. */
const isSameWord = (a: Opaque, b: Opaque) =>
  a.keyword === b.keyword && a.keyword.startsWith('x-typewire-') && schemaText(a.schema) === schemaText(b.schema)

function takes({ words, wire, values }: Shape, value: unknown): boolean {
  if (typeof value === 'string') return takesText(words, value) && takesWire(words, value, wire)
  if (typeof value === 'number') return takesNumber(words, value)
  if (typeof value === 'object' && value !== null) return values !== undefined && values.length > 0
  return true
}

/** JSON Schema counts characters, and JavaScript's libraries count UTF-16 units: what is certain holds for both. */
function takesText({ minLength, maxLength, patterns, formats }: Words, value: string): boolean {
  const characters = value.replaceAll(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, '_').length
  if (characters < minLength || value.length > maxLength) return false
  return formats.length === 0 && patterns.every((pattern) => matches(pattern, value))
}

function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return false // not of this dialect: nobody can tell
  }
}

function takesWire({ wireLower, wireUpper }: Words, text: string, wire: string | undefined): boolean {
  if (wireLower === undefined && wireUpper === undefined) return true
  const value = wireValue(text, wire)
  if (value === undefined) return false
  if (wireLower && (value < wireLower.value || (wireLower.exclusive && value === wireLower.value))) return false
  return !(wireUpper && (value > wireUpper.value || (wireUpper.exclusive && value === wireUpper.value)))
}

function takesNumber({ lower, upper, integer, multiples, formats }: Words, value: number): boolean {
  if (integer && !Number.isInteger(value)) return false
  if (lower && (value < lower.value || (lower.exclusive && value === lower.value))) return false
  if (upper && (value > upper.value || (upper.exclusive && value === upper.value))) return false
  return formats.length === 0 && multiples.every((multiple) => isMultiple(value, multiple))
}

/** Only what is certain: fractions are never exact. */
export const isMultiple = (value: number, of: number) =>
  value === of || (Number.isSafeInteger(value) && Number.isSafeInteger(of) && of !== 0 && value % of === 0)

function includes(values: readonly unknown[], value: unknown): boolean {
  const text = JSON.stringify(value)
  return values.some((one) => JSON.stringify(one) === text)
}

/** Whether nothing but the type restricts it. */
export function isUnrestricted({ words, values, opaque }: Shape): boolean {
  return (
    values === undefined &&
    opaque.length === 0 &&
    Object.entries(words).every(([name, word]) => saysNothing(word, name))
  )
}

function saysNothing(word: unknown, name: string): boolean {
  if (Array.isArray(word)) return word.length === 0
  if (word instanceof Map || word instanceof Set) return word.size === 0
  return word === noWords[name as keyof Words]
}
