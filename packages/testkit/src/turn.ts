/** Waits one turn of the event loop: promises that can settle have settled, and what is to be sent has left. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
