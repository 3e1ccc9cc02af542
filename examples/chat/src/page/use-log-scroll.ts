import { useLayoutEffect, useRef, useState } from 'react'

/** So near the end somebody is at the end. */
const nearEndPx = 48

/**
 * Where the log is scrolled to. Who is at the end stays there; what one reads stays where it is. Not left to the browser, which
 * does not hold on to what is read when older messages come in at the very top. `lastKey` is the last one's; `isOwn`, whether
 * it was just written here.
 */
export function useLogScroll(lastKey: string | undefined, isOwn: boolean) {
  const log = useRef<HTMLDivElement>(null)
  const shownKey = useRef(lastKey)
  /** As it was when it was last shown or scrolled: what is above may have changed since. */
  const place = useRef<{ isAtEnd: boolean; anchor?: HTMLElement | undefined; anchorTop: number }>({
    isAtEnd: true,
    anchorTop: 0,
  })
  const [isNewBelow, setNewBelow] = useState(false)

  const remember = () => {
    const { scrollHeight, scrollTop, clientHeight } = log.current!
    const isAtEnd = scrollHeight - scrollTop - clientHeight < nearEndPx
    const anchor = Array.from(log.current!.querySelectorAll<HTMLElement>('.message')).find(
      ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop,
    )
    place.current = { isAtEnd, anchor, anchorTop: anchor?.offsetTop ?? 0 }
    if (isAtEnd) setNewBelow(false)
  }
  const toEnd = () => {
    log.current!.scrollTop = log.current!.scrollHeight
    remember()
  }

  useLayoutEffect(() => {
    const isNew = lastKey !== shownKey.current
    shownKey.current = lastKey
    const { isAtEnd, anchor, anchorTop } = place.current
    if (isAtEnd || (isNew && isOwn)) return toEnd()
    if (isNew) setNewBelow(true)
    if (anchor?.isConnected) log.current!.scrollTop += anchor.offsetTop - anchorTop
    remember()
  })
  // A keyboard that slides in, a composer that grows. Observed no longer than it is in the page.
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => {
      if (place.current.isAtEnd) toEnd()
    })
    observer.observe(log.current!)
    return () => observer.disconnect()
  }, [])

  return { log, isNewBelow, onScroll: remember, toEnd }
}
