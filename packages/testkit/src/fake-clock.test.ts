import { describe, expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.ts'

describe('createFakeClock', () => {
  test('advance runs what falls due in order, each at its own time', async () => {
    const clock = createFakeClock()
    const ran: [string, number][] = []
    clock.after(20, () => ran.push(['b', clock.now()]))
    clock.after(10, () => ran.push(['a', clock.now()]))
    clock.after(21, () => ran.push(['late', clock.now()]))
    await clock.advance(20)
    expect(ran).toEqual([
      ['a', 10],
      ['b', 20],
    ])
    expect(clock.now()).toBe(20)
    expect(clock.pending).toBe(1)
  })

  test('advance runs timers of one time in the order in which they were set', async () => {
    const clock = createFakeClock()
    const ran: number[] = []
    for (const n of [1, 2, 3]) clock.after(5, () => ran.push(n))
    await clock.advance(5)
    expect(ran).toEqual([1, 2, 3])
  })

  test('advance lets promises settle between two timers', async () => {
    const clock = createFakeClock()
    const ran: string[] = []
    clock.after(1, () => void Promise.resolve().then(() => ran.push('promise')))
    clock.after(2, () => ran.push('timer'))
    await clock.advance(2)
    expect(ran).toEqual(['promise', 'timer'])
  })

  test('advance runs what a timer sets within the span, and leaves what lies behind it', async () => {
    const clock = createFakeClock()
    const ran: number[] = []
    const again = () => {
      ran.push(clock.now())
      clock.after(10, again)
    }
    clock.after(10, again)
    await clock.advance(35)
    expect(ran).toEqual([10, 20, 30])
    expect(clock.now()).toBe(35)
  })

  test('advance(0) runs what is due now', async () => {
    const clock = createFakeClock()
    let ran = 0
    clock.after(0, () => ran++)
    clock.after(-5, () => ran++)
    await clock.advance(0)
    expect(ran).toBe(2)
  })

  test('advance gives up on timers that set themselves again without a delay', async () => {
    const clock = createFakeClock()
    const again = () => void clock.after(0, again)
    again()
    await expect(clock.advance(1)).rejects.toThrow('the next is due already')
  })

  test('advance refuses to go back', async () => {
    await expect(createFakeClock().advance(-1)).rejects.toThrow(RangeError)
  })

  test('after gives what cancels the timer, and cancelling twice is harmless', async () => {
    const clock = createFakeClock()
    let ran = 0
    const cancel = clock.after(1, () => ran++)
    expect(clock.pending).toBe(1)
    cancel()
    cancel()
    expect(clock.pending).toBe(0)
    await clock.advance(10)
    expect(ran).toBe(0)
  })

  test('endOfTurn runs behind the promises of this turn, and waits for no time', async () => {
    const clock = createFakeClock()
    const ran: string[] = []
    const ended = new Promise<void>((resolve) => {
      clock.endOfTurn(() => {
        ran.push('end of turn')
        resolve()
      })
    })
    void Promise.resolve().then(() => ran.push('promise'))
    await ended
    expect(ran).toEqual(['promise', 'end of turn'])
    expect(clock.pending).toBe(0)
  })
})
