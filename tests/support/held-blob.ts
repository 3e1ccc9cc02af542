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
  return held(text, new Blob([text], { type }))
}

/** The same of a File. */
export function heldFile(text: string, name: string): HeldBlob & { readonly blob: File } {
  return held(text, new File([text], name))
}

function held<B extends Blob>(text: string, blob: B): HeldBlob & { readonly blob: B } {
  const bytes = new TextEncoder().encode(text).buffer
  let reads = 0
  let release!: () => void
  let lose!: () => void
  const coming = new Promise<ArrayBuffer>((resolve, reject) => {
    release = () => resolve(bytes)
    lose = () => reject(new DOMException('It was deleted.', 'NotReadableError'))
  })
  coming.catch(() => {}) // nobody may ever ask
  Object.defineProperty(blob, 'arrayBuffer', { value: () => (reads++, coming) })
  return { blob, reads: () => reads, release, lose }
}
