import { useState } from 'react'

/**
 * What was made of a function of a client and of params: the same until the function is another or the params are not equal
 * any more (by their key). Kept as state and not by `useMemo`, which may forget.
 */
export function useMade<T>(source: unknown, key: string, make: () => T): T {
  const [made, keep] = useState(() => ({ source, key, value: make() }))
  if (made.source === source && made.key === key) return made.value
  const next = { source, key, value: make() }
  keep(next)
  return next.value
}
