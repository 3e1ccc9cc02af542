import { stableText } from './stable-text.ts'
import type { JsonSchema } from './types.ts'
import type { Direction } from './schema-writer.ts'

/**
 * Takes the definitions out of a schema that was written by itself, and puts them with those of the whole contract. One that is
 * there already is shared; another of the same name gets a name of its own.
 */
export function hoistDefinitions(
  all: Map<string, JsonSchema>,
  json: JsonSchema,
  place: string,
  direction: Direction,
): JsonSchema {
  if (typeof json === 'boolean') return json
  const { $schema: _, $defs = {}, ...root } = json
  const local = new Map(Object.entries($defs as Record<string, JsonSchema>))
  if (refersToRoot(root) || [...local.values()].some(refersToRoot)) local.set(rootName, root)

  const names = new Map(
    [...local.keys()].map((name) => [name, (!isGenerated(name) && identifierOf(name)) || `${place}Node`]),
  )
  for (const [name, taken] of names)
    names.set(name, firstFree(taken, new Set([...names].filter(([key]) => key !== name).map(([, other]) => other))))
  for (let round = 0; round < maxRounds; round++) {
    const clashing = [...local].filter(([name, schema]) => {
      const there = all.get(names.get(name)!)
      return there !== undefined && stableText(there) !== stableText(renamed(schema, names))
    })
    if (clashing.length === 0) break
    for (const [name] of clashing) names.set(name, nextName(names.get(name)!, direction))
  }
  for (const [name, schema] of local) all.set(names.get(name)!, renamed(schema, names))
  return local.has(rootName) ? { $ref: `#/$defs/${names.get(rootName)}` } : renamed(root, names)
}

/** As many as a name may be changed: more contracts than that have no schema of one name in so many forms. */
const maxRounds = 1_000
const rootName = '#'

const isGenerated = (name: string) => name === rootName || name.startsWith('__schema')

/** `chat.message` → `ChatMessage`: definitions become types, and references to them need no escapes. */
function identifierOf(name: string): string {
  const parts = name.split(/[^A-Za-z0-9_]+/).filter((part) => part !== '')
  const whole =
    parts.length === 1 ? parts[0]! : parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('')
  return whole === '' || /^\d/.test(whole) ? `_${whole}` : whole
}

function firstFree(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  for (let count = 2; ; count++) if (!taken.has(name + count)) return name + count
}

/** `Message` → `MessageInput` → `MessageInput2`. What clients get has the plain name, where it comes first. */
function nextName(name: string, direction: Direction): string {
  const [, stem = name, count] = /^(.*?)(\d*)$/.exec(name)!
  if (count !== '') return `${stem}${Number(count) + 1}`
  if (direction === 'toServer' && !stem.endsWith('Input')) return `${stem}Input`
  return `${stem}2`
}

function refersToRoot(json: unknown): boolean {
  if (Array.isArray(json)) return json.some(refersToRoot)
  if (typeof json !== 'object' || json === null) return false
  return Object.entries(json).some(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? value === '#' : refersToRoot(value),
  )
}

function renamed<Json>(json: Json, names: ReadonlyMap<string, string>): Json {
  if (Array.isArray(json)) return json.map((item) => renamed(item as unknown, names)) as Json
  if (typeof json !== 'object' || json === null) return json
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? renamedRef(value, names) : renamed(value, names),
    ]),
  ) as Json
}

/** In a reference a name is written as RFC 6901 has it: `~1` for a slash, `~0` for a tilde. */
function renamedRef(ref: string, names: ReadonlyMap<string, string>): string {
  const name =
    ref === '#'
      ? rootName
      : ref
          .replace(/^#\/\$defs\//, '')
          .replaceAll('~1', '/')
          .replaceAll('~0', '~')
  return names.has(name) ? `#/$defs/${names.get(name)}` : ref
}
