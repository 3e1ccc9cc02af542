import { createFakeClock } from '@typewire/testkit'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

function start(initial: number) {
  const clock = createFakeClock()
  const bucket = new TokenBucket({ clock, perSecond: 10, most: 20, initial })
  const takeAll = () => {
    let taken = 0
    while (taken < 1_000 && bucket.take()) taken++
    return taken
  }
  return { clock, takeAll }
}

describe('TokenBucket', () => {
  it('begins with what it is given, and fills up to its most', async () => {
    const { clock, takeAll } = start(50)
    expect(takeAll()).toBe(50)
    await clock.advance(1_550)
    expect(takeAll()).toBe(15)
    await clock.advance(50) // and the half that was left
    expect(takeAll()).toBe(1)
    await clock.advance(60_000)
    expect(takeAll()).toBe(20)
  })

  it('gains nothing while it holds more than its most', async () => {
    const { clock, takeAll } = start(30)
    await clock.advance(60_000)
    expect(takeAll()).toBe(30)
    await clock.advance(100)
    expect(takeAll()).toBe(1)
  })
})
