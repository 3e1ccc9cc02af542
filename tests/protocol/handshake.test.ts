import { TypewireError } from '@typewire/core'
import { createFakeClock, turn } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { startClient, startServer } from './start.ts'

const hello = { versions: [1, 1], attempt: 1, instance: 'abc', window: 4_194_304 }
const malformed = (clause: string) => ({ code: 4400, reason: expect.stringMatching(`^${clause}: `) as string })

test('HS-1: a client says hello first, and alone', async () => {
  const { raw, client } = await startClient({ auth: { name: 'Ada' } })
  client.emit.seen(1)
  const peer = await raw.accept()
  await peer.read()
  await turn()
  expect(peer.messages).toHaveLength(1)
  const body = { ...hello, instance: expect.any(String) as string, auth: { name: 'Ada' } }
  expect(JSON.parse(peer.messages[0]!)).toEqual([[0, body]])
})

test.each([
  ['a call', [[17, 1, 'echo', 0]]],
  ['an unknown kind', [[15]]],
  ['nothing', []],
  [
    'hello and a call',
    [
      [0, hello],
      [17, 1, 'echo', 0],
    ],
  ],
  [
    'a call and hello',
    [
      [17, 1, 'echo', 0],
      [0, hello],
    ],
  ],
])('HS-1: a server closes for %s as the first message', async (_, batch) => {
  const { open, seen } = await startServer()
  const peer = await open()
  peer.send(...batch)
  expect(await peer.closed()).toEqual(malformed('HS-1'))
  expect(seen).toEqual([])
})

test.each([
  { versions: 1 },
  { attempt: -1 },
  { instance: '' },
  { instance: 'two words' },
  { window: '1' },
  { maxMessageBytes: 1_023 },
  { resume: {} },
  { route: 1 },
  { contract: 'two words' },
])('HS-2: a server closes for a hello with %j', async (wrong) => {
  const { open } = await startServer()
  const peer = await open()
  peer.send([0, { ...hello, ...wrong }])
  expect(await peer.closed()).toEqual(malformed('HS-2'))
})

describe('HS-3: order', () => {
  test('between hello and its answer nothing may be sent', async () => {
    const signals: AbortSignal[] = []
    const { open } = await startServer({
      authenticate: ({ signal }) => {
        signals.push(signal)
        return new Promise<never>(() => {})
      },
    })
    const peer = await open()
    peer.send([0, hello])
    await expect.poll(() => signals).toHaveLength(1)
    peer.send([4, 0, 0])
    expect(await peer.closed()).toEqual(malformed('HS-3'))
    expect(signals[0]!.aborted).toBe(true)
  })

  test('a handshake is not repeated', async () => {
    const { connect } = await startServer()
    for (const frame of [
      [0, hello],
      [1, {}],
      [2, null],
    ]) {
      const peer = await connect()
      peer.send(frame)
      expect(await peer.closed()).toEqual(malformed('HS-3'))
    }
  })
})

describe('HS-4: versions', () => {
  test.each([[[1, 1]], [[0, 1]], [[1, 7]]])('%j have version 1 in common', async (versions) => {
    const { connect, open } = await startServer()
    await connect({ versions })
    const peer = await open()
    expect(await peer.hello({ versions })).toMatchObject({ version: 1 })
  })

  test.each([[[2, 3]], [[0, 0]], [[3, 1]]])('%j do not', async (versions) => {
    const { open } = await startServer()
    const peer = await open()
    peer.send([0, { ...hello, versions }])
    expect(await peer.closed()).toMatchObject({ code: 4426 })
  })
})

describe('HS-5: authentication', () => {
  test('is limited in time, hello included', async () => {
    const clock = createFakeClock()
    const { open } = await startServer({ clock, helloTimeoutMs: 500, authenticate: () => new Promise(() => {}) })
    const [silent, waiting] = [await open(), await open()]
    waiting.send([0, hello])
    await turn()
    await clock.advance(492)
    expect([silent.isOpen(), waiting.isOpen()]).toEqual([true, true])
    await clock.advance(16)
    for (const peer of [silent, waiting]) {
      expect(await peer.closed()).toEqual({ code: 4408, reason: 'HS-5: not welcomed within 500 ms' })
    }
  })

  test('refuses, also what the contract does not ask for', async () => {
    const { open } = await startServer({
      authenticate: () => {
        throw new TypewireError('UNAUTHORIZED', 'The token has expired.')
      },
    })
    const refused = await open()
    refused.send([0, hello])
    expect(await refused.read()).toEqual([3, 4401, 'The token has expired.', {}])
    const wrong = await open()
    wrong.send([0, { ...hello, auth: { name: 1 } }])
    expect(await wrong.closed()).toMatchObject({ code: 4401 })
    const unreadable = await open()
    unreadable.send([0, { ...hello, auth: { name: 'x' }, authAnnotations: { name: ['Date'] } }])
    expect(await unreadable.closed()).toMatchObject({ code: 4401 })
  })

  test('fails for a while', async () => {
    const { open, errors } = await startServer({ authenticate: () => Promise.reject(new Error('no database')) })
    const peer = await open()
    peer.send([0, hello])
    expect(await peer.closed()).toMatchObject({ code: 4500, reason: expect.not.stringContaining('database') as string })
    expect(errors).toEqual([new Error('no database')])
  })
})

describe('HS-6: the welcome', () => {
  test('answers hello', async () => {
    const { open } = await startServer({ maxCalls: 64, maxMessageBytes: 2_048, maxBufferBytes: 4_096 })
    const peer = await open()
    peer.send([0, hello])
    const session = expect.stringMatching(/^[\w-]{36}$/) as string
    const limits = { window: 4_096, maxCalls: 64, maxMessageBytes: 2_048, maxTimeoutMs: 30_000 }
    const said = { version: 1, session, received: 0, from: 0, ...limits }
    expect(await peer.read()).toEqual([1, said])
  })

  test('closes a client if it lacks something', async () => {
    const { raw, client } = await startClient()
    client.emit.seen(1)
    const peer = await raw.accept()
    peer.send([1, { version: 1, session: 's', received: 0, from: 0, window: 1, maxCalls: 64 }])
    expect(await peer.closed()).toEqual(malformed('HS-6'))
  })

  test('may have frames behind it', async () => {
    const { raw, client } = await startClient()
    const heard = new Promise((resolve) => client.on.tick(resolve))
    const peer = await raw.accept()
    const body = { version: 1, session: 's', received: 0, from: 0, window: 1, maxCalls: 64, maxMessageBytes: 1_024 }
    peer.send([1, body], [24, 0, 'tick', 0, 7])
    expect(await heard).toBe(7)
  })

  test.each([[[]], [[[2, null]]], [[[18, 1]]], [[[15]]]])('%j is no answer to a hello', async (batch) => {
    const { raw, client } = await startClient()
    client.emit.seen(1)
    const peer = await raw.accept()
    await peer.read()
    peer.send(...batch)
    expect(await peer.closed()).toEqual(malformed('HS-6'))
  })
})

test('HS-7: nothing counted travels before the welcome, and numbers begin behind what it says', async () => {
  const { raw, client } = await startClient()
  client.emit.seen(1)
  const peer = await raw.accept()
  await peer.read()
  await turn()
  expect(peer.unread).toEqual([])
  const body = { version: 1, session: 's', received: 0, from: 0, window: 1, maxCalls: 64, maxMessageBytes: 1_024 }
  peer.send([1, body])
  expect(await peer.read()).toEqual([24, 0, 'seen', 0, 1])
  peer.send([99], [4, 1, 1])
  expect(await peer.readKind(5)).toEqual([5, 1, 1])
})

test('HS-8: a session that is asked for is gone, and another hello may follow', async () => {
  const clock = createFakeClock()
  const { open } = await startServer({ clock, helloTimeoutMs: 500 })
  const peer = await open()
  peer.send([0, { ...hello, resume: { session: 's', secret: 'x', received: 2 ** 60 } }])
  expect(await peer.read()).toEqual([2, null])
  expect(await peer.hello()).toMatchObject({ version: 1, received: 0 })
  const late = await open()
  late.send([0, { ...hello, resume: { session: 's', secret: 'x', received: 0 } }])
  await late.read()
  await clock.advance(508)
  expect(await late.closed()).toMatchObject({ code: 4408 })
  expect(peer.isOpen()).toBe(true)
})
