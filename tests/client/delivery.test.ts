import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, nextAttempt, rawServer } from './clients.ts'

failOnUnhandledRejections()

const resume = { secret: 's', windowMs: 120_000 }
const welcome = { version: 1, received: 0, from: 0, window: 1_000_000, maxCalls: 64, maxMessageBytes: 1_048_576 }
const noop = [frames.noop.kind]
const note = (n: number) => [frames.event.kind, 0, 'note', 0, { n }]
const said = (room: number, text: string) => [frames.roomEvent.kind, 0, room, 'say', 0, { text }]

describe('an event that is volatile', () => {
  test('leaves at once, or not at all (DL-1, DL-2)', async () => {
    const server = await rawServer()
    const client = server.client()
    const volatile = { delivery: 'volatile' } as const
    client.emit.note({ n: 1 }, volatile) // it connects all the same
    const first = await server.welcome({ resume })
    await is(client, 'open')
    client.emit.note({ n: 2 }, volatile)
    client.emit.note({ n: 3 })
    expect([await first.read(), await first.read()]).toEqual([[8, 0, 'note', 0, { n: 2 }], note(3)])
    first.cut()
    await is(client, 'waiting')
    client.emit.note({ n: 4 }, volatile)
    await nextAttempt(client)
    const second = await server.accept()
    await second.read()
    second.send([1, { ...welcome, session: 'session-1', received: 1, resume }])
    await is(client, 'open')
    client.emit.note({ n: 5 })
    expect(await second.read()).toEqual(note(5))
    expect(client.errors).toEqual([])
  })

  test('is refused where it can never be sent', async () => {
    const server = await rawServer()
    const client = server.client()
    const connecting = client.connect()
    await server.welcome({ maxMessageBytes: 1_024 })
    await connecting
    const carry = (text: string) => client.emit.note({ n: 1, text } as never, { delivery: 'volatile' })
    expect(() => carry('x'.repeat(2_000))).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
    await client.close()
    expect(() => client.emit.note({ n: 1 }, { delivery: 'volatile' })).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    )
  })

  test('into a room is dropped until the room is joined, and refused when it was left', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    hall.emit.say({ text: 'a' }, { delivery: 'volatile' })
    const peer = await server.welcome()
    expect(await peer.read()).toEqual([17, 1, '$join', 0, { kind: 'hall', params: { id: 'h' } }])
    hall.emit.say({ text: 'b' }, { delivery: 'volatile' })
    peer.send([18, 1, { room: 7 }])
    await hall.ready
    hall.emit.say({ text: 'c' }, { delivery: 'volatile' })
    expect(await peer.read()).toEqual([8, 7, 'say', 0, { text: 'c' }])
    hall.leave()
    expect(() => hall.emit.say({ text: 'd' }, { delivery: 'volatile' })).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    )
  })

  test('is handled by the server, in its place', async () => {
    const handled: number[] = []
    const lab = await startLab({ handlers: { events: { note: ({ payload }) => void handled.push(payload.n) } } })
    const client = lab.client()
    await client.connect()
    for (const n of [1, 2, 3, 4]) client.emit.note({ n }, { delivery: n % 2 === 0 ? 'volatile' : 'reliable' })
    await eventually(() => handled.length === 4, 'all are handled')
    expect(handled).toEqual([1, 2, 3, 4])
  })
})

describe('an event of which only the latest counts', () => {
  test('takes the place of the one of its key that waits (DL-4)', async () => {
    const server = await rawServer()
    const client = server.client()
    client.emit.note({ n: 1 }, { delivery: 'latest' })
    client.emit.note({ n: 2 }, { delivery: 'latest', key: 'me' })
    client.emit.note({ n: 3 })
    client.emit.note({ n: 4 }, { delivery: 'latest', key: 'me' })
    client.emit.note({ n: 5 }, { delivery: 'latest' })
    const peer = await server.welcome()
    expect([await peer.read(), await peer.read(), await peer.read()]).toEqual([note(5), note(4), note(3)])
    await is(client, 'open')
    client.emit.note({ n: 6 }, { delivery: 'latest' })
    expect(await peer.read()).toEqual(note(6))
  })

  test('waits for as long as the newest of its key may, and is told once', async () => {
    const server = await rawServer()
    const client = server.client({ offline: { maxAgeMs: 5_000 } })
    client.emit.note({ n: 1 }, { delivery: 'latest', key: 1 })
    client.emit.note({ n: 2 }, { delivery: 'latest', key: 2 })
    const peer = await server.accept()
    await peer.read()
    await client.clock.advance(3_000)
    client.emit.note({ n: 3 }, { delivery: 'latest', key: 2 })
    await client.clock.advance(3_000)
    expect(client.errors).toMatchObject([{ code: 'TIMED_OUT', outcome: 'not_sent', origin: 'note' }])
    peer.send([1, { ...welcome, session: 'a' }])
    expect([await peer.read(), await peer.read()]).toEqual([noop, note(3)])
    await quiet()
    expect([client.clock.pending, client.errors.length]).toEqual([0, 1])
  })

  test('outlives a session that is lost, as the newest of its key', async () => {
    const server = await rawServer()
    const client = server.client()
    const connecting = client.connect()
    const first = await server.welcome()
    await connecting
    first.cut()
    await is(client, 'waiting')
    client.emit.note({ n: 1 }, { delivery: 'latest' })
    client.emit.note({ n: 2 }, { delivery: 'latest' })
    await nextAttempt(client)
    const second = await server.welcome()
    expect(await second.read()).toEqual(note(2))
  })

  test('into a room waits for the join as the newest of its key, and so behind it', async () => {
    const server = await rawServer()
    const client = server.client({ offline: { maxAgeMs: 5_000 } })
    const [hall, other] = [client.join.hall({ id: 'h' }), client.join.hall({ id: 'o' })]
    const latest = { delivery: 'latest' } as const
    const peer = await server.welcome({ resume })
    await client.clock.advance(3_000)
    hall.emit.say({ text: 'a' }, latest)
    other.emit.say({ text: 'o' }, latest)
    hall.emit.say({ text: 'b' })
    await client.clock.advance(3_000)
    hall.emit.say({ text: 'c' }, latest)
    await client.clock.advance(3_000)
    expect(client.errors).toMatchObject([{ origin: 'hall.say' }, { origin: 'hall.say' }]) // o and b
    hall.emit.say({ text: 'd' })
    // However often it changes, it is one of the thousand that may wait.
    for (let n = 0; n < 2_000; n++) hall.emit.say({ text: String(n) }, { delivery: 'latest', key: 'mine' })
    const joins = [await peer.read(), await peer.read()]
    peer.send(...joins.map(([, id], index) => [18, id, { room: 7 + index }]))
    expect([await peer.read(), await peer.read(), await peer.read()]).toEqual([
      said(7, 'c'),
      said(7, 'd'),
      said(7, '1999'),
    ])

    peer.cut()
    await is(client, 'waiting')
    hall.emit.say({ text: 'e' }, latest)
    other.emit.say({ text: 'o' }, latest)
    hall.emit.say({ text: 'f' }, latest)
    await nextAttempt(client)
    const again = await server.accept()
    await again.read()
    again.send([1, { ...welcome, session: 'session-1', received: 5, resume }])
    expect([await again.read(), await again.read()]).toEqual([said(7, 'f'), said(8, 'o')])
    await quiet()
    expect(client.clock.pending).toBe(0)
  })
})
