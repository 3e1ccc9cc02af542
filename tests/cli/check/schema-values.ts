import fc from 'fast-check'
import { z } from 'zod'
import { isFinite, type ObjectSpec, type Spec } from './random-schemas.ts'

/** `input`: what is given to a schema. `output`: what comes out of it, so that what has a default is there. */
export type Side = 'input' | 'output' | 'both'

const day = 86_400_000
const dateOf = (days: number) => new Date(days * day)

/** `both`: as one would declare it. One side alone: so that what passes there passes here, and nothing else. */
export function zodOf(spec: Spec, side: Side = 'both'): z.ZodType {
  const root: z.ZodType = build(spec, side, () => root)
  return root
}

function build(spec: Spec, side: Side, root: () => z.ZodType): z.ZodType {
  const inner = (part: Spec) => build(part, side, root)
  switch (spec.t) {
    case 'string':
      return bounded(spec.of ? z.string().regex(new RegExp(spec.of)) : z.string(), spec)
    case 'int':
      return bounded(z.int(), spec)
    case 'number':
      return bounded(z.number(), spec)
    case 'date': {
      const { min, max } = spec
      return bounded(z.date(), {
        min: min === undefined ? min : dateOf(min),
        max: max === undefined ? max : dateOf(max),
      })
    }
    case 'bigint': {
      const { min, max } = spec
      return bounded(z.bigint(), {
        min: min === undefined ? min : BigInt(min),
        max: max === undefined ? max : BigInt(max),
      })
    }
    case 'multiple':
      return z.number().multipleOf(spec.of)
    case 'boolean':
      return z.boolean()
    case 'null':
      return z.null()
    case 'self':
      return z.lazy(root)
    case 'enum':
      return z.enum(spec.values as [string, ...string[]])
    case 'literal':
      return z.literal(spec.value)
    case 'array':
      return bounded(z.array(inner(spec.of)), spec)
    case 'record':
      return z.record(z.string(), inner(spec.of))
    case 'keyed':
      return z.partialRecord(z.enum(spec.keys as [string, ...string[]]), inner(spec.of))
    case 'nullable':
      return inner(spec.of).nullable()
    case 'maybe':
      return inner(spec.of).optional()
    case 'tuple': {
      const items = spec.items.map(inner) as [z.ZodType, ...z.ZodType[]]
      return spec.rest ? z.tuple(items, inner(spec.rest)) : z.tuple(items)
    }
    case 'object':
      return buildObject(spec, side, root)
    case 'union':
      return z.union(spec.members.map(inner) as [z.ZodType, ...z.ZodType[]])
    case 'tagged':
      return z.discriminatedUnion(
        'tag',
        spec.members.map(({ tags, object }) => buildObject(object, side, root, z.literal(tags as string[]))) as [
          z.ZodObject<{ tag: z.ZodLiteral }>,
          ...z.ZodObject<{ tag: z.ZodLiteral }>[],
        ],
      )
  }
}

function bounded<S extends { min: (bound: never) => S; max: (bound: never) => S }>(
  schema: S,
  { min, max }: { readonly min?: unknown; readonly max?: unknown },
): S {
  const atLeast = min === undefined ? schema : schema.min(min as never)
  return max === undefined ? atLeast : atLeast.max(max as never)
}

function buildObject({ kind, properties }: ObjectSpec, side: Side, root: () => z.ZodType, tag?: z.ZodLiteral) {
  const shape = Object.entries(properties).map(([name, { mode, spec }]) => {
    const schema = build(spec, side, root)
    if (mode === 'required' || (mode === 'default' && side === 'output')) return [name, schema]
    if (mode === 'optional' || side === 'input') return [name, schema.optional()]
    return [name, schema.default(null as never)]
  })
  const all = { ...Object.fromEntries(shape), ...(tag && { tag }) } as { tag: z.ZodLiteral }
  if (kind === 'strict') return z.strictObject(all)
  return kind === 'loose' ? z.looseObject(all) : z.object(all)
}

/** Beyond it, the first of several is taken: one that ends. */
const depth = { maxDepth: 4, depthIdentifier: 'values' }
const endingFirst = (members: readonly Spec[]) => [...members].sort((a, b) => Number(isFinite(b)) - Number(isFinite(a)))

/** Values of a schema, with what is at its bounds. */
export function valuesOf(spec: Spec, side: Side): fc.Arbitrary<unknown> {
  const { root } = fc.letrec<{ root: unknown }>((tie) => ({ root: arbitrary(spec, side, tie('root')) }))
  return root
}

function arbitrary(spec: Spec, side: Side, root: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const inner = (part: Spec) => arbitrary(part, side, root)
  switch (spec.t) {
    case 'string': {
      const letters =
        spec.of === '^[ab]*$' ? ['a', 'b'] : spec.of === '^[abc]*$' ? ['a', 'b', 'c'] : ['x', 'y', 'a', 'é']
      const unit = fc.constantFrom(...letters)
      const lengths = fc.constantFrom(spec.min ?? 0, spec.max ?? 9)
      return lengths.chain((length) => fc.string({ unit, minLength: length, maxLength: length }))
    }
    case 'int':
      return numbers(spec, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    case 'number':
      return fc.oneof(
        numbers(spec, -1e300, 1e300),
        fc.double({ min: spec.min ?? -9, max: spec.max ?? 99, noNaN: true }).map((x) => x + 0),
      )
    case 'date':
      return numbers(spec, -9_999, 9_999).map(dateOf)
    case 'bigint':
      return numbers(spec, -9_999, 9_999).map(BigInt)
    case 'multiple':
      return fc.integer({ min: -5, max: 5 }).map((factor) => factor * spec.of + 0)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'self':
      return root
    case 'enum':
      return fc.constantFrom(...spec.values)
    case 'literal':
      return fc.constant(spec.value)
    case 'array': {
      const { min: minLength = 0, max: maxLength = minLength + 2 } = spec
      const least = minLength === 0 ? fc.constant([]) : fc.array(inner(spec.of), { minLength, maxLength: minLength })
      return fc.oneof(depth, least, fc.array(inner(spec.of), { minLength, maxLength, size: 'max' }))
    }
    case 'record':
      return fc.oneof(depth, fc.constant({}), dictionary(['a', 'b', 'c', 'k'], inner(spec.of)))
    case 'keyed':
      return fc.oneof(depth, fc.constant({}), dictionary(spec.keys, inner(spec.of)))
    case 'nullable':
      return fc.oneof(depth, fc.constant(null), inner(spec.of))
    case 'maybe':
      return fc.oneof(depth, fc.constant(undefined), inner(spec.of))
    case 'tuple': {
      const items = fc.tuple(...spec.items.map(inner))
      if (!spec.rest) return items
      const rest = fc.oneof(depth, fc.constant([]), fc.array(inner(spec.rest), { maxLength: 2 }))
      return fc.tuple(items, rest).map(([first, others]) => [...first, ...others])
    }
    case 'object':
      return objects(spec, side, root)
    case 'union':
      return fc.oneof(depth, ...endingFirst(spec.members).map(inner))
    case 'tagged':
      return fc.oneof(
        depth,
        ...[...spec.members]
          .sort((a, b) => Number(isFinite(b.object)) - Number(isFinite(a.object)))
          .map(({ tags, object }) =>
            fc.tuple(fc.constantFrom(...tags), objects(object, side, root)).map(([tag, rest]) => ({ ...rest, tag })),
          ),
      )
  }
}

const dictionary = (keys: readonly string[], value: fc.Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom(...keys), value, { noNullPrototype: true, maxKeys: 3 })

/** What they are at their bounds, and without one far away. */
const numbers = (
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
  low: number,
  high: number,
) =>
  fc
    .constantFrom(min ?? low, max ?? high, min ?? 0, max ?? Math.max(7, min ?? 0))
    .filter((x) => x >= (min ?? low) && x <= (max ?? high))

function objects(
  { kind, properties }: ObjectSpec,
  side: Side,
  root: fc.Arbitrary<unknown>,
): fc.Arbitrary<Record<string, unknown>> {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, { mode, spec }]) => {
      const isFilledIn = mode === 'default' && side === 'output'
      const any = arbitrary(spec, side, root)
      // Where it would be undefined, the default is there.
      const value = isFilledIn ? any.filter((one) => one !== undefined) : any
      const isThere = mode === 'required' || isFilledIn
      return [name, isThere ? value : fc.oneof(depth, fc.constant(absent), value)]
    }),
  )
  const named = fc
    .record(members, { noNullPrototype: true })
    .map((object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== absent)))
  if (kind !== 'loose') return named
  const extra = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'k'), fc.constantFrom(1, 'x', null, false), {
    noNullPrototype: true,
    maxKeys: 2,
  })
  return fc.tuple(extra, named).map(([more, object]) => ({
    ...Object.fromEntries(Object.entries(more).filter(([name]) => !(name in properties))),
    ...object,
  }))
}

const absent = Symbol('absent')
