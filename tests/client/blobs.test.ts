// What a client sends that holds blobs, whose bytes must be read first, and what it sends behind them.

import { type ClientOptionsOf, createClient } from '@typewire/client'
import { defineContract, event, procedure, room } from '@typewire/core'
import { encodeContainer, frames } from '@typewire/core/internal'
import { createFakeClock, createRawServer, type RawPeer } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { heldBlob } from '../support/held-blob.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const admin = defineContract({
  procedures: { carry: procedure({ input: z.unknown(), output: z.unknown() }) },
  events: { toServer: { put: event(z.unknown()) } },
  rooms: { hall: room({ events: { toServer: { show: event(z.unknown()) } } }) },
})
const contract = defineContract({
  auth: z.string(),
  procedures: { carry: procedure({ input: z.unknown(), output: z.unknown() }) },
  events: {
    toServer: { put: event(z.unknown(), { ack: z.unknown() }) },
    toClient: { fetch: event(z.undefined(), { ack: z.unknown() }) },
  },
  rooms: { hall: room({ events: { toServer: { show: event(z.unknown(), { ack: z.unknown() }) } } }) },
  namespaces: { admin },
})
type Options = Partial<ClientOptionsOf<typeof contract>>

async function start(options: Options = {}) {
  const server = await createRawServer()
  const clock = createFakeClock()
  const errors: unknown[] = []
  const client = createClient<typeof contract>({
    url: server.url,
    auth: () => 'token',
    clock,
    transports: ['websocket'],
    reconnect: { random: () => 0 },
    onError: (error) => void errors.push(error),
    ...options,
  })
  onTestFinished(async () => {
    await client.close()
    await server.close()
  })
  const welcomed = async (welcome: Readonly<Record<string, unknown>> = {}) => {
    const connected = client.connect()
    const peer = await server.welcome(welcome)
    await connected
    return peer
  }
  /** Cuts the connection, and lets the client come back. */
  const again = async (peer: RawPeer, welcome: Readonly<Record<string, unknown>> = {}) => {
    peer.cut()
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    await clock.advance(1)
    return server.welcome(welcome)
  }
  return { client, clock, errors, welcomed, again }
}

const put = (payload: unknown) => [frames.event.kind, 0, 'put', 0, payload]
const putBlob = (type = 'text/plain') => [...put([0, type]), ['Blob']]
const unreadOf = async (peer: RawPeer) => {
  await quiet()
  return peer.unread
}

describe('PL-12: what is sent behind a blob waits until it is read', () => {
  test('events, calls, and events that ask for an ack, in the order in which they were asked for', async () => {
    const { client, welcomed } = await start()
    const peer = await welcomed()
    const [first, second] = [heldBlob('one'), heldBlob('second')]
    client.emit.put('before')
    client.emit.put(first.blob)
    client.emit.put('behind')
    const call = settled(client.call.carry('called'), 'the call')
    const ack = settled(client.emitWithAck.put({ file: second.blob }), 'the ack')
    client.emit.put('last')
    expect(await unreadOf(peer)).toEqual([put('before')])
    expect([first.reads(), second.reads()]).toEqual([1, 0]) // one after the other
    second.release()
    expect(await unreadOf(peer)).toEqual([put('before')])
    first.release()
    await eventually(() => peer.unread.length === 6, 'all has come')
    expect(peer.unread.slice(1)).toEqual([
      putBlob(),
      put('behind'),
      [frames.call.kind, 1, 'carry', 0, 'called'],
      [frames.event.kind, 2, 'put', 0, { file: [0, 'text/plain'] }, { file: ['Blob'] }],
      put('last'),
    ])
    expect(peer.binaryMessages.map((message) => new Uint8Array(message))).toEqual([
      encodeContainer(`[${JSON.stringify(putBlob())}]`, [new TextEncoder().encode('one')]),
      encodeContainer('[[24,2,"put",0,{"file":[0,"text/plain"]},{"file":["Blob"]}]]', [
        new TextEncoder().encode('second'),
      ]),
    ])
    peer.send([frames.result.kind, 1, 'answered'], [frames.result.kind, 2, 'acked'])
    expect([await call, await ack]).toMatchObject([{ value: 'answered' }, { value: 'acked' }])
    client.emit.put('at once')
    expect(await peer.readKind(frames.event.kind)).toEqual(put('before'))
  })

  test('a blob that comes while another is read waits behind it', async () => {
    const { client, welcomed } = await start()
    const peer = await welcomed()
    const [first, second] = [heldBlob('1'), heldBlob('2', 'a/b')]
    client.emit.put(first.blob)
    await quiet()
    client.emit.put(second.blob)
    first.release()
    await eventually(() => second.reads() === 1, 'the second is read')
    client.emit.put('behind')
    second.release()
    await eventually(() => peer.unread.length === 3, 'all has come')
    expect(peer.unread).toEqual([putBlob(), putBlob('a/b'), put('behind')])
  })

  test('while there is no connection, too', async () => {
    const { client, welcomed } = await start()
    const held = heldBlob('x')
    client.emit.put(held.blob)
    client.emit.put('behind')
    held.release()
    await quiet()
    const peer = await welcomed()
    await eventually(() => peer.unread.length === 2, 'both have come')
    expect(peer.unread).toEqual([putBlob(), put('behind')])
  })

  test('volatile ones are dropped where they cannot leave when they are read', async () => {
    const { client, welcomed } = await start()
    const held = heldBlob('x')
    client.emit.put(held.blob, { delivery: 'volatile' })
    held.release()
    await quiet()
    const peer = await welcomed()
    client.emit.put(held.blob, { delivery: 'volatile' })
    client.emit.put('behind')
    await eventually(() => peer.unread.length === 2, 'both have come')
    expect(peer.unread).toEqual([[frames.volatileEvent.kind, 0, 'put', 0, [0, 'text/plain'], ['Blob']], put('behind')])
  })

  test('what an event handler returns is an ack with a blob', async () => {
    const { client, welcomed } = await start()
    const held = heldBlob('x')
    client.on.fetch(() => held.blob)
    const peer = await welcomed()
    peer.send([frames.event.kind, 7, 'fetch', 0])
    await eventually(() => held.reads() === 1, 'it is read')
    held.release()
    expect(await peer.readKind(frames.result.kind)).toEqual([frames.result.kind, 7, [0, 'text/plain'], ['Blob']])
  })

  test('new credentials do not wait', async () => {
    const { client, welcomed } = await start()
    const peer = await welcomed()
    const held = heldBlob('x')
    client.emit.put(held.blob)
    const renewed = client.reauthenticate()
    expect(await peer.readKind(frames.call.kind)).toEqual([frames.call.kind, 1, '$auth', 0, 'token'])
    peer.send([frames.result.kind, 1])
    await renewed
    held.release()
    expect(await peer.readKind(frames.event.kind)).toEqual(putBlob())
  })
})

describe('a blob is as large as a message may be (WR-6)', () => {
  test('a larger one is refused before it is read', async () => {
    const { client, welcomed } = await start()
    await welcomed({ maxMessageBytes: 1_024 })
    const text = '[[24,0,"put",0,[0,"text/plain"],["Blob"]]]'
    const most = 1_024 - text.length - 8 - 4
    const [fitting, larger] = [heldBlob('x'.repeat(most)), heldBlob('x'.repeat(1_024))]
    const refused = expect.objectContaining({ code: 'TOO_LARGE' })
    expect(() => client.emit.put(larger.blob)).toThrow(refused)
    await expect(client.call.carry([larger.blob])).rejects.toEqual(refused)
    client.emit.put(fitting.blob)
    expect([larger.reads(), fitting.reads()]).toEqual([0, 1])
  })

  test('a byte more than fits with its frame is told when it is measured', async () => {
    const { client, welcomed, errors } = await start()
    const peer = await welcomed({ maxMessageBytes: 1_024 })
    const most = 1_024 - '[[24,0,"put",0,[0,"text/plain"],["Blob"]]]'.length - 8 - 4
    const [fitting, larger] = [heldBlob('x'.repeat(most)), heldBlob('x'.repeat(most + 1))]
    client.emit.put(fitting.blob)
    client.emit.put(larger.blob)
    client.emit.put('behind')
    fitting.release()
    larger.release()
    await eventually(() => peer.unread.length === 2, 'what fits has come')
    expect(peer.unread).toEqual([putBlob(), put('behind')])
    expect(errors).toMatchObject([{ code: 'TOO_LARGE', origin: 'put' }])
  })

  test('what waits behind one is bounded in length, and in number', async () => {
    const { client, welcomed, errors } = await start()
    await welcomed({ maxMessageBytes: 4_194_304 })
    const held = heldBlob('x'.repeat(3_600_000))
    client.emit.put(held.blob)
    const overloaded = expect.objectContaining({ code: 'OVERLOADED' })
    expect(() => client.emit.put('x'.repeat(600_000))).toThrow(overloaded)
    expect(() => client.emit.put(heldBlob('x'.repeat(600_000)).blob)).toThrow(overloaded)
    for (let n = 1; n < 10_000; n++) client.emit.put(n)
    expect(() => client.emit.put(10_000)).toThrow(overloaded)
    expect(errors).toEqual([])
  })
})

describe('a blob that cannot be read', () => {
  test('is told to its caller, or to onError, and holds up nothing', async () => {
    const { client, errors, welcomed } = await start()
    const peer = await welcomed()
    const [emitted, called] = [heldBlob('x'), heldBlob('x')]
    client.emit.put({ file: emitted.blob })
    const call = settled(client.call.carry([called.blob]), 'the call')
    client.emit.put('behind')
    emitted.lose()
    called.lose()
    expect(await peer.read()).toEqual(put('behind'))
    expect(await call).toMatchObject({
      reason: { code: 'INVALID_INPUT', message: 'carry: A Blob cannot be read: NotReadableError: It was deleted.' },
    })
    expect(errors).toMatchObject([{ code: 'INVALID_INPUT', origin: 'put' }])
  })

  test('in an ack is an INTERNAL error with an incident', async () => {
    const { client, errors, welcomed } = await start()
    const held = heldBlob('x')
    client.on.fetch(() => held.blob)
    held.lose()
    const peer = await welcomed()
    peer.send([frames.event.kind, 7, 'fetch', 0])
    expect((await peer.readKind(frames.error.kind)).slice(0, 3)).toEqual([frames.error.kind, 7, 'INTERNAL'])
    expect(errors).toHaveLength(1)
  })
})

describe('a blob that is never read', () => {
  test('ends with the time limit of its call, and holds up nothing any more', async () => {
    const { client, clock, welcomed } = await start()
    const peer = await welcomed()
    const held = heldBlob('x')
    const call = settled(client.call.carry(held.blob, { timeoutMs: 1_000 }), 'the call')
    const short = settled(client.call.carry('short', { timeoutMs: 400 }), 'the short call')
    const long = settled(client.call.carry('long', { timeoutMs: 5_000 }), 'the long call')
    client.emit.put('behind')
    await quiet()
    await clock.advance(410)
    expect(await short).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent', origin: 'carry' } })
    await clock.advance(600)
    expect(await call).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
    // The time that is left when it is written, of what it was given.
    const [, id, , options] = await peer.readKind(frames.call.kind)
    expect(options).toEqual({ timeoutMs: 3_990 })
    expect(await peer.read()).toEqual(put('behind'))
    await clock.advance(4_010)
    expect(await long).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
    held.release()
    expect(await unreadOf(peer)).toEqual([[frames.cancel.kind, id]])
    expect(clock.pending).toBe(0)
  })

  test('ends when its call is aborted', async () => {
    const { client, clock, welcomed } = await start()
    const peer = await welcomed()
    const held = heldBlob('x')
    const [own, other] = [new AbortController(), new AbortController()]
    const call = settled(client.call.carry(held.blob, { signal: own.signal }), 'the call')
    const behind = settled(client.call.carry('behind', { signal: other.signal }), 'the call behind it')
    const before = settled(client.call.carry('aborted before', { signal: AbortSignal.abort() }), 'the third')
    client.emit.put('last')
    other.abort()
    expect([await behind, await before]).toMatchObject([
      { reason: { code: 'ABORTED' } },
      { reason: { code: 'ABORTED' } },
    ])
    expect(await unreadOf(peer)).toEqual([])
    own.abort()
    expect(await call).toMatchObject({ reason: { code: 'ABORTED' } })
    expect(await peer.read()).toEqual(put('last'))
    held.release()
    expect(await unreadOf(peer)).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('in an event ends as an event ends that has no connection', async () => {
    const { client, clock, errors, welcomed } = await start({ offline: { maxAgeMs: 5_000 } })
    const peer = await welcomed()
    client.emit.put(heldBlob('x').blob)
    await clock.advance(1_000)
    client.emit.put('behind')
    await clock.advance(4_010)
    expect(errors).toMatchObject([{ code: 'TIMED_OUT', outcome: 'not_sent', origin: 'put' }])
    expect(await peer.read()).toEqual(put('behind'))
    expect(clock.pending).toBe(0)
  })
})

describe('what waits for a blob', () => {
  test('goes on in the session that follows a lost one, but for what belongs to a room', async () => {
    const { client, again, welcomed } = await start()
    const peer = await welcomed()
    const hall = client.join.hall()
    await peer.readKind(frames.call.kind)
    peer.send([frames.result.kind, 1, { room: 4 }])
    await hall.ready
    const held = heldBlob('x')
    client.emit.put(held.blob)
    const call = settled(client.call.carry('behind'), 'the call')
    const ack = settled(hall.emitWithAck.show('acked'), 'the ack')
    hall.emit.show('shown')
    const next = await again(peer)
    expect((await next.readKind(frames.call.kind))[2]).toBe('$join')
    held.release()
    expect(await next.read()).toEqual(putBlob())
    expect((await next.read()).slice(2)).toEqual(['carry', 0, 'behind'])
    expect(await ack).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent' } })
    expect(await unreadOf(next)).toEqual([])
    next.send([frames.result.kind, 2, { room: 9 }])
    expect(await next.read()).toEqual([frames.roomEvent.kind, 0, 9, 'show', 0, 'shown'])
    void call
  })

  test('is not sent in the name of somebody else (RS-10)', async () => {
    const { client, again, errors, welcomed } = await start()
    const peer = await welcomed({ identity: 'ada' })
    const held = heldBlob('x')
    client.emit.put(held.blob)
    const call = settled(client.call.carry('a secret'), 'the call')
    const next = await again(peer, { identity: 'bob' })
    expect(await call).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent' } })
    held.release()
    expect(await unreadOf(next)).toEqual([])
    expect(errors).toMatchObject([{ code: 'SESSION_LOST', outcome: 'not_sent', origin: 'put' }])
  })

  test('ends with the client', async () => {
    const { client, clock, errors, welcomed } = await start()
    await welcomed()
    const held = heldBlob('x')
    client.emit.put(held.blob)
    const call = settled(client.call.carry('behind'), 'the call')
    await client.close()
    expect(await call).toMatchObject({ reason: { code: 'CLOSED', outcome: 'not_sent' } })
    expect(errors).toMatchObject([{ code: 'CLOSED', outcome: 'not_sent', origin: 'put' }])
    held.release()
    await quiet()
    expect(errors).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })
})

describe('a room', () => {
  test('is left behind what was emitted into it, and not at all where it is joined again meanwhile', async () => {
    const { client, welcomed } = await start()
    const peer = await welcomed()
    const join = async (id: number) => {
      const hall = client.join.hall()
      expect((await peer.readKind(frames.call.kind))[2]).toBe('$join')
      peer.send([frames.result.kind, id, { room: 4 }])
      await hall.ready
      return hall
    }
    const show = [frames.roomEvent.kind, 0, 4, 'show', 0, [0, 'text/plain'], ['Blob']]
    const first = await join(1)
    const held = heldBlob('x')
    first.emit.show(held.blob)
    first.leave()
    expect(first.status.current.state).toBe('left')
    const second = client.join.hall()
    await second.ready
    held.release()
    expect(await peer.read()).toEqual(show)
    second.emit.show('still in it')
    expect(await peer.read()).toEqual([frames.roomEvent.kind, 0, 4, 'show', 0, 'still in it'])

    const last = heldBlob('x')
    second.emit.show(last.blob)
    second.leave()
    expect(await unreadOf(peer)).toEqual([])
    last.release()
    expect(await peer.read()).toEqual(show)
    expect(await peer.read()).toEqual([frames.call.kind, 2, '$leave', 0, { join: 1 }])
    await join(3)
  })

  test('that was about to be left is not joined again in the session that follows', async () => {
    const { client, again, welcomed } = await start()
    const peer = await welcomed()
    const hall = client.join.hall()
    await peer.readKind(frames.call.kind)
    peer.send([frames.result.kind, 1, { room: 4 }])
    await hall.ready
    const held = heldBlob('x')
    client.emit.put(held.blob)
    hall.leave()
    const next = await again(peer)
    held.release()
    expect(await next.read()).toEqual(putBlob())
    expect(await unreadOf(next)).toEqual([])
  })
})

describe('a namespace', () => {
  test('is opened while a blob is read, and what is emitted in it keeps its order', async () => {
    const { client, welcomed } = await start()
    const peer = await welcomed()
    const held = heldBlob('x')
    client.ns.admin.emit.put('before')
    client.ns.admin.emit.put(held.blob)
    client.ns.admin.emit.put('behind')
    const call = settled(client.ns.admin.call.carry('called'), 'the call')
    expect(await peer.read()).toEqual([frames.call.kind, 1, '$open', 0, { namespace: 'admin' }])
    peer.send([frames.result.kind, 1, {}])
    const put = (payload: unknown) => [frames.event.kind, 0, 'admin/put', 0, payload]
    expect(await peer.read()).toEqual(put('before'))
    expect(await unreadOf(peer)).toEqual([])
    held.release()
    expect(await peer.read()).toEqual([...put([0, 'text/plain']), ['Blob']])
    expect(await peer.read()).toEqual(put('behind'))
    expect(await peer.read()).toEqual([frames.call.kind, 2, 'admin/carry', 0, 'called'])
    peer.send([frames.result.kind, 2, 'answered'])
    expect(await call).toMatchObject({ value: 'answered' })
  })

  test('that is closed ends what waits of it at once, and nothing else', async () => {
    const { client, errors, welcomed } = await start()
    const peer = await welcomed()
    const { admin } = client.ns
    const opened = admin.open()
    await peer.readKind(frames.call.kind)
    peer.send([frames.result.kind, 1, {}])
    await opened
    const held = heldBlob('x')
    client.emit.put(held.blob)
    admin.emit.put('dropped')
    client.emit.put('behind')
    const call = settled(admin.call.carry('dropped'), 'the call')
    const closed = admin.close()
    expect(await peer.readKind(frames.call.kind)).toEqual([frames.call.kind, 2, '$close', 0, { namespace: 'admin' }])
    peer.send([frames.result.kind, 2])
    await closed
    expect(await call).toMatchObject({ reason: { code: 'CLOSED', outcome: 'not_sent', origin: 'admin/carry' } })
    expect(errors).toMatchObject([{ code: 'CLOSED', outcome: 'not_sent', origin: 'admin/put' }])
    held.release()
    expect(await peer.readKind(frames.event.kind)).toEqual(putBlob())
    expect(await peer.readKind(frames.event.kind)).toEqual(put('behind'))
  })

  test('in which the server knows us as somebody else is sent nothing of what waits (NS-8)', async () => {
    const { client, again, errors, welcomed } = await start()
    const peer = await welcomed()
    const { admin } = client.ns
    const opened = admin.open()
    await peer.readKind(frames.call.kind)
    peer.send([frames.result.kind, 1, { identity: 'ada' }])
    await opened
    const held = heldBlob('x')
    admin.emit.put(held.blob)
    const call = settled(admin.call.carry('a secret'), 'the call')
    const next = await again(peer)
    const [, id, name] = await next.readKind(frames.call.kind)
    expect(name).toBe('$open')
    next.send([frames.result.kind, id, { identity: 'bob' }])
    expect(await call).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent' } })
    expect(errors).toMatchObject([{ code: 'SESSION_LOST', outcome: 'not_sent', origin: 'admin/put' }])
    held.release()
    expect(await unreadOf(next)).toEqual([])
  })
})
