import { useInsertionEffect, useRef } from 'react'

/** Where the value of the last render that was shown is found: for handlers, which may be others with each render. */
export function useLatest<T>(value: T): { readonly current: T } {
  const latest = useRef(value)
  // Before any effect that could call it.
  useInsertionEffect(() => {
    latest.current = value
  })
  return latest
}
