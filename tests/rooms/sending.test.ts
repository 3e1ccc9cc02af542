// What is asked of a room, and emitted into it: in which order it comes, and what waits for the join.

import { type ClientOptionsOf, type TransportName, TypewireError } from '@typewire/client'
import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { createFakeClock, createRawServer, type RawPeer } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startClient } from '../support/clients.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { heldBlob } from '../support/held-blob.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const Said = z.object({ text: z.string() })
const contract = defineContract({
  procedures: { echo: procedure({ input: z.string(), output: z.string() }) },
  rooms: {
    hall: room({
      params: z.object({ id: z.string() }),
      events: {
        toServer: { say: event(Said), ask: event(z.unknown(), { ack: z.string() }) },
        toClient: { said: event(Said) },
      },
      presence: z.object({ mood: z.string(), since: z.date().optional() }),
    }),
  },
})
interface Site extends Named<typeof contract> {}
const site: Site = contract
const presence = { mood: 'calm' }

/** A server, and what its handlers saw of a client's room. `authorize` waits for `admit`. */
async function stage(transport: TransportName) {
  const clock = createFakeClock()
  const seen: string[] = []
  let admit!: () => void
  const admitted = new Promise<void>((resolve) => (admit = resolve))
  const server = createServer(site, { clock, heartbeat: false, authenticate: () => ({ identity: 'ada' }) })
  const listening = server.implement({
    procedures: { echo: ({ input }) => input },
    rooms: {
      hall: {
        authorize: async () => {
          await admitted
          return true
        },
        events: {
          say: ({ payload }) => void seen.push(payload.text),
          ask: ({ payload }) => {
            const { text } = payload as z.infer<typeof Said>
            seen.push(text)
            return text
          },
        },
      },
    },
  })
  const { url } = await serve(listening, clock)
  const { client } = startClient<Site>(url, { transports: [transport] })
  const hall = client.join.hall({ id: 'h' }, { presence })
  const until = (count: number) => eventually(() => seen.length === count, `${count} have come`)
  return { client, hall, seen, admit, until }
}

/** A server that speaks by hand, and a client that joins its hall. */
async function byHand(options: Partial<ClientOptionsOf<Site>> = {}) {
  const server = await createRawServer()
  onTestFinished(() => server.close())
  const { client, ...rest } = startClient<Site>(server.url, options)
  const join = () => client.join.hall({ id: 'h' }, { presence })
  /** The join has come. */
  const asked = async () => {
    const peer = await server.welcome()
    expect(await peer.readKind(frames.call.kind)).toEqual([frames.call.kind, 1, '$join', 0, expect.anything()])
    return peer
  }
  const answer = (peer: RawPeer) => peer.send([frames.result.kind, 1, { room: 4 }])
  return { server, client, join, asked, answer, ...rest }
}

const transports = ['websocket', 'http-stream', 'http-poll'] as const

describe.each(transports)('what is asked of a room and emitted into it comes in its order, over %s', (transport) => {
  test('once it is joined', async () => {
    const { hall, seen, admit, until } = await stage(transport)
    admit()
    await hall.ready
    hall.emit.say({ text: '1' })
    const asked = hall.emitWithAck.ask({ text: '2' })
    hall.emit.say({ text: '3' })
    expect(await asked).toBe('2')
    await until(3)
    expect(seen).toEqual(['1', '2', '3'])
  })

  test('while it is being joined, and what is sent when that is heard comes behind it', async () => {
    const { client, hall, seen, admit, until } = await stage(transport)
    hall.status.subscribe(() => hall.emit.say({ text: '5' }))
    client.rooms.hall.instances.subscribe(() => hall.emit.say({ text: '4' }))
    hall.emit.say({ text: '1' })
    const asked = hall.emitWithAck.ask({ text: '2' })
    hall.emit.say({ text: '3' })
    admit()
    expect(await asked).toBe('2')
    await until(5)
    expect(seen).toEqual(['1', '2', '3', '4', '5'])
  })

  test('where a Blob must be read first', async () => {
    const { hall, seen, admit, until } = await stage(transport)
    const held = heldBlob('x')
    const asked = [hall.emitWithAck.ask({ text: '1', file: held.blob }), hall.emitWithAck.ask({ text: '2' })]
    hall.emit.say({ text: '3' })
    admit()
    await hall.ready
    asked.push(hall.emitWithAck.ask({ text: '4' }))
    held.release()
    expect(await Promise.all(asked)).toEqual(['1', '2', '4'])
    await until(4)
    expect(seen).toEqual(['1', '2', '3', '4'])
  })
})

describe('what is asked of a room', () => {
  test('is what it was when it was asked', async () => {
    const { join, asked, answer } = await byHand()
    const hall = join()
    const [payload, said] = [{ text: 'a' }, { mood: 'busy', since: new Date(0) }]
    const answers = [hall.emitWithAck.ask(payload), hall.setPresence(said), hall.history({ limit: 2 }), hall.history()]
    payload.text = 'b'
    said.mood = 'gone'
    hall.emit.say({ text: 'last' })
    const peer = await asked()
    answer(peer)
    const came = []
    for (let n = 0; n < 5; n++) came.push(await peer.read())
    expect(came).toEqual([
      [frames.roomEvent.kind, 2, 4, 'ask', 0, { text: 'a' }],
      [
        frames.call.kind,
        3,
        '$presence',
        0,
        { room: 4, presence: { mood: 'busy', since: expect.anything() } },
        expect.anything(),
      ],
      [frames.call.kind, 4, '$history', 0, { room: 4, limit: 2 }],
      [frames.call.kind, 5, '$history', 0, { room: 4 }],
      [frames.roomEvent.kind, 0, 4, 'say', 0, { text: 'last' }],
    ])
    const page = { events: [], before: { epoch: 'e', offset: 1 } }
    for (const [id, result] of ['yes', null, page, page].entries()) peer.send([frames.result.kind, id + 2, result])
    expect(await Promise.all(answers)).toMatchObject(['yes', undefined, { events: [] }, { events: [] }])
  })

  test('is refused at once where it cannot travel, or is too large', async () => {
    const { join, client } = await byHand()
    const hall = join()
    const cannot = await settled(
      hall.emitWithAck.ask(() => {}),
      'it',
    )
    expect(cannot).toMatchObject({ reason: { code: 'INVALID_INPUT', origin: 'hall.ask' } })
    const large = await settled(hall.emitWithAck.ask('x'.repeat(2_000_000)), 'it')
    expect(large).toMatchObject({ reason: { code: 'TOO_LARGE', origin: 'hall.ask' } })
    expect(client.status.current.state).not.toBe('open')
  })

  test('waits within its time limit, or that of a call without one', async () => {
    const { join, asked, clock } = await byHand()
    const hall = join()
    await asked()
    const [own, none] = [hall.emitWithAck.ask('x', { timeoutMs: 1_000 }), hall.history()].map(fate)
    const late = {
      code: 'TIMED_OUT',
      outcome: 'not_sent',
      message: expect.stringContaining('the room is not joined yet'),
    }
    await clock.advance(1_010)
    expect(await own).toMatchObject({ reason: late })
    await clock.advance(34_000)
    expect(await none).toMatchObject({ reason: late })
  })

  test('ends with the handle that has asked it, and with no other', async () => {
    const { join, asked, answer } = await byHand()
    const [first, second] = [join(), join()]
    const ends = [first.emitWithAck.ask(1), first.history(), first.setPresence(presence)].map(fate)
    const stays = second.emitWithAck.ask(2)
    first.leave()
    for (const end of ends) expect(await end).toMatchObject({ reason: { code: 'ABORTED' } })
    const peer = await asked()
    answer(peer)
    expect(await peer.read()).toEqual([frames.call.kind, 2, '$presence', 0, { room: 4, presence }]) // of the second join
    expect(await peer.read()).toEqual([frames.roomEvent.kind, 3, 4, 'ask', 0, 2])
    peer.send([frames.result.kind, 2, null])
    peer.send([frames.result.kind, 3, 'yes'])
    expect(await stays).toBe('yes')
    expect(peer.unread).toEqual([])
  })

  test('ends with a join that is denied, and with the client', async () => {
    const { join, asked, client, clock } = await byHand()
    const ask = (hall: ReturnType<typeof join>) =>
      [hall.emitWithAck.ask(1), hall.emitWithAck.ask(heldBlob('x').blob), hall.setPresence(presence)].map(fate)
    const denied = join()
    const [before, behind, last] = ask(denied)
    const peer = await asked()
    peer.send([frames.error.kind, 1, 'FORBIDDEN', 'not you', 0])
    expect(await before).toMatchObject({ reason: { code: 'FORBIDDEN', message: 'not you' } })
    const closed = ask(join())
    await client.close()
    for (const it of closed) expect(await it).toMatchObject({ reason: { code: 'CLOSED' } })
    for (const it of [behind, last]) expect(await it).toMatchObject({ reason: { code: 'CLOSED' } })
    expect(clock.pending).toBe(0)
  })
})

describe('what waits for a join is bounded with all else that waits', () => {
  const overloaded = { code: 'OVERLOADED' }

  test('in number', async () => {
    const { client, join } = await byHand()
    const hall = join()
    const ask = [() => hall.emitWithAck.ask(1), () => hall.history(), () => hall.setPresence(presence)]
    const all = [...ask, () => client.call.echo('x')]
    const calls = Array.from({ length: 9_998 }, (_, n) => settledCode(all[n % 4]!()))
    calls.push(settledCode(hall.emitWithAck.ask(1))) // the 10,000th, with the join
    for (const more of all) await expect(more()).rejects.toMatchObject(overloaded)
    hall.leave()
    expect(await calls[0]).toBe('ABORTED')
    const other = client.join.hall({ id: 'other' }, { presence })
    calls.push(settledCode(other.emitWithAck.ask(1)))
    await quiet()
    await client.close()
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ABORTED', 'CLOSED']))
  })

  test('in bytes (SQ-6)', async () => {
    const { client, join } = await byHand()
    const hall = join()
    const large = 'x'.repeat(1_000_000)
    const calls = [
      hall.emitWithAck.ask(large),
      hall.setPresence({ mood: large }),
      client.call.echo(large),
      hall.emitWithAck.ask(large),
    ].map(settledCode)
    const more = [
      () => hall.emitWithAck.ask(large),
      () => hall.setPresence({ mood: large }),
      () => client.call.echo(large),
    ]
    for (const ask of more) await expect(ask()).rejects.toMatchObject(overloaded)
    expect(() => hall.emit.say({ text: large })).toThrow(expect.objectContaining(overloaded))
    hall.leave()
    const other = client.join.hall({ id: 'other' }, { presence })
    calls.push(...Array.from({ length: 3 }, () => settledCode(other.emitWithAck.ask(large))))
    await expect(other.emitWithAck.ask(large)).rejects.toMatchObject(overloaded)
    await client.close()
    expect(await Promise.all(calls)).toEqual(['ABORTED', 'ABORTED', 'CLOSED', 'ABORTED', 'CLOSED', 'CLOSED', 'CLOSED'])
  })

  test('and what was let wait is sent whole', async () => {
    const { hall, seen, admit } = await stage('websocket')
    const calls = Array.from({ length: 5_000 }, (_, n) =>
      settledCode(hall.emitWithAck.ask({ text: `${n}`.padEnd(1_000) })),
    )
    await quiet()
    admit()
    const told = await Promise.all(calls)
    const sent = told.indexOf('OVERLOADED')
    expect(sent).toBeGreaterThan(3_000)
    expect(new Set(told.slice(0, sent))).toEqual(new Set(['answered']))
    expect(new Set(told.slice(sent))).toEqual(new Set(['OVERLOADED']))
    expect(seen.map(Number)).toEqual(Array.from({ length: sent }, (_, n) => n))
  })
})

const fate = (asked: Promise<unknown>) => settled(asked, 'what was asked')

const settledCode = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'answered',
    (error: unknown) => (error instanceof TypewireError ? error.code : String(error)),
  )
