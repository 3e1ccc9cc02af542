import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { defineContract, event, procedure } from '@typewire/core'
import { encodeContainer } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { turn } from '../../packages/testkit/src/turn.ts'
import { body, framesOf, hello, poll, sender, streamed } from './http-peer.ts'

const contract = defineContract({
  procedures: { add: procedure({ input: z.number(), output: z.number() }) },
  events: { toServer: { up: event(z.number()) }, toClient: { down: event(z.number()), news: event(z.string()) } },
})

async function start(options: Parameters<typeof createServer>[1] = {}) {
  const up: number[] = []
  const server = createServer(contract, { onError: () => {}, ...(options as object) })
  const ready = server.implement({
    procedures: { add: ({ input }) => input + 1 },
    events: { up: ({ payload }) => void up.push(payload) },
  })
  const httpServer = createHttpServer()
  ready.attach(httpServer)
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  const { port } = httpServer.address() as AddressInfo
  onTestFinished(() => {
    void ready.close({ drainMs: 0 }) // where the clock stands, a client that has just polled is waited for
    httpServer.close().closeAllConnections()
  })
  const url = `http://127.0.0.1:${port}/typewire`
  return { server, ready, httpServer, port, url, up, send: sender(fetch, url) }
}

const patiently = { timeout: 10_000, interval: 5 }

const upFrame = (n: number) => [24, 0, 'up', 0, n]

test('HT-1: a request that is repeated is answered, and its frames are not taken again (HT-4)', async () => {
  const { send, up } = await start()
  const { token } = await poll(send)
  const first = { token, number: 1, body: body([upFrame(1), [4, 0, 0]]) }
  expect((await send('/up', first)).status).toBe(204)
  expect((await send('/up', first)).status).toBe(204)
  expect((await send('/up', { token, number: 2, body: body([upFrame(2)]) })).status).toBe(204)
  expect((await send('/up', { token, number: 2, body: body([upFrame(9)]) })).status).toBe(204)
  expect(up).toEqual([1, 2])
})

test('two requests of one number at once are taken once (HT-4)', async () => {
  const { send, up } = await start()
  const { token } = await poll(send)
  const same = { token, number: 1, body: body([upFrame(1)]) }
  const answers = await Promise.all([send('/up', same), send('/up', same), send('/up', same)])
  expect(answers.map(({ status }) => status)).toEqual([204, 204, 204])
  expect(up).toEqual([1])
})

test.each([3, 0.5, -1, 'x', undefined])('a request numbered %s after the first is refused (HT-4)', async (number) => {
  const { send, up } = await start()
  const { token } = await poll(send)
  await send('/up', { token, number: 1, body: body([upFrame(1)]) })
  const response = await send('/up', { token, number, body: body([upFrame(3)]) })
  expect(response.status).toBe(409)
  expect(await response.text()).toContain('expected request 2')
  expect((await send('/up', { token, number: 2, body: body([upFrame(2)]) })).status).toBe(204)
  expect(up).toEqual([1, 2])
})

test('a poll that is repeated gets the same answer (HT-5)', async () => {
  const { server, send } = await start()
  const { token } = await poll(send)
  server.emit.down(1)
  const first = await framesOf(await send('/poll', { token, number: 1 }))
  server.emit.down(2)
  expect(first).toEqual([[24, 0, 'down', 0, 1]])
  expect(await framesOf(await send('/poll', { token, number: 1 }))).toEqual(first)
  expect(await framesOf(await send('/poll', { token, number: 2 }))).toEqual([[24, 0, 'down', 0, 2]])
  expect((await send('/poll', { token, number: 1 })).status).toBe(409)
  expect((await send('/poll', { token, number: 4 })).status).toBe(409)
})

test('a poll that waits is answered when it is repeated, and the repetition waits (HT-5)', async () => {
  const { server, send } = await start()
  const { token } = await poll(send)
  const waiting = send('/poll', { token, number: 1 })
  const repeated = send('/poll', { token, number: 1 })
  expect((await Promise.race([waiting, repeated])).status).toBe(409)
  server.emit.down(1)
  const frames = await Promise.all(
    [waiting, repeated].map(async (each) => ((await each).ok ? framesOf(await each) : [])),
  )
  expect(frames.flat()).toEqual([[24, 0, 'down', 0, 1]])
})

test('a poll is answered at its time limit with nothing (HT-5)', async () => {
  const clock = createFakeClock()
  const { send } = await start({ clock, heartbeat: { intervalMs: 100_000 } })
  const { token } = await poll(send)
  let answered: Response | undefined
  void send('/poll', { token, number: 1 }).then((response) => (answered = response))
  await expect.poll(async () => (await clock.advance(1_000), answered?.status), patiently).toBe(204)
  expect(clock.now()).toBeGreaterThanOrEqual(25_000)
})

test.each(['/up', '/poll'])('a POST to %s with an unknown token is answered 410 (HT-2)', async (path) => {
  const { send } = await start()
  const response = await send(path, { token: 'nobody', number: 1, body: body([upFrame(1)]) })
  expect(response.status).toBe(410)
})

test('a stream takes no polls (HT-2)', async () => {
  const { send } = await start()
  const response = await send('/stream', { body: hello() })
  const stream = streamed(response)
  expect((await stream.read())?.[0]).toBe(1)
  const token = response.headers.get('typewire-connection')!
  expect((await send('/poll', { token, number: 1 })).status).toBe(410)
  await stream.cancel()
})

test('another origin is refused, of every path and for every method', async () => {
  const { send, port } = await start()
  const headers = { origin: 'https://evil.example' }
  for (const path of ['/stream', '/poll', '/up', '']) {
    for (const method of ['POST', 'OPTIONS', 'GET']) {
      const response = await send(path, { headers, method, body: method === 'POST' ? hello() : undefined })
      expect([path, method, response.status]).toEqual([path, method, 403])
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(response.headers.get('vary')).toBe('Origin')
      const why = `The origin https://evil.example is not that of the host 127.0.0.1:${port}. Add it to \`origins\``
      expect(await response.text()).toContain(why)
    }
  }
})

test('an allowed origin may ask, and is answered, with credentials', async () => {
  const origin = 'https://app.example.com'
  const { send } = await start({ origins: [origin] })
  const preflight = await send('/poll', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,typewire-connection,typewire-request',
    },
  })
  expect(preflight.status).toBe(204)
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type, typewire-connection, typewire-request',
    vary: 'Origin',
  })
  const response = await send('/poll', { body: hello(), headers: { origin } })
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'typewire-connection, typewire-sent',
  })
  const other = await send('/poll', { method: 'OPTIONS', headers: { origin: 'https://other.example.com' } })
  expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, null])
  expect(await other.text()).toContain('https://other.example.com is not in `origins` of createServer')
  const gone = await send('/up', { token: 'nobody', headers: { origin } })
  expect([gone.status, gone.headers.get('access-control-allow-origin')]).toEqual([410, origin])
})

test('answers to requests without an origin say that they depend on it too', async () => {
  const { send } = await start()
  for (const method of ['POST', 'OPTIONS', 'GET']) {
    expect((await send('/poll', { method })).headers.get('vary')).toBe('Origin')
  }
})

test('a page of the same host needs no leave', async () => {
  const { send, port } = await start()
  const response = await send('/poll', { body: hello(), headers: { origin: `http://127.0.0.1:${port}` } })
  expect(response.status).toBe(200)
})

test('a body above the limit is answered 413, whether it says its length or not', async () => {
  const { send } = await start({ maxMessageBytes: 1_024 })
  const { token } = await poll(send)
  const bytes = new Uint8Array(600 * 1_024)
  expect((await send('/up', { token, number: 1, body: bytes })).status).toBe(413)
  expect((await send('/poll', { body: bytes })).status).toBe(413)
})

test('a body without end is not read without end', async () => {
  const { port } = await start()
  const socket = connectTcp(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', (data) => (answer += data.toString()))
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write('POST /typewire/poll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  const chunk = `${(65_536).toString(16)}\r\n${'x'.repeat(65_536)}\r\n`
  const more = () => {
    while (!socket.destroyed && socket.write(chunk)) if (socket.bytesWritten > 256 * 1_048_576) return
    if (!socket.destroyed) socket.once('drain', more)
  }
  more()
  await closed
  expect(answer === '' || answer.startsWith('HTTP/1.1 413')).toBe(true) // a reset may overtake the answer
  expect(socket.bytesWritten).toBeLessThan(64 * 1_048_576)
})

test.each(['/poll', '/stream', '/up'])('a body to %s that comes without end is answered 408 in time', async (path) => {
  const clock = createFakeClock()
  const { port, send, up } = await start({ clock, helloTimeoutMs: 10_000, bodyTimeoutMs: 10_000, heartbeat: false })
  const { token } = await poll(send)
  const socket = connectTcp(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {}) // what dribbles on is reset
  let answer = ''
  socket.on('data', (data) => (answer += data.toString()))
  const head = `POST /typewire${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n`
  socket.write(`${head}${path === '/up' ? `typewire-connection: ${token}\r\ntypewire-request: 1\r\n` : ''}\r\n`)
  const dribble = async () => {
    if (socket.writable) socket.write('x')
    await clock.advance(500)
    return answer
  }
  await expect.poll(dribble, patiently).toMatch(/^HTTP\/1.1 408/)
  expect(clock.now()).toBeGreaterThanOrEqual(10_000)
  await expect.poll(() => socket.readyState).toBe('closed')
  expect((await send('/up', { token, number: 1, body: body([upFrame(1)]) })).status).toBe(204) // it was not taken
  expect(up).toEqual([1])
})

test.each([
  ['no container', new Uint8Array([1, 2, 3])],
  ['half a container', body([upFrame(1)]).slice(0, -1)],
  ['a container without its parts', new Uint8Array([0, 0, 0, 2, 0, 0, 0, 1, 0x5b, 0x5d])],
  ['no UTF-8', new Uint8Array([0, 0, 0, 2, 0, 0, 0, 0, 0xff, 0xff])],
  [
    'a container of 1,001 parts',
    encodeContainer(
      '[[16]]',
      Array.from({ length: 1_001 }, () => new Uint8Array()),
    ),
  ],
])('a body that is %s is answered 400, and its connection closes (HT-3)', async (_, garbage) => {
  const { send, server } = await start()
  expect((await send('/stream', { body: garbage })).status).toBe(400)
  const response = await send('/stream', { body: hello() })
  const stream = streamed(response)
  const token = response.headers.get('typewire-connection')!
  expect((await stream.read())?.[0]).toBe(1)
  expect((await send('/up', { token, number: 1, body: garbage })).status).toBe(400)
  expect((await stream.read())?.slice(0, 2)).toEqual([3, 4400])
  expect(await stream.read()).toBeUndefined()
  expect((await send('/up', { token, number: 2, body: body([upFrame(1)]) })).status).toBe(410)
  expect([...server.sessions]).toEqual([])
})

test('a message above the limit ends the session, as on a WebSocket (RS-9)', async () => {
  const { send, server } = await start({ maxMessageBytes: 1_024 })
  const { token } = await poll(send)
  const response = await send('/up', { token, number: 1, body: body([[16, 'x'.repeat(1_024)]]) })
  expect(response.status).toBe(413)
  expect([...server.sessions]).toEqual([])
})

test('a message with parts is taken up to the limit, all of it counted; a byte more ends the session (WR-6)', async () => {
  const { send, server } = await start({ maxMessageBytes: 1_024 })
  const { token } = await poll(send)
  const empty = encodeContainer('[[16]]', [new Uint8Array()]).length
  const sized = (size: number) => encodeContainer('[[16]]', [new Uint8Array(size - empty)])
  expect((await send('/up', { token, number: 1, body: sized(1_024) })).status).toBe(204)
  expect((await send('/up', { token, number: 2, body: sized(1_025) })).status).toBe(413)
  expect([...server.sessions]).toEqual([])
})

test.each(['GET', 'HEAD', 'PUT', 'DELETE'])('%s is answered 405', async (method) => {
  const { send } = await start()
  const response = await send('/stream', { method })
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
})

test('of the paths below ours, those that are not for clients are the application’s', async () => {
  const { send, httpServer } = await start()
  httpServer.on('request', (_, response) => void response.writeHead(418).end())
  for (const path of ['/nothing', '/', '/stream/', '/up/x']) {
    expect([path, (await send(path, { body: hello() })).status]).toEqual([path, 418])
  }
  expect((await send('', { body: hello() })).status).toBe(404)
})

test('of two servers on one http server, one may be below the other', async () => {
  const { httpServer, port } = await start()
  const handlers = { procedures: { add: ({ input }: { input: number }) => input }, events: { up: () => {} } }
  // What is attached last sees requests first.
  for (const path of ['/outer/inner', '/outer']) {
    const ready = createServer(contract, { path }).implement(handlers)
    ready.attach(httpServer)
    onTestFinished(() => ready.close({ drainMs: 0 }))
  }
  expect((await poll(sender(fetch, `http://127.0.0.1:${port}/outer/inner`))).welcome).toMatchObject({ version: 1 })
  expect((await poll(sender(fetch, `http://127.0.0.1:${port}/outer`))).welcome).toMatchObject({ version: 1 })
})

test('other routes of an http server are untouched, whether their listeners come before or after', async () => {
  const httpServer = createHttpServer()
  httpServer.on('request', (request, response) => {
    if (request.url === '/before') response.end('before')
  })
  const ready = createServer(contract).implement({
    procedures: { add: ({ input }) => input },
    events: { up: () => {} },
  })
  ready.attach(httpServer)
  httpServer.on('request', (request, response) => {
    if (request.url === '/after' || request.url === '/typewiredly') response.end('after')
  })
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
  onTestFinished(() => void httpServer.close())
  expect(await (await fetch(`${url}/before`)).text()).toBe('before')
  expect(await (await fetch(`${url}/after`)).text()).toBe('after')
  expect(await (await fetch(`${url}/typewiredly`)).text()).toBe('after')
  expect((await poll(sender(fetch, `${url}/typewire`))).welcome).toMatchObject({ version: 1 })
  await ready.close({ drainMs: 0 })
  expect(await (await fetch(`${url}/before`)).text()).toBe('before')
})

test('beside an application that answers 404 to all that it does not know, we are served', async () => {
  const httpServer = createHttpServer((_, response) => {
    response.writeHead(404).end()
  })
  const ready = createServer(contract).implement({
    procedures: { add: ({ input }) => input },
    events: { up: () => {} },
  })
  ready.attach(httpServer)
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void httpServer.close())
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
  expect((await poll(sender(fetch, `${url}/typewire`))).welcome).toMatchObject({ version: 1 })
  expect((await fetch(url)).status).toBe(404)
  await ready.close({ drainMs: 0 })
  expect((await fetch(`${url}/typewire/poll`, { method: 'POST' })).status).toBe(404)
})

test('of two servers on one http server, each can be closed first', async () => {
  const httpServer = createHttpServer((_, response) => void response.writeHead(404).end())
  const handlers = { procedures: { add: ({ input }: { input: number }) => input }, events: { up: () => {} } }
  const [one, two] = ['/one', '/two'].map((path) => createServer(contract, { path }).implement(handlers))
  one!.attach(httpServer)
  two!.attach(httpServer)
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void httpServer.close())
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`
  await one!.close({ drainMs: 0 })
  expect((await fetch(`${url}/one/poll`, { method: 'POST' })).status).toBe(404)
  expect((await poll(sender(fetch, `${url}/two`))).welcome).toMatchObject({ version: 1 })
  await two!.close({ drainMs: 0 })
  expect((await fetch(`${url}/two/poll`, { method: 'POST' })).status).toBe(404)
})

test('a server that closes answers the polls that wait, with why', async () => {
  const { send, ready } = await start()
  const { token } = await poll(send)
  const waiting = send('/poll', { token, number: 1 })
  await send('/up', { token, number: 1, body: body([upFrame(1)]) }) // the poll before it has come
  const closed = ready.close({ drainMs: 0 })
  const kinds = (await framesOf(await waiting)).map(([kind, code]) => [kind, code])
  expect(kinds).toContainEqual([3, 4503])
  await closed
})

test('a server that closes gives a client between two polls its reason', async () => {
  const { send, ready } = await start()
  const { token } = await poll(send)
  const closed = ready.close({ drainMs: 0 })
  const kinds = (await framesOf(await send('/poll', { token, number: 1 }))).map(([kind, code]) => [kind, code])
  expect(kinds).toContainEqual([3, 4503])
  await closed
})

test('a server that closes waits a second for the next poll of a client, not longer', async () => {
  const clock = createFakeClock()
  const { send, ready } = await start({ clock })
  await poll(send)
  await clock.advance(400)
  let isClosed = false
  const closed = ready.close({ drainMs: 0 }).then(() => (isClosed = true))
  await clock.advance(500)
  expect(isClosed).toBe(false)
  await clock.advance(200)
  await closed
})

test('a hello whose body ends behind the end of the server is told so, and close resolves', async () => {
  const { server, ready, port } = await start()
  const bytes = hello()
  const say = (end: number) => {
    const socket = connectTcp(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let heard = ''
    socket.on('data', (data) => (heard += data.toString()))
    socket.write(`POST /typewire/stream HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`)
    socket.write(bytes.subarray(0, end))
    return { socket, heard: () => heard }
  }
  const late = say(10)
  const held = say(bytes.length) // reads on, so that the server has a connection to end
  await expect.poll(() => [...server.sessions].length, patiently).toBe(1)
  const closed = ready.close({ drainMs: 0, retryAfterMs: 1_234 })
  late.socket.write(bytes.subarray(10))
  await expect.poll(late.heard, patiently).toContain('[[3,4503,"the server is closing",{"retryAfterMs":1234}]]')
  expect(held.heard()).toContain('[[3,4503,')
  await closed
  expect([...server.sessions]).toEqual([])
})

test('a server that closes does not wait for a client that polls no more', async () => {
  const clock = createFakeClock()
  const { send, ready, server } = await start({ clock })
  await poll(send)
  await clock.advance(1_100) // it has vanished
  const { token } = await poll(send)
  await send('/up', { token, number: 1, body: body([[3, 1000, 'closed', 0]]) })
  expect([...server.sessions]).toHaveLength(1)
  await ready.close({ drainMs: 0 }) // its clock stands
})

test('a stream whose reader takes nothing ends all the same', async () => {
  const clock = createFakeClock()
  const { server, ready, port } = await start({ clock, maxBufferBytes: 16_777_216 })
  const socket = connectTcp(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  const bytes = hello({ window: 1_000_000_000 })
  socket.write(`POST /typewire/stream HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes.length}\r\n\r\n`)
  socket.write(bytes)
  await new Promise((resolve) => socket.once('data', resolve))
  socket.pause()
  while ([...server.sessions].length > 0) {
    server.emit.news('x'.repeat(65_536))
    await turn()
  }
  let isClosed = false
  void ready.close({ drainMs: 0 }).then(() => (isClosed = true))
  await expect.poll(async () => (await clock.advance(1_000), isClosed), patiently).toBe(true)
})
