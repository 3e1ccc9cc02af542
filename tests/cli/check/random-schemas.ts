import fc from 'fast-check'

// Schemas as data: they can be generated, shrunk, changed at a place, made into zod's, and values be made for them.

export type Spec =
  | {
      readonly t: 'string'
      readonly min?: number | undefined
      readonly max?: number | undefined
      readonly of?: Pattern | undefined
    }
  | {
      readonly t: 'int' | 'number' | 'date' | 'bigint'
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  | { readonly t: 'multiple'; readonly of: number }
  | { readonly t: 'boolean' | 'null' | 'self' }
  | { readonly t: 'enum'; readonly values: readonly string[] }
  | { readonly t: 'literal'; readonly value: string | number | boolean | null }
  | {
      readonly t: 'array' | 'record' | 'nullable' | 'maybe'
      readonly of: Spec
      readonly min?: number | undefined
      readonly max?: number | undefined
    }
  | { readonly t: 'keyed'; readonly of: Spec; readonly keys: readonly string[] }
  | { readonly t: 'tuple'; readonly items: readonly Spec[]; readonly rest?: Spec | undefined }
  | ObjectSpec
  | { readonly t: 'union'; readonly members: readonly Spec[] }
  | {
      readonly t: 'tagged'
      readonly members: readonly { readonly tags: readonly string[]; readonly object: ObjectSpec }[]
    }

export type Pattern = '^[ab]*$' | '^[abc]*$'

export interface ObjectSpec {
  readonly t: 'object'
  readonly kind: 'open' | 'strict' | 'loose'
  readonly properties: Readonly<Record<string, Property>>
}

export interface Property {
  readonly mode: 'required' | 'optional' | 'default'
  readonly spec: Spec
}

const names = ['a', 'b', 'c'] as const
const words = ['x', 'y', 'z'] as const

const bounds = (most = 4) =>
  fc
    .tuple(fc.option(fc.nat({ max: most }), { nil: undefined }), fc.option(fc.nat({ max: most }), { nil: undefined }))
    .map(([min, more]) => ({ min, max: more === undefined ? undefined : (min ?? 0) + more }))

const leaves: fc.Arbitrary<Spec> = fc.oneof(
  fc
    .record({
      t: fc.constant('string' as const),
      of: fc.constantFrom<(Pattern | undefined)[]>(undefined, undefined, '^[ab]*$', '^[abc]*$'),
    })
    .chain((spec) => bounds().map((bound) => ({ ...spec, ...bound }))),
  fc.tuple(fc.constantFrom('int', 'number', 'date', 'bigint'), bounds()).map(([t, bound]): Spec => ({ t, ...bound })),
  fc.constantFrom(1, 2, 3, 4, 6).map((of): Spec => ({ t: 'multiple', of })),
  fc.constantFrom('boolean', 'null').map((t): Spec => ({ t })),
  fc.uniqueArray(fc.constantFrom(...words), { minLength: 1 }).map((values): Spec => ({ t: 'enum', values })),
  fc.constantFrom('x', 'y', 1, 2, true, null).map((value): Spec => ({ t: 'literal', value })),
)

const objectOf = (inner: fc.Arbitrary<Spec>): fc.Arbitrary<ObjectSpec> =>
  fc.record({
    t: fc.constant('object'),
    kind: fc.constantFrom('open', 'open', 'strict', 'loose'),
    properties: fc.dictionary(
      fc.constantFrom(...names),
      fc.record({ mode: fc.constantFrom('required', 'required', 'optional', 'default'), spec: inner }),
      { maxKeys: 3, noNullPrototype: true },
    ),
  })

/** What is in something may be `undefined`, which is not to be missing. */
const maybe = (spec: fc.Arbitrary<Spec>): fc.Arbitrary<Spec> =>
  fc.oneof({ weight: 4, arbitrary: spec }, { weight: 1, arbitrary: spec.map((of): Spec => ({ t: 'maybe', of })) })

/** As members of a record, and as items behind a tuple's, they may be none: so recursion ends. */
export const specs: fc.Arbitrary<Spec> = fc.letrec<{ spec: Spec; object: ObjectSpec }>((tie) => ({
  object: objectOf(tie('spec')),
  spec: fc.oneof(
    { depthSize: 'small', maxDepth: 3, withCrossShrink: true },
    { weight: 3, arbitrary: leaves },
    { weight: 3, arbitrary: tie('object') },
    {
      weight: 1,
      arbitrary: fc.tuple(maybe(tie('spec')), bounds(2)).map(([of, bound]): Spec => ({ t: 'array', of, ...bound })),
    },
    { weight: 1, arbitrary: maybe(tie('spec')).map((of): Spec => ({ t: 'record', of })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie('spec'), fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }))
        .map(([of, keys]): Spec => ({ t: 'keyed', of, keys })),
    },
    { weight: 1, arbitrary: tie('spec').map((of): Spec => ({ t: 'nullable', of })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.array(maybe(tie('spec')), { minLength: 1, maxLength: 3 }),
          fc.option(maybe(tie('spec')), { nil: undefined }),
        )
        .map(([items, rest]): Spec => ({ t: 'tuple', items, rest })),
    },
    {
      weight: 2,
      arbitrary: fc
        .array(tie('spec'), { minLength: 2, maxLength: 3 })
        .map((members): Spec => ({ t: 'union', members })),
    },
    { weight: 2, arbitrary: tagged(tie('object')) },
  ),
})).spec

/** Unions by a discriminator, each of one value or several. */
function tagged(object: fc.Arbitrary<ObjectSpec>): fc.Arbitrary<Spec> {
  return fc
    .tuple(
      fc.shuffledSubarray([...words], { minLength: 2 }),
      fc.array(object, { minLength: 3, maxLength: 3 }),
      fc.boolean(),
    )
    .map(([tags, objects, isJoined]): Spec => {
      const groups = isJoined && tags.length > 2 ? [tags.slice(0, 2), tags.slice(2)] : tags.map((tag) => [tag])
      return { t: 'tagged', members: groups.map((group, index) => ({ tags: group, object: objects[index]! })) }
    })
}

/** One that may hold itself, where properties are optional. */
export const recursiveSpecs: fc.Arbitrary<Spec> = fc
  .tuple(objectOf(specs), fc.constantFrom('nullable', 'optional', 'array', 'record', 'tuple'))
  .map(([object, how]): Spec => {
    const self: Spec = { t: 'self' }
    const spec: Spec =
      how === 'array' || how === 'record' || how === 'nullable'
        ? { t: how, of: self }
        : how === 'tuple'
          ? { t: 'tuple', items: [{ t: 'boolean' }], rest: self }
          : self
    return { ...object, properties: { ...object.properties, d: { mode: how === 'optional' ? how : 'required', spec } } }
  })

/** Whether it has values that JSON cannot say. */
export function isBeyondJson(spec: Spec): boolean {
  return spec.t === 'date' || spec.t === 'bigint' || spec.t === 'maybe' || parts(spec).some(isBeyondJson)
}

/** Whether it has a value that ends: a list of itself that may be empty has one. */
export function isFinite(spec: Spec): boolean {
  switch (spec.t) {
    case 'self':
      return false
    case 'array':
      return (spec.min ?? 0) === 0 || isFinite(spec.of)
    case 'record':
    case 'keyed':
    case 'nullable':
    case 'maybe':
      return true
    case 'tuple':
      return spec.items.every(isFinite)
    case 'union':
    case 'tagged':
      return parts(spec).some(isFinite)
    case 'object':
      return Object.values(spec.properties).every((property) => property.mode === 'optional' || isFinite(property.spec))
    default:
      return true
  }
}

/** All that is directly in it. */
export function parts(spec: Spec): readonly Spec[] {
  switch (spec.t) {
    case 'array':
    case 'record':
    case 'keyed':
    case 'nullable':
    case 'maybe':
      return [spec.of]
    case 'tuple':
      return spec.rest ? [...spec.items, spec.rest] : spec.items
    case 'union':
      return spec.members
    case 'object':
      return Object.values(spec.properties).map((property) => property.spec)
    case 'tagged':
      return spec.members.map(({ object }) => object)
    default:
      return []
  }
}

/** The same with other parts. */
export function withParts(spec: Spec, changed: readonly Spec[]): Spec {
  switch (spec.t) {
    case 'array':
    case 'record':
    case 'keyed':
    case 'nullable':
    case 'maybe':
      return { ...spec, of: changed[0]! }
    case 'tuple':
      return { ...spec, items: changed.slice(0, spec.items.length), rest: changed[spec.items.length] }
    case 'union':
      return { ...spec, members: changed }
    case 'object': {
      const entries = Object.entries(spec.properties).map(([name, property], index) => [
        name,
        { ...property, spec: changed[index]! },
      ])
      return { ...spec, properties: Object.fromEntries(entries) }
    }
    case 'tagged':
      return {
        ...spec,
        members: spec.members.map(({ tags }, index) => ({ tags, object: asObject(changed[index]!) })),
      }
    default:
      return spec
  }
}

const asObject = (spec: Spec): ObjectSpec =>
  spec.t === 'object' ? spec : { t: 'object', kind: 'open', properties: {} }
