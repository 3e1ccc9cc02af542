import { frames } from '@typewire/core/internal'
import type { RawFrame, RawPeer } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { maxStreams } from '../../packages/server/src/dispatch/run-call.ts'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { door, stage, type StageOptions, welcomedPeer } from './stage.ts'

failOnUnhandledRejections()

const { call, result, error, item, end, credit, cancel, close } = frames

async function start(options?: StageOptions) {
  const running = await stage(options)
  return { ...running, peer: await welcomedPeer(running.url) }
}

async function readAll(peer: RawPeer, count: number): Promise<RawFrame[]> {
  const got: RawFrame[] = []
  while (got.length < count) got.push(await peer.read())
  return got
}

describe('a stream', () => {
  test('answers with items and ends with a result, without a payload (ST-1)', async () => {
    const { peer } = await start()
    peer.send([call.kind, 1, 'count', { credit: 10 }, { to: 3 }])
    expect(await readAll(peer, 4)).toEqual([
      [item.kind, 1, 0, 1],
      [item.kind, 1, 0, 2],
      [item.kind, 1, 0, 3],
      [result.kind, 1],
    ])
  })

  test('ends with an error behind its items, of the contract or masked (ST-1, CA-9)', async () => {
    const { peer, errors } = await start({
      streams: {
        async *lines() {
          yield { n: 1, text: 'one' }
          throw new Error('the disk is full')
        },
      },
    })
    peer.send([call.kind, 1, 'count', { credit: 10 }, { to: -7 }], [call.kind, 2, 'lines', { credit: 10 }])
    expect(await peer.readKind(error.kind)).toEqual([error.kind, 1, 'TIRED', 'count answered TIRED.', 0, { at: -7 }])
    const masked = await peer.readKind(error.kind)
    expect(masked.slice(0, 3)).toEqual([error.kind, 2, 'INTERNAL'])
    expect(JSON.stringify(peer.messages)).not.toContain('disk')
    expect(errors).toMatchObject([{ message: 'the disk is full' }])
  })

  test.each([
    ['a stream without credit', 'count', 0, 'stream count: it is a stream. Read it by client.stream.count(…).'],
    [
      'a procedure with credit',
      'echo',
      { credit: 1 },
      'procedure echo: it is a procedure. Call it by client.call.echo(…).',
    ],
    ['a procedure that takes no upload', 'echo', { upload: true }, 'procedure echo: it takes no upload.'],
    ['a name that is neither', 'nothing', { credit: 1 }, "procedure nothing: the server's contract has no such name."],
  ])('%s is answered NOT_FOUND (ST-1)', async (_, name, options, why) => {
    const { peer } = await start()
    peer.send([call.kind, 1, name, options, 'x'])
    expect(await peer.read()).toEqual([error.kind, 1, 'NOT_FOUND', why, 0])
  })

  test('whose input does not match begins nothing (CA-7)', async () => {
    const { peer, made } = await start()
    peer.send([call.kind, 1, 'count', { credit: 1 }, { to: 'x' }])
    expect((await peer.read()).slice(0, 3)).toEqual([error.kind, 1, 'INVALID_INPUT'])
    expect(made()).toBe(0)
  })

  test('whose item does not match ends with INTERNAL (ST-4)', async () => {
    const { peer, errors } = await start({
      streams: {
        async *count() {
          yield 1
          yield 'two' as never
        },
      },
    })
    peer.send([call.kind, 1, 'count', { credit: 9 }, { to: 2 }])
    expect(await peer.read()).toEqual([item.kind, 1, 0, 1])
    expect((await peer.read()).slice(0, 3)).toEqual([error.kind, 1, 'INTERNAL'])
    expect(errors).toMatchObject([{ code: 'INVALID_OUTPUT' }])
  })

  test('makes no more than was asked for, and goes on when more is (ST-2)', async () => {
    const { peer, made } = await start()
    peer.send([call.kind, 1, 'count', { credit: 2 }, { to: 1_000 }])
    expect(await readAll(peer, 2)).toEqual([
      [item.kind, 1, 0, 1],
      [item.kind, 1, 0, 2],
    ])
    await quiet()
    expect([made(), peer.unread]).toEqual([2, []])
    peer.send([credit.kind, 1, 4, 2, 1_000], [credit.kind, 1, 3, 2, 1_000]) // a lower one is no news
    expect(await readAll(peer, 2)).toEqual([
      [item.kind, 1, 0, 3],
      [item.kind, 1, 0, 4],
    ])
    await quiet()
    expect([made(), peer.unread]).toEqual([4, []])
    peer.send([call.kind, 2, 'echo', 0, 'beside'])
    expect(await peer.read()).toEqual([result.kind, 2, 'beside'])
  })

  test('sends nothing while too much waits for the peer, whatever it may send (ST-6)', async () => {
    const { peer, made } = await start({ server: { maxBufferBytes: 8_192 } })
    peer.send([call.kind, 1, 'count', { credit: 1_000_000 }, { to: 1_000_000 }])
    await eventually(() => made() > 50, 'it sends')
    await quiet(50)
    const before = made()
    await quiet(50)
    expect(made()).toBe(before) // 2,048 units wait to be acknowledged
    expect(before).toBeLessThan(200)
    peer.send([frames.ack.kind, before - 1])
    await eventually(() => made() > before, 'it goes on')
    expect(peer.isOpen()).toBe(true)
  })

  test('is no longer than its reader lets it be, but for the last item (ST-1, ST-2)', async () => {
    const made: number[] = []
    const { peer } = await start({
      streams: {
        async *lines() {
          for (let n = 1; n <= 100; n++) {
            made.push(n)
            yield { n, text: 'x'.repeat(100_000) }
          }
        },
      },
    })
    peer.send([call.kind, 1, 'lines', { credit: 100 }])
    await readAll(peer, 3)
    await quiet()
    expect([made.length, peer.unread]).toEqual([3, []]) // 262,144 are allowed
    peer.send([credit.kind, 1, 100, 3, 0])
    await readAll(peer, 1)
    peer.send([credit.kind, 1, 100, 4, 150_000])
    await readAll(peer, 2)
    peer.send([credit.kind, 1, 0, 0, 0]) // which a server alone says of an upload: no news
    await quiet()
    expect([made.length, peer.unread]).toEqual([6, []])
    peer.send([credit.kind, 1, 100, 6, 0])
    expect((await peer.read())[0]).toBe(item.kind)
  })

  test('is told to stop when nobody wants more, and sends nothing behind that (ST-5)', async () => {
    const { peer, ended, made } = await start()
    peer.send([call.kind, 1, 'count', { credit: 2 }, { to: 1_000 }])
    await readAll(peer, 2)
    peer.send([cancel.kind, 1], [credit.kind, 1, 100, 2, 1_000])
    await eventually(() => ended.length === 1, 'its finally runs')
    await quiet()
    expect([peer.unread, made()]).toEqual([[], 2])
    peer.send([call.kind, 2, 'echo', 0, 'x'])
    expect(await peer.read()).toEqual([result.kind, 2, 'x'])
  })

  test('has no time limit of its own, but that of its contract or its caller (ST-7)', async () => {
    const { peer, clock, ended } = await start()
    peer.send([call.kind, 1, 'count', { credit: 1 }, { to: 2 }], [call.kind, 2, 'brief', { credit: 9 }])
    peer.send([call.kind, 3, 'count', { credit: 1, timeoutMs: 5_000 }, { to: 3 }])
    await readAll(peer, 3)
    await clock.advance(1_000)
    expect((await peer.read()).slice(0, 3)).toEqual([error.kind, 2, 'TIMED_OUT'])
    await clock.advance(4_000)
    expect((await peer.read()).slice(0, 3)).toEqual([error.kind, 3, 'TIMED_OUT'])
    await eventually(() => ended.includes('brief') && ended.includes('count to 3'), 'both have ended')
    await clock.advance(600_000)
    peer.send([credit.kind, 1, 3, 1, 1_000])
    expect(await readAll(peer, 2)).toEqual([
      [item.kind, 1, 0, 2],
      [result.kind, 1],
    ])
  })

  test('takes no place among the calls, and there are so many at most (ST-8)', async () => {
    const { peer } = await start({ server: { maxCalls: 64 } })
    const streams = Array.from({ length: maxStreams }, (_, i) => [call.kind, i + 1, 'count', { credit: 0 }, { to: 1 }])
    peer.send(...streams, [call.kind, 1_000, 'echo', 0, 'x'], [call.kind, 1_001, 'count', { credit: 1 }, { to: 1 }])
    expect(await peer.read()).toEqual([result.kind, 1_000, 'x'])
    expect((await peer.read()).slice(0, 3)).toEqual([error.kind, 1_001, 'OVERLOADED'])
    peer.send([cancel.kind, 1], [call.kind, 1_002, 'count', { credit: 1 }, { to: 1 }])
    expect(await peer.read()).toEqual([item.kind, 1_002, 0, 1])
  })

  test('goes on behind an item that has a key, where its contract has keys (ST-9)', async () => {
    const { peer } = await start()
    peer.send([call.kind, 1, 'lines', { credit: 1, after: '41' }], [call.kind, 2, 'lines', { credit: 1, after: null }])
    expect(await readAll(peer, 2)).toEqual([
      [item.kind, 1, { key: '42' }, { n: 42, text: 'line 42' }],
      [item.kind, 2, { key: '1' }, { n: 1, text: 'line 1' }],
    ])
    peer.send([call.kind, 3, 'count', { credit: 1, after: null }, { to: 1 }])
    expect((await peer.read()).slice(0, 3)).toEqual([error.kind, 3, 'SESSION_LOST'])
  })
})

describe('an upload', () => {
  test('comes when it is read, and not before (ST-2, ST-3)', async () => {
    let read = () => {}
    const mayRead = new Promise<void>((resolve) => (read = resolve))
    const { peer } = await start({
      procedures: {
        sum: async ({ input }) => {
          await mayRead
          let sum = 0
          for await (const n of input) sum += n
          return sum
        },
      },
    })
    peer.send([call.kind, 1, 'sum', { upload: true }])
    await quiet()
    expect(peer.unread).toEqual([])
    read()
    expect(await peer.read()).toEqual([credit.kind, 1, 2, 0, 1_048_576])
    peer.send([item.kind, 1, 0, 10], [item.kind, 1, 0, 20])
    expect((await peer.read())[0]).toBe(credit.kind)
    peer.send([item.kind, 1, 0, 30], [end.kind, 1])
    expect(await peer.readKind(result.kind)).toEqual([result.kind, 1, 60])
  })

  test('has its head in the payload (ST-3)', async () => {
    const { peer } = await start()
    peer.send([call.kind, 1, 'store', { upload: true }, { name: 'a' }])
    await peer.readKind(credit.kind)
    peer.send([item.kind, 1, 0, { n: 1, text: 'x' }], [end.kind, 1])
    expect(await peer.readKind(result.kind)).toEqual([result.kind, 1, 'a: x'])
    peer.send([call.kind, 2, 'store', 0, { name: 'b', items: [{ n: 1, text: 'y' }] }])
    expect(await peer.readKind(result.kind)).toEqual([result.kind, 2, 'b: y'])
  })

  test.each([
    ['no items', [call.kind, 1, 'store', 0, { name: 'a' }], ['items']],
    ['items that are no list', [call.kind, 1, 'sum', 0, 7], []],
    ['a wrong head', [call.kind, 1, 'store', { upload: true }, { name: 7 }], ['name']],
  ])('of %s is refused at once (CA-7, ST-3)', async (_, frame, path) => {
    const { peer } = await start()
    peer.send(frame)
    const [, , code, , options] = await peer.read()
    expect([code, (options as { issues: { path: unknown }[] }).issues[0]!.path]).toEqual(['INVALID_INPUT', path])
  })

  test.each([
    [
      'one by one',
      [
        [call.kind, 1, 'sum', { upload: true }],
        [item.kind, 1, 0, 1],
        [item.kind, 1, 0, 'two'],
      ],
    ],
    ['at once', [[call.kind, 1, 'sum', 0, [1, 'two']]]],
  ])('whose item does not match ends with INVALID_INPUT, %s (ST-4)', async (_, [first, ...rest]) => {
    const { peer, errors } = await start()
    peer.send(first)
    if (rest.length > 0) await peer.readKind(credit.kind)
    peer.send(...rest)
    const [, , code, message, options] = await peer.readKind(error.kind)
    expect(code).toBe('INVALID_INPUT')
    expect(message).toContain('procedure sum: items[1]: Invalid input')
    expect((options as { issues: { path: unknown }[] }).issues[0]!.path).toEqual(['items', 1])
    await quiet()
    expect(errors).toEqual([])
  })

  test('of which nobody reads more says so, while its call goes on (ST-5)', async () => {
    const { open, isOpen } = door()
    const { peer } = await start({
      procedures: {
        sum: async ({ input }) => {
          for await (const n of input) if (n === 1) break
          await isOpen
          return 7
        },
      },
    })
    peer.send([call.kind, 1, 'sum', { upload: true }])
    await peer.readKind(credit.kind)
    peer.send([item.kind, 1, 0, 1], [item.kind, 1, 0, 2])
    while ((await peer.readKind(credit.kind))[2] !== 0); // the last word
    peer.send([end.kind, 1], [call.kind, 2, 'echo', 0, 'x'])
    expect(await peer.readKind(result.kind)).toEqual([result.kind, 2, 'x'])
    open()
    expect(await peer.read()).toEqual([result.kind, 1, 7])
  })

  test('may be answered before it has come; what comes behind that is ignored (ST-5)', async () => {
    const { peer } = await start({
      procedures: {
        sum: async ({ input, errors }) => {
          for await (const n of input) if (n > 1) throw errors.ENOUGH({ at: n })
          return 0
        },
      },
    })
    peer.send([call.kind, 1, 'sum', { upload: true }])
    await peer.readKind(credit.kind)
    peer.send([item.kind, 1, 0, 1], [item.kind, 1, 0, 2])
    expect((await peer.readKind(error.kind)).slice(0, 3)).toEqual([error.kind, 1, 'ENOUGH'])
    peer.send([item.kind, 1, 0, 3], [end.kind, 1], [call.kind, 2, 'echo', 0, 'x'])
    expect(await peer.readKind(result.kind)).toEqual([result.kind, 2, 'x'])
  })

  test('ends its handler when it is withdrawn (ST-5)', async () => {
    const seen: unknown[] = []
    const { peer, errors } = await start({
      procedures: {
        sum: async ({ input, signal }) => {
          try {
            for await (const n of input) seen.push(n)
            return 0
          } catch (thrown) {
            seen.push(thrown === signal.reason)
            throw thrown
          } finally {
            seen.push('over')
          }
        },
      },
    })
    peer.send([call.kind, 1, 'sum', { upload: true }])
    await peer.readKind(credit.kind)
    peer.send([item.kind, 1, 0, 1])
    await eventually(() => seen.length === 1, 'it is read')
    peer.send([cancel.kind, 1])
    await eventually(() => seen.includes('over'), 'the handler ends')
    expect(seen).toEqual([1, true, 'over'])
    expect(errors).toEqual([])
  })

  test.each([
    [999, false],
    [1_000, true],
  ])('that is read %i ms after the last credit says it again: %s (ST-7)', async (ms, isSaid) => {
    let next = () => {}
    const read: number[] = []
    const { peer, clock } = await start({
      procedures: {
        sum: async ({ input }) => {
          for await (const n of input) {
            read.push(n)
            await new Promise<void>((resolve) => (next = resolve))
          }
          return 0
        },
      },
    })
    peer.send([call.kind, 1, 'sum', { upload: true }])
    expect(await peer.read()).toEqual([credit.kind, 1, 2, 0, 1_048_576])
    peer.send([item.kind, 1, 0, 1])
    const last = await peer.read()
    expect(last).toEqual([credit.kind, 1, 5, 1, 1_048_576])
    peer.send([item.kind, 1, 0, 2], [item.kind, 1, 0, 3])
    await quiet()
    await clock.advance(ms)
    next()
    await eventually(() => read.length === 2, 'the second is read')
    peer.send([call.kind, 2, 'echo', 0, 'x'])
    expect(await peer.read()).toEqual(isSaid ? last : [result.kind, 2, 'x'])
  })

  test('has its time limit from the item that was read last (ST-7)', async () => {
    const { peer, clock } = await start()
    peer.send([call.kind, 1, 'sum', { upload: true }], [call.kind, 2, 'sum', { upload: true, timeoutMs: 40_000 }])
    await readAll(peer, 2)
    for (let n = 1; n <= 3; n++) {
      await clock.advance(20_000)
      if (n < 3) peer.send([item.kind, 1, 0, n], [item.kind, 2, 0, n])
      await quiet()
    }
    expect((await peer.readKind(error.kind)).slice(0, 3)).toEqual([error.kind, 2, 'TIMED_OUT'])
    await clock.advance(10_000)
    expect((await peer.readKind(error.kind)).slice(0, 3)).toEqual([error.kind, 1, 'TIMED_OUT'])
  })
})

describe('a peer that breaks a clause', () => {
  test.each([
    [
      'an item that was not allowed',
      [
        [call.kind, 1, 'sum', { upload: true }],
        [item.kind, 1, 0, 1],
      ],
      'ST-2',
    ],
    [
      'an item of a call that is no upload',
      [
        [call.kind, 1, 'count', { credit: 0 }, { to: 1 }],
        [item.kind, 1, 0, 1],
      ],
      'ST-3',
    ],
    [
      'the end of a call that is no upload',
      [
        [call.kind, 1, 'count', { credit: 0 }, { to: 1 }],
        [end.kind, 1],
      ],
      'ST-3',
    ],
    ['an item of a call that was not made', [[item.kind, 5, 0, 1]], 'CA-4'],
    ['credit without a length', [[credit.kind, 5, 1, 0]], 'FR-4'],
    ['credit for a call that was not made', [[credit.kind, 5, 1, 0, 0]], 'CA-4'],
  ])('is closed for %s', async (_, sent, clause) => {
    const { peer } = await start({ procedures: { sum: () => new Promise(() => {}) } })
    peer.send(...sent)
    const [, code, reason] = await peer.readKind(close.kind)
    expect([code, (reason as string).slice(0, clause.length)]).toEqual([4400, clause])
  })

  test('loses the calls whose items are more than may wait to be read, and no other (ST-3)', async () => {
    const { peer, errors } = await start({
      server: { maxBufferBytes: 8_192 },
      procedures: {
        sum: async ({ input, signal }) => {
          await input[Symbol.asyncIterator]().next() // and reads no more
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve(0)))
        },
      },
    })
    const ids = Array.from({ length: 40 }, (_, i) => i + 1)
    peer.send(...ids.map((id) => [call.kind, id, 'sum', { upload: true }]))
    await readAll(peer, 40)
    const long = Number(`1${'0'.repeat(300)}`)
    peer.send(...ids.map((id) => [item.kind, id, 0, long]))
    const junk = 'x'.repeat(2_000)
    peer.send(...ids.map((id) => [item.kind, id, { junk }, 1])) // more than was allowed: the length was 0
    expect((await peer.readKind(error.kind))[2]).toBe('OVERLOADED')
    peer.send([call.kind, 100, 'echo', 0, 'still here'])
    expect(await peer.readKind(result.kind)).toEqual([result.kind, 100, 'still here'])
    expect(errors).toEqual([])
  })
})
