import { inspect } from 'node:util'
import { createClient, isErrorOf } from '@typewire/client'
import { createRawServer, type RawServer } from '@typewire/testkit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Lab, lab as contract } from '../support/contract.ts'
import { quiet } from '../support/eventually.ts'
import { type TestClient, testClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

let server: RawServer
let client: TestClient

beforeEach(async () => {
  server = await createRawServer({ waitMs: 50 })
  client = testClient({ url: server.url })
})

afterEach(async () => {
  await client.close()
  await server.close()
})

const groups = ['call', 'try', 'stream', 'emit', 'emitWithAck', 'on', 'join'] as const

describe('a verb', () => {
  test.each(groups)('group %s, and a verb in it, are the same each time they are read', (group) => {
    const read = () => client[group] as unknown as Readonly<Record<string, unknown>>
    expect(read()).toBe(read())
    expect(read()['work']).toBe(read()['work'])
    expect(read()['work']).not.toBe(read()['echo'])
  })

  test('is named by its path, which isErrorOf reads', () => {
    expect(client.call.work.name).toBe('call.work')
    expect(client.join.hall.name).toBe('join.hall')
  })

  test('can be taken apart', async () => {
    const { call, emit } = client
    const { echo } = call
    const { note } = emit
    note({ n: 1 })
    const answer = echo('hi')
    const peer = await server.welcome()
    expect((await peer.read()).slice(0, 3)).toEqual([24, 0, 'note'])
    expect(await peer.read()).toEqual([17, expect.any(Number), 'echo', 0, 'hi'])
    peer.send([18, 1, 'ho'])
    expect(await answer).toBe('ho')
  })

  const names = [
    'then',
    'catch',
    'finally',
    'toJSON',
    'toString',
    'valueOf',
    'constructor',
    'prototype',
    'inspect',
    'hasOwnProperty',
    '__proto__',
    '$$typeof',
    'nodeType',
    'asymmetricMatch',
    '@@__IMMUTABLE_ITERABLE__@@',
    '',
    '1',
    'a-b',
    '$join',
    'x'.repeat(129),
  ]
  test.each(names)('is not what %j reads', (name) => {
    for (const group of groups) {
      const verbs = client[group] as unknown as Readonly<Record<string, unknown>>
      expect(typeof verbs[name]).toBe('undefined')
      expect(name in verbs).toBe(false)
    }
  })

  test('is not what symbols read', () => {
    const verbs = client.call as unknown as Readonly<Record<symbol, unknown>>
    for (const symbol of [Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol.dispose, inspect.custom]) {
      expect(verbs[symbol]).toBe(undefined)
    }
  })
})

const awaited = async (value: unknown) => await value

describe('looking sends nothing and connects nothing', () => {
  test.each<[string, (client: TestClient) => unknown]>([
    ['await client', (c) => awaited(c)],
    ['await client.call', (c) => awaited(c.call)],
    ['await client.call.work', (c) => awaited(c.call.work)],
    ['JSON.stringify(client)', (c) => JSON.stringify(c)],
    ['JSON.stringify(client.call)', (c) => JSON.stringify(c.call)],
    ['util.inspect(client)', (c) => inspect(c, { depth: 10, showHidden: true })],
    ['util.inspect with proxies', (c) => inspect(c.call, { showProxy: true })],
    ['console.table', (c) => inspect([c.call, c.on])],
    ['Object.keys and entries', (c) => [Object.keys(c.call), Object.entries(c.on)]],
    ['spread', (c) => ({ ...c, ...c.call, ...c.emit })],
    ['Object.assign', (c) => Object.assign({}, c.call)],
    [
      'for in',
      (c) => {
        const keys: string[] = []
        for (const key in c.call) keys.push(key)
        return keys
      },
    ],
    ['isErrorOf', (c) => isErrorOf(c.call.work, new Error('other'))],
    [
      'expect.toEqual',
      (c) => {
        expect(c.call).toEqual(c.call)
        expect({ c: c.call }).not.toEqual({ c: 1 })
      },
    ],
    ['vi.spyOn', (c) => vi.spyOn(c.call, 'work').mockRestore()],
    ['vi.isMockFunction', (c) => vi.isMockFunction(c.call.work)],
    ['reading every group and verb', (c) => groups.map((group) => Reflect.get(c[group], 'work'))],
    ['reading the status', (c) => [c.status.current, c.status.subscribe(() => {})]],
    ['Promise.resolve', (c) => Promise.resolve(c.call)],
    ['structured printing', (c) => String(Object.prototype.toString.call(c.call))],
  ])('%s', async (_, look) => {
    await look(client)
    await quiet()
    expect(client.status.current).toEqual({ state: 'idle' })
    await expect(server.accept()).rejects.toThrow('No connection came')
    expect(client.errors).toEqual([])
  })

  test('printing gives what a reader can use', () => {
    expect(inspect(client.call)).toContain('Typewire.call')
    expect(() => `${JSON.stringify(client)}`).not.toThrow()
  })
})

describe('a spy', () => {
  test('replaces a verb, and gives it back', async () => {
    const spy = vi.spyOn(client.call, 'echo').mockResolvedValue('spied')
    expect(await client.call.echo('x')).toBe('spied')
    expect(spy).toHaveBeenCalledWith('x')
    spy.mockRestore()
    expect(client.status.current).toEqual({ state: 'idle' })
    const answer = client.call.echo('y')
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([18, id, 'real'])
    expect(await answer).toBe('real')
  })
})

describe('createClient', () => {
  test.each(['', 'localhost:3000', '/typewire', 'ftp://example.com', 'not a url', 'file:///x'])(
    'refuses the URL %j',
    (url) => {
      expect(() => createClient<Lab>({ url })).toThrow(TypeError)
    },
  )

  test.each([
    ['timeoutMs of 0', { timeoutMs: 0 }],
    ['timeoutMs below 0', { timeoutMs: -1 }],
    ['timeoutMs that is no number', { timeoutMs: Number.NaN }],
    ['minDelayMs of 0', { reconnect: { minDelayMs: 0 } }],
    ['maxDelayMs that is no number', { reconnect: { maxDelayMs: Number.NaN } }],
  ])('refuses %s', (_, options) => {
    expect(() => createClient<Lab>({ url: server.url, ...options })).toThrow(RangeError)
  })

  test.each(['http://h', 'https://h:8443/', 'ws://h/live?x=1#y', 'wss://h', new URL('https://h/a/')])(
    'takes the URL %s',
    (url) => {
      expect(() => createClient<Lab>({ url, contract })).not.toThrow()
    },
  )
})
