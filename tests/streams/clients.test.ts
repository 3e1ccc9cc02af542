import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { isErrorOf } from '@typewire/client'
import type { Listening } from '@typewire/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { all, clientOf, door, type FlowClient, stage } from './stage.ts'

failOnUnhandledRejections()

const transports = ['websocket', 'http-stream', 'http-poll'] as const

type Links = Socket[]

/** The same server behind another port, whose sockets a test cuts. */
async function cuttable(listening: Listening, links: Links): Promise<{ readonly url: string }> {
  const http = createHttpServer()
  http.on('connection', (socket) => links.push(socket))
  listening.attach(http)
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(async () => {
    links.forEach((socket) => socket.destroy())
    await new Promise((resolve) => {
      http.close(resolve)
    })
  })
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
}

const stateOf = (client: FlowClient) => client.status.current.state

describe.each(transports)('over %s', (transport) => {
  test('a stream gives its items, in order, and ends (ST-1)', async () => {
    const { url, ended } = await stage()
    const { client } = clientOf(url, { transports: [transport] })
    expect(await all(client.stream.count({ to: 1_000 }))).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1))
    expect(ended).toEqual(['count to 1000'])
    expect(await all(client.stream.count({ to: 0 }))).toEqual([])
    expect((await all(client.stream.bytes())).map(({ length }) => length)).toEqual([1_000, 1_000, 1_000, 1_000])
  })

  test('an upload takes whatever gives items (ST-3)', async () => {
    const { url } = await stage()
    const { client } = clientOf(url, { transports: [transport] })
    async function* numbers() {
      for (let n = 1; n <= 1_000; n++) yield n
    }
    expect(await client.call.sum(numbers())).toBe(500_500)
    expect(await client.call.sum([1, 2, 3])).toBe(6)
    expect(await client.call.sum([4, 5].values())).toBe(9)
    expect(await client.call.sum(new Set([1, 2]))).toBe(3)
    expect(await client.call.sum(new Map([['a', 3]]).values())).toBe(3)
    expect(await client.call.sum(new Uint8Array([1, 2, 3]).values())).toBe(6)
    expect(await client.call.sum(new ReadableStream({ start: (c) => (c.enqueue(7), c.close()) }) as never)).toBe(7)
    const lines = async function* () {
      yield { n: 1, text: 'one' }
      yield { n: 2, text: 'two' }
    }
    expect(await client.call.store({ name: 'a', items: lines() })).toBe('a: one two')
    expect(await client.call.store({ name: 'b', items: [{ n: 1, text: 'x' }] })).toBe('b: x')
  })

  test('both ways at once (ST-1, ST-3)', async () => {
    const { url } = await stage()
    const { client } = clientOf(url, { transports: [transport] })
    const words = async function* () {
      for (const word of ['a', 'bb', 'ccc']) yield word
    }
    expect(await all(client.stream.lengths(words()))).toEqual([1, 2, 3])
    expect(await all(client.stream.lengths(['dddd']))).toEqual([4])
  })
})

const takeTwo = async <T>(items: AsyncIterable<T>) => {
  const got: T[] = []
  for await (const item of items) if (got.push(item) === 2) break
  return got
}

describe.each(transports)('over %s, a stream', (transport) => {
  test('stops its producer when the reader stops, and ends it when the reader leaves (ST-2, ST-5)', async () => {
    const { url, made, ended } = await stage()
    const { client } = clientOf(url, { transports: [transport] })
    const numbers = client.stream.count({ to: 10_000_000 })
    const iterator = numbers[Symbol.asyncIterator]()
    for (let n = 1; n <= 100; n++) expect(await iterator.next()).toEqual({ done: false, value: n })
    await quiet(50)
    const before = made()
    await quiet(50)
    expect(made()).toBe(before)
    expect(before).toBeLessThan(1_000)
    expect(await client.call.echo('beside')).toBe('beside')
    await iterator.return!()
    await eventually(() => ended.length === 1, 'its finally runs')
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  test.each([
    ['a break', (client: FlowClient) => takeTwo(client.stream.count({ to: 9_999 })).then((got) => got.length)],
    [
      'a throw',
      async (client: FlowClient) => {
        const read = async () => {
          for await (const n of client.stream.count({ to: 9_999 })) if (n === 2) throw new Error('enough')
        }
        await expect(read()).rejects.toThrow('enough')
        return 2
      },
    ],
    [
      'an abort',
      async (client: FlowClient) => {
        const controller = new AbortController()
        let n = 0
        const read = async () => {
          for await (n of client.stream.count({ to: 9_999 }, { signal: controller.signal }))
            if (n === 2) controller.abort()
        }
        await expect(read()).rejects.toMatchObject({ code: 'ABORTED', origin: 'count' })
        return n
      },
    ],
    [
      'disposal',
      async (client: FlowClient) => {
        await using numbers = client.stream.count({ to: 9_999 })
        await numbers.next()
        return (await numbers.next()).value
      },
    ],
    [
      'a cancelled ReadableStream',
      async (client: FlowClient) => {
        const reader = client.stream.count({ to: 9_999 }).toReadableStream().getReader()
        await reader.read()
        const { value } = await reader.read()
        await reader.cancel()
        return value
      },
    ],
  ])('left by %s runs its finally (ST-5)', async (_, leave) => {
    const { url, ended, errors } = await stage()
    const { client } = clientOf(url, { transports: [transport] })
    expect(await leave(client)).toBe(2)
    await eventually(() => ended.length === 1, 'its finally runs')
    expect(errors).toEqual([])
  })

  test('survives a cut between any two of its frames (ST-9, RS-8)', async () => {
    const links: Links = []
    const { listening } = await stage()
    const { url } = await cuttable(listening, links)
    const { client, clock } = clientOf(url, { transports: [transport] })
    const got: number[] = []
    const numbers = client.stream.count({ to: 300 })
    for (;;) {
      let step: IteratorResult<number, void> | undefined
      void numbers.next().then((next) => (step = next))
      for (let tries = 0; tries < 2_000 && !step; tries++) {
        await quiet(1)
        if (tries > 20) await clock.advance(100)
      }
      if (!step || step.done) break
      got.push(step.value)
      if (step.value % 20 === 0) links.splice(0).forEach((socket) => socket.destroy())
    }
    expect(got).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
  })
})

describe('a stream', () => {
  test('sends nothing before its first next, and is read once', async () => {
    const { url, made } = await stage()
    const { client } = clientOf(url)
    await client.connect()
    const numbers = client.stream.count({ to: 3 })
    await quiet()
    expect(made()).toBe(0)
    expect(await all(numbers)).toEqual([1, 2, 3])
    expect(() => numbers[Symbol.asyncIterator]()).toThrow(
      'stream.count: a stream is read once. Call it again for another.',
    )
    const never = client.stream.count({ to: 3 })
    expect(await never.return!()).toEqual({ done: true, value: undefined })
    expect(await all(never)).toEqual([])
    await quiet()
    expect(made()).toBe(3)
  })

  test('gives what has come before it fails, then the error, once', async () => {
    const { url } = await stage({
      streams: {
        async *count({ errors }) {
          yield 1
          yield 2
          throw errors.TIRED({ at: 2 })
        },
      },
    })
    const { client } = clientOf(url)
    const numbers = client.stream.count({ to: 9 })
    const got = [await numbers.next(), await numbers.next()]
    expect(got.map(({ value }) => value)).toEqual([1, 2])
    const error: unknown = await numbers.next().catch((thrown: unknown) => thrown)
    if (!isErrorOf(client.stream.count, error) || error.code !== 'TIRED') throw new Error('it is not told')
    expect(error.data.at).toBe(2)
    expect(await numbers.next()).toEqual({ done: true, value: undefined })
  })

  test('answers several nexts at once in their order', async () => {
    const { url } = await stage()
    const { client } = clientOf(url)
    const numbers = client.stream.count({ to: 2 })
    const steps = await Promise.all([numbers.next(), numbers.next(), numbers.next()])
    expect(steps.map(({ done, value }) => [done, value])).toEqual([
      [false, 1],
      [false, 2],
      [true, undefined],
    ])
  })

  test('that waits for its server ends with the client, or its time limit', async () => {
    const { client, clock } = clientOf('http://127.0.0.1:9', { reconnect: { random: () => 0.5 } })
    const numbers = settled(all(client.stream.count({ to: 2 })), 'the stream')
    const limited = settled(all(client.stream.count({ to: 2 }, { timeoutMs: 50 })), 'the other')
    await quiet()
    await clock.advance(60)
    expect(await limited).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
    await client.close()
    expect(await numbers).toMatchObject({ reason: { code: 'CLOSED' } })
  })

  test('ends with a lost session, or goes on behind its last item where it has keys (ST-9)', async () => {
    const { url, server, clock: serverClock } = await stage({ server: { resume: { windowMs: 0 } } })
    const { client, clock } = clientOf(url)
    const lines = client.stream.lines()
    const numbers = client.stream.count({ to: 1_000_000 })
    const got: number[] = []
    for (let n = 0; n < 10; n++) got.push((await lines.next()).value!.n)
    for (let n = 0; n < 10; n++) await numbers.next()
    ;[...server.sessions][0]!.revoke()
    await eventually(() => stateOf(client) !== 'open', 'the session is lost')
    await serverClock.advance(100)
    await clock.advance(1_000)
    for await (const { n } of lines) got.push(n)
    expect(got).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
    const rest = async () => {
      for await (const _ of numbers);
    }
    await expect(rest()).rejects.toMatchObject({ code: 'SESSION_LOST', origin: 'count' })
  })
})

test('the time limit of a stream is for the whole of it, through lost sessions (ST-7)', async () => {
  const { open, isOpen } = door()
  const limits: unknown[] = []
  const {
    url,
    server,
    clock: serverClock,
  } = await stage({
    server: { resume: { windowMs: 0 } },
    streams: {
      async *lines({ after, deadlineMs }) {
        limits.push(Math.round((deadlineMs - Date.now()) / 1_000))
        yield { n: Number(after ?? 0) + 1, text: '' }
        await isOpen
      },
    },
  })
  const { client, clock } = clientOf(url)
  const lines = client.stream.lines(undefined, { timeoutMs: 10_000 })
  for (let n = 1; n <= 4; n++) {
    expect((await lines.next()).value).toMatchObject({ n })
    await clock.advance(2_000)
    ;[...server.sessions][0]!.revoke()
    await eventually(() => stateOf(client) !== 'open', 'the session is lost')
    await serverClock.advance(100)
    await clock.advance(100)
    await eventually(() => stateOf(client) === 'open', 'there is another')
  }
  expect((await lines.next()).value).toMatchObject({ n: 5 })
  expect(limits).toEqual([10, 8, 6, 4, 2])
  const rest = settled(lines.next(), 'the stream')
  await clock.advance(2_000)
  expect(await rest).toMatchObject({ reason: { code: 'TIMED_OUT' } })
  open()
})

describe('an upload', () => {
  test('whose source fails ends the call, and tells why (ST-5)', async () => {
    const { url } = await stage()
    const { client } = clientOf(url)
    const cause = new Error('the file is gone')
    const broken = async function* () {
      yield 1
      throw cause
    }
    await expect(client.call.sum(broken())).rejects.toMatchObject({
      code: 'ABORTED',
      cause,
      message: 'sum: what was to be uploaded has failed.',
    })
    await expect(all(client.stream.lengths(broken() as never))).rejects.toMatchObject({ code: 'ABORTED', cause })
    await expect(client.call.sum([() => {}].values() as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await client.call.echo('x')).toBe('x')
  })

  test('runs the finally of its source when the call is over before it (ST-5)', async () => {
    const { url } = await stage({
      procedures: {
        sum: async ({ input, errors }) => {
          for await (const n of input) if (n === 3) throw errors.ENOUGH({ at: n })
          return 0
        },
      },
    })
    const { client } = clientOf(url)
    let made = 0
    let isOver = false
    const endless = async function* () {
      try {
        for (;;) yield ++made
      } finally {
        isOver = true
      }
    }
    await expect(client.call.sum(endless())).rejects.toMatchObject({ code: 'ENOUGH', data: { at: 3 } })
    await eventually(() => isOver, 'its finally runs')
    expect(made).toBeLessThan(20)
    const controller = new AbortController()
    isOver = false
    const aborted = settled(
      client.stream.lengths(endless() as never, { signal: controller.signal }).next(),
      'the stream',
    )
    controller.abort()
    expect(await aborted).toMatchObject({ reason: { code: 'ABORTED' } })
  })

  test('is not read when the call is refused', async () => {
    const { url } = await stage()
    const { client } = clientOf(url)
    let made = 0
    const items = (function* () {
      yield { n: ++made, text: 'x' }
    })()
    await expect(client.call.store({ name: 7 as never, items })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(made).toBe(0)
  })
})
