// What items are made from is let go of as soon as nobody reads it any more: generators end, ReadableStreams are cancelled.

import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { clientOf, door, stage } from './stage.ts'

failOnUnhandledRejections()

const transports = ['websocket', 'http-stream', 'http-poll'] as const

/** A stream that gives these numbers, then nothing for ever, and how it was cancelled. */
function hanging(...numbers: number[]) {
  const cancelled: unknown[] = []
  const source = new ReadableStream<number>(
    {
      pull(controller) {
        const next = numbers.shift()
        if (next === undefined) return new Promise(() => {})
        controller.enqueue(next)
        return undefined
      },
      cancel: (reason) => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  )
  return { source: source as unknown as AsyncIterable<number>, stream: source, cancelled }
}

/** Numbers without end, and whether it has come to its `finally`. */
function endless() {
  const state = { made: 0, isOver: false }
  const source = (async function* () {
    try {
      for (;;) yield ++state.made
    } finally {
      state.isOver = true
    }
  })()
  return { source, state }
}

describe.each(transports)('over %s, what a client uploads from', (transport) => {
  test.each([
    [
      'leaves its loop',
      async (items: AsyncIterable<number>) => {
        for await (const n of items) if (n === 3) break
      },
    ],
    [
      'throws in its loop',
      async (items: AsyncIterable<number>) => {
        try {
          for await (const n of items) if (n === 3) throw new Error('enough')
        } catch {
          // it goes on without them
        }
      },
    ],
    [
      'returns its iterator',
      async (items: AsyncIterable<number>) => {
        const iterator = items[Symbol.asyncIterator]()
        await iterator.next()
        await iterator.return!()
      },
    ],
  ])('is ended when a handler %s and goes on (ST-5)', async (_, read) => {
    const { open, isOpen } = door()
    const { url, errors } = await stage({
      procedures: {
        sum: async ({ input }) => {
          await read(input)
          await isOpen
          return 1
        },
      },
    })
    const { client } = clientOf(url, { transports: [transport] })
    const [{ source, state }, { source: other, cancelled }] = [endless(), hanging(1, 2, 3)]
    const calls = [client.call.sum(source), client.call.sum(other)]
    await eventually(() => state.isOver && cancelled.length === 1, 'both sources end')
    const { made } = state
    expect(await client.call.echo('beside')).toBe('beside')
    open()
    expect(await Promise.all(calls)).toEqual([1, 1])
    expect(state.made).toBe(made)
    expect(errors).toEqual([])
  })

  test('is ended while the stream that it was given to goes on (ST-5)', async () => {
    const { open, isOpen } = door()
    const { url } = await stage({
      streams: {
        async *lengths({ input }) {
          for await (const text of input) {
            yield text
            break
          }
          await isOpen
          yield 'last'
        },
      },
    })
    const { client } = clientOf(url, { transports: [transport] })
    let isOver = false
    const words = async function* () {
      try {
        for (;;) yield 'word'
      } finally {
        isOver = true
      }
    }
    const lengths = client.stream.lengths(words())
    expect((await lengths.next()).value).toBe(4)
    const next = lengths.next()
    await eventually(() => isOver, 'its finally runs')
    open()
    expect(await next).toEqual({ done: false, value: 4 })
    expect((await lengths.next()).done).toBe(true)
  })

  test('is cancelled when its caller gives up, although it is being read (ST-5)', async () => {
    const { url } = await stage()
    const { client } = clientOf(url, { transports: [transport] })
    const { source, cancelled } = hanging(1, 2)
    const controller = new AbortController()
    const call = settled(client.call.sum(source, { signal: controller.signal }), 'the call')
    const words = hanging()
    const stream = settled(client.stream.lengths(words.source as never, { signal: controller.signal }).next(), 'it')
    await eventually(() => source instanceof ReadableStream && source.locked && words.stream.locked, 'both are read')
    controller.abort(new Error('enough'))
    expect(await call).toMatchObject({ reason: { code: 'ABORTED' } })
    expect(await stream).toMatchObject({ reason: { code: 'ABORTED' } })
    await eventually(() => cancelled.length === 1 && words.cancelled.length === 1, 'both are cancelled')
    expect([...cancelled, ...words.cancelled]).toMatchObject([{ code: 'ABORTED' }, { code: 'ABORTED' }])
  })
})

describe('a ReadableStream that was not begun', () => {
  test('is cancelled when its caller gives up, or the call has succeeded without it', async () => {
    const { url } = await stage({ procedures: { sum: async ({ input: _ }) => 0 } })
    const { client } = clientOf(url)
    const [withAbort, before, left, unread] = [hanging(), hanging(), hanging(), hanging()]
    const controller = new AbortController()
    const call = settled(client.call.store({ name: 'a', items: withAbort.source } as never, controller), 'the call')
    controller.abort()
    expect(await call).toMatchObject({ reason: { code: 'ABORTED' } })
    const late = settled(client.call.sum(before.source, { signal: AbortSignal.abort() }), 'the call')
    expect(await late).toMatchObject({ reason: { code: 'ABORTED' } })
    await client.stream.lengths(left.source as never).return!()
    expect(await client.call.sum(unread.source)).toBe(0)
    await quiet()
    expect([withAbort, before, left, unread].map(({ cancelled }) => cancelled.length)).toEqual([1, 1, 1, 1])
  })

  test('stays as it is when the call is refused: it can be sent again', async () => {
    let isBusy = true
    const { url } = await stage({
      procedures: {
        sum: async ({ input, errors }) => {
          if (isBusy) throw errors.ENOUGH({ at: 0 })
          let sum = 0
          for await (const n of input) if ((sum += n) === 3) break
          return sum
        },
      },
    })
    const { client } = clientOf(url)
    const { source, stream, cancelled } = hanging(1, 2)
    await expect(client.call.sum(source)).rejects.toMatchObject({ code: 'ENOUGH' })
    await expect(client.call.store({ name: 7 as never, items: source as never })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect([cancelled, stream.locked]).toEqual([[], false])
    isBusy = false
    expect(await client.call.sum(source)).toBe(3)
    await eventually(() => cancelled.length === 1, 'it is cancelled')
  })
})

test.each(transports)(
  'what a handler returns is cancelled when its reader leaves, over %s (ST-5)',
  async (transport) => {
    const { source, cancelled } = hanging(1, 2)
    const { url, errors } = await stage({ streams: { count: () => source } })
    const { client } = clientOf(url, { transports: [transport] })
    const numbers = client.stream.count({ to: 9 })
    expect([(await numbers.next()).value, (await numbers.next()).value]).toEqual([1, 2])
    await numbers.return!()
    await eventually(() => cancelled.length === 1, 'it is cancelled')
    expect(cancelled).toMatchObject([{ name: 'AbortError' }])
    expect(errors).toEqual([])
  },
)
