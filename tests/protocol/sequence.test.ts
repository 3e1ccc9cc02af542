import type { Transport } from '@typewire/core'
import { type CountedFrame, Session } from '@typewire/core/internal'
import { createFakeClock } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { startClient, startServer, startWelcomed } from './start.ts'

const malformed = (clause: string) => ({ code: 4400, reason: expect.stringMatching(`^${clause}: `) as string })

test('SQ-1, SQ-7: counted frames are numbered from 1 in each direction, others are not; a ping is answered at once', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  peer.send([4, 0, 0])
  expect(await peer.read()).toEqual([5, 0, 0])
  peer.send([17, 1, 'echo', 0], [24, 0, 'seen', 0], [16], [4, 3, 0])
  expect(await peer.readKind(5)).toEqual([5, 0, 3])
  peer.send([4, 3, 1], [4, 3, 1])
  expect(await peer.readKind(5)).toEqual([5, 1, 3])
  expect(peer.unread).toEqual([])
})

test('SQ-1, SQ-7: the same at a client', async () => {
  const { client, peer } = await startWelcomed()
  client.emit.seen(1)
  await peer.readKind(24)
  peer.send([24, 0, 'tick', 0, 1], [24, 0, 'tick', 0, 2], [4, 2, 1])
  expect(await peer.read()).toEqual([5, 1, 2])
})

test.each([
  ['ack', [6, 2]],
  ['ping', [4, 0, 2]],
  ['pong', [5, 0, 2]],
])('SQ-2: an %s of more than was sent closes; one of less than before is no news', async (_, frame) => {
  const { connect } = await startServer()
  const peer = await connect()
  peer.send([17, 1, 'echo', 0])
  await peer.readKind(18)
  peer.send([6, 1], [6, 0], [17, 2, 'echo', 0, 'still here'])
  expect(await peer.readKind(18)).toEqual([18, 2, 'still here'])
  const other = await connect()
  other.send([17, 1, 'echo', 0])
  await other.readKind(18)
  other.send(frame)
  expect(await other.closed()).toEqual(malformed('SQ-2'))
})

test('SQ-2: a client closes as well', async () => {
  const { peer } = await startWelcomed()
  peer.send([6, 1])
  expect(await peer.closed()).toEqual(malformed('SQ-2'))
})

test('SQ-3: what is sent again is counted in its place, and dispatched once', () => {
  const dispatched: CountedFrame[] = []
  const session = new Session(
    { clock: createFakeClock(), maxBufferBytes: 1_000 },
    {
      onFrame: (frame) => void dispatched.push(frame),
      onControl: () => undefined,
      onOverflow: () => {},
    },
  )
  const transport = (): Transport => ({ name: 'none', send: () => {}, bufferedBytes: () => 0, close: () => {} })
  const positions = { peerReceived: 0, peerWindow: 1_000, peerMaxMessageBytes: 1_000 }
  const [first, second] = [transport(), transport()]
  session.attach(first, { ...positions, peerFrom: 0 })
  session.receive(
    [
      [23, 1],
      [23, 2],
      [23, 3],
    ],
    1,
    first,
  )
  session.detach()
  session.attach(second, { ...positions, peerFrom: 1 })
  session.receive(
    [
      [23, 2],
      [23, 3],
      [23, 4],
    ],
    1,
    second,
  )
  expect(dispatched).toEqual([
    [23, 1],
    [23, 2],
    [23, 3],
    [23, 4],
  ])
  expect(session.received).toBe(4)
})

test('SQ-3, RS-8: a welcome that begins behind what has come is refused', async () => {
  const { raw } = await startClient({ connect: 'eager' })
  const peer = await raw.welcome({ from: 1 })
  expect(await peer.closed()).toEqual(malformed('RS-8'))
})

test('SQ-4: a quarter of the window is acknowledged, at the server and at the client', async () => {
  const event = (length: number) => `[[24,0,"seen",0,"${'x'.repeat(length - 20)}"]]`
  expect(event(50)).toHaveLength(50)
  const { connect, seen } = await startServer()
  const peer = await connect({ window: 400 })
  peer.sendText(event(99))
  await expect.poll(() => seen).toHaveLength(1)
  peer.sendText(event(21))
  expect(await peer.read()).toEqual([6, 2])

  const { peer: server } = await startWelcomed({}, { window: 400 })
  server.sendText(event(99))
  server.send([6, 0])
  server.sendText(event(21))
  expect(await server.read()).toEqual([6, 2])
})

test('SQ-5: a call that is withdrawn before it was sent goes as a no-op, and no cancel follows', async () => {
  const { client, peer } = await startWelcomed()
  const controller = new AbortController()
  const withdrawn = client.call.echo(1, { signal: controller.signal })
  controller.abort()
  client.emit.seen(2)
  await expect(withdrawn).rejects.toMatchObject({ code: 'ABORTED' })
  await peer.read()
  expect(peer.messages.at(-1)).toBe('[[16],[24,0,"seen",0,2]]')
})

test('SQ-6: more than the bound waits for a client that does not acknowledge: the session ends', async () => {
  const { connect } = await startServer({ maxBufferBytes: 1_024 })
  const peer = await connect()
  const message = 'x'.repeat(1_024 - '[24,0,"tick",0,""]'.length)
  peer.send([17, 1, 'echo', 0, 'x'.repeat(1_024 - '[18,1,""]'.length)])
  await peer.readKind(18)
  expect(peer.isOpen()).toBe(true)
  peer.send([6, 1], [17, 2, 'echo', 0, message])
  await peer.readKind(18)
  peer.session.emit.tick(1_000_000)
  expect(await peer.closed()).toEqual({ code: 4429, reason: 'SQ-6: more than 1024 bytes wait for the client' })
})
