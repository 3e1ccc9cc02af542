import { useEffect, useState, useSyncExternalStore } from 'react'

/** Whether the page can be seen. */
export function useVisibility(): boolean {
  return useSyncExternalStore(
    (onChange) => {
      document.addEventListener('visibilitychange', onChange)
      return () => document.removeEventListener('visibilitychange', onChange)
    },
    () => !document.hidden,
  )
}

/**
 * Whether somebody looks at the page, as far as one can tell. Once the connection was lost, who knows since when they look
 * elsewhere: not until somebody stirs.
 */
export function useAttention(isLost: boolean): boolean {
  const isVisible = useVisibility()
  const [isStirring, setStirring] = useState(true)
  if (isLost && isStirring) setStirring(false)
  useEffect(() => {
    const controller = new AbortController()
    for (const sign of ['focus', 'keydown', 'pointerdown', 'pointermove', 'wheel'])
      addEventListener(sign, () => setStirring(true), { passive: true, signal: controller.signal })
    return () => controller.abort()
  }, [])
  return isVisible && isStirring && !isLost
}
