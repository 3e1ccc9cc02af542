import type { Direction } from './schema-writer.ts'
import { keywords } from './types.ts'
import { leafForms } from './wire-forms.ts'
import { allChecksOf, isBeyondJson, literalForm, type ZodCheck, type ZodSchema } from './zod-wire-forms.ts'

// What zod takes or refuses, and its JSON Schema does not say. What JSON Schema has no word for is said in one of ours, of which
// a comparison knows whether it is the same.

export function addRestrictions(schema: ZodSchema, json: Json, direction: Direction): void {
  const { def, bag } = schema._zod
  if (def.type === 'string') restrictText(schema, json)
  if (def.type === 'file') replace(json, fileForm(schema))
  if (def.type === 'literal' && def.values?.some(isBeyondJson)) replace(json, literalForm(def.values))
  if (direction !== 'toServer') return
  if (def.type === 'custom' && bag?.Class?.name === 'Buffer') json['x-typewire-class'] = 'Buffer'
  if (def.type === 'pipe' && bag?.truthy) json['x-typewire-stringbool'] = { ...bag }
  if (def.type === 'catch') replace(json, {})
  if (def.coerce === true) replace(json, coercedForm(schema, json))
}

type Json = Record<string, unknown>

function restrictText(schema: ZodSchema, json: Json): void {
  const checks = allChecksOf(schema)
  const flagged = checks.flatMap(({ pattern }) => (pattern && /[ims]/.test(pattern.flags) ? [pattern] : []))
  if (flagged.length > 0) {
    // JSON Schema has no flags: without them it is another pattern.
    const isFlagged = (source: unknown) => flagged.some((pattern) => pattern.source === source)
    if (isFlagged(json['pattern'])) delete json['pattern']
    const all = Array.isArray(json['allOf']) ? json['allOf'].filter((part: Json) => !isFlagged(part['pattern'])) : []
    if (all.length > 0) json['allOf'] = all
    else delete json['allOf']
    json['x-typewire-pattern'] = flagged.map(String).sort()
  }
  for (const { protocol, hostname, alg } of checks) {
    if (protocol) json['x-typewire-protocol'] = String(protocol)
    if (hostname) json['x-typewire-hostname'] = String(hostname)
    if (alg) json['x-typewire-alg'] = alg
  }
}

function fileForm(schema: ZodSchema): Json {
  const checks = allChecksOf(schema)
  const sizes = (sizeOf: (check: ZodCheck) => number | undefined) =>
    checks.flatMap((check) => sizeOf(check) ?? check.size ?? [])
  const [least, most] = [sizes(({ minimum }) => minimum), sizes(({ maximum }) => maximum)]
  const mimes = checks.flatMap(({ mime }) => (mime ? [mime] : []))
  const types = mimes.reduce((all, list) => all.filter((type) => list.includes(type)), mimes[0] ?? [])
  const [index, text, ...others] = leafForms.File.prefixItems
  return {
    ...leafForms.File,
    ...(mimes.length > 0 && { prefixItems: [index, { ...text, enum: types }, ...others] }),
    ...(least.length > 0 && { [keywords.minimum]: String(Math.max(...least)) }),
    ...(most.length > 0 && { [keywords.maximum]: String(Math.min(...most)) }),
  }
}

/** What is of the type already is taken, and of anything else nobody can tell. */
function coercedForm(schema: ZodSchema, json: Json): Json {
  const { type } = schema._zod.def
  const takesAnything = type === 'boolean' || (type === 'string' && allChecksOf(schema).length === 0)
  if (takesAnything) return {}
  const form = Object.fromEntries(Object.entries(json).filter(([key]) => !forPeople.has(key)))
  return { anyOf: [form, { 'x-typewire-coerce': type }] }
}

const forPeople = new Set(['description', 'title', 'examples', 'deprecated', 'default', 'id'])

/** All but what is said for people. */
function replace(json: Json, by: Json): void {
  for (const key of Object.keys(json)) if (!forPeople.has(key)) delete json[key]
  Object.assign(json, by)
}
