import { stableText } from '../stable-text.ts'
import type { JsonSchema } from '../types.ts'

export type Definitions = Readonly<Record<string, JsonSchema>>

/** What no value is refused for. `format` is none: zod checks it. */
const annotations = new Set([
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  '$schema',
  '$id',
  'id',
  'contentEncoding',
  'contentMediaType',
  'x-typewire-optional',
])
/** What holds schemas by names of the contract's. */
const byName = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs'])
const unordered = new Set(['required', 'enum', 'type'])

/** Equal for schemas that say the same in the same words, whatever they say for people. */
export function schemaText(schema: JsonSchema): string {
  if (typeof schema === 'boolean') return String(schema)
  let text = texts.get(schema)
  if (text === undefined) texts.set(schema, (text = stableText(normative(schema))))
  return text
}

const texts = new WeakMap<object, string>()

function normative(json: unknown, isByName = false): unknown {
  if (Array.isArray(json)) return json.map((item) => normative(item))
  if (typeof json !== 'object' || json === null) return json
  const members = Object.entries(json).filter(([key]) => isByName || !annotations.has(key))
  return Object.fromEntries(
    members.map(([key, value]) => {
      if (isByName) return [key, normative(value)]
      if (key === 'const') return [key, value]
      if (unordered.has(key) && Array.isArray(value)) return [key, value.map((item) => stableText(item)).sort()]
      return [key, normative(value, byName.has(key))]
    }),
  )
}

/** The name of a definition, of its reference. */
export const nameOfRef = (ref: unknown) =>
  typeof ref === 'string' && ref.startsWith('#/$defs/') ? ref.slice('#/$defs/'.length) : undefined

/** The names of all definitions that the text of a schema refers to. */
const refsIn = (text: string) =>
  [...text.matchAll(/"\$ref":"#\/\$defs\/((?:[^"\\]|\\.)*)"/g)].map(([, name]) => JSON.parse(`"${name}"`) as string)

/** Gives what tells whether schemas of two contracts are the same, with all that they refer to. */
export function sameSchemas(a: Definitions, b: Definitions): (one: JsonSchema, other: JsonSchema) => boolean {
  const same = new Map<string, readonly string[]>()
  for (const [name, schema] of Object.entries(a)) {
    if (!Object.hasOwn(b, name) || schemaText(schema) !== schemaText(b[name]!)) continue
    same.set(name, refsIn(schemaText(schema)))
  }
  for (let isStable = false; !isStable;) {
    isStable = true
    for (const [name, refs] of same) {
      if (refs.every((ref) => same.has(ref))) continue
      same.delete(name)
      isStable = false
    }
  }
  return (one, other) => {
    const text = schemaText(one)
    return text === schemaText(other) && refsIn(text).every((ref) => same.has(ref))
  }
}
