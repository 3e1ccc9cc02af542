import { schemaText } from './schema-text.ts'
import type { JsonSchema } from '../types.ts'
import { type Bound, itemAt, type Shape, type WireBound, type Words } from './shape.ts'

/** What both say, of values of one type; `undefined`: no value is of both. */
export function intersect(a: Shape, b: Shape): Shape | undefined {
  const isOfOne = a.type === b.type && a.wire === b.wire
  if (!isOfOne && !isAnyWire(a, b) && !isAnyWire(b, a)) return undefined
  const { type, wire } = a.type === 'wire' ? b : a
  const values = commonValues(a.values, b.values)
  if (values?.length === 0) return undefined
  return { type, wire, values, words: mergeWords(a.words, b.words), opaque: [...a.opaque, ...b.opaque] }
}

/** Whether `any` is of all types beyond JSON, and `one` is of such. */
export const isAnyWire = (any: Shape, one: Shape) => any.type === 'wire' && one.wire !== undefined

function commonValues(a: Shape['values'], b: Shape['values']): Shape['values'] {
  if (a === undefined || b === undefined) return a ?? b
  const texts = new Set(b.map((value) => JSON.stringify(value)))
  return a.filter((value) => texts.has(JSON.stringify(value)))
}

function mergeWords(a: Words, b: Words): Words {
  const length = Math.max(a.prefix.length, b.prefix.length)
  return {
    minLength: Math.max(a.minLength, b.minLength),
    maxLength: Math.min(a.maxLength, b.maxLength),
    patterns: union(a.patterns, b.patterns),
    formats: union(a.formats, b.formats),
    integer: a.integer || b.integer,
    lower: tighter(a.lower, b.lower, (x, y) => x > y),
    upper: tighter(a.upper, b.upper, (x, y) => x < y),
    multiples: union(a.multiples, b.multiples),
    wireLower: tighter(a.wireLower, b.wireLower, (x, y) => x > y),
    wireUpper: tighter(a.wireUpper, b.wireUpper, (x, y) => x < y),
    minItems: Math.max(a.minItems, b.minItems),
    maxItems: Math.min(a.maxItems, b.maxItems),
    unique: a.unique || b.unique,
    prefix: Array.from({ length }, (_, index) => both(itemAt(a, index), itemAt(b, index))),
    rest: both(a.rest, b.rest),
    ...mergeObjects(a, b),
  }
}

type ObjectWords = Pick<
  Words,
  'properties' | 'required' | 'exact' | 'additional' | 'names' | 'declares' | 'minProperties' | 'maxProperties'
>

/** A property that only one of them names is for the other one of those that are not named. */
function mergeObjects(a: Words, b: Words): ObjectWords {
  const of = (words: Words, name: string) => words.properties.get(name) ?? words.additional ?? true
  const names = union([...a.properties.keys()], [...b.properties.keys()])
  return {
    properties: new Map(names.map((name) => [name, both(of(a, name), of(b, name))])),
    required: new Set([...a.required, ...b.required]),
    exact: new Set([...a.exact, ...b.exact]),
    additional: a.additional === undefined ? b.additional : both(a.additional, b.additional ?? true),
    names: a.names === undefined ? b.names : both(a.names, b.names ?? true),
    declares: a.declares || b.declares,
    minProperties: Math.max(a.minProperties, b.minProperties),
    maxProperties: Math.min(a.maxProperties, b.maxProperties),
  }
}

const union = <Item>(a: readonly Item[], b: readonly Item[]) => [...new Set([...a, ...b])]

/** A schema of what both take. Flat and sorted, so that recursive ones come round to the same text. */
function both(a: JsonSchema, b: JsonSchema): JsonSchema {
  if (a === true || b === false) return b
  if (b === true || a === false) return a
  const parts = new Map([...partsOf(a), ...partsOf(b)].map((part) => [schemaText(part), part]))
  const sorted = [...parts].sort(([x], [y]) => (x < y ? -1 : 1)).map(([, part]) => part)
  return sorted.length === 1 ? sorted[0]! : { allOf: sorted }
}

function partsOf(schema: JsonSchema): readonly JsonSchema[] {
  if (typeof schema === 'boolean') return [schema]
  const { allOf } = schema
  return Array.isArray(allOf) && Object.keys(schema).length === 1 ? (allOf as JsonSchema[]) : [schema]
}

/** The one that allows less. `isTighter` compares values; of equal ones the exclusive one is tighter. */
export function tighter<B extends Bound | WireBound>(
  a: B | undefined,
  b: B | undefined,
  isTighter: (x: B['value'], y: B['value']) => boolean,
): B | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a.value === b.value) return a.exclusive ? a : b
  return isTighter(a.value, b.value) ? a : b
}
