// What a caller without a network does besides calls: streams, uploads, events.
import { isErrorOf, TypewireError } from '@typewire/core'
import type { EndedFacts, ServerMiddleware, StreamFacts } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { door, stage } from '../streams/stage.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { heldBlob } from '../support/held-blob.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startShop } from './stage.ts'

failOnUnhandledRejections()

const nobody = { identity: null }

async function* from<T>(...items: T[]) {
  yield* items
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = []
  for await (const item of items) got.push(item)
  return got
}

describe('a stream of a caller', () => {
  test('gives its items, once, through the same middleware and hooks', async () => {
    const seen: unknown[] = []
    const told: StreamFacts[] = []
    const log: ServerMiddleware = ({ kind, name, input, next }) => (seen.push([kind, name, input]), next())
    const { server } = await stage({ server: { use: [log], hooks: { onStream: (facts) => told.push(facts) } } })
    const { stream } = server.caller(nobody)
    const items = stream.count({ to: 100 })
    expect(seen).toEqual([]) // it begins with the first `next`
    expect(await all(items)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
    expect(() => items[Symbol.asyncIterator]()).toThrow('a stream is read once')
    expect(seen).toEqual([['stream', 'count', { to: 100 }]])
    expect(told).toMatchObject([{ name: 'count', outcome: 'OK', itemsSent: 100, itemsReceived: 0 }])
  })

  test('makes no more than is read, and ends its handler when it is left', async () => {
    const { server, ended, made } = await stage()
    for await (const item of server.caller(nobody).stream.count({ to: 10_000 })) if (item === 3) break
    await eventually(() => ended.length === 1, 'the handler has ended')
    expect(made()).toBeLessThan(100)
    const unread = server.caller(nobody).stream.count({ to: 1 })
    await unread.return?.()
    expect(await unread.next()).toEqual({ done: true, value: undefined })
    expect(ended).toHaveLength(1)
  })

  test('ends with its signal, and with its time limit', async () => {
    const { server, clock, ended } = await stage()
    const { stream } = server.caller(nobody)
    const controller = new AbortController()
    const items = stream.brief(undefined, { signal: controller.signal })
    expect((await items.next()).value).toBe(1)
    const next = settled(items.next(), 'the next item')
    controller.abort('enough')
    expect(await next).toMatchObject({ reason: { code: 'ABORTED', cause: 'enough' } })
    await eventually(() => ended.length === 1, 'the handler is told')
    const given = stream.brief(undefined, { timeoutMs: 100 })
    await given.next()
    const late = settled(given.next(), 'the item that is late')
    await clock.advance(108)
    expect(await late).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    await expect(stream.brief(undefined, { signal: controller.signal }).next()).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(() => stream.brief(undefined, { timeoutMs: 0 })).toThrow(RangeError)
  })

  test('tells what is wrong with its input, its errors, and masks others', async () => {
    const { server, errors } = await stage({
      streams: {
        async *brief() {
          yield 'x' as never
        },
      },
    })
    const { stream } = server.caller(nobody)
    await expect(stream.count({ to: 'x' } as never).next()).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    const tired = await settled(stream.count({ to: -1 }).next(), 'the one that is tired')
    expect(tired).toMatchObject({ reason: { code: 'TIRED', data: { at: -1 }, origin: 'count' } })
    expect(isErrorOf(stream.count, (tired as PromiseRejectedResult).reason)).toBe(true)
    await expect(stream.brief().next()).rejects.toMatchObject({ code: 'INTERNAL', incident: expect.any(String) })
    expect(errors).toMatchObject([{ code: 'INVALID_OUTPUT' }])
  })

  test('shares no object with its handler', async () => {
    const given = new Uint8Array([1, 2])
    const { server } = await stage({
      streams: {
        async *bytes() {
          yield given
        },
      },
    })
    const [got] = await all(server.caller(nobody).stream.bytes())
    expect(got).toEqual(given)
    expect(got).not.toBe(given)
    const reader = server.caller(nobody).stream.count({ to: 2 }).toReadableStream().getReader()
    expect([await reader.read(), await reader.read(), await reader.read()].map(({ value }) => value)).toEqual([
      1,
      2,
      undefined,
    ])
  })
})

describe('an upload of a caller', () => {
  test('goes item by item, alone, beside others, and both ways', async () => {
    const told: StreamFacts[] = []
    const { server } = await stage({ server: { hooks: { onStream: (facts) => told.push(facts) } } })
    const { call, stream, try: attempt } = server.caller(nobody)
    expect(await call.sum(from(1, 2, 3))).toBe(6)
    expect(await call.sum([1, 2])).toBe(3)
    expect(await attempt.sum(new ReadableStream({ start: (c) => (c.enqueue(4), c.close()) }))).toEqual({
      ok: true,
      data: 4,
    })
    const items = from({ n: 1, text: 'a' }, { n: 2, text: 'b' })
    expect(await call.store({ name: 'book', items })).toBe('book: a b')
    expect(await all(stream.lengths(from('a', 'bb', 'ccc')))).toEqual([1, 2, 3])
    expect(told.map(({ itemsReceived, itemsSent }) => [itemsReceived, itemsSent])).toEqual([
      [3, 0],
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 3],
    ])
  })

  test('makes no more than its handler reads, and ends its source', async () => {
    const { server } = await stage({
      procedures: {
        sum: async ({ input, errors: { ENOUGH } }) => {
          for await (const n of input) if (n === 3) throw ENOUGH({ at: n })
          return 0
        },
      },
    })
    let made = 0
    let isEnded = false
    async function* source() {
      try {
        for (;;) yield ++made
      } finally {
        isEnded = true
      }
    }
    await expect(server.caller(nobody).call.sum(source())).rejects.toMatchObject({ code: 'ENOUGH', data: { at: 3 } })
    await eventually(() => isEnded, 'the source has ended')
    expect(made).toBeLessThan(100)
  })

  test('fails where its source fails, gives what cannot travel, or does not match', async () => {
    let reason: unknown
    const { server } = await stage({
      procedures: {
        sum: async ({ input, signal }) => {
          signal.addEventListener('abort', () => (reason = signal.reason))
          for await (const _ of input);
          return 0
        },
      },
    })
    const { call } = server.caller(nobody)
    async function* failing() {
      yield 1
      throw new Error('xyzzy')
    }
    await expect(call.sum(failing())).rejects.toMatchObject({ code: 'ABORTED', cause: { message: 'xyzzy' } })
    await eventually(() => reason !== undefined, 'the handler is told')
    await expect(call.sum(from((() => {}) as never))).rejects.toMatchObject({ code: 'INVALID_INPUT', origin: 'sum' })
    await expect(call.sum(from(1, 'x' as never))).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['items', 1] }],
    })
  })

  test('ends with its signal, and its source too', async () => {
    const { server } = await stage()
    const controller = new AbortController()
    let isEnded = false
    async function* endless() {
      try {
        yield 1
        await new Promise((resolve) => controller.signal.addEventListener('abort', resolve))
        yield 2
      } finally {
        isEnded = true
      }
    }
    const asked = settled(server.caller(nobody).call.sum(endless(), { signal: controller.signal }), 'the call')
    controller.abort('enough')
    expect(await asked).toMatchObject({ reason: { code: 'ABORTED', cause: 'enough' } })
    const before = settled(server.caller(nobody).call.sum(from(1), { signal: controller.signal }), 'the next')
    expect(await before).toMatchObject({ reason: { code: 'ABORTED' } })
    await eventually(() => isEnded, 'the source has ended')
  })
})

describe('an event of a caller', () => {
  test('is handled as one of a client is, through the same middleware and hooks, in a namespace too', async () => {
    const seen: unknown[] = []
    const told: EndedFacts[] = []
    const log: ServerMiddleware = ({ kind, name, input, ctx, next }) => {
      seen.push([kind, name, input, ctx.identity])
      return next()
    }
    const { server } = await startShop({ use: [log], hooks: { onEvent: (facts) => told.push(facts) } })
    const caller = server.caller({ identity: 'ada' })
    expect(await caller.emitWithAck.note('a')).toBe('a')
    expect(await caller.emitWithAck.hint('b')).toBeUndefined()
    expect(caller.emit.hint('c')).toBeUndefined()
    await eventually(() => told.length === 3, 'the event that nobody waits for is handled')
    expect(await server.ns.admin.caller({ identity: 'bob' }).emitWithAck.note('d')).toBe('d')
    await eventually(() => told.length === 4, 'all are told')
    expect(seen).toEqual([
      ['event', 'note', 'a', 'ada'],
      ['event', 'hint', 'b', 'ada'],
      ['event', 'hint', 'c', 'ada'],
      ['event', 'admin/note', 'd', 'bob'],
    ])
    expect(told.map(({ name, outcome, identity }) => [name, outcome, identity])).toEqual([
      ['note', 'OK', 'ada'],
      ['hint', 'OK', 'ada'],
      ['hint', 'OK', 'ada'],
      ['admin/note', 'OK', 'bob'],
    ])
  })

  test('tells what is wrong to who waits, else to the log', async () => {
    const { server, errors } = await startLab({
      handlers: {
        events: {
          note: ({ payload }) => {
            if (payload.n === 0) throw new Error('xyzzy')
            throw new TypewireError('FORBIDDEN', 'no')
          },
        },
      },
    })
    const { emit, emitWithAck } = server.caller(nobody)
    await expect(emitWithAck.note({ n: 1 })).rejects.toMatchObject({ code: 'FORBIDDEN', origin: 'note' })
    await expect(emitWithAck.note({ n: 'x' } as never)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await emitWithAck.save({ n: 1 })).toEqual({ saved: 1 })
    expect(errors).toEqual([])
    emit.note({ n: 'x' } as never)
    emit.note({ n: 0 })
    await eventually(() => errors.length === 2, 'both are told')
    expect(errors.map(({ error, info }) => [(error as Error).message, info.where])).toEqual([
      ['event note: n: Invalid input: expected number, received string', 'event note'],
      ['xyzzy', 'event note'],
    ])
    expect(() => emit.note((() => {}) as never)).toThrow('note')
  })

  test('waits for its Blobs, in time', async () => {
    const { server, clock, errors } = await startLab()
    const held = heldBlob('x')
    const { emit, emitWithAck } = server.caller(nobody)
    const late = settled(emitWithAck.note(held.blob as never, { timeoutMs: 100 }), 'the ack')
    emit.note(held.blob as never)
    await clock.advance(108)
    expect(await late).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
    held.release()
    await eventually(() => errors.length === 1, 'the other is told: it does not match')
  })
})

/** A stream that gives nothing, and how it was cancelled. */
function hanging() {
  const cancelled: unknown[] = []
  const stream = new ReadableStream<number>(
    { pull: () => new Promise(() => {}), cancel: (reason) => void cancelled.push(reason) },
    { highWaterMark: 0 },
  )
  return { stream, source: stream as unknown as AsyncIterable<never>, cancelled }
}

describe('what a client does, a caller does too', () => {
  test('a ReadableStream that was not begun is cancelled when its caller gives up, or the call succeeds without it', async () => {
    const { server } = await stage({
      procedures: { sum: async ({ input: _ }) => 0, store: () => new Promise(() => {}) },
    })
    const { call, stream } = server.caller({ identity: null })
    const [during, before, left, leftLate, unread] = [hanging(), hanging(), hanging(), hanging(), hanging()]
    const controller = new AbortController()
    const stored = settled(call.store({ name: 'a', items: during.source }, controller), 'the call')
    await quiet()
    controller.abort()
    expect(await stored).toMatchObject({ reason: { code: 'ABORTED' } })
    const late = settled(call.sum(before.source, { signal: AbortSignal.abort() }), 'the call')
    expect(await late).toMatchObject({ reason: { code: 'ABORTED' } })
    await stream.lengths(left.source).return!()
    const lengths = stream.lengths(leftLate.source)
    const first = lengths.next()
    await lengths.return!()
    await first
    expect(await call.sum(unread.source)).toBe(0)
    const all = [during, before, left, leftLate, unread]
    await eventually(() => all.every(({ cancelled }) => cancelled.length === 1), 'all are cancelled')
    expect([during, before].map(({ cancelled }) => cancelled[0])).toMatchObject([
      { code: 'ABORTED' },
      { code: 'ABORTED' },
    ])
  })

  test('one whose handler leaves it without reading is cancelled while the call goes on (ST-5)', async () => {
    const { open, isOpen } = door()
    const { server } = await stage({
      procedures: {
        sum: async ({ input }) => {
          await input[Symbol.asyncIterator]().return!()
          await isOpen
          return 0
        },
      },
    })
    const { source, cancelled } = hanging()
    const answer = server.caller({ identity: null }).call.sum(source)
    await eventually(() => cancelled.length === 1, 'it is cancelled')
    open()
    expect(await answer).toBe(0)
  })

  test('one whose call fails stays as it is', async () => {
    const { server } = await stage({
      procedures: {
        sum: async ({ errors }) => {
          throw errors.ENOUGH({ at: 0 })
        },
      },
    })
    const { source, stream, cancelled } = hanging()
    await expect(server.caller({ identity: null }).call.sum(source)).rejects.toMatchObject({ code: 'ENOUGH' })
    expect([cancelled, stream.locked]).toEqual([[], false])
  })

  test('what is larger than a message of a client may be is refused: inputs, items and blobs', async () => {
    const { server } = await stage({ server: { maxMessageBytes: 2_048 } })
    const { call, stream } = server.caller({ identity: null })
    const tooLarge = { code: 'TOO_LARGE', origin: 'echo', message: expect.stringContaining('2048 bytes') }
    const head = '[[17,1,"echo",0,""]]'.length
    expect(await call.echo('x'.repeat(2_048 - head))).toHaveLength(2_048 - head)
    await expect(call.echo('x'.repeat(2_049 - head))).rejects.toMatchObject(tooLarge)
    async function* texts() {
      yield { n: 1, text: 'x'.repeat(2_049) }
    }
    await expect(call.store({ name: 'a', items: texts() })).rejects.toMatchObject({
      code: 'TOO_LARGE',
      origin: 'store',
    })
    await expect(call.store({ name: 'x'.repeat(2_049), items: [] })).rejects.toMatchObject({ code: 'TOO_LARGE' })
    await expect(call.echo(new Blob(['x'.repeat(2_049)]) as never)).rejects.toMatchObject(tooLarge)
    async function* words() {
      yield 'x'.repeat(2_049)
    }
    await expect(stream.lengths(words()).next()).rejects.toMatchObject({ code: 'TOO_LARGE', origin: 'lengths' })
  })
})
