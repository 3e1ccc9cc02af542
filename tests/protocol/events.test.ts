import { describe, expect, test } from 'vitest'
import { startServer, startWelcomed } from './start.ts'

describe('EV-1: events', () => {
  test('with the id 0 are not answered, whatever becomes of them', async () => {
    const { connect, seen, errors } = await startServer()
    const peer = await connect()
    peer.send([24, 0, 'seen', 0, 1], [24, 0, 'nothing', 0], [24, 0, 'asked', 0, 'NaN'], [24, 0, 'asked', 0, -1])
    peer.send([17, 1, 'echo', 0])
    expect(await peer.read()).toEqual([18, 1])
    expect(seen).toEqual([
      ['seen', 1],
      ['echo', undefined],
      ['asked', -1],
    ])
    await expect.poll(() => errors).toHaveLength(3)
  })

  test('go to the client in the same form', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.session.emit.tick(7)
    expect(await peer.read()).toEqual([24, 0, 'tick', 0, 7])
    const ack = peer.session.emitWithAck.notice('hear')
    expect(await peer.read()).toEqual([24, 1, 'notice', 0, 'hear'])
    peer.send([18, 1, 42])
    expect(await ack).toBe(42)
  })

  test('with another id are withdrawn like calls', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    const controller = new AbortController()
    const ack = peer.session.emitWithAck.notice('hear', { signal: controller.signal })
    await peer.read()
    controller.abort()
    await expect(ack).rejects.toMatchObject({ code: 'ABORTED' })
    expect(await peer.read()).toEqual([23, 1])
    peer.send([24, 1, 'held', 0], [23, 1], [24, 2, 'seen', 0])
    expect(await peer.read()).toEqual([18, 2])
    expect(seen.slice(0, 2)).toEqual([['held'], ['held aborted']])
  })
})

test('EV-2: an ack without data is asked for as a receipt, and is empty', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  const ack = peer.session.emitWithAck.tick(7)
  expect(await peer.read()).toEqual([24, 1, 'tick', { receipt: true }, 7])
  peer.send([18, 1], [24, 1, 'seen', 0])
  expect(await ack).toBeUndefined()
  expect(await peer.read()).toEqual([18, 1])

  const { client, peer: server } = await startWelcomed()
  client.on.tick(() => 'what a handler happens to return')
  server.send([24, 1, 'tick', { receipt: true }, 7], [24, 2, 'tick', 0, 7])
  expect(await server.read()).toEqual([18, 1])
  expect(await server.read()).toEqual([18, 2, 'what a handler happens to return'])
})

test('EV-3: the ack comes once the handler has run; of several the first one answers', async () => {
  const { connect, seen } = await startServer()
  const peer = await connect()
  peer.send([24, 1, 'asked', 0, 4], [24, 2, 'asked', 0, -4])
  const answers = [await peer.read(), await peer.read()]
  expect(answers.map((frame) => frame.slice(0, 3))).toEqual([
    [18, 1, 8],
    [19, 2, 'INTERNAL'],
  ])
  expect(seen).toEqual([
    ['asked', 4],
    ['asked', -4],
  ])

  const { client, peer: server, errors } = await startWelcomed()
  const ran: string[] = []
  client.on.notice(async () => {
    await Promise.resolve()
    ran.push('first')
    return 1
  })
  client.on.notice(() => {
    ran.push('second')
    throw new Error('second')
  })
  server.send([24, 1, 'notice', 0, 'x'])
  expect(await server.read()).toEqual([18, 1, 1])
  expect(ran).toEqual(['second', 'first'])
  expect(errors).toEqual([new Error('second')])
})

test('EV-3: a failing handler of a client is answered INTERNAL', async () => {
  const { client, peer } = await startWelcomed()
  client.on.notice(() => Promise.reject(new Error('a secret')))
  peer.send([24, 1, 'notice', 0, 'x'])
  const [, , code, message] = await peer.read()
  expect(code).toBe('INTERNAL')
  expect(message).not.toContain('secret')
})

test('EV-4: an event to all is the same text for each; to some goes to them, to nobody to nobody', async () => {
  const { server, connect } = await startServer()
  const peers = [await connect(), await connect(), await connect()] as const
  server.emit.tick(1)
  server.to([peers[1].session]).emit.tick(2)
  server.to([]).emit.tick(3)
  server.to([{ id: 'unknown' }]).emit.tick(4)
  server.emit.tick(5)
  for (const [index, peer] of peers.entries()) {
    while (peer.unread.length < (index === 1 ? 3 : 2)) await expect.poll(() => peer.unread.length).toBeGreaterThan(1)
    expect(peer.unread.map(([, , , , payload]) => payload)).toEqual(index === 1 ? [1, 2, 5] : [1, 5])
  }
  expect(peers[0].messages.slice(1)).toEqual(['[[24,0,"tick",0,1],[24,0,"tick",0,5]]'])
})

test('EV-5: an event that nobody handles is answered at once', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  peer.send([17, 1, '$join', 0, { kind: 'chat', params: { id: 1 } }])
  await peer.read()
  peer.send([25, 2, 1, 'unheard', 0], [25, 3, 1, 'nothing', 0], [24, 4, 'nothing', 0])
  const codes = [await peer.read(), await peer.read(), await peer.read()].map(([, , code]) => code)
  expect(codes).toEqual(['NO_HANDLER', 'NOT_FOUND', 'NOT_FOUND'])

  const { peer: server } = await startWelcomed()
  server.send([24, 1, 'notice', 0, 'x'], [24, 2, 'nothing', 0], [24, 0, 'notice', 0, 'x'], [25, 3, 1, 'message', 0])
  const answers = [await server.read(), await server.read(), await server.read()]
  expect(answers.map((frame) => frame.slice(0, 3))).toEqual([
    [19, 1, 'NO_HANDLER'],
    [19, 2, 'NO_HANDLER'],
    [19, 3, 'NO_HANDLER'],
  ])
})

test('EV-6: what comes with an event and with an ack is read by the contract', async () => {
  const { connect } = await startServer()
  const peer = await connect()
  peer.send([24, 1, 'asked', 0, 'four'])
  expect((await peer.read()).slice(0, 3)).toEqual([19, 1, 'INVALID_INPUT'])
  const ack = peer.session.emitWithAck.notice('hear')
  await peer.read()
  peer.send([18, 1, 'forty-two'], [4, 0, 0])
  await expect(ack).rejects.toMatchObject({ code: 'INVALID_ACK' })
  expect((await peer.read())[0]).toBe(5)
})
