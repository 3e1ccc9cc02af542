/** How long is waited for a frame, in milliseconds: a page that is hidden draws none. */
const withoutFrameMs = 100

/** Node and workers have none. */
declare const requestAnimationFrame: ((run: () => void) => number) | undefined
declare const cancelAnimationFrame: ((handle: number) => void) | undefined

/** Runs it before the next frame is drawn, or soon where none is. */
export function nextFrame(run: () => void): void {
  if (typeof requestAnimationFrame !== 'function') return void setTimeout(run, 0)
  let frame = 0
  const timer = setTimeout(() => {
    cancelAnimationFrame?.(frame)
    run()
  }, withoutFrameMs)
  frame = requestAnimationFrame(() => {
    clearTimeout(timer)
    run()
  })
}
