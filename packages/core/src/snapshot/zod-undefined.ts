import { type JsonSchema, keywords } from './types.ts'
import { leafForms } from './wire-forms.ts'
import type { Direction } from './schema-writer.ts'
import type { ZodSchema } from './zod-wire-forms.ts'

// zod's JSON Schema says of an optional property that it may be missing, and of anything else that is optional nothing.

/** Adds to what is in an array, a tuple or a record that it may be `undefined`, where its schema says so. */
export function addUndefined(schema: ZodSchema, json: Record<string, unknown>, direction: Direction): void {
  const { type, element, items = [], rest, valueType, catchall, shape = {} } = schema._zod.def
  const add = (keyword: string, part: ZodSchema | null | undefined) => {
    if (part && keyword in json) json[keyword] = orUndefined(json[keyword] as JsonSchema, part, direction)
  }
  if (type === 'array') add('items', element)
  if (type === 'record') add('additionalProperties', valueType)
  if (type === 'object') {
    add('additionalProperties', catchall)
    const required = new Set(json['required'] as readonly string[] | undefined)
    const exact = Object.entries(shape).filter(([name, part]) => !required.has(name) && isExact(part))
    if (exact.length > 0) json[keywords.exact] = exact.map(([name]) => name).sort()
  }
  if (type !== 'tuple') return
  add('items', rest)
  // One that may be missing may be `undefined` as well, as an optional property may.
  const { prefixItems, minItems = 0 } = json
  if (Array.isArray(prefixItems))
    json['prefixItems'] = prefixItems.map((item: JsonSchema, index) =>
      index < Number(minItems) ? orUndefined(item, items[index]!, direction) : item,
    )
}

/** What is in something, where none is not the same as one that is missing. */
export const orUndefined = (json: JsonSchema, part: ZodSchema, direction: Direction): JsonSchema =>
  mayBeUndefined(part, direction) ? { anyOf: [json, leafForms.undefined] } : json

/** Whether it may be missing, and may not be `undefined`. */
const isExact = ({ _zod: { def, traits } }: ZodSchema): boolean =>
  traits?.has('$ZodExactOptional') === true ||
  ((def.type === 'nullable' || def.type === 'readonly') && def.innerType !== undefined && isExact(def.innerType))

/** Beyond what its JSON Schema says: that of `z.undefined()` says it. */
function mayBeUndefined(schema: ZodSchema, direction: Direction, seen = new Set<ZodSchema>()): boolean {
  if (seen.has(schema)) return false
  seen.add(schema)
  const { def, traits } = schema._zod
  const may = (part: ZodSchema | undefined) => part !== undefined && mayBeUndefined(part, direction, seen)
  switch (def.type) {
    case 'optional':
      return !traits?.has('$ZodExactOptional') || may(def.innerType)
    case 'default':
    case 'prefault':
      return direction === 'toServer'
    case 'nullable':
    case 'readonly':
    case 'catch':
    case 'promise':
      return may(def.innerType)
    case 'lazy':
      return may(def.getter?.())
    case 'pipe':
      return may(direction === 'toServer' && def.in?._zod.def.type !== 'transform' ? def.in : def.out)
    case 'union':
      return def.options?.some(may) ?? false
    case 'intersection':
      return may(def.left) && may(def.right)
    default:
      return false
  }
}
