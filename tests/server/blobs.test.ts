// What a server sends that holds blobs, whose bytes must be read first, and what it sends behind them.

import { createClient } from '@typewire/client'
import { defineContract, event, procedure, room, stream, upload } from '@typewire/core'
import { createServer } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { type HeldBlob, heldBlob, heldFile } from '../support/held-blob.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const contract = defineContract({
  procedures: {
    fetch: procedure({ output: z.instanceof(Blob), errors: { HELD: z.object({ back: z.instanceof(Blob) }) } }),
    pattern: procedure({ output: z.instanceof(RegExp) }),
    size: procedure({ input: z.object({ files: z.array(z.file()) }), output: z.array(z.string()) }),
  },
  streams: {
    /** Each file as it is, behind its name. */
    echo: stream({ input: upload(z.file()), items: z.union([z.string(), z.file(), z.instanceof(RegExp)]) }),
  },
  events: { toClient: { show: event(z.unknown(), { ack: z.unknown() }) } },
  rooms: { hall: room({ events: { toClient: { shown: event(z.unknown(), { ack: z.unknown() }) } } }) },
})

interface Stage {
  readonly fetched?: HeldBlob
  readonly thrown?: HeldBlob
  readonly maxBufferBytes?: number
}

async function start({ fetched = heldBlob('fetched'), thrown, maxBufferBytes = 1_000_000 }: Stage = {}) {
  const clock = createFakeClock()
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const server = createServer(contract, { clock, onError, heartbeat: false, resume: { windowMs: 0 }, maxBufferBytes })
  const listening = server.implement({
    procedures: {
      fetch({ errors: { HELD } }) {
        if (thrown) throw HELD({ back: thrown.blob })
        return fetched.blob
      },
      pattern: () => /^a+$/,
      size: async ({ input }) => Promise.all(input.files.map(async (file) => `${file.name}: ${await file.text()}`)),
    },
    streams: {
      echo: async function* ({ input }) {
        for await (const file of input) {
          yield file.name
          yield file
        }
        yield /the end/
      },
    },
    rooms: { hall: { authorize: () => true } },
  })
  const { url } = await serve(listening, clock)
  const client = createClient<typeof contract>({ url, onError: (error) => void clientErrors.push(error) })
  const clientErrors: unknown[] = []
  onTestFinished(() => client.close())
  const heard: unknown[] = []
  const hear = async (payload: unknown) => {
    heard.push(payload instanceof Blob ? 'a blob' : payload)
    return payload instanceof Blob ? payload.text() : payload
  }
  client.on.show(hear)
  const hall = client.join.hall()
  hall.on.shown(hear)
  await hall.ready
  return { server, client, clock, errors, clientErrors, heard, session: [...server.sessions][0]! }
}

describe('PL-12: what a server sends behind a blob waits until it is read', () => {
  test('to a session, and to all of them', async () => {
    const { server, session, heard } = await start()
    const [one, other] = [heldBlob('1'), heldBlob('2')]
    session.emit.show(one.blob)
    session.emit.show('behind')
    const ack = session.emitWithAck.show('asked')
    server.emit.show(other.blob)
    server.emit.show('behind, to all')
    await quiet()
    expect(heard).toEqual([])
    one.release()
    expect(await ack).toBe('asked')
    expect(heard).toEqual(['a blob', 'behind', 'asked'])
    other.release()
    await eventually(() => heard.length === 5, 'all is heard')
    expect(heard.slice(3)).toEqual(['a blob', 'behind, to all'])
  })

  test('to a room, and only there', async () => {
    const { server, session, heard } = await start()
    const [shown, asked] = [heldBlob('shown'), heldBlob('asked')]
    const hall = server.rooms.hall()
    hall.emit.shown(shown.blob)
    const acks = hall.emitWithAck.shown(asked.blob)
    hall.emit.shown('behind')
    session.emit.show('not of the room')
    await eventually(() => heard.length === 1, 'what does not wait')
    asked.release()
    shown.release()
    expect(await acks).toMatchObject([{ status: 'acked', data: 'asked' }])
    await eventually(() => heard.length === 4, 'all is heard')
    expect(heard).toEqual(['not of the room', 'a blob', 'a blob', 'behind'])
  })

  test('a result, and the data of an error', async () => {
    const fetched = heldBlob('fetched', 'image/png')
    const { client } = await start({ fetched })
    const call = client.call.fetch()
    await eventually(() => fetched.reads() === 1, 'it is read')
    fetched.release()
    const blob = await call
    expect([blob.constructor, blob.type, await blob.text()]).toEqual([Blob, 'image/png', 'fetched'])

    const thrown = heldBlob('thrown')
    thrown.release()
    const refused = await (await start({ thrown })).client.try.fetch()
    if (refused.ok || refused.error.code !== 'HELD') throw new Error('It should have failed.')
    expect(await refused.error.data.back.text()).toBe('thrown')
  })

  test('files come to a handler as files', async () => {
    const { client } = await start()
    const files = [new File(['one'], 'a.txt'), new File([], '../b', { lastModified: 5 })]
    expect(await client.call.size({ files })).toEqual(['a.txt: one', '../b: '])
    expect(await client.try.size({ files: [new Blob() as File] })).toMatchObject({ error: { code: 'INVALID_INPUT' } })
  })
})

describe('items with blobs', () => {
  const read = async (item: unknown) => (item instanceof File ? `${item.name} of ${item.size}` : item)

  test('are read one after the other, of uploads and of streams', async () => {
    const { client } = await start()
    const held = heldFile('held', 'held.txt')
    const files = [new File(['one'], 'a'), held.blob, new File([], 'c')]
    const items: unknown[] = []
    const run = async () => {
      for await (const item of client.stream.echo(files.values())) items.push(await read(item))
    }
    const done = run()
    await eventually(() => held.reads() === 1, 'it is read')
    await quiet()
    expect(items).toEqual(['a', 'a of 3'])
    held.release()
    await done
    expect(items).toEqual(['a', 'a of 3', 'held.txt', 'held.txt of 4', 'c', 'c of 0', /the end/])
  })

  test('that are too large are refused before they are read, and end what they are of', async () => {
    const { client } = await start()
    const larger = new File(['x'.repeat(1_100_000)], 'larger')
    const stream = client.stream.echo([larger].values())
    await expect(stream.next()).rejects.toMatchObject({ code: 'TOO_LARGE', origin: 'echo' })
    const gone = new File(['x'], 'gone.txt')
    Object.defineProperty(gone, 'arrayBuffer', { value: () => Promise.reject(new Error('it is gone')) })
    await expect(client.stream.echo([gone].values()).next()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'echo: gone.txt cannot be read: Error: it is gone',
    })
  })
})

describe('a caller without a network', () => {
  test('gives and gets blobs, and patterns', async () => {
    const fetched = heldBlob('fetched')
    const { server } = await start({ fetched })
    const { call } = server.caller({ identity: null })
    expect(await call.size({ files: [new File(['one'], 'a.txt')] })).toEqual(['a.txt: one'])
    expect(await call.pattern()).toEqual(/^a+$/)
    const blob = call.fetch()
    fetched.release()
    expect(await (await blob).text()).toBe('fetched')
  })

  test('waits for one no longer than it is told to', async () => {
    const { server, clock } = await start()
    const { call } = server.caller({ identity: null })
    const files = [heldFile('x', 'never.txt').blob]
    const gone = heldFile('x', 'gone.txt')
    gone.lose()
    await expect(call.size({ files: [gone.blob] })).rejects.toMatchObject({ code: 'INVALID_INPUT', origin: 'size' })
    const controller = new AbortController()
    const aborted = settled(call.size({ files }, { signal: controller.signal }), 'the aborted one')
    const limited = settled(call.size({ files }, { timeoutMs: 1_000 }), 'the limited one')
    await quiet()
    controller.abort()
    expect(await aborted).toMatchObject({ reason: { code: 'ABORTED' } })
    await clock.advance(1_010)
    expect(await limited).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
  })
})

describe('a blob of a server', () => {
  test('that cannot be read is told: to who asked, or to onError', async () => {
    const fetched = heldBlob('fetched')
    const { client, server, session, errors, heard } = await start({ fetched })
    const [shown, asked] = [heldBlob('shown'), heldBlob('asked')]
    for (const held of [fetched, shown, asked]) held.lose()
    const why = 'A Blob cannot be read: NotReadableError: It was deleted.'
    await expect(session.emitWithAck.show(asked.blob)).rejects.toMatchObject({ code: 'INVALID_OUTPUT' })
    server.rooms.hall().emit.shown(shown.blob)
    server.rooms.hall().emit.shown('behind')
    await eventually(() => heard.length === 1, 'what is behind it')
    expect(heard).toEqual(['behind'])
    expect(errors).toMatchObject([{ code: 'INVALID_OUTPUT', origin: 'hall.shown', issues: [{ message: why }] }])
    expect(await client.try.fetch()).toMatchObject({ error: { code: 'INTERNAL' } })
    expect(errors[1]).toMatchObject({ code: 'INVALID_OUTPUT', origin: 'procedure fetch', issues: [{ message: why }] })
  })

  test('that is never read holds up nothing for longer than a handler may take', async () => {
    const { server, clock, errors, heard } = await start()
    server.rooms.hall().emit.shown(heldBlob('x').blob)
    server.rooms.hall().emit.shown('behind')
    await quiet()
    await clock.advance(30_010)
    await eventually(() => heard.length === 1, 'what is behind it')
    expect(heard).toEqual(['behind'])
    expect(errors).toMatchObject([{ code: 'TIMED_OUT' }])
  })

  test('is not read where no client could be sent so much; one that just fits is', async () => {
    const [fits, larger] = [heldBlob('x'.repeat(2_000)), heldBlob('x'.repeat(2_001))]
    const { client, session, errors } = await start({ fetched: larger, maxBufferBytes: 2_000 })
    const refused = settled(session.emitWithAck.show([larger.blob]), 'the larger one')
    session.emit.show(fits.blob)
    expect(await refused).toMatchObject({
      reason: {
        code: 'TOO_LARGE',
        origin: 'show',
        message: 'show: the payload holds 2001 bytes, more than the 2000 that are kept for a client.',
      },
    })
    expect(await client.try.fetch()).toMatchObject({ error: { code: 'INTERNAL' } })
    expect(errors).toMatchObject([{ code: 'TOO_LARGE', origin: 'procedure fetch' }])
    expect([fits.reads(), larger.reads()]).toEqual([1, 0])
  })
})
