import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer as createHttpServer, get, type Server as HttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createClient } from '@typewire/client'
import { defineContract, procedure } from '@typewire/core'
import { createServer, type OnError, type ServerOptions } from '@typewire/server'
import { connectRawPeer, type UpgradeRefused } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const contract = defineContract({ procedures: { echo: procedure({ input: z.string(), output: z.string() }) } })
type Echo = typeof contract

const echoServer = (options?: ServerOptions<Echo, { readonly identity: null }>) =>
  createServer(contract, { onError: () => {}, ...options }).implement({ procedures: { echo: ({ input }) => input } })

function echoClient(url: string) {
  const client = createClient<Echo>({ url })
  onTestFinished(() => client.close())
  return client
}

/** An HTTP server with a route and an upgrade handler of its own. */
async function ownHttp() {
  const http = createHttpServer((request, response) => response.end(`route ${request.url}`))
  const sockets = new WebSocketServer({ noServer: true })
  sockets.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(`own ${(data as Buffer).toString()}`)),
  )
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate()
    http.closeAllConnections()
    await new Promise((resolve) => {
      http.close(resolve)
    })
  })
  const { port } = http.address() as AddressInfo
  const takeUpgrades = () =>
    http.on('upgrade', (request, socket, head) => {
      if (request.url !== '/own') return
      sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request))
    })
  return { http, port, url: `http://127.0.0.1:${port}`, takeUpgrades }
}

const statusOf = (refused: unknown) => (refused as UpgradeRefused).status
const upgradeStatus = (url: string, headers?: Record<string, string>) =>
  connectRawPeer(url, { headers }).then((peer) => (peer.cut(), 101), statusOf)

const body = (url: string) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode, text }))
    }).on('error', reject)
  })

describe('listen', () => {
  test('picks a free port for 0, says which, and serves on it', async () => {
    const { port, url } = await serve(echoServer())
    expect(port).toBeGreaterThan(0)
    expect(await echoClient(url).call.echo('hi')).toBe('hi')
  })

  test('rejects with EADDRINUSE where another listens, and can be called again', async () => {
    const { port } = await serve(echoServer())
    const second = echoServer()
    onTestFinished(() => second.close())
    await expect(second.listen(port, { host: '127.0.0.1' })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    const free = await second.listen(0, { host: '127.0.0.1' })
    expect(await echoClient(`http://127.0.0.1:${free.port}`).call.echo('hi')).toBe('hi')
  })

  test('serves on several ports at once', async () => {
    const listening = echoServer()
    const [one, two] = [await serve(listening), await serve(listening)]
    expect(await echoClient(one.url).call.echo('1')).toBe('1')
    expect(await echoClient(two.url).call.echo('2')).toBe('2')
  })

  test('answers requests that are no upgrades with 404 and where Typewire is', async () => {
    const { url } = await serve(echoServer({ path: '/live' }))
    expect(await body(url)).toEqual({ status: 404, text: 'Typewire is at /live.\n' })
    expect(await body(`${url}/live`)).toMatchObject({ status: 405 })
  })

  test("keeps Node's limits of time for headers, requests and idle connections", async () => {
    const { url } = await serve(echoServer())
    let server: HttpServer | undefined
    const onRequest = (told: unknown) => (server = (told as { server: HttpServer }).server)
    subscribe('http.server.request.start', onRequest)
    await body(url)
    unsubscribe('http.server.request.start', onRequest)
    const { headersTimeout, requestTimeout, keepAliveTimeout } = createHttpServer()
    expect(server).toMatchObject({ headersTimeout, requestTimeout, keepAliveTimeout })
    expect(Math.min(headersTimeout, requestTimeout, keepAliveTimeout)).toBeGreaterThan(0)
  })

  test('rejects once the server was closed', async () => {
    const listening = echoServer()
    await listening.close()
    await expect(listening.listen(0, { host: '127.0.0.1' })).rejects.toThrow(TypeError)
  })

  test('leaves nothing open where the server is closed before it listens', async () => {
    const listening = echoServer()
    const listens = listening.listen(0, { host: '127.0.0.1' })
    await listening.close()
    const port = await listens.then(
      (address) => address.port,
      () => undefined,
    )
    const refused = port === undefined ? 'never listened' : await upgradeStatus(`http://127.0.0.1:${port}/typewire`)
    expect(['never listened', undefined]).toContain(refused)
  })
})

describe('a lone server', () => {
  test.each(['/', '/other', '/typewire/more'])('WR-7: answers an upgrade to %s with 404', async (path) => {
    const { url } = await serve(echoServer())
    expect(await upgradeStatus(url + path)).toBe(404)
  })

  test('serves on the path that it was given, and on that alone', async () => {
    const { url } = await serve(echoServer({ path: '/live' }))
    expect(await upgradeStatus(`${url}/live`)).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`)).toBe(404)
    expect(await echoClient(`${url}/live`).call.echo('hi')).toBe('hi')
  })
})

describe('attach', () => {
  test.each(['before', 'after'])('leaves routes and upgrade handlers alone that came %s it', async (when) => {
    const { http, url, takeUpgrades } = await ownHttp()
    const listening = echoServer()
    onTestFinished(() => listening.close())
    if (when === 'before') takeUpgrades()
    listening.attach(http)
    if (when === 'after') takeUpgrades()

    expect(await echoClient(url).call.echo('hi')).toBe('hi')
    expect(await body(`${url}/page`)).toEqual({ status: 200, text: 'route /page' })
    const own = new WebSocket(`${url.replace('http', 'ws')}/own`)
    const answer = new Promise((resolve) => {
      own.once('message', (data) => resolve((data as Buffer).toString()))
    })
    own.once('open', () => own.send('hi'))
    expect(await answer).toBe('own hi')
  })

  test('answers other upgrades with 404 where nobody else is there to take them', async () => {
    const { http, url } = await ownHttp()
    const listening = echoServer()
    onTestFinished(() => listening.close())
    listening.attach(http)
    expect(await upgradeStatus(`${url}/own`)).toBe(404)
  })

  test('serves two servers of Typewire on one http server, each on its path', async () => {
    const { http, url } = await ownHttp()
    const [one, two] = [echoServer({ path: '/one' }), echoServer({ path: '/two' })]
    onTestFinished(async () => {
      await Promise.all([one.close(), two.close()])
    })
    one.attach(http)
    two.attach(http)
    expect(await echoClient(`${url}/one`).call.echo('1')).toBe('1')
    expect(await echoClient(`${url}/two`).call.echo('2')).toBe('2')
  })

  test('answers an upgrade to a third path with 404, where two servers of Typewire are all that listen', async () => {
    const { http, url } = await ownHttp()
    const [one, two] = [echoServer({ path: '/one' }), echoServer({ path: '/two' })]
    onTestFinished(async () => {
      await Promise.all([one.close(), two.close()])
    })
    one.attach(http)
    two.attach(http)
    expect(await upgradeStatus(`${url}/three`)).toBe(404)
    await one.close()
    expect(await upgradeStatus(`${url}/one`)).toBe(404)
    expect(await upgradeStatus(`${url}/two`)).toBe(101)
  })

  test.each(['before', 'after'])(
    'is served beside a server that came %s it and refuses all other paths',
    async (when) => {
      const { http, url } = await ownHttp()
      const listening = echoServer()
      if (when === 'after') listening.attach(http)
      const other = new WebSocketServer({ server: http, path: '/own' })
      if (when === 'before') listening.attach(http)
      onTestFinished(async () => {
        await listening.close()
        other.close()
      })
      const peer = await connectRawPeer(`${url}/typewire`)
      expect(await peer.hello()).toMatchObject({ version: 1 })
      peer.cut()
      expect(await upgradeStatus(`${url}/own`)).toBe(101)
      expect(await upgradeStatus(`${url}/nobody`)).toBe(400) // as that server says it
    },
  )

  test('close detaches, closes the connections, and leaves the http server running', async () => {
    const { http, url } = await ownHttp()
    const listening = echoServer()
    listening.attach(http)
    const peer = await connectRawPeer(`${url}/typewire`)
    await peer.hello()
    await listening.close()
    expect(await peer.closed()).toMatchObject({ code: 4503 })
    expect(http.listenerCount('upgrade')).toBe(0)
    expect(await body(`${url}/page`)).toEqual({ status: 200, text: 'route /page' })
    expect(() => listening.attach(http)).toThrow(TypeError)
  })

  test('refuses an HTTP/2 server, and says what to do', () => {
    expect(() => echoServer().attach(createHttp2Server() as unknown as HttpServer)).toThrow(
      /^attach: this is an HTTP\/2 server\. Give an http\.Server/,
    )
  })
})

describe('origins', () => {
  const page = (origin: string) => ({ origin })

  test('by default lets pages of the same host connect, and what is no browser', async () => {
    const { port, url } = await serve(echoServer())
    expect(await upgradeStatus(`${url}/typewire`)).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page(url))).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page(`https://127.0.0.1:${port}`))).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page('http://127.0.0.1'))).toBe(403)
    expect(await upgradeStatus(`${url}/typewire`, page(`http://localhost:${port}`))).toBe(403)
    expect(await upgradeStatus(`${url}/typewire`, page('null'))).toBe(403)
  })

  test('given, lets exactly these connect, not even the same host', async () => {
    const { url } = await serve(echoServer({ origins: ['https://app.example.com'] }))
    expect(await upgradeStatus(`${url}/typewire`)).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page('https://app.example.com'))).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page(url))).toBe(403)
    expect(await upgradeStatus(`${url}/typewire`, page('http://app.example.com'))).toBe(403)
    expect(await upgradeStatus(`${url}/typewire`, page('https://app.example.com.evil.example'))).toBe(403)
  })

  test('empty, lets no page connect', async () => {
    const { url } = await serve(echoServer({ origins: [] }))
    expect(await upgradeStatus(`${url}/typewire`, page(url))).toBe(403)
    expect(await upgradeStatus(`${url}/typewire`)).toBe(101)
  })

  test('those of apps and extensions can be given', async () => {
    const origins = ['capacitor://localhost', 'chrome-extension://abcdef']
    const { url } = await serve(echoServer({ origins }))
    for (const origin of origins) expect(await upgradeStatus(`${url}/typewire`, page(origin))).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page('chrome-extension://other'))).toBe(403)
  })

  test('a refused one is told to the operator once, and so are a hundred at most', async () => {
    const told: unknown[][] = []
    const onError: OnError = (error, { where }) => void told.push([where, (error as Error).message])
    const { url } = await serve(echoServer({ origins: ['https://app.example.com'], onError }))
    const refused = async (origin: string) => {
      expect(await upgradeStatus(`${url}/typewire`, page(origin))).toBe(403)
      const answer = await fetch(`${url}/typewire/stream`, { method: 'POST', headers: page(origin) })
      expect(answer.status).toBe(403)
    }
    for (let i = 0; i < 2; i++) await refused('http://localhost:5173')
    const why = 'The origin http://localhost:5173 is not in `origins` of createServer. Add it there.'
    expect(told).toEqual([['origins', why]])
    for (let i = 0; i < 101; i++) await refused(`http://localhost:${i + 1}`)
    expect(told).toHaveLength(100)
  })

  test("'*' lets every page connect", async () => {
    const { url } = await serve(echoServer({ origins: '*' }))
    expect(await upgradeStatus(`${url}/typewire`, page('https://anywhere.example'))).toBe(101)
    expect(await upgradeStatus(`${url}/typewire`, page('null'))).toBe(101)
  })
})

describe('createServer and implement refuse what cannot be', () => {
  test.each([
    ['a path without a slash', { path: 'typewire' }, TypeError],
    ['an origin with a path', { origins: ['https://app.example.com/'] }, TypeError],
    ['an origin without a scheme', { origins: ['app.example.com'] }, TypeError],
    ['a time limit of 0', { timeoutMs: 0 }, RangeError],
    ['a time limit that is no number', { timeoutMs: Number.NaN }, RangeError],
    ['too few calls', { maxCalls: 63 }, RangeError],
    ['too small messages', { maxMessageBytes: 1_023 }, RangeError],
    ['a buffer that is no number', { maxBufferBytes: Number.POSITIVE_INFINITY }, RangeError],
    ['rooms below 0', { maxRooms: -1 }, RangeError],
    ['a hello that takes no time', { helloTimeoutMs: 0 }, RangeError],
  ])('%s', (_, options, error) => {
    expect(() => echoServer(options)).toThrow(error)
  })

  test('handlers that are missing, no functions, or of no name, and a second implement', () => {
    const handlers = { procedures: { echo: ({ input }: { input: string }) => input } }
    const implement = (given: unknown) => createServer(contract).implement(given as typeof handlers)
    expect(() => implement({})).toThrow('procedures.echo is missing')
    expect(() => implement({ procedures: { echo: 1 } })).toThrow('procedures.echo is not a function')
    expect(() => implement({ procedures: { ...handlers.procedures, more: () => 1 } })).toThrow('procedures.more')
    expect(() => implement({ procedures: Object.create(handlers.procedures) as unknown })).toThrow('missing')
    expect(() => implement({ ...handlers, events: { constructor: () => 1 } })).toThrow('events.constructor')
    const server = createServer(contract)
    server.implement(handlers)
    expect(() => server.implement(handlers)).toThrow('implement was called twice')
  })
})
