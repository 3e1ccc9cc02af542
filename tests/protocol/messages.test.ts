import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type FrameEntry, frames } from '@typewire/core/internal'
import { connectRawPeer, type RawPeer, UpgradeRefused } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startServer, startWelcomed } from './start.ts'

const malformed = (clause: string) => ({ code: 4400, reason: expect.stringMatching(`^${clause}: `) as string })

describe('messages', () => {
  test.each(['{}', '1', 'null', '"[]"'])('WR-1: %s is no array and closes', async (text) => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.sendText(text)
    expect(await peer.closed()).toEqual(malformed('WR-1'))
  })

  test('WR-1: an empty batch is one, and a batch with one malformed frame is refused as a whole', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.sendText('[]')
    peer.send([17, 1, 'echo', 0, 'first'], [17, 'two', 'echo', 0])
    expect(await peer.readKind(3)).toEqual([3, 4400, 'FR-4: call.id is missing or wrong', { received: 0 }])
    expect(seen).toEqual([])
  })

  test('WR-2: what one turn produces leaves in one message', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([17, 1, 'echo', 0, 'a'], [17, 2, 'echo', 0, 'b'])
    await peer.readKind(18)
    expect(peer.messages.at(-1)).toBe('[[18,1,"a"],[18,2,"b"]]')
  })

  test('WR-2: of many calls and answers of one turn some leave before it is over', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    const calls = Array.from({ length: 64 }, (_, index) => [17, index + 1, 'echo', 0, 'x'.repeat(200)])
    peer.send(...calls)
    for (const _ of calls) await peer.readKind(18)
    const answers = peer.messages.filter((text) => text.startsWith('[[18,'))
    expect(answers.length).toBeGreaterThan(2)
    expect(answers.flatMap((text) => idsOf(text))).toEqual(calls.map(([, id]) => id))

    const { client, peer: server } = await startWelcomed()
    const first = client.call.echo('behind the turn in which it connects')
    server.send([18, (await server.readKind(17))[1], 'y'])
    await first
    const asked = calls.map(([, , , , text]) => client.call.echo(text))
    const ids: unknown[] = []
    for (const _ of asked) ids.push((await server.readKind(17))[1])
    expect(server.messages.filter((text) => text.startsWith('[[17,')).length).toBeGreaterThan(2 + 1)
    server.send(...ids.map((id) => [18, id, 'y']))
    expect(await Promise.all(asked)).toEqual(calls.map(() => 'y'))
  })

  test('WR-2: long output is split, and a longer frame travels alone', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    const lengths = [30_000, 30_000, 30_000, 100_000, 10]
    peer.send(...lengths.map((length, index) => [17, index + 1, 'echo', 0, 'x'.repeat(length)]))
    for (const _ of lengths) await peer.readKind(18)
    expect(peer.messages.slice(-4).map((text) => idsOf(text))).toEqual([[1, 2], [3], [4], [5]])
  })

  test('WR-2, WR-6: no message is larger than the client says that it takes, but for a longer frame', async () => {
    const { connect } = await startServer()
    const peer = await connect({ maxMessageBytes: 3_000 })
    const calls = Array.from({ length: 20 }, (_, index) => [17, index + 1, 'echo', 0, 'ü'.repeat(200)])
    peer.send(...calls)
    for (const _ of calls) await peer.readKind(18)
    expect(Math.max(...peer.messages.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(3_000)
  })

  test('WR-3: a binary message that is not one container closes, at the server and at the client', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.sendBytes(Buffer.from('[]'))
    expect(await peer.read()).toEqual([3, 4400, 'WR-3: a binary message that is not one container', { received: 0 }])
    expect(await peer.closed()).toEqual(malformed('WR-3'))
    const { peer: server } = await startWelcomed()
    server.sendBytes(Buffer.from('[]'))
    expect(await server.closed()).toEqual(malformed('WR-3'))
  })

  test('WR-4: what is not JSON closes, and what is not UTF-8', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.sendText('[[17,1,"ec')
    expect(await peer.closed()).toEqual(malformed('WR-4'))
    const other = await connect()
    other.sendBytesAsText(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))
    expect(await other.closed()).toMatchObject({ code: 1007 })
  })

  test('WR-5: 512 deep is taken, 513 closes', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    const nested = (depth: number) => '['.repeat(depth - 2) + ']'.repeat(depth - 2)
    peer.sendText(`[[17,1,"echo",0,${nested(512)}]]`)
    expect(await peer.readKind(18)).toEqual([18, 1, JSON.parse(nested(512))])
    peer.sendText(`[[17,2,"echo",0,${nested(513)}]]`)
    expect(await peer.closed()).toEqual(malformed('WR-5'))
  })

  test('WR-6: a message of the limit is taken, one byte more closes with 1009', async () => {
    const { connect } = await startServer({ maxMessageBytes: 1_024 })
    const peer = await connect()
    const message = (bytes: number) => `[[17,1,"echo",0,"${'x'.repeat(bytes - 20)}"]]`
    expect(message(1_024)).toHaveLength(1_024)
    peer.sendText(message(1_024))
    expect(await peer.readKind(18)).toBeDefined()
    peer.sendText(message(1_025))
    expect(await peer.closed()).toMatchObject({ code: 1009 })
  })

  test('WR-6: a client refuses what the server does not take, before it has a number', async () => {
    const { client, peer } = await startWelcomed({}, { maxMessageBytes: 1_024 })
    await expect(client.call.echo('ü'.repeat(600))).rejects.toMatchObject({ code: 'TOO_LARGE' })
    peer.send([4, 0, 0])
    expect(await peer.read()).toEqual([5, 0, 0])
  })

  test('WR-7: other paths, other origins and a server that closes are refused by HTTP', async () => {
    const { listener, url } = await startServer({ origins: ['https://app.example.com'] })
    const httpServer = createServer()
    onTestFinished(() => void httpServer.close())
    listener.attach(httpServer)
    await new Promise<void>((resolve) => {
      httpServer.listen(0, '127.0.0.1', resolve)
    })
    const { port } = httpServer.address() as AddressInfo
    const statusOf = async (path: string, headers = {}) => {
      const opened = connectRawPeer(`http://127.0.0.1:${port}${path}`, { headers })
      const peer = await opened.catch((error: unknown) => error)
      if (peer instanceof UpgradeRefused) return peer.status
      onTestFinished(() => (peer as RawPeer).cut())
      return 101
    }
    expect(await statusOf('/typewire')).toBe(101)
    expect(await statusOf('/typewire?anything=1')).toBe(101)
    expect(await statusOf('/typewire', { origin: 'https://app.example.com' })).toBe(101)
    expect(await statusOf('/typewire', { origin: 'https://evil.example.com' })).toBe(403)
    expect(await statusOf('/typewire/else')).toBe(404)

    const socket = new WebSocket(url.replace('http', 'ws'), { perMessageDeflate: true })
    onTestFinished(() => socket.terminate())
    await new Promise((resolve) => socket.once('open', resolve))
    expect([socket.protocol, socket.extensions]).toEqual(['', ''])

    const closing = listener.close({ drainMs: 0 })
    expect(await statusOf('/typewire')).toBe(503)
    await closing
  })
})

describe('frames', () => {
  test.each(['1', '{}', '[]', '["17"]', '[-1]', '[1.5]', '[9007199254740992]', '[null]'])(
    'FR-1: %s is no frame and closes',
    async (frame) => {
      const { connect } = await startServer()
      const peer = await connect()
      peer.sendText(`[${frame}]`)
      expect(await peer.closed()).toEqual(malformed('FR-1'))
    },
  )

  test('FR-2, SQ-1: unknown kinds are ignored, and counted from 16 on', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([15, 'what'], [99, { is: 'this' }], [7], [98], [16], [4, 3, 0])
    expect(await peer.read()).toEqual([5, 0, 3])
  })

  test('FR-2: a client does the same', async () => {
    const { peer } = await startWelcomed()
    peer.send([15], [99], [4, 1, 0])
    expect(await peer.read()).toEqual([5, 0, 1])
  })

  test('FR-3: what is behind the last known element, and unknown members, are ignored', async () => {
    const { connect } = await startServer()
    const peer = await connect({ later: true })
    peer.send([17, 1, 'add', { trace: 'abc' }, { a: 1, b: 2 }, 0, 'later', {}], [4, 1, 0, 'later'])
    expect(await peer.readKind(18)).toEqual([18, 1, 3])
  })

  const wrong = { count: -1, id: 0, text: 1, options: 1, object: [], 'count or null': '' }
  const cases = Object.entries<FrameEntry>(frames).flatMap(([name, { kind, elements }]) => {
    const types = Object.entries(elements).filter(([, type]) => type !== 'payload')
    return types.map(([element, type], index) => {
      const right = { count: 1, id: 1, text: 'x', options: 0, object: {}, 'count or null': 1, payload: 0 }
      const frame = [kind, ...types.map(([, other], at) => (at === index ? wrong[type as 'id'] : right[other]))]
      return { name, element, frame, missing: frame.slice(0, index + 1) }
    })
  })

  test.each(cases)(
    'FR-4: $name.$element that is wrong or missing closes',
    async ({ name, element, frame, missing }) => {
      const { connect } = await startServer()
      for (const sent of [frame, missing]) {
        const peer = await connect()
        peer.send(sent)
        expect(await peer.closed()).toEqual({ code: 4400, reason: `FR-4: ${name}.${element} is missing or wrong` })
      }
    },
  )

  test('FR-5: a frame that only the other side may send closes', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.send([28, 1, 'out'])
    expect(await peer.closed()).toEqual(malformed('FR-5'))
    const { peer: server } = await startWelcomed()
    server.send([17, 1, 'echo', 0])
    expect(await server.closed()).toEqual(malformed('FR-5'))
  })
})

/** The ids of the results in a message. */
const idsOf = (text: string) => (JSON.parse(text) as unknown[][]).filter(([kind]) => kind === 18).map(([, id]) => id)
