import { type IncomingMessage, request as httpRequest, type RequestOptions, type ServerResponse } from 'node:http'
import { ContainerReader, encodeContainer } from '@typewire/core/internal'
import { firstHalf, write } from './bytes.ts'
import type { AskFault } from './frame-faults.ts'

/** The largest batch that is read. */
const maxBatchBytes = 64 * 1024 * 1024

/** A request of a client's, read whole. */
interface Asked {
  readonly request: IncomingMessage
  readonly body: Buffer
  readonly route: string
  /** The client's side. */
  readonly near: ServerResponse
}

/** Carries HTTP requests to a server, and its responses back. */
export class HttpFaults {
  readonly #target: RequestOptions
  readonly #ask: AskFault
  /** Requests that are made again when the next one of their route was answered. */
  readonly #late = new Map<string, Asked>()

  constructor(target: RequestOptions, ask: AskFault) {
    this.#target = target
    this.#ask = ask
  }

  /** Carries one request, and its response. */
  async exchange(request: IncomingMessage, near: ServerResponse): Promise<void> {
    near.on('error', () => {})
    const body = await readWhole(request)
    if (!body) return
    const route = request.url?.split('/').at(-1) ?? ''
    const asked: Asked = { request, body, route, near }
    const fault = await this.#ask({ kind: 'request', direction: 'up', route }, batchesIn(body))
    // What was taken is passed on, also where its client has gone meanwhile.
    switch (fault) {
      case 'silence':
        return
      case 'cut before':
        return cut(asked)
      case 'refuse':
        return void near.writeHead(502).end()
      case 'cut within':
        await this.#forward(asked, firstHalf(body))
        return cut(asked)
      case 'cut after':
        cut(asked)
        return void (await this.#forward(asked))?.destroy()
      case 'repeat':
        await lose(asked, await this.#forward(asked))
        break
      default:
    }
    const late = this.#late.get(route)
    this.#late.delete(route)
    if (fault === 'repeat late') this.#late.set(route, asked)
    await this.#answer(asked)
    if (late) await lose(late, await this.#forward(late))
  }

  /** Makes the request, and passes on what comes. */
  async #answer(asked: Asked): Promise<void> {
    const { route, near, request } = asked
    const answer = await this.#forward(asked)
    const download: Download = { isSilent: false }
    if (!answer) return cut(asked)
    near.once('close', () => download.isSilent || answer.destroy())
    const isStream = route === 'stream'
    const body = isStream ? undefined : await readWhole(answer)
    if (!body && !isStream) return cut(asked)
    const fault = await this.#ask({ kind: 'response', direction: 'down', route }, body && batchesIn(body))
    if (fault === 'silence') return void (download.isSilent = true)
    if (fault === 'cut before') return cut(asked)
    if (fault === 'refuse') {
      answer.destroy()
      return void near.writeHead(502).end()
    }
    const whole = fault === 'buffer' ? ((await readWhole(answer)) ?? noBytes) : body
    if (fault === 'cut after') near.once('finish', () => request.socket.destroy())
    near.writeHead(answer.statusCode ?? 502, answer.headers)
    if (fault === 'cut within') {
      await write(near, firstHalf(whole ?? noBytes))
      return cut(asked)
    }
    if (whole) near.end(whole)
    else await this.#stream(asked, answer, download)
  }

  /** Passes a stream on, batch by batch. */
  async #stream(asked: Asked, answer: IncomingMessage, download: Download): Promise<void> {
    const { near } = asked
    const reader = new ContainerReader(maxBatchBytes)
    const held: Uint8Array[] = []
    let isBuffering = false
    near.flushHeaders()
    try {
      for await (const chunk of answer as AsyncIterable<Buffer>) {
        for (const { batch, parts } of reader.push(chunk)) {
          const bytes = encodeContainer(batch, parts)
          const fault = await this.#ask({ kind: 'message', direction: 'down', route: 'stream' }, [batch])
          download.isSilent ||= fault === 'silence'
          isBuffering ||= fault === 'buffer'
          if (isBuffering) held.push(bytes)
          if (isBuffering || download.isSilent) continue // all is taken, and nothing arrives
          if (fault === 'cut before') return cut(asked)
          await write(near, fault === 'cut within' ? firstHalf(bytes) : bytes)
          if (fault === 'cut within' || fault === 'cut after') return cut(asked)
        }
      }
      if (!download.isSilent) near.end(Buffer.concat(held))
    } catch {
      if (!download.isSilent) cut(asked) // it broke
    }
  }

  /** Makes the request, or `part` of it. Resolves when the server begins to answer; to nothing, where it does not. */
  #forward({ request, body }: Asked, part?: Uint8Array): Promise<IncomingMessage | undefined> {
    const { method, url, headers } = request
    return new Promise((resolve) => {
      const far = httpRequest({ ...this.#target, method, path: url, headers })
      far.on('error', () => resolve(undefined))
      far.once('response', (answer) => {
        answer.on('error', () => {})
        resolve(answer)
      })
      far.once('close', () => resolve(undefined))
      if (part) far.write(part, () => far.destroy())
      else far.end(body)
    })
  }
}

/** What its client may notice. */
interface Download {
  isSilent: boolean
}

const noBytes = Buffer.alloc(0)

/** Ends the connection that a request came by. */
function cut({ request }: Asked): void {
  request.socket.destroy()
}

/** Nobody hears the answer. A stream's would not end by itself. */
async function lose({ route }: Asked, answer: IncomingMessage | undefined): Promise<void> {
  if (route === 'stream') answer?.destroy()
  else await readWhole(answer)
}

/** Nothing, where it breaks off. */
async function readWhole(message: IncomingMessage | undefined): Promise<Buffer | undefined> {
  if (!message) return undefined
  const chunks: Buffer[] = []
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk)
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

/** The batches of a body; none, where it is not one of ours. */
function batchesIn(body: Uint8Array): string[] {
  try {
    return new ContainerReader(maxBatchBytes).push(body).map(({ batch }) => batch)
  } catch {
    return []
  }
}
