import type { Schema } from '../contract/schema.ts'
import { keywords, type JsonSchema, type JsonSchemaObject } from './types.ts'
import { formOfClass, leafForms, mapForm, setForm } from './wire-forms.ts'

// What zod's JSON Schema cannot say. Nothing of zod is imported: what is read of its schemas is what it documents for
// authors of libraries (https://zod.dev/packages/core: `_zod.def`, `_zod.bag`).

/** The part of a zod schema that is read here. */
export interface ZodSchema extends Schema {
  readonly _zod: {
    readonly def: ZodDef
    /** What it was made of, by a check or `meta`. */
    readonly parent?: ZodSchema
    readonly bag?: { readonly Class?: { readonly name: string }; readonly truthy?: readonly string[] }
    readonly traits?: ReadonlySet<string>
  }
  readonly meta?: () => Readonly<Record<string, unknown>> | undefined
}

interface ZodDef {
  readonly type: string
  readonly coerce?: boolean
  readonly defaultValue?: unknown
  readonly catchall?: ZodSchema
  readonly shape?: Readonly<Record<string, ZodSchema>>
  readonly element?: ZodSchema
  readonly innerType?: ZodSchema
  readonly in?: ZodSchema
  readonly out?: ZodSchema
  readonly left?: ZodSchema
  readonly right?: ZodSchema
  readonly options?: readonly ZodSchema[]
  readonly items?: readonly ZodSchema[]
  readonly rest?: ZodSchema | null
  readonly getter?: () => ZodSchema
  readonly keyType?: ZodSchema
  readonly valueType?: ZodSchema
  readonly values?: readonly unknown[]
  readonly checks?: readonly { readonly _zod: { readonly def: ZodCheck } }[]
}

export interface ZodCheck {
  readonly check: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly protocol?: RegExp
  readonly hostname?: RegExp
  readonly alg?: string
  readonly mime?: readonly string[]
  readonly value?: unknown
  readonly inclusive?: boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly size?: number
}

/** `convert` describes what is in a map or a set. `undefined`: it cannot be said. */
export function zodWireForm(
  schema: ZodSchema,
  convert: (inner: ZodSchema) => JsonSchema,
): JsonSchemaObject | undefined {
  const { def, bag } = schema._zod
  const inner = (part: ZodSchema | undefined) => (part === undefined ? true : convert(part))
  switch (def.type) {
    case 'date':
      return { ...leafForms.Date, ...boundsOf(schema) }
    case 'bigint':
      return { ...leafForms.bigint, ...boundsOf(schema) }
    case 'undefined':
    case 'void':
      return leafForms.undefined
    case 'nan':
      return leafForms.NaN
    case 'map':
      return { ...mapForm(inner(def.keyType), inner(def.valueType)), ...sizeOf(def) }
    case 'set':
      return { ...setForm(inner(def.valueType)), ...sizeOf(def) }
    case 'literal':
      return literalForm(def.values ?? [])
    case 'custom':
      return bag?.Class && formOfClass(bag.Class.name)
    default:
      return undefined
  }
}

/** A number that JSON cannot say. A literal of -0 takes 0. */
export const isBeyondJson = (value: unknown): value is number => typeof value === 'number' && !Number.isFinite(value)

export function literalForm(values: readonly unknown[]): JsonSchemaObject {
  const forms = values.map((value): JsonSchemaObject => {
    if (value === undefined) return leafForms.undefined
    if (typeof value === 'bigint') return { const: String(value), [keywords.type]: 'bigint' }
    if (isBeyondJson(value)) return { const: String(value), [keywords.type]: 'number' }
    return { const: value }
  })
  return forms.length === 1 ? forms[0]! : { anyOf: forms }
}

/** Of a date or a bigint. */
function boundsOf(schema: ZodSchema): JsonSchemaObject {
  const bounds: Record<string, unknown> = {}
  const tightest: Record<string, Date | bigint> = {}
  const bound = (keyword: string, value: Date | bigint, isTighter: boolean) => {
    if (keyword in tightest && !isTighter) return
    tightest[keyword] = value
    bounds[keyword] = boundText(value)
  }
  const lower = (keyword: string, value: Date | bigint) => bound(keyword, value, value > tightest[keyword]!)
  const upper = (keyword: string, value: Date | bigint) => bound(keyword, value, value < tightest[keyword]!)
  for (const { check, value, inclusive, format } of allChecksOf(schema)) {
    if (check === 'greater_than') lower(inclusive ? keywords.minimum : keywords.exclusiveMinimum, value as bigint)
    if (check === 'less_than') upper(inclusive ? keywords.maximum : keywords.exclusiveMaximum, value as bigint)
    if (check === 'multiple_of') bounds['x-typewire-multiple-of'] = boundText(value)
    if (check !== 'bigint_format') continue
    lower(keywords.minimum, format === 'uint64' ? 0n : -(2n ** 63n))
    upper(keywords.maximum, format === 'uint64' ? 2n ** 64n - 1n : 2n ** 63n - 1n)
  }
  return bounds
}

const boundText = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value))

/** Of a map or a set. */
function sizeOf(def: ZodDef): JsonSchemaObject {
  const size: { minItems?: number; maxItems?: number } = {}
  for (const { check, minimum, maximum, size: exact } of checksOf(def)) {
    if (check === 'min_size' && minimum !== undefined) size.minItems = minimum
    if (check === 'max_size' && maximum !== undefined) size.maxItems = maximum
    if (check === 'size_equals' && exact !== undefined) Object.assign(size, { minItems: exact, maxItems: exact })
  }
  return size
}

const checksOf = (def: ZodDef) => (def.checks ?? []).map((check) => check._zod.def)

/** A schema of a format is its own first check. */
export function allChecksOf({ _zod: { def, traits } }: ZodSchema): readonly ZodCheck[] {
  return traits?.has('$ZodCheck') ? [def as unknown as ZodCheck, ...checksOf(def)] : checksOf(def)
}
