import { getEventListeners } from 'node:events'
import { type CancelTimer, type Clock, TypewireError } from '@typewire/core'
import { Deadlines, StoreSource } from '@typewire/core/internal'
import { describe, expect, it } from 'vitest'
import { until } from './until.ts'

/** Time that stands still; what is due is run by hand. */
class StoppedClock implements Clock {
  readonly timers = new Set<() => void>()
  #nowMs = 0
  readonly now = () => this.#nowMs
  readonly after = (_ms: number, run: () => void): CancelTimer => {
    this.timers.add(run)
    return () => void this.timers.delete(run)
  }
  readonly endOfTurn = (): void => {}

  advance(ms: number): void {
    this.#nowMs += ms
    for (const run of [...this.timers]) {
      this.timers.delete(run)
      run()
    }
  }
}

function setUp(initial = 'connecting') {
  const clock = new StoppedClock()
  const store = new StoreSource(initial, () => {})
  let subscribers = 0
  const counted = {
    get current() {
      return store.current
    },
    subscribe: (listener: () => void) => {
      subscribers++
      const off = store.subscribe(listener)
      let isOver = false
      return Object.assign(
        () => {
          if (!isOver) subscribers--
          isOver = true
          off()
        },
        { [Symbol.dispose]: () => {} },
      )
    },
  }
  const controller = new AbortController()
  const { signal } = controller
  const isOpen = (state: string) => {
    if (state === 'closed') throw new TypewireError('CLOSED', 'This client was closed.')
    return state === 'open'
  }
  const deadlines = new Deadlines(clock)
  const wait = () => until(counted, isOpen, 'connect', deadlines, { signal, timeoutMs: 1_000 })
  /** What is left behind: subscriptions, timers, listeners of the signal. */
  const left = () => [subscribers, clock.timers.size, getEventListeners(signal, 'abort').length]
  return { store, clock, controller, wait, left }
}

describe('until', () => {
  it('resolves at once where the value is as it must be, and leaves nothing behind', async () => {
    const { wait, left } = setUp('open')
    const waiting = wait()
    expect(left()).toEqual([0, 0, 0])
    await expect(waiting).resolves.toBeUndefined()
  })

  it('resolves when the value becomes so, and leaves nothing behind', async () => {
    const { wait, left, store } = setUp()
    const waiting = wait()
    store.set('waiting')
    expect(left()).toEqual([1, 1, 1])
    store.set('open')
    expect(left()).toEqual([0, 0, 0])
    await expect(waiting).resolves.toBeUndefined()
  })

  it('rejects with what the check throws, at once or later', async () => {
    await expect(setUp('closed').wait()).rejects.toMatchObject({ code: 'CLOSED' })
    const { wait, left, store } = setUp()
    const waiting = wait()
    store.set('closed')
    expect(left()).toEqual([0, 0, 0])
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('rejects with TIMED_OUT at its time limit', async () => {
    const { wait, left, clock } = setUp()
    const waiting = wait()
    clock.advance(1_000)
    expect(left()).toEqual([0, 0, 0])
    await expect(waiting).rejects.toMatchObject({ code: 'TIMED_OUT', message: 'connect: no answer within 1000 ms.' })
  })

  it('rejects with ABORTED by its signal, with the reason as its cause', async () => {
    const { wait, left, controller } = setUp()
    const waiting = wait()
    controller.abort('the reason')
    expect(left()).toEqual([0, 0, 0])
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', origin: 'connect', cause: 'the reason' })
  })

  it('rejects where its signal has aborted already, also where the value is as it must be', async () => {
    const { wait, left, controller } = setUp('open')
    controller.abort()
    const waiting = wait()
    expect(left()).toEqual([0, 0, 0])
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('stays as it was settled', async () => {
    const { wait, controller, clock, store } = setUp()
    const waiting = wait()
    store.set('open')
    store.set('closed')
    controller.abort()
    clock.advance(5_000)
    await expect(waiting).resolves.toBeUndefined()
  })
})
