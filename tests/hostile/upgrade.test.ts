import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { UpgradeRefused } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy } from './beside.ts'

failOnUnhandledRejections()

const refusedWith = (status: number) => expect.objectContaining({ status }) as UpgradeRefused

/** Sends raw bytes over TCP and gives all that comes back. */
async function say(port: number, text: string): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.setEncoding('utf8').on('data', (data: string) => (answer += data))
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return answer
}

const request = (headers: readonly string[], path = '/typewire') =>
  [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', ...headers, '', ''].join(
    '\r\n',
  )

const handshake = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']

test.each(['/', '/typewire/', '/typewire/x', '/TYPEWIRE', '/typewirex', '//typewire', '/%74ypewire', '/../typewire'])(
  'an upgrade to %s, where nothing is, is answered 404',
  async (path) => {
    await besideHealthy(async ({ lab }) => {
      expect(await say(lab.port, request(handshake, path))).toMatch(/^HTTP\/1\.1 404 /)
    })
  },
)

test('WR-7: an upgrade with a query is taken', async () => {
  await besideHealthy(async ({ lab }) => {
    const peer = await lab.peer({ path: '/typewire?a=1&token=x' })
    expect(await peer.hello()).toMatchObject({ version: 1 })
  })
})

test.each(['https://evil.example', 'null', 'http://localhost.evil.example', 'file://', 'not an origin', ''])(
  'WR-7: an upgrade of the origin %j is answered 403',
  async (origin) => {
    await besideHealthy(async ({ lab }) => {
      await expect(lab.peer({ headers: { origin } })).rejects.toEqual(refusedWith(403))
    })
  },
)

test('too many headers are answered 431, and too large ones', async () => {
  await besideHealthy(async ({ lab }) => {
    const many = Array.from({ length: 5_000 }, (_, n) => `X-${n}: ${n}`)
    expect(await say(lab.port, request([...handshake, ...many]))).toMatch(/^HTTP\/1\.1 431 /)
    const large = `X-Large: ${'x'.repeat(20_000)}`
    expect(await say(lab.port, request([...handshake, large]))).toMatch(/^HTTP\/1\.1 431 /)
  })
})

test('headers named as members of Object.prototype reach authenticate as headers, and touch nothing', async () => {
  const seen: unknown[] = []
  await besideHealthy(
    async ({ lab }) => {
      const headers = { constructor: 'x', hasOwnProperty: 'y', 'x-forwarded-for': 'z' }
      const peer = await lab.peer({ headers })
      await peer.hello()
      expect(seen.at(-1)).toMatchObject({ constructor: 'x', hasownproperty: 'y', 'x-forwarded-for': 'z' })
    },
    { server: { authenticate: ({ headers }) => (seen.push(headers), { identity: null }) } },
  )
})

test.each([
  ['no key', ['Sec-WebSocket-Version: 13']],
  ['a key that is none', ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: x']],
  ['no version', ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']],
  ['an old version', ['Sec-WebSocket-Version: 7', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==']],
])('a handshake of WebSocket with %s is answered with an error', async (_, headers) => {
  await besideHealthy(async ({ lab }) => {
    expect(await say(lab.port, request(headers))).toMatch(/^HTTP\/1\.1 4\d\d /)
  })
})

test('WR-7: no extension is agreed to', async () => {
  await besideHealthy(async ({ lab }) => {
    const socket = connect(lab.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.write(
      request([...handshake, 'Sec-WebSocket-Extensions: permessage-deflate', 'Sec-WebSocket-Protocol: a, b']),
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /)
    expect(answer.toString().toLowerCase()).not.toContain('sec-websocket-extensions')
  })
})

test.each([
  ['a frame that is not masked', Buffer.from([0x81, 0x02, 0x5b, 0x5d])],
  ['an unknown opcode', Buffer.from([0x8f, 0x80, 0, 0, 0, 0])],
  ['a reserved bit', Buffer.from([0xc1, 0x80, 0, 0, 0, 0])],
  [
    'a length of 2^63 - 1',
    Buffer.from([0x81, 0xff, 0x7f, ...(Array.from({ length: 7 }).fill(0xff) as number[]), 0, 0, 0, 0]),
  ],
])('WebSocket frames that break RFC 6455 close the connection: %s', async (_, bytes) => {
  await besideHealthy(async ({ lab }) => {
    const socket = connect(lab.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => {})
    socket.write(request(handshake))
    await once(socket, 'data')
    socket.write(bytes)
    socket.resume()
    await once(socket, 'close')
    expect([...lab.server.sessions]).toHaveLength(1)
  })
})
