import { Deadlines } from '@typewire/core/internal'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, it } from 'vitest'
import { maxUnsaid, sayAgainMs, UntilTaken } from './until-taken.ts'

function setUp() {
  const clock = createFakeClock()
  const reported: string[] = []
  const untilTaken = new UntilTaken(new Deadlines(clock), (error, what) => {
    reported.push(`${what}: ${(error as Error).message}`)
  })
  const said: string[] = []
  /** Says something that fails so often. */
  const say = (key: string, word: string, failures = 0) => {
    let left = failures
    untilTaken.say(key, word, () => {
      said.push(word)
      if (left-- <= 0) return undefined
      if (left % 2 === 0) throw new Error('no')
      return Promise.reject(new Error('no'))
    })
  }
  return { clock, reported, untilTaken, said, say }
}

describe('UntilTaken', () => {
  it('says at once, and nothing again that was taken', async () => {
    const { clock, said, say, reported } = setUp()
    say('a', '1')
    await clock.advance(10 * sayAgainMs)
    expect([said, reported, clock.pending]).toEqual([['1'], [], 0])
  })

  it('says again what failed until it is taken, and reports it once', async () => {
    const { clock, said, say, reported } = setUp()
    say('a', '1', 4)
    say('b', '2', 1)
    await clock.advance(10 * sayAgainMs)
    expect(said.filter((word) => word === '1')).toHaveLength(5)
    expect(said.filter((word) => word === '2')).toHaveLength(2)
    expect(reported.sort()).toEqual(['1: no', '2: no'])
    expect(clock.pending).toBe(0)
  })

  it('says nothing again in whose place something else was said', async () => {
    const { clock, said, say } = setUp()
    say('a', 'fails', 100)
    say('a', 'counts')
    say('b', 'fails', 100)
    await clock.advance(sayAgainMs)
    say('b', 'counts too', 1)
    await clock.advance(2 * sayAgainMs)
    expect(said).toEqual(['fails', 'counts', 'fails', 'fails', 'counts too', 'counts too'])
  })

  it('says nothing once it is closed', async () => {
    const { clock, said, say, untilTaken } = setUp()
    say('a', '1', 100)
    untilTaken.close()
    say('b', '2')
    await clock.advance(10 * sayAgainMs)
    expect([said, clock.pending]).toEqual([['1'], 0])
  })

  it('lets so much wait, and reports what it gives up: the oldest', async () => {
    const { clock, said, say, reported } = setUp()
    for (let n = 0; n < maxUnsaid; n++) say(`${n}`, `${n}`, 1)
    expect(reported).toHaveLength(maxUnsaid)
    say('one more', 'one more', 1)
    expect(reported.at(-1)).toMatch(/^0: More than/)
    said.length = 0
    await clock.advance(sayAgainMs)
    expect([said.length, said[0], said.at(-1)]).toEqual([maxUnsaid, '1', 'one more'])
  })
})
