/** How many tokens.css has. */
const tints = 8

/** Whose tint is whose: the first of them that this page came to know have one each. */
const given = new Map<string, number>()

/** The tint of a person, always the same on this page: the one that goes by their id, or the next that is nobody's yet. */
export function tintOf(id: string): number {
  const known = given.get(id)
  if (known !== undefined) return known
  const own = pick(id)
  if (given.size >= tints) return own // more people than tints
  const taken = new Set(given.values())
  const order = Array.from({ length: tints }, (_, step) => (own + step) % tints)
  const free = order.find((tint) => !taken.has(tint)) ?? own
  given.set(id, free)
  return free
}

function pick(id: string): number {
  let sum = 0
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)!) % 65_521
  return sum % tints
}
