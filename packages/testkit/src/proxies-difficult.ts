import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * What a proxy does with WebSocket. `pass`: as it should. A number: it answers with this status. `close`: it lets the
 * upgrade through and closes at once. `hang`: it never answers.
 */
export type UpgradeMood = 'pass' | 'close' | 'hang' | number

/** An HTTP proxy that makes difficulties, and may stop making them. */
export interface DifficultProxy extends AsyncDisposable {
  readonly port: number
  upgrades: UpgradeMood
  /** Whether it keeps responses until they are complete. */
  isBuffering: boolean
  /** What says that its body is larger is answered 413, as nginx does, and goes no further. */
  maxBodyBytes: number
  /** How many requests were. */
  readonly refused: number
  /** Ends the WebSockets that are open, without a word. */
  readonly cutWebSockets: () => void
  /** How many WebSockets there are, with those that hang. */
  readonly openWebSockets: () => number
  /** The path of every request, `upgrade` for one to WebSocket. */
  readonly seen: string[]
}

/** Starts one before a port of this machine. */
export async function openDifficultProxy(
  targetPort: number,
  mood: { readonly upgrades?: UpgradeMood; readonly isBuffering?: boolean; readonly maxBodyBytes?: number } = {},
): Promise<DifficultProxy> {
  const seen: string[] = []
  const webSockets = new Set<Duplex>()
  const sockets = new Set<Socket>()

  const server = createServer((request, response) => {
    seen.push(request.url ?? '')
    if (Number(request.headers['content-length']) > proxy.maxBodyBytes) {
      proxy.refused++
      request.resume() // as nginx does, for a while: who is cut off while it sends reads no answer
      return void response.writeHead(413, { connection: 'close' }).end('<h1>413 Request Entity Too Large</h1>')
    }
    forward(targetPort, request, response, () => proxy.isBuffering)
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('upgrade', (request, near: Duplex, head) => {
    seen.push('upgrade')
    near.on('error', () => {})
    webSockets.add(near)
    near.once('close', () => webSockets.delete(near))
    const { upgrades } = proxy
    if (upgrades === 'hang') return
    if (typeof upgrades === 'number') return void near.end(`HTTP/1.1 ${upgrades} No\r\nContent-Length: 0\r\n\r\n`)
    const far = connect(targetPort, '127.0.0.1')
    far.on('error', () => near.destroy())
    far.once('close', () => near.destroy())
    near.once('close', () => far.destroy())
    far.write(`GET ${request.url} HTTP/1.1\r\n${headerLines(request)}\r\n`)
    far.write(head)
    if (upgrades === 'close') {
      // The 101 goes through, and nothing after it.
      far.once('data', (data: Buffer) => {
        const end = data.indexOf('\r\n\r\n') + 4
        near.end(data.subarray(0, end))
        far.destroy()
      })
      return
    }
    far.pipe(near)
    near.pipe(far)
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy: DifficultProxy & { refused: number } = {
    port: (server.address() as AddressInfo).port,
    upgrades: mood.upgrades ?? 'pass',
    isBuffering: mood.isBuffering ?? false,
    maxBodyBytes: mood.maxBodyBytes ?? Number.POSITIVE_INFINITY,
    refused: 0,
    seen,
    cutWebSockets: () => webSockets.forEach((socket) => socket.destroy()),
    openWebSockets: () => webSockets.size,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      sockets.forEach((socket) => socket.destroy())
      await closed
    },
  }
  return proxy
}

function forward(targetPort: number, near: IncomingMessage, answer: ServerResponse, isBuffering: () => boolean): void {
  const far = httpRequest({
    port: targetPort,
    host: '127.0.0.1',
    method: near.method,
    path: near.url,
    headers: near.headers,
  })
  far.on('error', () => answer.destroy())
  far.on('response', (response) => {
    response.on('error', () => answer.destroy())
    const kept: Buffer[] = []
    const head = () => {
      if (!answer.headersSent) answer.writeHead(response.statusCode ?? 502, response.headers).flushHeaders()
    }
    if (!isBuffering()) head()
    response.on('data', (chunk: Buffer) => {
      if (isBuffering()) return void kept.push(chunk)
      head()
      answer.write(Buffer.concat([...kept.splice(0), chunk]))
    })
    response.on('end', () => {
      head()
      answer.end(Buffer.concat(kept))
    })
  })
  answer.on('close', () => far.destroy())
  near.pipe(far)
}

function headerLines({ rawHeaders }: IncomingMessage): string {
  let lines = ''
  for (let i = 0; i < rawHeaders.length; i += 2) lines += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  return lines
}
