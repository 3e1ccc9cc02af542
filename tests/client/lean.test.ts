import { inspect } from 'node:util'
import {
  type Client,
  type ClientPart,
  createClient,
  http,
  isTypewireError,
  type LeanClientOptions,
  namespaces,
  richTypes,
  rooms,
  streams,
  validation,
} from '@typewire/client/lean'
import * as module from '@typewire/client/lean'
import { defineContract, event, type Named, procedure, room, stream, upload } from '@typewire/core'
import { createServer } from '@typewire/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const Text = z.object({ text: z.string() })

const contract = defineContract({
  auth: z.object({ since: z.date() }).optional(),
  procedures: {
    echo: procedure({ input: z.string(), output: z.string() }),
    carry: procedure({ input: z.unknown(), output: z.unknown() }),
    /** Answers with what plain JSON cannot say. */
    now: procedure({ output: z.object({ at: z.date() }) }),
    bytes: procedure({ output: z.instanceof(Uint8Array) }),
    fail: procedure({ errors: { LATE: z.object({ since: z.date() }) } }),
    total: procedure({ input: upload(z.number()), output: z.number() }),
    /** Emits to all, of each kind. */
    tell: procedure({}),
    move: procedure({}),
  },
  streams: { count: stream({ input: z.object({ to: z.number() }), items: z.number() }) },
  events: {
    toServer: { note: event(Text), save: event(Text, { ack: z.object({ saved: z.boolean() }) }) },
    toClient: { notice: event(Text), since: event(z.object({ at: z.date() })), blob: event(z.instanceof(Uint8Array)) },
  },
  rooms: {
    hall: room({
      params: z.object({ id: z.string() }),
      events: { toClient: { said: event(Text), opened: event(z.object({ at: z.date() })) } },
    }),
    cafe: room({
      params: z.object({ id: z.string() }),
      presence: z.object({ name: z.string(), since: z.date().optional() }),
    }),
  },
  namespaces: { admin: defineContract({ procedures: { ban: procedure({ input: z.string(), output: z.string() }) } }) },
})
interface Lean extends Named<typeof contract> {}
const lean: Lean = contract

const at = new Date(0)

async function start() {
  const server = createServer(lean, { authenticate: () => ({ identity: 'ada' }) })
  const notes: string[] = []
  const ready = server.implement({
    procedures: {
      echo: ({ input }) => input,
      carry: ({ input }) => input,
      now: () => ({ at }),
      bytes: () => Uint8Array.of(1, 2, 3),
      fail: ({ errors }) => {
        throw errors.LATE({ since: at })
      },
      total: async ({ input }) => {
        let total = 0
        for await (const item of input) total += item
        return total
      },
      tell: () => {
        server.emit.since({ at })
        server.emit.blob(Uint8Array.of(1))
        server.emit.notice({ text: 'all' })
      },
      move: async ({ session, server: own }) => {
        await session.join(own.rooms.hall({ id: 'moved' }))
        own.rooms.hall({ id: 'moved' }).emit.said({ text: 'in' })
      },
    },
    streams: {
      count: async function* ({ input }) {
        for (let i = 1; i <= input.to; i++) yield i
      },
    },
    events: { note: ({ payload }) => void notes.push(payload.text), save: () => ({ saved: true }) },
    rooms: { hall: { authorize: () => true, history: {} }, cafe: { authorize: () => true } },
    namespaces: { admin: { procedures: { ban: ({ input }) => `${input} is banned` } } },
  })
  const { url } = await serve(ready)
  const errors: unknown[] = []
  const client = (options: Partial<LeanClientOptions<Lean>> = {}): Client<Lean> => {
    const made = createClient<Lean>({ url, onError: (error) => void errors.push(error), ...options })
    onTestFinished(() => made.close())
    return made
  }
  return { url, server, client, errors, notes }
}

const remedy = (part: string) => `createClient({ use: [${part}] })`

/** What a promise rejects with. */
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => new Error(`resolved to ${String(value)}`),
    (error: unknown) => error as Error,
  )

/** What something throws at once. */
function thrownBy(run: () => unknown): Error {
  try {
    run()
  } catch (error) {
    return error as Error
  }
  return new Error('nothing')
}

describe('a client without parts', () => {
  test('calls, emits and hears, with plain JSON', async () => {
    const { client, notes } = await start()
    const { call, emit, emitWithAck, on, try: attempt } = client()
    const heard: string[] = []
    on.notice(({ text }) => void heard.push(text))
    expect(await call.echo('hi')).toBe('hi')
    expect(await attempt.echo('hi')).toEqual({ ok: true, data: 'hi' })
    const plain = { a: [1, null, 'x', true, { b: {} }], c: -1.5 }
    expect(await call.carry(plain)).toEqual(plain)
    emit.note({ text: 'n' })
    expect(await emitWithAck.save({ text: 's' })).toEqual({ saved: true })
    expect(notes).toEqual(['n'])
    await call.tell()
    await eventually(() => heard.length > 0, 'the notice comes')
    expect(heard).toEqual(['all'])
  })

  test('as JSON does, leaves out members that are undefined, and writes -0 as 0', async () => {
    const { client } = await start()
    expect(await client().call.carry({ a: undefined, b: -0 })).toEqual({ b: 0 })
    expect(await client().call.carry(undefined)).toBeUndefined()
  })

  const holder: Record<string, unknown> = {}
  holder['self'] = holder

  test.each([
    ['a Date', { list: [{ at }] }, 'list.0.at is of Date'],
    ['a Map', { all: new Map() }, 'all is of Map'],
    ['bytes', Uint8Array.of(1), 'the payload is of Uint8Array'],
    ['a bigint', { n: 1n }, 'n is of the type bigint'],
    ['NaN', [1, Number.NaN], '1 is NaN'],
    ['undefined in a list', [undefined], '0 is of the type undefined'],
    ['a function', { run: () => {} }, 'run is of the type function'],
    ['an object that holds itself', holder, 'nested too deep, or holds itself'],
  ])('refuses at the call: %s', async (_, input, where) => {
    const { client } = await start()
    const error = await errorOf(client().call.carry(input))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', origin: 'carry' })
    expect(error.message).toContain(where)
    expect(error.message).toContain(remedy('richTypes'))
    expect(thrownBy(() => client().emit.note(input as { text: string })).message).toContain(where)
  })

  test('refuses credentials that plain JSON cannot say, and says so', async () => {
    const { client, errors } = await start()
    const waiting = client({ auth: { since: at } })
    const call = errorOf(waiting.call.echo('x'))
    await eventually(() => errors.length > 0, 'onError is told')
    expect(String(errors[0])).toContain('since is of Date')
    await waiting.close()
    expect(await call).toMatchObject({ code: 'CLOSED' })
  })

  test('never takes what it cannot read for plain JSON: answers, their errors, and bytes', async () => {
    const { client } = await start()
    const { call } = client()
    for (const [name, what] of [
      ['now', '{"at":["Date"]}'],
      ['bytes', 'bytes'],
      ['fail', '{"since":["Date"]}'],
    ] as const) {
      const error = await errorOf(call[name]())
      expect(error).toMatchObject({ code: 'INVALID_ACK', origin: name })
      expect(error.message).toContain(what)
      expect(error.message).toContain(remedy('richTypes'))
    }
    expect(await call.echo('on')).toBe('on')
  })

  test('tells onError of an event that it cannot read, by its name, and hears the others', async () => {
    const { client, errors } = await start()
    const { call, on } = client()
    const heard: unknown[] = []
    on.since((payload) => void heard.push(payload))
    on.blob((payload) => void heard.push(payload))
    on.notice((payload) => void heard.push(payload))
    await call.tell()
    await eventually(() => heard.length > 0, 'the notice comes')
    expect(heard).toEqual([{ text: 'all' }])
    expect(errors.map(String)).toEqual([
      expect.stringMatching(/Event since: .*\{"at":\["Date"\]\}.*use: \[richTypes\]/),
      expect.stringMatching(/Event blob: .*bytes.*use: \[richTypes\]/),
    ])
  })

  test('names the part that is missing', async () => {
    const { client } = await start()
    const { join, rooms: kinds, stream: streamed, ns, call, try: attempt } = client()
    for (const [what, part, run] of [
      ['join.hall', 'rooms', () => join.hall({ id: 'a' })],
      ['rooms.hall', 'rooms', () => kinds.hall.on.said(() => {})],
      ['stream.count', 'streams', () => streamed.count({ to: 1 })],
      ['ns.admin', 'namespaces', () => ns.admin.open()],
      ["transports: ['http-poll']", 'http', () => client({ transports: ['http-poll'] })],
      ['contract', 'validation', () => client({ contract: lean })],
      ['namespaces', 'namespaces', () => client({ namespaces: {} })],
    ] as const) {
      const error = thrownBy(run)
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).toContain(what)
      expect(error.message).toContain(remedy(part))
    }
    const items = (function* () {
      yield 1
    })()
    // Nobody who handles what may become of a call handles that: `try` rejects, too.
    for (const asked of [call.total(items), attempt.total(items)]) {
      const error = await errorOf(asked)
      expect(error).toBeInstanceOf(TypeError)
      expect(error.message).toContain('call.total')
      expect(error.message).toContain(remedy('streams'))
    }
  })

  test.each([
    ['a name', 'rooms'],
    ['names', ['rooms']],
    ['a part that is in no list', rooms],
    ['a list in the list', [[rooms, http]]],
    ['nothing', [{}]],
    ['an object of parts', [{ rooms, http }]],
    ['an object of one', [{ rooms }]],
    ['an object of switches', [{ rooms: true }]],
    ['the module', [module]],
    ['true', [true]],
  ])('takes parts and nothing else in `use`: not %s', (_, use) => {
    const options = { url: 'http://127.0.0.1:1', use: use as never }
    expect(() => createClient<Lean>(options)).toThrow(
      new TypeError(
        "createClient({ use }): give a list of parts imported from '@typewire/client/lean', as in use: [rooms, http].",
      ),
    )
  })

  test('leaves out parts that are none by a condition', async () => {
    const { client } = await start()
    const isDev = Date.now() < 0
    const { ns, join } = client({ use: [isDev && rooms, undefined, null, namespaces] })
    expect(await ns.admin.call.ban('bob')).toBe('bob is banned')
    expect(() => join.hall({ id: 'a' })).toThrow(remedy('rooms'))
  })

  test('says what is missing to who uses it, and nothing to who looks at it', async () => {
    const { client } = await start()
    const { rooms: kinds, ns } = client()
    for (const [group, name] of [
      [kinds, 'hall'],
      [ns, 'admin'],
    ] as const) {
      expect(Object.getOwnPropertyDescriptor(group, name)).toMatchObject({ enumerable: true })
      expect(inspect(Reflect.get(group, name))).toContain('[')
      expect(Reflect.get(group, name)).toBe(Reflect.get(group, name))
    }
    for (const use of [
      () => kinds.hall.on.said(() => {}),
      () => kinds.hall.onMissed(() => {}),
      () => kinds.hall.instances.current,
      () => kinds.hall.instances.subscribe(() => {}),
    ])
      expect(use).toThrow(/^rooms\.hall needs the part `rooms`/)
    const { admin } = ns
    for (const use of [
      () => admin.open(),
      () => admin.close(),
      () => admin.status.current,
      () => admin.reauthenticate(),
    ])
      expect(use).toThrow(/^ns\.admin needs the part `namespaces`/)
    for (const asked of [admin.call.ban('bob'), admin.try.ban('bob')])
      expect(await errorOf(asked)).toMatchObject({
        name: 'TypeError',
        message: expect.stringContaining('ns.admin needs'),
      })
  })

  test('knows no other transport than there is', async () => {
    const { client } = await start()
    expect(thrownBy(() => client({ transports: ['carrier' as 'websocket'] })).message).toContain('no transport')
  })

  test('stays well where server code joins it to a room', async () => {
    const { client, errors } = await start()
    const { call } = client()
    await call.move()
    expect(await call.echo('on')).toBe('on')
    expect(errors).toEqual([])
  })
})

describe('a client with a part', () => {
  test('richTypes carries what plain JSON cannot say', async () => {
    const { client, errors } = await start()
    const { call, on } = client({ use: [richTypes], auth: { since: at } })
    const heard: unknown[] = []
    on.since((payload) => void heard.push(payload))
    on.blob((payload) => void heard.push(payload))
    expect(await call.now()).toEqual({ at })
    expect(await call.bytes()).toEqual(Uint8Array.of(1, 2, 3))
    const rich = { at, all: new Map([['a', new Set([1n])]]), none: undefined, bytes: Uint8Array.of(1) }
    expect(await call.carry(rich)).toEqual(rich)
    expect(await call.carry(new Blob(['text']))).toBeInstanceOf(Blob)
    const error = await errorOf(call.fail())
    expect(isTypewireError(error) && error.data).toEqual({ since: at })
    await call.tell()
    await eventually(() => heard.length === 2, 'both events come')
    expect(errors).toEqual([])
  })

  test('rooms joins, and hears what is said there', async () => {
    const { client, server } = await start()
    const { join, rooms: kinds, call } = client({ use: [rooms] })
    const hall = join.hall({ id: 'a' })
    const heard: string[] = []
    hall.on.said(({ text }) => void heard.push(text))
    await hall.ready
    server.rooms.hall({ id: 'a' }).emit.said({ text: 'hi' })
    await eventually(() => heard.length > 0, 'it is heard')
    await call.move()
    await eventually(() => kinds.hall.instances.current.length === 2, 'the other room is there')
  })

  test('rooms shows every member, without the data that plain JSON cannot say', async () => {
    const { client, errors } = await start()
    const enter = (parts: readonly ClientPart[], presence: { name: string; since?: Date }) =>
      client({ use: parts }).join.cafe({ id: 'c' }, { presence })
    const ada = enter([richTypes, rooms], { name: 'Ada', since: at })
    await ada.ready
    const bob = enter([rooms], { name: 'Bob' })
    const seen = () => bob.presence.current.members.flatMap(({ entries }) => entries.map(({ data }) => data as unknown))
    await eventually(() => seen().length > 0, 'he is told who is there')
    expect(seen()).toEqual([undefined, { name: 'Bob' }])
    expect(errors.map(String)).toEqual([
      expect.stringMatching(/Presence: .*\{"entries\.0\.2\.since":\["Date"\]\}.*use: \[richTypes\]/),
    ])
    await ada.setPresence({ name: 'Ada' })
    await eventually(() => seen()[0] !== undefined, 'what she says is plain now')
    await ada.setPresence({ name: 'Ada', since: at })
    await eventually(() => seen()[0] === undefined, 'what she says is not plain again')
    expect(seen()).toEqual([undefined, { name: 'Bob' }])
    // One annotation for all entries.
    ada.leave()
    bob.leave()
    await enter([richTypes, rooms], { name: 'Cleo', since: at }).ready
    await enter([richTypes, rooms], { name: 'Dan', since: at }).ready
    const counted = client({ use: [rooms] }).join.cafe({ id: 'c' }, { presence: { name: 'Eve' } })
    await eventually(() => counted.presence.current.count > 0, 'she is told who is there')
    const names = () => counted.presence.current.members.flatMap(({ entries }) => entries.map(({ data }) => data?.name))
    expect(names().filter((name) => name !== undefined)).toEqual(['Eve'])
  })

  test('rooms reads a page of a history but for what plain JSON cannot say, and tells onError', async () => {
    const { client, server, errors } = await start()
    const hall = client({ use: [rooms] }).join.hall({ id: 'h' })
    await hall.ready
    server.rooms.hall({ id: 'h' }).emit.said({ text: 'first' })
    server.rooms.hall({ id: 'h' }).emit.opened({ at })
    server.rooms.hall({ id: 'h' }).emit.said({ text: 'last' })
    await eventually(() => errors.length === 1, 'the one that comes is told')
    const page = await hall.history()
    expect(page.events.map(({ name, payload }) => [name, payload])).toEqual([
      ['said', { text: 'first' }],
      ['said', { text: 'last' }],
    ])
    expect(String(errors[1])).toMatch(/Event opened: .*\{"at":\["Date"\]\}.*use: \[richTypes\]/)
  })

  test('namespaces opens one at its first use', async () => {
    const { client } = await start()
    expect(await client({ use: [namespaces] }).ns.admin.call.ban('bob')).toBe('bob is banned')
  })

  test('streams reads streams, and uploads', async () => {
    const { client } = await start()
    const { stream: streamed, call } = client({ use: [streams] })
    const items: number[] = []
    for await (const item of streamed.count({ to: 3 })) items.push(item)
    expect(items).toEqual([1, 2, 3])
    const source = (function* () {
      yield 1
      yield 2
    })()
    expect(await call.total(source)).toBe(3)
  })

  test.each(['http-stream', 'http-poll'] as const)('http connects by %s', async (transport) => {
    const { client } = await start()
    const by = client({ use: [http], transports: [transport] })
    expect(await by.call.echo('hi')).toBe('hi')
    expect(by.status.current).toMatchObject({ state: 'open', transport })
    expect((await errorOf(by.call.bytes())).message).toContain(remedy('richTypes'))
  })

  test('validation checks by the contract before anything is sent', async () => {
    const { client } = await start()
    const checked = client({ use: [validation], contract: lean })
    expect(await errorOf(checked.call.echo(5 as unknown as string))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(checked.status.current.state).toBe('idle')
  })
})
