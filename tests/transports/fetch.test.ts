import { defineContract, event, procedure } from '@typewire/core'
import { createServer } from '@typewire/server'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createFakeClock, type FakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { turn } from '../../packages/testkit/src/turn.ts'
import { body, framesOf, hello, poll, sender, streamed } from './http-peer.ts'

const contract = defineContract({
  procedures: { add: procedure({ input: z.number(), output: z.number() }) },
  events: { toClient: { news: event(z.string()) } },
})

function start(options: Parameters<typeof createServer>[1] & { readonly clock?: FakeClock } = {}) {
  const server = createServer(contract, { onError: () => {}, ...(options as object) })
  const ready = server.implement({ procedures: { add: ({ input }) => input + 1 } })
  onTestFinished(() => void ready.close({ drainMs: 0 }))
  const fetch = (url: string, init: RequestInit) => ready.fetch(new Request(url, init))
  return { server, ready, fetch, send: sender(fetch, 'https://app.example.com/typewire') }
}

test('a client comes by long-poll', async () => {
  const { send, server } = start()
  const { token, welcome } = await poll(send)
  expect(welcome).toMatchObject({ version: 1 })
  const waiting = send('/poll', { token, number: 1 })
  expect((await send('/up', { token, number: 1, body: body([[17, 1, 'add', 0, 1]]) })).status).toBe(204)
  expect(await framesOf(await waiting)).toEqual([[18, 1, 2]])
  expect([...server.sessions]).toHaveLength(1)
})

test('a client comes by a stream, and the end of its response is the end of its connection', async () => {
  const { send, server } = start()
  const response = await send('/stream', { body: hello() })
  const stream = streamed(response)
  expect((await stream.read())?.[0]).toBe(1)
  const token = response.headers.get('typewire-connection')!
  const answer = await send('/up', { token, number: 1, body: body([[17, 1, 'add', 0, 1]]) })
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  server.emit.news('one')
  expect(await stream.read()).toEqual([18, 1, 2])
  expect(await stream.read()).toEqual([24, 0, 'news', 0, 'one'])
  await stream.cancel()
  expect((await send('/up', { token, number: 2, body: body([[4, 0, 0]]) })).status).toBe(410)
})

test('a reader that takes nothing loses its session at the bound', async () => {
  const { send, server } = start({ maxBufferBytes: 1_048_576 })
  const stream = streamed(await send('/stream', { body: hello() }))
  expect((await stream.read())?.[0]).toBe(1)
  let emitted = 0
  for (; [...server.sessions].length > 0 && emitted < 1_000; emitted++) {
    server.emit.news('x'.repeat(65_536))
    await turn()
  }
  expect(emitted).toBeLessThanOrEqual(17)
  let last: unknown[] | undefined
  for (let frame = await stream.read(); frame; frame = await stream.read()) last = frame
  expect(last?.slice(0, 2)).toEqual([3, 4429])
})

test('a stream that nobody reads is found by heartbeats, although its platform takes what is written', async () => {
  const clock = createFakeClock()
  const { send, server } = start({
    clock,
    heartbeat: { intervalMs: 1_000, timeoutMs: 500 },
    resume: { windowMs: 0 },
  })
  await send('/stream', { body: hello() })
  await turn()
  expect([...server.sessions]).toHaveLength(1)
  await clock.advance(2_600)
  expect([...server.sessions]).toEqual([])
})

test('a stream that is read slowly is no dead one (HB-3)', async () => {
  const clock = createFakeClock()
  const { send, server } = start({ clock, heartbeat: { intervalMs: 1_000, timeoutMs: 500 }, resume: { windowMs: 0 } })
  const stream = streamed(await send('/stream', { body: hello({ window: 1_000_000_000 }) }))
  expect((await stream.read())?.[0]).toBe(1)
  for (let i = 0; i < 40; i++) server.emit.news('x'.repeat(65_536))
  for (let i = 0; i < 10; i++) {
    await clock.advance(500)
    for (let read = 0; read < 2; read++) await stream.read()
  }
  expect([...server.sessions]).toHaveLength(1)
  await stream.cancel()
})

test('a request that is aborted frees its poll', async () => {
  const { server, ready } = start()
  const { token } = await poll(sender((url, init) => ready.fetch(new Request(url, init)), 'https://x.example/typewire'))
  const controller = new AbortController()
  const request = (signal?: AbortSignal) =>
    ready.fetch(
      new Request('https://x.example/typewire/poll', {
        method: 'POST',
        headers: { 'typewire-connection': token, 'typewire-request': '1' },
        ...(signal ? { signal } : {}),
      }),
    )
  void request(controller.signal)
  controller.abort()
  server.emit.news('kept')
  await turn()
  expect(await framesOf(await request())).toEqual([[24, 0, 'news', 0, 'kept']])
})

test('a stream whose request is aborted is over, and its session waits for its client', async () => {
  const { send, server, ready } = start()
  const controller = new AbortController()
  const { signal } = controller
  const request = new Request('https://x.example/typewire/stream', { method: 'POST', body: hello(), signal })
  const response = await ready.fetch(request)
  const token = response.headers.get('typewire-connection')!
  expect((await send('/up', { token, number: 1, body: body([[4, 0, 0]]) })).status).toBe(204)
  controller.abort()
  expect((await send('/up', { token, number: 2, body: body([[4, 0, 0]]) })).status).toBe(410)
  await expect(response.arrayBuffer()).rejects.toThrow('over')
  expect([...server.sessions]).toHaveLength(1)
})

test('a body that comes without end is answered 408 in time, and not read further', async () => {
  const clock = createFakeClock()
  const { ready } = start({ clock })
  let cancelled = 0
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => turn().then(() => controller.enqueue(new Uint8Array(1))),
    cancel: () => void cancelled++,
  })
  const init = { method: 'POST', body: endless, duplex: 'half' } as const
  const answer = ready.fetch(new Request('https://x.example/typewire/poll', init))
  await clock.advance(10_100)
  expect((await answer).status).toBe(408)
  expect(cancelled).toBe(1)
})

test('a body that comes slowly has its time: a millisecond more for each byte (HT-3)', async () => {
  const clock = createFakeClock()
  const { send } = start({ clock, heartbeat: false })
  const { token } = await poll(send)
  const chunks = [body([[99, 'x'.repeat(60_000)]]), body([[17, 1, 'add', 0, 1]])]
  const slow = new ReadableStream<Uint8Array>(
    {
      // The one before was read.
      async pull(controller) {
        if (chunks.length === 1) await clock.advance(69_000)
        const next = chunks.shift()
        if (next) controller.enqueue(next)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  const answer = await send('/up', { token, number: 1, body: slow })
  expect(answer.status).toBe(204)
  expect((await framesOf(await send('/poll', { token, number: 1 }))).at(-1)).toEqual([18, 1, 2])
})

test('origins, limits, paths and methods are as with Node', async () => {
  const { send, fetch } = start()
  const own = { origin: 'https://app.example.com' }
  expect((await send('/poll', { headers: { origin: 'https://evil.example' }, body: hello() })).status).toBe(403)
  expect((await send('/poll', { headers: own, body: hello() })).headers.get('access-control-allow-origin')).toBe(
    own.origin,
  )
  expect((await send('/poll', { method: 'OPTIONS', headers: own })).status).toBe(204)
  expect((await send('/poll', { method: 'GET' })).status).toBe(405)
  expect((await send('/poll', { body: new Uint8Array(3_000_000) })).status).toBe(413)
  expect((await send('/poll', { body: 'garbage' })).status).toBe(400)
  expect((await send('/poll', {})).status).toBe(400)
  expect((await fetch('https://app.example.com/typewiredly/poll', { method: 'POST' })).status).toBe(404)
})

test('a server that closes answers what waits, and refuses what comes', async () => {
  const { send, ready } = start()
  const stream = streamed(await send('/stream', { body: hello() }))
  expect((await stream.read())?.[0]).toBe(1)
  const closed = ready.close({ drainMs: 0 })
  expect(await framesOf(await send('/stream', { body: hello() }))).toEqual([[3, 4503, 'the server is closing', {}]])
  const kinds: unknown[] = []
  for (let frame = await stream.read(); frame; frame = await stream.read()) kinds.push(frame[0])
  expect(kinds.at(-1)).toBe(3)
  await closed
  expect((await send('/stream', { body: hello() })).status).toBe(503)
})
