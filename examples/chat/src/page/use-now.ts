import { useEffect, useState } from 'react'

/** How often what counts down is shown anew. */
const tickMs = 500

/** The time, in milliseconds since the epoch, kept up to date while it is of interest. */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isTicking) return
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [isTicking])
  return now
}
