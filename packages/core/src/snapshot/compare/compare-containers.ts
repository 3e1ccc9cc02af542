import { type JsonSchema, keywords } from '../types.ts'
import { atLeast, atMost } from './compare-leaves.ts'
import { difference, type Difference, placeOf, within } from './difference.ts'
import { itemAt, othersOf, type Words } from './shape.ts'

type Compare = (sub: JsonSchema, sup: JsonSchema) => readonly Difference[]

/** @param isNever whether nothing can be sent by a schema of `sub`'s */
export function compareArrays(
  sub: Words,
  sup: Words,
  compare: Compare,
  isNever: (schema: JsonSchema) => boolean,
): readonly Difference[] {
  const found: Difference[] = []
  const length = Math.max(sub.prefix.length, sup.prefix.length)
  const firstNever = Array.from({ length: length + 1 }, (_, index) => index).find((index) =>
    isNever(itemAt(sub, index)),
  )
  const maxItems = Math.min(sub.maxItems, firstNever ?? Infinity)
  for (let index = 0; index < Math.min(length, maxItems); index++)
    if (itemAt(sup, index) !== false)
      found.push(...within(`[${index}]`, compareParts(itemOf(sub, index), itemOf(sup, index), compare)))
  if (maxItems > length && sup.rest !== false) found.push(...within('[]', compare(sub.rest, sup.rest)))

  const most = Math.min(sup.maxItems, sup.rest === false ? sup.prefix.length : Infinity)
  const lengths = [...atLeast(sub.minItems, sup.minItems, 'items'), ...atMost(maxItems, most, 'items')]
  const isTuple = sub.prefix.length > 0 || sup.prefix.length > 0
  found.push(...lengths.map((one): Difference => (isTuple ? { ...one, kind: 'length' } : one)))
  if (sup.unique && !sub.unique && maxItems > 1)
    found.push(difference('unique', 'may send the same item twice', 'can only take items that are all different'))
  return found
}

/** @param takesName whether it is certain that a property may have a name, by a schema of `sup`'s */
export function compareObjects(
  sub: Words,
  sup: Words,
  compare: Compare,
  takesName: (names: JsonSchema, name: string) => boolean,
): readonly Difference[] {
  const others = { sub: othersOf(sub), sup: othersOf(sup) }
  const found: Difference[] = []
  for (const [name, property] of sub.properties) {
    if (property === false) continue
    const place = placeOf(name)
    const taken = sup.properties.get(name) ?? others.sup
    const isRefused = taken === false || (sup.names !== undefined && !takesName(sup.names, name))
    if (isRefused) found.push(difference('closed', 'may send it', 'can take no property of this name', place))
    else if (taken === undefined) found.push(difference('unknown-property', 'may send it', 'does not know it', place))
    else {
      const [given, other] = [propertyOf(sub, name, property), propertyOf(sup, name, taken)]
      found.push(...within(place, compareParts(given, other, compare)))
    }
  }
  found.push(...missing(sub, sup))
  if (others.sub !== undefined && others.sub !== false) found.push(...compareOthers(sub, sup, others.sub, compare))

  const size = others.sub === undefined || others.sub === false ? sub.properties.size : Infinity
  found.push(...atLeast(Math.max(sub.minProperties, sub.required.size), sup.minProperties, 'properties'))
  found.push(...atMost(Math.min(sub.maxProperties, size), sup.maxProperties, 'properties'))
  return found
}

/** Of a property, or of an item of a tuple: what it is for one side. */
interface Part {
  readonly schema: JsonSchema
  readonly isRequired: boolean
  /** What is optional may be `undefined`, which travels, and is not to be missing. */
  readonly mayBeUndefined: boolean
}

function compareParts(sub: Part, sup: Part, compare: Compare): readonly Difference[] {
  if (sub.mayBeUndefined && !sup.mayBeUndefined && !sup.isRequired) return compare(orUndefined(sub.schema), sup.schema)
  const found = compare(sub.schema, sup.schema)
  if (found.length === 0 || !sup.mayBeUndefined) return found
  const others = compare(sub.schema, orUndefined(sup.schema))
  return others.length < found.length ? others : found
}

const orUndefined = (schema: JsonSchema): JsonSchema => ({
  anyOf: [schema, { type: 'null', [keywords.type]: 'undefined' }],
})

function itemOf(words: Words, index: number): Part {
  const isOwn = index < words.prefix.length
  const isRequired = isOwn && index < words.minItems
  return { schema: itemAt(words, index), isRequired, mayBeUndefined: isOwn && !isRequired }
}

/** @param schema of a property that is not named */
function propertyOf({ properties, required, exact }: Words, name: string, schema: JsonSchema): Part {
  const isOwn = properties.has(name)
  return {
    schema: properties.get(name) ?? schema,
    isRequired: required.has(name),
    mayBeUndefined: isOwn && !required.has(name) && !exact.has(name),
  }
}

function missing(sub: Words, sup: Words): readonly Difference[] {
  return [...sup.required]
    .filter((name) => !sub.required.has(name))
    .map((name) => difference('required', 'may leave it out', 'cannot do without it', placeOf(name)))
}

/** Of properties of any name, as a record has them. */
function compareOthers(sub: Words, sup: Words, other: JsonSchema, compare: Compare): readonly Difference[] {
  const found: Difference[] = []
  for (const [name, property] of sup.properties)
    if (!sub.properties.has(name)) {
      const [given, known] = [propertyOf(sub, name, other), propertyOf(sup, name, property)]
      found.push(...within(placeOf(name), compareParts(given, known, compare)))
    }
  const taken = othersOf(sup)
  if (taken === false)
    found.push(difference('closed', 'may send properties of any name', 'can only take those of some names', '[…]'))
  else if (taken === undefined)
    found.push(difference('unknown-property', 'may send properties of any name', 'does not know them', '[…]'))
  else found.push(...within('[…]', compare(other, taken)))
  if (sup.names !== undefined && taken !== false)
    found.push(...within('[key]', compare(sub.names ?? { type: 'string' }, sup.names)))
  return found
}
