/** Of each second, in milliseconds. What is left is enough to read, to draw, and to notice a click. */
const busyMs = 900
const freeMs = 100

/**
 * Blocks the page for nine tenths of each second, as a page does that has too much to do: nothing is read, drawn or clicked
 * meanwhile. Returns how to end it.
 */
export function keepBusy(): () => void {
  const block = () => {
    const endMs = performance.now() + busyMs
    while (performance.now() < endMs);
    timer = setTimeout(block, freeMs)
  }
  let timer = setTimeout(block, freeMs)
  return () => clearTimeout(timer)
}
