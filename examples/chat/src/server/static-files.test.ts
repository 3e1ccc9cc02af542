import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { staticFiles } from './static-files.ts'

let parent: string
let server: Server

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'typewire-static-'))
  await mkdir(join(parent, 'page', 'assets'), { recursive: true })
  await writeFile(join(parent, 'secret.txt'), 'secret')
  await writeFile(join(parent, 'page', 'index.html'), '<!doctype html>')
  const asset = join(parent, 'page', 'assets', 'main-1234.js')
  await writeFile(asset, 'export {}')
  await writeFile(`${asset}.gz`, gzipSync('export {}'))
  await writeFile(join(parent, 'page', 'assets', 'gone-1234.js'), '')
  server = createServer(staticFiles(join(parent, 'page')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(parent, { recursive: true })
})

/** As it stands: `fetch` would tidy the path up. */
async function ask(path: string, { method = 'GET', headers = {} } = {}) {
  const { port } = server.address() as AddressInfo
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, method, headers, agent: false }, resolve).on('error', reject).end()
  })
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

describe('staticFiles', () => {
  test('serves the page at /, to be asked for again', async () => {
    const { status, headers, body } = await ask('/?a=b')
    expect([status, body]).toEqual([200, '<!doctype html>'])
    expect(headers).toMatchObject({ 'content-type': 'text/html;charset=utf-8', 'cache-control': 'no-cache' })
    const again = await ask('/', { headers: { 'if-none-match': headers.etag } })
    expect([again.status, again.body]).toEqual([304, ''])
  })

  test('serves assets, which never change', async () => {
    const { status, headers, body } = await ask('/assets/main-1234.js')
    expect([status, body]).toEqual([200, 'export {}'])
    expect(headers['content-type']).toBe('text/javascript')
    expect(headers['cache-control']).toContain('immutable')
  })

  test.each([
    { accepted: 'gzip, deflate, br', encoding: 'gzip', bytes: gzipSync('export {}').length },
    { accepted: 'identity', encoding: undefined, bytes: 9 },
  ])('sends what is compressed to who takes $accepted', async ({ accepted, encoding, bytes }) => {
    const { status, headers } = await ask('/assets/main-1234.js', { headers: { 'accept-encoding': accepted } })
    expect(status).toBe(200)
    expect(headers['content-encoding']).toBe(encoding)
    expect(headers).toMatchObject({
      'content-type': 'text/javascript',
      'content-length': String(bytes),
      vary: 'Accept-Encoding',
    })
  })

  test.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..\\..\\secret.txt',
    '//secret.txt',
    '/assets',
    '/assets/',
    '/constructor',
    '/__proto__',
    '/%00',
    '/%',
  ])('has nothing at %s', async (path) => {
    const { status, body } = await ask(path)
    expect([status, body]).toEqual([404, 'There is nothing here.\n'])
  })

  test('answers HEAD without a body, and refuses to be written to', async () => {
    const head = await ask('/', { method: 'HEAD' })
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '15', ''])
    const post = await ask('/', { method: 'POST' })
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD'])
  })

  test.each(['bytes=5-2', 'bytes=2-5', 'bytes=900-', 'lines=1'])(
    'sends all of it where %s is asked for',
    async (range) => {
      const { status, body } = await ask('/assets/main-1234.js', { headers: { range } })
      expect([status, body]).toEqual([200, 'export {}'])
    },
  )

  test('goes on when a file has gone since', async () => {
    await rm(join(parent, 'page', 'assets', 'gone-1234.js'))
    await expect(ask('/assets/gone-1234.js')).rejects.toThrow('socket hang up')
    expect((await ask('/')).status).toBe(200)
  })

  test('lets the page connect to its own host alone, and nobody frame it', async () => {
    const policyOf = async (host: string) => (await ask('/', { headers: { host } })).headers['content-security-policy']
    expect(await policyOf('chat.example:3000')).toContain(
      "connect-src 'self' ws://chat.example:3000 wss://chat.example:3000;",
    )
    expect(await policyOf("a.example; script-src 'unsafe-inline'")).toContain("connect-src 'self';")
    expect(await policyOf('a.example')).toContain("frame-ancestors 'none'")
  })
})
