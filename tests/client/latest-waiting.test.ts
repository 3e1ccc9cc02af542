// Events of which only the latest counts, while they wait for a join or a namespace: one takes the place of another.

import { defineContract, event, type Named, room, type TypewireError } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createRawServer } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { startClient } from '../support/clients.ts'
import { quiet } from '../support/eventually.ts'

const toServer = { move: event(z.string()) }
const contract = defineContract({
  rooms: { hall: room({ events: { toServer } }) },
  namespaces: { lab: defineContract({ events: { toServer } }) },
})
interface Site extends Named<typeof contract> {}

type Move = (payload: string, options?: { readonly delivery: 'latest'; readonly key?: string }) => void
const latest = { delivery: 'latest' } as const
const overloaded = expect.objectContaining({ code: 'OVERLOADED' }) as TypewireError

/** A client without a server, and what its `onError` got. */
const offline = () => startClient<Site>('http://127.0.0.1:9', { reconnect: { random: () => 1 } })
type Offline = ReturnType<typeof offline>['client']

const places: readonly (readonly [string, (client: Offline) => Move])[] = [
  ['a room to be joined', (client) => client.join.hall().emit.move],
  ['a namespace to be open', (client) => client.ns.lab.emit.move],
]

describe.each(places)('latest events that wait for %s', (_, movesOf) => {
  test('replace one another also where no more events may wait', async () => {
    const { client, errors } = offline()
    const move = movesOf(client)
    for (let n = 0; n < 999; n++) move(`${n}`)
    move('a', latest)
    for (let n = 0; n < 10; n++) move(`b${n}`, latest)
    expect(() => move('another', { ...latest, key: 'other' })).toThrow(overloaded)
    expect(() => move('one more')).toThrow(overloaded)
    await client.close()
    expect(errors).toMatchObject([{ code: 'CLOSED', message: expect.stringMatching(/^1000 events/) as unknown }])
  })

  test('replace one another also where no more bytes may wait', async () => {
    const { client, errors } = offline()
    const move = movesOf(client)
    const large = 'x'.repeat(1_000_000)
    for (let n = 0; n < 3; n++) move(large)
    for (let n = 0; n < 3; n++) move(large, latest)
    expect(() => move(large)).toThrow(overloaded)
    expect(() => move(large, { ...latest, key: 'other' })).toThrow(overloaded)
    await client.close()
    expect(errors).toMatchObject([{ message: expect.stringMatching(/^4 events/) as unknown }])
  })

  test('keep their age, and are told, where the newer one is refused', async () => {
    const { client, clock, errors } = offline()
    const move = movesOf(client)
    move('a', latest)
    const refused = expect.objectContaining({ code: 'TOO_LARGE' }) as TypewireError
    expect(() => move('x'.repeat(2_000_000), latest)).toThrow(refused)
    await clock.advance(120_010)
    expect(errors).toMatchObject([{ code: 'TIMED_OUT', outcome: 'not_sent' }])
    move('b', latest)
    expect(() => move('x'.repeat(2_000_000), latest)).toThrow(refused)
    await client.close()
    expect(errors.slice(1)).toMatchObject([{ code: 'CLOSED', message: expect.stringMatching(/^1 event/) as unknown }])
  })

  test('are as old as the newest', async () => {
    const { client, clock, errors } = offline()
    const move = movesOf(client)
    move('a', latest)
    await clock.advance(100_000)
    move('b', latest)
    await clock.advance(100_000)
    expect(errors).toEqual([])
    await clock.advance(20_010)
    expect(errors).toMatchObject([{ code: 'TIMED_OUT' }])
  })
})

test('latest events into a joined room are as old as the newest, too, where the connection is away', async () => {
  const server = await createRawServer()
  onTestFinished(() => server.close())
  const { client, clock, errors } = startClient<Site>(server.url, { reconnect: { random: () => 1 } })
  const hall = client.join.hall()
  const peer = await server.welcome({ resume: { secret: 's'.repeat(22), windowMs: 1_000_000 } })
  await peer.readKind(frames.call.kind)
  peer.send([frames.result.kind, 1, { room: 4 }])
  await hall.ready
  await server.close()
  peer.cut()
  await quiet()
  hall.emit.move('a', latest)
  await clock.advance(100_000)
  hall.emit.move('b', latest)
  await clock.advance(100_000)
  expect([errors, hall.status.current.state]).toEqual([[], 'joined'])
  await clock.advance(20_010)
  expect(errors).toMatchObject([{ code: 'TIMED_OUT', outcome: 'not_sent' }])
})
