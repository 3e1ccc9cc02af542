import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startByHand } from './stage.ts'

failOnUnhandledRejections()

const unknown = { code: 'SESSION_LOST', outcome: 'unknown' }
const going = (received?: unknown) => [3, 4503, 'going', received === undefined ? 0 : { received }]

describe('CA-10: a call in flight when its session is lost', () => {
  test('is offered again, under the id that it had, and answered', async () => {
    const { raw, client, next } = await startByHand()
    const answer = client.call.put('a', { timeoutMs: 5_000 })
    const peer = await raw.welcome()
    await peer.read()
    peer.cut()
    const second = await next()
    expect(await second.read()).toEqual([17, 1, 'put', { timeoutMs: 4_999, again: 1 }, 'a'])
    second.send([18, 1, 'stored'])
    expect(await answer).toBe('stored')
    await quiet()
    expect(second.unread).toEqual([])
    expect(client.clock.pending).toBe(0)
  })

  test('with bytes too', async () => {
    const { raw, client, next } = await startByHand()
    const answer = client.call.carry({ bytes: new Uint8Array([1, 255]) })
    const peer = await raw.welcome()
    await peer.read()
    peer.send([6, 1]) // it has been received, so that the session keeps it no more
    peer.cut()
    const second = await next()
    expect(await second.read()).toEqual([17, 1, 'carry', { again: 1 }, { bytes: 0 }, { bytes: ['bytes'] }])
    expect(second.binaryMessages[0]!.slice(-2)).toEqual(Buffer.from([1, 255]))
    second.send([18, 1, null])
    expect(await answer).toBe(null)
  })

  test('and was not seen, as the server says, is sent as it was', async () => {
    const { raw, client, next } = await startByHand()
    const answer = client.call.put('a')
    const peer = await raw.welcome()
    await peer.read()
    peer.send(going(0))
    const second = await next()
    expect(await second.read()).toEqual([17, 1, 'put', 0, 'a'])
    second.send([18, 1, 'stored'])
    expect(await answer).toBe('stored')
  })

  test('rejects as unknown where the server will not run it (CA-11)', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.call.add('a'), 'the call')
    const peer = await raw.welcome()
    await peer.read()
    peer.cut()
    const second = await next()
    expect(await second.read()).toEqual([17, 1, 'add', { again: 1 }, 'a'])
    second.send([19, 1, 'SESSION_LOST', 'add: it may have run.', 0])
    expect(await answer).toMatchObject({ reason: { ...unknown, origin: 'add', message: 'add: it may have run.' } })
    await quiet()
    expect(second.unread).toEqual([])
  })

  test('says so as often as it is offered, also where the last session has not seen it', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.call.put('a'), 'the call')
    const peer = await raw.welcome()
    await peer.read()
    peer.cut()
    for (let times = 0; times < 3; times++) {
      const again = await next()
      expect(await again.read()).toEqual([17, 1, 'put', { again: 1 }, 'a'])
      again.send(going(0))
    }
    const last = await next()
    expect(await last.read()).toEqual([17, 1, 'put', { again: 1 }, 'a'])
    await client.close()
    expect(await answer).toMatchObject({ reason: { code: 'CLOSED', outcome: 'unknown' } })
  })

  test('stands before what was not seen and what waits, and events keep their places', async () => {
    const { raw, client, next } = await startByHand()
    const calls = [settled(client.call.put('seen'), '1'), settled(client.call.put('seen too'), '2')]
    client.emit.note('seen')
    calls.push(settled(client.call.put('unseen'), '3'))
    client.emit.note('unseen')
    calls.push(settled(client.call.put('unseen too'), '4'))
    const peer = await raw.welcome({ maxCalls: 64 })
    await eventually(() => peer.unread.length === 6, 'all is sent')
    peer.send(going(3))
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    calls.push(settled(client.call.put('new'), '5'))
    const second = await next()
    await eventually(() => second.unread.length === 6, 'all is sent again')
    expect(second.unread.map(([kind, id, ...rest]) => [kind, id, rest.at(-1)])).toEqual([
      [17, 1, 'seen'],
      [17, 2, 'seen too'],
      [17, 3, 'unseen'],
      [24, 0, 'unseen'],
      [17, 4, 'unseen too'],
      [17, 5, 'new'],
    ])
    expect(second.unread.map(([, , , options]) => options)).toEqual([{ again: 1 }, { again: 2 }, 0, 0, 0, 0])
    await client.close()
    const outcomes = (await Promise.all(calls)).map((call) => (call as { reason: { outcome: string } }).reason.outcome)
    expect(outcomes).toEqual(Array.from({ length: 5 }, () => 'unknown'))
  })

  test('LM-2: waits its turn: what every server takes, until the welcome says more', async () => {
    const { raw, client, next } = await startByHand()
    for (let n = 1; n <= 100; n++) void settled(client.call.put(`${n}`), 'a call')
    const peer = await raw.welcome({ maxCalls: 90 })
    await eventually(() => peer.unread.length === 90, 'as many as it takes')
    peer.cut()
    const second = await next({ maxCalls: 64 })
    await eventually(() => second.unread.length === 64, 'as many as it takes')
    await quiet()
    second.send(...Array.from({ length: 36 }, (_, n) => [18, n + 1, 'stored']))
    await eventually(() => second.unread.length === 100, 'all')
    expect(second.unread.map(([, id]) => id)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1))
    const again = second.unread.map(([, , , options]) => (options === 0 ? 0 : (options as { again: number }).again))
    expect(again).toEqual(Array.from({ length: 100 }, (_, n) => (n < 90 ? n + 1 : 0)))
  })

  test('while it waits its turn, its time limit and its signal count on, and its outcome is unknown', async () => {
    const { raw, client, next } = await startByHand()
    const controller = new AbortController()
    const late = settled(client.call.put('late', { timeoutMs: 10_000 }), 'the late one')
    const given = settled(client.call.put('given up', { signal: controller.signal }), 'the one given up')
    const first = await raw.welcome()
    await first.read()
    await first.read()
    await client.clock.advance(9_000)
    first.cut()
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    controller.abort()
    expect(await given).toMatchObject({ reason: { code: 'ABORTED' } })
    const second = await next()
    let call = await second.read()
    while (call[0] === 16) call = await second.read()
    expect(call).toEqual([17, 1, 'put', { timeoutMs: 999, again: 1 }, 'late'])
    await client.clock.advance(1_000)
    expect(await late).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
    expect((await second.readKind(23))[1]).toBe(1)
    await quiet()
    expect(second.unread.filter(([kind]) => kind === 17)).toEqual([])
  })

  test('and no connection follows in time, rejects TIMED_OUT, unknown', async () => {
    const { raw, client } = await startByHand()
    const answer = settled(client.call.put('a', { timeoutMs: 1_000 }), 'the call')
    const peer = await raw.welcome()
    await peer.read()
    await raw.close()
    await client.clock.advance(1_010)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
  })

  test.each([
    ['the client is closed', 'CLOSED'],
    ['the server says not to come back', 'SESSION_LOST'],
  ])('rejects as unknown where %s', async (how, code) => {
    const { raw, client } = await startByHand()
    const answer = settled(client.call.put('a'), 'the call')
    const peer = await raw.welcome()
    await peer.read()
    if (code === 'CLOSED') await client.close()
    else peer.send([3, 4000, how, 0])
    expect(await answer).toMatchObject({ reason: { code, outcome: 'unknown' } })
  })

  test('RS-10: is not offered in the name of somebody else', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.call.put('a'), 'the call')
    const peer = await raw.welcome({ identity: 'ada' })
    await peer.read()
    peer.cut()
    const second = await next({ identity: 'bob' })
    expect(await answer).toMatchObject({ reason: unknown })
    await quiet()
    expect(second.unread).toEqual([])
  })

  test.each([
    [4400, 'BAD_FRAME'],
    [1009, 'TOO_LARGE'],
  ])('RS-9: is not offered where its connection was closed with %d: it may be why', async (code) => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.call.put('a'), 'the call')
    const peer = await raw.welcome()
    await peer.read()
    peer.send([3, code, 'no', { received: 0 }])
    expect(await answer).toMatchObject({ reason: unknown })
    const second = await next()
    await quiet()
    expect(second.unread).toEqual([])
  })

  test('is not offered beyond what a client keeps for a server', async () => {
    const { raw, client, next } = await startByHand()
    const large = 'x'.repeat(1_000_000)
    for (let n = 0; n < 4; n++) void settled(client.call.put(large), 'a call')
    const peer = await raw.welcome({ maxMessageBytes: 2_000_000 })
    await eventually(() => peer.unread.length === 4, 'what the client may keep is sent')
    peer.send([6, 4])
    await quiet()
    const more = [settled(client.call.put(large), '5'), settled(client.call.put(large), '6')]
    await eventually(() => peer.unread.length === 6, 'and two more')
    peer.send([6, 6])
    await quiet()
    peer.cut()
    const second = await next({ maxMessageBytes: 2_000_000 })
    await eventually(() => second.unread.length === 4, 'four are offered')
    expect(await Promise.all(more)).toMatchObject([{ reason: unknown }, { reason: unknown }])
    expect(second.unread.map(([, id]) => id)).toEqual([1, 2, 3, 4])
  })

  test('that grows too large for the next server by being offered is unknown, not TOO_LARGE', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.call.put('x'.repeat(2_000)), 'the call')
    const peer = await raw.welcome()
    await peer.read()
    peer.cut()
    const second = await next({ maxMessageBytes: 1_024 })
    expect(await answer).toMatchObject({ reason: unknown })
    await quiet()
    expect(second.unread.filter(([kind]) => kind !== 16)).toEqual([])
  })

  test('but an ack, a join and what else is no call of the contract are not offered', async () => {
    const { raw, client, next } = await startByHand()
    const ack = settled(client.emitWithAck.note('a'), 'the ack')
    const hall = client.join.hall()
    const peer = await raw.welcome()
    await peer.read()
    expect(await peer.read()).toEqual([17, 2, '$join', 0, { kind: 'hall' }])
    peer.cut()
    expect(await ack).toMatchObject({ reason: unknown })
    const second = await next()
    expect(await second.read()).toEqual([17, 3, '$join', 0, { kind: 'hall' }])
    await quiet()
    expect(second.unread).toEqual([])
    hall.leave()
  })
})

describe('CA-10: a call of a namespace', () => {
  const open = async (peer: Awaited<ReturnType<Awaited<ReturnType<typeof startByHand>>['raw']['welcome']>>) => {
    const [, id, name] = await peer.readKind(17)
    expect(name).toBe('$open')
    return id as number
  }

  test('is offered behind the next opening, under a new id, with the one that it had first', async () => {
    const { raw, client, next } = await startByHand()
    const answer = client.ns.lab.call.put('a')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), {}])
    expect(await peer.read()).toEqual([17, 2, 'lab/put', 0, 'a'])
    peer.cut()
    const second = await next()
    const opening = await open(second)
    await quiet()
    expect(second.unread).toEqual([])
    second.send([18, opening, {}])
    expect(await second.read()).toEqual([17, 4, 'lab/put', { again: 2 }, 'a'])
    second.cut()
    const third = await next()
    third.send([18, await open(third), {}])
    expect(await third.read()).toEqual([17, 6, 'lab/put', { again: 2 }, 'a'])
    third.send(going(1)) // this time it was not seen
    const last = await next()
    last.send([18, await open(last), {}])
    const [, id, ...rest] = await last.read()
    expect(rest).toEqual(['lab/put', { again: 2 }, 'a'])
    last.send([18, id, 'stored'])
    expect(await answer).toBe('stored')
  })

  test('says what is left of its time each time, that of the wait for the opening included', async () => {
    const { raw, client, next } = await startByHand()
    const answer = client.ns.lab.call.put('a', { timeoutMs: 5_000 })
    const peer = await raw.welcome()
    const first = await open(peer)
    await client.clock.advance(1_000)
    peer.send([18, first, {}])
    expect(await peer.read()).toEqual([17, 2, 'lab/put', { timeoutMs: 4_000 }, 'a'])
    await client.clock.advance(1_000)
    peer.cut()
    const second = await next()
    second.send([18, await open(second), {}])
    const [, id, ...rest] = await second.read()
    expect(rest).toEqual(['lab/put', { timeoutMs: 2_999, again: 2 }, 'a'])
    second.send([18, id, 'stored'])
    expect(await answer).toBe('stored')
  })

  test('is waited for no longer than from when it was asked, also where no limit was set', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.ns.lab.call.put('a'), 'the call')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), {}])
    await peer.read()
    await client.clock.advance(30_000)
    peer.cut()
    const second = await next()
    second.send([18, await open(second), {}])
    await second.read()
    await client.clock.advance(5_000)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
  })

  test('is not offered beyond what a client keeps for a server, with all else that waits', async () => {
    const { raw, client, next } = await startByHand()
    const large = 'x'.repeat(1_000_000)
    void settled(client.ns.lab.call.put('a'), 'the first')
    const peer = await raw.welcome({ maxMessageBytes: 2_000_000 })
    peer.send([18, await open(peer), {}])
    await peer.read()
    const calls = Array.from({ length: 3 }, (_, n) => settled(client.ns.lab.call.put(large), `call ${n}`))
    await eventually(() => peer.unread.length === 3, 'three are sent')
    peer.send([6, 5])
    await quiet()
    calls.push(...Array.from({ length: 3 }, (_, n) => settled(client.ns.lab.call.put(large), `call ${n + 3}`)))
    await eventually(() => peer.unread.length === 6, 'and three more')
    peer.send([6, 8])
    await quiet()
    void settled(client.ns.admin.call.put(large), 'of another, which waits')
    peer.cut()
    const second = await next({ maxMessageBytes: 2_000_000 })
    expect(await Promise.all(calls.slice(3))).toMatchObject([
      { reason: unknown },
      { reason: unknown },
      { reason: unknown },
    ])
    await expect(client.call.put(large)).rejects.toMatchObject({ code: 'OVERLOADED' })
    const openings = [await second.readKind(17), await second.readKind(17)]
    for (const [, id] of openings) second.send([18, id, {}])
    await eventually(() => second.unread.length === 5, 'three are offered, and the first')
    expect(second.unread.filter(([, , name]) => name === 'lab/put').map(([, , , options]) => options)).toMatchObject(
      [2, 3, 4, 5].map((again) => ({ again })),
    )
  })

  test('ends with the client as one of the root does, in doubt or not sent', async () => {
    const { raw, client, next } = await startByHand()
    const { lab } = client.ns
    const inDoubt = [settled(lab.call.put('a'), 'of lab')]
    const peer = await raw.welcome()
    peer.send([18, await open(peer), {}])
    inDoubt.push(settled(client.call.put('a'), 'of the root'))
    await eventually(() => peer.unread.length === 2, 'both are sent')
    peer.cut()
    const second = await next()
    expect(await second.read()).toEqual([17, 2, 'put', { again: 2 }, 'a'])
    await open(second)
    const notSent = settled(lab.call.put('b'), 'of lab, later')
    await quiet()
    await client.close()
    const closed = {
      reason: { code: 'CLOSED', outcome: 'unknown', message: expect.stringContaining('This client was closed') },
    }
    expect(await Promise.all(inDoubt)).toMatchObject([closed, closed])
    expect(await notSent).toMatchObject({ reason: { ...closed.reason, outcome: 'not_sent' } })
  })

  test('ends with the client also in the moment in which its session is lost', async () => {
    const { raw, client } = await startByHand()
    const { lab } = client.ns
    const answer = settled(lab.call.put('a'), 'the call')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), {}])
    await peer.readKind(17)
    lab.status.subscribe(() => void client.close())
    peer.cut()
    expect(await answer).toMatchObject({ reason: { code: 'CLOSED', outcome: 'unknown' } })
  })

  test('rejects as unknown where the server will not run it, once', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.ns.admin.call.add('a'), 'the call')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), { identity: 'ada' }])
    await peer.read()
    peer.cut()
    const second = await next()
    second.send([18, await open(second), { identity: 'ada' }])
    const [, id] = await second.read()
    second.send([19, id, 'SESSION_LOST', 'it may have run', 0])
    expect(await answer).toMatchObject({ reason: { ...unknown, origin: 'admin/add' } })
    await quiet()
    expect(second.unread).toEqual([])
  })

  test('is unknown where the server that follows does not take it any more', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.ns.admin.call.add('y'.repeat(5_000)), 'the call')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), { identity: 'ada' }])
    await peer.read()
    peer.cut()
    const second = await next({ maxMessageBytes: 4_096 })
    second.send([18, await open(second), { identity: 'ada' }])
    expect(await answer).toMatchObject({ reason: unknown })
  })

  test('is as whoever opens the namespace, where its client had closed it as another', async () => {
    let who = 'ada'
    const { raw, client } = await startByHand({ namespaces: { admin: { auth: () => who } } })
    const opened = client.ns.admin.open()
    const peer = await raw.welcome()
    peer.send([18, await open(peer), { identity: 'ada' }])
    await opened
    const closing = client.ns.admin.close()
    const [, closingId] = await peer.read()
    peer.send([18, closingId])
    await closing
    who = 'eve'
    const opening = client.ns.admin.open()
    const answer = client.ns.admin.call.add('as eve')
    peer.send([18, await open(peer), { identity: 'eve' }])
    await opening
    const [, id, ...rest] = await peer.read()
    expect(rest).toEqual(['admin/add', 0, 'as eve'])
    peer.send([18, id, 'added'])
    expect(await answer).toBe('added')
  })

  test('NS-8: is not offered in the name of somebody else', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.ns.admin.call.put('a'), 'the call')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), { identity: 'ada' }])
    await peer.read()
    peer.cut()
    const second = await next()
    second.send([18, await open(second), { identity: 'bob' }])
    expect(await answer).toMatchObject({ reason: unknown })
    await quiet()
    expect(second.unread).toEqual([])
  })

  test('whose time is over before the namespace is open again is unknown', async () => {
    const { raw, client, next } = await startByHand()
    const answer = settled(client.ns.lab.call.put('a', { timeoutMs: 5_000 }), 'the call')
    const peer = await raw.welcome()
    peer.send([18, await open(peer), {}])
    await peer.read()
    peer.cut()
    const second = await next()
    await open(second)
    await client.clock.advance(5_010)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
  })
})
