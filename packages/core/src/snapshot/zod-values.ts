import { stableText } from './stable-text.ts'
import type { ZodSchema } from './zod-wire-forms.ts'

/** Leaves out defaults and examples that JSON cannot say, and defaults that are computed: they are others each time. */
export function createValueFilter(): (schema: ZodSchema, json: Record<string, unknown>) => void {
  let isLater = false
  // oxlint-disable-next-line no-restricted-properties -- it is the clock that defaults are computed by
  const startedMs = Date.now()
  /** A default of now is another only then. zod has asked for all defaults of a schema before any comes here. */
  const waitForNextMs = () => {
    // oxlint-disable-next-line no-restricted-properties -- the same
    for (let tries = 0; !isLater && tries < maxTries; tries++) isLater = Date.now() > startedMs + 1
    isLater = true
  }

  function isAnother(schema: ZodSchema, written: unknown): boolean {
    if (looksLikeTime.test(JSON.stringify(written) ?? '')) waitForNextMs()
    try {
      const value = schema._zod.def.defaultValue
      return !isJson(value) || stableText(JSON.parse(JSON.stringify(value))) !== stableText(written)
    } catch {
      return true
    }
  }

  return (schema, json) => {
    const { type } = schema._zod.def
    const isOfSchema = type === 'default' || type === 'prefault'
    // What `catch` gives in place of what it refuses is no default.
    if (type === 'catch' || (isOfSchema && 'default' in json && isAnother(schema, json['default'])))
      delete json['default']
    const { examples } = json
    if (!Array.isArray(examples) || examples.every(isJson)) return
    const told = examples.filter(isJson)
    if (told.length > 0) json['examples'] = told
    else delete json['examples']
  }
}

/** More than two milliseconds take: a clock that stands still, as in tests, is not waited for. */
const maxTries = 1_000_000

/** Milliseconds, or a date: only these are waited for. */
const looksLikeTime = /\d{10}|\d{4}-\d\d/

/** A date is written as its text. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object') return false
  if (Array.isArray(value)) return value.every(isJson)
  if (value instanceof Date) return !Number.isNaN(value.getTime())
  const prototype: unknown = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isJson)
}
