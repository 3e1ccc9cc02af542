import type { JsonSchema } from '../types.ts'

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object'

/** What a schema says of values of one type: a schema is a union of such. */
export interface Shape {
  /** How it is written. `wire`: any value that JSON cannot say. */
  readonly type: JsonType | 'wire'
  /** The type that JSON cannot say, where it is one. */
  readonly wire: string | undefined
  /** The only ones, where they are counted. */
  readonly values: readonly unknown[] | undefined
  readonly words: Words
  /** Keywords that only restrict, and of which nothing is known here but whether they are equal. */
  readonly opaque: readonly Opaque[]
}

export interface Opaque {
  readonly keyword: string
  /** Schemas in the sense of this keyword. */
  readonly schema: JsonSchema
}

/** All keywords that are understood, of whatever type. Lists hold for all: both patterns, both formats. */
export interface Words {
  readonly minLength: number
  readonly maxLength: number
  readonly patterns: readonly string[]
  readonly formats: readonly string[]
  readonly integer: boolean
  readonly lower: Bound | undefined
  readonly upper: Bound | undefined
  readonly multiples: readonly number[]
  /** Of a `Date`, or a `bigint`: as text. */
  readonly wireLower: WireBound | undefined
  readonly wireUpper: WireBound | undefined
  readonly minItems: number
  readonly maxItems: number
  readonly unique: boolean
  readonly prefix: readonly JsonSchema[]
  /** Of items behind `prefix`. */
  readonly rest: JsonSchema
  readonly properties: ReadonlyMap<string, JsonSchema>
  readonly required: ReadonlySet<string>
  /** Those that may be missing, and may not be `undefined`. */
  readonly exact: ReadonlySet<string>
  /** Of other properties. `undefined`: it says nothing of them. */
  readonly additional: JsonSchema | undefined
  readonly names: JsonSchema | undefined
  /** Whether it names properties at all. */
  readonly declares: boolean
  readonly minProperties: number
  readonly maxProperties: number
}

export interface Bound {
  readonly value: number
  readonly exclusive: boolean
}

export interface WireBound {
  readonly value: number | bigint
  readonly exclusive: boolean
  readonly text: string
}

export const noWords: Words = {
  minLength: 0,
  maxLength: Infinity,
  patterns: [],
  formats: [],
  integer: false,
  lower: undefined,
  upper: undefined,
  multiples: [],
  wireLower: undefined,
  wireUpper: undefined,
  minItems: 0,
  maxItems: Infinity,
  unique: false,
  prefix: [],
  rest: true,
  properties: new Map(),
  required: new Set(),
  exact: new Set(),
  additional: undefined,
  names: undefined,
  declares: false,
  minProperties: 0,
  maxProperties: Infinity,
}

/** What is taken of an item at an index. */
export const itemAt = ({ prefix, rest }: Words, index: number): JsonSchema => prefix[index] ?? rest

/**
 * What is said of properties that are not named. `undefined`: they are not sent by who says this, and ignored by who takes
 * it, as is usual of objects that name their properties.
 */
export const othersOf = ({ additional, declares }: Words): JsonSchema | undefined =>
  additional ?? (declares ? undefined : true)

/** `string`, `Date`, `integer`. */
export function typeName({ type, wire, words }: Shape): string {
  if (type === 'wire') return 'a type beyond JSON'
  if (wire !== undefined) return wire === 'number' ? 'NaN' : wire
  return type === 'number' && words.integer ? 'integer' : type
}

/** `string, number or null`. */
export function typeNames(shapes: readonly Shape[]): string {
  if (shapes.length === 0) return 'nothing'
  const names = [...new Set(shapes.map(typeName))]
  if (names.length >= 7) return 'anything'
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}
