import fc from 'fast-check'
import { type ObjectSpec, type Property, parts, type Spec, withParts } from './random-schemas.ts'

/** Where a schema is changed and how: both taken around, so that any numbers do. */
export interface Mutation {
  readonly where: number
  readonly how: number
}

export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({ where: fc.nat({ max: 40 }), how: fc.nat({ max: 60 }) }),
  { minLength: 1, maxLength: 3 },
)

export function mutated(spec: Spec, changes: readonly Mutation[]): Spec {
  return changes.reduce((now, { where, how }) => changedAt(now, where % count(now), how), spec)
}

const count = (spec: Spec): number => 1 + parts(spec).reduce((sum, part) => sum + count(part), 0)

function changedAt(spec: Spec, where: number, how: number): Spec {
  if (where === 0) {
    const others = changesOf(spec)
    return others[how % others.length]!
  }
  let before = 1
  return withParts(
    spec,
    parts(spec).map((part) => {
      const at = where - before
      before += count(part)
      return at >= 0 && at < count(part) ? changedAt(part, at, how) : part
    }),
  )
}

/** What one would change it to: more, less, and something else. */
function changesOf(spec: Spec): readonly Spec[] {
  const general: readonly Spec[] =
    spec.t === 'nullable' || spec.t === 'maybe'
      ? [spec.of]
      : [
          { t: 'nullable', of: spec },
          { t: 'maybe', of: spec },
          { t: 'union', members: [spec, { t: 'boolean' }] },
        ]
  return [...special(spec), ...special(spec), ...general, { t: 'string' }, { t: 'array', of: spec }]
}

function special(spec: Spec): readonly Spec[] {
  switch (spec.t) {
    case 'string':
      return [...rebound(spec), { ...spec, of: '^[ab]*$' }, { ...spec, of: '^[abc]*$' }, { ...spec, of: undefined }]
    case 'int':
    case 'number':
      return [...rebound(spec), { ...spec, t: 'int' }, { ...spec, t: 'number' }, { t: 'multiple', of: 2 }]
    case 'multiple':
      return [2, 3, 6, 12].map((of) => ({ t: 'multiple', of }))
    case 'date':
    case 'bigint':
    case 'array':
      return rebound(spec)
    case 'enum':
      return [
        { t: 'enum', values: ['x'] },
        { t: 'enum', values: ['x', 'y', 'z'] },
        { t: 'literal', value: spec.values[0]! },
      ]
    case 'literal':
      return [
        { t: 'enum', values: ['x', 'y'] },
        { t: 'literal', value: 'y' },
        { t: 'literal', value: 1 },
      ]
    case 'boolean':
      return [
        { t: 'literal', value: true },
        {
          t: 'union',
          members: [
            { t: 'literal', value: true },
            { t: 'literal', value: false },
          ],
        },
      ]
    case 'record':
      return [
        { t: 'keyed', of: spec.of, keys: ['a', 'b', 'c'] },
        objectWith({ a: { mode: 'optional', spec: spec.of } }),
      ]
    case 'keyed':
      return [
        { ...spec, keys: ['a'] },
        { ...spec, keys: ['a', 'b', 'c'] },
        { t: 'record', of: spec.of },
      ]
    case 'tuple':
      return [
        { ...spec, items: spec.items.slice(0, -1).length > 0 ? spec.items.slice(0, -1) : spec.items },
        { ...spec, items: [...spec.items, { t: 'null' }] },
        { ...spec, rest: spec.rest ? undefined : { t: 'boolean' } },
      ]
    case 'union':
      return [
        { ...spec, members: [...spec.members].reverse() },
        { ...spec, members: spec.members.length > 1 ? spec.members.slice(1) : spec.members },
        { ...spec, members: [...spec.members, { t: 'literal', value: 2 }] },
      ]
    case 'object':
      return objectChanges(spec)
    case 'tagged':
      return [
        { ...spec, members: spec.members.length > 1 ? spec.members.slice(1) : spec.members },
        withTag(spec, 'w'),
        { ...spec, members: [...spec.members].reverse() },
        { ...spec, members: spec.members.flatMap(({ tags, object }) => tags.map((tag) => ({ tags: [tag], object }))) },
        joined(
          spec.members.flatMap(({ tags }) => tags),
          spec.members[0]!.object,
        ),
      ]
    case 'nullable':
      return [{ t: 'union', members: [{ t: 'null' }, spec.of] }]
    default:
      return []
  }
}

function withTag(spec: Extract<Spec, { t: 'tagged' }>, tag: string): Spec {
  if (spec.members.some(({ tags }) => tags.includes(tag))) return spec
  return { ...spec, members: [...spec.members, { tags: [tag], object: objectWith({}) }] }
}

const joined = (tags: readonly string[], object: ObjectSpec): Spec => ({
  ...object,
  properties: { ...object.properties, tag: { mode: 'required', spec: { t: 'enum', values: tags } } },
})

function rebound<S extends { readonly min?: number | undefined; readonly max?: number | undefined }>(
  spec: S,
): readonly S[] {
  const { min, max } = spec
  return [
    { ...spec, min: undefined },
    { ...spec, max: undefined },
    { ...spec, min: Math.max(0, (min ?? 1) - 1) },
    { ...spec, max: (max ?? min ?? 2) + 1 },
    { ...spec, min: max === undefined ? (min ?? 0) + 1 : max },
    { ...spec, max: min ?? 3 },
  ]
}

const objectWith = (properties: ObjectSpec['properties']): ObjectSpec => ({ t: 'object', kind: 'open', properties })

function objectChanges(spec: ObjectSpec): readonly Spec[] {
  const kinds = (['open', 'strict', 'loose'] as const).map((kind) => ({ ...spec, kind }))
  const added = (['required', 'optional', 'default'] as const).map((mode) => ({
    ...spec,
    properties: { ...spec.properties, c: { mode, spec: { t: 'boolean' as const } } },
  }))
  const others = Object.entries(spec.properties).flatMap(([name, property]) => {
    const { [name]: _, ...rest } = spec.properties
    const modes = (['required', 'optional', 'default'] as const).filter((mode) => mode !== property.mode)
    const changed: readonly Record<string, Property>[] = modes.map((mode) => ({
      ...rest,
      [name]: { ...property, mode },
    }))
    return [{ ...spec, properties: rest }, ...changed.map((properties) => ({ ...spec, properties }))]
  })
  return [
    ...kinds,
    ...added,
    ...others,
    { t: 'record', of: { t: 'union', members: [{ t: 'string' }, { t: 'boolean' }] } },
  ]
}
