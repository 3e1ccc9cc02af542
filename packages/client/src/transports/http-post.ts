/** One POST of a transport by HTTP. */
export interface HttpRequest {
  readonly url: string
  readonly body: Uint8Array<ArrayBuffer> | undefined
  /** The connection's token, once there is one. */
  readonly token: string | undefined
  /** The number of the request on its connection: the server takes one that it has taken before only once (HT-4, HT-5). */
  readonly number: number | undefined
  readonly signal: AbortSignal
  /** Whether the request goes on where the page does not. Only for short bodies: browsers take 64 KiB in all. */
  readonly keepalive?: boolean
}

/**
 * So much of a `Response` as the transports need. Who gets one that is `ok` reads its body, by `arrayBuffer` or by `body`:
 * until then its connection is taken. The body of another is nobody's.
 */
export interface HttpAnswer {
  readonly ok: boolean
  readonly status: number
  readonly headers: { readonly get: (name: string) => string | null }
  /** The whole body. Rejects where it ends early. */
  readonly arrayBuffer: () => Promise<ArrayBuffer>
  /** The body as it comes. Null where the platform cannot read a stream. */
  readonly body: { readonly getReader: () => ChunkReader } | null
}

export interface ChunkReader {
  /** Rejects where the body ends early. */
  readonly read: () => Promise<
    { readonly done: false; readonly value: Uint8Array } | { readonly done: true; readonly value?: unknown }
  >
}

/** Makes one request, as package.json's imports say by what. Rejects when no answer came, and when the signal aborts. */
export type Post = (request: HttpRequest) => Promise<HttpAnswer>
