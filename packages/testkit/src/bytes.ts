/** Where bytes are written to: a socket, a response. */
interface Target {
  readonly write: (bytes: Uint8Array, done: () => void) => unknown
  readonly destroyed: boolean
}

/** Writes. Resolves when the network has taken it, or never will. */
export function write(to: Target, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (to.destroyed) resolve()
    else to.write(bytes, () => resolve())
  })
}

/** What passes of something that is cut in the middle. */
export const firstHalf = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.ceil(bytes.length / 2))
