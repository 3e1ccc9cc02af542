import * as http from 'node:http'
import * as https from 'node:https'
import type { ChunkReader, HttpAnswer, HttpRequest, Post } from './http-post.ts'

/**
 * How long a connection is kept that nobody uses: less than the 5 s after which Node's servers close one, so that hardly any
 * request meets a connection that is just being closed. What a server says it keeps it for counts if it is less.
 */
const idleTimeoutMs = 4_000
/** So many redirects are followed, one to another: more are a circle. */
const maxRedirects = 5

/** Shared by all clients of the process, made when first needed. They let the process end: Node unrefs idle connections. */
const agents: { http?: http.Agent; https?: https.Agent } = {}
const agentOptions: http.AgentOptions = { keepAlive: true, timeout: idleTimeoutMs }

/** By `node:http`: Node's `fetch` takes twice as long, most of it for streams that nobody needs here. No cookies are kept, as there. */
export const post: Post = (request) => postTo(new URL(request.url), request, maxRedirects)

async function postTo(url: URL, request: HttpRequest, redirectsLeft: number): Promise<HttpAnswer> {
  request.signal.throwIfAborted()
  const message = await exchange(url, request)
  const { statusCode: status = 0, headers } = message
  const ok = status >= 200 && status < 300
  if (!ok) message.resume() // so that its connection is free for the next request
  // Others than these two would make a GET of it, which nobody answers.
  if ((status === 307 || status === 308) && headers.location !== undefined) {
    const target = new URL(headers.location, url)
    // A hello has credentials: what goes by TLS goes on by TLS.
    if (target.protocol !== url.protocol && target.protocol !== 'https:') {
      throw new Error(`the server answered ${status} to ${target.protocol}//${target.host}`)
    }
    if (redirectsLeft === 0) throw new Error(`the server answered ${status} more than ${maxRedirects} times`)
    return postTo(target, request, redirectsLeft - 1)
  }
  return {
    ok,
    status,
    headers: {
      get: (name) => {
        const value = headers[name]
        return typeof value === 'string' ? value : null
      },
    },
    arrayBuffer: () => readWhole(message),
    body: { getReader: () => readerOf(message) },
  }
}

/** Sends a request, until the head of its answer is there. */
function exchange(url: URL, request: HttpRequest): Promise<http.IncomingMessage> {
  const { body, signal } = request
  return new Promise((resolve, reject) => {
    const abort = () => {
      const reason = signal.reason as Error
      ;(answer ?? sent).destroy(reason)
      reject(reason)
    }
    const options = { method: 'POST', headers: headersOf(request) }
    const sent =
      url.protocol === 'https:'
        ? https.request(url, { ...options, agent: (agents.https ??= new https.Agent(agentOptions)) })
        : http.request(url, { ...options, agent: (agents.http ??= new http.Agent(agentOptions)) })
    let answer: http.IncomingMessage | undefined
    signal.addEventListener('abort', abort)
    sent.once('close', () => signal.removeEventListener('abort', abort))
    sent.once('response', (message) => {
      answer = message
      message.on('error', () => {}) // for who does not read yet; who does finds it in `errored`
      resolve(message)
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // An idle connection that the server has closed meanwhile is gone with this, so it comes to an end. A numbered request is
      // repeated by who made it; to repeat a hello does no harm: it comes again from every client that got no welcome.
      const isCut = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      const isStale = isCut && sent.reusedSocket && !answer && request.number === undefined
      if (isStale && !signal.aborted) resolve(exchange(url, request))
      else reject(error)
    })
    sent.end(body)
  })
}

function headersOf({ body, token, number }: HttpRequest): http.OutgoingHttpHeaders {
  const headers: http.OutgoingHttpHeaders = {
    'content-type': 'application/octet-stream',
    'content-length': body?.length ?? 0,
    // As `fetch` does: there are firewalls that refuse what says nothing of itself.
    accept: '*/*',
    'user-agent': 'node',
  }
  if (token !== undefined) headers['typewire-connection'] = token
  if (number !== undefined) headers['typewire-request'] = number
  return headers
}

/** Node says no more than `aborted` of an answer that is cut off. */
function tell(error: NodeJS.ErrnoException): Error {
  return error.code === 'ECONNRESET' ? new Error('the answer ended early', { cause: error }) : error
}

function readWhole(message: http.IncomingMessage): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    if (message.errored) return reject(tell(message.errored))
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.once('end', () => resolve(join(chunks)))
    message.once('error', (error) => reject(tell(error)))
  })
}

function join(chunks: readonly Buffer[]): ArrayBuffer {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole.buffer
}

/** Reads only when it is asked: of what nobody takes no more comes than a buffer's size. */
function readerOf(message: http.IncomingMessage): ChunkReader {
  const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  return {
    async read() {
      try {
        const { done, value } = await chunks.next()
        return done ? { done } : { done: false, value }
      } catch (error) {
        throw tell(error as NodeJS.ErrnoException)
      }
    },
  }
}
