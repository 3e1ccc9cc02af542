import { type JsonSchema, type JsonSchemaObject, keywords } from '../types.ts'
import { isDisjoint } from './disjoint.ts'
import { intersect } from './merge-words.ts'
import { isSchema, readWords, wireValue } from './read-words.ts'
import { type Definitions, nameOfRef, schemaText } from './schema-text.ts'
import { type JsonType, noWords, type Opaque, type Shape } from './shape.ts'

/** Takes schemas of one contract apart. */
export interface Shapes {
  /**
   * What a schema allows, type by type. None: nothing. It is never less than the schema says, and more only by what is in
   * `opaque`: so the shapes of what is sent may be taken for it, and those of what is taken where they have nothing opaque.
   */
  of(schema: JsonSchema): readonly Shape[]
}

export function createShapes(definitions: Definitions): Shapes {
  const known = new Map<string, readonly Shape[]>()
  /** Definitions that are being taken apart: one that is only itself says nothing. */
  const open = new Set<string>()

  function of(schema: JsonSchema): readonly Shape[] {
    if (typeof schema === 'boolean') return schema ? anything : []
    const text = schemaText(schema)
    let shapes = known.get(text)
    if (shapes === undefined) {
      shapes = takenApart(schema)
      if (open.size === 0) known.set(text, shapes)
    }
    return shapes
  }

  function takenApart(schema: JsonSchemaObject): readonly Shape[] {
    let shapes = ownShapes(schema, namesOf(schema))
    if ('$ref' in schema) shapes = common(shapes, referred(schema['$ref']))
    for (const part of schemasIn(schema['allOf'])) shapes = common(shapes, of(part))
    if (Array.isArray(schema['anyOf'])) shapes = common(shapes, schemasIn(schema['anyOf']).flatMap(of))
    if (Array.isArray(schema['oneOf'])) shapes = common(shapes, oneOf(schemasIn(schema['oneOf'])))
    if ('not' in schema && (schema['not'] === true || isEmpty(schema['not']))) return []
    return shapes
  }

  function referred(ref: unknown): readonly Shape[] {
    const name = nameOfRef(ref)
    if (name === undefined || !Object.hasOwn(definitions, name) || open.has(name))
      return withOpaque(anything, { keyword: '$ref', schema: { $ref: ref } })
    open.add(name)
    try {
      return of(definitions[name]!)
    } finally {
      open.delete(name)
    }
  }

  /** A value of two members is refused: so it is a union only where there can be no such value. */
  function oneOf(members: readonly JsonSchema[]): readonly Shape[] {
    const apart = members.map((member) => of(member))
    const isUnion = apart.every((shapes, index) =>
      apart.slice(index + 1).every((others) => isDisjoint(shapes, others, of, of)),
    )
    return isUnion ? apart.flat() : withOpaque(apart.flat(), { keyword: 'oneOf', schema: { oneOf: members } })
  }

  /** The names that properties may have, where they are counted: then they are as good as declared. */
  function namesOf({ propertyNames }: JsonSchemaObject): readonly string[] | undefined {
    if (!isSchema(propertyNames)) return undefined
    const names: string[] = []
    for (const { type, values, opaque } of of(propertyNames)) {
      if (type !== 'string') continue
      if (values === undefined || opaque.length > 0) return undefined
      names.push(...(values as string[]))
    }
    return names
  }

  return { of }
}

/** All that keywords beside each other say; those that hold schemas of the same value are not looked at. */
function ownShapes(schema: JsonSchemaObject, names: readonly string[] | undefined): readonly Shape[] {
  const wire = typeof schema[keywords.type] === 'string' ? (schema[keywords.type] as string) : undefined
  const types = typesOf(schema)
  const read = readWords(names ? countedNames(schema, names) : schema, wire)
  const words = isIntegerAlone(schema['type']) ? { ...read, integer: true } : read
  const opaque = opaqueOf(schema, wire)
  const counted = valuesOf(schema)
  return (types ?? all).flatMap((type): Shape[] => {
    if (type === 'wire' && (wire !== undefined || counted !== undefined)) return []
    const values = counted?.filter((value) => typeOf(value) === type) ?? (wire === undefined ? few[type] : undefined)
    return values?.length === 0 ? [] : [{ type, wire, values, words, opaque }]
  })
}

const all = ['null', 'boolean', 'number', 'string', 'array', 'object', 'wire'] as const satisfies Shape['type'][]
/** All values of types that have few. */
const few: Partial<Record<Shape['type'], readonly unknown[]>> = { null: [null], boolean: [false, true] }

const anything: readonly Shape[] = all.map((type) => ({
  type,
  wire: undefined,
  values: few[type],
  words: noWords,
  opaque: [],
}))

function typesOf({ type }: JsonSchemaObject): readonly Shape['type'][] | undefined {
  if (type === undefined) return undefined
  const names = (Array.isArray(type) ? type : [type]).map((name) => (name === 'integer' ? 'number' : name))
  return [...new Set(names)].filter((name): name is Shape['type'] => all.includes(name))
}

function isIntegerAlone(type: unknown): boolean {
  const names: readonly unknown[] = Array.isArray(type) ? type : [type]
  return names.includes('integer') && !names.includes('number')
}

function valuesOf(schema: JsonSchemaObject): readonly unknown[] | undefined {
  const { enum: list } = schema
  const one = 'const' in schema ? [schema['const']] : undefined
  if (!Array.isArray(list)) return one
  return one ? list.filter((value) => JSON.stringify(value) === JSON.stringify(one[0])) : list
}

export function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value as JsonType
}

/** Of a record of an enum: its properties are those, and there are no others. */
function countedNames(schema: JsonSchemaObject, names: readonly string[]): JsonSchemaObject {
  const { propertyNames: _, properties = {}, additionalProperties = true, ...rest } = schema
  const named = names.map((name) => [name, additionalProperties] as const)
  const known = Object.entries(properties as JsonSchemaObject).filter(([name]) => names.includes(name))
  const exact = names.filter((name) => !known.some(([other]) => other === name))
  const own = { properties: Object.fromEntries([...named, ...known]), additionalProperties: false }
  return { ...rest, ...own, [keywords.exact]: exact }
}

function opaqueOf(schema: JsonSchemaObject, wire: string | undefined): readonly Opaque[] {
  const found: Opaque[] = []
  const add = (...keys: readonly string[]) => {
    const there = keys.filter((key) => key in schema)
    found.push({ keyword: keys[0]!, schema: Object.fromEntries(there.map((key) => [key, schema[key]])) })
  }
  if ('not' in schema && !isNothing(schema['not'])) add('not')
  if ('if' in schema) add('if', 'then', 'else')
  if ('contains' in schema) add('contains', 'minContains', 'maxContains')
  if ('patternProperties' in schema) add('patternProperties', 'properties', 'additionalProperties')
  for (const keyword of dependent) if (keyword in schema) add(keyword)
  for (const keyword of ofAll) if (keyword in schema) found.push({ keyword, schema })
  for (const keyword of Object.keys(schema)) if (isUnknownOfOurs(keyword, schema[keyword], wire)) add(keyword)
  return found
}

const dependent = [
  'dependentRequired',
  'dependentSchemas',
  'dependencies',
  'additionalItems',
  '$dynamicRef',
  '$recursiveRef',
]
/** Their meaning is that of all other keywords beside them. */
const ofAll = ['unevaluatedProperties', 'unevaluatedItems']
const wireBounds: ReadonlySet<string> = new Set([
  keywords.minimum,
  keywords.maximum,
  keywords.exclusiveMinimum,
  keywords.exclusiveMaximum,
])

const understood: ReadonlySet<string> = new Set([keywords.type, keywords.optional, keywords.exact])

function isUnknownOfOurs(keyword: string, value: unknown, wire: string | undefined): boolean {
  if (wireBounds.has(keyword)) return typeof value !== 'string' || wireValue(value, wire) === undefined
  return keyword.startsWith('x-typewire-') && !understood.has(keyword)
}

const isEmpty = (schema: unknown) => isSchema(schema) && schemaText(schema) === '{}'
/** `not` of what no value is: no restriction at all, or one of all. */
const isNothing = (schema: unknown) => schema === false || schema === true || isEmpty(schema)

const schemasIn = (list: unknown): readonly JsonSchema[] => (Array.isArray(list) ? list.filter(isSchema) : [])

const withOpaque = (shapes: readonly Shape[], opaque: Opaque): readonly Shape[] =>
  shapes.map((shape) => ({ ...shape, opaque: [...shape.opaque, opaque] }))

const common = (a: readonly Shape[], b: readonly Shape[]): readonly Shape[] =>
  a.flatMap((one) => b.flatMap((other) => intersect(one, other) ?? []))
