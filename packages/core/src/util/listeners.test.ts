import { describe, expect, it, vi } from 'vitest'
import { Listeners } from './listeners.ts'

type Listener = () => void

function setUp() {
  const heard: string[] = []
  const onError = vi.fn<(error: unknown) => void>()
  const listeners = new Listeners<Listener>(onError)
  const say = (name: string) => () => void heard.push(name)
  /** Runs all, and gives who was heard. */
  const round = () => {
    listeners.each((listener) => listener())
    return heard.splice(0)
  }
  return { listeners, onError, say, round }
}

describe('Listeners', () => {
  it('runs listeners in the order in which they were added', () => {
    const { listeners, say, round } = setUp()
    for (const name of ['a', 'b', 'c']) listeners.add(say(name))
    expect(round()).toEqual(['a', 'b', 'c'])
    expect(listeners.size).toBe(3)
  })

  it('ends one listener, and ending it twice is harmless', () => {
    const { listeners, say, round } = setUp()
    const off = listeners.add(say('a'))
    listeners.add(say('b'))
    off()
    off()
    expect(round()).toEqual(['b'])
    expect(listeners.size).toBe(1)
  })

  it('runs a listener that was added twice twice, and ends each by itself', () => {
    const { listeners, say, round } = setUp()
    const a = say('a')
    listeners.add(a)
    const second = listeners.add(a)
    expect(round()).toEqual(['a', 'a'])
    second()
    second()
    expect(round()).toEqual(['a'])
  })

  it('gives what a listener throws to onError, and runs the others', () => {
    const { listeners, onError, say, round } = setUp()
    const errors = [new Error('first'), 'second']
    listeners.add(say('a'))
    for (const error of errors) {
      listeners.add(() => {
        throw error
      })
    }
    listeners.add(say('b'))
    expect(round()).toEqual(['a', 'b'])
    expect(onError.mock.calls).toEqual(errors.map((error) => [error]))
  })

  it('runs a listener that is added while they run from the next round on', () => {
    const { listeners, say, round } = setUp()
    listeners.add(() => {
      if (listeners.size === 1) listeners.add(say('added'))
    })
    expect(round()).toEqual([])
    expect(round()).toEqual(['added'])
  })

  it('runs a listener that is taken away while they run for the last time', () => {
    const { listeners, say, round } = setUp()
    listeners.add(() => off())
    const off = listeners.add(say('taken away'))
    expect(round()).toEqual(['taken away'])
    expect(round()).toEqual([])
  })

  it('takes rounds within rounds', () => {
    const { listeners, say, round } = setUp()
    let depth = 0
    listeners.add(() => {
      if (++depth === 1) listeners.each((listener) => listener())
    })
    listeners.add(say('b'))
    expect(round()).toEqual(['b', 'b'])
  })
})
