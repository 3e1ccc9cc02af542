import { encodeContainer } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startClient, startServer, startWelcomed } from './start.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)
const carry = (id: number, json: unknown, annotations?: unknown) => [17, id, 'echo', 0, json, annotations]
const codeOf = (frame: readonly unknown[]) => [frame[1], frame[2]]

describe('containers', () => {
  test('WR-8: lengths and numbers of 32 bits, highest byte first, then the text, the lengths, the parts', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    const text = '[[17,1,"echo",0,[0,1],{"0":["bytes"],"1":["bytes"]}]]'
    const head = [0, 0, 0, text.length, 0, 0, 0, 2]
    peer.sendBytes(bytes(...head, ...Buffer.from(text), 0, 0, 0, 1, 0, 0, 0, 2, 7, 8, 9))
    await peer.readKind(18)
    expect(seen).toEqual([['echo', [bytes(7), bytes(8, 9)]]])
    const answer = '[[18,1,[0,1],["each",["bytes"]]]]'
    const answerHead = [0, 0, 0, answer.length, 0, 0, 0, 2]
    expect(peer.binaryMessages.map((message) => [...message])).toEqual([
      [...answerHead, ...Buffer.from(answer), 0, 0, 0, 1, 0, 0, 0, 2, 7, 8, 9],
    ])
  })

  test('WR-3: what has no parts is a text message, what has is a binary one; order is kept', async () => {
    const { peer, client } = await startWelcomed()
    for (const payload of [1, bytes(1), 2, bytes(), 3]) client.emit.seen(payload)
    await eventually(() => peer.messages.length === 6, 'all messages')
    expect(peer.messages.slice(1)).toEqual([
      '[[24,0,"seen",0,1]]',
      '[[24,0,"seen",0,0,["bytes"]]]',
      '[[24,0,"seen",0,2]]',
      '[[24,0,"seen",0,0,["bytes"]]]',
      '[[24,0,"seen",0,3]]',
    ])
    expect(peer.binaryMessages.map((message) => new Uint8Array(message))).toEqual([
      encodeContainer('[[24,0,"seen",0,0,["bytes"]]]', [bytes(1)]),
      encodeContainer('[[24,0,"seen",0,0,["bytes"]]]', [bytes()]),
    ])
  })

  test('WR-3: a container without parts is taken too', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.sendBytes(encodeContainer('[[17,1,"echo",0,1],[17,2,"echo",0,2]]'))
    expect([await peer.readKind(18), await peer.readKind(18)]).toEqual([
      [18, 1, 1],
      [18, 2, 2],
    ])
  })

  test.each(['[]', '[[17,1,"echo",0,0,["bytes"]],[16]]'])('WR-9: parts with the batch %s close', async (batch) => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.sendBytes(encodeContainer(batch, [bytes(1)]))
    expect(await peer.closed()).toEqual({ code: 4400, reason: expect.stringMatching(/^WR-9: /) })
    expect(seen).toEqual([])
    const { peer: server } = await startWelcomed()
    server.sendBytes(encodeContainer(batch, [bytes(1)]))
    expect(await server.closed()).toEqual({ code: 4400, reason: expect.stringMatching(/^WR-9: /) })
  })

  test('WR-9, FR-2: the parts of a frame without a payload are ignored, and the frame is counted as ever', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    peer.sendWithParts([99, 'later'], bytes(1))
    peer.sendWithParts([16], bytes(1), bytes(2))
    peer.sendWithParts([4, 0, 0], bytes(1))
    expect(await peer.readKind(5)).toEqual([5, 0, 2])
  })
})

describe('PL-8: bytes in payloads', () => {
  test('are a Uint8Array or an ArrayBuffer, in both directions', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.sendWithParts(carry(1, { a: [1], b: 0 }, { 'a.0': ['bytes'], b: ['buffer'] }), bytes(1, 2), bytes(3))
    // Numbered by the server in the order in which it finds them.
    expect(await peer.readKind(18)).toEqual([18, 1, { a: [0], b: 1 }, { 'a.0': ['bytes'], b: ['buffer'] }])
    expect(seen).toEqual([['echo', { a: [bytes(3)], b: bytes(1, 2).buffer }]])

    const { peer: server, client } = await startWelcomed()
    const heard: unknown[] = []
    client.on.notice((payload) => (heard.push(payload), bytes(5)) as unknown as number)
    server.sendWithParts([24, 1, 'notice', 0, 0, ['bytes']], bytes(4))
    expect(await server.readKind(18)).toEqual([18, 1, 0, ['bytes']])
    expect(heard).toEqual([bytes(4)])
    const answer = client.call.echo({ file: Buffer.from('abc') })
    expect(await server.readKind(17)).toEqual([17, 1, 'echo', 0, { file: 0 }, { file: ['bytes'] }])
    server.sendWithParts([18, 1, [0], { 0: ['bytes'] }], bytes(6))
    expect(await answer).toEqual([bytes(6)])
  })

  test('stand in events of rooms, and in the data of errors', async () => {
    const { peer, client } = await startWelcomed()
    const room = client.join.chat({ id: 1 })
    const heard: unknown[] = []
    room.on.message((payload) => void heard.push(payload))
    const typing = room.emit.typing as unknown as (payload: Uint8Array) => void
    typing(bytes(1)) // waits for the join
    peer.send([18, (await peer.readKind(17))[1], { room: 7 }])
    await room.ready
    typing(bytes(2))
    const frame = [25, 0, 7, 'typing', 0, 0, ['bytes']]
    expect([await peer.readKind(25), await peer.readKind(25)]).toEqual([frame, frame])
    expect(peer.binaryMessages.map((message) => message.at(-1))).toEqual([1, 2])
    peer.sendWithParts([25, 0, 7, 'message', 0, 0, ['buffer']], bytes(1, 2))
    const failure = client.call.fail('x')
    const [, id] = await peer.readKind(17)
    peer.sendWithParts([19, id, 'BROKEN', 'no', 0, { part: 0 }, { part: ['bytes'] }], bytes(3))
    await expect(failure).rejects.toMatchObject({ code: 'BROKEN', data: { part: bytes(3) } })
    expect(heard).toEqual([bytes(1, 2).buffer])
  })

  test('stand in volatile events', async () => {
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.sendWithParts([8, 0, 'seen', 0, 0, ['bytes']], bytes(1))
    peer.send([4, 0, 0])
    expect(await peer.readKind(5)).toEqual([5, 0, 0])
    expect(seen).toEqual([['seen', bytes(1)]])
  })

  test.each<[string, unknown, unknown, number]>([
    ['a part that nothing stands for', 1, 0, 1],
    ['a part that stands in two places', [0, 0], { 0: ['bytes'], 1: ['bytes'] }, 1],
    ['an index without a part', [1], { 0: ['bytes'] }, 1],
    ['bytes without parts', 0, ['bytes'], 0],
  ])('make the payload unreadable (PL-4): %s', async (_, json, annotations, count) => {
    const parts = Array.from({ length: count }, () => bytes(1))
    const { connect, seen } = await startServer()
    const peer = await connect()
    peer.sendWithParts(carry(1, json, annotations), ...parts)
    expect(codeOf(await peer.readKind(19))).toEqual([1, 'INVALID_INPUT'])
    expect(seen).toEqual([])
    const { peer: server, client } = await startWelcomed()
    const answer = client.call.echo(1)
    await server.readKind(17)
    server.sendWithParts([18, 1, json, annotations], ...parts)
    await expect(answer).rejects.toMatchObject({ code: 'INVALID_ACK' })
    expect(client.status.current.state).toBe('open')
  })

  test('of 1,000 parts are taken, and more close', async () => {
    const { connect } = await startServer()
    const peer = await connect()
    const list = Array.from({ length: 1_000 }, (_, index) => index)
    const annotations = Object.fromEntries(list.map((index) => [index, ['bytes']]))
    peer.sendWithParts(carry(1, list, annotations), ...list.map(() => bytes(1)))
    expect((await peer.readKind(18))[2]).toEqual(list)
    peer.sendWithParts(carry(2, list, annotations), ...list.map(() => bytes(1)), bytes(1))
    expect(await peer.closed()).toEqual({ code: 4400, reason: expect.stringMatching(/^WR-3: .*1001 parts/) })
  })
})

describe('PL-9: where no bytes may stand', () => {
  test('the server refuses them: in the credentials of a hello and of $auth, in the params of a room', async () => {
    const { open, connect } = await startServer()
    const hello = { versions: [1, 1], attempt: 1, instance: 'i', window: 65_536, auth: 0, authAnnotations: ['bytes'] }
    const stranger = await open()
    stranger.sendWithParts([0, hello], bytes(1))
    expect(await stranger.closed()).toEqual({ code: 4401, reason: expect.stringMatching(/^auth: .*bytes/) })
    const peer = await connect()
    peer.sendWithParts([17, 1, '$auth', 0, { name: 0 }, { name: ['bytes'] }], bytes(1))
    expect(await peer.readKind(19)).toEqual([19, 1, 'UNAUTHORIZED', expect.stringContaining('holds bytes'), 0])
    const input = { kind: 'inbox', params: { a: 0 } }
    peer.sendWithParts([17, 2, '$join', 0, input, { 'params.a': ['bytes'] }], bytes(1))
    expect(codeOf(await peer.readKind(19))).toEqual([2, 'INVALID_INPUT'])
  })

  test('a client does not send them', async () => {
    const { raw, client, errors } = await startClient({ auth: () => ({ name: bytes(1) }) as never })
    const connected = client.connect()
    await eventually(() => errors.length > 0, 'an error')
    expect(errors[0]).toMatchObject({
      message: expect.stringContaining('name is bytes, which neither credentials nor'),
    })
    await client.close()
    await expect(connected).rejects.toMatchObject({ code: 'CLOSED' })
    await raw.close()

    let auth: unknown = { name: 'Ada' }
    const { client: other } = await startWelcomed({ auth: () => auth as never })
    auth = { name: bytes(1) }
    await expect(other.reauthenticate()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const room = other.join.chat({ id: bytes(1) as never })
    await expect(room.ready).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('bounds count the bytes of parts', () => {
  test('SQ-4: a client acknowledges when text and bytes make up a quarter of the window', async () => {
    const { peer, client } = await startWelcomed({}, { window: 40_000 })
    const heard: unknown[] = []
    client.on.tick((payload) => void heard.push(payload))
    peer.sendWithParts([24, 0, 'tick', 0, 0, ['bytes']], new Uint8Array(9_900))
    peer.send([4, 0, 0])
    expect(await peer.read()).toEqual([5, 0, 1]) // a pong acknowledges too, and begins anew
    peer.sendWithParts([24, 0, 'tick', 0, 0, ['bytes']], new Uint8Array(9_900))
    peer.sendWithParts([24, 0, 'tick', 0, 0, ['bytes']], new Uint8Array(100))
    expect(await peer.readKind(6)).toEqual([6, 3])
  })

  test('SQ-4: a server does too', async () => {
    const { connect } = await startServer()
    const peer = await connect({ window: 40_000 })
    peer.sendWithParts([24, 0, 'seen', 0, 0, ['bytes']], new Uint8Array(10_000))
    expect(await peer.readKind(6)).toEqual([6, 1])
  })

  test('SQ-6: a server ends the session of a client that leaves too many bytes unacknowledged', async () => {
    const { connect } = await startServer({ maxBufferBytes: 100_000 })
    const peer = await connect()
    for (let id = 1; id <= 3; id++) peer.sendWithParts(carry(id, 0, ['bytes']), new Uint8Array(40_000))
    expect(await peer.closed()).toMatchObject({ code: 4429 })
  })

  test('LM-3: bytes of events that wait for a handler are bounded like their text', async () => {
    const { connect } = await startServer({ maxCalls: 64, maxBufferBytes: 100_000 })
    const peer = await connect()
    for (let n = 0; n < 64; n++) peer.send([24, 0, 'held', 0])
    for (let n = 0; n < 3; n++) peer.sendWithParts([24, 0, 'seen', 0, 0, ['bytes']], new Uint8Array(40_000))
    expect(await peer.closed()).toEqual({ code: 4429, reason: expect.stringMatching(/^LM-3: /) })
  })

  test('WR-6: what was queued before the welcome and is more than the server takes is refused', async () => {
    const { raw, client, errors } = await startClient()
    client.emit.seen(new Uint8Array(2_040))
    client.emit.seen(new Uint8Array(1_000))
    const answer = client.try.echo(new Uint8Array(2_040))
    const peer = await raw.welcome({ maxMessageBytes: 2_048 })
    expect(await answer).toMatchObject({ ok: false, error: { code: 'TOO_LARGE' } })
    expect(errors).toEqual([expect.objectContaining({ code: 'TOO_LARGE' })])
    expect(await peer.readKind(24)).toEqual([24, 0, 'seen', 0, 0, ['bytes']])
    expect(peer.binaryMessages.map(({ length }) => length)).toEqual([expect.toSatisfy((length) => length < 2_048)])
  })

  test('a client refuses what is too much for a room that is not joined yet', async () => {
    const { client } = await startWelcomed()
    const typing = client.join.chat({ id: 1 }).emit.typing as unknown as (payload: Uint8Array) => void
    for (let n = 0; n < 4; n++) typing(new Uint8Array(1_000_000))
    expect(() => typing(new Uint8Array(1_000_000))).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
  })

  test('a client refuses what is too much for it to keep', async () => {
    const { client } = await startClient()
    client.emit.seen(new Uint8Array(1_000_000))
    for (let n = 0; n < 3; n++) client.emit.seen(new Uint8Array(1_000_000))
    expect(() => client.emit.seen(new Uint8Array(1_000_000))).toThrow(expect.objectContaining({ code: 'OVERLOADED' }))
    await expect(client.call.echo(new Uint8Array(1_100_000))).rejects.toMatchObject({ code: 'TOO_LARGE' })
  })
})
