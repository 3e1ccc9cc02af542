import { describe, expect, test } from 'vitest'
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
    expect(other.errors).toEqual([])
  })
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
