import { isErrorOf } from '@typewire/client'
import { createServer } from '@typewire/server'
import { createRawServer } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { everyShape } from './fixtures/every-shape.ts'
import { createEveryShapeClient, fingerprint, type Message, type RichInput } from './golden/every-shape/every-shape.js'

// What was generated, against a server of the contract that it was generated from.

const message: Message = {
  id: '0f6e7b5a-3c1d-4e2f-8a9b-5d4c3b2a1f0e',
  author: { id: '1', name: 'Ada' },
  text: 'Hello',
  sentAt: new Date('2026-11-21T09:30:00.000Z'),
  editedAt: null,
}

const rich: RichInput = {
  date: new Date('2026-11-21T09:30:00.000Z'),
  bigint: 2n ** 80n,
  seven: 7n,
  url: new URL('https://example.org/a?b=c'),
  map: new Map([['a', new Date(0)]]),
  nested: new Map([['n', new Set([1n, 2n])]]),
  set: new Set([{ id: '1', name: 'Ada' }]),
  bytes: new Uint8Array([1, 2, 3]),
  buffer: new Uint8Array([4, 5]).buffer,
  floats: new Float64Array([0.5, 1.5]),
  bigs: new BigUint64Array([5n]),
  blob: new Blob(['text'], { type: 'text/plain' }),
  file: new File(['text'], 'a.txt', { type: 'text/plain' }),
  error: new RangeError('too far'),
  notANumber: Number.NaN,
  maybe: undefined,
}

async function startServer() {
  const server = createServer(everyShape, {
    authenticate: ({ auth }): { identity: string } => ({ identity: auth.token }),
    namespaces: {
      admin: { authenticate: ({ auth }): { identity: string } => ({ identity: auth.password }) },
      'admin/audit': { authenticate: () => ({ identity: null }) },
    },
  })
  const unasked = () => {
    throw new Error('Nobody asks this here.')
  }
  const ready = server.implement({
    procedures: {
      rich: ({ input }) => ({ ...input, pattern: /a+/g }),
      settings: ({ input }) => input,
      failing({ input, errors }) {
        throw errors.LOCKED({ by: { id: '1', name: 'Ada' }, untilMs: input.path.length })
      },
      async load({ input }) {
        let cells = 0
        for await (const { row } of input) cells += row.length
        return cells
      },
      message({ input }) {
        server.rooms.chat({ roomId: '42' }).emit.message(input)
        return input
      },
      nothing: unasked,
      old: unasked,
      older: unasked,
      optional: unasked,
      defaulted: unasked,
      nullable: unasked,
      unions: unasked,
      shape: unasked,
      literals: unasked,
      intersection: unasked,
      tuples: unasked,
      records: unasked,
      recursive: unasked,
      json: unasked,
      unknown: unasked,
      readonly: unasked,
      names: unasked,
      delete: unasked,
      type: unasked,
      seen: unasked,
      seenEvent: unasked,
      map: unasked,
      documented: unasked,
      loadInto: unasked,
    },
    streams: {
      async *ticks() {
        yield new Date(1)
        yield new Date(2)
      },
      rows: unasked,
      maybe: unasked,
      echo: ({ input }) => input,
    },
    events: {
      save: ({ payload }) => ({ revision: payload.text.length }),
      seen: unasked,
      bare: unasked,
      maybe: unasked,
    },
    rooms: {
      lobby: {},
      chat: { authorize: () => true, events: { typing: unasked, vote: ({ payload }) => payload > 0 } },
      document: { authorize: () => true },
    },
    session: ({ session }) => session.emit.seen({ id: 'm1', by: { id: '1', name: 'Ada' } }),
    namespaces: {
      admin: {
        procedures: { ban: ({ input, ctx }) => void banned.push(`${ctx.identity} ${input.personId}`) },
        rooms: { watch: { authorize: () => true } },
        namespaces: { audit: { streams: { log: unasked } } },
      },
      open: { procedures: { ban: unasked } },
    },
  })
  const banned: string[] = []
  const { url } = await serve(ready)
  return { url, banned }
}

async function start() {
  const { url, banned } = await startServer()
  const client = createEveryShapeClient({
    url,
    auth: { token: 'ada' },
    namespaces: { admin: { auth: { password: 'sesame' } } },
  })
  onTestFinished(() => client.close())
  return { client, banned }
}

test('calls and their errors', async () => {
  const { client } = await start()
  expect(await client.call.settings({ volume: 1 })).toEqual({ theme: 'light', volume: 1 })
  const settled = await client.try.failing({ path: '/tmp' })
  expect(settled).toMatchObject({ ok: false, error: { code: 'LOCKED', data: { by: { name: 'Ada' }, untilMs: 4 } } })
  const error: unknown = await client.call.failing({ path: '' }).catch((thrown: unknown) => thrown)
  expect(isErrorOf(client.call.failing, error) && error.code).toBe('LOCKED')
})

test('values of every kind arrive as what they are', async () => {
  const { client } = await start()
  const { blob, file, pattern, ...got } = await client.call.rich(rich)
  const { blob: sentBlob, file: sentFile, ...sent } = rich
  expect({ ...got, error: undefined }).toEqual({ ...sent, error: undefined })
  expect(pattern).toEqual(/a+/g)
  expect(got.error).toBeInstanceOf(Error)
  expect(got.error.message).toBe('too far')
  expect([await blob.text(), blob.type]).toEqual([await sentBlob.text(), sentBlob.type])
  expect([await file.text(), file.name]).toEqual([await sentFile.text(), sentFile.name])
})

test('streams and uploads', async () => {
  const { client } = await start()
  const ticks: Date[] = []
  for await (const tick of client.stream.ticks()) ticks.push(tick)
  expect(ticks).toEqual([new Date(1), new Date(2)])
  expect(await client.call.load([{ row: ['a', 'b'] }, { row: ['c'] }])).toBe(3)
  const echoed: Message[] = []
  for await (const item of client.stream.echo([message])) echoed.push(item)
  expect(echoed).toEqual([message])
})

test('events both ways, with acks', async () => {
  const { client } = await start()
  const seen: string[] = []
  client.on.seen(({ id, by }) => seen.push(`${id} ${by.name}`))
  expect(await client.emitWithAck.save(message)).toEqual({ revision: 5 })
  await eventually(() => seen.length > 0, 'the event of the session arrives')
  expect(seen).toEqual(['m1 Ada'])
})

test('rooms, with presence, events and acks', async () => {
  const { client } = await start()
  const room = client.join.chat({ roomId: '42' }, { presence: { isAway: false } })
  await room.ready
  const heard: Message[] = []
  room.on.message((payload) => heard.push(payload))
  expect(await client.call.message(message)).toEqual(message)
  await eventually(() => heard.length > 0, 'the message arrives')
  expect(heard).toEqual([message])
  expect(await room.emitWithAck.vote(1)).toBe(true)
  await eventually(() => room.presence.current.count > 0, 'the presence arrives')
  expect(room.presence.current.members[0]?.entries[0]?.data).toEqual({ name: '', isAway: false })
})

test('namespaces, with credentials of their own', async () => {
  const { client, banned } = await start()
  await client.ns.admin.call.ban({ personId: '7' })
  expect(banned).toEqual(['sesame 7'])
})

test('it says which contract it was made from', async () => {
  const server = await createRawServer()
  onTestFinished(() => server.close())
  const client = createEveryShapeClient({ url: server.url, auth: { token: '' }, transports: ['websocket'] })
  onTestFinished(() => client.close())
  void client.connect().catch(() => {})
  const peer = await server.accept()
  expect(await peer.read()).toMatchObject([0, { contract: fingerprint }])
})
