import type { JsonSchema } from '../types.ts'
import { isAnyWire } from './merge-words.ts'
import { itemAt, othersOf, type Shape } from './shape.ts'

type ShapesOf = (schema: JsonSchema) => readonly Shape[]

/** Whether it is certain that no value is of both. Looks a few levels deep, where discriminators are. */
export function isDisjoint(
  a: readonly Shape[],
  b: readonly Shape[],
  ofA: ShapesOf,
  ofB: ShapesOf,
  depth = maxDepth,
): boolean {
  return a.every((one) => b.every((other) => areDisjoint(one, other, ofA, ofB, depth)))
}

const maxDepth = 3

/** @param ofA takes apart what is in `a`. */
export function areDisjoint(a: Shape, b: Shape, ofA: ShapesOf, ofB: ShapesOf, depth = maxDepth): boolean {
  if (isAnyWire(a, b) || isAnyWire(b, a)) return false
  if (a.type !== b.type || a.wire !== b.wire) return true
  if (a.values && b.values) {
    const texts = new Set(b.values.map((value) => JSON.stringify(value)))
    return !a.values.some((value) => texts.has(JSON.stringify(value)))
  }
  if (depth === 0 || a.values || b.values) return false
  const apart = (one: JsonSchema, other: JsonSchema) => isDisjoint(ofA(one), ofB(other), ofA, ofB, depth - 1)
  if (a.type === 'object')
    return haveDisjointProperty(a, b, apart) || haveDisjointProperty(b, a, (one, other) => apart(other, one))
  if (a.type !== 'array') return false
  const length = Math.min(
    Math.max(a.words.minItems, b.words.minItems),
    Math.max(a.words.prefix.length, b.words.prefix.length),
  )
  return Array.from({ length }).some((_, index) => apart(itemAt(a.words, index), itemAt(b.words, index)))
}

/** A property that `a` requires and `b`, if it has it, has otherwise. */
function haveDisjointProperty(a: Shape, b: Shape, apart: (one: JsonSchema, other: JsonSchema) => boolean): boolean {
  return [...a.words.required].some((name) => {
    const other = b.words.properties.get(name) ?? othersOf(b.words)
    return other !== undefined && apart(a.words.properties.get(name) ?? othersOf(a.words) ?? true, other)
  })
}

/** Whether they are of different members of a union: by a property of which both count the values, as of a discriminator. */
export function areMarkedApart(a: Shape, b: Shape, ofA: ShapesOf, ofB: ShapesOf): boolean {
  if (a.type !== 'object') return areDisjoint(a, b, ofA, ofB)
  return [...a.words.required].some((name) => {
    const [one, other] = [a.words.properties.get(name), b.words.properties.get(name)]
    if (one === undefined || other === undefined) return false
    const [shapes, others] = [ofA(one), ofB(other)]
    return [...shapes, ...others].every(({ values }) => values !== undefined) && isDisjoint(shapes, others, ofA, ofB)
  })
}
