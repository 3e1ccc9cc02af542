import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connectRawPeer, UpgradeRefused } from './raw-peer.ts'
import { createRawServer, type RawServerOptions } from './raw-server.ts'
import { turn } from './turn.ts'

async function pair(options?: RawServerOptions) {
  const server = await createRawServer(options)
  onTestFinished(() => server.close())
  const client = await connectRawPeer(server.url, options)
  return { server, client, remote: await server.accept() }
}

test('send puts frames into one message, and read gives them one by one', async () => {
  const { client, remote } = await pair()
  client.send([4, 0, 0], [16])
  expect(await remote.read()).toEqual([4, 0, 0])
  expect(remote.unread).toEqual([[16]])
  expect(await remote.read()).toEqual([16])
  expect(remote.messages).toEqual(['[[4,0,0],[16]]'])
})

test('readKind drops the frames before the one that is asked for', async () => {
  const { client, remote } = await pair()
  client.send([4, 0, 0], [16], [17, 1])
  expect(await remote.readKind(17)).toEqual([17, 1])
  expect(remote.unread).toEqual([])
})

test('hello gives the body of the welcome, and welcome says what it is told to', async () => {
  const { server, client: other } = await pair()
  other.close()
  const peer = await connectRawPeer(server.url)
  const [body, remote] = await Promise.all([peer.hello({ window: 1_024 }), server.welcome({ maxCalls: 64 })])
  expect(body).toMatchObject({ version: 1, session: 'session-1', maxCalls: 64 })
  expect(remote.messages[0]).toContain('"window":1024')
})

test('hello throws when it is answered with anything but a welcome', async () => {
  const { client, remote } = await pair()
  remote.send([3, 4401, 'no', 0])
  await expect(client.hello()).rejects.toThrow('Hello was answered with [3,4401]')
})

test('closed gives the code and the reason', async () => {
  const { client, remote } = await pair()
  remote.close(4400, 'WR-1: because')
  expect(await client.closed()).toEqual({ code: 4400, reason: 'WR-1: because' })
  expect(client.isOpen()).toBe(false)
})

test('cut ends the connection without a word', async () => {
  const { client, remote } = await pair()
  client.cut()
  expect(await remote.closed()).toEqual({ code: 1006, reason: '' })
})

test('read gives what came before the end, and then throws with the end', async () => {
  const { client, remote } = await pair()
  remote.send([16])
  remote.close(4000, 'enough')
  await client.closed()
  expect(await client.read()).toEqual([16])
  await expect(client.read()).rejects.toThrow('the connection ended with 4000 enough')
})

test('read, closed and accept give up in time', async () => {
  const { server, client } = await pair({ waitMs: 20 })
  await expect(client.read()).rejects.toThrow('A frame did not come within 20 ms.')
  await expect(client.closed()).rejects.toThrow('The end of the connection did not come within 20 ms.')
  await expect(server.accept()).rejects.toThrow('No connection came within 20 ms.')
})

test('pause leaves what comes unread until resume', async () => {
  const { client, remote } = await pair()
  client.pause()
  remote.send([16])
  remote.send([17])
  for (let i = 0; i < 10; i++) await turn()
  expect(client.unread).toEqual([])
  client.resume()
  expect(await client.read()).toEqual([16])
  expect(await client.read()).toEqual([17])
})

test('connectRawPeer throws with the status of an HTTP response', async () => {
  const http = createServer()
  http.on('upgrade', (_, socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope'))
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void http.close())
  const refused = connectRawPeer(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
  await expect(refused).rejects.toThrow(UpgradeRefused)
  await expect(refused).rejects.toMatchObject({ status: 404, body: 'nope' })
})

test('connectRawPeer throws when nobody listens', async () => {
  const server = await createRawServer()
  await server.close()
  await expect(connectRawPeer(server.url)).rejects.toThrow('ECONNREFUSED')
})
