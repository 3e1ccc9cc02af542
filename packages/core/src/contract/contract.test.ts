import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errorCodes } from '../errors/codes.ts'
import { defineContract, takesUpload } from './contract.ts'
import { event, procedure, room, stream, upload } from './makers.ts'
import { nothing } from './nothing.ts'

/** A contract as code without types may give it. */
const define = (contract: object): unknown => defineContract(contract)

describe('defineContract', () => {
  it('gives what it was given, section by section', () => {
    const auth = z.object({ token: z.string() })
    const parts = {
      auth,
      procedures: { send: procedure({}) },
      streams: { list: stream({ items: z.string() }) },
      events: { toServer: { seen: event() }, toClient: { notice: event(z.string()) } },
      rooms: { chat: room({}) },
      namespaces: { admin: defineContract({}) },
    }
    expect(defineContract(parts)).toEqual(parts)
    expect(defineContract(parts).auth).toBe(auth)
  })

  it('fills the sections that are left out', () => {
    expect(defineContract({})).toEqual({
      auth: nothing,
      procedures: {},
      streams: {},
      events: { toServer: {}, toClient: {} },
      rooms: {},
      namespaces: {},
    })
    expect(defineContract({ events: { toClient: { notice: event() } } }).events.toServer).toEqual({})
  })

  it('refuses a namespace that is no contract, has no proper name, or lies too deep (NS-1)', () => {
    const within = (contract: object, times: number): object =>
      times === 0 ? contract : within(define({ namespaces: { inner: contract } }) as object, times - 1)
    expect(() => define({ namespaces: { admin: { procedures: {} } } })).toThrow(
      'defineContract: namespaces.admin is no contract. Write admin: defineContract({ … }).',
    )
    expect(() => define({ namespaces: { admin: null } })).toThrow('namespaces.admin is no contract')
    expect(() => define({ namespaces: { 'a/b': defineContract({}) } })).toThrow('the name "a/b" in namespaces must be')
    expect(() => define({ namespaces: { then: defineContract({}) } })).toThrow('is reserved')
    expect(() => within(defineContract({}), 4)).not.toThrow()
    expect(() => within(defineContract({}), 5)).toThrow('namespaces.inner lies too deep: 4 are possible')
  })

  it('gives what cannot be changed', () => {
    const contract = defineContract({})
    expect(() => Object.assign(contract, { procedures: { send: procedure({}) } })).toThrow(TypeError)
  })

  it('lets one name stand in several sections, where nothing is told apart by it', () => {
    const contract = {
      procedures: { x: procedure({}) },
      events: { toServer: { x: event() }, toClient: { x: event() } },
    }
    expect(() => define({ ...contract, rooms: { x: room({ events: contract.events }) } })).not.toThrow()
  })

  /** Where names stand, and how one gets there. */
  const places: readonly [string, (name: string) => object][] = [
    ['procedures', (name) => ({ procedures: { [name]: procedure({}) } })],
    ['streams', (name) => ({ streams: { [name]: stream({ items: z.string() }) } })],
    ['events.toServer', (name) => ({ events: { toServer: { [name]: event() } } })],
    ['events.toClient', (name) => ({ events: { toClient: { [name]: event() } } })],
    ['rooms', (name) => ({ rooms: { [name]: room({}) } })],
    [
      'rooms.chat.events.toServer',
      (name) => ({ rooms: { chat: room({ events: { toServer: { [name]: event() } } }) } }),
    ],
    [
      'rooms.chat.events.toClient',
      (name) => ({ rooms: { chat: room({ events: { toClient: { [name]: event() } } }) } }),
    ],
    ['procedures.send.errors', (name) => ({ procedures: { send: procedure({ errors: { [name]: z.string() } }) } })],
    [
      'streams.list.errors',
      (name) => ({ streams: { list: stream({ items: z.string(), errors: { [name]: z.string() } }) } }),
    ],
  ]

  it.each(places)('refuses names that are reserved or malformed: %s', (place, at) => {
    for (const name of ['then', 'constructor', '__proto__', 'toJSON', '$join', 'a.b', '', '1']) {
      expect(() => define(at(name))).toThrow(`defineContract: the name ${JSON.stringify(name)} in ${place} `)
      expect(() => define(at(name))).toThrow(TypeError)
    }
    expect(() => define(at('fine'))).not.toThrow()
  })

  const definitions: Readonly<Record<string, unknown>> = {
    procedure: procedure({}),
    stream: stream({ items: z.string() }),
    event: event(),
    room: room({}),
    schema: z.string(),
    null: null,
    undefined: undefined,
    text: 'procedure',
    'object of no kind': {},
  }
  const sections: readonly [string, string, (definition: unknown) => object][] = [
    ['procedures.x', 'procedure', (x) => ({ procedures: { x } })],
    ['streams.x', 'stream', (x) => ({ streams: { x } })],
    ['events.toServer.x', 'event', (x) => ({ events: { toServer: { x } } })],
    ['events.toClient.x', 'event', (x) => ({ events: { toClient: { x } } })],
    ['rooms.x', 'room', (x) => ({ rooms: { x } })],
    [
      'rooms.chat.events.toServer.x',
      'event',
      (x) => ({ rooms: { chat: room({ events: { toServer: { x: x as never } } }) } }),
    ],
    [
      'rooms.chat.events.toClient.x',
      'event',
      (x) => ({ rooms: { chat: room({ events: { toClient: { x: x as never } } }) } }),
    ],
  ]

  it.each(sections)('refuses what is not of its kind: %s', (place, kind, at) => {
    for (const [name, definition] of Object.entries(definitions)) {
      if (name === kind) continue
      expect(() => define(at(definition))).toThrow(
        new TypeError(`defineContract: ${place} is not made by ${kind}(). Write x: ${kind}(…).`),
      )
    }
  })

  it.each(Object.keys(errorCodes))("refuses an error that is one of Typewire's own: %s", (code) => {
    const message = `declares the error ${code}, which Typewire uses itself. Choose another code.`
    expect(() => define({ procedures: { send: procedure({ errors: { [code]: z.string() } }) } })).toThrow(
      new TypeError(`defineContract: procedures.send ${message}`),
    )
    expect(() => define({ streams: { list: stream({ items: z.string(), errors: { [code]: z.string() } }) } })).toThrow(
      new TypeError(`defineContract: streams.list ${message}`),
    )
  })

  it.each(['volatile', 'latest'] as const)('refuses an event to the server that declares to be %s', (delivery) => {
    const x = event(z.string(), { delivery })
    const where = (place: string) =>
      `defineContract: ${place}.toServer.x declares its delivery. Of events to the server that is an option of the call: client.emit.x(payload, { delivery }).`
    expect(() => define({ events: { toServer: { x } } })).toThrow(new TypeError(where('events')))
    const chat = room({ events: { toServer: { x } } })
    expect(() => define({ rooms: { chat } })).toThrow(new TypeError(where('rooms.chat.events')))
    expect(() => define({ events: { toClient: { x } } })).not.toThrow()
  })

  it('refuses one name for a procedure and a stream', () => {
    expect(() => define({ procedures: { x: procedure({}) }, streams: { x: stream({ items: z.string() }) } })).toThrow(
      new TypeError('defineContract: x is a procedure and a stream. Calls are told apart by name: rename one.'),
    )
  })

  it.each<[string, unknown]>([
    ['a text', 'token'],
    ['an object that is none', { token: z.string() }],
    ['a half of one', { '~standard': { version: 1, vendor: 'x' } }],
  ])('refuses an auth that is not a schema: %s', (_, auth) => {
    expect(() => define({ auth })).toThrow(TypeError)
  })
})

describe('takesUpload', () => {
  it('tells a procedure that takes an upload from others', () => {
    expect(takesUpload(procedure({ input: upload(z.string()) }))).toBe(true)
    expect(takesUpload(procedure({ input: z.object({ items: z.string() }) }))).toBe(false)
    expect(takesUpload(procedure({}))).toBe(false)
  })
})
