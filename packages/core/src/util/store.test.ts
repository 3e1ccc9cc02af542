import { describe, expect, it, vi } from 'vitest'
import { StoreSource } from './store.ts'

describe('StoreSource', () => {
  it('has its value from the start, and tells of each new one', () => {
    const store = new StoreSource('a', () => {})
    const seen: string[] = []
    store.subscribe(() => seen.push(store.current))
    expect(store.current).toBe('a')
    store.set('b')
    store.set('b')
    expect(seen).toEqual(['b', 'b'])
  })

  it('gives the same value until it is set: what useSyncExternalStore compares', () => {
    const value = { state: 'open' }
    const store = new StoreSource(value, () => {})
    expect(store.current).toBe(value)
    expect(store.current).toBe(store.current)
  })

  it('tells nothing after the end of a subscription', () => {
    const store = new StoreSource(0, () => {})
    const listener = vi.fn<() => void>()
    const off = store.subscribe(listener)
    off()
    store.set(1)
    expect(listener).not.toHaveBeenCalled()
  })

  it('can be taken apart', () => {
    const { subscribe } = new StoreSource(0, () => {})
    expect(subscribe(() => {})).toBeTypeOf('function')
  })

  it('gives what a listener throws to onError, and tells the others', () => {
    const onError = vi.fn<(error: unknown) => void>()
    const store = new StoreSource(0, onError)
    const error = new Error('a listener failed')
    const other = vi.fn<() => void>()
    store.subscribe(() => {
      throw error
    })
    store.subscribe(other)
    store.set(1)
    expect(onError.mock.calls).toEqual([[error]])
    expect(other).toHaveBeenCalledTimes(1)
  })

  it('shows every listener the newest value, also where one sets another', () => {
    const store = new StoreSource(0, () => {})
    const seen: number[] = []
    store.subscribe(() => {
      if (store.current === 1) store.set(2)
    })
    store.subscribe(() => seen.push(store.current))
    store.set(1)
    expect(seen).toEqual([2, 2])
  })
})
