import { byName, stableText } from './stable-text.ts'

/**
 * Short, and equal for contracts that say the same in the same words: names of definitions count, order does not, and neither
 * does what is there for people alone. The first 128 bits of SHA-256, as base64url.
 */
export async function fingerprintOf(snapshot: object): Promise<string> {
  const { name: _name, fingerprint: _fingerprint, ...rest } = snapshot as Record<string, unknown>
  const bytes = new TextEncoder().encode(stableText(normative(rest, false)))
  const digest = await crypto.subtle.digest('SHA-256', bytes)
  const text = String.fromCharCode(...new Uint8Array(digest, 0, 16))
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** A default as well: what is given in its place is the server's alone, and may be another each time. */
const forPeople = new Set(['default', 'description', 'title', 'examples', 'deprecated', '$comment'])
/** Lists of which the order says nothing. */
const unordered = new Set(['required', 'enum', 'type'])

function normative(json: unknown, isByName: boolean): unknown {
  if (Array.isArray(json)) return json.map((item) => normative(item, false))
  if (typeof json !== 'object' || json === null) return json
  const members = Object.entries(json).filter(([key]) => isByName || !forPeople.has(key))
  return Object.fromEntries(
    members.map(([key, value]) => {
      if (isByName) return [key, normative(value, false)]
      if (key === 'const') return [key, value]
      if (unordered.has(key) && Array.isArray(value)) return [key, value.map((item) => stableText(item)).sort()]
      return [key, normative(value, byName.has(key))]
    }),
  )
}
