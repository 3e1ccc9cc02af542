import { describe, expect, it, vi } from 'vitest'
import { InOrder, maxWaiting } from './in-order.ts'

function setUp() {
  const onError = vi.fn<(error: unknown) => void>()
  const order = new InOrder(onError)
  const log: unknown[] = []
  const run = (value: unknown) => order.run(value, (settled) => void log.push(settled))
  return { order, onError, log, run }
}

function deferred(): { readonly promise: Promise<string>; readonly resolve: (value: string) => void } {
  let resolve: (value: string) => void = () => {}
  const promise = new Promise<string>((done) => (resolve = done))
  return { promise, resolve }
}

/** Lets every promise that can settle do so. */
const settled = () => new Promise(setImmediate)

describe('InOrder.run', () => {
  it('is synchronous while nothing is a promise', () => {
    const { run, log } = setUp()
    run('a')
    expect(log).toEqual(['a'])
  })

  it('keeps the order of calls, whatever settles first', async () => {
    const { run, log } = setUp()
    const first = deferred()
    const second = deferred()
    run(first.promise)
    run(second.promise)
    run('third')
    second.resolve('second')
    await settled()
    expect(log).toEqual([])
    first.resolve('first')
    await settled()
    expect(log).toEqual(['first', 'second', 'third'])
  })

  it('is synchronous again once all promises have settled', async () => {
    const { run, log } = setUp()
    run(Promise.resolve('a'))
    run('b')
    await settled()
    run('c')
    expect(log).toEqual(['a', 'b', 'c'])
  })

  it('gives what a promise rejects with to onError, and goes on', async () => {
    const { run, log, onError } = setUp()
    const error = new Error('refused by its schema')
    run(Promise.reject(error))
    run('b')
    await settled()
    expect(onError.mock.calls).toEqual([[error]])
    expect(log).toEqual(['b'])
  })

  it('gives what a promise rejects with to its own caller, where that waits for it', async () => {
    const { order, onError } = setUp()
    const own = vi.fn<(error: unknown) => void>()
    const error = new Error('refused by its schema')
    order.run(Promise.reject(error), () => {}, own)
    await settled()
    expect(own.mock.calls).toEqual([[error]])
    expect(onError).not.toHaveBeenCalled()
  })

  it('gives what a step throws to onError, and goes on, where it has waited', async () => {
    const { order, run, log, onError } = setUp()
    const error = new Error('a step failed')
    order.run(Promise.resolve(), () => {
      throw error
    })
    run('b')
    await settled()
    expect(onError.mock.calls).toEqual([[error]])
    expect(log).toEqual(['b'])
  })

  it('throws what a step throws at its caller, where it has not waited', () => {
    const { order, run, log } = setUp()
    const error = new Error('a step failed')
    const failing = () =>
      order.run(1, () => {
        throw error
      })
    expect(failing).toThrow(error)
    run('b')
    expect(log).toEqual(['b'])
  })

  it('limits each from when it was emitted on: those behind one that hangs wait no longer than it', async () => {
    const ends: ((error: Error) => void)[] = []
    const limit = async <T>(promise: Promise<T>) =>
      Promise.race([promise, new Promise<never>((_, no) => ends.push(no))])
    const onError = vi.fn<(error: unknown) => void>()
    const order = new InOrder(onError, limit)
    const log: unknown[] = []
    for (const never of [new Promise(() => {}), new Promise(() => {})]) order.run(never, () => log.push('hangs'))
    order.run('behind', (value) => log.push(value))
    expect(ends).toHaveLength(2)
    for (const end of ends) end(new Error('late'))
    await settled()
    expect([log, onError.mock.calls.length]).toEqual([['behind'], 2])
  })

  it('lets so many wait, and tells of one more, which is not sent', async () => {
    const { order, run, log, onError } = setUp()
    const first = deferred()
    run(first.promise)
    for (let n = 1; n < maxWaiting; n++) run(n)
    expect(onError).not.toHaveBeenCalled()
    run('one more')
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'OVERLOADED' })]])
    const own = vi.fn<(error: unknown) => void>()
    order.run('one more', () => {}, own)
    expect([own, onError].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
    first.resolve('0')
    await settled()
    expect(log).toEqual(['0', ...Array.from({ length: maxWaiting - 1 }, (_, n) => n + 1)])
    run('again')
    expect(log.at(-1)).toBe('again')
  })

  // Node ends the process for a rejection that nobody has taken by the end of its turn.
  it('takes a rejection at once, also while it waits for another promise', async () => {
    const { run, log, onError } = setUp()
    const first = deferred()
    const error = new Error('refused by its schema')
    const unhandled = await rejectionsDuring(async () => {
      run(first.promise)
      run(Promise.reject(error))
      await settled()
      first.resolve('first')
      await settled()
    })
    expect(unhandled).toEqual([])
    expect(onError.mock.calls).toEqual([[error]])
    expect(log).toEqual(['first'])
  })
})

/** The rejections that nobody took while something ran. */
async function rejectionsDuring(run: () => Promise<void>): Promise<unknown[]> {
  const others = process.listeners('unhandledRejection')
  const rejections: unknown[] = []
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', (error) => rejections.push(error))
  await run().finally(() => {
    process.removeAllListeners('unhandledRejection')
    for (const listener of others) process.on('unhandledRejection', listener)
  })
  return rejections
}
