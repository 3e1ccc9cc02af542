import { expect, test } from 'vitest'
import { startClient, startServer } from './start.ts'

test('LM-1, LM-2: one request more than the welcome allows is answered OVERLOADED', async () => {
  const { connect, open } = await startServer({ maxCalls: 64 })
  expect(await (await open()).hello()).toMatchObject({ maxCalls: 64 })
  const peer = await connect()
  peer.send(...Array.from({ length: 64 }, (_, index) => [17, index + 1, 'hold', 0]))
  peer.send([17, 65, 'echo', 0], [24, 66, 'seen', 0], [23, 1], [17, 67, 'echo', 0, 'free again'])
  expect((await peer.read()).slice(0, 3)).toEqual([19, 65, 'OVERLOADED'])
  expect((await peer.read()).slice(0, 3)).toEqual([19, 66, 'OVERLOADED'])
  expect(await peer.read()).toEqual([18, 67, 'free again'])
})

test('LM-2: a client queues what is too much', async () => {
  const { client, raw } = await startClient()
  const calls = Array.from({ length: 70 }, (_, index) => client.call.echo(index))
  const peer = await raw.welcome({ maxCalls: 65 })
  for (let id = 1; id <= 65; id++) expect(await peer.read()).toEqual([17, id, 'echo', 0, id - 1])
  peer.send([4, 0, 0])
  expect((await peer.read())[0]).toBe(5)
  peer.send([18, 3, 'answered'])
  expect(await calls[2]).toBe('answered')
  expect(await peer.read()).toEqual([17, 66, 'echo', 0, 65])
  void client.close()
  await Promise.allSettled(calls)
})

test('LM-3: events wait in order for a free handler; past 10,000 the session ends', async () => {
  const { connect, seen, release } = await startServer({ maxCalls: 64 })
  const peer = await connect()
  const held = Array.from({ length: 64 }, () => [24, 0, 'held', 0])
  peer.send(...held, [24, 0, 'seen', 0, 'a'], [24, 0, 'seen', 0, 'b'], [17, 1, 'echo', 0, 'calls go on'])
  expect(await peer.read()).toEqual([18, 1, 'calls go on'])
  expect(seen.filter(([what]) => what === 'seen')).toEqual([])
  release()
  await expect
    .poll(() => seen.filter(([what]) => what === 'seen'))
    .toEqual([
      ['seen', 'a'],
      ['seen', 'b'],
    ])

  peer.send(...held)
  const events = Array.from({ length: 10_000 }, () => [24, 0, 'seen', 0])
  peer.send(...events, [4, 0, 0])
  await peer.readKind(5)
  peer.send([24, 0, 'seen', 0])
  expect(await peer.closed()).toMatchObject({ code: 4429, reason: expect.stringMatching(/^LM-3: /) as string })
})

test('LM-4: one join more is answered OVERLOADED, whatever server code has joined', async () => {
  const { server, connect } = await startServer({ maxRooms: 2 })
  const peer = await connect()
  await peer.session.join(server.rooms.inbox())
  await peer.readKind(29)
  const join = (id: number) => [17, id, '$join', 0, { kind: 'chat', params: { id } }]
  peer.send(join(1), [17, 2, '$join', 0, { kind: 'chat', params: { id: 1 } }], join(3))
  expect((await peer.read())[0]).toBe(18)
  expect((await peer.read())[0]).toBe(18) // the same room, a join of its own
  expect((await peer.read()).slice(0, 3)).toEqual([19, 3, 'OVERLOADED'])
  await peer.session.join(server.rooms.chat({ id: 3 }))
  await peer.readKind(29)
  server.rooms.chat({ id: 3 }).emit.message('joined by the server')
  expect((await peer.read())[5]).toBe('joined by the server')
})
