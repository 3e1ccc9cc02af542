/** A Blob whose bytes come when the test says so. */
export interface HeldBlob {
  readonly blob: Blob
  /** How often its bytes were asked for. */
  readonly reads: () => number
  readonly release: () => void
  /** What it is made of is gone. */
  readonly lose: () => void
}

export function heldBlob(text: string, type = 'text/plain'): HeldBlob {
  const blob = new Blob([text], { type })
  const bytes = new TextEncoder().encode(text).buffer
  let reads = 0
  let release!: () => void
  let lose!: () => void
  const held = new Promise<ArrayBuffer>((resolve, reject) => {
    release = () => resolve(bytes)
    lose = () => reject(new DOMException('It was deleted.', 'NotReadableError'))
  })
  held.catch(() => {}) // nobody may ever ask
  Object.defineProperty(blob, 'arrayBuffer', { value: () => (reads++, held) })
  return { blob, reads: () => reads, release, lose }
}
