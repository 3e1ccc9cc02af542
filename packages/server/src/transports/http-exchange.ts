/** One HTTP request and the means to answer it, whatever platform it came in by. */
export interface HttpExchange {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly header: (name: string) => string | undefined
  /** All headers, in lower case, as `authenticate` sees them. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly remoteAddress: string | undefined
  /**
   * The body, whole. Resolves to `undefined` when it is larger, or when the request ended before it was there. What is
   * left of it after an answer of 408 or 413 is not read. `onProgress` is told how much has come so far.
   */
  readonly readBody: (maxBytes: number, onProgress: (bytes: number) => void) => Promise<Uint8Array | undefined>
  /** Answers at once. */
  readonly respond: (status: number, headers: HttpHeaders, body?: Uint8Array | string) => void
  /** Begins an answer whose body is written bit by bit. */
  readonly stream: (status: number, headers: HttpHeaders, events: SinkEvents) => HttpSink
  /** Runs once if the peer goes away before the answer is complete. */
  readonly onAbort: (run: () => void) => void
}

export type HttpHeaders = Readonly<Record<string, string>>

/** The body of an answer that is being written. */
export interface HttpSink {
  readonly write: (bytes: Uint8Array) => void
  /** Written, and not taken by the network yet. */
  readonly bufferedBytes: () => number
  readonly end: () => void
  /** Gives up what the network has not taken. */
  readonly destroy: () => void
}

export interface SinkEvents {
  readonly onDrain: () => void
  /** Once: the answer is complete, or the peer is gone. */
  readonly onClose: () => void
}
