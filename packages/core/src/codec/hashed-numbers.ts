/** How many of the items of a set, or of the keys of a map, as either is written, are found by a hash that a sender can foresee. */
export function hashedNumbersIn(type: 'set' | 'map', items: unknown): number {
  let count = 0
  for (const item of Array.isArray(items) ? (items as readonly unknown[]) : []) {
    const hashed: unknown = type === 'map' && Array.isArray(item) ? item[0] : item
    if (typeof hashed === 'number' || typeof hashed === 'bigint') count++
  }
  return count
}
