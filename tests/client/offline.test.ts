import { describe, expect, test } from 'vitest'
import { closeCodes } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { eventually, quiet } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, nextAttempt, rawServer } from './clients.ts'

failOnUnhandledRejections()

const welcome = { version: 1, received: 0, from: 0, window: 1_000_000, maxCalls: 64, maxMessageBytes: 1_048_576 }
const noop = [frames.noop.kind]
const note = (n: number) => [frames.event.kind, 0, 'note', 0, { n }]

describe('events that are sent while there is no connection', () => {
  test('wait in order for so long and no longer; each that is dropped is told', async () => {
    const server = await rawServer()
    const client = server.client({ offline: { maxAgeMs: 5_000 } })
    client.emit.note({ n: 1 })
    client.emit.note({ n: 2 })
    const peer = await server.accept()
    await peer.read()
    await client.clock.advance(3_000)
    client.emit.note({ n: 3 })
    await client.clock.advance(2_010)
    const dropped = { code: 'TIMED_OUT', outcome: 'not_sent', origin: 'note' }
    expect(client.errors).toMatchObject([dropped, dropped])
    expect(String(client.errors[0])).toContain('note: it could not be sent within 5000 ms, and was dropped.')
    peer.send([1, { ...welcome, session: 'a' }])
    // The numbers of what was dropped are taken all the same.
    expect([await peer.read(), await peer.read(), await peer.read()]).toEqual([noop, noop, note(3)])
    await quiet()
    await client.clock.advance(120_000)
    expect(client.errors).toHaveLength(2)
  })

  test('what was sent while connected is not dropped, however long the link is away: the session has it', async () => {
    const server = await rawServer()
    const client = server.client({ offline: { maxAgeMs: 1_000 } })
    const connecting = client.connect()
    const first = await server.welcome({ resume: { secret: 's', windowMs: 120_000 } })
    await connecting
    client.emit.note({ n: 1 })
    expect(await first.read()).toEqual(note(1))
    first.cut()
    await is(client, 'waiting')
    client.emit.note({ n: 2 })
    await nextAttempt(client)
    const second = await server.accept()
    await second.read()
    await client.clock.advance(1_010)
    expect(client.errors).toMatchObject([{ code: 'TIMED_OUT', origin: 'note' }])
    second.send([1, { ...welcome, session: 'session-1', resume: { secret: 's', windowMs: 120_000 } }])
    expect(await second.read()).toEqual(note(1))
    expect(await second.read()).toEqual(noop)
    client.emit.note({ n: 3 })
    expect(await second.read()).toEqual(note(3))
  })

  test('no clock runs for what has left, and none after close', async () => {
    const lab = await startLab()
    const client = lab.client()
    client.emit.note({ n: 1 })
    expect(client.clock.pending).toBeGreaterThan(0)
    await is(client, 'open')
    expect(client.clock.pending).toBe(0)
    const other = lab.client()
    other.emit.note({ n: 2 })
    await other.close()
    expect(other.clock.pending).toBe(0)
    await other.clock.advance(200_000)
    expect(other.errors).toHaveLength(1)
  })
})

test('LM-2: an event overtakes the calls that wait for a place, and those keep their order', async () => {
  const server = await rawServer()
  const client = server.client()
  const calls = Array.from({ length: 66 }, (_, i) => client.call.echo(`${i + 1}`))
  void Promise.allSettled(calls)
  client.emit.note({ n: 1 })
  const peer = await server.welcome({ maxCalls: 64 })
  for (let id = 1; id <= 64; id++) expect((await peer.read()).slice(0, 2)).toEqual([frames.call.kind, id])
  expect(await peer.read()).toEqual(note(1))
  for (const id of [65, 66]) {
    peer.send([frames.result.kind, id - 64, ''])
    expect((await peer.read()).slice(0, 2)).toEqual([frames.call.kind, id])
  }
})

describe('events into a room', () => {
  test('wait for its join for so long and no longer', async () => {
    const gate: (() => void)[] = []
    const said: string[] = []
    const lab = await startLab({
      handlers: {
        rooms: {
          hall: {
            authorize: () => new Promise((resolve) => gate.push(() => resolve(true))),
            events: { say: ({ payload }) => void said.push(payload.text) },
          },
        },
      },
    })
    const client = lab.client({ offline: { maxAgeMs: 5_000 } })
    const hall = client.join.hall({ id: 'h' })
    hall.emit.say({ text: 'too old' })
    await eventually(() => gate.length === 1, 'the join is judged')
    await client.clock.advance(3_000)
    hall.emit.say({ text: 'in time' })
    await client.clock.advance(2_010)
    expect(client.errors).toMatchObject([{ code: 'TIMED_OUT', outcome: 'not_sent', origin: 'hall.say' }])
    gate[0]!()
    await eventually(() => said.length === 1, 'what was said in time has come')
    expect(said).toEqual(['in time'])
    await client.clock.advance(10_000)
    expect(client.errors).toHaveLength(1)
  })
})

describe('events that will not be sent are told, once, whoever ends it', () => {
  const dropped = (count: string, code: string) => [
    { code, outcome: 'not_sent', message: expect.stringMatching(new RegExp(`^${count} not sent: `)) as unknown },
  ]

  test('the client that is closed', async () => {
    const server = await rawServer()
    const client = server.client()
    client.emit.note({ n: 1 })
    client.join.hall({ id: 'h' }).emit.say({ text: 'waits for the join' })
    await client.close()
    expect(client.errors).toMatchObject(dropped('2 events were', 'CLOSED'))
    expect(client.clock.pending).toBe(0)
  })

  test('the server that refuses for good', async () => {
    const server = await rawServer()
    const client = server.client()
    client.emit.note({ n: 1 })
    const peer = await server.accept()
    await peer.read()
    peer.send([frames.close.kind, closeCodes.UNAUTHORIZED.code, 'banned', 0])
    await is(client, 'closed')
    expect(client.errors).toMatchObject(dropped('1 event was', 'UNAUTHORIZED'))
  })

  test('the server that ends the session and says what it has received', async () => {
    const server = await rawServer()
    const client = server.client()
    const connecting = client.connect()
    const peer = await server.welcome()
    await connecting
    for (const n of [1, 2, 3]) client.emit.note({ n })
    for (const n of [1, 2, 3]) expect(await peer.read()).toEqual(note(n))
    peer.send([frames.close.kind, closeCodes.SESSION_CLOSED.code, 'enough', { received: 2 }])
    await is(client, 'closed')
    expect(client.errors).toMatchObject(dropped('1 event was', 'SESSION_LOST'))
  })

  test('but nothing of what was written on a link that is open', async () => {
    const lab = await startLab()
    const client = lab.client()
    await client.connect()
    client.emit.note({ n: 1 })
    await client.close()
    expect(client.errors).toEqual([])
  })
})

test('events into a room whose join is refused are told', async () => {
  const lab = await startLab({
    handlers: { rooms: { hall: { authorize: () => false, events: { say: () => {}, vote: () => ({ count: 1 }) } } } },
  })
  const client = lab.client()
  const hall = client.join.hall({ id: 'h' })
  hall.emit.say({ text: 'to nobody' })
  await expect(hall.ready).rejects.toMatchObject({ code: 'FORBIDDEN' })
  expect(client.errors).toMatchObject([{ code: 'FORBIDDEN', outcome: 'not_sent', origin: 'hall.say' }])
})

describe('events of a session that is lost, of which the server has not said whether it has seen them', () => {
  const unknown = (count: string) => [
    {
      code: 'SESSION_LOST',
      outcome: 'unknown',
      message: expect.stringMatching(new RegExp(`^${count} may not have arrived: the session was lost`)) as unknown,
    },
  ]

  test('are told, once; what was acknowledged is not among them, and what was never written goes on', async () => {
    const server = await rawServer()
    const client = server.client()
    const connecting = client.connect()
    const first = await server.welcome({ resume: { secret: 's', windowMs: 120_000 } })
    await connecting
    for (const n of [1, 2, 3]) client.emit.note({ n })
    for (const n of [1, 2, 3]) expect(await first.read()).toEqual(note(n))
    first.send([frames.ack.kind, 1], [frames.ping.kind, 0, 1])
    await first.readKind(frames.pong.kind)
    first.cut()
    await is(client, 'waiting')
    client.emit.note({ n: 4 })
    await nextAttempt(client)
    const second = await server.accept()
    await second.read()
    second.send([frames.gone.kind, null])
    await second.read()
    expect(client.errors).toMatchObject(unknown('2 events'))
    second.send([1, { ...welcome, session: 'b' }])
    expect(await second.read()).toEqual(note(4))
    expect(client.errors).toHaveLength(1)
  })

  test.each(['TOO_LARGE', 'BAD_FRAME'] as const)(
    'are told where it ends by %s: nothing of it is sent again',
    async (code) => {
      const server = await rawServer()
      const client = server.client()
      const connecting = client.connect()
      const first = await server.welcome({ resume: { secret: 's', windowMs: 120_000 } })
      await connecting
      client.emit.note({ n: 1 })
      expect(await first.read()).toEqual(note(1))
      first.send([frames.close.kind, closeCodes[code].code, 'no', { received: 0 }])
      await is(client, 'waiting')
      expect(client.errors).toMatchObject(unknown('1 event'))
    },
  )

  test('are as old as they are where they go on in the next one', async () => {
    const server = await rawServer()
    const client = server.client({
      offline: { maxAgeMs: 5_000 },
      reconnect: { minDelayMs: 60_000, maxDelayMs: 60_000, random: () => 0.5 },
    })
    const connecting = client.connect()
    const peer = await server.welcome()
    await connecting
    client.emit.note({ n: 1 })
    expect(await peer.read()).toEqual(note(1))
    await client.clock.advance(3_000)
    client.emit.note({ n: 2 })
    expect(await peer.read()).toEqual(note(2))
    peer.send([frames.close.kind, closeCodes.GOING_AWAY.code, 'elsewhere', { received: 0 }])
    await is(client, 'waiting')
    client.emit.note({ n: 3 })
    await client.clock.advance(2_010)
    expect(client.errors).toMatchObject([{ code: 'TIMED_OUT', origin: 'note' }])
    await client.clock.advance(3_000)
    expect(client.errors).toHaveLength(3)
  })
})
