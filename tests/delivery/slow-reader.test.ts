import { createClient, type TransportName } from '@typewire/client'
import { frames } from '@typewire/core/internal'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type Market, startMarket } from './market.ts'
import { quickReader } from './quick-reader.ts'
import { slowReaders } from './slow-readers.ts'

// A room of many, of whom one has stopped reading. It never costs more than its bound, nor slows anyone else.

const maxBufferBytes = 4_194_304
const symbols = ['a', 'b', 'c']
const filler = 'x'.repeat(100_000)
/** 50 MB. */
const events = 500

/** By HTTP five: a request for each event and another for its ack cost more than the bytes. */
const rooms: readonly (readonly [TransportName, number])[] = [
  ['websocket', 100],
  ['http-stream', 5],
  ['http-poll', 5],
]

/**
 * As many of the others are clients, the rest quick readers: a hundred read 5 GB, and what clients do with that took more time
 * than all else (of `latest`, 2026-11-28: 26 s of processor time with clients alone, 13 s so; 0.25 GB of memory either way).
 */
const maxClients = 9

/** A room with so many members, of whom one reads no more. Each of the others counts what it hears. */
async function startRoom(transport: TransportName, size: number) {
  const { server, url, errors } = await startMarket({ maxBufferBytes, maxMessageBytes: 1_048_576 }, ({ session }) =>
    session.join(server.rooms.box()),
  )
  const heard: number[][] = []
  let waiting: (() => void) | undefined
  for (let i = 1; i < size; i++) {
    const values: number[] = []
    heard.push(values)
    /** What it gives is an ack, for which nobody asks. */
    const take = (value: number) => {
      values.push(value)
      waiting?.()
      return 'heard'
    }
    if (i > maxClients) {
      await quickReader(url, take)
      continue
    }
    const client = createClient<Market>({ url, transports: [transport] })
    onTestFinished(() => client.close())
    const box = client.join.box()
    box.on.note((text) => take(Number.parseInt(text, 10)))
    box.on.pulse((text) => take(Number.parseInt(text, 10)))
    box.on.price(({ price }) => take(price))
    await box.ready
  }
  const slow = await slowReaders[transport](url)
  const session = [...server.sessions].find(({ id }) => id === slow.sessionId)!
  let most = 0
  const isMember = () => [...server.sessions].includes(session)

  /** Emits all of it, each when all others have heard the one before: they keep up. */
  const emitAll = async (emit: (value: number) => void) => {
    for (let value = 1; value <= events; value++) {
      emit(value)
      if (isMember()) most = Math.max(most, session.delivery.queuedBytes)
      await new Promise<void>((resolve) => {
        waiting = () => {
          if (heard.every(({ length }) => length === value)) resolve()
        }
        waiting()
      })
    }
  }
  return { server, errors, heard, slow, session, emitAll, isMember, most: () => most }
}

/** The events of the room among what came: that it was joined comes as well. */
const eventsOf = (reader: { readonly frames: readonly (readonly unknown[])[] }) =>
  reader.frames.filter(([kind]) => kind === frames.roomEvent.kind || kind === frames.volatileEvent.kind)

const all = Array.from({ length: events }, (_, index) => index + 1)

describe.each(rooms)('50 MB to a room by %s, of %i members', (transport, size) => {
  test('reliable: who reads nothing is closed at its bound; the others get all of it, in order', async () => {
    const { server, errors, heard, emitAll, isMember, most } = await startRoom(transport, size)
    await emitAll((value) => server.rooms.box().emit.note(`${value} ${filler}`))
    for (const values of heard) expect(values).toEqual(all)
    expect(most()).toBeGreaterThan(maxBufferBytes / 2)
    expect(most()).toBeLessThanOrEqual(maxBufferBytes)
    expect(isMember()).toBe(false)
    expect(errors).toMatchObject([{ code: 'OVERLOADED' }])
  }, 120_000)

  test('latest: only the newest of each key waits for it; the others get all of it, in order', async () => {
    const { server, errors, heard, slow, session, emitAll, isMember, most } = await startRoom(transport, size)
    const symbolOf = (value: number) => symbols[value % symbols.length]!
    await emitAll((value) => {
      server.rooms.box().emit.price({ symbol: symbolOf(value), price: value, filler })
    })
    for (const values of heard) expect(values).toEqual(all)
    expect(most()).toBeLessThan(maxBufferBytes * 0.7)
    expect([isMember(), errors]).toEqual([true, []])

    const { conflated } = session.delivery
    slow.readOn()
    await eventually(() => eventsOf(slow).length === events - conflated, 'it has all that was not replaced')
    const seen = eventsOf(slow).map((frame) => (frame[5] as { readonly price: number }).price)
    for (const symbol of symbols) {
      const own = seen.filter((value) => symbolOf(value) === symbol)
      expect(own).toEqual([...own].sort((a, b) => a - b))
      expect(own.at(-1)).toBe(all.filter((value) => symbolOf(value) === symbol).at(-1))
    }
    expect(conflated).toBeGreaterThan(events / 2)
    expect(server.delivery).toEqual({ dropped: 0, conflated })
  }, 120_000)

  test('volatile: what it does not get is counted; the others get all of it, in order', async () => {
    const room = await startRoom(transport, Math.min(size, 10)) // what it costs is the same for more
    const { server, errors, heard, slow, session, emitAll, isMember, most } = room
    await emitAll((value) => server.rooms.box().emit.pulse(`${value} ${filler}`))
    for (const values of heard) expect(values).toEqual(all)
    expect(most()).toBeLessThan(1_000)
    expect([isMember(), errors]).toEqual([true, []])

    const { dropped } = session.delivery
    slow.readOn()
    await eventually(() => eventsOf(slow).length === events - dropped, 'it has all that was not dropped')
    const seen = eventsOf(slow).map((frame) => Number.parseInt(String(frame[4]), 10))
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(dropped).toBeGreaterThan(events / 2)
    expect(server.delivery).toEqual({ dropped, conflated: 0 })
  }, 120_000)
})
