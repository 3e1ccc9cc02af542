import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** Answers a request of Node's by a handler of Requests, as the adapters of frameworks do. */
export async function answer(
  fetch: (request: Request) => Promise<Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const controller = new AbortController()
  outgoing.on('error', () => {})
  outgoing.once('close', () => controller.abort())
  const { method = 'GET', url = '/', headers } = incoming
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const response = await fetch(
    new Request(`http://${headers.host}${url}`, {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]),
      signal: controller.signal,
      ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
    }),
  )
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body) outgoing.flushHeaders()
  await passOn(response.body, outgoing)
}

/** Writes a body as it comes, at the pace at which it is taken. */
async function passOn(body: ReadableStream<Uint8Array> | null, outgoing: ServerResponse): Promise<void> {
  const reader = body?.getReader()
  const closed = new Promise<void>((resolve) => outgoing.once('close', resolve))
  void closed.then(() => reader?.cancel().catch(() => {})) // it may be over
  try {
    for (;;) {
      const next = await reader?.read()
      if (!next || next.done) break
      if (outgoing.write(next.value)) continue
      await Promise.race([new Promise((resolve) => outgoing.once('drain', resolve)), closed])
    }
    outgoing.end()
  } catch {
    outgoing.destroy() // the body has failed
  }
}
