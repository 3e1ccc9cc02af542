import type { HttpExchange, HttpSink, SinkEvents } from './http-exchange.ts'

/** A request as the Fetch Standard has it, as of Hono, Deno, Bun and others, and the response that it will have. */
export function fetchExchange(request: Request): {
  readonly exchange: HttpExchange
  readonly response: Promise<Response>
} {
  const url = new URL(request.url)
  // Not every platform gives the host as a header.
  const headers = Object.fromEntries<string | undefined>([['host', url.host], ...request.headers])
  let answer!: (response: Response) => void
  const response = new Promise<Response>((resolve) => (answer = resolve))
  const onAbort = (run: () => void) => {
    if (request.signal.aborted) queueMicrotask(run) // who asks is not ready for it yet
    else request.signal.addEventListener('abort', run, { once: true })
  }
  let stopReading = () => {}
  const exchange: HttpExchange = {
    method: request.method,
    path: url.pathname,
    header: (name) => headers[name],
    headers,
    remoteAddress: undefined,
    readBody(maxBytes, onProgress) {
      if (!request.body) return Promise.resolve(new Uint8Array(0))
      const reader = request.body.getReader()
      stopReading = () => void reader.cancel().catch(() => {}) // it may have failed
      return readBody(reader, maxBytes, onProgress)
    },
    respond(status, fields, body) {
      stopReading()
      // A body, even an empty one, is not allowed with 204 (Fetch Standard, null body status).
      answer(
        new Response(status === 204 ? null : (body as string | Uint8Array<ArrayBuffer> | undefined), {
          status,
          headers: fields,
        }),
      )
    },
    stream(status, fields, events) {
      const { body, sink } = streamBody(events)
      // Platforms tell that the peer is gone by cancelling the body, by the signal, or by both.
      onAbort(sink.destroy)
      answer(new Response(body, { status, headers: fields }))
      return sink
    },
    onAbort,
  }
  return { exchange, response }
}

/** A body that is written to. The platform is given a little ahead; the rest waits here until it asks. */
function streamBody({ onDrain, onClose }: SinkEvents): { readonly body: ReadableStream; readonly sink: HttpSink } {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let isOver = false
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  const over = () => {
    if (isOver) return
    isOver = true
    waiting = []
    onClose()
  }
  const hasRoom = () => (controller.desiredSize ?? 0) > 0
  const give = (isWanted: () => boolean) => {
    let given = 0
    for (; waiting.length > 0 && isWanted(); given++) {
      const bytes = waiting.shift()! // before it is given: `pull` may be asked at once, from inside
      waitingBytes -= bytes.length
      controller.enqueue(bytes)
    }
    return given
  }
  const body = new ReadableStream<Uint8Array>(
    {
      start: (given) => void (controller = given),
      // A platform asks for more as long as there is room, also where nobody reads. Only that what went beyond the room
      // is taken is a sign of life (HB-3).
      pull: () => {
        if (give(hasRoom) > 0) onDrain()
      },
      cancel: over,
    },
    new ByteLengthQueuingStrategy({ highWaterMark }),
  )
  const sink: HttpSink = {
    write(bytes) {
      if (isOver) return
      waiting.push(bytes)
      waitingBytes += bytes.length
      give(hasRoom)
    },
    bufferedBytes: () => waitingBytes + Math.max(0, highWaterMark - (controller.desiredSize ?? highWaterMark)),
    end() {
      if (isOver) return
      give(() => true)
      controller.close() // what is queued is still read
      queueMicrotask(over)
    },
    destroy() {
      if (isOver) return
      controller.error(new Error('The connection is over.'))
      over()
    },
  }
  return { body, sink }
}

/** Above this the platform is not asked to take more at once. */
const highWaterMark = 65_536

async function readBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  maxBytes: number,
  onProgress: (bytes: number) => void,
): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return Buffer.concat(chunks)
      length += value.length
      onProgress(length)
      if (length > maxBytes) return undefined
      chunks.push(value)
    }
  } catch {
    return undefined // cut off
  }
}
