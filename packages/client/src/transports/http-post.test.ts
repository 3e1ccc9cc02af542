import { getEventListeners } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { post as postByFetch } from './http-post-browser.ts'
import { post as postByNode } from './http-post-node.ts'
import type { HttpRequest } from './http-post.ts'
import { reasonOf } from './reason-of.ts'

const ways = [
  ['fetch', postByFetch],
  ['node:http', postByNode],
] as const

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = (answer: (request: IncomingMessage, response: ServerResponse) => unknown) =>
  listen(createServer((request, response) => void answer(request, response)))

/** A server that writes bytes of its own. `onRequest`: its sockets, whenever something comes. */
const serveRaw = (onRequest: (socket: Socket) => void) =>
  listen(
    createSocketServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', () => onRequest(socket))
    }),
  )

const to = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  url,
  body: undefined,
  token: undefined,
  number: undefined,
  signal: new AbortController().signal,
  ...more,
})

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text))
const textOf = (body: ArrayBuffer | Uint8Array) => new TextDecoder().decode(body)

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

describe.each(ways)('by %s', (_, post) => {
  test('sends a body with its length, and who it is', async () => {
    const got: unknown[] = []
    const url = await serve(async (request, response) => {
      const { method, url: path, headers } = request
      got.push([method, path, headers['content-length'], headers['content-type'], await read(request)])
      got.push([headers['typewire-connection'], headers['typewire-request'], headers['transfer-encoding']])
      got.push([headers['user-agent'], headers.accept])
      response.writeHead(200, { 'typewire-sent': '3' }).end('the answer')
    })
    const answer = await post(to(`${url}/up?a=b`, { body: bytes('some'), token: 't', number: 7 }))
    expect([answer.ok, answer.status]).toEqual([true, 200])
    expect([answer.headers.get('typewire-sent'), answer.headers.get('typewire-connection')]).toEqual(['3', null])
    const body = await answer.arrayBuffer()
    expect([body.constructor, textOf(body)]).toEqual([ArrayBuffer, 'the answer'])
    expect(got).toEqual([
      ['POST', '/up?a=b', '4', 'application/octet-stream', 'some'],
      ['t', '7', undefined],
      ['node', '*/*'],
    ])
  })

  test('without a body says so', async () => {
    const url = await serve(({ headers }, response) => response.end(headers['content-length']))
    expect(textOf(await (await post(to(url))).arrayBuffer())).toBe('0')
  })

  test('a body that comes in pieces is joined, or given as it comes', async () => {
    let response: ServerResponse
    const url = await serve((_request, given) => {
      response = given
      given.write('one')
    })
    const whole = (await post(to(url))).arrayBuffer()
    response!.write('two')
    response!.end('three')
    expect(textOf(await whole)).toBe('onetwothree')

    const reader = (await post(to(url))).body!.getReader()
    const first = await reader.read()
    expect([first.value instanceof Uint8Array, textOf(first.value as Uint8Array)]).toEqual([true, 'one'])
    response!.end('two')
    expect(textOf((await reader.read()).value as Uint8Array)).toBe('two')
    expect(await reader.read()).toMatchObject({ done: true })
  })

  test.each([204, 400, 500])('an answer of %d leaves its connection to a later request', async (status) => {
    const ports: unknown[] = []
    const url = await serve((request, response) => {
      ports.push(request.socket.remotePort)
      response.writeHead(status).end(status === 204 ? undefined : 'why')
    })
    await vi.waitFor(async () => {
      const answer = await post(to(url))
      expect([answer.ok, answer.status]).toEqual([status === 204, status])
      if (answer.ok) await answer.arrayBuffer()
      expect(new Set(ports).size).toBeLessThan(ports.length)
    })
  })

  describe('an abort', () => {
    test('before the request makes none', async () => {
      const answer = vi.fn<() => void>()
      const url = await serve(answer)
      await expect(post(to(url, { signal: AbortSignal.abort() }))).rejects.toThrow(/abort/)
      expect(answer).not.toHaveBeenCalled()
    })

    test('before the answer rejects, and ends the request', async () => {
      const closed = vi.fn<() => void>()
      const controller = new AbortController()
      const url = await serve((request) => {
        request.once('close', () => closed())
        controller.abort()
      })
      await expect(post(to(url, { signal: controller.signal }))).rejects.toThrow(/abort/)
      await vi.waitFor(() => expect(closed).toHaveBeenCalled())
    })

    test.each(['whole', 'as it comes'])('amid a body that is read %s rejects, and ends the request', async (how) => {
      const closed = vi.fn<() => void>()
      const controller = new AbortController()
      const url = await serve((_request, response) => {
        response.once('close', () => closed())
        response.write('one')
      })
      const answer = await post(to(url, { signal: controller.signal }))
      const reader = how === 'whole' ? undefined : answer.body!.getReader()
      if (reader) await reader.read()
      const rest = reader ? reader.read() : answer.arrayBuffer()
      controller.abort()
      await expect(rest).rejects.toThrow(/abort/)
      await vi.waitFor(() => expect(closed).toHaveBeenCalled())
    })
  })

  test.each([
    ['whole', 'content-length: 10'],
    ['as it comes', 'content-length: 10'],
    ['whole', 'transfer-encoding: chunked'],
    ['as it comes', 'transfer-encoding: chunked'],
  ])('a connection that is cut amid a body, read %s, is an error (%s)', async (how, header) => {
    const body = header.includes('chunked') ? '3\r\none\r\n' : 'one'
    let socket: Socket
    const url = await serveRaw((given) => {
      socket = given
      given.write(`HTTP/1.1 200 OK\r\n${header}\r\n\r\n${body}`)
    })
    const answer = await post(to(url))
    const reader = how === 'whole' ? undefined : answer.body!.getReader()
    if (reader) await reader.read()
    const rest = reader ? reader.read() : answer.arrayBuffer()
    socket!.end()
    const reason = await rest.then(String, reasonOf)
    expect(reason).toMatch(/^the answer ended early: ECONNRESET$|^terminated: UND_ERR_SOCKET$/)
  })

  test('a connection that is cut before the answer is an error', async () => {
    const url = await serveRaw((socket) => void socket.resetAndDestroy())
    expect(await post(to(url)).then(String, reasonOf)).toMatch(/ECONNRESET/)
  })

  test('a refused connection says so', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await post(to(`http://127.0.0.1:${port}`)).then(String, reasonOf)).toMatch(/ECONNREFUSED/)
  })

  test.each([307, 308])('goes where it is sent by a %d', async (status) => {
    const target = await serve(({ method, url }, response) => response.end(`${method} ${url}`))
    const url = await serve((_request, response) => response.writeHead(status, { location: `${target}/there` }).end())
    expect(textOf(await (await post(to(url))).arrayBuffer())).toBe('POST /there')
  })

  test('does not go round in circles', async () => {
    const url = await serve((_request, response) => response.writeHead(307, { location: '/' }).end())
    await expect(post(to(url)).then(String, reasonOf)).resolves.toMatch(
      /answered 307 more than 5 times|redirect count exceeded/,
    )
  })
})

/** The second request meets a connection that is no more, as it does when both cross. */
async function serveAllButTheSecond() {
  let requests = 0
  const url = await serveRaw((socket) => {
    if (++requests === 2) socket.resetAndDestroy()
    else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
  })
  return { url, requests: () => requests }
}

describe('by node:http', () => {
  test.each([307, 308])(
    'goes where it is sent by a %d with all that it has, which Node’s `fetch` fails to',
    async (status) => {
      const target = await serve(async (request, response) => {
        response.end(`${request.url} ${String(request.headers['typewire-connection'])} ${await read(request)}`)
      })
      const url = await serve((_request, response) => response.writeHead(status, { location: `${target}/there` }).end())
      const answer = await postByNode(to(url, { body: bytes('some'), token: 't' }))
      expect(textOf(await answer.arrayBuffer())).toBe('/there t some')
    },
  )

  test('takes another connection for a hello than one that the server has closed meanwhile, as browsers do', async () => {
    const { url, requests } = await serveAllButTheSecond()
    await (await postByNode(to(url))).arrayBuffer()
    expect(textOf(await (await postByNode(to(url))).arrayBuffer())).toBe('ok')
    expect(requests()).toBe(3)
  })

  test('leaves nothing on the signal', async () => {
    const url = await serve((_request, response) => response.end('ok'))
    const { signal } = new AbortController()
    await (await postByNode(to(url, { signal }))).arrayBuffer()
    await vi.waitFor(() => expect(getEventListeners(signal, 'abort')).toEqual([]))
  })

  test('treats a redirect that would make a GET of it as the refusal that it is', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/there' }).end())
    expect(await postByNode(to(url))).toMatchObject({ ok: false, status: 302 })
  })

  test.each(['ftp://127.0.0.1/', 'file:///etc/hosts'])('goes to no %s', async (location) => {
    const url = await serve((_request, response) => response.writeHead(307, { location }).end())
    await expect(postByNode(to(url))).rejects.toThrow('the server answered 307 to')
  })

  test('leaves it to others to repeat a request with a number', async () => {
    const { url, requests } = await serveAllButTheSecond()
    await (await postByNode(to(url))).arrayBuffer()
    await expect(postByNode(to(url, { number: 1 }))).rejects.toThrow('ECONNRESET')
    expect(requests()).toBe(2)
  })

  test('does not repeat a request of which an answer has begun', async () => {
    let requests = 0
    const url = await serveRaw((socket) => {
      if (++requests !== 2) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n', () => socket.resetAndDestroy())
    })
    await (await postByNode(to(url))).arrayBuffer()
    await expect(postByNode(to(url)).then((answer) => answer.arrayBuffer())).rejects.toThrow('ended early')
    await (await postByNode(to(url))).arrayBuffer() // one that had been repeated would have come before
    expect(requests).toBe(3)
  })

  test('reads no more of a stream than somebody takes', async () => {
    const chunk = Buffer.alloc(1024 * 1024)
    let response: ServerResponse
    const url = await serve((_request, given) => {
      response = given
      given.write(chunk)
    })
    const reader = (await postByNode(to(url))).body!.getReader()
    await reader.read()
    // More than the buffers of both sides and of the system hold.
    const size = 64
    for (let n = 1; n < size; n++) response!.write(chunk)
    response!.end()
    let turns = 0
    await vi.waitFor(() => expect(++turns).toBeGreaterThan(5))
    expect(response!.writableLength).toBeGreaterThan((size / 2) * chunk.length)
    let left = 0
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      left += value.length
    }
    expect(left).toBeGreaterThan((size - 1) * chunk.length)
  })
})
