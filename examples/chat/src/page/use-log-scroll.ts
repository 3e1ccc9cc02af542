import { useLayoutEffect, useState } from 'react'

/** So near the end somebody is at the end. */
const nearEndPx = 48

/** Where a log is scrolled to. `lastKey` is the last message's; `isOwn`, whether it was written here. */
export function useLogScroll(lastKey: string | undefined, isOwn: boolean) {
  const [isNewBelow, setNewBelow] = useState(false)
  const [scroll] = useState(() => new LogScroll(setNewBelow))
  useLayoutEffect(() => scroll.settle(lastKey, isOwn))
  const { attach, remember, toEnd, focus } = scroll
  return { attach, remember, toEnd, focus, isNewBelow }
}

/**
 * Who is at the end of the log stays there; what one reads stays where it is. Not left to the browser, which does not hold on to
 * what is read when older messages come in at the very top.
 */
class LogScroll {
  readonly #setNewBelow: (isNewBelow: boolean) => void
  #log: HTMLElement | undefined
  #lastKey: string | undefined
  /** As it was when the log was last shown or scrolled: what is above may have changed since. */
  #isAtEnd = true
  #anchor: HTMLElement | undefined
  #anchorTop = 0

  constructor(setNewBelow: (isNewBelow: boolean) => void) {
    this.#setNewBelow = setNewBelow
  }

  /** As the `ref` of the log. */
  readonly attach = (log: HTMLElement | null) => {
    if (!log) return
    this.#log = log
    // A keyboard that slides in, a composer that grows.
    const observer = new ResizeObserver(() => {
      if (this.#isAtEnd) this.toEnd()
    })
    observer.observe(log)
    return () => {
      observer.disconnect()
      this.#log = undefined
    }
  }

  /** The log shows something else, perhaps. */
  settle(lastKey: string | undefined, isOwn: boolean): void {
    const log = this.#log
    if (!log) return
    const isNew = lastKey !== this.#lastKey
    this.#lastKey = lastKey
    if (this.#isAtEnd || (isNew && isOwn)) return this.toEnd()
    if (isNew) this.#setNewBelow(true)
    if (this.#anchor?.isConnected) log.scrollTop += this.#anchor.offsetTop - this.#anchorTop
    this.remember()
  }

  readonly remember = (): void => {
    if (!this.#log) return
    const { scrollHeight, scrollTop, clientHeight } = this.#log
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < nearEndPx
    if (this.#isAtEnd) this.#setNewBelow(false)
    this.#anchor = Array.from(this.#log.querySelectorAll<HTMLElement>('.message')).find(
      ({ offsetTop, offsetHeight }) => offsetTop + offsetHeight > scrollTop,
    )
    this.#anchorTop = this.#anchor?.offsetTop ?? 0
  }

  readonly toEnd = (): void => {
    if (!this.#log) return
    this.#log.scrollTop = this.#log.scrollHeight
    this.remember()
  }

  readonly focus = (): void => this.#log?.focus()
}
