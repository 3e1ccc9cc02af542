import { Deadlines } from '@typewire/core/internal'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, it } from 'vitest'
import type { PeerSession } from '../peer-session.ts'
import { Copies, maxUnderWay } from './copies.ts'

const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((id) => ({ id }) as PeerSession) as [
  PeerSession,
  PeerSession,
  PeerSession,
]

function start(...open: string[]) {
  const clock = createFakeClock()
  const rooms = new Set(open)
  const copies = new Copies((channel) => rooms.has(channel), new Deadlines(clock))
  return { clock, copies, rooms }
}

const both = { id: 'n 1', channels: ['a', 'b'] }

describe('Copies', () => {
  it('gives a session the first copy that comes, whichever that is, and is done when all have come', () => {
    const { clock, copies } = start('a', 'b')
    expect(copies.take('b', both, [ada, bob])).toEqual([ada, bob])
    expect(copies.take('a', both, [bob, eve])).toEqual([eve])
    expect(copies.size).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('misses nobody who changes rooms between the copies, and gives nobody two', () => {
    const { copies } = start('a', 'b')
    expect(copies.take('a', both, [ada])).toEqual([ada])
    // bob has entered a behind its copy, and ada has left it.
    expect(copies.take('b', both, [ada, bob])).toEqual([bob])
  })

  it('waits for rooms alone that are open here, and tells one publication from another', () => {
    const { copies } = start('a')
    expect(copies.take('a', both, [ada])).toEqual([ada])
    expect(copies.size).toBe(0)
    expect(copies.take('a', { ...both, id: 'n 2' }, [ada])).toEqual([ada])
  })

  it('waits half a minute at most', async () => {
    const { clock, copies } = start('a', 'b')
    copies.take('a', both, [ada])
    await clock.advance(29_000)
    expect(copies.size).toBe(1)
    await clock.advance(1_010)
    expect(copies.size).toBe(0)
  })

  it('keeps account of so many, and of the first no more where there is one more', () => {
    const { copies, clock } = start('a', 'b')
    const nth = (n: number) => ({ ...both, id: `n ${n}` })
    for (let n = 0; n < maxUnderWay; n++) copies.take('a', nth(n), [ada])
    expect(copies.take('b', nth(0), [ada])).toEqual([])
    copies.take('a', nth(maxUnderWay), [ada])
    expect(copies.size).toBe(maxUnderWay)
    copies.take('a', nth(maxUnderWay + 1), [ada])
    expect(copies.size).toBe(maxUnderWay)
    expect(copies.take('b', nth(1), [ada])).toEqual([ada])
    expect(copies.take('b', nth(3), [ada])).toEqual([])
    expect(clock.pending).toBe(1)
  })
})
