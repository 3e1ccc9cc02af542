import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpExchange } from './http-exchange.ts'

/** A request of Node's http server. */
export function nodeExchange(request: IncomingMessage, response: ServerResponse): HttpExchange {
  const headers = flatHeaders(request)
  response.on('error', () => {}) // the peer is gone; 'close' follows
  return {
    method: request.method ?? 'GET',
    path: pathOf(request),
    header: (name) => headers[name],
    headers,
    remoteAddress: request.socket.remoteAddress,
    readBody: (maxBytes, onProgress) => readBody(request, maxBytes, onProgress),
    respond(status, fields, body) {
      // Without it Node would read the rest of the body, however long it is.
      const isCutShort = (status === 408 || status === 413) && !request.complete
      response.writeHead(status, isCutShort ? { ...fields, connection: 'close' } : fields)
      response.end(body)
    },
    stream(status, fields, events) {
      response.writeHead(status, fields)
      response.flushHeaders()
      response.on('drain', events.onDrain)
      response.once('close', events.onClose)
      return {
        write: (bytes) => void response.write(bytes),
        bufferedBytes: () => response.writableLength,
        end: () => void response.end(),
        destroy: () => void response.destroy(),
      }
    },
    onAbort: (run) => void response.once('close', () => response.writableFinished || run()),
  }
}

/** Headers with one value each, in lower case. */
export function flatHeaders({ headers }: IncomingMessage): Readonly<Record<string, string | undefined>> {
  // The one that Node gives as an array, which no client sends: all others are taken as they are, and not copied.
  const { 'set-cookie': cookies } = headers
  const all = cookies === undefined ? headers : { ...headers, 'set-cookie': cookies.join(', ') }
  return all as Record<string, string | undefined>
}

export function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

/** A body that is too large is read so many times its limit, and dropped: who is cut off while it sends reads no answer. */
const patience = 8

function readBody(
  request: IncomingMessage,
  maxBytes: number,
  onProgress: (bytes: number) => void,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      onProgress(length)
      if (length <= maxBytes) chunks.push(chunk)
      else if (length > maxBytes * patience) resolve(undefined)
    })
    request.once('end', () => resolve(length <= maxBytes ? Buffer.concat(chunks) : undefined))
    request.once('close', () => resolve(undefined)) // without 'end' before: cut off
  })
}
