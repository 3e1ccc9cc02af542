import type { Readable } from 'node:stream'

/** What a command reads and writes: the terminal's, or a test's. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  /** Where relative paths begin. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts when the user interrupts: Ctrl-C. */
  readonly signal: AbortSignal
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}
